"""`Standardizer`: columns of mean 0 and variance 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError
from graphnn.functions.columns import (
    are_finite,
    of_width,
    quartered,
    require_finite,
    require_in_range,
    scaled_by_powers,
    to_fit,
)

__all__ = ["Standardizer"]


@dataclass(frozen=True)
class Standardizer:
    """Centre every column and scale it to unit variance, fitted on training data.

    "All inputs are normalized and centered" (lecture, notes on backpropagation).

    Attributes:
        mean: The mean of each column.
        scale: The standard deviation of each column (the population's, dividing by m); 1 for a
            column that is constant, which is thus centred only.

    Example:
        >>> standardizer = Standardizer.fit([[1.0, 5.0], [3.0, 5.0]])
        >>> standardizer.transform([[1.0, 5.0], [5.0, 6.0]])
        array([[-1.,  0.],
               [ 3.,  1.]])
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    word: ClassVar[str] = "standardised"

    def __post_init__(self) -> None:
        if not are_finite(self.mean, self.scale) or not (np.array(self.scale) > 0).all():
            raise DataError(
                "a standardizer needs finite means and positive scales, one of each per column; "
                "use Standardizer.fit(X)"
            )

    @classmethod
    def fit(cls, X: ArrayLike) -> Standardizer:
        """Fit to the rows of `X`, shape (m, d).

        Raises:
            DataError: If `X` is empty or not finite.
        """
        array = to_fit(X)
        scaled, exponent = scaled_by_powers(array)
        scale = np.ldexp(scaled.std(axis=0), exponent)
        # The computed deviation of a constant column is its rounding error, not always 0.
        constant = (array == array[0]).all(axis=0) | (scale == 0)
        mean = np.where(constant, array[0], np.ldexp(scaled.mean(axis=0), exponent))
        scale = np.where(constant, 1.0, scale)
        return cls(tuple(mean.tolist()), tuple(scale.tolist()))

    @property
    def columns(self) -> int:
        """The number of columns that it was fitted to."""
        return len(self.mean)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return (X - mean) / scale; `X` is of shape (m, d) or (d,).

        Raises:
            DataError: If `X` has other columns, or is not finite before or after.
        """
        array = of_width(X, self.columns)
        require_finite(array)
        factor, mean, scale = quartered(self.mean, self.scale)
        with np.errstate(all="ignore"):
            standardized: NDArray[np.float64] = (array * factor - mean) / scale
        require_in_range(standardized, array)
        return standardized

    def inverse(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return X * scale + mean, which undoes `transform`; what overflows becomes infinite."""
        array = of_width(X, self.columns)
        factor, mean, scale = quartered(self.mean, self.scale)
        with np.errstate(all="ignore"):
            original: NDArray[np.float64] = (array * scale + mean) / factor
        return original
