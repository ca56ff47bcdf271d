"""DOT text for Graphviz: it makes text, and never runs a program.

Every neuron and every label is a node pinned at our coordinates, so that all builds of Graphviz
agree on positions. Subscripts are Unicode characters: not every build draws HTML labels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphnn.drawing.layout import Layout, place
from graphnn.types import Edge, Neuron

if TYPE_CHECKING:
    import graphviz

__all__ = ["Picture", "short_exponent", "subscript", "to_dot"]

POSITIVE, NEGATIVE, ZERO = "#2166ac", "#c0392b", "#888888"
CONSTANT, INPUT, HIDDEN, OUTPUT = (
    ("#f2f2f2", "#888888"),
    ("#fdf0d5", "#b08a2e"),
    ("#e3edf9", "#3a6ea5"),
    ("#e0f2e0", "#3f8f47"),
)
FONT = "Helvetica"
RELAY = 7.0
"""The diameter of a relay's dot in points."""


@dataclass(frozen=True)
class Picture:
    """What a picture shows, as plain mappings.

    Attributes:
        columns: The neurons of each layer, the constant neuron first.
        headings: One text a layer.
        weights: A number for each edge: its label, colour (sign) and width (size).
        texts: The lines written into each neuron.
        tooltips: What a neuron or edge says when pointed at.
        marks: What is written behind the weights of edges that share them.
        frozen: The edges that training does not move: dashed.
        relays: The neurons that only hand on a value: dots.
    """

    columns: Sequence[Sequence[Neuron]]
    headings: Sequence[str]
    weights: Mapping[Edge, float]
    texts: Mapping[Neuron, Sequence[str]]
    tooltips: Mapping[Neuron | Edge, str] = field(default_factory=dict)
    marks: Mapping[Edge, str] = field(default_factory=dict)
    frozen: Collection[Edge] = frozenset()
    relays: Collection[Neuron] = frozenset()


def to_dot(picture: Picture, dpi: int | None = None) -> str:
    """Return a picture as DOT source for the layout engine `neato`.

    Args:
        picture: What to show.
        dpi: Dots per inch of a bitmap; None for SVG.
    """
    import graphviz

    lines = max((len(text) for text in picture.texts.values()), default=1)
    letters = max((len(mark) + 1 for mark in picture.marks.values()), default=0)
    layout = place(picture.columns, list(picture.weights), lines, letters)
    graph = {
        "layout": "neato",
        "inputscale": "72",
        "splines": "line",
        "outputorder": "edgesfirst",
        "bgcolor": "white",
        "pad": "0.15",
    }
    if dpi is not None:
        graph["dpi"] = str(dpi)
    source = graphviz.Digraph(
        "network",
        graph_attr=graph,
        node_attr={"fontname": FONT, "fixedsize": "true"},
        edge_attr={"arrowsize": "0.6"},
    )
    _add_headings(source, picture, layout)
    _add_neurons(source, picture, layout)
    _add_edges(source, picture, layout)
    return str(source.source)


def subscript(number: int) -> str:
    """Return a number in Unicode subscripts.

    Example:
        >>> subscript(12)
        '₁₂'
    """
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def short_exponent(number: str) -> str:
    """Return a number that is written with an exponent without the exponent's plus and zeros.

    Example:
        >>> short_exponent("6.1e+05")
        '6.1e5'
    """
    digits, mark, exponent = number.partition("e")
    return f"{digits}e{int(exponent)}" if mark else digits  # inf and nan have none


def _add_headings(source: graphviz.Digraph, picture: Picture, layout: Layout) -> None:
    for t, (text, at) in enumerate(zip(picture.headings, layout.headings, strict=True)):
        source.node(
            f"layer {t}",
            _escape(text),
            shape="plaintext",
            pos=_pin(at),
            width=f"{len(text) * 0.11 + 0.2:.2f}",
            height="0.25",
            fontsize="12",
            fontcolor="#444444",
        )


def _add_neurons(source: graphviz.Digraph, picture: Picture, layout: Layout) -> None:
    last = len(picture.columns) - 1
    for neuron, at in layout.neurons.items():
        t, j = neuron
        if neuron in picture.relays:
            _add_relay(source, picture, neuron, at)
            continue
        fill, line = INPUT if t == 0 else OUTPUT if t == last else HIDDEN
        style = "filled"
        if j == 0:
            (fill, line), style = CONSTANT, "filled,dashed"
        source.node(
            _name(neuron),
            "\\n".join(_escape(text) for text in picture.texts[neuron]),
            shape="circle",
            pos=_pin(at),
            width=f"{layout.diameter / 72:.4f}",
            style=style,
            fillcolor=fill,
            color=line,
            fontsize="12",
            tooltip=_escape(picture.tooltips.get(neuron, str(neuron))),
        )


def _add_relay(
    source: graphviz.Digraph, picture: Picture, neuron: Neuron, at: tuple[float, float]
) -> None:
    source.node(
        _name(neuron),
        "",
        shape="circle",
        pos=_pin(at),
        width=f"{RELAY / 72:.4f}",
        style="filled",
        fillcolor=ZERO,
        color=ZERO,
        tooltip=_escape(picture.tooltips.get(neuron, str(neuron))),
    )


def _add_lead(source: graphviz.Digraph, picture: Picture, edge: Edge) -> None:
    """Add the edge that leads to a relay."""
    source.edge(
        *map(_name, edge),
        color=ZERO,
        penwidth="1.00",
        tooltip=_escape(picture.tooltips.get(edge, f"{edge[0]} -> {edge[1]}")),
        style="dashed",
        arrowhead="none",
    )


def _add_edges(source: graphviz.Digraph, picture: Picture, layout: Layout) -> None:
    largest = max((abs(weight) for weight in picture.weights.values()), default=0.0) or 1.0
    for (u, v), weight in picture.weights.items():
        if v in picture.relays:
            _add_lead(source, picture, (u, v))
            continue
        color = POSITIVE if weight > 0 else NEGATIVE if weight < 0 else ZERO
        source.edge(
            _name(u),
            _name(v),
            color=color,
            penwidth=f"{0.5 + 3.5 * abs(weight) / largest:.2f}",
            tooltip=_escape(picture.tooltips.get((u, v), f"{u} -> {v}: {weight:.6g}")),
            **({"style": "dashed"} if (u, v) in picture.frozen else {}),
        )
        at = layout.labels.get((u, v))
        if at is not None:
            mark = picture.marks.get((u, v))
            text = f"{_label(weight)} {mark}" if mark else _label(weight)
            source.node(
                f"{_name(u)} to {_name(v)}",
                _escape(text),
                shape="plaintext",
                pos=_pin(at),
                width=f"{len(text) * 0.078 + 0.03:.3f}",
                height="0.15",
                margin="0",
                style="filled",
                fillcolor="white",
                fontsize="10",
                fontcolor=color,
            )


def _escape(text: str) -> str:
    """Return text so that Graphviz takes it literally."""
    import graphviz

    return str(graphviz.escape(text))


def _label(weight: float) -> str:
    """Write a weight in few characters: two decimals, or an exponent where those say nothing."""
    if weight == 0 or 0.005 <= abs(weight) < 1000:
        return f"{weight:+.2f}"
    return short_exponent(f"{weight:+.{0 if abs(weight) < 1 else 1}e}")


def _name(neuron: Neuron) -> str:
    return f"{neuron[0]},{neuron[1]}"


def _pin(at: tuple[float, float]) -> str:
    return f"{at[0]:.2f},{at[1]:.2f}!"
