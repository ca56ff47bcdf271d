"""Stopping rules: small objects that look at the history; `|` and `&` combine them.

Source: lecture, "Notes on Backpropagation Algorithm": small training error, small marginal
improvement, an upper bound on the number of iterations, usually combined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from graphnn.learning.history import Record
from graphnn.ranges import at_least_0, settle, whole

__all__ = [
    "AllOf",
    "AnyOf",
    "MaxEpochs",
    "MaxIterations",
    "MaxTime",
    "NoImprovement",
    "Patience",
    "Rule",
    "SmallError",
    "SmallImprovement",
    "StoppingRule",
    "bound",
    "mentions",
]


class StoppingRule(Protocol):
    """What a rule must answer."""

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return why the run should stop here, in words, or None."""
        ...


class Rule:
    """A rule that can be combined: `a | b` stops when either does, `a & b` when both do.

    Example:
        >>> rule = SmallError(0.1) & SmallImprovement(1e-3, epochs=5) | MaxEpochs(500)
        >>> type(rule).__name__, len(rule.rules)
        ('AnyOf', 2)
    """

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return why the run should stop here, in words, or None."""
        raise NotImplementedError

    def __or__(self, other: StoppingRule) -> AnyOf:
        return AnyOf((self, other))

    def __ror__(self, other: StoppingRule) -> AnyOf:
        return AnyOf((other, self))

    def __and__(self, other: StoppingRule) -> AllOf:
        return AllOf((self, other))

    def __rand__(self, other: StoppingRule) -> AllOf:
        return AllOf((other, self))


@dataclass(frozen=True)
class AnyOf(Rule):
    """Stop when any of some rules does; the first one's reason counts."""

    rules: tuple[StoppingRule, ...]

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the first reason."""
        reasons = (rule.reason(history) for rule in self.rules)
        return next((reason for reason in reasons if reason is not None), None)


@dataclass(frozen=True)
class AllOf(Rule):
    """Stop when all of some rules do at once."""

    rules: tuple[StoppingRule, ...]

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return all reasons, joined."""
        reasons = [rule.reason(history) for rule in self.rules]
        found = [reason for reason in reasons if reason is not None]
        return " and ".join(found) if len(found) == len(reasons) else None


@dataclass(frozen=True)
class SmallError(Rule):
    """Stop when the training error is at most `threshold`."""

    threshold: float

    def __post_init__(self) -> None:
        settle(self, threshold=at_least_0("threshold", self.threshold))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once the last loss is small."""
        loss = history[-1].loss
        if loss > self.threshold:
            return None
        return f"small training error: {loss:.6g} <= {self.threshold:g}"


@dataclass(frozen=True)
class SmallImprovement(Rule):
    """Stop when the objective has improved by less than `tol` over the last `epochs` epochs."""

    tol: float = 1e-4
    epochs: int = 10

    def __post_init__(self) -> None:
        settle(self, tol=at_least_0("tol", self.tol))
        settle(self, epochs=whole("epochs", self.epochs))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once the best objective has hardly moved."""
        if len(history) <= self.epochs:
            return None
        gain = history[-1 - self.epochs].best - history[-1].best
        if gain >= self.tol:
            return None
        span = _last(self.epochs)
        reason = f"small marginal improvement: {gain:.6g} < {self.tol:g} in {span}"
        if gain == 0:
            reason = f"no marginal improvement in {span} on the best, {history[-1].best:.6g}"
        if history[-1].loss > history[0].loss:
            reason += "; the error grew, so a smaller learning rate may help"
        return reason


