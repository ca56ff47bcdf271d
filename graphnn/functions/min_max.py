"""`MinMax`: columns mapped to a range."""

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
    to_fit,
)

__all__ = ["MinMax"]


@dataclass(frozen=True)
class MinMax:
    """Map every column linearly to a range, its minimum to `low` and its maximum to `high`.

    Nothing is clipped: a value outside the fitted minimum and maximum goes outside [low, high].

    Attributes:
        minimum: The smallest value of each column.
        maximum: The largest value of each column. A column that is constant counts as one that ends
            1 above its value, which thus goes to `low`, as in scikit-learn's MinMaxScaler (which
            takes spans below 2.2e-15 for constant too).
        low: The lower end of the range.
        high: The upper end of the range.

    Example:
        >>> scaling = MinMax.fit([[1.0, 5.0], [3.0, 5.0]])
        >>> scaling.transform([[1.5, 5.0], [7.0, 5.5]])
        array([[0.25, 0.  ],
               [3.  , 0.5 ]])
    """

    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    low: float = 0.0
    high: float = 1.0

    word: ClassVar[str] = "scaled"

    def __post_init__(self) -> None:
        finite = are_finite(self.minimum, self.maximum)
        if not finite or not (np.array(self.minimum) <= np.array(self.maximum)).all():
            raise DataError(
                "min-max scaling needs finite minima and maxima that are no smaller, one of each "
                "per column; use MinMax.fit(X)"
            )
        if not are_finite((self.low, self.high)) or not self.low < self.high:
            raise DataError(
                f"the range is {self.low!r} to {self.high!r}, expected finite numbers low < high, "
                "as in MinMax.fit(X, low=0.0, high=1.0)"
            )

    @classmethod
    def fit(cls, X: ArrayLike, low: float = 0.0, high: float = 1.0) -> MinMax:
        """Fit to the rows of `X`, shape (m, d).

        Raises:
            DataError: If `X` is empty or not finite, or `low` is not below `high`.
        """
        array = to_fit(X)
        minimum, maximum = array.min(axis=0).tolist(), array.max(axis=0).tolist()
        return cls(tuple(minimum), tuple(maximum), low, high)

    @property
    def columns(self) -> int:
        """The number of columns that it was fitted to."""
        return len(self.minimum)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return low + (X - minimum) / (maximum - minimum) * (high - low).

        `X` is of shape (m, d) or (d,). Fitted values stay within [low, high] to the last bit.

        Raises:
            DataError: If `X` has other columns, or is not finite before or after.
        """
        array = of_width(X, self.columns)
        require_finite(array)
        moved = _mapped(array, (self.minimum, self.maximum), (self.low, self.high))
        require_in_range(moved, array)
        return moved

    def inverse(self, X: ArrayLike) -> NDArray[np.float64]:
        """Undo `transform`; what overflows becomes infinite."""
        array = of_width(X, self.columns)
        return _mapped(array, (self.low, self.high), (self.minimum, self.maximum))


def _mapped(
    array: NDArray[np.float64], source: tuple[ArrayLike, ArrayLike], to: tuple[ArrayLike, ArrayLike]
) -> NDArray[np.float64]:
    """Map one range linearly to another; equal ends count as 1 apart."""
    with np.errstate(all="ignore"):
        factor, start, end = quartered(*source)
        span = np.where(start == end, factor, end - start)
        share = (array * factor - start) / span
        factor, start, end = quartered(*to)
        span = np.where(start == end, factor, end - start)
        # From the nearer end, so that rounding leads nothing out of the range.
        near_start = (share < 0.5) | (start == end)
        moved = np.where(near_start, start + share * span, end - (1.0 - share) * span)
        return np.asarray(moved / factor)
