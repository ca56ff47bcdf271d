"""Columns: what scalings are fitted to and applied to, checked at the door and kept in range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError

__all__ = [
    "are_finite",
    "numbers",
    "of_width",
    "quartered",
    "require_finite",
    "require_in_range",
    "scaled_by_powers",
    "to_fit",
]


def numbers(values: ArrayLike, name: str = "X") -> NDArray[np.float64]:
    """Return values as float64.

    Raises:
        DataError: If they are no rectangular array of numbers.
    """
    try:
        with np.errstate(over="ignore"):  # What float64 cannot hold becomes inf, which is refused.
            return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"{name} is no rectangular array of numbers: {error}; encode text as numbers first "
            "(gn.Labels does it for class labels)"
        ) from None


def to_fit(values: ArrayLike, name: str = "X") -> NDArray[np.float64]:
    """Return data to fit to, shape (m, d), all of it finite.

    Raises:
        DataError: If the shape is another one, nothing is there or a number is not finite.
    """
    array = numbers(values, name)
    if array.ndim != 2 or array.size == 0:
        hint = f"; {name}.reshape(-1, 1) makes a column of it" if array.ndim == 1 else ""
        raise DataError(
            f"{name} has shape {array.shape}; expected finite numbers of shape (m, d), at least "
            f"one{hint}"
        )
    require_finite(array, name)
    return array


def of_width(values: ArrayLike, width: int, name: str = "X") -> NDArray[np.float64]:
    """Return rows, shape (m, width), or one row, shape (width,), of what was fitted.

    Raises:
        DataError: If the shape is another one.
    """
    array = numbers(values, name)
    if array.ndim not in (1, 2) or array.shape[-1] != width:
        hint = f"; {name}.reshape(-1, 1) makes a column of it" if array.ndim == width == 1 else ""
        columns = "column" if width == 1 else "columns"
        raise DataError(
            f"{name} has shape {array.shape}, expected (m, {width}) or ({width},): its "
            f"preprocessing was fitted to {width} {columns}{hint}"
        )
    return array


def require_finite(array: NDArray[np.float64], name: str = "X") -> None:
    """Raise for the first number that is NaN or infinite.

    Raises:
        DataError: It names the place.
    """
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = ", ".join(map(str, bad[0]))
        raise DataError(
            f"{name}[{place}] is {array[tuple(bad[0])]} ({len(bad)} such in {name}); expected "
            "finite numbers of shape (m, d): remove such rows or impute the values"
        )


def require_in_range(moved: NDArray[np.float64], array: NDArray[np.float64]) -> None:
    """Raise for the first number of `array` whose transformed one is not finite.

    Raises:
        DataError: It names the place.
    """
    bad = np.argwhere(~np.isfinite(moved))
    if len(bad):
        place = ", ".join(map(str, bad[0]))
        raise DataError(
            f"{array[tuple(bad[0])]} at [{place}] is too far from what its column was fitted to, "
            "expected a transformed number within float64's range: remove such rows or fit anew"
        )


def are_finite(*parts: tuple[float, ...]) -> bool:
    """Return whether all parts are rows of finite numbers, of one length."""
    rows = [np.array(part, dtype=np.float64) for part in parts]
    same = all(row.ndim == 1 and len(row) == len(rows[0]) for row in rows)
    return same and all(bool(np.isfinite(row).all()) for row in rows)


def scaled_by_powers(array: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intc]]:
    """Return columns over a power of two, and its exponent: exact, and squares do not overflow."""
    _, exponent = np.frexp(np.abs(array).max(axis=0))
    return np.ldexp(array, -exponent), exponent


def quartered(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Return a factor for each column, and both rows times it.

    It is 1/4, which is exact, where the differences of huge numbers would overflow, and else 1.
    """
    rows = np.array([first, second], dtype=np.float64)
    factor = np.where(np.abs(rows).max(axis=0) > 1e290, 0.25, 1.0)
    return factor, rows[0] * factor, rows[1] * factor
