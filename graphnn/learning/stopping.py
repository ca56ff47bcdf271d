"""Stopping rules: small objects that look at the history; any of them ends the run.

Source: lecture, "Notes on Backpropagation Algorithm": small training error, small marginal
improvement, an upper bound on the number of iterations, usually combined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import NamedTuple, Protocol

__all__ = ["MaxIterations", "Record", "SmallError", "SmallImprovement", "StoppingRule"]


class Record(NamedTuple):
    """The state of a run at the end of an epoch (epoch 0: before the first update).

    Attributes:
        epoch: Epochs so far.
        iteration: Updates so far.
        loss: The training error L_S(h).
        penalty: The regulariser's penalty; loss + penalty is what training minimises.
        best: The smallest loss + penalty so far.
    """

    epoch: int
    iteration: int
    loss: float
    penalty: float
    best: float

    @property
    def objective(self) -> float:
        """What training minimises, loss + penalty."""
        return self.loss + self.penalty


class StoppingRule(Protocol):
    """What a rule must answer."""

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return why the run should stop here, in words, or None."""
        ...


@dataclass(frozen=True)
class SmallError:
    """Stop when the training error is at most `threshold`."""

    threshold: float

    def __post_init__(self) -> None:
        _require_at_least_0("threshold", self.threshold)

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once the last loss is small."""
        loss = history[-1].loss
        if loss > self.threshold:
            return None
        return f"small training error: {loss:.6g} <= {self.threshold:g}"


@dataclass(frozen=True)
class SmallImprovement:
    """Stop when the objective has improved by less than `tol` over the last `epochs` epochs."""

    tol: float = 1e-4
    epochs: int = 10

    def __post_init__(self) -> None:
        _require_at_least_0("tol", self.tol)
        if not isinstance(self.epochs, Integral) or self.epochs < 1:
            raise ValueError(f"epochs must be a whole number of at least 1, not {self.epochs!r}")

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once the best objective has hardly moved."""
        if len(history) <= self.epochs:
            return None
        gain = history[-1 - self.epochs].best - history[-1].best
        if gain >= self.tol:
            return None
        span = "the last epoch" if self.epochs == 1 else f"the last {self.epochs} epochs"
        reason = f"small marginal improvement: {gain:.6g} < {self.tol:g} in {span}"
        if gain == 0:
            reason = f"no marginal improvement in {span} on the best, {history[-1].best:.6g}"
        if history[-1].loss > history[0].loss:
            reason += "; the error grew, so a smaller learning rate may help"
        return reason


@dataclass(frozen=True)
class MaxIterations:
    """Stop after exactly `iterations` updates, in the middle of an epoch if need be."""

    iterations: int

    def __post_init__(self) -> None:
        if not isinstance(self.iterations, Integral) or self.iterations < 1:
            raise ValueError(
                f"iterations must be a whole number of at least 1, not {self.iterations!r}"
            )

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once that many updates were made."""
        if history[-1].iteration < self.iterations:
            return None
        return f"bound on iterations: {self.iterations}"


def _require_at_least_0(name: str, value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be finite and at least 0, not {value!r}")
