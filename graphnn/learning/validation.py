"""`Validation`: held-out data that a run is judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import cast, check_inputs, check_targets
from graphnn.errors import DataError
from graphnn.functions.choice import unknown_name
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
        score: "accuracy", "r2", or a function of the outputs, shape (m, d^(T)), and of y; larger is
            better.

    Raises:
        ValueError: If the score is an unknown name.
        TypeError: If it is neither a name nor a function.

    Example:
        >>> import graphnn as gn
        >>> held = gn.Validation([[0.0], [1.0]], [0, 1], score="accuracy")
        >>> own = gn.Validation([[0.0], [1.0]], [0, 1], score=lambda outputs, y: -outputs.max())
    """

    X: ArrayLike
    y: ArrayLike
    score: Score | Literal["accuracy", "r2"] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.score, str):
            if self.score not in SCORES:
                raise unknown_name("score", self.score, SCORES, "a function score(outputs, y)")
        elif self.score is not None and not callable(self.score):
            raise TypeError(f"score is {self.score!r}, expected a function score(outputs, y)")


def accuracy(outputs: FloatArray, y: FloatArray) -> float:
    """Return the share of samples whose class has the largest output.

    A single output says the second class where it is above the middle of the targets.
    """
    if outputs.shape[1] > 1:
        return float(np.mean(outputs.argmax(axis=1) == y.argmax(axis=1)))
    middle = 0.0 if y.min() < 0 else 0.5
    return float(np.mean((outputs > middle) == (y > middle)))


def r2(outputs: FloatArray, y: FloatArray) -> float:
    """Return the coefficient of determination, the mean of the outputs'; NaN of a constant y."""
    left = ((y - outputs) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.mean(1 - left / ((y - y.mean(axis=0)) ** 2).sum(axis=0)))


SCORES: Mapping[str, Score] = MappingProxyType({"accuracy": accuracy, "r2": r2})
"""The scores that have names; they take targets as training does, one-hot for classes."""


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
        found = self.score(program.predict(self.X), self.given)
        try:
            return float(found)
        except (TypeError, ValueError):
            raise TypeError(f"the score returned {found!r}, expected a number") from None


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
    if isinstance(found.score, str):
        return HeldOut(cast(X, kind, "X"), cast(y, kind, "y"), y, SCORES[found.score])
    return HeldOut(cast(X, kind, "X"), cast(y, kind, "y"), found.y, found.score)
