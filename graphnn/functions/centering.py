"""`Centering`: columns of mean 0, in their own unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError
from graphnn.functions.columns import (
    are_finite,
    of_width,
    require_finite,
    require_in_range,
    scaled_by_powers,
    to_fit,
)

__all__ = ["Centering"]


@dataclass(frozen=True)
class Centering:
    """Subtract every column's mean and leave its unit as it is, fitted on training data.

    Attributes:
        mean: The mean of each column.

    Example:
        >>> Centering.fit([[1.0, 5.0], [3.0, 5.0]]).transform([[1.0, 5.0], [5.0, 6.0]])
        array([[-1.,  0.],
               [ 3.,  1.]])
    """

    mean: tuple[float, ...]

    word: ClassVar[str] = "centred"

    def __post_init__(self) -> None:
        if not are_finite(self.mean):
            raise DataError("centring needs finite means, one per column; use Centering.fit(X)")

    @classmethod
    def fit(cls, X: ArrayLike) -> Centering:
        """Fit to the rows of `X`, shape (m, d).

        Raises:
            DataError: If `X` is empty or not finite.
        """
        array = to_fit(X)
        scaled, exponent = scaled_by_powers(array)
        constant = (array == array[0]).all(axis=0)
        mean = np.where(constant, array[0], np.ldexp(scaled.mean(axis=0), exponent))
        return cls(tuple(mean.tolist()))

    @property
    def columns(self) -> int:
        """The number of columns that it was fitted to."""
        return len(self.mean)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return X - mean; `X` is of shape (m, d) or (d,).

        Raises:
            DataError: If `X` has other columns, or is not finite before or after.
        """
        array = of_width(X, self.columns)
        require_finite(array)
        with np.errstate(over="ignore"):
            centred: NDArray[np.float64] = array - np.array(self.mean)
        require_in_range(centred, array)
        return centred

    def inverse(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return X + mean, which undoes `transform`; what overflows becomes infinite."""
        array = of_width(X, self.columns)
        with np.errstate(over="ignore"):
            original: NDArray[np.float64] = array + np.array(self.mean)
        return original
