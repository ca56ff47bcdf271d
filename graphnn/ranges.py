"""Numbers at the door: each check returns the number as Python's own, or raises with what it found.

Python's own, since a NumPy float32 among float64 numbers would be computed with in float32.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TypeGuard

__all__ = ["at_least_0", "is_whole", "positive", "settle", "share", "whole"]


def positive(name: str, found: object) -> float:
    """Return a positive, finite number.

    Raises:
        ValueError: If it is none; the message shows it.

    Example:
        >>> positive("eta", 1)
        1.0
    """
    value = _real(found)
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be positive and finite, not {found!r}")
    return value


def at_least_0(name: str, found: object) -> float:
    """Return a finite number of at least 0.

    Raises:
        ValueError: If it is none.
    """
    value = _real(found)
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be finite and at least 0, not {found!r}")
    return value


def share(name: str, found: object) -> float:
    """Return a number of at least 0 and less than 1.

    Raises:
        ValueError: If it is none.
    """
    value = _real(found)
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and less than 1, not {found!r}")
    return value


def whole(name: str, found: object, least: int = 1) -> int:
    """Return a whole number that is large enough; a truth value is none.

    Raises:
        ValueError: If it is none.
    """
    if not is_whole(found) or found < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {found!r}")
    return int(found)


def is_whole(found: object) -> TypeGuard[int]:
    """Whether something is a whole number, and no truth value."""
    return isinstance(found, Integral) and not isinstance(found, bool)


def settle(record: object, **values: object) -> None:
    """Give fields of a frozen dataclass the values that they were checked to have."""
    for name, value in values.items():
        object.__setattr__(record, name, value)


def _real(found: object) -> float:
    """Return a number as a float, NaN for what is none or is a truth value."""
    if not isinstance(found, Real) or isinstance(found, bool):
        return math.nan
    try:
        return float(found)
    except OverflowError:
        return math.inf
