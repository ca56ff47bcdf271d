"""`compile` and `store`: nothing else crosses between graph and arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from graphnn.errors import CompileError, NetworkError
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.graph.rules import finite_weight
from graphnn.program.program import Layer, Program
from graphnn.types import IntArray, Neuron, edge_name

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
    weights: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    offset = 0
    for t in range(1, network.depth + 1):
        sources, targets, layer_weights = _edges(network, neurons[t - 1], neurons[t])
        parameters = np.arange(offset, offset + len(sources), dtype=np.intp)
        offset += len(sources)
        weights.append(layer_weights)
        rows = len(neurons[t - 1]) + 1
        layers.append(Layer(sources, targets, parameters, rows, _activations(network, neurons[t])))
    with np.errstate(over="ignore"):
        theta = np.concatenate(weights).astype(kind)
    if not np.isfinite(theta).all():
        raise CompileError(f"a weight is beyond the range of {kind}: compile to float64")
    return Program(tuple(layers), theta, neurons, network.version, network.identity)


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
    weights = program.theta.tolist()
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


def _edges(
    network: Network, below: tuple[Neuron, ...], above: tuple[Neuron, ...]
) -> tuple[IntArray, IntArray, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return rows, columns and weights of the edges between two layers, sorted by (i, j)."""
    column = {neuron: index for index, neuron in enumerate(above)}
    successors = dict(network.graph.adjacency())
    sources: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    take = itemgetter("weight")
    for row, u in enumerate(((below[0][0], 0), *below)):
        out = successors[u]
        try:
            if any(len(attributes) > 1 for attributes in out.values()):
                _refuse_attributes(u, out)
            weights += map(take, out.values())
        except KeyError:
            v = next(v for v, attributes in out.items() if "weight" not in attributes)
            raise CompileError(f"edge {edge_name(u, v)} has lost its weight", edge=(u, v)) from None
        targets += [column[v] for v in out]
        sources += [row] * len(out)
    if set(map(type, weights)) - {float} or not all(map(math.isfinite, weights)):
        weights = _checked(successors, below)
    rows, columns = np.array(sources, dtype=np.intp), np.array(targets, dtype=np.intp)
    order = np.lexsort((columns, rows))
    return rows[order], columns[order], np.array(weights, dtype=np.float64)[order]


def _refuse_attributes(u: Neuron, out: Mapping[Neuron, Mapping[str, Any]]) -> None:
    """Raise for an attribute that means something and that no engine here does."""
    for v, attributes in out.items():
        if attributes.get("trainable", True) is not True or attributes.get("shared") is not None:
            raise CompileError(
                f"edge {edge_name(u, v)} is marked as not trainable or shared, which no engine "
                "does yet: remove the attribute",
                edge=(u, v),
            )


def _checked(
    successors: Mapping[Neuron, Mapping[Neuron, Mapping[str, Any]]], below: tuple[Neuron, ...]
) -> list[float]:
    """Return the weights below a layer as floats, or raise for the first that is none."""
    try:
        return [
            finite_weight(u, v, attributes["weight"])
            for u in ((below[0][0], 0), *below)
            for v, attributes in successors[u].items()
        ]
    except NetworkError as error:
        raise CompileError(f"{error}; set_weight gives it one", edge=error.edge) from None


def _activations(network: Network, neurons: tuple[Neuron, ...]) -> tuple[Activation, ...]:
    try:
        return tuple(network.activation(neuron) for neuron in neurons)
    except NetworkError as error:
        raise CompileError(str(error), node=error.node) from None
