"""Rounding bounds: how far two computed sums, or two scalar functions, may be apart in float64.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.types import FloatArray

__all__ = ["gamma", "product_bound", "sum_bound", "sums_bound", "ulps"]

UNIT = 2.0**-53
"""u, the unit roundoff of float64."""

TINY = 2.0**-1074
"""The smallest positive number: what one product can lose by underflow."""

FUNCTION_ULPS = 4
"""How far a scalar function may be from its NumPy form (np.tanh is up to 3 from math.tanh)."""


def gamma(n: int) -> float:
    """Return gamma_n = n u / (1 - n u), the relative error of a sum of n rounded terms.

    Example:
        >>> gamma(1) == 2.0**-53 / (1 - 2.0**-53)
        True
    """
    return n * UNIT / (1 - n * UNIT)


def sum_bound(n: int, magnitudes: ArrayLike) -> NDArray[np.float64]:
    """Return how far two computed sums of n products may be apart: 2 gamma_n sum |w||v|.

    Args:
        n: The number of terms.
        magnitudes: sum |w||v|, of any shape.
    """
    return 2 * gamma(n) * np.asarray(magnitudes, dtype=np.float64) + n * TINY


def sums_bound(terms: Sequence[int], magnitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply `sum_bound` column by column, each with its own number of terms, 1 or more."""
    columns = [sum_bound(max(1, n), magnitudes[:, k]) for k, n in enumerate(terms)]
    return np.stack(columns, axis=1)


def ulps(numbers: ArrayLike, count: float = FUNCTION_ULPS) -> NDArray[np.float64]:
    """Return `count` units in the last place of each number."""
    with np.errstate(invalid="ignore"):
        spacing: NDArray[np.float64] = count * np.spacing(np.abs(np.asarray(numbers)))
    return spacing


def product_bound(
    x: FloatArray,
    y: FloatArray,
    x_bound: ArrayLike,
    y_bound: ArrayLike,
) -> NDArray[np.float64]:
    """Return how far two computed products x y may be apart if their factors may be."""
    dx, dy = np.asarray(x_bound), np.asarray(y_bound)
    bound: NDArray[np.float64] = np.abs(x) * dy + np.abs(y) * dx + dx * dy + ulps(x * y, 1) + TINY
    return bound
