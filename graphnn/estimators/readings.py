"""Readings: what a network's outputs mean, for numbers and for classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from sklearn.metrics import r2_score

from graphnn.estimators.networks import common_activation
from graphnn.graph.network import Network
from graphnn.types import FloatArray, IntArray

__all__ = ["Classes", "Numbers", "Reading"]

LOWEST, HIGHEST = np.finfo(np.float64).tiny, 1 - 2.0**-53
"""A probability is never 0 or 1: it is the smallest normal number, or the number next to 1, where
it would be nearer to them."""


@dataclass(frozen=True)
class Numbers:
    """Outputs that are the numbers themselves.

    Attributes:
        width: How many there are.
    """

    width: int
    loss: ClassVar[str] = "squared"
    output: ClassVar[str] = "identity"

    def targets(self, y: FloatArray) -> FloatArray:
        """Return what the outputs are to be, shape (m, width)."""
        return y

    def strata(self, y: FloatArray) -> IntArray | None:
        """Return None: there are no classes to be held out alike."""
        return None

    def score(self, y: FloatArray, outputs: FloatArray, weights: FloatArray | None) -> float:
        """Return R^2 of outputs, given the targets."""
        return float(r2_score(y, outputs, sample_weight=weights))


LOSS_OF = {
    "sigmoid": "binary_cross_entropy",
    "identity": "softmax_cross_entropy",
    "tanh": "squared",
}
"""What outputs of classes are trained with, by their activation."""


@dataclass(frozen=True)
class Classes:
    """Outputs that say how likely each class is.

    | outputs | targets | loss | probability of an output |
    |---|---|---|---|
    | sigmoid | 0, 1 | binary_cross_entropy | v |
    | identity | class | softmax_cross_entropy | softmax of all outputs |
    | tanh | -1, +1 | squared | (1 + v) / 2 |

    A single output tells two classes apart: it speaks for the second. Several sigmoid or tanh
    outputs are one against the rest each; where a sample has one class only, the largest wins and
    their probabilities are divided by their sum.

    Attributes:
        count: How many classes, or labels, there are.
        exclusive: Whether a sample has exactly one of them.
        output: The activation of the outputs.
        width: How many outputs there are.
    """

    count: int
    exclusive: bool
    output: str
    width: int

    @classmethod
    def usual(cls, count: int, *, exclusive: bool) -> Classes:
        """Return the reading that scikit-learn has."""
        if exclusive and count > 2:
            return cls(count, exclusive, "identity", count)
        return cls(count, exclusive, "sigmoid", 1 if exclusive else count)

    @classmethod
    def of(cls, network: Network, count: int, *, exclusive: bool) -> Classes:
        """Return how the outputs of a network are read.

        Raises:
            ValueError: If their activations or their number say no classes.
        """
        output, width = common_activation(network, network.depth).name, network.layers[-1]
        neuron = network.neurons(network.depth)[0]
        if output not in LOSS_OF or (output == "identity" and not exclusive):
            what = "class" if exclusive else "label of several"
            fit = "sigmoid, tanh" + (" or identity (softmax)" if exclusive else "")
            raise ValueError(
                f"output neuron {neuron} has the activation {output!r}, which says no {what}: "
                f"expected {fit}; set_activation('sigmoid', layer={network.depth}) on a copy"
            )
        single = exclusive and count == 2 and output != "identity"
        if width != count and not (single and width == 1):
            raise ValueError(
                f"the network has {width} output{'' if width == 1 else 's'} ({output}), and "
                f"{count} {'classes' if exclusive else 'labels'} need {'1 or ' if single else ''}"
                f"{count}"
            )
        return cls(count, exclusive, output, width)

    @property
    def loss(self) -> str:
        """The loss that they are trained with."""
        return LOSS_OF[self.output]

    def targets(self, y: FloatArray) -> FloatArray:
        """Return what the outputs are to be, shape (m, width).

        Args:
            y: Class numbers, shape (m, 1), or 0 and 1 for each label, shape (m, count).
        """
        ones = y
        if self.exclusive and self.width > 1:
            ones = (y == np.arange(self.count)).astype(np.float64)
        return 2 * ones - 1 if self.output == "tanh" else ones

    def strata(self, y: FloatArray) -> IntArray | None:
        """Return the class number of each sample, None where it may have several labels."""
        return y[:, 0].astype(np.intp) if self.exclusive else None

    def decide(self, v: FloatArray) -> IntArray:
        """Return class numbers, shape (m,), or 0 and 1 for each label, shape (m, count).

        Args:
            v: The outputs, shape (m, width).
        """
        if self.exclusive and self.width > 1:
            return np.asarray(v.argmax(axis=1))
        above = (v > (0.0 if self.output == "tanh" else 0.5)).astype(np.intp)
        return above[:, 0] if self.exclusive else above

    def log_probabilities(self, a: FloatArray) -> FloatArray:
        """Return the logarithms of the classes' probabilities, shape (m, count).

        Args:
            a: The outputs' pre-activations, shape (m, width).
        """
        return np.maximum(self._logs(a), np.log(LOWEST))

    def _logs(self, a: FloatArray) -> FloatArray:
        if self.output == "identity":
            return _normalised(a)
        # (1 + tanh a) / 2 is sigmoid(2 a).
        z = 2 * a if self.output == "tanh" else a
        found: FloatArray = -np.logaddexp(0, -z)
        if self.exclusive and self.width == 1:
            return np.hstack([-np.logaddexp(0, z), found])
        return _normalised(found) if self.exclusive else found

    def probabilities(self, a: FloatArray) -> FloatArray:
        """Return the classes' probabilities, shape (m, count), given pre-activations."""
        return np.clip(np.exp(self._logs(a)), LOWEST, HIGHEST)

    def score(self, y: FloatArray, outputs: FloatArray, weights: FloatArray | None) -> float:
        """Return the share of samples that are right, given class numbers or labels.

        With several labels a sample is right where all of them are.
        """
        right = (self.decide(outputs).reshape(y.shape) == y).all(axis=1)
        return float(np.average(right, weights=weights))


Reading: TypeAlias = Numbers | Classes


def _normalised(logs: FloatArray) -> FloatArray:
    """Return logarithms of shares that add up to 1."""
    below = logs - logs.max(axis=1, keepdims=True)
    normalised: FloatArray = below - np.log(np.exp(below).sum(axis=1, keepdims=True))
    return normalised
