"""Numbers on neurons and edges: all are shown, and what cannot be is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing.pictures import texts, titles

import graphnn as gn


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.from_matrices([[[0.0], [0.5], [-2.0]]], activation="identity")


def test_numbers_of_neurons_are_written_into_them(net: gn.Network) -> None:
    trace = gn.backward(net, [1.0, 0.25], 1.0)
    drawing = gn.draw(net, neurons={"a": trace.a, "delta": trace.delta}, renderer="own")
    assert drawing.picture.texts[1, 1] == ["y₁", "0.00", "-1.00"]
    assert drawing.picture.fills == {(1, 1): 0.0}
    assert "a = 0, delta = -1" in titles(drawing.svg)["1,1"]


def test_numbers_of_edges_take_the_place_of_weights(net: gn.Network) -> None:
    trace = gn.backward(net, [1.0, 0.25], 1.0)
    drawing = gn.draw(net, edges={"gradient": trace.gradient}, renderer="own")
    assert drawing.picture.edges == trace.gradient
    assert {"-1.00", "-0.25"} <= set(texts(drawing.svg))
    both = {"weight": trace.weights, "gradient": trace.gradient}
    drawing = gn.draw(net, edges=both, renderer="own")
    assert {"+0.50 | -1.00", "-2.00 | -0.25"} <= set(texts(drawing.svg))
    assert "weight -2, gradient -0.25" in titles(drawing.svg)["0,2 1,1"]


def test_an_edge_without_a_number_is_drawn_as_zero(net: gn.Network) -> None:
    picture = gn.draw(net, edges={"change": {((0, 1), (1, 1)): np.float32(0.5)}}).picture
    assert picture.edges == {((0, 0), (1, 1)): 0.0, ((0, 1), (1, 1)): 0.5, ((0, 2), (1, 1)): 0.0}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neurons": {"v": {(1, 1): float("nan")}}}, r"neurons 'v' has nan at neuron \(1, 1\)"),
        ({"neurons": {"v": {(1, 1): "x"}}}, r"neurons 'v' has 'x' at neuron \(1, 1\)"),
        ({"neurons": {"v": {(2, 1): 1.0}}}, r"neurons 'v' has a number for \(2, 1\), which"),
        ({"neurons": {"v": {"x" * 999: 1.0}}}, r"neurons 'v' has a number for 'xxx.*\.\.\., which"),
        ({"neurons": {(1, 1): 1.0}}, r"expected mappings by their names"),
        ({"neurons": [1.0]}, r"neurons is \[1.0\], expected mappings"),
        (
            {"edges": {"g": {((0, 1), (1, 1)): float("inf")}}},
            r"edges 'g' has inf at edge \(0, 1\) -> \(1, 1\), expected a finite number",
        ),
        ({"edges": {"g": {((0, 7), (1, 1)): 1.0}}}, r"\(\(0, 7\), \(1, 1\)\), which the network"),
        ({"edges": {"g": {"0,1 1,1": 1.0}}}, r"edges 'g' has a number for '0,1 1,1', which"),
        ({"formula": (1, 1)}, "formula needs a trace"),
        ({"trace": "x"}, "trace is a str, expected what forward returns"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    net: gn.Network, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(gn.DataError, match=message):
        gn.draw(net, **options)


def test_a_formula_stands_below(net: gn.Network) -> None:
    trace = gn.forward(net, [1.0, 0.25])
    drawing = gn.draw(net, trace=trace, formula=(1, 1), renderer="own")
    lines = trace.explain((1, 1)).splitlines()
    assert drawing.picture.notes == lines
    assert {line.strip() for line in lines} <= set(texts(drawing.svg)) | {""}
    with pytest.raises(gn.NetworkError, match=r"no neuron \(1, 7\)"):
        gn.draw(net, trace=trace, formula=(1, 7))


def test_a_path_is_given_as_neurons_as_edges_or_as_analysis_has_it(net: gn.Network) -> None:
    edge = ((0, 1), (1, 1))
    path = next(gn.analysis.paths(net, gn.forward(net, [1.0, 0.25]), *edge))
    for highlight in ([edge], list(edge), path):
        assert gn.draw(net, highlight=highlight).picture.path == [edge]
    with pytest.raises(gn.NetworkError, match=r"no edge \(0, 1\) -> \(0, 2\), which is to be high"):
        gn.draw(net, highlight=[(0, 1), (0, 2)])
    for wrong in (5, [1, 2], [edge, 3]):
        with pytest.raises(gn.NetworkError, match=r"highlight is .*, expected a path's neurons"):
            gn.draw(net, highlight=wrong)
