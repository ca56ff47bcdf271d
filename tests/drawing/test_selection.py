"""Which neurons are shown."""

from __future__ import annotations

import pytest

import graphnn as gn
from graphnn.drawing.selection import around, columns_of, heaviest


def numbers(net: gn.Network, show: object = None, also: object = ()) -> list[list[object]]:
    columns = columns_of(net, show, also)  # type: ignore[arg-type]
    return [[None if n is None else n[1] for n in column] for column in columns]


def test_of_large_layers_the_first_six_and_the_last_three_are_shown() -> None:
    net = gn.Network([13, 12, 40])
    ends = [1, 2, 3, 4, 5, 6, None]
    assert numbers(net) == [[0, *ends, 11, 12, 13], [*range(13)], [*ends, 38, 39, 40]]
    assert numbers(net, "all")[2] == [*range(1, 41)]
    net.remove_neuron((0, 7))
    assert numbers(net)[0] == [0, 1, 2, 3, 4, 5, 6, *range(8, 14)]


def test_those_that_were_asked_for() -> None:
    net = gn.Network([3, 5, 2])
    shown = numbers(net, [(0, 2), (1, 2), (1, 4)])
    assert shown == [[None, 2, None], [None, 2, None, 4, None], [None]]
    assert numbers(net, [(0, 0)]) == [[0, None], [None], [None]]


def test_what_is_highlighted_is_shown_too() -> None:
    net = gn.Network([20, 1])
    assert numbers(net, None, {(0, 9)})[0] == [0, 1, 2, 3, 4, 5, 6, None, 9, None, 18, 19, 20]


def test_a_neuron_and_its_neighbours() -> None:
    net = gn.Network.dense([2, 3, 1])
    assert around(net, (1, 2)) == [(0, 0), (0, 1), (0, 2), (1, 2), (2, 1)]


def test_the_ends_of_the_heaviest_edges() -> None:
    net = gn.Network([3, 2])
    net.add_weighted_edges_from(
        [((0, 1), (1, 1), 1.0), ((0, 2), (1, 1), -5.0), ((0, 0), (1, 2), 3.0)]
    )
    assert heaviest(net, 2) == [(0, 0), (0, 2), (1, 1), (1, 2)]
    assert heaviest(net, 0) == []


def test_what_cannot_be_shown_is_named() -> None:
    net = gn.Network([2, 1])
    with pytest.raises(gn.NetworkError, match=r"no neuron \(1, 9\)"):
        gn.draw(net, show=[(1, 9)])
    with pytest.raises(gn.NetworkError, match="show has no neuron"):
        gn.draw(net, show=[])
    with pytest.raises(ValueError, match="show is 'some', expected 'all'"):
        gn.draw(net, show="some")
    with pytest.raises(ValueError, match="show is 5, expected 'all'"):
        gn.draw(net, show=5)  # type: ignore[arg-type]
    for wrong in (-1, "x"):
        with pytest.raises(ValueError, match="edges must be a whole number of at least 0"):
            heaviest(net, wrong)  # type: ignore[arg-type]
    with pytest.raises(gn.NetworkError, match="no neuron 7"):
        gn.select.around(net, 7)  # type: ignore[arg-type]
