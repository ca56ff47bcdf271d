"""Neurons and edges as every format writes them down, one by one, and a network from such records.

A label, which may be any hashable object, is written as JSON has it: text, a number, or a list of
such for a tuple. Others are refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphnn.collector import paused
from graphnn.errors import CompileError, DataError, FormatError, NetworkError
from graphnn.formats.parts import cut, short
from graphnn.functions.activations import ACTIVATIONS, Activation, resolve_activation
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.groups import checked_name, checked_switch, require_agreement, spelt_out
from graphnn.graph.network import Network, require_network
from graphnn.graph.rules import finite_weight
from graphnn.types import Edge, Neuron

__all__ = [
    "MOST_BYTES",
    "MOST_NEURONS",
    "EdgeRecord",
    "NeuronRecord",
    "built",
    "edge_records",
    "known_activations",
    "label_content",
    "neuron_records",
    "require_built_in",
]

LONGEST = 400
"""Messages of the graph's rules quote what they found, which may be anything: they are cut here."""
MOST_BYTES = 2**28
MOST_NEURONS = 1_000_000
"""What is read by default: read and built, such files take a few gigabytes of memory."""


class NeuronRecord(NamedTuple):
    """A neuron (t, j): the name of its activation, None for an input or a constant, and its label.

    A constant neuron needs no record: every layer but the last has one.
    """

    neuron: Neuron
    activation: str | None
    label: Any


class EdgeRecord(NamedTuple):
    """An edge with all that it has."""

    u: Neuron
    v: Neuron
    weight: float
    trainable: bool
    shared: str | None

    def attributes(self) -> dict[str, Any]:
        """Return the weight, and of the rest what is not as it is by default."""
        return spelt_out(self._asdict())


def neuron_records(network: Network) -> list[NeuronRecord]:
    """Return all neurons in ascending order, of the constant ones those with a label.

    Raises:
        FormatError: If two activations have one name or a label cannot be written down.
        NetworkError: If it is no network, or an activation was replaced through networkx by
            something wrong.
    """
    require_network(network)
    network.require_layered()
    names: dict[str, Activation] = {}
    found = []
    nodes = network.nodes
    for t in range(network.depth + 1):
        constant = [(t, 0)] if nodes.get((t, 0), {}).get("label") is not None else []
        for neuron in (*constant, *network.neurons(t)):
            name = None
            if 0 not in neuron:
                one = network.activation(neuron)
                name = one.name
                if names.setdefault(name, one) != one:
                    raise FormatError(
                        f"neuron {neuron} has another activation named {name!r} than the neurons "
                        "before it: give different activations different names"
                    )
            label = nodes[neuron].get("label")
            content = None if label is None else label_content(neuron, label)
            found.append(NeuronRecord(neuron, name, content))
    return found


@paused()
def edge_records(network: Network) -> list[EdgeRecord]:
    """Return all edges in (t, i, j) order, checked.

    Raises:
        CompileError: If an attribute was replaced through networkx by something wrong.
    """
    found = []
    named: dict[str, EdgeRecord] = {}
    try:
        for u, v, data in network.graph.edges(data=True):
            weight = finite_weight(u, v, data.get("weight"))
            switch = checked_switch(u, v, data.get("trainable", True))
            name = checked_name(u, v, data.get("shared"))
            found.append(EdgeRecord(u, v, weight, switch, name))
            if name is not None:
                other = named.setdefault(name, found[-1])
                if (other.weight, other.trainable) != (weight, switch):
                    mine, theirs = found[-1]._asdict(), other._asdict()
                    require_agreement((u, v), mine, (other.u, other.v), theirs)
    except NetworkError as error:
        raise CompileError(str(error), edge=error.edge) from None
    return sorted(found, key=lambda record: record[:2])


def label_content(neuron: Neuron, label: Any) -> Any:
    """Return a label as JSON content.

    Raises:
        FormatError: If it is none that a file can hold.
    """
    if isinstance(label, tuple):
        return [label_content(neuron, part) for part in label]
    if type(label) in (str, int, bool) or (type(label) is float and math.isfinite(label)):
        return label
    raise FormatError(
        f"neuron {neuron} has the label {short(label)} of type {type(label).__name__}, which no "
        "file can hold: expected text, a number or a tuple of such"
    )


def label_of(neuron: Neuron, content: Any) -> Any:
    """Return the label that JSON content stands for.

    Raises:
        FormatError: If it stands for none.
    """
    if isinstance(content, list | tuple):
        return tuple(label_of(neuron, part) for part in content)
    return label_content(neuron, content)


