"""The scalar functions in float32: evaluated in float64, their results rounded.

With weights and inputs as `numpy.float32` numbers the node engine's loops multiply and add in
float32 as they are; what is missing is here. It is what the native engine compiles for float32.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphnn.engines.rules import Numbers, Rules, UpdateRule
from graphnn.engines.wiring import Unit, Wiring
from graphnn.functions.activations import Activation
from graphnn.functions.losses import AnyLoss, Loss, VectorLoss
from graphnn.types import FloatArray

__all__ = [
    "RoundedOptimizer",
    "RoundedRegularizer",
    "numbers",
    "rounded_activation",
    "rounded_loss",
    "rounded_rules",
    "rounded_wiring",
]


@dataclass(frozen=True)
class RoundedOptimizer:
    """An update rule whose new weights and slots are rounded; learning rate and counters are not.

    Attributes:
        rule: The rule in float64.
    """

    rule: UpdateRule

    def slots(self) -> dict[str, float]:
        """Return what is remembered of each weight."""
        return {name: _rounded(value) for name, value in self.rule.slots().items()}

    def counters(self) -> dict[str, float]:
        """Return what is remembered of the run."""
        return self.rule.counters()

    def tick(self, counters: Numbers) -> Numbers:
        """Return the counters of the next update."""
        return self.rule.tick(counters)

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and slots."""
        given = tuple(_floats(slots))
        moved, found = self.rule.update(float(weight), float(gradient), given, step)
        return _rounded(moved), tuple(_rounded(number) for number in found)


class RoundedRegularizer:
    """A regulariser, all of whose methods round what they return."""

    def __init__(self, rule: Any) -> None:
        self._rule = rule

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._rule, name)
        if not callable(found):
            return found
        return lambda *numbers: _rounded(found(*_floats(numbers)))


def numbers(array: FloatArray) -> list[float]:
    """Return an array as numbers that the node engine multiplies and adds in the array's dtype."""
    return list(array) if array.dtype == np.float32 else array.tolist()


def rounded_rules(rules: Rules) -> Rules:
    """Return rules whose results are rounded."""
    regularizers = (RoundedRegularizer(one) for one in rules.regularizers)
    return Rules(RoundedOptimizer(rules.optimizer), tuple(regularizers))


def rounded_activation(activation: Activation) -> Activation:
    """Return an activation whose values and derivatives are rounded to float32.

    Example:
        >>> from graphnn.functions.activations import ACTIVATIONS
        >>> rounded_activation(ACTIVATIONS["tanh"]).value(1.0)
        np.float32(0.7615942)
    """
    return Activation(
        f"{activation.name} (float32)",
        lambda a: _rounded(activation.value(float(a))),
        lambda a, v: _rounded(activation.derivative(float(a), float(v))),
    )


def rounded_loss(loss: AnyLoss) -> AnyLoss:
    """Return a loss whose derivatives are rounded; its value is for the eye and is not."""
    if isinstance(loss, Loss):
        return replace(
            loss,
            value=lambda v, y: float(loss.value(float(v), float(y))),
            derivative=lambda v, y: _rounded(loss.derivative(float(v), float(y))),
        )

    def sensitivities(
        a: Sequence[float], v: Sequence[float], y: Sequence[float], delta: MutableSequence[float]
    ) -> None:
        wide = [0.0] * len(delta)
        loss.sensitivities(_floats(a), _floats(v), _floats(y), wide)
        for j, number in enumerate(wide):
            delta[j] = _rounded(number)

    def value(a: Sequence[float], v: Sequence[float], y: Sequence[float]) -> float:
        return float(loss.value(_floats(a), _floats(v), _floats(y)))

    return VectorLoss(loss.name, value, sensitivities, loss.output, loss.targets)


def rounded_wiring(wiring: Wiring) -> Wiring:
    """Return a wiring whose neurons round; the weights must be placed as float32 numbers."""
    different = {unit.activation for layer in wiring.layers for unit in layer}
    activations = {one: rounded_activation(one) for one in different}
    layers = [
        [Unit(u.neuron, activations[u.activation], u.incoming, u.outgoing) for u in layer]
        for layer in wiring.layers
    ]
    return replace(wiring, layers=layers)


def _rounded(number: float) -> Any:
    return np.float32(number)


def _floats(numbers: Sequence[float]) -> list[float]:
    return [float(number) for number in numbers]
