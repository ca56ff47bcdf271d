"""Guards: when `partial_fit` is there, and how a failing fit changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphnn.learning.lbfgs import LBFGS

__all__ = ["goes_on", "unchanged_on_error"]


def goes_on(estimator: Any) -> bool:
    """Whether an estimator has `partial_fit`; where it has not, scikit-learn wants no such method.

    Raises:
        AttributeError: If it has not; it says why.
    """
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit and early_stopping=True contradict each other: the one makes one epoch "
            "over all that it is given, the other holds samples out of a fit of many epochs"
        )
    solver = estimator.solver
    if isinstance(solver, LBFGS) or (isinstance(solver, str) and solver == "lbfgs"):
        raise AttributeError(
            f"partial_fit and solver={solver!r} contradict each other: the one makes one epoch, "
            "and L-BFGS keeps nothing from one run to the next"
        )
    return True


@contextmanager
def unchanged_on_error(estimator: Any) -> Iterator[None]:
    """Give an estimator its attributes back if something fails."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
