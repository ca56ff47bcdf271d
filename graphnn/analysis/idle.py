"""Neurons that do nothing, or can learn nothing, on a data set.

Those that no path reaches or leaves, whatever the data, are `summary`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.program.lower import compile
from graphnn.types import Neuron

__all__ = ["dead_neurons", "mean_values", "saturated_neurons"]


def dead_neurons(network: Network, X: ArrayLike, *, tolerance: float = 0.0) -> list[Neuron]:
    """Return the neurons of layers 1..T-1 whose value is the same on every sample.

    So is a relu that is 0 everywhere: no gradient passes through it, and it stays so.

    Args:
        network: The network; it is only read.
        X: Inputs, shape (m, d^(0)); two samples or more.
        tolerance: How far the largest value may be from the smallest.

    Raises:
        DataError: If X has another shape, is not finite, or has one sample.

    Example:
        >>> net = Network.from_matrices([[[-9.0, 0.0], [1.0, 1.0]], [[0], [1], [1]]], None, "relu")
        >>> dead_neurons(net, [[0.0], [1.0], [2.0]])
        [(1, 1)]

    Source: Lu, Shin, Su and Karniadakis, "Dying ReLU and Initialization" (2020).
    """
    found = []
    for neuron, _, _, v in _numbers(network, X, least=2):
        if float(np.max(v) - np.min(v)) <= tolerance:
            found.append(neuron)
    return found


def saturated_neurons(
    network: Network, X: ArrayLike, *, slope: float = 0.01, share: float = 0.9
) -> dict[Neuron, float]:
    """Return the neurons of layers 1..T-1 whose slope is small on most samples.

    Args:
        network: The network; it is only read.
        X: Inputs, shape (m, d^(0)).
        slope: What is small: |sigma'(a)| of at most that times the largest slope that the neuron's
            activation has in [-10, 10].
        share: On how many of the samples.

    Returns:
        For each of them the share of samples.

    Raises:
        DataError: If X has another shape or is not finite.

    Example:
        >>> net = Network.from_matrices([[[0, 0], [99, 1]], [[0], [1], [1]]], None, "tanh")
        >>> saturated_neurons(net, [[-1.0], [1.0]])
        {(1, 1): 1.0}

    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
    Networks" (2010), section 3.
    """
    found = {}
    largest: dict[Activation, float] = {}
    for neuron, one, a, v in _numbers(network, X, least=1):
        if one not in largest:
            largest[one] = _steepest(one)
        slopes = [abs(one.derivative(*pair)) for pair in zip(a.tolist(), v.tolist(), strict=True)]
        small = float(np.mean(np.array(slopes) <= slope * largest[one]))
        if small >= share:
            found[neuron] = small
    return found


def mean_values(network: Network, X: ArrayLike) -> dict[Neuron, float]:
    """Return the mean value of each neuron on samples; that of the constant ones is 1.

    Args:
        network: The network; it is only read.
        X: Inputs, shape (m, d^(0)).

    Raises:
        DataError: If X has another shape, is empty, or is not finite.

    Example:
        >>> net = Network.from_matrices([[[0.5], [2.0]]], None, "identity")
        >>> mean_values(net, [[1.0], [2.0]])
        {(0, 0): 1.0, (0, 1): 1.5, (1, 1): 3.5}
    """
    program = compile(network)
    _, values = program.forward(X)
    if not len(values[0]):
        raise DataError("X has no samples, expected at least 1")
    found: dict[Neuron, float] = {}
    for t, (neurons, v) in enumerate(zip(program.neurons, values, strict=True)):
        if t < network.depth:
            found[t, 0] = 1.0
        found |= zip(neurons, np.mean(v, axis=0).tolist(), strict=True)
    return found


def _steepest(one: Activation) -> float:
    return max(abs(one.derivative(a, one.value(a))) for a in np.linspace(-10, 10, 2001).tolist())


def _numbers(
    network: Network, X: ArrayLike, least: int
) -> Iterator[tuple[Neuron, Activation, NDArray[Any], NDArray[Any]]]:
    """Yield each neuron between inputs and outputs, its activation, and its a and v on samples."""
    program = compile(network)
    a, v = program.forward(X)
    if len(v[0]) < least:
        raise DataError(f"X has {len(v[0])} samples, expected at least {least}")
    for t in range(1, network.depth):
        for k, neuron in enumerate(program.neurons[t]):
            yield neuron, network.activation(neuron), np.asarray(a[t])[:, k], v[t][:, k]
