"""Initialisers: the distributions that first weights are drawn from."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graphnn.types import IntArray

__all__ = ["Glorot", "He", "Initializer", "Normal", "Uniform", "Zeros"]


class Initializer(Protocol):
    """What draws the weights of the edges that exist, in (t, i, j) order."""

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Draw one weight for each edge.

        Args:
            rng: The generator; the only source of chance.
            fan_in: For each edge, the number of edges into its target, the constant neuron's left
                out (at least 1).
            fan_out: For each edge, the number of edges out of its source.

        Returns:
            The weights, shape (edges,).
        """
        ...


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution U(-r, r); the lecture's is U(-0.7, 0.7).

    Example:
        >>> rng, ones = np.random.default_rng(0), np.ones(3, dtype=np.intp)
        >>> bool(np.all(np.abs(Uniform(0.1).draw(rng, ones, ones)) <= 0.1))
        True
    """

    r: float = 0.7

    def __post_init__(self) -> None:
        _require_positive("r", self.r)

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Draw from U(-r, r)."""
        return rng.uniform(-self.r, self.r, size=len(fan_in))


@dataclass(frozen=True)
class Normal:
    """The normal distribution N(0, sd^2), the lecture's other choice, with a small sd."""

    sd: float = 0.1

    def __post_init__(self) -> None:
        _require_positive("sd", self.sd)

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Draw from N(0, sd^2)."""
        return rng.normal(0.0, self.sd, size=len(fan_in))


@dataclass(frozen=True)
class Zeros:
    """All weights zero, which no training can undo in a hidden layer; it warns."""

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Return zeros."""
        warnings.warn(
            "all weights are zero: neurons of a layer that have the same edges then get the same "
            "value and the same gradient at every step, and stay equal for ever; use Uniform(0.7)",
            UserWarning,
            stacklevel=3,
        )
        return np.zeros(len(fan_in))


@dataclass(frozen=True)
class Glorot:
    """U(-r, r) with r = sqrt(6 / (fan_in + fan_out)): for tanh and sigmoid.

    Source: Glorot and Bengio (2010), equation 16. The fans are counted on the edges that exist.
    """

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Draw from the uniform distribution of each edge."""
        r = np.sqrt(6.0 / (fan_in + fan_out))
        return r * rng.uniform(-1.0, 1.0, size=len(fan_in))


@dataclass(frozen=True)
class He:
    """N(0, 2 / fan_in): for relu.

    Source: He et al. (2015), equation 10. The fan is counted on the edges that exist.
    """

    def draw(
        self, rng: np.random.Generator, fan_in: IntArray, fan_out: IntArray
    ) -> NDArray[np.float64]:
        """Draw from the normal distribution of each edge."""
        return np.sqrt(2.0 / fan_in) * rng.normal(0.0, 1.0, size=len(fan_in))


def _require_positive(name: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(
            f"{name} must be positive and finite, not {value!r} (Zeros() makes all weights zero)"
        )
