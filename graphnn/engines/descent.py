"""The node engine's update: one edge at a time, in (t, i, j) order.

The order of what happens to an edge is a promise: the mean gradient, the derivatives of penalties
in the user's order, clipping, the optimiser, proximal steps, and at last the norm of each neuron's
weights. A weight that several edges share is moved once, by the sum of their gradients; one that is
not trainable takes no part in anything.

Source: lecture, "Backpropagation Algorithm" and "Regularized NN"; each rule's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphnn.engines.rules import Numbers, Rules, counts
from graphnn.engines.wiring import Unit, Wiring

__all__ = ["Memory", "descend"]


@dataclass
class Memory:
    """What an optimiser remembers.

    Attributes:
        slots: The numbers of each parameter.
        counters: The numbers of the run.
    """

    slots: list[Numbers]
    counters: Numbers

    @classmethod
    def first(cls, wiring: Wiring, rules: Rules) -> Memory:
        """Return what is remembered before the first update."""
        slots = tuple(rules.optimizer.slots().values())
        return cls([slots] * len(wiring.parameters), tuple(rules.optimizer.counters().values()))


def descend(
    wiring: Wiring, gradient: Sequence[float], eta: float, rules: Rules, memory: Memory
) -> None:
    """Move every weight once.

    Args:
        wiring: The edges, whose weights are changed in place.
        gradient: The mean gradient of each parameter.
        eta: The learning rate.
        rules: The optimiser and the regularisers.
        memory: What the optimiser remembers, changed in place.
    """
    optimizer = rules.optimizer
    memory.counters = optimizer.tick(memory.counters)
    step = (eta, *memory.counters)
    changed = whole_gradient(wiring, gradient, rules)
    for k, (g, parameter) in enumerate(zip(changed, wiring.parameters, strict=True)):
        if not parameter.trainable:
            continue
        w, memory.slots[k] = optimizer.update(parameter.weight, g, memory.slots[k], step)
        for rule in rules.proximals:
            if counts(rule, constant=parameter.is_of_constants):
                w = rule.proximal(w, eta)
        parameter.move(w)
    for rule in rules.projections:
        project(wiring, rule)


def whole_gradient(wiring: Wiring, gradient: Sequence[float], rules: Rules) -> list[float]:
    """Return the objective's gradient, clipped, from the loss's; 0 where nothing is trained."""
    found = []
    for mean, parameter in zip(gradient, wiring.parameters, strict=True):
        g = mean if parameter.trainable else 0.0
        for rule in rules.penalties if parameter.trainable else ():
            if counts(rule, constant=parameter.is_of_constants):
                g = g + rule.derivative(parameter.weight)
        for rule in rules.clips if parameter.trainable else ():
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
    """Multiply weights by a factor of the sum of squares of those into a neuron, i ascending.

    A weight that leads into several neurons is multiplied by the smallest of their factors.
    """
    factors = {
        unit.neuron: rule.weight_factor(squared_norm(unit, rule))
        for layer in wiring.layers
        for unit in layer
    }
    for parameter in wiring.parameters:
        if parameter.trainable and counts(rule, constant=parameter.is_of_constants):
            factor = min(factors[j] for _, j, _ in parameter.edges)
            parameter.move(parameter.weight * factor)


def squared_norm(unit: Unit, rule: Any) -> float:
    """Return the sum of the squared weights into a neuron that a rule takes in, i ascending."""
    squares = 0.0
    for i, edge in unit.incoming:
        if edge.get("trainable", True) and counts(rule, constant=i[1] == 0):
            squares = squares + edge["weight"] * edge["weight"]
    return squares
