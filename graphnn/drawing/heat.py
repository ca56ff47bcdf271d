"""`heat_map`: the weight matrices of a network, each entry an edge, as an SVG."""

from __future__ import annotations

from html import escape

import numpy as np

from graphnn.drawing.colours import Theme, theme_named
from graphnn.drawing.letters import subscript
from graphnn.drawing.svg import FAMILY, text_element
from graphnn.drawing.words import signed
from graphnn.graph.network import Network
from graphnn.program.lower import compile
from graphnn.program.program import Program
from graphnn.types import Edge

__all__ = ["heat_map"]

CELL, WRITTEN, GAP, MARGIN, NAMES = 16.0, 38.0, 28.0, 12.0, 24.0
MOST_WRITTEN, MOST_ROWS = 8, 40
"""Up to so many rows and columns numbers are written; of more than those the first are shown."""
SMALL = 10.0


def heat_map(network: Network | Program, theme: str | Theme = "light") -> str:
    """Return the matrices w^(1), ..., w^(T) as the text of an SVG, blue above zero and red below.

    Entry (i, j) of w^(t) is the edge (t-1, i) -> (t, j), which is said when it is pointed at; row 0
    is the constant neuron's. Where there is no edge there is no square. Of more than 40 rows or
    columns the first 40 are shown.

    Args:
        network: A network, or the program that it was compiled to.
        theme: "light", "dark", or your own colours.

    Raises:
        CompileError: If it is no network, or a weight was broken through networkx.
        ValueError: If the theme is unknown.

    Example:
        >>> svg = heat_map(Network.dense([2, 1], seed=0))
        >>> svg.count("data-edge")
        3
    """
    colours = theme_named(theme)
    program = network if isinstance(network, Program) else compile(network)
    largest = float(np.abs(program.theta).max(initial=0.0)) or 1.0
    x, parts, height = MARGIN, list[str](), 0.0
    for t in range(1, program.depth + 1):
        drawn, width, high = _matrix(program, t, colours, largest, x)
        parts += drawn
        x += width + GAP
        height = max(height, high)
    w, h = x - GAP + MARGIN, height + MARGIN
    background = f'<rect width="{w:.2f}" height="{h:.2f}" fill="{colours.background}"/>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.2f}pt" height="{h:.2f}pt" '
        f'viewBox="0 0 {w:.2f} {h:.2f}" role="img" font-family="{FAMILY}" text-anchor="middle">'
        f"<title>weight matrices of {program.depth} layers</title>"
    )
    return "\n".join([head, background, *parts, "</svg>\n"])


def _matrix(
    program: Program, t: int, theme: Theme, largest: float, x: float
) -> tuple[list[str], float, float]:
    """Return a matrix's SVG, its width, and its lower end."""
    layer = program.layers[t - 1]
    below = [(t - 1, 0), *program.neurons[t - 1]]
    above = program.neurons[t]
    rows, columns = min(layer.rows, MOST_ROWS), min(layer.columns, MOST_ROWS)
    written = max(rows, columns) <= MOST_WRITTEN
    side = WRITTEN if written else CELL
    left, top = x + NAMES, MARGIN + 34.0
    more = "" if (rows, columns) == (layer.rows, layer.columns) else ", the first of them"
    name = f"w^({t}), {layer.rows} x {layer.columns}{more}"
    parts = [text_element(left + columns * side / 2, MARGIN + 6, 12, theme.faint, name)]
    if max(rows, columns) <= 2 * MOST_WRITTEN:
        letters = [str(j) for _, j in below[:rows]]
        parts += [
            text_element(left - 10, top + (i + 0.5) * side, SMALL, theme.faint, letter)
            for i, letter in enumerate(letters)
        ]
        parts += [
            text_element(left + (j + 0.5) * side, top - 8, SMALL, theme.faint, str(above[j][1]))
            for j in range(columns)
        ]
    frame = (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{columns * side:.2f}" '
        f'height="{rows * side:.2f}" fill="none" stroke="{theme.zero}" stroke-width="0.5"/>'
    )
    parts.append(frame)
    within = (layer.sources < rows) & (layer.targets < columns)
    places = (each[within].tolist() for each in (layer.sources, layer.targets, layer.parameters))
    for i, j, k in zip(*places, strict=True):
        at = left + j * side, top + i * side
        weight = float(program.theta[k])
        parts.append(_entry((below[i], above[j]), weight, largest, at, side, theme))
    return parts, NAMES + max(columns * side, 90.0), top + rows * side


def _entry(
    edge: Edge, weight: float, largest: float, at: tuple[float, float], side: float, theme: Theme
) -> str:
    """Return the square of one edge."""
    (s, i), (t, j) = edge
    x, y = at
    title = f"w{subscript(i)},{subscript(j)} of layer {t}: {edge[0]} -> {edge[1]}, {weight:.6g}"
    text = ""
    if side == WRITTEN:
        text = text_element(x + side / 2, y + side / 2, SMALL, theme.ink, signed(weight))
    return (
        f'<g class="edge" data-edge="{s},{i} {t},{j}"><title>{escape(title, False)}</title>'
        f'<rect x="{x + 0.5:.2f}" y="{y + 0.5:.2f}" width="{side - 1:.2f}" '
        f'height="{side - 1:.2f}" fill="{theme.fill(weight / largest)}"/>{text}</g>'
    )
