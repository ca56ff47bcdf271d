"""The node engine's update: one edge at a time, in (t, i, j) order.

The order of what happens to an edge is a promise: the mean gradient, the derivatives of penalties
in the user's order, clipping, the optimiser, proximal steps, and at last the norm of each neuron's
weights.

Source: lecture, "Backpropagation Algorithm" and "Regularized NN"; each rule's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphnn.engines.rules import Numbers, Rules, counts
from graphnn.engines.wiring import Wiring

__all__ = ["Memory", "descend"]


@dataclass
class Memory:
    """What an optimiser remembers.

    Attributes:
        slots: The numbers of each edge, in (t, i, j) order.
        counters: The numbers of the run.
    """

    slots: list[Numbers]
    counters: Numbers

    @classmethod
    def first(cls, wiring: Wiring, rules: Rules) -> Memory:
        """Return what is remembered before the first update."""
        slots = tuple(rules.optimizer.slots().values())
        return cls([slots] * len(wiring.edges), tuple(rules.optimizer.counters().values()))


def descend(
    wiring: Wiring, gradient: Sequence[float], eta: float, rules: Rules, memory: Memory
) -> None:
    """Move every weight once.

    Args:
        wiring: The edges, whose weights are changed in place.
        gradient: The mean gradient of each edge.
        eta: The learning rate.
        rules: The optimiser and the regularisers.
        memory: What the optimiser remembers, changed in place.
    """
    optimizer = rules.optimizer
    memory.counters = optimizer.tick(memory.counters)
    step = (eta, *memory.counters)
    changed = whole_gradient(wiring, gradient, rules)
    for k, (g, (i, _, edge)) in enumerate(zip(changed, wiring.edges, strict=True)):
        w, memory.slots[k] = optimizer.update(edge["weight"], g, memory.slots[k], step)
        for rule in rules.proximals:
            if counts(rule, constant=i[1] == 0):
                w = rule.proximal(w, eta)
        edge["weight"] = w
    for rule in rules.projections:
        project(wiring, rule)


def whole_gradient(wiring: Wiring, gradient: Sequence[float], rules: Rules) -> list[float]:
    """Return the objective's gradient, clipped, from the loss's."""
    found = []
    for mean, (i, _, edge) in zip(gradient, wiring.edges, strict=True):
        g = mean
        for rule in rules.penalties:
            if counts(rule, constant=i[1] == 0):
                g = g + rule.derivative(edge["weight"])
        for rule in rules.clips:
            g = rule.clip(g)
        found.append(g)
    for rule in rules.scalings:
        squares = 0.0
        for g in found:
            squares = squares + g * g
        factor = rule.gradient_factor(squares)
        found = [g * factor for g in found]
    return found


def project(wiring: Wiring, rule: Any) -> None:
    """Multiply the weights into each neuron by a factor of their sum of squares, i ascending."""
    for layer in wiring.layers:
        for unit in layer:
            edges = [e for i, e in unit.incoming if counts(rule, constant=i[1] == 0)]
            squares = 0.0
            for edge in edges:
                squares = squares + edge["weight"] * edge["weight"]
            factor = rule.weight_factor(squares)
            for edge in edges:
                edge["weight"] = edge["weight"] * factor
