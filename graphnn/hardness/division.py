"""`dichotomies`: all ways in which a halfspace can divide points, one by one, each with a witness.

Source: Cover, "Geometrical and Statistical Properties of Systems of Linear Inequalities" (1965):
point by point, each division of the points so far goes on in one way or in two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import DataError
from graphnn.types import FloatArray

__all__ = ["Dichotomies", "dichotomies"]

MOST = 200_000
"""Of more divisions the enumeration would take hours."""
TINY = 1e-9
INFEASIBLE = 2
"""linprog's status."""

Dichotomies = tuple[NDArray[np.int8], FloatArray]
"""Signs, shape (c, m), and weights (b, w_1, ..., w_d) that give them, shape (c, d + 1)."""


def dichotomies(X: FloatArray, progress: Callable[[int, int], None] | None = None) -> Dichotomies:
    """Return every division of points by a halfspace that no point lies on the border of.

    Args:
        X: The points, shape (m, d).
        progress: Called with the number of points done and of divisions so far.

    Returns:
        Their signs, and for each weights with |a| >= 1 at every point.

    Raises:
        DataError: If there are more than 200,000.

    Example:
        >>> signs, _ = dichotomies(np.array([[0.0], [1.0]]))
        >>> sorted(map(tuple, signs.tolist()))
        [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    """
    points = np.hstack([np.ones((len(X), 1)), np.asarray(X, dtype=np.float64)])
    signs: list[tuple[int, ...]] = [()]
    witnesses: list[FloatArray] = [np.zeros(points.shape[1])]
    for m, point in enumerate(points, start=1):
        longer: list[tuple[int, ...]] = []
        found: list[FloatArray] = []
        for sign, witness in zip(signs, witnesses, strict=True):
            a = float(witness @ point)
            for side in (-1, 1):
                one: FloatArray | None = witness
                if side * a < 1 - TINY:
                    one = _witness(points[:m], np.array([*sign, side], dtype=np.float64))
                if one is not None:
                    longer.append((*sign, side))
                    found.append(one)
        if len(longer) > MOST:
            raise DataError(
                f"{m} of {len(points)} points have {len(longer):,} divisions already, at most "
                f"{MOST:,} are enumerated: method='milp' needs none"
            )
        signs, witnesses = longer, found
        if progress is not None:
            progress(m, len(signs))
    return np.array(signs, dtype=np.int8), np.array(witnesses)


def _witness(points: FloatArray, signs: FloatArray) -> FloatArray | None:
    """Return weights that give these signs, or None if no halfspace does."""
    from scipy.optimize import linprog

    found: Any = linprog(
        np.zeros(points.shape[1]),
        A_ub=-signs[:, None] * points,
        b_ub=-np.ones(len(points)),
        bounds=(None, None),
        method="highs",
    )
    if found.status == INFEASIBLE:
        return None
    if found.status != 0:
        raise DataError(f"HiGHS could not tell whether a halfspace divides so: {found.message}")
    return np.asarray(found.x)
