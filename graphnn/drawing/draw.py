"""`draw`: a network as a picture, its weights on the edges."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graphnn.drawing.dot import Picture, short_exponent, subscript, to_dot
from graphnn.engines.trace import Trace
from graphnn.errors import DataError, RenderError
from graphnn.files import write_atomically
from graphnn.functions.choice import unknown_name
from graphnn.graph.network import Network, require_network
from graphnn.graph.relays import relays
from graphnn.program.lower import compile
from graphnn.tables import shown
from graphnn.types import Edge, Neuron

__all__ = ["Drawing", "draw"]

MOST_EDGES = 20_000
PNG_DPI = 144
MOST_LETTERS = 7
"""So much of a label or a shared name is written; pointing at it shows all of it."""


@dataclass(frozen=True)
class Drawing:
    """A drawn network; a notebook shows it.

    Attributes:
        picture: What it shows.
        path: Where it was written, or None.
    """

    picture: Picture
    path: Path | None = None

    @property
    def source(self) -> str:
        """The DOT text."""
        return to_dot(self.picture)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return self.bytes("svg").decode()

    def bytes(self, format: str) -> bytes:
        """Return the picture in a format: "svg", "png" or "dot".

        Raises:
            RenderError: If no program for the format is installed.
        """
        from graphnn.drawing.render import render

        return render(to_dot(self.picture, PNG_DPI if format == "png" else None), format)

    def _repr_svg_(self) -> str:
        """Show the picture in a notebook."""
        return self.svg

    def __repr__(self) -> str:
        neurons, edges = len(self.picture.texts), len(self.picture.weights)
        where = f", path={str(self.path)!r}" if self.path else ""
        return f"Drawing({neurons} neurons, {edges} edges{where})"


def draw(
    network: Network, path: str | os.PathLike[str] | None = None, *, trace: Trace | None = None
) -> Drawing:
    """Draw a network: straight columns, constant neurons on top, weights on the edges.

    Blue edges have positive weights, red ones negative; the wider, the larger. Weights are written
    on the edges where there is room (up to 8 neurons on the smaller side), behind them the names by
    which edges share them; edges that are not trained are dashed, relays are dots, and neurons are
    called by their labels. Pointing at an edge or neuron in the SVG shows its numbers.

    Args:
        network: The network.
        path: A file ending in .svg, .png or .dot, or None for no file.
        trace: Values to write into the neurons, from `forward` or `backward`.

    Returns:
        The drawing, which a notebook shows.

    Raises:
        DataError: If the trace is of other neurons.
        NetworkError: If it is no network, or (CompileError) broken through networkx.
        RenderError: If it has more than 20,000 edges, or no program for the format is installed.
        ValueError: If the path's ending is another.

    Example:
        >>> drawing = draw(Network.dense([2, 1]))
        >>> "x₁" in drawing.source
        True
    """
    from graphnn.drawing.render import FORMATS

    require_network(network)
    edges = network.graph.number_of_edges()
    if edges > MOST_EDGES:
        raise RenderError(
            f"the network has {edges} edges, and a picture shows at most {MOST_EDGES}: draw a "
            "smaller one"
        )
    ending = Path(path).suffix[1:].lower() if path is not None else "svg"
    if ending not in FORMATS:
        found = Path(path or "").suffix or Path(path or "").name
        raise unknown_name("picture format", found, [f".{name}" for name in FORMATS])
    drawing = Drawing(_picture(network, trace), None if path is None else Path(path))
    if path is not None:
        write_atomically(path, drawing.bytes(ending))
    return drawing


def _picture(network: Network, trace: Trace | None) -> Picture:
    compile(network)  # Names a weight or activation that networkx let someone break.
    if trace is not None and trace.v.keys() != network.nodes.keys():
        raise DataError("the trace is of a network with other neurons: trace this one")
    depth = network.depth
    columns = [[*([(t, 0)] if t < depth else []), *network.neurons(t)] for t in range(depth + 1)]
    attributes = {
        (u, v): found
        for u, v, found in sorted(network.graph.edges(data=True), key=lambda edge: edge[:2])
    }
    weights = {edge: found["weight"] for edge, found in attributes.items()}
    neurons = [neuron for column in columns for neuron in column]
    texts = {neuron: _text(network, neuron, trace) for neuron in neurons}
    handing_on = relays(network).keys()
    headings = [_heading(network, t, handing_on) for t in range(depth + 1)]
    names = _names(network)
    tooltips: dict[Neuron | Edge, str] = {
        n: _neuron_tooltip(network, n, names.get(n), trace) for n in neurons
    }
    tooltips |= {edge: _edge_tooltip(network, edge, trace) for edge in weights}
    shared = {edge: one["shared"] for edge, one in attributes.items() if one.get("shared")}
    return Picture(
        columns,
        headings,
        weights,
        texts,
        tooltips,
        {edge: _cut(name) for edge, name in shared.items()},
        {edge for edge, one in attributes.items() if not one.get("trainable", True)},
        handing_on,
    )


def _cut(text: str) -> str:
    """Return a text as one line that fits a neuron."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"


