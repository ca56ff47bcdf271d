"""The error for a name that is none of the choices."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["unknown_name"]


def unknown_name(kind: str, found: object, choices: Iterable[str], own: str = "") -> ValueError:
    """Return the error that lists the choices.

    Example:
        >>> unknown_name("order", "sorted", ["given", "random"])
        ValueError("unknown order: 'sorted' (must be one of ['given', 'random'])")
    """
    also = f", or your own as {own}" if own else ""
    return ValueError(f"unknown {kind}: {found!r} (must be one of {sorted(choices)}{also})")
