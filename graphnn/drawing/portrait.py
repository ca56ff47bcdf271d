"""`picture_of`: what a picture shows of a network, a trace, and other numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from graphnn.drawing.layout import Column, have_room
from graphnn.drawing.letters import one_line, printable, short_exponent, subscript
from graphnn.drawing.overlay import Overlays, edge_overlays, neuron_overlays
from graphnn.drawing.picture import Picture
from graphnn.drawing.selection import columns_of
from graphnn.engines.trace import Trace
from graphnn.errors import CompileError, DataError, NetworkError
from graphnn.graph.network import Network, require_network
from graphnn.graph.relays import relays
from graphnn.graph.rules import finite_weight
from graphnn.tables import shown
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["Look", "number_text", "picture_of", "signed"]

LONGEST_NAME = 40
MOST_LETTERS = 7
"""So much of a label or a shared name is written; pointing at it shows all of it."""


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
    _require_trace(network, look.trace)
    path = _path(network, look.highlight)
    columns = columns_of(network, look.show, {neuron for edge in path for neuron in edge})
    attributes = _edges_between(network, columns)
    on_neurons = neuron_overlays(look.neurons or {}, network.nodes)
    on_edges = edge_overlays(look.edges or {}, network.graph.edges)
    weights = {edge: found["weight"] for edge, found in attributes.items()}
    numbers = dict(on_edges) or {"weight": weights}
    name, first = next(iter(numbers.items()))
    neurons = [neuron for column in columns for neuron in column if neuron is not None]
    fill, fills = next(iter(on_neurons.items()), ("", {}))
    handing_on = relays(network).keys()
    shared = {edge: one["shared"] for edge, one in attributes.items() if one.get("shared")}
    frozen = {edge for edge, one in attributes.items() if not one.get("trainable", True)}
    called = _names(network)
    said = _Said(network, look.trace, on_neurons, on_edges, called)
    drawn = {edge: first.get(edge, 0.0) for edge in attributes}
    room = have_room(columns)
    labels = {
        edge: _label(edge, numbers, shared.get(edge))
        for edge in attributes
        if room[edge[1][0] - 1] and edge[1] not in handing_on
    }
    explained = look.legend
    if explained is None:
        crowded = len(labels) < len(drawn) - sum(v in handing_on for _, v in drawn)
        explained = bool(on_neurons or on_edges or path or crowded)
    return Picture(
        columns,
        [_heading(network, t, handing_on, column) for t, column in enumerate(columns)],
        {neuron: _text(network, neuron, look.trace, on_neurons) for neuron in neurons},
        drawn,
        labels,
        {n: fills[n] for n in neurons if n in fills and not _is_one(n, fills)},
        (one_line(name, LONGEST_NAME), one_line(fill, LONGEST_NAME)),
        {neuron: said.neuron(neuron) for neuron in neurons}
        | {edge: said.edge(edge, found) for edge, found in attributes.items()},
        {neuron: said.place(neuron) for neuron in neurons},
        frozen,
        handing_on,
        path,
        _formula(network, look),
        f"network of {', '.join(map(str, network.layers))} neurons",
        _description(network, drawn),
        explained,
        look.down,
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


# ---- texts ---------------------------------------------------------------------------------------


def _text(
    network: Network,
    neuron: Neuron,
    trace: Trace | None,
    overlays: Mapping[str, Mapping[Neuron, float]],
) -> Sequence[str]:
    t, j = neuron
    letter = "x" if t == 0 else "y" if t == network.depth else "v"
    label = network.nodes[neuron].get("label")
    name = "" if label is None else one_line(str(label), MOST_LETTERS)
    name = "1" if j == 0 else name or letter + subscript(j)
    if overlays:
        found = [of for of in overlays.values() if neuron in of and not _is_one(neuron, of)]
        return [name, *(number_text(of[neuron]) for of in found)]
    return [name] if trace is None or j == 0 else [name, number_text(trace.v[neuron])]


def _is_one(neuron: Neuron, numbers: Mapping[Neuron, float]) -> bool:
    """Return whether that is the value 1 of a constant neuron, which is written there anyway."""
    return neuron[1] == 0 and numbers[neuron] == 1


def number_text(v: Any) -> str:
    """Write a value in few characters; a number that is no float as `shown` has it, cut short."""
    if not isinstance(v, float | int):
        return one_line(shown(v, 3), MOST_LETTERS)
    if v != 0 and abs(v) < 0.005:
        return short_exponent(f"{v:.0e}")
    return f"{v:.2f}" if abs(v) < 1000 else short_exponent(f"{v:.1e}")


def _label(edge: Edge, numbers: Mapping[str, Mapping[Edge, float]], shared: str | None) -> str:
    text = " | ".join(signed(of[edge]) for of in numbers.values() if edge in of)
    return f"{text} {one_line(shared, MOST_LETTERS)}" if shared else text


def signed(weight: float) -> str:
    """Write a weight in few characters: two decimals, or an exponent where those say nothing."""
    if weight == 0 or 0.005 <= abs(weight) < 1000:
        return f"{weight:+.2f}"
    return short_exponent(f"{weight:+.{0 if abs(weight) < 1 else 1}e}")


def _heading(network: Network, t: int, handing_on: Collection[Neuron], column: Column) -> str:
    count = f", {len(network.neurons(t)):,} neurons" if None in column else ""
    if t == 0:
        return f"input{count}"
    neurons = [n for n in network.neurons(t) if n not in handing_on] or network.neurons(t)
    names = list(dict.fromkeys(network.activation(n).name for n in neurons))
    activation = one_line(names[0], 30) if len(names) == 1 else "mixed"
    if t == network.depth:
        return f"output ({activation}){count}"
    return f"hidden{'' if network.depth == 2 else f' {t}'} ({activation}){count}"


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


def _description(network: Network, drawn: Collection[Edge]) -> str:
    edges = network.graph.number_of_edges()
    part = "" if len(drawn) == edges else f", of which {len(drawn):,} are shown"
    return (
        f"A layered network of depth {network.depth}: layers of "
        f"{', '.join(f'{d:,}' for d in network.layers)} neurons, each layer but the last with a "
        f"constant neuron; {edges:,} edges{part}."
    )


@dataclass(frozen=True)
class _Said:
    """What neurons and edges say when they are pointed at."""

    network: Network
    trace: Trace | None
    on_neurons: Mapping[str, Mapping[Neuron, float]]
    on_edges: Mapping[str, Mapping[Edge, float]]
    names: Mapping[Neuron, str]

    def neuron(self, neuron: Neuron) -> str:
        """Return a neuron's name, activation and numbers."""
        if neuron[1] == 0:
            return f"constant neuron {neuron}: v = 1"
        text = f"neuron {neuron}"
        label = self.network.nodes[neuron].get("label")
        if label is not None:
            text += f", {printable(str(label))}"
        if neuron[0] > 0:
            text += f", {printable(self.network.activation(neuron).name)}"
        if neuron in self.names:
            text += f", {printable(self.names[neuron])}"
        trace = self.trace
        numbers: dict[str, Mapping[Neuron, float]] = {}
        if trace is not None:
            numbers = {"a": trace.a, "v": trace.v, "delta": trace.delta}
        numbers |= self.on_neurons
        found = [f"{name} = {shown(by[neuron])}" for name, by in numbers.items() if neuron in by]
        return printable(f"{text}: {', '.join(found)}" if found else text)

    def edge(self, edge: Edge, found: Mapping[str, Any]) -> str:
        """Return an edge's ends and numbers."""
        text = f"{edge[0]} -> {edge[1]}: weight {found['weight']:.6g}"
        if found.get("shared"):
            text += f", shared as {printable(found['shared'])}"
        if not found.get("trainable", True):
            text += ", not trained"
        for name, of in self.on_edges.items():
            if edge in of and name != "weight":
                text += f", {printable(name)} {of[edge]:.6g}"
        trace = self.trace
        if trace is not None and edge in trace.gradient and "gradient" not in self.on_edges:
            text += f", gradient {shown(trace.gradient[edge])}"
        return text

    def place(self, neuron: Neuron) -> str:
        """Return where a neuron stands, and how many edges it has."""
        t, depth = neuron[0], self.network.depth
        layer = "input layer" if t == 0 else "output layer" if t == depth else f"hidden layer {t}"
        graph = self.network.graph
        return f"{layer}; {len(graph.pred[neuron])} edges in, {len(graph.succ[neuron])} out"