@dataclass(frozen=True)
class NoImprovement(Rule):
    """Stop when `epochs` epochs in a row each improve the best objective by less than `tol`.

    It looks at each epoch by itself: small gains that would add up to `tol` end the run too.
    `SmallImprovement` adds them up.

    Source: scikit-learn, `MLPClassifier(tol, n_iter_no_change)`.
    """

    tol: float = 1e-4
    epochs: int = 10

    def __post_init__(self) -> None:
        settle(self, tol=at_least_0("tol", self.tol))
        settle(self, epochs=whole("epochs", self.epochs))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once no epoch of the last ones gained enough."""
        if len(history) <= self.epochs:
            return None
        best = [record.best for record in history[-1 - self.epochs :]]
        objectives = [record.objective for record in history[-self.epochs :]]
        gains = [before - now for before, now in zip(best, objectives, strict=False)]
        if max(gains) >= self.tol:
            return None
        span = _last(self.epochs) if self.epochs == 1 else f"each of {_last(self.epochs)}"
        return f"no improvement of {self.tol:g} in {span} on the best, {best[-1]:.6g}"


@dataclass(frozen=True)
class MaxIterations(Rule):
    """Stop after exactly `iterations` updates, in the middle of an epoch if need be."""

    iterations: int

    def __post_init__(self) -> None:
        settle(self, iterations=whole("iterations", self.iterations))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once that many updates were made."""
        if history[-1].iteration < self.iterations:
            return None
        return f"bound on iterations: {self.iterations}"


@dataclass(frozen=True)
class MaxEpochs(Rule):
    """Stop after `epochs` epochs."""

    epochs: int

    def __post_init__(self) -> None:
        settle(self, epochs=whole("epochs", self.epochs))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once that many epochs were run."""
        if history[-1].epoch < self.epochs:
            return None
        return f"bound on epochs: {self.epochs}"


@dataclass(frozen=True)
class MaxTime(Rule):
    """Stop once the run has taken `seconds`, also in the middle of an epoch.

    A run that ends so depends on the machine; all else does not.
    """

    seconds: float

    def __post_init__(self) -> None:
        settle(self, seconds=at_least_0("seconds", self.seconds))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once that much time has passed."""
        taken: float = getattr(history, "seconds", 0.0)
        if taken < self.seconds:
            return None
        return f"bound on time: {taken:.3g} s >= {self.seconds:g} s"


@dataclass(frozen=True)
class Patience(Rule):
    """Stop when held-out data have not become better for some epochs.

    Better is a score that is larger, or without a score a validation error that is smaller, by
    more than `tol`. `train(..., validation=...)` gives the data; the best weights are kept.
    """

    epochs: int = 10
    tol: float = 0.0

    def __post_init__(self) -> None:
        settle(self, epochs=whole("epochs", self.epochs))
        settle(self, tol=at_least_0("tol", self.tol))

    def reason(self, history: Sequence[Record]) -> str | None:
        """Return the reason once the best epoch is long ago."""
        if len(history) <= self.epochs:
            return None
        before, best = (history[-1 - k].best_epoch for k in (self.epochs, 0))
        if before is None or best is None or history[best].merit > history[before].merit + self.tol:
            return None
        found = history[best]
        name, value = "score", found.score
        if value is None:
            name, value = "validation error", found.validation
        span = _last(self.epochs)
        return f"no better {name} in {span} than {value:.6g}, of epoch {best}"


def bound(rule: StoppingRule) -> int | None:
    """Return after how many updates a rule stops a run at the latest, None if it does not say."""
    if isinstance(rule, MaxIterations):
        return rule.iterations
    if isinstance(rule, AnyOf | AllOf):
        bounds = [bound(one) for one in rule.rules]
        known = [one for one in bounds if one is not None]
        if isinstance(rule, AnyOf):
            return min(known, default=None)
        return max(known) if known and len(known) == len(bounds) else None
    return None


def mentions(rule: StoppingRule, kind: type) -> bool:
    """Whether a rule, or one that it is made of, is of a kind."""
    if isinstance(rule, AnyOf | AllOf):
        return any(mentions(one, kind) for one in rule.rules)
    return isinstance(rule, kind)


def _last(epochs: int) -> str:
    return "the last epoch" if epochs == 1 else f"the last {epochs} epochs"
