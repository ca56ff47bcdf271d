"""Regularisers: what is done to keep weights small, few or apart, besides fitting the data.

A regulariser does whatever it has a method for; `train` takes one or several, and an update goes in
this order, whatever theirs: `derivative` is added to the gradient, `clip` and `gradient_factor`
change the gradient, the optimiser moves the weight, `proximal` and `weight_factor` change the
weight. `term` is the penalty that counts in the objective. Absent edges take part in nothing.

| method | what it is | who has it |
|---|---|---|
| `term(w)` | the penalty of one weight | L1, L2, ElasticNet |
| `derivative(w)` | the derivative of its smooth part | L2, ElasticNet |
| `proximal(w, eta)` | the proximal step of the rest | L1, ElasticNet |
| `clip(gradient)` | the gradient of one weight, bounded | ClipValue |
| `gradient_factor(squares)` | one for all gradients, given the sum of their squares | ClipNorm |
| `weight_factor(squares)` | one for the weights into a neuron, given the sum of theirs | MaxNorm |
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphnn.ranges import at_least_0, positive, settle, share
from graphnn.types import FloatArray

__all__ = ["L1", "L2", "ClipNorm", "ClipValue", "Dropout", "ElasticNet", "MaxNorm"]


@dataclass(frozen=True)
class L2:
    """Squared weight decay: lambda/2 times the sum of the squared weights.

    The gradient of every weight gets `lambda * w` added to it (lecture, "Regularized NN").

    Args:
        lambda_: The regularisation parameter, 0 or more.
        constants: Whether the weights of the constant neurons' edges count too, as in the lecture.

    Raises:
        ValueError: If `lambda_` is negative or not finite.

    Example:
        >>> L2(0.5).term(2.0), L2(0.5).derivative(2.0)
        (1.0, 1.0)
    """

    lambda_: float
    constants: bool = True

    def __post_init__(self) -> None:
        settle(self, lambda_=at_least_0("lambda_", self.lambda_))

    def term(self, w: float) -> float:
        """Return the penalty of one weight, lambda/2 w^2."""
        return self.lambda_ / 2 * w * w

    def term_array(self, w: FloatArray) -> FloatArray:
        """Return the penalty of each of an array of weights."""
        term: FloatArray = self.lambda_ / 2 * w * w
        return term

    def derivative(self, w: float) -> float:
        """Return the penalty's derivative in one weight, lambda w."""
        return self.lambda_ * w

    def derivative_array(self, w: FloatArray) -> FloatArray:
        """Return the derivative for an array of weights."""
        derivative: FloatArray = self.lambda_ * w
        return derivative


@dataclass(frozen=True)
class L1:
    """Absolute weight decay: lambda times the sum of the absolute weights, which makes some 0.

    |w| has no derivative at 0, so the penalty is not added to the gradient: each update ends with
    its proximal step, which moves the weight towards 0 by eta * lambda and not beyond. Weights
    become exactly 0.0, and their edges stay. The step is eta's also where an optimiser moves each
    weight by a step of its own (Adam): decoupled, as AdamW's decay is.

    Args:
        lambda_: The regularisation parameter, 0 or more.
        constants: Whether the weights of the constant neurons' edges count too.

    Raises:
        ValueError: If `lambda_` is negative or not finite.

    Example:
        >>> L1(0.5).term(-2.0), L1(0.5).proximal(-2.0, 1.0), L1(0.5).proximal(0.4, 1.0)
        (1.0, -1.5, 0.0)

    Source: Tibshirani (1996); the proximal step: Parikh and Boyd, Proximal Algorithms (2014),
    section 6.5.2.
    """

    lambda_: float
    constants: bool = True

    def __post_init__(self) -> None:
        settle(self, lambda_=at_least_0("lambda_", self.lambda_))

    def term(self, w: float) -> float:
        """Return the penalty of one weight, lambda |w|."""
        return self.lambda_ * abs(w)

    def term_array(self, w: FloatArray) -> FloatArray:
        """Return the penalty of each of an array of weights."""
        term: FloatArray = self.lambda_ * np.abs(w)
        return term

    def proximal(self, w: float, eta: float) -> float:
        """Return the weight nearer to 0 by eta * lambda, 0 if it is that near."""
        return soft(w, eta * self.lambda_)

    def proximal_array(self, w: FloatArray, eta: float) -> FloatArray:
        """Return the proximal step for an array of weights."""
        return soft_array(w, eta * self.lambda_)


