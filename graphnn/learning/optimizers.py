"""Optimisers: the scalar update of one weight, over named state.

`slots` and `counters` name what an optimiser remembers, of each weight and of the whole run, with
the values that it begins with. Before an update `tick` moves the counters on; then every weight
gets `update(weight, gradient, slots, step)`, where `step` is (eta, *counters). All engines run
these very functions; the matrix engine runs `update_array`, the same operations in the same order
on whole arrays, in place.

`rests` says that an update by a gradient of 0 changes nothing, which compiled code makes use of.

A variant of your own is a frozen dataclass of numbers with these methods, most easily a subclass of
`Optimizer`; without `update_array` the matrix engine runs a plain loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from graphnn.learning.schedules import Rate, checked_rate, rate_at
from graphnn.ranges import settle, share
from graphnn.types import FloatArray

__all__ = ["SGD", "Momentum", "Nesterov", "Numbers", "Optimizer", "needs_all_samples"]

Numbers: TypeAlias = tuple[float, ...]
Arrays: TypeAlias = Sequence[FloatArray]


@dataclass(frozen=True)
class Optimizer:
    """What optimisers share: a learning rate, and that nothing is remembered.

    One of your own is a frozen dataclass, whose numbers are fields, with an `update` and, if it
    remembers something of each weight, `slots`. Every engine runs it, compiled too.

    Args:
        eta: The learning rate, positive, or a schedule. Its value at an update is `step[0]`.

    Raises:
        ValueError: If eta is neither.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Lion(Optimizer):  # Chen et al. (2023), without decay
        ...     beta: float = 0.9
        ...
        ...     def slots(self):
        ...         return {"mean": 0.0}  # by name, with what it begins with
        ...
        ...     def update(self, weight, gradient, slots, step):
        ...         mean = self.beta * slots[0] + (1 - self.beta) * gradient
        ...         sign = (mean > 0) - (mean < 0)
        ...         return weight - step[0] * sign, (mean,)
        >>> Lion(0.01).update(1.0, 2.0, (0.0,), (0.01,))[0]
        0.99
    """

    eta: Rate = 0.1

    needs_all_samples: ClassVar[bool] = False
    """Whether an update needs the gradient over all samples."""

    def __post_init__(self) -> None:
        settle(self, eta=checked_rate("eta", self.eta))

    @property
    def first_eta(self) -> float:
        """The learning rate of the first update."""
        return rate_at(self.eta, 0)

    def slots(self) -> dict[str, float]:
        """Return what is remembered of each weight, with the values that it begins with."""
        return {}

    def counters(self) -> dict[str, float]:
        """Return what is remembered of the run, with the values that it begins with."""
        return {}

    def tick(self, counters: Numbers) -> Numbers:
        """Return the counters of the next update."""
        return counters

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and slots; `step` is (eta, *counters)."""
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimizer):
    """Plain gradient descent: w <- w - eta g.

    Args:
        eta: The learning rate, positive, or a schedule.

    Raises:
        ValueError: If eta is neither.

    Example:
        >>> SGD().update(1.0, 0.2, (), (0.5,))
        (0.9, ())

    Source: lecture, "GD Update rule" and "Backpropagation Algorithm".
    """

    rests: ClassVar[str] = "where the gradient is 0"

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight."""
        return weight - step[0] * gradient, slots

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change the weights in place; spoils the gradient."""
        gradient *= step[0]
        weights -= gradient


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum, the "heavy ball": u <- mu u - eta g, w <- w + u.

    eta stands inside the velocity, as in scikit-learn and Keras. PyTorch's `SGD(momentum=mu)`
    multiplies by it outside, which is the same while eta stays.

    Args:
        eta: The learning rate, positive, or a schedule.
        mu: The share of the velocity that stays, at least 0 and less than 1.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> Momentum(mu=0.5).update(1.0, 2.0, (1.0,), (0.25,))
        (1.0, (0.0,))

    Source: Polyak (1964); Sutskever et al. (2013), equations 1 and 2.
    """

    eta: Rate = 0.01
    mu: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, mu=share("mu", self.mu))

    def slots(self) -> dict[str, float]:
        """Return the velocity u, 0 at first."""
        return {"velocity": 0.0}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and velocity."""
        velocity = self.mu * slots[0] - step[0] * gradient
        return weight + velocity, (velocity,)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and velocities in place; spoils the gradient."""
        gradient *= step[0]
        slots[0][:] *= self.mu
        slots[0][:] -= gradient
        weights += slots[0]


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Nesterov's accelerated gradient: u <- mu u - eta g, w <- w + mu u - eta g.

    The weights kept are those looked ahead to, so the gradient is taken where they are; as in
    scikit-learn, Keras and PyTorch (`SGD(momentum=mu, nesterov=True)`, the same while eta stays).

    Args:
        eta: The learning rate, positive, or a schedule.
        mu: The share of the velocity that stays, at least 0 and less than 1.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> Nesterov(mu=0.5).update(1.0, 2.0, (1.0,), (0.25,))
        (0.5, (0.0,))

    Source: Nesterov (1983); Sutskever et al. (2013), equations 3 and 4, in the variables of Bengio
    et al. (2013), equation 7.
    """

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and velocity."""
        change = step[0] * gradient
        velocity = self.mu * slots[0] - change
        return weight + (self.mu * velocity - change), (velocity,)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and velocities in place; spoils the gradient."""
        gradient *= step[0]
        slots[0][:] *= self.mu
        slots[0][:] -= gradient
        weights += self.mu * slots[0] - gradient


def needs_all_samples(method: object) -> bool:
    """Whether an optimiser needs the gradient over all samples in each update."""
    return bool(getattr(method, "needs_all_samples", False))
