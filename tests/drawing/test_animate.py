"""Moving pictures: what is seen when, read from the SVG's own timing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing.pictures import SVG

import graphnn as gn
from graphnn.drawing.clock import Clock

X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
Y = np.array([-1.0, 1.0, 1.0, -1.0])


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([2, 3, 1], "tanh", seed=3)


def value_at(element: ET.Element, attribute: str, share: float) -> str:
    """Return an attribute's value at a share of the film, as SMIL has it."""
    for animation in element.findall(f"{SVG}animate"):
        if animation.get("attributeName") == attribute:
            times = [float(t) for t in (animation.get("keyTimes") or "").split(";")]
            values = (animation.get("values") or "").split(";")
            assert len(times) == len(values)
            assert times == sorted(times)
            assert times[0] == 0
            assert times[-1] <= 1
            return [v for t, v in zip(times, values, strict=True) if t <= share + 1e-9][-1]
    return element.get(attribute, "1")


def seen(film: gn.Animation, second: float) -> set[str]:
    """Return the texts that are seen at a time, but the first weights."""
    found = set()

    def visit(element: ET.Element) -> None:
        hidden = float(value_at(element, "opacity", second / film.seconds)) == 0
        if hidden or element.get("class") == "label":
            return
        if element.tag == f"{SVG}text" and element.text:
            found.add(element.text)
        for child in element:
            visit(child)

    visit(ET.fromstring(film.svg))
    return found


def edges(film: gn.Animation) -> dict[str, ET.Element]:
    groups = ET.fromstring(film.svg).iter(f"{SVG}g")
    return {g.get("data-edge") or "": g for g in groups if g.get("class") == "edge"}


def test_values_come_layer_by_layer_and_sensitivities_go_back(net: gn.Network) -> None:
    film = gn.animate(net, X, Y, sample=1)
    trace = gn.backward(net, X[1], Y[1])
    assert film.seconds == 3 + 2 + 2

    def text(of: Any, t: int, j: int) -> str:
        return f"{of[t, j]:.2f}"

    hidden = {text(trace.v, 1, j) for j in (1, 2, 3)}
    deltas = {text(trace.delta, 1, j) for j in (1, 2, 3)}
    assert {"-1.00", "1.00", "forward, the inputs"} <= seen(film, 0.5)
    assert not hidden & seen(film, 0.5)
    assert hidden <= seen(film, 1.5)
    assert text(trace.v, 2, 1) not in seen(film, 1.5)
    assert text(trace.v, 2, 1) in seen(film, 2.5)
    assert text(trace.delta, 2, 1) in seen(film, 3.5)
    assert "backward, layer 2: delta of the loss" in seen(film, 3.5)
    assert not deltas & seen(film, 3.5)
    assert deltas | hidden <= seen(film, 4.5)


def test_edges_light_up_when_numbers_run_along_them(net: gn.Network) -> None:
    film = gn.animate(net, X, Y)
    groups = edges(film)
    bright = {
        second: {e for e, g in groups.items() if value_at(g, "opacity", second / 7) == "1"}
        for second in (0.5, 1.5, 2.5, 3.5, 4.5)
    }
    first = {e for e in groups if e.endswith(("1,1", "1,2", "1,3"))}
    second = set(groups) - first
    assert bright == {0.5: set(), 1.5: first, 2.5: second, 3.5: set(), 4.5: second}


def test_weights_follow_training_to_its_end_and_the_network_stays(net: gn.Network) -> None:
    before = net.copy()
    options: dict[str, Any] = {"optimizer": gn.SGD(0.2), "seed": 5}
    film = gn.animate(net, X, Y, epochs=50, frames=5, **options)
    assert net == before
    trained = net.copy()
    result = gn.train(trained, X, Y, epochs=50, **options)
    end = film.seconds - 0.1
    expected = {f"{w:+.2f}" for _, _, w in trained.graph.edges(data="weight")}
    assert expected <= seen(film, end)
    assert f"training, epoch 50: loss {result.history[-1].loss:.4g}" in seen(film, end)
    largest = max(abs(w) for _, _, w in trained.graph.edges(data="weight"))
    for (s, i), (t, j), weight in trained.graph.edges(data="weight"):
        group = edges(film)[f"{s},{i} {t},{j}"]
        width = float(value_at(group, "stroke-width", 1.0))
        assert width == pytest.approx(0.5 + 3.5 * abs(weight) / largest, abs=0.006)
        assert value_at(group, "color", 1.0) == ("#2166ac" if weight > 0 else "#c0392b")
        assert value_at(group, "opacity", 1.0) == "1"


