"""Learning-rate schedules: eta as a function of time.

A schedule stands where a number may stand: `SGD(eta=Cosine(0.1, steps=50))`. Time t is the number
of whole epochs before an update, or of updates where `per="iteration"`. The training loop evaluates
schedules and passes the rates in, so every engine moves with the same ones. One of your own is any
object with `rate(t)`, best a frozen dataclass, and with `per` if it is not per epoch:

    @dataclass(frozen=True)
    class Halves:
        eta: float
        per: str = "iteration"

        def rate(self, t: int) -> float:
            return self.eta / 2 if t % 2 else self.eta
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from numbers import Real
from typing import (
    Any,
    Literal,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypeGuard,
    cast,
    get_args,
    runtime_checkable,
)

import numpy as np

from graphnn.functions.choice import unknown_name
from graphnn.ranges import at_least_0, positive, settle, share, whole
from graphnn.types import FloatArray

__all__ = [
    "Cosine",
    "Exponential",
    "InverseScaling",
    "InverseTime",
    "Plateau",
    "Rate",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "checked_rate",
    "is_schedule",
    "rate_at",
    "rates_of",
    "unit_of",
]

Unit: TypeAlias = Literal["epoch", "iteration"]


@runtime_checkable
class Schedule(Protocol):
    """What the training loop asks of a schedule."""

    @property
    def per(self) -> Unit:
        """What time is counted in."""
        ...

    def rate(self, t: int) -> float:
        """Return eta at time t = 0, 1, ..."""
        ...


Rate: TypeAlias = float | Schedule
"""A learning rate that stays, or a schedule."""


@dataclass(frozen=True)
class InverseTime:
    """eta / (1 + decay * t): falls as 1/t, the classic condition for convergence.

    Args:
        eta: The rate at t = 0, positive.
        decay: How fast it falls, at least 0; with 1 the rates are eta, eta/2, eta/3, ...
        per: What t counts, "epoch" or "iteration".

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [InverseTime(1.0).rate(t) for t in (0, 1, 3)]
        [1.0, 0.5, 0.25]

    Source: Robbins and Monro (1951); Shalev-Shwartz and Ben-David (2014), section 14.4.
    """

    eta: float
    decay: float = 1.0
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        _settle(self, decay=at_least_0("decay", self.decay))

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        return self.eta / (1 + self.decay * t)


@dataclass(frozen=True)
class InverseScaling:
    """eta / (t + 1)^power, scikit-learn's "invscaling" with its t one less.

    Args:
        eta: The rate at t = 0, positive.
        power: The exponent, positive.
        per: What t counts, "epoch" or "iteration".

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [InverseScaling(1.0).rate(t) for t in (0, 3)]
        [1.0, 0.5]

    Source: scikit-learn, `MLPClassifier(learning_rate="invscaling")`, whose t counts samples.
    """

    eta: float
    power: float = 0.5
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        _settle(self, power=positive("power", self.power))

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        return self.eta / math.pow(t + 1, self.power)


@dataclass(frozen=True)
class StepDecay:
    """eta * factor^(t // every): falls by a factor every so often.

    Args:
        eta: The rate at t = 0, positive.
        every: How long it stays, at least 1.
        factor: What it is multiplied by then, more than 0 and at most 1.
        per: What t counts, "epoch" or "iteration".

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [StepDecay(1.0, every=10, factor=0.5).rate(t) for t in (0, 9, 10, 25)]
        [1.0, 1.0, 0.5, 0.25]

    Source: Goodfellow, Bengio and Courville (2016), section 8.3; PyTorch's `StepLR`.
    """

    eta: float
    every: int
    factor: float = 0.1
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        _settle(self, every=whole("every", self.every), factor=_factor(self.factor))

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        return self.eta * math.pow(self.factor, t // self.every)


@dataclass(frozen=True)
class Exponential:
    """eta * factor^t.

    Args:
        eta: The rate at t = 0, positive.
        factor: What it is multiplied by each time, more than 0 and at most 1.
        per: What t counts, "epoch" or "iteration".

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [Exponential(1.0, factor=0.5).rate(t) for t in (0, 1, 2)]
        [1.0, 0.5, 0.25]

    Source: PyTorch's `ExponentialLR`.
    """

    eta: float
    factor: float = 0.95
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        _settle(self, factor=_factor(self.factor))

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        return self.eta * math.pow(self.factor, t)


@dataclass(frozen=True)
class Cosine:
    """Half a wave of the cosine from eta down to `lowest`, where it stays.

    lowest + (eta - lowest)/2 * (1 + cos(pi t / steps)) up to t = steps.

    Args:
        eta: The rate at t = 0, positive.
        steps: How long it falls, at least 1.
        lowest: The rate from then on, at least 0 and at most eta.
        per: What t counts, "epoch" or "iteration".

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [round(Cosine(1.0, steps=4).rate(t), 3) for t in (0, 1, 2, 4, 9)]
        [1.0, 0.854, 0.5, 0.0, 0.0]

    Source: Loshchilov and Hutter, SGDR (2017), equation 5, without restarts.
    """

    eta: float
    steps: int
    lowest: float = 0.0
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        _settle(self, steps=whole("steps", self.steps), lowest=_lowest(self.lowest, self.eta))

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        wave = 1 + math.cos(math.pi * min(t, self.steps) / self.steps)
        return self.lowest + (self.eta - self.lowest) / 2 * wave


@dataclass(frozen=True)
class WarmUp:
    """A linear rise to a rate or to the start of another schedule, which then begins.

    At t < steps it is (t + 1)/(steps + 1) of where it leads.

    Args:
        then: The rate, or schedule, that it leads to.
        steps: How long it rises, at least 1.
        per: What t counts, "epoch" or "iteration"; a schedule that follows must count the same.

    Raises:
        ValueError: If an argument is out of range, or the schedule counts something else.

    Example:
        >>> [round(WarmUp(1.0, steps=3).rate(t), 3) for t in (0, 1, 2, 3, 4)]
        [0.25, 0.5, 0.75, 1.0, 1.0]

    Source: Goyal et al. (2017), section 2.2.
    """

    then: Rate
    steps: int
    per: Unit = "epoch"

    def __post_init__(self) -> None:
        settle(self, steps=whole("steps", self.steps), then=checked_rate("then", self.then))
        _require_unit(self.per)
        if isinstance(self.then, Plateau):
            raise ValueError(  # noqa: TRY004 - a schedule, but one that does not fit here
                "Plateau watches the loss from the first epoch on and cannot follow a warm-up"
            )
        if is_schedule(self.then) and (unit := unit_of(self.then)) != self.per:
            raise ValueError(
                f"the warm-up counts in {self.per!r} and what follows in {unit!r}: give "
                f"both the same, as in {type(self.then).__name__}(..., per={self.per!r})"
            )

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        if t < self.steps:
            return rate_at(self.then, 0) * (t + 1) / (self.steps + 1)
        return rate_at(self.then, t - self.steps)


class Watch(NamedTuple):
    """What `Plateau` remembers: the rate, the best objective, and for how long none was better."""

    eta: float
    best: float = math.inf
    waited: int = 0


@dataclass(frozen=True)
class Plateau:
    """Lowers the rate when the objective no longer improves.

    Args:
        eta: The rate to begin with, positive.
        factor: What it is multiplied by, more than 0 and less than 1.
        patience: So many epochs without an improvement are borne; the next one lowers the rate.
        tol: By what share of the best the objective must fall below it to count as improved.
        lowest: The rate is not lowered below this.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> plateau = Plateau(1.0, factor=0.5, patience=1)
        >>> watch, rates = plateau.begin(), []
        >>> for objective in (3.0, 2.0, 2.0, 2.0, 2.0, 2.0):
        ...     watch = plateau.seen(watch, objective)
        ...     rates.append(watch.eta)
        >>> rates
        [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]

    Source: PyTorch's `ReduceLROnPlateau(mode="min", threshold_mode="rel", cooldown=0)`.
    """

    eta: float
    factor: float = 0.1
    patience: int = 10
    tol: float = 1e-4
    lowest: float = 0.0
    per: Unit = field(default="epoch", init=False)

    def __post_init__(self) -> None:
        if positive("factor", self.factor) >= 1:
            raise ValueError(f"factor must be more than 0 and less than 1, not {self.factor!r}")
        numbers = {"factor": float(self.factor), "lowest": _lowest(self.lowest, self.eta)}
        _settle(self, patience=whole("patience", self.patience, 0), **numbers)
        settle(self, tol=share("tol", self.tol))

    def rate(self, t: int) -> float:
        """Return the rate to begin with; what follows depends on what is `seen`."""
        return self.eta

    def begin(self) -> Watch:
        """Return what is remembered before the first epoch."""
        return Watch(self.eta)

    def seen(self, watch: Watch, objective: float) -> Watch:
        """Return what is remembered after an epoch that ended with an objective."""
        if objective < watch.best * (1 - self.tol):
            return Watch(watch.eta, objective)
        if watch.waited < self.patience:
            return watch._replace(waited=watch.waited + 1)
        return Watch(max(watch.eta * self.factor, self.lowest), watch.best)


def is_schedule(rate: Rate) -> TypeGuard[Schedule]:
    """Whether a rate is a schedule: it is unless it is a number, which takes less time to tell."""
    return not isinstance(rate, Real)


def unit_of(schedule: Schedule) -> Unit:
    """Return what a schedule's time is counted in: epochs if it does not say."""
    return getattr(schedule, "per", "epoch")


def rate_at(rate: Rate, t: int) -> float:
    """Return a rate at time t.

    Raises:
        ValueError: If a schedule's is not finite and at least 0.
    """
    if not is_schedule(rate):
        return cast(float, rate)
    try:
        return at_least_0(f"the learning rate of {rate} at t = {t}", rate.rate(t))
    except OverflowError:
        raise ValueError(f"the learning rate of {rate} at t = {t} overflows") from None


def rates_of(
    rate: Rate, epoch: int, count: int, updates: int, eta: float | None = None
) -> FloatArray:
    """Return the learning rates of some epochs, which broadcast to (epochs, updates).

    Args:
        rate: The rate or schedule.
        epoch: How many epochs there were before.
        count: How many epochs.
        updates: How many updates an epoch has.
        eta: The learning rate, if it is not the schedule that says.
    """
    if eta is not None:
        return np.full((count, 1), eta)
    if not is_schedule(rate):
        return np.full((count, 1), cast(float, rate))
    if unit_of(rate) == "iteration":
        times = range(epoch * updates, (epoch + count) * updates)
        return np.array([rate_at(rate, t) for t in times]).reshape(count, updates)
    return np.array([[rate_at(rate, t)] for t in range(epoch, epoch + count)])


def checked_rate(name: str, found: object) -> Rate:
    """Return a learning rate: a positive, finite number, or a schedule as it is.

    Raises:
        ValueError: If it is neither; the message shows it.
    """
    if callable(getattr(found, "rate", None)) and not isinstance(found, type):
        schedule: Any = found
        _require_unit(unit_of(schedule))
        return cast(Rate, schedule)
    try:
        return positive(name, found)
    except ValueError:
        raise ValueError(
            f"{name} must be positive and finite, or a schedule such as gn.Cosine(0.1, steps=50), "
            f"or an object of yours with rate(t), not {found!r}"
        ) from None


def _settle(schedule: Any, **values: object) -> None:
    """Check what all schedules have, and give them checked values."""
    settle(schedule, eta=positive("eta", schedule.eta), **values)
    _require_unit(schedule.per)


def _require_unit(per: object) -> None:
    if per not in get_args(Unit):
        raise unknown_name("per", per, get_args(Unit))


def _factor(found: object) -> float:
    value = positive("factor", found)
    if value > 1:
        raise ValueError(f"factor must be more than 0 and at most 1, not {found!r}")
    return value


def _lowest(found: object, eta: object) -> float:
    value = at_least_0("lowest", found)
    if value > positive("eta", eta):
        raise ValueError(f"lowest must be at least 0 and at most eta, {eta}, not {found!r}")
    return value
