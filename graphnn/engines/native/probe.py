"""`differences`: a compiled scalar function beside the Python one, at 4,096 arguments.

The library's own functions use only what agrees to the bit between CPython and compiled code on
Linux x86-64, as was tested there; a user's own, and any on another platform, are compared here.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from graphnn.engines.native.scalars import Scalar
from graphnn.types import FloatArray

__all__ = ["differences"]

COUNT = 4096
OUTPUTS = 4


def differences(item: Scalar, compiled: Callable[..., Any]) -> list[str]:
    """Return, in words, that a compiled function gave other numbers, or nothing.

    Args:
        item: The scalar function.
        compiled: Its compiled form, to be called from Python.
    """
    if _is_tested(item.function):
        return []
    # Where a sum of squares overflows or a user's own code divides by zero, both forms say so.
    with np.errstate(all="ignore"):
        pairs = [_pair(item, compiled, row) for row in _arguments(item)]
    found = np.array([pair for pair in pairs if pair is not None], dtype=np.float64).reshape(-1, 2)
    python, other = found.T
    wrong = (python != other) & ~(np.isnan(python) & np.isnan(other))
    if not wrong.any():
        return []
    gap = float(np.max(np.abs(other - python)[wrong]))
    words = f"differ at {int(wrong.sum()):,} of {len(found):,} arguments, by up to {gap:.1e}"
    return [f"{item.owner}: compiled code and Python {words}"]


def _is_tested(function: Callable[..., Any]) -> bool:
    module = getattr(function, "__module__", "") or ""
    here = sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
    return here and module.startswith("graphnn.functions.")


def _arguments(item: Scalar) -> FloatArray:
    """Return rows of arguments: around 0, where sigmoids saturate, and far out."""
    rng = np.random.default_rng(0)
    width = item.arguments or 3 * OUTPUTS
    count = COUNT if item.arguments else COUNT // OUTPUTS
    rows = rng.normal(size=(count, width)) * rng.choice([0.3, 1.0, 5.0, 30.0, 300.0], (count, 1))
    rows[:: count // 16] = np.round(rows[:: count // 16])
    if not item.arguments:
        rows[:, -OUTPUTS:] = rng.uniform(size=(count, OUTPUTS))  # targets
    numbers: FloatArray = rows
    return numbers


def _pair(item: Scalar, compiled: Callable[..., Any], row: FloatArray) -> tuple[Any, Any] | None:
    """Return what both forms make of a row, or None where Python raises."""
    numbers = row.tolist()
    try:
        if item.arguments:
            return float(item.function(*numbers)), float(compiled(*numbers))
        parts = [numbers[k : k + OUTPUTS] for k in range(0, 3 * OUTPUTS, OUTPUTS)]
        arrays = [np.array(part) for part in parts]
        if not item.name.endswith("_sensitivities"):
            return float(item.function(*parts)), float(compiled(*arrays))
        ours, theirs = [0.0] * OUTPUTS, np.zeros(OUTPUTS)
        item.function(*parts, ours)
        compiled(*arrays, theirs)
        apart = int(np.argmax(np.abs(np.array(ours) - theirs)))
        return ours[apart], float(theirs[apart])
    except (ArithmeticError, ValueError):
        return None
