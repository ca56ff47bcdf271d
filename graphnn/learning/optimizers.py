"""Optimisers: the scalar update of one weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnn.types import FloatArray

__all__ = ["SGD"]


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent: w <- w - eta * g.

    Args:
        eta: The learning rate, positive.

    Raises:
        ValueError: If eta is not positive and finite.

    Example:
        >>> SGD(eta=0.5).update(1.0, 0.2)
        0.9

    Source: lecture, "GD Update rule" and "Backpropagation Algorithm".
    """

    eta: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.eta < math.inf:
            raise ValueError(f"eta must be positive and finite, not {self.eta!r}")

    def update(self, weight: float, gradient: float) -> float:
        """Return the new weight."""
        return weight - self.eta * gradient

    def update_array(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Change the weights in place, the same two operations an entry; spoils the gradient."""
        gradient *= self.eta
        weights -= gradient
