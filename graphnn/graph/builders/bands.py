"""Connectors by place: bands around the diagonal, and windows of neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graphnn.errors import NetworkError
from graphnn.graph.builders.connector import Pair, whole

__all__ = ["Banded", "Local", "window"]


@dataclass(frozen=True)
class Banded:
    """A band around the diagonal: the edges i -> j with -lower <= j - i <= upper.

    `Banded(0, 0)` joins each neuron to the one beside it.

    Args:
        lower: The number of diagonals below the main one, as SciPy counts them.
        upper: The number above it; default as many.

    Raises:
        ValueError: If one is no whole number of at least 0.

    Example:
        >>> list(Banded(1, 0)(3, 3, np.random.default_rng(0)))
        [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3)]
    """

    lower: int
    upper: int | None = None

    def __post_init__(self) -> None:
        whole("lower", self.lower, 0)
        whole("upper", self.lower if self.upper is None else self.upper, 0)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of the band."""
        upper = self.lower if self.upper is None else self.upper
        for i in range(1, n + 1):
            for j in range(max(1, i - self.lower), min(m, i + upper) + 1):
                yield i, j


@dataclass(frozen=True)
class Local:
    """A window: each neuron sees the `width` neighbours that lie opposite to it below.

    The layers are laid side by side at the same length; at the borders the window stays inside.

    Args:
        width: The number of edges into each neuron.

    Raises:
        ValueError: If it is no whole number of at least 1.

    Example:
        >>> list(Local(3)(5, 3, np.random.default_rng(0)))
        [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (3, 3), (4, 3), (5, 3)]
    """

    width: int

    def __post_init__(self) -> None:
        whole("width", self.width, 1)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of all windows."""
        if self.width > n:
            raise NetworkError(f"{self!r} finds {n} neurons below, expected at least {self.width}")
        for j in range(1, m + 1):
            first = min(max(window(j, n, m, self.width), 1), n - self.width + 1)
            for i in range(first, first + self.width):
                yield i, j


def window(j: int, n: int, m: int, width: int) -> int:
    """Return where the window of the j-th of m neurons begins among n, maybe outside of them.

    The i-th of n neurons lies at (2 i - 1) / 2n of the layer's length. The window's middle is the
    nearest to the neuron's own place, the lower one of two, in whole numbers: no rounding decides.
    """
    return -(((width - 1) * m - (2 * j - 1) * n) // (2 * m))
