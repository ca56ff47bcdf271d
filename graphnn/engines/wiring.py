"""`Wiring`: the neurons and edges of a graph, sorted into the order of the computation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphnn.functions.activations import Activation
from graphnn.graph.groups import checked_name, checked_switch, require_agreement
from graphnn.graph.network import Network, require_network
from graphnn.graph.rules import finite_weight
from graphnn.types import Edge, Neuron

__all__ = ["Parameter", "Unit", "Wiring", "wire"]


# With slots, since the engine's loops read the attributes of every neuron.
@dataclass(frozen=True, slots=True)
class Unit:
    """A neuron of layer 1..T with its edges; an edge is its attribute dictionary in the graph.

    Its sums start at zero, a number of the kind that the weights are.
    """

    neuron: Neuron
    activation: Activation
    incoming: list[tuple[Neuron, dict[str, Any]]]
    outgoing: list[tuple[Neuron, dict[str, Any]]]
    zero: float = 0.0


class Parameter(NamedTuple):
    """A weight with the edges that carry it, (u, v, attributes) in (t, i, j) order: one or more."""

    edges: list[tuple[Neuron, Neuron, dict[str, Any]]]
    trainable: bool

    @property
    def weight(self) -> float:
        """The weight."""
        weight: float = self.edges[0][2]["weight"]
        return weight

    def move(self, weight: float) -> None:
        """Put another weight on all the edges."""
        for _, _, edge in self.edges:
            edge["weight"] = weight

    @property
    def is_of_constants(self) -> bool:
        """Whether its first edge is a constant neuron's."""
        return self.edges[0][0][1] == 0


@dataclass(frozen=True)
class Wiring:
    """The neurons and edges of a network in the order of the computation.

    Attributes:
        inputs: The neurons of layer 0.
        constants: The constant neurons.
        layers: The units of layers 1..T.
        edges: All edges (u, v, attributes) in (t, i, j) order.
        parameters: The weights, in the order of their first edges.
        zero: What sums start at, and
        one: the constant neurons' value, in the kind of numbers that the weights are.
    """

    inputs: tuple[Neuron, ...]
    constants: tuple[Neuron, ...]
    layers: list[list[Unit]]
    edges: list[tuple[Neuron, Neuron, dict[str, Any]]]
    parameters: list[Parameter]
    zero: float = 0.0
    one: float = 1.0

    def weights(self) -> list[float]:
        """Return the parameters' weights, in theta's order."""
        return [parameter.weight for parameter in self.parameters]

    def by_edge(self, numbers: Sequence[float]) -> dict[Edge, float]:
        """Return each edge's number from one for each parameter."""
        of = {
            (u, v): number
            for parameter, number in zip(self.parameters, numbers, strict=True)
            for u, v, _ in parameter.edges
        }
        return {(u, v): of[u, v] for u, v, _ in self.edges}

    @property
    def shared(self) -> dict[Edge, str]:
        """The name of each edge that shares its weight."""
        return {(u, v): edge["shared"] for u, v, edge in self.edges if edge.get("shared")}

    def place(self, weights: Sequence[float]) -> None:
        """Put weights, in the same order, on the edges."""
        for parameter, weight in zip(self.parameters, weights, strict=True):
            parameter.move(weight)


def wire(network: Network) -> Wiring:
    """Read the graph once, its edges sorted, its attributes checked.

    Raises:
        NetworkError: If it is no network, or a weight or activation was replaced through networkx
            by something wrong.
    """
    require_network(network)
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
    return Wiring(network.neurons(0), constants, layers, edges, _parameters(edges))


def _parameters(edges: Iterable[tuple[Neuron, Neuron, dict[str, Any]]]) -> list[Parameter]:
    """Return the weights of edges, those that share one together.

    Raises:
        NetworkError: If edges of one shared name differ in weight or in being trainable.
    """
    parameters: list[Parameter] = []
    named: dict[str, Parameter] = {}
    for u, v, attributes in edges:
        trainable = checked_switch(u, v, attributes.get("trainable", True))
        name = checked_name(u, v, attributes.get("shared"))
        if name in named:
            first, _, others = named[name].edges[0]
            require_agreement((u, v), attributes, (first, named[name].edges[0][1]), others)
            named[name].edges.append((u, v, attributes))
            continue
        parameters.append(Parameter([(u, v, attributes)], trainable))
        if name is not None:
            named[name] = parameters[-1]
    return parameters
