"""`Parts`: a network taken apart, changed as plain data, and put together as another network."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from graphnn.collector import paused
from graphnn.errors import NetworkError
from graphnn.functions.activations import Activation
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.network import Network, require_network
from graphnn.graph.rules import absent
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["Attributes", "Parts", "whole_number"]

Attributes = dict[str, Any]

OF_EDGES = ("weight", "trainable", "shared")
"""The attributes that `Network.add_edge` takes; others were added through networkx."""

OF_NEURONS = ("layer", "activation", "label")
"""Likewise of neurons."""


@dataclass
class Parts:
    """The neurons and edges of a network, which may be changed freely before it is built.

    Attributes:
        depth: T, the number of the output layer.
        neurons: Every neuron, the constant ones included, with its attributes.
        edges: Every edge with its attributes.
        graph: The attributes of the whole graph.
    """

    depth: int
    neurons: dict[Neuron, Attributes]
    edges: dict[Edge, Attributes]
    graph: Attributes

    @classmethod
    @paused()
    def of(cls, net: Network) -> Parts:
        """Take a network apart; it is only read.

        Raises:
            NetworkError: If it is no network, or was broken through calls of networkx.
        """
        require_network(net)
        net.require_layered()
        for t in range(1, net.depth + 1):
            for neuron in net.neurons(t):
                net.activation(neuron)
        graph = net.graph
        edges = {(u, v): dict(attributes) for u, v, attributes in graph.edges(data=True)}
        for (u, v), attributes in edges.items():
            if "weight" not in attributes:
                raise NetworkError(f"edge {edge_name(u, v)} has lost its weight", edge=(u, v))
        neurons = {neuron: dict(attributes) for neuron, attributes in graph.nodes(data=True)}
        return cls(net.depth, neurons, edges, dict(graph.graph))

    @paused()
    def network(self, preprocessing: Preprocessing | None = None) -> Network:
        """Put the parts together as a new network.

        Raises:
            NetworkError: If a rule of the layered graph is broken.
        """
        numbers: list[list[int]] = [[] for _ in range(self.depth + 1)]
        activations: list[list[Activation]] = [[] for _ in range(self.depth + 1)]
        for (t, j), attributes in sorted(self.neurons.items(), key=lambda item: item[0]):
            if j > 0:
                numbers[t].append(j)
                activations[t] += [attributes["activation"]] if t else []
        net = Network.numbered(numbers, activations)
        edges = self.edges.values()
        net.add_edge_columns(
            [u for u, _ in self.edges],
            [v for _, v in self.edges],
            [edge["weight"] for edge in edges],
            [edge.get("trainable", True) for edge in edges],
            [edge.get("shared") for edge in edges],
        )
        for neuron, attributes in self.neurons.items():
            if attributes.get("label") is not None:
                net.set_label(neuron, attributes["label"])
            net.nodes[neuron].update(_without(attributes, OF_NEURONS))
        for (u, v), edge in self.edges.items():
            if len(edge) > len(OF_EDGES):
                net.edges[u, v].update(_without(edge, OF_EDGES))
        net.graph.graph.update(self.graph)
        if preprocessing is not None:
            net.preprocessing = preprocessing
        return net

    def edge(self, u: Neuron, v: Neuron) -> Edge:
        """Return an edge as pairs of plain ints if it exists.

        Raises:
            NetworkError: If it, or one of its neurons, does not exist.
        """
        edge = self.neuron(u), self.neuron(v)
        if edge not in self.edges:
            raise absent(*edge)
        return edge

    def neuron(self, neuron: Neuron) -> Neuron:
        """Return a neuron as a pair of plain ints if it exists.

        Raises:
            NetworkError: If it does not.
        """
        try:
            known = neuron in self.neurons
        except TypeError:
            known = False
        if not known:
            raise NetworkError(
                f"there is no neuron {neuron!r}: expected a pair (t, j) of the network, as layer t "
                f"of 0..{self.depth} and number j, 0 for the constant neuron",
                node=neuron,
            )
        return int(neuron[0]), int(neuron[1])

    def layer(self, t: int) -> list[Neuron]:
        """Return the neurons of a layer in ascending order, without the constant neuron."""
        return sorted(neuron for neuron in self.neurons if neuron[0] == t and neuron[1] > 0)

    def free(self, t: int) -> Neuron:
        """Return the first neuron behind a layer's last one."""
        return t, max(j for layer, j in self.neurons if layer == t) + 1

    def into(self, t: int) -> dict[Neuron, list[Edge]]:
        """Return the edges into each neuron of a layer, in the order of their sources."""
        found: dict[Neuron, list[Edge]] = {neuron: [] for neuron in self.layer(t)}
        for edge in sorted(edge for edge in self.edges if edge[1][0] == t):
            found[edge[1]].append(edge)
        return found

    def out_of(self, t: int) -> dict[Neuron, list[Edge]]:
        """Return the edges out of each neuron of a layer, in the order of their targets."""
        found: dict[Neuron, list[Edge]] = {neuron: [] for neuron in [(t, 0), *self.layer(t)]}
        for edge in sorted(edge for edge in self.edges if edge[0][0] == t):
            found[edge[0]].append(edge)
        return found

    def moved(self, place: Callable[[Neuron], Neuron]) -> Parts:
        """Return the parts with every neuron at another place."""
        neurons = {place(neuron): attributes for neuron, attributes in self.neurons.items()}
        edges = {(place(u), place(v)): attributes for (u, v), attributes in self.edges.items()}
        depth = max(t for t, _ in neurons)
        return Parts(depth, neurons, edges, self.graph)

    def only(self, kept: Container[Neuron]) -> Parts:
        """Return the parts of chosen neurons and of the edges between them.

        Constant neurons stay, and in a layer of which nothing stays the first neuron, without
        edges: a layer needs one.
        """
        edges = {edge: self.edges[edge] for edge in self.edges if _inside(edge, kept)}
        neurons = {n: self.neurons[n] for n in self.neurons if n[1] == 0 or n in kept}
        filled = {t for t, j in neurons if j > 0}
        for t in range(self.depth + 1):
            if t not in filled:
                first = self.layer(t)[0]
                neurons[first] = self.neurons[first]
        return Parts(self.depth, neurons, edges, self.graph)


def whole_number(name: str, number: object, least: int, most: int, note: str) -> int:
    """Return an argument that is a whole number within bounds.

    Raises:
        NetworkError: It says what was found.
    """
    fine = isinstance(number, Integral) and not isinstance(number, bool)
    if not fine or not least <= int(number) <= most:  # type: ignore[call-overload]
        raise NetworkError(
            f"{name} is {number!r}, expected a whole number from {least} to {most}: {note}"
        )
    return int(number)  # type: ignore[call-overload,no-any-return]


def _inside(edge: Edge, kept: Container[Neuron]) -> bool:
    u, v = edge
    return (u[1] == 0 or u in kept) and v in kept


def _without(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Attributes:
    return {name: value for name, value in attributes.items() if name not in names}