def test_a_path_that_cannot_be_written_is_refused_before_training(
    net: gn.Network, tmp_path: Path
) -> None:
    called: list[int] = []
    callback = lambda moment: called.append(moment.epoch)  # noqa: E731
    with pytest.raises(OSError, match="nowhere"):
        gn.animate(net, X, Y, tmp_path / "nowhere" / "a.svg", epochs=3, callbacks=callback)
    assert called == []


def test_callbacks_of_one_s_own_are_called_too(net: gn.Network) -> None:
    seen_epochs: list[int] = []
    callback = lambda moment: seen_epochs.append(moment.epoch)  # noqa: E731
    film = gn.animate(net, X, Y, epochs=3, frames=1, callbacks=callback)
    assert seen_epochs == [0, 1, 2, 3]
    assert "epoch 3" in film.svg
    assert "epoch 2" not in film.svg


def test_without_targets_there_is_only_the_forward_wave(net: gn.Network) -> None:
    film = gn.animate(net, X)
    assert film.seconds == 3 + 2
    assert "backward" not in film.svg
    with pytest.raises(gn.DataError, match="y is missing"):
        gn.animate(net, X, epochs=3)


def test_the_same_film_has_the_same_bytes_and_needs_nothing_else(
    net: gn.Network, tmp_path: Path
) -> None:
    film = gn.animate(net, X, Y, tmp_path / "run.svg", epochs=4, frames=2)
    assert (tmp_path / "run.svg").read_text(encoding="utf-8") == film.svg
    assert gn.animate(net, X, Y, epochs=4, frames=2).svg == film.svg
    for word in ("href", "<script", "url(", "@import"):
        assert word not in film.svg
    assert film._repr_mimebundle_()["image/svg+xml"] == film.svg


def test_classes_and_large_networks_are_shown_too() -> None:
    net = gn.Network.dense([30, 20, 3], ["tanh", "identity"], seed=0)
    X = np.random.default_rng(0).normal(size=(6, 30))
    film = gn.animate(net, X, [0, 1, 2, 0, 1, 2], loss="softmax_cross_entropy", epochs=2, frames=2)
    assert len(edges(film)) == 10 * 9 + 10 * 3


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"sample": 4}, gn.DataError, r"sample is 4, expected a row of X, 0\.\.3"),
        ({"sample": "x"}, gn.DataError, "sample is 'x', expected a row"),
        ({"epochs": -1}, ValueError, "epochs must be a whole number of at least 1"),
        ({"epochs": 2, "frames": 0}, ValueError, "frames must be a whole number of at least 1"),
        ({"path": "film.gif"}, ValueError, r"another ending than \.svg"),
        ({"y": [1.0]}, gn.DataError, r"y has shape \(1,\), and X has 4 rows"),
        ({"theme": "pink"}, ValueError, "unknown theme"),
        ({"epochs": 2, "optimiser": 3}, TypeError, "optimiser"),
    ],
)
def test_what_cannot_be_shown_is_named(
    net: gn.Network, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        gn.animate(net, X, **{"y": Y} | options)


def test_a_clock_keeps_within_the_film() -> None:
    assert 'values="1;0" keyTimes="0;0.5000"' in Clock(2.0).seen(0.0, 1.0)
    assert 'values="0;1" keyTimes="0;0.5000"' in Clock(2.0).seen(1.0, 2.0)
    assert 'values="a;a;b;b" keyTimes="0;0.2500;0.5000;1.0000"' in Clock(4.0).runs(
        "x", [1.0, 2.0], ["a", "b"]
    )
