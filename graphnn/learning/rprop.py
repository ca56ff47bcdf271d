"""Rprop: steps that look at the sign of the gradient alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphnn.learning.optimizers import Arrays, Numbers, Optimizer
from graphnn.learning.schedules import Rate, is_schedule
from graphnn.ranges import positive, settle
from graphnn.types import FloatArray

__all__ = ["Rprop"]


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Resilient backpropagation: a step size for each weight, and of the gradient only the sign.

    Where the gradient keeps its sign, a weight's step grows by `grow`; where it turns, the step
    shrinks by `shrink` and this once the weight stays (the variant without backtracking that
    PyTorch has too, "iRprop-"). It compares the gradients of one function, so it needs all samples
    in each update: `batch_size=None`.

    Args:
        eta: The first step size, positive; no schedule, since steps find their own size.
        shrink: More than 0 and less than 1.
        grow: More than 1.
        smallest: No step is smaller, positive.
        largest: No step is larger.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> Rprop().update(1.0, 3.0, (2.0, 0.1), (0.01,))
        (0.88, (3.0, 0.12))

    Source: Riedmiller and Braun (1993); Igel and Huesken (2000), iRprop-.
    """

    eta: Rate = 0.01
    shrink: float = 0.5
    grow: float = 1.2
    smallest: float = 1e-6
    largest: float = 50.0

    needs_all_samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if is_schedule(self.eta):
            raise ValueError(
                f"Rprop finds its own step sizes: eta must be a number, not {self.eta}"
            )
        for name in ("shrink", "grow", "smallest", "largest"):
            settle(self, **{name: positive(name, getattr(self, name))})
        if not 0 < self.shrink < 1 < self.grow < math.inf:
            raise ValueError(
                "shrink must be between 0 and 1 and grow more than 1, not "
                f"{self.shrink!r} and {self.grow!r}"
            )
        if not 0 < self.smallest <= self.largest < math.inf:
            raise ValueError(
                "the smallest step must be positive and at most the largest, not "
                f"{self.smallest!r} and {self.largest!r}"
            )

    def slots(self) -> dict[str, float]:
        """Return the gradient before, 0 at first, and the step size, eta at first."""
        return {"before": 0.0, "size": self.first_eta}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight, the gradient to compare the next one with, and the step size."""
        before, size = slots
        agreement = gradient * before
        if agreement > 0:
            size = min(size * self.grow, self.largest)
        elif agreement < 0:
            size = max(size * self.shrink, self.smallest)
            gradient = 0.0
        if gradient > 0:
            weight = weight - size
        elif gradient < 0:
            weight = weight + size
        else:
            weight = weight + gradient  # 0, or NaN, which is to be seen
        return weight, (gradient, size)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights, gradients before and step sizes in place; spoils the gradient."""
        before, size = slots
        agreement = gradient * before
        grown = np.minimum(size * self.grow, self.largest)
        shrunk = np.maximum(size * self.shrink, self.smallest)
        size[:] = np.where(agreement > 0, grown, np.where(agreement < 0, shrunk, size))
        gradient[agreement < 0] = 0
        weights -= np.sign(gradient) * size
        before[:] = gradient
