"""Coordinates: straight columns, index order, labels apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.drawing.layout import MOST_LABELS, place
from graphnn.types import Edge, Neuron

WIDTHS = st.lists(st.integers(1, 11), min_size=2, max_size=4)


def dense(widths: list[int]) -> tuple[list[list[Neuron]], list[Edge]]:
    last = len(widths) - 1
    columns = [[(t, j) for j in range(t == last, d + 1)] for t, d in enumerate(widths)]
    edges = [(u, v) for left, right in pairwise(columns) for u in left for v in right if v[1] > 0]
    return columns, edges


@given(WIDTHS)
def test_columns_are_straight_centred_and_in_index_order_with_the_constant_on_top(
    widths: list[int],
) -> None:
    columns, edges = dense(widths)
    layout = place(columns, edges)
    previous = -1.0
    for column in columns:
        xs = {layout.neurons[neuron][0] for neuron in column}
        ys = [layout.neurons[neuron][1] for neuron in column]
        assert len(xs) == 1
        assert ys == sorted(ys, reverse=True)
        assert sum(ys) == pytest.approx(0, abs=1e-9)
        assert xs.pop() > previous
        previous = layout.neurons[column[0]][0]


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
    layout = place(columns, edges, lines)
    for column in columns:
        heights = [layout.neurons[neuron][1] for neuron in column]
        assert all(a - b > layout.diameter for a, b in pairwise(heights))
    top = max(y for _, y in layout.neurons.values())
    assert all(y - top > layout.diameter / 2 for _, y in layout.headings)
