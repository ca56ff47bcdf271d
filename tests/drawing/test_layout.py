"""Coordinates: straight lines of neurons, index order, labels apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.drawing.layout import MOST_LABELS, Column, place
from graphnn.types import Edge, Neuron

WIDTHS = st.lists(st.integers(1, 11), min_size=2, max_size=4)


def dense(widths: list[int]) -> tuple[list[list[Neuron]], list[Edge]]:
    last = len(widths) - 1
    columns = [[(t, j) for j in range(t == last, d + 1)] for t, d in enumerate(widths)]
    edges = [(u, v) for left, right in pairwise(columns) for u in left for v in right if v[1] > 0]
    return columns, edges


@given(WIDTHS, st.booleans())
def test_layers_are_straight_centred_and_in_index_order_with_the_constant_first(
    widths: list[int], down: bool
) -> None:
    columns, edges = dense(widths)
    layout = place(columns, edges, down=down)
    turned = {n: (-y, -x) if down else (x, y) for n, (x, y) in layout.neurons.items()}
    previous = -1.0
    for column in columns:
        xs = {turned[neuron][0] for neuron in column}
        ys = [turned[neuron][1] for neuron in column]
        assert len(xs) == 1
        assert ys == sorted(ys, reverse=True)
        assert sum(ys) == pytest.approx(0, abs=1e-9)
        assert xs.pop() > previous
        previous = turned[column[0]][0]


@pytest.mark.parametrize(
    ("widths", "row", "column"),
    [([3, 4], 70, 210), ([7, 9], 14 * 9, 42 * 9), ([3, 1], 54, 180), ([1, 9], 54, 180)],
)
def test_distances_are_those_that_labels_need(widths: list[int], row: float, column: float) -> None:
    columns, edges = dense(widths)
    found = place(columns, edges).neurons
    # k, the smaller of sources (the constant neuron among them) and targets, is 4, 8, 1 and 2.
    assert found[0, 0][1] - found[0, 1][1] == row
    assert found[1, 1][0] - found[0, 1][0] == column


@given(WIDTHS)
def test_labels_of_a_pair_of_layers_never_overlap(widths: list[int]) -> None:
    columns, edges = dense(widths)
    layout = place(columns, edges)
    for t in range(1, len(widths)):
        labels = [at for edge, at in layout.labels.items() if edge[1][0] == t]
        room = min(len(columns[t - 1]), widths[t]) <= MOST_LABELS
        assert len(labels) == (len(columns[t - 1]) * widths[t] if room else 0)
        assert len({round(x, 6) for x, _ in labels}) <= 1
        heights = sorted(y for _, y in labels)
        # A label of 10 points is 12 points high.
        assert all(b - a >= 12 for a, b in pairwise(heights))


@given(WIDTHS, st.integers(1, 3))
def test_neurons_and_headings_never_overlap(widths: list[int], lines: int) -> None:
    columns, edges = dense(widths)
    layout = place(columns, edges, lines=lines)
    for column in columns:
        heights = [layout.neurons[neuron][1] for neuron in column]
        assert all(a - b > layout.diameter for a, b in pairwise(heights))
    top = max(y for _, y in layout.neurons.values())
    assert all(y - top > layout.diameter / 2 for _, y in layout.headings)


def test_what_is_not_shown_has_a_place_of_its_own() -> None:
    columns: list[Column] = [[(0, 0), (0, 1), None, (0, 9)], [None]]
    layout = place(columns, [])
    (dots,), (alone,) = layout.dots
    assert layout.neurons[0, 1][1] - dots[1] == dots[1] - layout.neurons[0, 9][1] == 54
    assert alone == (180, 0)
