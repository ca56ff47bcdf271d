"""Optimisers that scale each weight's steps by its own past gradients.

Everywhere epsilon stands outside the square root, as in PyTorch, so the steps of a weight whose
gradients are tiny stay bounded by eta |g| / epsilon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphnn.learning.optimizers import Arrays, Numbers, Optimizer
from graphnn.learning.schedules import Rate
from graphnn.ranges import at_least_0, positive, settle, share
from graphnn.types import FloatArray

__all__ = ["AMSGrad", "Adagrad", "Adam", "AdamW", "RMSprop"]


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad: s <- s + g^2, w <- w - eta g / (sqrt(s) + epsilon).

    PyTorch's `Adagrad(lr_decay=0, initial_accumulator_value=0)`; Keras begins s with 0.1.

    Args:
        eta: The learning rate, positive, or a schedule.
        epsilon: Keeps the quotient finite, positive.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> Adagrad(epsilon=1.0).update(1.0, 3.0, (0.0,), (0.5,))
        (0.625, (9.0,))

    Source: Duchi, Hazan and Singer (2011).
    """

    eta: Rate = 0.01
    epsilon: float = 1e-10

    rests: ClassVar[str] = "where the gradient is 0"

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, epsilon=positive("epsilon", self.epsilon))

    def slots(self) -> dict[str, float]:
        """Return the sum of squared gradients, 0 at first."""
        return {"squares": 0.0}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and sum of squares."""
        squares = slots[0] + gradient * gradient
        change = step[0] * gradient / (math.sqrt(squares) + self.epsilon)
        return weight - change, (squares,)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and sums in place; spoils the gradient."""
        slots[0][:] += gradient * gradient
        gradient *= step[0]
        gradient /= np.sqrt(slots[0]) + self.epsilon
        weights -= gradient


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop: s <- rho s + (1 - rho) g^2, w <- w - eta g / (sqrt(s) + epsilon).

    PyTorch's `RMSprop(alpha=rho)`, neither centred nor with momentum; Keras has rho = 0.9 and
    epsilon inside the root.

    Args:
        eta: The learning rate, positive, or a schedule.
        rho: The share of the mean square that stays, at least 0 and less than 1.
        epsilon: Keeps the quotient finite, positive.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> RMSprop(rho=0.75, epsilon=1.0).update(1.0, 2.0, (0.0,), (0.5,))
        (0.5, (1.0,))

    Source: Tieleman and Hinton (2012), lecture 6.5.
    """

    eta: Rate = 0.01
    rho: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, rho=share("rho", self.rho))
        settle(self, epsilon=positive("epsilon", self.epsilon))

    def slots(self) -> dict[str, float]:
        """Return the running mean of squared gradients, 0 at first."""
        return {"square": 0.0}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and mean square."""
        square = running(slots[0], gradient * gradient, self.rho)
        change = step[0] * gradient / (math.sqrt(square) + self.epsilon)
        return weight - change, (square,)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and means in place; spoils the gradient."""
        _mean_square(slots[0], gradient, self.rho)
        gradient *= step[0]
        gradient /= np.sqrt(slots[0]) + self.epsilon
        weights -= gradient


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam: steps by the running mean of gradients over the root of that of their squares.

    m <- beta1 m + (1 - beta1) g, s <- beta2 s + (1 - beta2) g^2,
    w <- w - eta m^ / (sqrt(s^) + epsilon), where m^ = m / (1 - beta1^t) and s^ = s / (1 - beta2^t)
    undo that both begin with 0. The powers of beta1 and beta2 are counters, multiplied each step.
    PyTorch's and optax's `Adam`; Keras and the paper's faster form let epsilon meet the
    uncorrected root.

    Args:
        eta: The learning rate, positive, or a schedule.
        beta1: The share of the mean that stays, at least 0 and less than 1.
        beta2: The share of the mean square that stays, at least 0 and less than 1.
        epsilon: Keeps the quotient finite, positive.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> adam = Adam(beta1=0.5, beta2=0.75)
        >>> counters = adam.tick((1.0, 1.0))
        >>> weight, slots = adam.update(1.0, 2.0, (0.0, 0.0), (0.1, *counters))
        >>> round(weight, 6), slots
        (0.9, (1.0, 1.0))

    Source: Kingma and Ba (2015), algorithm 1.
    """

    eta: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, beta1=share("beta1", self.beta1))
        settle(self, beta2=share("beta2", self.beta2))
        settle(self, epsilon=positive("epsilon", self.epsilon))

    def slots(self) -> dict[str, float]:
        """Return the running means of gradients and of their squares, 0 at first."""
        return {"mean": 0.0, "square": 0.0}

    def counters(self) -> dict[str, float]:
        """Return the powers of beta1 and beta2, of exponent 0 at first."""
        return {"power1": 1.0, "power2": 1.0}

    def tick(self, counters: Numbers) -> Numbers:
        """Return the powers of one exponent more."""
        return counters[0] * self.beta1, counters[1] * self.beta2

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and means."""
        mean = running(slots[0], gradient, self.beta1)
        square = running(slots[1], gradient * gradient, self.beta2)
        return weight - adam_change(mean, square, step, self.epsilon), (mean, square)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and means in place; spoils the gradient."""
        _means(slots, gradient, self.beta1, self.beta2)
        weights -= _adam_changes(slots[0], slots[1], step, self.epsilon, gradient)


