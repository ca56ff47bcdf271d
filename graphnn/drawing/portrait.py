"""`picture_of`: what a picture shows of a network, a trace, and other numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from graphnn.drawing.layout import Column, have_room
from graphnn.drawing.letters import one_line
from graphnn.drawing.overlay import Overlays, edge_overlays, neuron_overlays
from graphnn.drawing.picture import Picture
from graphnn.drawing.selection import columns_of
from graphnn.drawing.words import Words, is_one
from graphnn.engines.trace import Trace
from graphnn.errors import CompileError, DataError, NetworkError
from graphnn.graph.network import Network, require_network
from graphnn.graph.relays import relays
from graphnn.graph.rules import finite_weight
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["Look", "picture_of"]

LONGEST_NAME = 40


@dataclass(frozen=True)
class Look:
    """What is to be shown of a network, as the arguments of `draw` have it."""

    trace: Trace | None = None
    neurons: Overlays[Neuron] | None = None
    edges: Overlays[Edge] | None = None
    highlight: Iterable[Any] | None = None
    formula: Neuron | None = None
    show: str | Iterable[Neuron] | None = None
    down: bool = False
    legend: bool | None = None


def picture_of(network: Network, look: Look = Look()) -> Picture:
    """Return what a picture shows of a network.

    Raises:
        DataError: If the trace is of other neurons, or a number cannot be drawn.
        NetworkError: If it is no network, or (CompileError) broken through networkx.
    """
    require_network(network)
    network.require_layered()
    _require_trace(network, look.trace)
    path = _path(network, look.highlight)
    columns = columns_of(network, look.show, {neuron for edge in path for neuron in edge})
    neurons = [neuron for column in columns for neuron in column if neuron is not None]
    attributes = _edges_between(network, columns)
    on_neurons = neuron_overlays(look.neurons or {}, network.nodes)
    on_edges = edge_overlays(look.edges or {}, network.graph.edges)
    handing_on = relays(network).keys()
    words = Words(network, look.trace, on_neurons, on_edges)
    fill, fills = next(iter(on_neurons.items()), ("", {}))
    name, numbers = next(iter(on_edges.items()), ("weight", None))
    room = have_room(columns)
    labels = {
        (u, v): words.label((u, v), found)
        for (u, v), found in attributes.items()
        if room[v[0] - 1] and v not in handing_on
    }
    edges = {
        edge: found["weight"] if numbers is None else numbers.get(edge, 0.0)
        for edge, found in attributes.items()
    }
    crowded = any(edge not in labels and edge[1] not in handing_on for edge in edges)
    return Picture(
        columns=columns,
        headings=[words.heading(t, column, handing_on) for t, column in enumerate(columns)],
        texts={neuron: words.lines(neuron) for neuron in neurons},
        edges=edges,
        labels=labels,
        fills={n: fills[n] for n in neurons if n in fills and not is_one(n, fills)},
        names=(one_line(name, LONGEST_NAME), one_line(fill, LONGEST_NAME)),
        titles={neuron: words.neuron(neuron) for neuron in neurons}
        | {edge: words.edge(edge, found) for edge, found in attributes.items()},
        descriptions={neuron: words.place(neuron) for neuron in neurons},
        frozen={edge for edge, one in attributes.items() if not one.get("trainable", True)},
        relays=handing_on,
        path=path,
        notes=_formula(network, look),
        title=f"network of {', '.join(map(str, network.layers))} neurons",
        description=words.summary(len(edges)),
        legend=bool(on_neurons or on_edges or path or crowded)
        if look.legend is None
        else look.legend,
        down=look.down,
    )


def _edges_between(network: Network, columns: Sequence[Column]) -> dict[Edge, dict[str, Any]]:
    """Return the edges between neurons that are shown, in order, with what they have."""
    targets = {neuron for column in columns[1:] for neuron in column if neuron is not None}
    found: dict[Edge, dict[str, Any]] = {}
    graph = network.graph
    for column in columns[:-1]:
        for u in column:
            if u is None:
                continue
            for v, attributes in sorted(graph.succ[u].items(), key=lambda one: one[0]):
                if v in targets:
                    found[u, v] = attributes
    try:
        for (u, v), attributes in found.items():
            finite_weight(u, v, attributes.get("weight"))
    except NetworkError as error:
        raise CompileError(str(error), edge=error.edge) from None
    return found


def _path(network: Network, highlight: Iterable[Any] | None) -> list[Edge]:
    """Return the edges of a path, given as such, as its neurons, or as its edges."""
    if highlight is None:
        return []
    places = getattr(highlight, "neurons", highlight)
    try:
        found = [tuple(place) for place in places]
        if found and not isinstance(found[0][0], tuple):
            found = list(pairwise(found))
        edges = [(u, v) for u, v in found]
    except (TypeError, ValueError, IndexError):
        raise NetworkError(
            f"highlight is {one_line(repr(highlight), 60)}, expected a path's neurons (t, j) one "
            "after the other, or edges"
        ) from None
    for u, v in edges:
        if not network.graph.has_edge(u, v):
            raise NetworkError(
                f"the network has no edge {edge_name(u, v)}, which is to be highlighted: expected "
                "a path's neurons one after the other, or edges"
            )
    return edges


def _require_trace(network: Network, trace: object) -> None:
    if trace is None:
        return
    if not isinstance(trace, Trace):
        raise DataError(f"trace is a {type(trace).__name__}, expected what forward returns")
    if trace.v.keys() != network.nodes.keys():
        raise DataError("the trace is of a network with other neurons: trace this one")


def _formula(network: Network, look: Look) -> list[str]:
    if look.formula is None:
        return []
    if look.trace is None:
        raise DataError("formula needs a trace: draw(net, trace=forward(net, x), formula=(t, j))")
    network.activation(look.formula)
    return look.trace.explain(look.formula).splitlines()