def require_built_in(network: Network, program: str) -> None:
    """Raise if a neuron has an activation that is not the library's.

    Raises:
        FormatError: The neuron is named, and the other program that has no such activation.
    """
    for t in range(1, network.depth + 1):
        for neuron in network.neurons(t):
            one = network.activation(neuron)
            if ACTIVATIONS.get(one.name) != one:
                raise FormatError(
                    f"neuron {neuron} has the activation {one.name!r}, which {program} has not: "
                    f"expected one of {sorted(ACTIVATIONS)}"
                )


def known_activations(own: Iterable[Activation]) -> dict[str, Activation]:
    """Return the activations that a file may name: the library's and a reader's own."""
    return {**ACTIVATIONS, **{resolve_activation(one).name: one for one in own}}


@paused()
def built(
    neurons: Sequence[NeuronRecord],
    edges: Iterable[tuple[Any, ...]],
    known: Mapping[str, Activation],
    preprocessing: Preprocessing | None = None,
    place: Callable[[int], str] | None = None,
) -> Network:
    """Return the network of records, every rule checked.

    Args:
        neurons: Of each layer from 0 on at least one that is not constant.
        edges: As `EdgeRecord`; of an edge without (trainable, shared) they are (True, None).
        known: The activations by name.
        preprocessing: Of the inputs and outputs.
        place: Where in the file the k-th edge stands, for messages.

    Raises:
        FormatError: If a rule is broken; the message names the neuron or edge.
    """
    if len(neurons) > MOST_NEURONS:
        raise FormatError(f"found {len(neurons)} neurons, expected at most {MOST_NEURONS}")
    rows = [edge if len(edge) == 5 else (*edge, True, None) for edge in edges]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    sources = Counted(columns[0])
    try:
        net = Network.numbered(*_layers(neurons, known))
        _require_constants(net, [one for one in neurons if one.neuron[1] == 0])
        net.add_edge_columns(sources, *columns[1:])
        for neuron, _, label in neurons:
            if label is not None:
                net.set_label(neuron, label_of(neuron, label))
        net.preprocessing = preprocessing
    except (NetworkError, DataError) as error:
        at_edge = place is not None and 0 <= sources.row < len(sources) and not net.edges
        where = f"{place(sources.row)}: " if at_edge and place else ""
        raise FormatError(f"{where}{cut(str(error), LONGEST)}") from None
    return net


def _layers(
    neurons: Sequence[NeuronRecord], known: Mapping[str, Activation]
) -> tuple[list[list[int]], list[list[Activation]]]:
    """Return the numbers and the activations of each layer's neurons."""
    for neuron, _, _ in neurons:
        if not isinstance(neuron, tuple) or len(neuron) != 2 or not _is_layer(neuron[0]):
            raise FormatError(f"found the neuron {short(neuron)}, expected (t, j) with t >= 0")
    last = max((neuron[0] for neuron, _, _ in neurons), default=0)
    if last > len(neurons):
        raise FormatError(f"found a neuron of layer {last} but no neuron of some layer before it")
    numbers: list[list[int]] = [[] for _ in range(last + 1)]
    activations: list[list[Activation]] = [[] for _ in range(last + 1)]
    for neuron, name, _ in neurons:
        t, j = neuron
        if j == 0 and type(j) is int:
            continue
        numbers[t].append(j)
        if t == 0:
            if name is not None:
                raise FormatError(
                    f"neuron {short(neuron)} has the activation {short(name)}: an input has none"
                )
            continue
        if not isinstance(name, str) or name not in known:
            raise FormatError(
                f"neuron {short(neuron)} has the activation {short(name)}, expected one of "
                f"{sorted(known)}; your own go into activations=[...]"
            )
        activations[t].append(known[name])
    return numbers, activations


class Counted(list[Any]):
    """A column that knows how far it was gone through: to the row at fault, if one is.

    Attributes:
        row: The row that was looked at last, -1 before the first.
    """

    row: int = -1

    def __iter__(self) -> Iterator[Any]:
        for self.row, one in enumerate(super().__iter__()):
            yield one


def _require_constants(net: Network, records: Sequence[NeuronRecord]) -> None:
    """Raise if a record of a constant neuron is of one that there is not, or the second of one."""
    met: set[Neuron] = set()
    for neuron, name, _ in records:
        if neuron not in net.nodes:
            raise NetworkError(f"there is no neuron {neuron}: the output layer has no constant one")
        if neuron in met:
            raise NetworkError(f"neuron {neuron} exists already: it is there twice")
        if name is not None:
            raise NetworkError(
                f"neuron {neuron} has the activation {short(name)}: a constant neuron has none"
            )
        met.add(neuron)


def _is_layer(t: Any) -> bool:
    return type(t) is int and t >= 0


def as_edge(u: Any, v: Any) -> Edge:
    """Return an edge's ends as pairs of pairs where a file had lists."""
    return tuple(u) if isinstance(u, list) else u, tuple(v) if isinstance(v, list) else v
