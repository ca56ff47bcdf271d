"""Pictures of networks: what is drawn is what the network holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawing.pictures import texts, titles

import graphnn as gn


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
    assert titles(gn.draw(net).svg)["0,1"] == f"neuron (0, 1), {name}"


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


@pytest.mark.parametrize(
    ("weight", "label"),
    [(0.35, "+0.35"), (-1.5, "-1.50"), (0.0, "+0.00"), (1e-9, "+1e-9"), (-12345.0, "-1.2e4")],
)
def test_weights_are_written_in_few_letters(weight: float, label: str) -> None:
    net = gn.Network.from_matrices([[[0.0], [weight]]], [[[False], [True]]])
    assert list(gn.draw(net).picture.labels.values()) == [label]


def test_a_notebook_is_shown_the_svg_and_a_terminal_a_line() -> None:
    drawing = gn.draw(gn.Network.dense([2, 1]))
    shown = drawing._repr_mimebundle_()
    assert shown == {"image/svg+xml": drawing.svg, "text/plain": repr(drawing)}
    assert repr(drawing) == "Drawing(4 neurons, 3 edges)"


@pytest.mark.parametrize(("name", "start"), [("n.dot", b"digraph"), ("n.PNG", b"\x89PNG")])
def test_the_ending_chooses_the_format(tmp_path: Path, name: str, start: bytes) -> None:
    drawing = gn.draw(gn.Network.dense([2, 1]), tmp_path / name)
    assert drawing.path == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(start)


def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'.bmp' .*'.pdf', '.png', '.svg'"):
        gn.draw(gn.Network.dense([2, 1]), tmp_path / "net.bmp")
    assert list(tmp_path.iterdir()) == []


def test_a_large_network_is_shown_in_part_and_whole_on_request() -> None:
    net = gn.Network.dense([500, 50])
    picture = gn.draw(net).picture
    assert len(picture.edges) == 10 * 9
    assert picture.headings == ["input, 500 neurons", "output (sigmoid), 50 neurons"]
    assert "25,050 edges, of which 90 are shown" in picture.description
    with pytest.warns(UserWarning, match=r"25,050 edges, about 8 MB of SVG: show= chooses"):
        assert len(gn.draw(net, show="all").picture.edges) == 25_050


def test_a_path_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    net = gn.Network.dense([2, 1])
    with pytest.raises(OSError, match="no-folder"):
        gn.draw(net, tmp_path / "no-folder" / "net.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OSError, match=r"folder\.svg"):
        gn.draw(net, tmp_path / "folder.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]


def test_a_file_s_name_is_no_argument_of_a_shell(tmp_path: Path) -> None:
    path = tmp_path / "-o $(touch evil) `id`; 'x' \".svg"
    gn.draw(gn.Network.dense([2, 1]), path)
    assert list(tmp_path.iterdir()) == [path]


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
    assert picture.labels[(0, 1), (1, 1)] == "+0.50 kernel…"
    assert picture.frozen == {((0, 2), (1, 2)), ((1, 2), (2, 1))}
    assert set(picture.relays) == {(1, 2)}
    assert "shared as kernel of all" in picture.titles[(0, 1), (1, 1)]
    assert "not trained" in picture.titles[(1, 2), (2, 1)]
    assert "of a great length" in picture.titles[0, 1]
    assert "&lt;b&gt;" in gn.draw(net).svg
    assert "<b>" not in gn.draw(net).svg


def test_values_of_any_kind_are_written_into_the_neurons() -> None:
    from fractions import Fraction

    net = gn.Network.from_matrices([[[0.5], [0.25]]], activation="identity")
    trace = gn.backward(net, [3], 1, number=Fraction)
    picture = gn.draw(net, trace=trace).picture
    assert picture.texts[1, 1] == ["y₁", "5/4"]
    assert "v = 5/4" in picture.titles[1, 1]
    assert "gradient 3/4" in picture.titles[(0, 1), (1, 1)]
    assert "5/4" in gn.draw(net, trace=trace).svg
