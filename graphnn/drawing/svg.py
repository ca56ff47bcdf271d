"""SVG: a scene written down, and what Graphviz wrote of it put into the same form.

Each neuron and edge is a group with `data-neuron="t,j"` or `data-edge="t,i t,j"`, a title that
browsers show when it is pointed at, and a description.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from graphnn.drawing.picture import Picture
from graphnn.drawing.scene import Disc, Letters, Line, Scene
from graphnn.types import Edge, Neuron

__all__ = ["LINE", "annotated", "text_element", "to_svg"]

FAMILY = "Helvetica,Arial,sans-serif"
ARROW_LENGTH, ARROW_WIDTH = 6.0, 2.1
LINE = 14.4
"""The distance of lines of text in a neuron, in points."""
NOTHING: Mapping[Neuron | Edge, str] = MappingProxyType({})


def to_svg(scene: Scene, motion: Mapping[Neuron | Edge, str] = NOTHING, more: str = "") -> str:
    """Return a scene as the text of an SVG file.

    Args:
        scene: What is drawn.
        motion: What is added to the groups of neurons and edges: how they move.
        more: What is added at the end.
    """
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
        *(_line(scene.picture, line, motion) for line in scene.lines),
        *(_disc(scene.picture, disc, motion) for disc in scene.discs),
        *(_mark(*mark) for mark in scene.marks),
        *(_letters(scene, letters) for letters in scene.letters),
        f"{more}</svg>\n",
    ]
    return "\n".join(parts)


def text_element(x: float, y: float, size: float, colour: str, text: str, style: str = "") -> str:
    """Return a line of text whose middle is at a place, unless its style says otherwise."""
    return (
        f'<text x="{x:.2f}" y="{y + 0.35 * size:.2f}" font-size="{size:g}" fill="{colour}"{style}>'
        f"{escape(text, False)}</text>"
    )


def _said(picture: Picture, place: Neuron | Edge) -> str:
    """Return what a neuron or edge says for itself."""
    title, more = picture.titles.get(place), picture.descriptions.get(place)
    text = f"<title>{escape(title, False)}</title>" if title else ""
    return f"{text}<desc>{escape(more, False)}</desc>" if more else text


def _names(edge: Edge) -> str:
    (s, i), (t, j) = edge
    return f'data-edge="{s},{i} {t},{j}"'


def _root(picture: Picture) -> str:
    title, more = escape(picture.title, False), escape(picture.description, False)
    return f"<title>{title}</title><desc>{more}</desc>"


def _line(picture: Picture, line: Line, motion: Mapping[Neuron | Edge, str]) -> str:
    (x0, y0), (x1, y1) = line.start, line.end
    dash = ' stroke-dasharray="5,2"' if line.dashed else ""
    faint = f' opacity="{line.opacity:.2f}"' if line.opacity < 1 else ""
    head = ""
    if line.arrow:
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        wide = ARROW_WIDTH + line.width / 4
        x, y = x1 - ARROW_LENGTH * dx, y1 - ARROW_LENGTH * dy
        head = (
            f'<path d="M{x1:.2f},{-y1:.2f} {x - wide * dy:.2f},{-y - wide * dx:.2f} '
            f'{x + wide * dy:.2f},{-y + wide * dx:.2f}z" fill="currentColor"/>'
        )
        x1, y1 = x, y
    # Colour and width are the group's, so that whoever finds it can change them.
    style = f'color="{line.colour}" stroke-width="{line.width:.2f}"{faint}'
    path = f'<path d="M{x0:.2f},{-y0:.2f} {x1:.2f},{-y1:.2f}" stroke="currentColor"{dash}/>{head}'
    if line.edge is None:
        return f"<g {style}>{path}</g>"
    said, more = _said(picture, line.edge), motion.get(line.edge, "")
    return f'<g class="edge" {_names(line.edge)} {style}>{said}{path}{more}</g>'


def _disc(picture: Picture, disc: Disc, motion: Mapping[Neuron | Edge, str]) -> str:
    (t, j), (x, y) = disc.neuron, disc.at
    dash = ' stroke-dasharray="5,2"' if disc.dashed else ""
    first = -y - LINE / 2 * (len(disc.texts) - 1)
    texts = "".join(
        text_element(x, first + LINE * k, 12, disc.ink, text) for k, text in enumerate(disc.texts)
    )
    return (
        f'<g class="neuron" data-neuron="{t},{j}">{_said(picture, disc.neuron)}'
        f'<circle cx="{x:.2f}" cy="{-y:.2f}" r="{disc.diameter / 2:.2f}" fill="{disc.fill}" '
        f'stroke="{disc.line}" stroke-width="{disc.thickness:g}"{dash}/>{texts}'
        f"{motion.get(disc.neuron, '')}</g>"
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
    text = text_element(x, -y, one.size, one.colour, one.text, anchor + family)
    if one.edge is None:
        return text
    back = _mark(one.at, one.width + 2, one.size + 1, scene.theme.background, False)
    return f'<g class="label" {_names(one.edge)}>{back}{text}</g>'


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
            t, j = numbers
            said = _said(scene.picture, (t, j))
            return f'<g class="neuron" data-neuron="{t},{j}">{said}'
        s, i, t, j = numbers
        edge = (s, i), (t, j)
        said = _said(scene.picture, edge) if found[1] == "edge" else ""
        return f'<g class="{found[1]}" {_names(edge)}>{said}'

    head, graph, rest = svg.partition('class="graph"')
    rest = ROOT.sub(lambda _: _root(scene.picture), rest, count=1)
    head = head.replace("<svg ", '<svg role="img" ', 1)
    return head + graph + GROUP.sub(begin, rest)
