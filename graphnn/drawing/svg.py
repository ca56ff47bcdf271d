"""SVG: a scene written down, and what Graphviz wrote of it put into the same form.

Each neuron and edge is a group with `data-neuron="t,j"` or `data-edge="t,i t,j"`, a title that
browsers show when it is pointed at, and a description.
"""

from __future__ import annotations

import math
import re
from html import escape

from graphnn.drawing.picture import Picture
from graphnn.drawing.scene import Disc, Letters, Line, Scene
from graphnn.types import Edge, Neuron

__all__ = ["annotated", "to_svg"]

FAMILY = "Helvetica,Arial,sans-serif"
ARROW_LENGTH, ARROW_WIDTH = 6.0, 2.1


def to_svg(scene: Scene) -> str:
    """Return a scene as the text of an SVG file."""
    left, low, right, high = scene.box
    w, h = right - left, high - low
    size = f'width="{w:.2f}pt" height="{h:.2f}pt"'
    view = f'viewBox="{left:.2f} {-high:.2f} {w:.2f} {h:.2f}"'
    font = f'font-family="{FAMILY}" text-anchor="middle"'
    middle = (left + right) / 2, (low + high) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img" {font}>',
        _root(scene.picture),
        _mark(middle, w, h, scene.theme.background, False),
        *(_line(scene.picture, line) for line in scene.lines),
        *(_disc(scene.picture, disc) for disc in scene.discs),
        *(_mark(*mark) for mark in scene.marks),
        *(_letters(scene, letters) for letters in scene.letters),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _edge(picture: Picture, edge: Edge) -> str:
    """Return the beginning of an edge's group."""
    return f'<g class="edge" data-edge="{_pair(edge)}">{_said(picture, edge)}'


def _neuron(picture: Picture, neuron: Neuron) -> str:
    """Return the beginning of a neuron's group."""
    t, j = neuron
    return f'<g class="neuron" data-neuron="{t},{j}">{_said(picture, neuron)}'


def _label(edge: Edge) -> str:
    """Return the beginning of the group of an edge's label."""
    return f'<g class="label" data-edge="{_pair(edge)}">'


def _pair(edge: Edge) -> str:
    (s, i), (t, j) = edge
    return f"{s},{i} {t},{j}"


def _said(picture: Picture, place: Neuron | Edge) -> str:
    """Return what a neuron or edge says for itself."""
    title, more = picture.titles.get(place), picture.descriptions.get(place)
    text = f"<title>{escape(title, False)}</title>" if title else ""
    return f"{text}<desc>{escape(more, False)}</desc>" if more else text


def _root(picture: Picture) -> str:
    title, more = escape(picture.title, False), escape(picture.description, False)
    return f"<title>{title}</title><desc>{more}</desc>"


def _line(picture: Picture, line: Line) -> str:
    (x0, y0), (x1, y1) = line.start, line.end
    stroke = f'stroke="{line.colour}" stroke-width="{line.width:.2f}"'
    if line.dashed:
        stroke += ' stroke-dasharray="5,2"'
    faint = f' opacity="{line.opacity:.2f}"' if line.opacity < 1 else ""
    head = ""
    if line.arrow:
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        wide = ARROW_WIDTH + line.width / 4
        x, y = x1 - ARROW_LENGTH * dx, y1 - ARROW_LENGTH * dy
        head = (
            f'<path d="M{x1:.2f},{-y1:.2f} {x - wide * dy:.2f},{-y - wide * dx:.2f} '
            f'{x + wide * dy:.2f},{-y + wide * dx:.2f}z" fill="{line.colour}"{faint}/>'
        )
        x1, y1 = x, y
    path = f'<path d="M{x0:.2f},{-y0:.2f} {x1:.2f},{-y1:.2f}" {stroke}{faint}/>{head}'
    return path if line.edge is None else f"{_edge(picture, line.edge)}{path}</g>"


def _disc(picture: Picture, disc: Disc) -> str:
    x, y = disc.at
    dash = ' stroke-dasharray="5,2"' if disc.dashed else ""
    first = -y + 4.2 - 7.2 * (len(disc.texts) - 1)
    texts = "".join(
        f'<text x="{x:.2f}" y="{first + 14.4 * k:.2f}" font-size="12" fill="{disc.ink}">'
        f"{escape(text, False)}</text>"
        for k, text in enumerate(disc.texts)
    )
    return (
        f'{_neuron(picture, disc.neuron)}<circle cx="{x:.2f}" cy="{-y:.2f}" '
        f'r="{disc.diameter / 2:.2f}" fill="{disc.fill}" stroke="{disc.line}" '
        f'stroke-width="{disc.thickness:g}"{dash}/>{texts}</g>'
    )


def _mark(at: tuple[float, float], width: float, height: float, fill: str, round: bool) -> str:
    x, y = at
    if round:
        return f'<circle cx="{x:.2f}" cy="{-y:.2f}" r="{width / 2:.2f}" fill="{fill}"/>'
    return (
        f'<rect x="{x - width / 2:.2f}" y="{-y - height / 2:.2f}" width="{width:.2f}" '
        f'height="{height:.2f}" fill="{fill}"/>'
    )


def _letters(scene: Scene, one: Letters) -> str:
    x, y = one.at
    anchor = "" if one.anchor == "middle" else f' text-anchor="{one.anchor}"'
    family = ' font-family="monospace"' if one.mono else ""
    text = (
        f'<text x="{x:.2f}" y="{-y + 0.35 * one.size:.2f}" font-size="{one.size:g}" '
        f'fill="{one.colour}"{anchor}{family}>{escape(one.text, False)}</text>'
    )
    if one.edge is None:
        return text
    back = _mark(one.at, one.width + 2, one.size + 1, scene.theme.background, False)
    return f"{_label(one.edge)}{back}{text}</g>"


# ---- what Graphviz wrote -------------------------------------------------------------------------

GROUP = re.compile(
    r'<g id="(?:(edge|neuron|label)((?:_\d+)+)|[^"]*)" class="(?:node|edge)">'
    r"\s*<title>[^<]*</title>"
)
ROOT = re.compile(r"<title>[^<]*</title>")


def annotated(svg: str, scene: Scene) -> str:
    """Return the SVG that Graphviz made of a scene's DOT text, its groups as in `to_svg`."""

    def begin(found: re.Match[str]) -> str:
        if found[1] is None:  # of the legend, and marks
            return '<g class="decoration">'
        numbers = [int(number) for number in found[2][1:].split("_")]
        if found[1] == "neuron":
            return _neuron(scene.picture, (numbers[0], numbers[1]))
        s, i, t, j = numbers
        edge = (s, i), (t, j)
        return _label(edge) if found[1] == "label" else _edge(scene.picture, edge)

    head, graph, rest = svg.partition('class="graph"')
    rest = ROOT.sub(lambda _: _root(scene.picture), rest, count=1)
    head = head.replace("<svg ", '<svg role="img" ', 1)
    return head + graph + GROUP.sub(begin, rest)
