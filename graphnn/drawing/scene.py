"""`Scene`: a picture as discs, lines and texts at their places, which every writer draws alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graphnn.drawing.colours import Theme
from graphnn.drawing.layout import Layout, Point, place
from graphnn.drawing.letters import text_width
from graphnn.drawing.picture import Picture
from graphnn.types import Edge, Neuron

__all__ = ["Disc", "Letters", "Line", "Mark", "Scene", "scene_of"]

FONT, LABEL_FONT, NOTE_FONT = 12.0, 10.0, 11.0
RELAY, DOT = 7.0, 5.0
"""The diameters of a relay's dot and of those that stand for neurons not shown, in points."""
THIN, THICK = 0.5, 4.0
"""The widths of edges at zero and at the largest number, in points."""
MONO_LETTER = 0.602
"""The width of a letter in Courier, of its size."""
MARGIN = 12.0
ROW_HEIGHT, SAMPLE, STEPS = 18.0, 36.0, 5
"""Of the legend: its rows' height, the length of its lines, its colours on each side of zero."""
DIMMED = 0.18
FAINTEST = 0.35
"""The opacity of the smallest of edges that have no labels, where many cross."""


class Disc(NamedTuple):
    """A neuron."""

    neuron: Neuron
    at: Point
    diameter: float
    fill: str
    line: str
    thickness: float
    dashed: bool
    ink: str
    texts: Sequence[str]


class Line(NamedTuple):
    """An edge, from the border of a disc to that of another; without an edge, the legend's."""

    edge: Edge | None
    start: Point
    end: Point
    colour: str
    width: float
    dashed: bool
    arrow: bool
    opacity: float


class Letters(NamedTuple):
    """A line of text, centred at its place or beginning or ending there.

    The labels of edges have a background, so that lines do not run through them.
    """

    text: str
    at: Point
    size: float
    colour: str
    anchor: str = "middle"
    edge: Edge | None = None
    mono: bool = False

    @property
    def width(self) -> float:
        """How wide it is, in points."""
        return (
            len(self.text) * self.size * MONO_LETTER
            if self.mono
            else text_width(self.text, self.size)
        )

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.at[0] - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


class Mark(NamedTuple):
    """A small dot, or a rectangle of the legend."""

    at: Point
    width: float
    height: float
    fill: str
    round: bool = False


@dataclass(frozen=True)
class Scene:
    """What is drawn, from back to front; x to the right and y upwards, in points.

    Attributes:
        lines: The edges.
        discs: The neurons.
        letters: Headings, labels, legend and notes.
        marks: Dots and the legend's colours.
        box: The left, lower, right and upper end of the canvas.
        theme: Its colours.
        picture: What it shows.
    """

    lines: Sequence[Line]
    discs: Sequence[Disc]
    letters: Sequence[Letters]
    marks: Sequence[Mark]
    box: tuple[float, float, float, float]
    theme: Theme
    picture: Picture


def scene_of(picture: Picture, theme: Theme) -> Scene:
    """Place everything that a picture shows."""
    count = max((len(text) for text in picture.texts.values()), default=1)
    widest = max((text_width(text, LABEL_FONT) for text in picture.labels.values()), default=0.0)
    layout = place(
        picture.columns,
        list(picture.labels),
        lines=count,
        label=max(28.0, widest + 3),
        down=picture.down,
    )
    most = largest(picture.fills) or 1.0
    fills = {neuron: theme.fill(number / most) for neuron, number in picture.fills.items()}
    on_path = {neuron for edge in picture.path for neuron in edge}
    discs = [
        _disc(picture, layout, theme, neuron, fills.get(neuron), neuron in on_path)
        for neuron in layout.neurons
    ]
    lines = _lines(picture, layout, theme, {disc.neuron: disc.diameter / 2 for disc in discs})
    letters = _headings(picture, layout, theme)
    letters += [
        Letters(picture.labels[edge], at, LABEL_FONT, theme.edge(picture.edges[edge]), edge=edge)
        for edge, at in layout.labels.items()
    ]
    gaps = [at for dots in layout.dots for at in dots]
    marks = [mark for at in gaps for mark in _dots(at, layout.down, theme)]
    left, low, right, high = _box(discs, letters, marks)
    below = _below(picture, theme, (left, low - MARGIN))
    if below.letters:
        lines, letters, marks = lines + below.lines, letters + below.letters, marks + below.marks
        left, low, right, high = _box(discs, letters, marks)
    box = (left - MARGIN, low - MARGIN, right + MARGIN, high + MARGIN)
    return Scene(lines, discs, letters, marks, box, theme, picture)


def _disc(
    picture: Picture, layout: Layout, theme: Theme, neuron: Neuron, own: str | None, on_path: bool
) -> Disc:
    t, j = neuron
    at = layout.neurons[neuron]
    if neuron in picture.relays:
        return Disc(neuron, at, RELAY, theme.zero, theme.zero, 1.0, False, theme.ink, ())
    kind = theme.input if t == 0 else theme.hidden
    if t == len(picture.columns) - 1:
        kind = theme.output
    fill, line = theme.constant if j == 0 else kind
    thickness, line = (3.0, theme.path) if on_path else (1.0, line)
    texts = picture.texts.get(neuron, ())
    diameter = layout.diameter
    return Disc(neuron, at, diameter, own or fill, line, thickness, j == 0, theme.ink, texts)


