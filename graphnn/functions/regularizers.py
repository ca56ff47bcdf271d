"""Regularisers: a penalty that is added to the training error."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["L2"]


@dataclass(frozen=True)
class L2:
    """Squared weight decay: lambda/2 times the sum of the squared weights.

    The gradient of every weight gets `lambda * w` added to it (lecture, "Regularized NN").

    Args:
        lambda_: The regularisation parameter, 0 or more.
        constants: Whether the weights of the constant neurons' edges count too, as in the lecture.

    Raises:
        ValueError: If `lambda_` is negative or not finite.

    Example:
        >>> L2(0.5).term(2.0), L2(0.5).derivative(2.0)
        (1.0, 1.0)
    """

    lambda_: float
    constants: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.lambda_ < math.inf:
            raise ValueError(f"lambda_ must be finite and at least 0, not {self.lambda_!r}")

    def term(self, w: float) -> float:
        """Return the penalty of one weight, lambda/2 w^2."""
        return self.lambda_ / 2 * w * w

    def derivative(self, w: float) -> float:
        """Return the penalty's derivative in one weight, lambda w."""
        return self.lambda_ * w
