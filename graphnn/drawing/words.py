"""`Words`: what stands in neurons, on edges and over layers, and what they say when pointed at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphnn.drawing.layout import Column
from graphnn.drawing.letters import one_line, printable, short_exponent, subscript
from graphnn.engines.trace import Trace
from graphnn.graph.network import Network
from graphnn.tables import shown
from graphnn.types import Edge, Neuron

__all__ = ["Words", "is_one", "number_text", "signed"]

MOST_LETTERS = 7
"""So much of a label or a shared name is written; pointing at it shows all of it."""


@dataclass(frozen=True)
class Words:
    """The texts of a picture.

    Attributes:
        network: The network.
        trace: A sample's numbers, or None.
        on_neurons: Numbers of neurons under their names.
        on_edges: Numbers of edges under their names, in place of the weights.
    """

    network: Network
    trace: Trace | None
    on_neurons: Mapping[str, Mapping[Neuron, float]]
    on_edges: Mapping[str, Mapping[Edge, float]]

    def lines(self, neuron: Neuron) -> Sequence[str]:
        """Return the lines written into a neuron: its name and its numbers."""
        t, j = neuron
        letter = "x" if t == 0 else "y" if t == self.network.depth else "v"
        label = self.network.nodes[neuron].get("label")
        name = "" if label is None else one_line(str(label), MOST_LETTERS)
        name = "1" if j == 0 else name or letter + subscript(j)
        if self.on_neurons:
            found = [of[neuron] for of in self.on_neurons.values()
                     if neuron in of and not is_one(neuron, of)]  # fmt: skip
            return [name, *map(number_text, found)]
        if self.trace is None or j == 0:
            return [name]
        return [name, number_text(self.trace.v[neuron])]

    def label(self, edge: Edge, found: Mapping[str, Any]) -> str:
        """Return what is written on an edge."""
        numbers = [of[edge] for of in self.on_edges.values() if edge in of]
        if not self.on_edges:
            numbers = [found["weight"]]
        text = " | ".join(map(signed, numbers))
        shared = found.get("shared")
        return f"{text} {one_line(shared, MOST_LETTERS)}" if shared else text

    def heading(self, t: int, column: Column, handing_on: Collection[Neuron]) -> str:
        """Return what stands over a layer; relays do not count for its activation."""
        net = self.network
        count = f", {len(net.neurons(t)):,} neurons" if None in column else ""
        if t == 0:
            return f"input{count}"
        neurons = [n for n in net.neurons(t) if n not in handing_on] or net.neurons(t)
        names = list(dict.fromkeys(net.activation(n).name for n in neurons))
        activation = one_line(names[0], 30) if len(names) == 1 else "mixed"
        number = "" if net.depth == 2 else f" {t}"
        layer = "output" if t == net.depth else f"hidden{number}"
        return f"{layer} ({activation}){count}"

    def neuron(self, neuron: Neuron) -> str:
        """Return a neuron's name, activation and numbers."""
        if neuron[1] == 0:
            return f"constant neuron {neuron}: v = 1"
        text = f"neuron {neuron}"
        label = self.network.nodes[neuron].get("label")
        if label is not None:
            text += f", {label}"
        if neuron[0] > 0:
            text += f", {self.network.activation(neuron).name}"
        if neuron in self._names:
            text += f", {self._names[neuron]}"
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

    def summary(self, drawn: int) -> str:
        """Return a sentence about the network, of which so many edges are drawn."""
        net = self.network
        edges = net.graph.number_of_edges()
        part = "" if drawn == edges else f", of which {drawn:,} are shown"
        return (
            f"A layered network of depth {net.depth}: layers of "
            f"{', '.join(f'{d:,}' for d in net.layers)} neurons, each layer but the last with a "
            f"constant neuron; {edges:,} edges{part}."
        )

    @cached_property
    def _names(self) -> Mapping[Neuron, str]:
        """What the data call the inputs and outputs, where that is known."""
        known, names = self.network.preprocessing, dict[Neuron, str]()
        if known is None:
            return names
        if known.features:
            end = f", {known.inputs.word}" if known.inputs else ""
            features = (feature + end for feature in known.features)
            names |= zip(self.network.neurons(0), features, strict=True)
        outputs = self.network.neurons(self.network.depth)
        if known.labels and len(outputs) > 1:
            names |= zip(outputs, map(str, known.labels.classes), strict=True)
        return names


def is_one(neuron: Neuron, numbers: Mapping[Neuron, float]) -> bool:
    """Return whether that is the value 1 of a constant neuron, which is written there anyway."""
    return neuron[1] == 0 and numbers[neuron] == 1


def number_text(v: Any) -> str:
    """Write a value in few characters; a number that is no float as `shown` has it, cut short."""
    if not isinstance(v, float | int):
        return one_line(shown(v, 3), MOST_LETTERS)
    if v != 0 and abs(v) < 0.005:
        return short_exponent(f"{v:.0e}")
    return f"{v:.2f}" if abs(v) < 1000 else short_exponent(f"{v:.1e}")


def signed(weight: float) -> str:
    """Write a weight in few characters: two decimals, or an exponent where those say nothing."""
    if weight == 0 or 0.005 <= abs(weight) < 1000:
        return f"{weight:+.2f}"
    return short_exponent(f"{weight:+.{0 if abs(weight) < 1 else 1}e}")
