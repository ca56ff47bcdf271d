"""Where neurons and edge labels stand: coordinates in points, and nothing else.

Layers are straight lines, centred, in index order with the constant neuron first: columns if the
network runs to the right, rows if it runs down. The label of an edge stands at a fraction of its
length that keeps the labels of one pair of layers apart: with m targets and n sources, m <= n, at
the same distance r within a layer, the label of i -> j at 1/(m + 1) of the way is at
(m i + j) r/(m + 1), another place for each pair; for m > n it is n/(n + 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from graphnn.types import Edge, Neuron

__all__ = ["MOST_LABELS", "Column", "Layout", "Point", "have_room", "place"]

Point: TypeAlias = tuple[float, float]
Column: TypeAlias = Sequence[Neuron | None]
"""The neurons of a layer that are shown, in order; None stands for some that are not."""

ROW, COLUMN, ROW_BELOW = 54.0, 180.0, 120.0
LABEL_HEIGHT, LABEL_WIDTH = 14.0, 28.0
GAP = 14.0
"""What is free beside a label of the usual width, and between neurons at least."""
MOST_LABELS = 8
"""Weights are written on the edges up to that many neurons on a pair of layers' smaller side."""

DIAMETER, LINE, HEADING = 40.0, 8.0, 46.0


@dataclass(frozen=True)
class Layout:
    """Coordinates in points, x to the right and y upwards.

    Attributes:
        neurons: The centre of each neuron.
        dots: For each layer, the centres of what stands for neurons that are not shown.
        labels: The centre of the label of each edge that has room for one.
        headings: The centre of each layer's heading; its right end if the network runs down.
        diameter: Of a neuron.
        down: Whether the network runs down.
    """

    neurons: Mapping[Neuron, Point]
    dots: Sequence[Sequence[Point]]
    labels: Mapping[Edge, Point]
    headings: Sequence[Point]
    diameter: float
    down: bool = False


def place(
    columns: Sequence[Column],
    edges: Iterable[Edge],
    *,
    lines: int = 1,
    label: float = LABEL_WIDTH,
    down: bool = False,
) -> Layout:
    """Place neurons, labels and headings.

    Args:
        columns: The neurons of each layer from the first to the last.
        edges: The edges.
        lines: How many lines of text a neuron holds, 1 or more.
        label: How wide the widest label of an edge is, in points.
        down: Whether the network runs down and not to the right.

    Example:
        >>> layout = place([[(0, 0), (0, 1)], [(1, 1)]], [((0, 0), (1, 1))])
        >>> layout.neurons[1, 1], layout.neurons[0, 0]
        ((180.0, 0.0), (0.0, 27.0))
    """
    sides = _sides(columns)
    diameter = DIAMETER + LINE * (lines - 1)
    row, steps = _distances(columns, sides, diameter, label, down)
    positions: dict[Neuron, Point] = {}
    dots: list[list[Point]] = []
    along = 0.0
    for column, step in zip(columns, steps, strict=True):
        along += step
        first = row * (len(column) - 1) / 2
        places = [(along, first - row * k) for k in range(len(column))]
        if down:
            places = [(-y, -x) for x, y in places]
        dots.append([at for at, neuron in zip(places, column, strict=True) if neuron is None])
        positions |= {n: at for n, at in zip(column, places, strict=True) if n is not None}
    labels = {
        edge: _between(positions, edge, fractions)
        for edge in edges
        if (fractions := sides[edge[1][0] - 1])[2] <= MOST_LABELS
    }
    headings = _headings(columns, steps, row, down)
    return Layout(positions, dots, labels, headings, diameter, down)


def _sides(columns: Sequence[Column]) -> list[tuple[int, int, int]]:
    """Return for each pair of layers its sources, its targets, and the smaller of the two."""
    sides = []
    for left, right in pairwise(columns):
        n, m = len(left), sum(neuron is None or neuron[1] > 0 for neuron in right)
        sides.append((n, m, min(n, m)))
    return sides


def have_room(columns: Sequence[Column]) -> list[bool]:
    """Return for each pair of layers whether labels have room on its edges."""
    return [k <= MOST_LABELS for *_, k in _sides(columns)]


def _distances(
    columns: Sequence[Column],
    sides: Sequence[tuple[int, int, int]],
    diameter: float,
    label: float,
    down: bool,
) -> tuple[float, list[float]]:
    """Return the distance within a layer, and from each layer to the next."""
    across, beside = (GAP / 2 + label, LABEL_HEIGHT) if down else (LABEL_HEIGHT, label)
    beside = diameter / 2 + beside / 2 + GAP / 2 + 1
    labelled = [k for *_, k in sides if k <= MOST_LABELS]
    row = max([ROW, diameter + GAP, *(across * (k + 1) for k in labelled)])
    least = ROW_BELOW if down else COLUMN
    steps = [0.0]
    for column, (*_, k) in zip(columns, sides, strict=False):
        crowded = 12.0 * min(len(column), 30)
        steps.append(max(least, beside * (k + 1)) if k <= MOST_LABELS else COLUMN + crowded)
    return row, steps


def _between(positions: Mapping[Neuron, Point], edge: Edge, side: tuple[int, int, int]) -> Point:
    n, m, _ = side
    share = 1 / (m + 1) if m <= n else n / (n + 1)
    (x0, y0), (x1, y1) = positions[edge[0]], positions[edge[1]]
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def _headings(
    columns: Sequence[Column], steps: Sequence[float], row: float, down: bool
) -> list[Point]:
    along, found = 0.0, []
    for column, step in zip(columns, steps, strict=True):
        along += step
        if down:
            found.append((-row * (len(column) - 1) / 2 - HEADING, -along))
        else:
            found.append((along, row * (max(map(len, columns)) - 1) / 2 + HEADING))
    return found
