"""`compile` and `store`: nothing else crosses between graph and arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from graphnn.errors import CompileError, NetworkError
from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.graph.groups import checked_name, checked_switch, require_agreement
from graphnn.graph.network import Network
from graphnn.graph.rules import finite_weight
from graphnn.program.program import Layer, Program
from graphnn.types import Edge, IntArray, Neuron, edge_name

__all__ = ["compile", "store"]


def compile(network: Network, dtype: DTypeLike = np.float64) -> Program:
    """Lower a network to a `Program`, checking the whole graph.

    Args:
        network: The network; it is only read.
        dtype: float64, or float32 for the matrix engine.

    Returns:
        The program; `store` brings its parameters back to the network's edges.

    Raises:
        CompileError: If a weight or an activation was replaced, through networkx's own attribute
            dictionaries, by something that is none; the neuron or edge is named.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network([1, 1], activation="identity")
        >>> net.add_edge((0, 0), (1, 1), weight=0.5)
        >>> net.add_edge((0, 1), (1, 1), weight=2.0)
        >>> gn.compile(net).matrices()[0]
        array([[0.5],
               [2. ]])
    """
    if not isinstance(network, Network):
        raise CompileError(f"found a {type(network).__name__}, expected a graphnn Network")
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise CompileError(f"dtype is {kind}, expected float64 or float32")
    try:
        network.require_layered()
    except NetworkError as error:
        raise CompileError(str(error), node=error.node, edge=error.edge) from None
    neurons = tuple(network.neurons(t) for t in range(network.depth + 1))
    layers: list[Layer] = []
    numbering, successors = _Numbering(), dict(network.graph.adjacency())
    for t in range(1, network.depth + 1):
        edges = _edges(successors, neurons[t - 1], neurons[t], numbering)
        rows = len(neurons[t - 1]) + 1
        layers.append(Layer(*edges, rows, _activations(network, neurons[t])))
    with np.errstate(over="ignore"):
        theta = np.array(numbering.weights, dtype=np.float64).astype(kind)
    if not np.isfinite(theta).all():
        raise CompileError(f"a weight is beyond the range of {kind}: compile to float64")
    trainable = np.array(numbering.trainable, dtype=np.bool_)
    program = Program(tuple(layers), theta, trainable, neurons, network.version, network.identity)
    return program if trainable.all() else replace(program, layers=tuple(_with_relays(program)))


def store(program: Program, network: Network) -> Program:
    """Write a program's parameters back to the edges of the network that it was compiled from.

    Returns:
        The program at the network's new version.

    Raises:
        CompileError: If the network was edited since, or is another one, or a parameter is not
            finite; nothing is written then.
    """
    if program.origin != network.identity:
        raise CompileError(
            "the program was compiled from another network (a copy is another one): compile this "
            "one, or store into that one"
        )
    if program.version != network.version:
        raise CompileError(
            f"the program was compiled at version {program.version} of its network, which is now "
            f"at version {network.version}: it was edited since; compile it again"
        )
    if not np.isfinite(program.theta).all():
        k = int(np.flatnonzero(~np.isfinite(program.theta))[0])
        raise CompileError(f"theta[{k}] is {program.theta[k]}: every weight must be finite")
    weights = program.theta[program.parameters].tolist()
    attributes: list[dict[str, Any]] = []
    successors = dict(network.graph.adjacency())
    try:
        for t, layer in enumerate(program.layers, start=1):
            rows = ((t - 1, 0), *program.neurons[t - 1])
            columns = program.neurons[t]
            for i, j in zip(layer.sources.tolist(), layer.targets.tolist(), strict=True):
                attributes.append(successors[rows[i]][columns[j]])
    except KeyError as error:
        raise CompileError(
            f"the network has other neurons or edges than the program ({error.args[0]} is absent): "
            "it is not the one that the program was compiled from"
        ) from None
    if len(attributes) != network.graph.number_of_edges():
        raise CompileError(
            f"the network has {network.graph.number_of_edges()} edges and the program "
            f"{len(attributes)}: it is not the one that the program was compiled from"
        )
    network._write(attributes, weights)  # noqa: SLF001 - the one bridge back
    return replace(program, version=network.version)


@dataclass
class _Numbering:
    """The parameters so far: their weights, whether they are trainable, and who shares them."""

    weights: list[float] = field(default_factory=list)
    trainable: list[bool] = field(default_factory=list)
    named: dict[str, tuple[int, Edge, dict[str, Any]]] = field(default_factory=dict)

    def add(self, weights: Sequence[float], trainable: Sequence[bool]) -> IntArray:
        """Return the numbers of new parameters."""
        first = len(self.weights)
        self.weights += weights
        self.trainable += trainable
        return np.arange(first, len(self.weights), dtype=np.intp)

    def number(self, edge: Edge, weight: float, trainable: bool, name: str | None) -> int:
        """Return the number of an edge's parameter, which may be that of others of its name.

        Raises:
            NetworkError: If another edge of the name has another weight or is otherwise trainable.
        """
        attributes = {"weight": weight, "trainable": trainable, "shared": name}
        if name is not None and name in self.named:
            number, first, others = self.named[name]
            require_agreement(edge, attributes, first, others)
            return number
        number = int(self.add([weight], [trainable])[0])
        if name is not None:
            self.named[name] = number, edge, attributes
        return number


def _edges(
    successors: Mapping[Neuron, Mapping[Neuron, Mapping[str, Any]]],
    below: tuple[Neuron, ...],
    above: tuple[Neuron, ...],
    numbering: _Numbering,
) -> tuple[IntArray, IntArray, IntArray]:
    """Return rows, columns and parameters of the edges between two layers, sorted by (i, j)."""
    column = {neuron: index for index, neuron in enumerate(above)}
    layer = ((below[0][0], 0), *below)
    sources: list[int] = []
    targets: list[int] = []
    found: list[tuple[float, bool, str | None]] = []
    take = itemgetter("weight", "trainable", "shared")
    for row, u in enumerate(layer):
        out = successors[u]
        try:
            found += map(take, out.values())
        except KeyError:
            found += [_attributes(u, v, attributes) for v, attributes in out.items()]
        targets += [column[v] for v in out]
        sources += [row] * len(out)
    rows, columns = np.array(sources, dtype=np.intp), np.array(targets, dtype=np.intp)
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    found = [found[k] for k in order.tolist()]
    weights, trainable, names = map(list, zip(*found, strict=True)) if found else ([], [], [])
    plain = set(map(type, weights)) <= {float} and set(map(type, trainable)) <= {bool}
    if plain and set(names) <= {None} and all(map(math.isfinite, weights)):
        return rows, columns, numbering.add(weights, trainable)
    parameters = []
    for row, j, (weight, switch, name) in zip(rows.tolist(), columns.tolist(), found, strict=True):
        u, v = layer[row], above[j]
        try:
            checked = checked_switch(u, v, switch), checked_name(u, v, name)
            parameters.append(numbering.number((u, v), _weight(u, v, weight), *checked))
        except NetworkError as error:
            raise CompileError(str(error), edge=error.edge) from None
    return rows, columns, np.array(parameters, dtype=np.intp)


def _with_relays(program: Program) -> Iterator[Layer]:
    """Yield the layers with the columns of neurons that only hand on another one's value."""
    uses = np.bincount(program.parameters, minlength=len(program.theta))
    copying = ~program.trainable & (program.theta == 1) & (uses == 1)
    for layer in program.layers:
        alone = np.bincount(layer.targets, minlength=layer.columns)[layer.targets] == 1
        handed = layer.targets[copying[layer.parameters] & alone & (layer.sources > 0)]
        identity = ACTIVATIONS["identity"]
        relays = (j for j in sorted(handed.tolist()) if layer.activations[j] == identity)
        yield replace(layer, relays=tuple(relays))


def _attributes(u: Neuron, v: Neuron, attributes: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return what an edge has that lost an attribute through calls of networkx."""
    if "weight" not in attributes:
        raise CompileError(f"edge {edge_name(u, v)} has lost its weight", edge=(u, v))
    return attributes["weight"], attributes.get("trainable", True), attributes.get("shared")


def _weight(u: Neuron, v: Neuron, weight: object) -> float:
    """Return an edge's weight as a float."""
    try:
        return finite_weight(u, v, weight)
    except NetworkError as error:
        raise NetworkError(f"{error}; set_weight gives it one", edge=error.edge) from None


def _activations(network: Network, neurons: tuple[Neuron, ...]) -> tuple[Activation, ...]:
    try:
        return tuple(network.activation(neuron) for neuron in neurons)
    except NetworkError as error:
        raise CompileError(str(error), node=error.node) from None