def _text(network: Network, neuron: Neuron, trace: Trace | None) -> Sequence[str]:
    t, j = neuron
    if j == 0:
        return ["1"]
    letter = "x" if t == 0 else "y" if t == network.depth else "v"
    label = network.nodes[neuron].get("label")
    name = letter + subscript(j) if label is None else _cut(str(label))
    if trace is None:
        return [name]
    v = trace.v[neuron]
    return [name, _number(v)]


def _number(v: Any) -> str:
    """Write a value in few characters; a number that is no float as `shown` has it, cut short."""
    if not isinstance(v, float | int):
        return _cut(shown(v, 3))
    return f"{v:.2f}" if abs(v) < 1000 else short_exponent(f"{v:.1e}")


def _heading(network: Network, t: int, handing_on: Collection[Neuron]) -> str:
    if t == 0:
        return "input"
    neurons = [n for n in network.neurons(t) if n not in handing_on] or network.neurons(t)
    names = list(dict.fromkeys(network.activation(n).name for n in neurons))
    activation = names[0] if len(names) == 1 else "mixed"
    if t == network.depth:
        return f"output ({activation})"
    return f"hidden{'' if network.depth == 2 else f' {t}'} ({activation})"


def _names(network: Network) -> dict[Neuron, str]:
    """Return what the data call the inputs and outputs, where that is known."""
    known, names = network.preprocessing, dict[Neuron, str]()
    if known is None:
        return names
    if known.features:
        end = f", {known.inputs.word}" if known.inputs else ""
        features = (feature + end for feature in known.features)
        names |= zip(network.neurons(0), features, strict=True)
    outputs = network.neurons(network.depth)
    if known.labels and len(outputs) > 1:
        names |= zip(outputs, map(str, known.labels.classes), strict=True)
    return names


def _neuron_tooltip(network: Network, neuron: Neuron, name: str | None, trace: Trace | None) -> str:
    t, j = neuron
    if j == 0:
        return f"constant neuron {neuron}: v = 1"
    text = f"neuron {neuron}"
    label = network.nodes[neuron].get("label")
    if label is not None:
        text += f", {label}"
    if t > 0:
        text += f", {network.activation(neuron).name}"
    if name is not None:
        text += f", {name}"
    numbers: Mapping[str, Mapping[Neuron, float]] = (
        {} if trace is None else {"a": trace.a, "v": trace.v, "delta": trace.delta}
    )
    found = [f"{name} = {shown(by[neuron])}" for name, by in numbers.items() if neuron in by]
    return ": ".join([text, ", ".join(found)]) if found else text


def _edge_tooltip(network: Network, edge: Edge, trace: Trace | None) -> str:
    found = network.graph.edges[edge]
    text = f"{edge[0]} -> {edge[1]}: weight {found['weight']:.6g}"
    if found.get("shared"):
        text += f", shared as {found['shared']}"
    if not found.get("trainable", True):
        text += ", not trained"
    if trace is not None and edge in trace.gradient:
        text += f", gradient {shown(trace.gradient[edge])}"
    return text
