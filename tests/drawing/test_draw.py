"""Pictures of networks: what is drawn is what the network holds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import graphnn as gn

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_picture_shows_every_neuron_every_weight_and_the_layers(tmp_path: Path) -> None:
    net = gn.Network([2, 2, 1], activation=["tanh", "sigmoid"])
    weights = [0.11, -0.22, 0.33, -0.44, 0.55, -0.66]
    pairs = [((0, i), (1, j)) for i in range(3) for j in (1, 2)]
    net.add_weighted_edges_from([(u, v, w) for (u, v), w in zip(pairs, weights, strict=True)])
    net.add_edge((1, 1), (2, 1), 0.77)
    gn.draw(net, tmp_path / "net.svg")
    found = texts((tmp_path / "net.svg").read_text(encoding="utf-8"))
    for shown in ["input", "hidden (tanh)", "output (sigmoid)", "x₁", "x₂", "v₁", "v₂", "y₁"]:
        assert shown in found
    assert found.count("1") == 2
    labels = {text.replace("−", "-") for text in found if re.fullmatch(r"[+\-−]\d\.\d\d", text)}
    assert labels == {f"{w:+.2f}" for w in [*weights, 0.77]}


@pytest.mark.parametrize(
    ("scaling", "name"),
    [
        (gn.Standardizer((0.0,), (1.0,)), "width, standardised"),
        (gn.MinMax((0.0,), (1.0,)), "width, scaled"),
        (gn.Centering((0.0,)), "width, centred"),
        (None, "width"),
    ],
)
def test_a_tooltip_says_how_an_input_was_scaled(scaling: gn.MinMax | None, name: str) -> None:
    net = gn.Network([1, 1], activation="identity")
    net.preprocessing = gn.Preprocessing(scaling, features=("width",))
    assert f'title="neuron (0, 1), {name}"' in gn.draw(net).svg


def test_a_trace_writes_its_values_into_the_neurons() -> None:
    net = gn.Network([1, 1], activation="identity")
    net.add_edge((0, 1), (1, 1), 2.0)
    drawing = gn.draw(net, trace=gn.backward(net, [0.75], 0.0))
    assert {"0.75", "1.50"} <= set(texts(drawing.svg))
    assert "gradient 1.125" in drawing.svg.replace("&#45;", "-")  # (1.5 - 0) * 0.75


def test_removed_neurons_leave_their_numbers_free() -> None:
    net = gn.Network.dense([1, 3, 1])
    net.remove_neuron((1, 2))
    found = texts(gn.draw(net).svg)
    assert "v₂" not in found
    assert "v₃" in found


def test_the_same_network_gives_the_same_bytes() -> None:
    nets = [gn.Network.dense([3, 4, 2], seed=5) for _ in range(2)]
    assert gn.draw(nets[0]).bytes("svg") == gn.draw(nets[1]).bytes("svg")


def test_a_notebook_is_shown_the_svg_and_a_terminal_a_line() -> None:
    drawing = gn.draw(gn.Network.dense([2, 1]))
    assert drawing._repr_svg_() == drawing.svg
    assert repr(drawing) == "Drawing(4 neurons, 3 edges)"


@pytest.mark.parametrize(("name", "start"), [("n.dot", b"digraph"), ("n.PNG", b"\x89PNG")])
def test_the_ending_chooses_the_format(tmp_path: Path, name: str, start: bytes) -> None:
    drawing = gn.draw(gn.Network.dense([2, 1]), tmp_path / name)
    assert drawing.path == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(start)


def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'.bmp' .*'.png', '.svg'"):
        gn.draw(gn.Network.dense([2, 1]), tmp_path / "net.bmp")
    assert list(tmp_path.iterdir()) == []


def test_a_network_too_large_for_a_picture_is_refused() -> None:
    with pytest.raises(gn.RenderError, match=r"25050 edges.*at most 20000"):
        gn.draw(gn.Network.dense([500, 50]))


def test_a_network_without_edges_is_drawn() -> None:
    assert "y₁" in texts(gn.draw(gn.Network([2, 1])).svg)


def test_a_value_that_overflowed_is_drawn_as_it_is() -> None:
    net = gn.Network.from_matrices([[[0.0, 0.0], [1e300, 5.0]]], activation="identity")
    found = texts(gn.draw(net, trace=gn.forward(net, [1e300])).svg)
    assert {"inf", "5.0e300"} <= set(found)


def test_labels_shared_names_frozen_edges_and_relays_are_shown() -> None:
    net = gn.Network([2, 2, 1], activation=["identity", "tanh"])
    net.add_edge((0, 1), (1, 1), 0.5, shared="kernel of all")
    net.add_edge((0, 2), (1, 2), 1.0, trainable=False)
    net.add_edge((1, 2), (2, 1), 2.0, trainable=False)
    net.set_label((0, 1), "a <b> & \\N of a great length")
    net.set_label((1, 1), ("grid", 1))
    picture = gn.draw(net).picture
    assert picture.texts[0, 1] == ["a <b> …"]
    assert picture.texts[1, 1] == ["('grid…"]
    assert picture.marks == {((0, 1), (1, 1)): "kernel…"}
    assert picture.frozen == {((0, 2), (1, 2)), ((1, 2), (2, 1))}
    assert set(picture.relays) == {(1, 2)}
    assert "shared as kernel of all" in picture.tooltips[(0, 1), (1, 1)]
    assert "not trained" in picture.tooltips[(1, 2), (2, 1)]
    assert "of a great length" in picture.tooltips[0, 1]
    assert "&lt;b&gt;" in gn.draw(net).svg
    assert "<b>" not in gn.draw(net).svg


def test_values_of_any_kind_are_written_into_the_neurons() -> None:
    from fractions import Fraction

    net = gn.Network.from_matrices([[[0.5], [0.25]]], activation="identity")
    trace = gn.backward(net, [3], 1, number=Fraction)
    picture = gn.draw(net, trace=trace).picture
    assert picture.texts[1, 1] == ["y₁", "5/4"]
    assert "v = 5/4" in picture.tooltips[1, 1]
    assert "gradient 3/4" in picture.tooltips[(0, 1), (1, 1)]
    assert "5/4" in gn.draw(net, trace=trace).svg
