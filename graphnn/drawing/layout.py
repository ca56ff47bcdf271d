"""Where neurons and edge labels stand: coordinates in points, and nothing else.

Layers are straight columns, centred, in index order with the constant neuron on top. The label of
an edge stands at a fraction of its length that keeps the labels of one pair of layers apart: with m
targets and n sources at the same row distance r, labels at 1/(m + 1) of the way are r/(m + 1)
apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnn.types import Edge, Neuron

__all__ = ["Layout", "place"]

ROW, LABEL_ROW = 54.0, 14.0
COLUMN, LABEL_COLUMN = 180.0, 42.0
LETTER = 3.0
MOST_LABELS = 8
"""Weights are written on the edges up to that many neurons on a pair of layers' smaller side."""

DIAMETER, HEADING = 40.0, 46.0


@dataclass(frozen=True)
class Layout:
    """Coordinates in points, x to the right and y upwards.

    Attributes:
        neurons: The centre of each neuron.
        labels: The centre of the label of each edge that has room for one.
        headings: The centre of each column's heading.
        diameter: Of a neuron.
    """

    neurons: Mapping[Neuron, tuple[float, float]]
    labels: Mapping[Edge, tuple[float, float]]
    headings: Sequence[tuple[float, float]]
    diameter: float


def place(
    columns: Sequence[Sequence[Neuron]], edges: Sequence[Edge], lines: int = 1, letters: int = 0
) -> Layout:
    """Place neurons, labels and headings.

    Args:
        columns: The neurons of each layer from top to bottom.
        edges: The edges.
        lines: How many lines of text a neuron holds, 1 or more.
        letters: How much longer than a number the label of an edge is.

    Example:
        >>> layout = place([[(0, 0), (0, 1)], [(1, 1)]], [((0, 0), (1, 1))])
        >>> layout.neurons[1, 1], layout.neurons[0, 0]
        ((180.0, 0.0), (0.0, 27.0))
    """
    targets = [sum(j > 0 for _, j in column) for column in columns[1:]]
    sides = [min(len(left), m) for left, m in zip(columns[:-1], targets, strict=True)]
    labelled = [k for k in sides if k <= MOST_LABELS]
    diameter = DIAMETER + 5.0 * (lines - 1)
    row = max([ROW, diameter + 14.0, *(LABEL_ROW * (k + 1) for k in labelled)])
    x, positions = 0.0, {}
    for t, column in enumerate(columns):
        if t > 0:
            k = sides[t - 1]
            label = LABEL_COLUMN + LETTER * letters
            x += max(COLUMN, label * (k + 1) if k <= MOST_LABELS else COLUMN)
            x += 0.0 if k <= MOST_LABELS else 12.0 * min(len(column), 30)
        top = row * (len(column) - 1) / 2
        for number, neuron in enumerate(column):
            positions[neuron] = (x, top - row * number)
    labels = {}
    for u, v in edges:
        t = v[0]
        n, m = len(columns[t - 1]), targets[t - 1]
        if min(n, m) > MOST_LABELS:
            continue
        along = 1 / (m + 1) if m <= n else n / (n + 1)
        (x0, y0), (x1, y1) = positions[u], positions[v]
        labels[u, v] = (x0 + along * (x1 - x0), y0 + along * (y1 - y0))
    height = row * (max(map(len, columns)) - 1) / 2 + HEADING
    headings = [(positions[column[0]][0], height) for column in columns]
    return Layout(positions, labels, headings, diameter)
