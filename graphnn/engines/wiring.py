"""`Wiring`: the neurons and edges of a graph, sorted into the order of the computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.graph.rules import finite_weight
from graphnn.types import Neuron

__all__ = ["Unit", "Wiring", "wire"]


class Unit(NamedTuple):
    """A neuron of layer 1..T with its edges; an edge is its attribute dictionary in the graph."""

    neuron: Neuron
    activation: Activation
    incoming: list[tuple[Neuron, dict[str, Any]]]
    outgoing: list[tuple[Neuron, dict[str, Any]]]


@dataclass(frozen=True)
class Wiring:
    """The neurons and edges of a network in the order of the computation.

    Attributes:
        inputs: The neurons of layer 0.
        constants: The constant neurons.
        layers: The units of layers 1..T.
        edges: All edges (u, v, attributes) in (t, i, j) order.
    """

    inputs: tuple[Neuron, ...]
    constants: tuple[Neuron, ...]
    layers: list[list[Unit]]
    edges: list[tuple[Neuron, Neuron, dict[str, Any]]]

    def weights(self) -> list[float]:
        """Return the weights in (t, i, j) order, which is also theta's."""
        return [edge["weight"] for _, _, edge in self.edges]

    def place(self, weights: Sequence[float]) -> None:
        """Put weights, in the same order, on the edges."""
        for (_, _, edge), weight in zip(self.edges, weights, strict=True):
            edge["weight"] = weight


def wire(network: Network) -> Wiring:
    """Read the graph once, its edges sorted, its attributes checked.

    Raises:
        NetworkError: If a weight or activation was replaced through networkx by something wrong.
    """
    network.require_layered()
    graph = network.graph
    edges = sorted(graph.edges(data=True), key=lambda edge: edge[:2])
    incoming: dict[Neuron, list[tuple[Neuron, dict[str, Any]]]] = {n: [] for n in graph}
    outgoing: dict[Neuron, list[tuple[Neuron, dict[str, Any]]]] = {n: [] for n in graph}
    for u, v, attributes in edges:
        # Another kind of number, put there through networkx, becomes the float that it stands for.
        attributes["weight"] = finite_weight(u, v, attributes.get("weight"))
        incoming[v].append((u, attributes))
        outgoing[u].append((v, attributes))
    layers = [
        [Unit(n, network.activation(n), incoming[n], outgoing[n]) for n in network.neurons(t)]
        for t in range(1, network.depth + 1)
    ]
    constants = tuple((t, 0) for t in range(network.depth))
    return Wiring(network.neurons(0), constants, layers, edges)