@dataclass(frozen=True)
class ElasticNet:
    """L1 and L2 together: lambda (r |w| + (1 - r)/2 w^2), added up over the weights.

    The squared part is added to the gradient as `L2` does, the absolute one is a proximal step as
    with `L1`.

    Args:
        lambda_: The regularisation parameter, 0 or more.
        ratio: The share r of L1, 0 to 1 (`l1_ratio` in scikit-learn).
        constants: Whether the weights of the constant neurons' edges count too.

    Raises:
        ValueError: If `lambda_` or `ratio` is out of range.

    Example:
        >>> net = ElasticNet(1.0, ratio=0.5)
        >>> net.term(2.0), net.derivative(2.0), net.proximal(2.0, 1.0)
        (2.0, 1.0, 1.5)

    Source: Zou and Hastie (2005).
    """

    lambda_: float
    ratio: float = 0.5
    constants: bool = True

    def __post_init__(self) -> None:
        settle(self, lambda_=at_least_0("lambda_", self.lambda_))
        ratio = 1.0 if self.ratio == 1 else share("ratio", self.ratio)
        settle(self, ratio=ratio)

    def term(self, w: float) -> float:
        """Return the penalty of one weight."""
        return self.lambda_ * (self.ratio * abs(w) + (1 - self.ratio) / 2 * w * w)

    def term_array(self, w: FloatArray) -> FloatArray:
        """Return the penalty of each of an array of weights."""
        term: FloatArray = self.lambda_ * (self.ratio * np.abs(w) + (1 - self.ratio) / 2 * w * w)
        return term

    def derivative(self, w: float) -> float:
        """Return the derivative of the squared part, lambda (1 - r) w."""
        return self.lambda_ * (1 - self.ratio) * w

    def derivative_array(self, w: FloatArray) -> FloatArray:
        """Return the derivative for an array of weights."""
        derivative: FloatArray = self.lambda_ * (1 - self.ratio) * w
        return derivative

    def proximal(self, w: float, eta: float) -> float:
        """Return the weight nearer to 0 by eta lambda r, 0 if it is that near."""
        return soft(w, eta * self.lambda_ * self.ratio)

    def proximal_array(self, w: FloatArray, eta: float) -> FloatArray:
        """Return the proximal step for an array of weights."""
        return soft_array(w, eta * self.lambda_ * self.ratio)


@dataclass(frozen=True)
class MaxNorm:
    """A bound on the norm of the weights into each neuron: after an update they are scaled to it.

    Args:
        bound: The largest norm, sqrt(sum_i w_ij^2), positive.
        constants: Whether the weights of the constant neurons' edges count and are scaled too.

    Raises:
        ValueError: If the bound is not positive and finite.

    Example:
        >>> MaxNorm(2.0).weight_factor(16.0), MaxNorm(2.0).weight_factor(1.0)
        (0.5, 1.0)

    Source: Srebro and Shraibman (2005); Srivastava et al. (2014), section 5.1.
    """

    bound: float
    constants: bool = True

    def __post_init__(self) -> None:
        settle(self, bound=positive("bound", self.bound))

    def weight_factor(self, squares: float) -> float:
        """Return what the weights into a neuron are multiplied by, given their sum of squares."""
        return factor_to(self.bound, squares)


@dataclass(frozen=True)
class ClipNorm:
    """A bound on the norm of the gradient: a longer one is scaled to it.

    The gradient is that of the objective, penalties included, over all weights at once.

    Args:
        bound: The largest norm, positive.

    Raises:
        ValueError: If the bound is not positive and finite.

    Example:
        >>> ClipNorm(1.0).gradient_factor(4.0), ClipNorm(1.0).gradient_factor(0.25)
        (0.5, 1.0)

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
    """

    bound: float

    def __post_init__(self) -> None:
        settle(self, bound=positive("bound", self.bound))

    def gradient_factor(self, squares: float) -> float:
        """Return what the gradient is multiplied by, given its sum of squares."""
        return factor_to(self.bound, squares)


@dataclass(frozen=True)
class ClipValue:
    """A bound on the gradient of each weight, penalties included: -bound to bound.

    Args:
        bound: The largest absolute value, positive.

    Raises:
        ValueError: If the bound is not positive and finite.

    Example:
        >>> ClipValue(1.0).clip(-3.0), ClipValue(1.0).clip(0.5)
        (-1.0, 0.5)

    Source: Mikolov (2012), section 3.2.
    """

    bound: float

    rests: ClassVar[str] = "where the gradient is 0"

    def __post_init__(self) -> None:
        settle(self, bound=positive("bound", self.bound))

    def clip(self, gradient: float) -> float:
        """Return the gradient of one weight, bounded; NaN stays NaN."""
        if gradient > self.bound:
            return self.bound
        return -self.bound if gradient < -self.bound else gradient

    def clip_array(self, gradient: FloatArray) -> FloatArray:
        """Return an array of gradients, bounded."""
        return np.clip(gradient, -self.bound, self.bound)


@dataclass(frozen=True)
class Dropout:
    """Dropout: in training each hidden neuron's value is set to 0 with some probability.

    The values that stay are divided by the probability of staying ("inverted" dropout), so the
    trained network is used as it is. Constant neurons and outputs always stay. The training loop
    draws who is dropped, anew for each sample and each time it is picked, so all engines drop the
    same neurons.

    Args:
        rate: The probability of being dropped, 0 or more and less than 1.
        inputs: The same for the input neurons.

    Raises:
        ValueError: If a probability is out of range.

    Example:
        >>> Dropout(0.5, inputs=0.2)
        Dropout(rate=0.5, inputs=0.2)

    Source: Srivastava et al. (2014).
    """

    rate: float = 0.5
    inputs: float = 0.0

    def __post_init__(self) -> None:
        settle(self, rate=share("rate", self.rate), inputs=share("inputs", self.inputs))


def factor_to(bound: float, squares: float) -> float:
    """Return what brings numbers of that sum of squares to a norm, 1 if theirs is no larger.

    A sum that has overflowed gives NaN: the run ends there instead of standing still.
    """
    norm = math.sqrt(squares)
    if norm > bound:
        return bound / norm if norm < math.inf else math.nan
    return 1.0


def soft(w: float, threshold: float) -> float:
    """Return w nearer to 0 by a threshold, 0 if it is that near; NaN stays NaN."""
    if w > threshold:
        return w - threshold
    if w < -threshold:
        return w + threshold
    return w - w  # 0, or NaN of NaN


def soft_array(w: FloatArray, threshold: float) -> FloatArray:
    """Return `soft` of an array of weights."""
    moved: FloatArray = w - np.clip(w, -threshold, threshold)
    return moved
