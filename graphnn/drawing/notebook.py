"""What a notebook shows of networks, programs, traces, reports and results: SVG or HTML, and text.

Each function returns a MIME bundle, as Jupyter asks for it; where nothing can be drawn, as of
weights that are symbols, only the text is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from graphnn.drawing.draw import draw
from graphnn.drawing.heat import heat_map
from graphnn.errors import DataError, NetworkError, RenderError
from graphnn.graph.network import Network
from graphnn.program.program import Program

if TYPE_CHECKING:
    from graphnn.engines.trace import Trace
    from graphnn.learning.result import TrainingResult

__all__ = ["of_network", "of_program", "of_result", "of_table", "of_trace"]

Bundle: TypeAlias = dict[str, str]

MOST_EDGES = 20_000
"""Of larger programs and traces no network is made: it would take longer than one waits for."""


def of_network(network: Network) -> Bundle:
    """Return a network's picture."""
    return _bundle(network, "image/svg+xml", lambda: draw(network, renderer="own").svg)


def of_program(program: Program) -> Bundle:
    """Return a program's picture beside its matrices, whose entries are its edges."""

    def html() -> str:
        pictures = [heat_map(program)]
        if sum(len(layer.sources) for layer in program.layers) <= MOST_EDGES:
            pictures = [draw(_network_of(program), renderer="own").svg, *pictures]
        style = "display:flex;flex-wrap:wrap;align-items:center;gap:1em"
        return f'<div style="{style}">{"".join(pictures)}</div>{_preformatted(repr(program))}'

    return _bundle(program, "text/html", html)


def of_trace(trace: Trace) -> Bundle:
    """Return the picture of a network with a sample's values and sensitivities in its neurons."""

    def svg() -> str:
        if len(trace.weights) > MOST_EDGES:
            raise DataError("it is too large for a picture")
        numbers: dict[int, list[int]] = {}
        for t, j in trace.v:
            numbers.setdefault(t, [])
            if j:
                numbers[t].append(j)
        layers = [sorted(numbers[t]) for t in sorted(numbers)]
        activations = [
            [trace.activations[t, j] for j in layer] if t else [] for t, layer in enumerate(layers)
        ]
        net = Network.numbered(layers, activations)
        net.add_weighted_edges_from((u, v, float(w)) for (u, v), w in trace.weights.items())
        found = {"v": trace.v, "delta": trace.delta} if trace.delta else {"v": trace.v}
        return draw(net, trace=trace, neurons=found, renderer="own").svg

    return _bundle(trace, "image/svg+xml", svg)


def of_result(result: TrainingResult) -> Bundle:
    """Return a learning curve and what the result says of itself."""

    def html() -> str:
        from graphnn.drawing.plots import figure_svg

        curve = figure_svg(result.plot())
        return f"{curve[curve.index('<svg') :]}{_preformatted(repr(result))}"

    return _bundle(result, "text/html", html)


def of_table(thing: object) -> Bundle:
    """Return what is a table of text, in letters of one width."""
    return _bundle(thing, "text/html", lambda: _preformatted(repr(thing)))


def _preformatted(text: str) -> str:
    style = "line-height:1.3;overflow-x:auto"
    return f'<pre style="{style}">{escape(text)}</pre>'


def _bundle(thing: object, kind: str, make: Callable[[], str]) -> Bundle:
    text = {"text/plain": repr(thing)}
    try:
        return {kind: make()} | text
    except (DataError, NetworkError, RenderError, TypeError, ValueError):
        return text


def _network_of(program: Program) -> Network:
    """Return a network with a program's neurons, edges and weights."""
    numbers = [[j for _, j in layer] for layer in program.neurons]
    activations: list[Any] = [[], *(layer.activations for layer in program.layers)]
    net = Network.numbered(numbers, activations)
    for t, layer in enumerate(program.layers, start=1):
        below = [(t - 1, 0), *program.neurons[t - 1]]
        entries = zip(layer.sources, layer.targets, layer.parameters, strict=True)
        for i, j, k in entries:
            net.add_edge(
                below[i],
                program.neurons[t][j],
                float(program.theta[k]),
                trainable=bool(program.trainable[k]),
            )
    return net