def largest(numbers: Mapping[Neuron, float] | Mapping[Edge, float]) -> float:
    """Return the largest magnitude, 0 of none."""
    return max(map(abs, numbers.values()), default=0.0)


def _lines(
    picture: Picture, layout: Layout, theme: Theme, radii: Mapping[Neuron, float]
) -> list[Line]:
    """Return the edges, the largest numbers in front."""
    most = largest(picture.edges) or 1.0
    places = layout.neurons
    lines = []
    for edge, number in sorted(picture.edges.items(), key=lambda one: abs(one[1])):
        u, v = edge
        share = abs(number) / most
        (x0, y0), (x1, y1) = places[u], places[v]
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        first, last = radii[u], radii[v]
        start = (x0 + first * dx, y0 + first * dy)
        end = (x1 - last * dx, y1 - last * dy)
        if v in picture.relays:
            lines.append(Line(edge, start, end, theme.zero, 1.0, True, False, 1.0))
            continue
        opacity = 1.0 if edge in layout.labels else FAINTEST + (1 - FAINTEST) * share
        if picture.path:
            opacity = 1.0 if edge in picture.path else DIMMED
        width = THIN + (THICK - THIN) * share
        dashed = edge in picture.frozen
        lines.append(Line(edge, start, end, theme.edge(number), width, dashed, True, opacity))
    return lines


def _headings(picture: Picture, layout: Layout, theme: Theme) -> list[Letters]:
    anchor = "end" if picture.down else "middle"
    return [
        Letters(text, at, FONT, theme.faint, anchor)
        for text, at in zip(picture.headings, layout.headings, strict=True)
    ]


def _dots(at: Point, down: bool, theme: Theme) -> list[Mark]:
    steps = (-11.0, 0.0, 11.0)
    places = [(at[0] + k, at[1]) if down else (at[0], at[1] - k) for k in steps]
    return [Mark(place, DOT, DOT, theme.faint, True) for place in places]


def _box(
    discs: Sequence[Disc], letters: Sequence[Letters], marks: Sequence[Mark]
) -> tuple[float, float, float, float]:
    """Return the smallest box that holds all of them."""
    boxes = [(x - d / 2, y - d / 2, x + d / 2, y + d / 2) for _, (x, y), d, *_ in discs]
    boxes += [
        (one.left, one.at[1] - one.size * 0.7, one.left + one.width, one.at[1] + one.size * 0.7)
        for one in letters
    ]
    boxes += [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), w, h, *_ in marks]
    lefts, lows, rights, highs = zip(*boxes, strict=True)
    return min(lefts), min(lows), max(rights), max(highs)


# ---- below the network ---------------------------------------------------------------------------


@dataclass
class _Rows:
    """Rows of lines, marks and letters, one below the other."""

    theme: Theme
    at: Point
    lines: list[Line] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)
    count: int = 0
    x: float = 0.0
    y: float = 0.0

    def row(self, text: str = "", mono: bool = False, indent: int = 0) -> None:
        """Begin a row with a text, so many letters to the right: SVG has no leading spaces."""
        self.x = self.at[0] + indent * MONO_LETTER * NOTE_FONT
        self.y = self.at[1] - ROW_HEIGHT * (self.count + 1)
        self.count += 1
        self.write(text, mono)

    def write(self, text: str, mono: bool = False) -> None:
        """Add a text to the row."""
        if text:
            colour = self.theme.ink if mono else self.theme.faint
            one = Letters(text, (self.x, self.y), NOTE_FONT, colour, "start", None, mono)
            self.letters.append(one)
            self.x += one.width + 10.0

    def line(self, colour: str, width: float, text: str, dashed: bool = False) -> None:
        """Add a piece of a line, and what it means."""
        end = (self.x + SAMPLE, self.y)
        self.lines.append(Line(None, (self.x, self.y), end, colour, width, dashed, False, 1.0))
        self.x += SAMPLE + 6.0
        self.write(text)

    def colours(self, most: float) -> None:
        """Add the scale of the neurons' colours."""
        self.write(f"{-most:.3g}")
        for k in range(-STEPS, STEPS + 1):
            self.marks.append(Mark((self.x + 5.0, self.y), 10.0, 12.0, self.theme.fill(k / STEPS)))
            self.x += 10.0
        self.x += 6.0
        self.write(f"{most:+.3g}")


def _below(picture: Picture, theme: Theme, at: Point) -> _Rows:
    """Return the legend and the notes of a picture."""
    rows = _Rows(theme, at)
    most = largest(picture.edges)
    if picture.legend and picture.edges:
        rows.row(f"edges: {picture.names[0]}")
        if min(picture.edges.values()) < 0:
            rows.line(theme.negative, THICK, f"{-most:.3g}")
        rows.line(theme.zero, THIN, "0")
        if max(picture.edges.values()) > 0:
            rows.line(theme.positive, THICK, f"{most:+.3g}")
    if picture.legend and picture.fills:
        rows.row(f"neurons: {picture.names[1]}")
        rows.colours(largest(picture.fills))
    if picture.legend and picture.frozen:
        rows.row()
        rows.line(theme.faint, 1.0, "not trained", dashed=True)
    if picture.legend and picture.path:
        rows.row()
        rows.line(theme.path, 3.0, "path")
    for note in picture.notes:
        text = note.lstrip()
        rows.row(text, mono=True, indent=len(note) - len(text))
    return rows
