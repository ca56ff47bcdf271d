"""The scalar functions in float32: evaluated in float64, their results rounded.

With weights and inputs as `numpy.float32` numbers the node engine's loops multiply and add in
float32 as they are; what is missing is here. It is what the native engine compiles for float32.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphnn.engines.wiring import Unit, Wiring
from graphnn.functions.activations import Activation
from graphnn.functions.losses import AnyLoss, Loss, VectorLoss
from graphnn.types import FloatArray

__all__ = [
    "RoundedRule",
    "numbers",
    "rounded_activation",
    "rounded_loss",
    "rounded_rules",
    "rounded_wiring",
]


@dataclass(frozen=True)
class RoundedRule:
    """An update rule or a regulariser whose results are rounded.

    Attributes:
        rule: The object in float64.
    """

    rule: Any

    @property
    def constants(self) -> bool:
        """Whether a regulariser counts the constant neurons' edges."""
        return bool(self.rule.constants)

    def update(self, weight: float, gradient: float) -> float:
        """Return the new weight."""
        rounded: float = _rounded(self.rule.update(float(weight), float(gradient)))
        return rounded

    def derivative(self, w: float) -> float:
        """Return the penalty's derivative."""
        rounded: float = _rounded(self.rule.derivative(float(w)))
        return rounded


def numbers(array: FloatArray) -> list[float]:
    """Return an array as numbers that the node engine multiplies and adds in the array's dtype."""
    return list(array) if array.dtype == np.float32 else array.tolist()


def rounded_rules(optimizer: Any, regularizer: Any) -> tuple[Any, Any]:
    """Return an update rule and a regulariser, or None, whose results are rounded."""
    return RoundedRule(optimizer), regularizer and RoundedRule(regularizer)


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
