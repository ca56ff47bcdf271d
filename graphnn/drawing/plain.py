"""A plain graph with coloured vertices as an SVG, and several SVGs side by side."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from html import escape

from graphnn.drawing.colours import Theme, theme_named
from graphnn.drawing.letters import one_line, printable
from graphnn.drawing.svg import FAMILY, text_element

__all__ = ["OKABE_ITO", "beside", "plain_graph"]

OKABE_ITO = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2", "#999999")
"""Colours that are told apart by the colour-blind (Okabe and Ito, 2008)."""
SIDE, RADIUS, MARGIN = 260.0, 14.0, 24.0
MOST_LETTERS = 4
SIZE = re.compile(r'^<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')


def plain_graph(
    positions: Mapping[Hashable, tuple[float, float]],
    edges: Iterable[tuple[Hashable, Hashable]],
    colors: Mapping[Hashable, int | None],
    title: str = "graph",
    theme: str | Theme = "light",
) -> str:
    """Return an undirected graph as the text of an SVG.

    Args:
        positions: Where each vertex is, x to the right and y upwards, in [-1, 1].
        edges: Pairs of vertices.
        colors: A colour 0, 1, ... of each vertex; one of None is white, with a dashed line.
        title: What it is called.
        theme: "light", "dark", or your own colours.

    Example:
        >>> svg = plain_graph({"a": (0, 0), "b": (1, 1)}, [("a", "b")], {"a": 0, "b": None})
        >>> svg.count("<circle")
        2
    """
    colours = theme_named(theme)
    half = SIDE / 2 + MARGIN

    def place(vertex: Hashable) -> tuple[float, float]:
        x, y = positions[vertex]
        return half + x * SIDE / 2, half - y * SIDE / 2

    size = f'width="{2 * half:.2f}pt" height="{2 * half:.2f}pt"'
    view = f'viewBox="0 0 {2 * half:.2f} {2 * half:.2f}"'
    font = f'role="img" font-family="{FAMILY}" text-anchor="middle"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} {font}>',
        f"<title>{escape(printable(title), False)}</title>",
        f'<rect width="{2 * half:.2f}" height="{2 * half:.2f}" fill="{colours.background}"/>',
    ]
    for u, v in edges:
        (x0, y0), (x1, y1) = place(u), place(v)
        parts.append(
            f'<path d="M{x0:.2f},{y0:.2f} {x1:.2f},{y1:.2f}" stroke="{colours.zero}" '
            'stroke-width="1.5"/>'
        )
    for vertex in positions:
        x, y = place(vertex)
        color = colors[vertex]
        fill = colours.background if color is None else OKABE_ITO[color % len(OKABE_ITO)]
        dash = ' stroke-dasharray="4,2"' if color is None else ""
        name = printable(str(vertex))
        said = f"vertex {name}, " + ("not coloured" if color is None else f"colour {color}")
        ink = colours.ink if color is None else "#000000"
        text = text_element(x, y, 11, ink, one_line(name, MOST_LETTERS))
        parts.append(
            f'<g class="vertex"><title>{escape(said, False)}</title><circle cx="{x:.2f}" '
            f'cy="{y:.2f}" r="{RADIUS:g}" fill="{fill}" stroke="{colours.ink}"{dash}/>{text}</g>'
        )
    return "\n".join([*parts, "</svg>\n"])


def beside(*pictures: str, theme: str | Theme = "light") -> str:
    """Return SVGs of this library's own writers as one, side by side, centred.

    Example:
        >>> one = plain_graph({0: (0, 0)}, [], {0: 0})
        >>> beside(one, one).count("<svg ")
        3
    """
    colours = theme_named(theme)
    sizes = [tuple(map(float, found.groups())) for p in pictures if (found := SIZE.match(p))]
    width, height = sum(w for w, _ in sizes), max(h for _, h in sizes)
    size = f'width="{width:.2f}pt" height="{height:.2f}pt"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width:.2f} {height:.2f}">',
        f'<rect width="{width:.2f}" height="{height:.2f}" fill="{colours.background}"/>',
    ]
    x = 0.0
    for picture, (w, h) in zip(pictures, sizes, strict=True):
        inner = picture.replace(f'width="{w:.2f}pt" height="{h:.2f}pt"', "", 1)
        at = f'x="{x:.2f}" y="{(height - h) / 2:.2f}" width="{w:.2f}" height="{h:.2f}"'
        parts.append(inner.replace("<svg ", f"<svg {at} ", 1))
        x += w
    return "\n".join([*parts, "</svg>\n"])
