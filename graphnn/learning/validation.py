"""`Validation`: held-out data that a run is judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import ArrayLike

from graphnn.checks import cast, check_inputs, check_targets
from graphnn.errors import DataError
from graphnn.functions.losses import AnyLoss
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["HeldOut", "Score", "Validation", "held_out"]

Score: TypeAlias = Callable[[FloatArray, Any], float]
"""A score of the outputs, shape (m, d^(T)), and the targets as they were given; larger is
better."""


@dataclass(frozen=True, eq=False)
class Validation:
    """Held-out data: after each epoch their error is taken, and a score if one is given.

    The network gets the weights of the epoch with the best score, or else the smallest error.

    Args:
        X: Inputs, as the network takes them.
        y: Targets, as the training targets are given.
        score: A function of the outputs, shape (m, d^(T)), and of y; larger is better.

    Example:
        >>> import graphnn as gn
        >>> def accuracy(outputs, y):
        ...     return float((outputs.argmax(axis=1) == y).mean())
        >>> held = gn.Validation([[0.0], [1.0]], [0, 1], score=accuracy)
    """

    X: ArrayLike
    y: ArrayLike
    score: Score | None = None


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Checked held-out data.

    Attributes:
        X: Inputs, shape (m, d^(0)), of the program's dtype.
        y: Targets, shape (m, d^(T)), of the program's dtype.
        given: The targets as they were given.
        score: The score or None.
    """

    X: FloatArray
    y: FloatArray
    given: Any
    score: Score | None

    def score_of(self, program: Program) -> float | None:
        """Return the score of a program, None if there is none."""
        if self.score is None:
            return None
        return float(self.score(program.predict(self.X), self.given))


def held_out(found: Any, program: Program, loss: AnyLoss) -> HeldOut | None:
    """Return what `validation=` says, checked.

    Raises:
        DataError: If the data do not fit.
        TypeError: If it is neither `Validation` nor a pair.
    """
    if found is None:
        return None
    if isinstance(found, tuple | list) and len(found) == 2:
        found = Validation(*found)
    if not isinstance(found, Validation):
        what = f"of type {type(found).__name__}"
        raise TypeError(f"validation is {what}, expected (X, y) or gn.Validation(X, y, score)")
    kind = program.theta.dtype
    try:
        X = check_inputs(found.X, len(program.neurons[0]))
        y = check_targets(found.y, loss.targets, len(X), len(program.neurons[-1]))
    except DataError as error:
        raise DataError(f"validation data: {error}") from None
    return HeldOut(cast(X, kind, "X"), cast(y, kind, "y"), found.y, found.score)