@dataclass(frozen=True)
class AMSGrad(Adam):
    """Adam whose mean square never falls: divides by the root of the largest one so far.

    The largest is taken before the correction for beginning with 0, as in PyTorch
    (`Adam(amsgrad=True)`) and optax.

    Args:
        eta: The learning rate, positive, or a schedule.
        beta1: The share of the mean that stays, at least 0 and less than 1.
        beta2: The share of the mean square that stays, at least 0 and less than 1.
        epsilon: Keeps the quotient finite, positive.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> AMSGrad().slots()
        {'mean': 0.0, 'square': 0.0, 'largest': 0.0}

    Source: Reddi, Kale and Kumar (2018), algorithm 2.
    """

    def slots(self) -> dict[str, float]:
        """Return both running means and the largest mean square, 0 at first."""
        return {"mean": 0.0, "square": 0.0, "largest": 0.0}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight, means and largest mean square."""
        mean = running(slots[0], gradient, self.beta1)
        square = running(slots[1], gradient * gradient, self.beta2)
        # Asked this way round, so that NaN goes on and is seen.
        largest = slots[2] if slots[2] >= square else square
        return weight - adam_change(mean, largest, step, self.epsilon), (mean, square, largest)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights, means and largest mean squares in place; spoils the gradient."""
        _means(slots, gradient, self.beta1, self.beta2)
        np.maximum(slots[2], slots[1], out=slots[2])
        weights -= _adam_changes(slots[0], slots[2], step, self.epsilon, gradient)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with weight decay that is decoupled from the gradient: first w <- w - eta lambda w.

    PyTorch's and optax's `AdamW`. With `Adam` and `L2` instead, the decay would pass through the
    quotient, and weights of large gradients would decay less.

    Args:
        eta: The learning rate, positive, or a schedule; the decay is multiplied by it too.
        beta1: The share of the mean that stays, at least 0 and less than 1.
        beta2: The share of the mean square that stays, at least 0 and less than 1.
        epsilon: Keeps the quotient finite, positive.
        lambda_: The decay, at least 0.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> adam = AdamW(lambda_=0.5)
        >>> adam.update(1.0, 0.0, (0.0, 0.0), (0.1, *adam.tick((1.0, 1.0))))[0]
        0.95

    Source: Loshchilov and Hutter (2019), algorithm 2.
    """

    lambda_: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, lambda_=at_least_0("lambda_", self.lambda_))

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and means."""
        mean = running(slots[0], gradient, self.beta1)
        square = running(slots[1], gradient * gradient, self.beta2)
        decayed = weight - step[0] * self.lambda_ * weight
        return decayed - adam_change(mean, square, step, self.epsilon), (mean, square)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Change weights and means in place; spoils the gradient."""
        weights -= step[0] * self.lambda_ * weights
        super().update_array(weights, gradient, slots, step)


def running(mean: float, number: float, stays: float) -> float:
    """Return a running mean after one more number."""
    return stays * mean + (1 - stays) * number


def adam_change(mean: float, square: float, step: Numbers, epsilon: float) -> float:
    """Return eta m^ / (sqrt(s^) + epsilon); what all weights share is worked out apart."""
    eta, power1, power2 = step
    rate = eta / (1 - power1)
    scale = 1 / math.sqrt(1 - power2)
    return rate * mean / (scale * math.sqrt(square) + epsilon)


def _adam_changes(
    mean: FloatArray, square: FloatArray, step: Numbers, epsilon: float, spoilt: FloatArray
) -> FloatArray:
    """Return `adam_change` of arrays, in a spoilt one."""
    eta, power1, power2 = step
    np.multiply(eta / (1 - power1), mean, out=spoilt)
    below = np.sqrt(square)
    below *= 1 / math.sqrt(1 - power2)
    below += epsilon
    spoilt /= below
    return spoilt


def _means(slots: Arrays, gradient: FloatArray, beta1: float, beta2: float) -> None:
    mean = slots[0]
    mean *= beta1
    mean += (1 - beta1) * gradient
    _mean_square(slots[1], gradient, beta2)


def _mean_square(square: FloatArray, gradient: FloatArray, rho: float) -> None:
    squared = gradient * gradient
    squared *= 1 - rho
    square *= rho
    square += squared
