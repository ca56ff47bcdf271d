"""`Bounds`: how far two computed sums, or two scalar functions, may be apart.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.types import FloatArray

__all__ = ["FLOAT32", "FLOAT64", "Bounds"]

FUNCTION_ULPS = 4
"""How far a scalar function may be from its NumPy form (np.tanh is up to 3 from math.tanh)."""


@dataclass(frozen=True)
class Bounds:
    """The bounds of a precision.

    Attributes:
        dtype: The precision.
        unit: u, its unit roundoff.
        tiny: Its smallest positive number: what one product can lose by underflow.
    """

    dtype: np.dtype[Any]
    unit: float
    tiny: float

    def gamma(self, n: int) -> float:
        """Return gamma_n = n u / (1 - n u), the relative error of a sum of n rounded terms.

        Example:
            >>> FLOAT64.gamma(1) == 2.0**-53 / (1 - 2.0**-53)
            True
        """
        return n * self.unit / (1 - n * self.unit)

    def sum_bound(self, n: int, magnitudes: ArrayLike) -> NDArray[np.float64]:
        """Return how far two computed sums of n products may be apart: 2 gamma_n sum |w||v|.

        Args:
            n: The number of terms.
            magnitudes: sum |w||v|, of any shape.
        """
        return 2 * self.gamma(n) * np.asarray(magnitudes, dtype=np.float64) + n * self.tiny

    def sums_bound(
        self, terms: Sequence[int], magnitudes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Apply `sum_bound` column by column, each with its own number of terms, 1 or more."""
        columns = [self.sum_bound(max(1, n), magnitudes[:, k]) for k, n in enumerate(terms)]
        return np.stack(columns, axis=1)

    def ulps(self, numbers: ArrayLike, count: float = FUNCTION_ULPS) -> NDArray[np.float64]:
        """Return `count` units in the last place of each number."""
        with np.errstate(invalid="ignore", over="ignore"):
            narrow = np.asarray(numbers).astype(self.dtype)
            spacing: NDArray[np.float64] = np.spacing(np.abs(narrow)).astype(np.float64)
        return count * spacing

    def slope_bound(self, slopes: FloatArray) -> NDArray[np.float64]:
        """Return how far a derivative may be from its NumPy form.

        In float32 the form's terms, of size 1, are rounded (1 - v v near v = 1), while the scalar
        function is evaluated in float64.
        """
        wide = self.dtype == np.float64
        return self.ulps(slopes if wide else np.maximum(np.abs(slopes), 1))

    def softmax_bound(self, a: FloatArray, p: FloatArray) -> NDArray[np.float64]:
        """Return how far a softmax of pre-activations may be from its NumPy form.

        Its sum has one term an output; in float32 the form rounds a - max a, whose error exp makes
        a relative one, and flushes what is below the normal numbers.
        """
        terms = a.shape[1] + 20
        bound = self.sum_bound(terms, p)
        if self.dtype == np.float64:
            return bound
        gap = a.max(axis=1, keepdims=True) - a.astype(np.float64)
        late: NDArray[np.float64] = p * gap * self.unit + float(np.finfo(self.dtype).tiny) * terms
        return bound + late

    def product_bound(
        self, x: FloatArray, y: FloatArray, x_bound: ArrayLike, y_bound: ArrayLike
    ) -> NDArray[np.float64]:
        """Return how far two computed products x y may be apart if their factors may be."""
        dx, dy = np.asarray(x_bound), np.asarray(y_bound)
        bound: NDArray[np.float64] = np.abs(x) * dy + np.abs(y) * dx + dx * dy
        return bound + self.ulps(x * y, 1) + self.tiny


FLOAT64 = Bounds(np.dtype(np.float64), 2.0**-53, 2.0**-1074)
FLOAT32 = Bounds(np.dtype(np.float32), 2.0**-24, 2.0**-149)
