"""Neurons without use taken away: those that lead to no output, and those that no input reaches."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from graphnn.graph.network import Network
from graphnn.graph.surgery.parts import Attributes, Parts
from graphnn.types import Edge, Neuron

__all__ = ["remove_dead"]


def remove_dead(net: Network) -> Network:
    """Remove the hidden neurons that make no difference, so that the network computes the same.

    Two kinds go, with their edges. A neuron from which no path leads to an output adds nothing to
    one. A neuron that no path from an input reaches has a constant value: its weight times that
    value is added to the edge from the constant neuron to each of its targets, which is added where
    there is none; that agrees up to rounding, and to the last bit if no neuron of this kind goes.
    Such a neuron stays where it cannot be folded in that way: where the constant neuron's edge
    shares its weight with others, or one of the two edges is trainable and the other is not.

    Inputs and outputs stay, so data fit as before. Other neurons keep their numbers. A layer needs
    one neuron: where none is of use its first one stays, without edges.

    An edge of weight 0 is an edge: what it reaches is not dead.

    Args:
        net: The network.

    Returns:
        The new network.

    Raises:
        NetworkError: If the network was broken through calls of networkx.

    Example:
        >>> net = Network([1, 3, 1], activation="identity")
        >>> net.add_edge((0, 1), (1, 1), 1.0)  # leads to no output
        >>> net.add_edge((0, 0), (1, 2), 2.0)  # no input reaches (1, 2)
        >>> net.add_weighted_edges_from([((1, 2), (2, 1), 0.5), ((1, 3), (2, 1), 7.0)])
        >>> net.add_edge((0, 1), (1, 3), 1.0)
        >>> alive = remove_dead(net)
        >>> alive.neurons(1), alive.edges[(1, 0), (2, 1)]["weight"]
        (((1, 3),), 1.0)
    """
    parts = Parts.of(net)
    useful = _useful(parts)
    kept = useful | {neuron for neuron in parts.neurons if neuron[0] in (0, parts.depth)}
    folding = _Folding(parts, kept, _constants(parts))
    for t in range(parts.depth - 1, 0, -1):
        for neuron in parts.layer(t):
            folding.fold(neuron)
    parts.edges |= folding.added
    return parts.only(folding.kept).network(net.preprocessing)


def _useful(parts: Parts) -> set[Neuron]:
    """Return the neurons from which a path leads to an output, the outputs among them."""
    found = set(parts.layer(parts.depth))
    for t in range(parts.depth, 0, -1):
        for neuron, edges in parts.into(t).items():
            if neuron in found:
                found |= {u for u, _ in edges}
    return found


def _constants(parts: Parts) -> dict[Neuron, float]:
    """Return the value of each neuron that no path from an input reaches."""
    values = {neuron: 1.0 for neuron in parts.neurons if neuron[1] == 0}
    for t in range(1, parts.depth + 1):
        for neuron, edges in parts.into(t).items():
            if all(u in values for u, _ in edges):
                a = 0.0
                for edge in edges:
                    a = a + parts.edges[edge]["weight"] * values[edge[0]]
                if math.isfinite(a):  # Else what the activation says is no promise.
                    values[neuron] = float(parts.neurons[neuron]["activation"].value(a))
    return values


@dataclass
class _Folding:
    """Constant values on their way into the edges of constant neurons.

    Attributes:
        parts: The network's.
        kept: The neurons that stay so far.
        values: The constant neurons' values, and those of neurons that no input reaches.
        added: The edges from constant neurons with what was folded in.
    """

    parts: Parts
    kept: set[Neuron]
    values: dict[Neuron, float]
    added: dict[Edge, Attributes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (attributes.get("shared") for attributes in self.parts.edges.values())
        self.uses = Counter(name for name in names if name is not None)
        self.out = {
            neuron: edges
            for t in range(1, self.parts.depth)
            for neuron, edges in self.parts.out_of(t).items()
        }

    def fold(self, neuron: Neuron) -> None:
        """Let a neuron go if it is constant and can be folded; those behind it were asked before.

        Targets that go themselves are told nothing: their own value is known.
        """
        if neuron not in self.kept or neuron not in self.values:
            return
        changed: dict[Edge, Attributes] = {}
        for u, v in self.out[neuron]:
            if v in self.kept:
                folded = self._folded((u, v))
                if folded is None:
                    return
                changed[(u[0], 0), v] = folded
        self.added |= changed
        self.kept.remove(neuron)

    def _folded(self, edge: Edge) -> Attributes | None:
        """Return the attributes of the constant neuron's edge beside this one, or None."""
        u, v = edge
        bias = (u[0], 0), v
        attributes = self.parts.edges[edge]
        trainable = attributes.get("trainable", True)
        found = self.added.get(bias) or self.parts.edges.get(bias)
        before = {"weight": 0.0, "trainable": trainable} if found is None else found
        weight = before["weight"] + attributes["weight"] * self.values[u]
        tied = self.uses[before.get("shared")] > 1
        if tied or before.get("trainable", True) != trainable or not math.isfinite(weight):
            return None
        return before | {"weight": weight}
