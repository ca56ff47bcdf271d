"""Spectral norms of the layers, and the bound on how much outputs move that follows from them.

Source: Szegedy et al., "Intriguing Properties of Neural Networks" (2014), section 4.3; Golub and
Van Loan, "Matrix Computations" (2013), section 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from graphnn.errors import NetworkError
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.network import Network
from graphnn.program.lower import compile
from graphnn.types import Neuron

__all__ = ["LIPSCHITZ", "lipschitz_bound", "spectral_norms"]

LIPSCHITZ: Mapping[str, float] = MappingProxyType(
    {
        "identity": 1.0,
        "sigmoid": 0.25,
        "tanh": 1.0,
        "relu": 1.0,
        "leaky_relu": 1.0,
        "elu": 1.0,
        "softplus": 1.0,
        "gelu": 1.1290,  # Phi(a) + a phi(a) is largest at a = sqrt(2): 1.12890...
        "silu": 1.0999,  # s + a s (1 - s) is largest at a = 2.3994: 1.09984...
    }
)
"""The largest slope of each built-in activation, rounded up; sign has a step, and none."""

DENSE_ENTRIES = 250_000
"""Up to that many entries, all singular values are computed."""


def spectral_norms(network: Network) -> list[float]:
    """Return the largest singular value of each layer's weights, the constant neurons' left out.

    Args:
        network: The network; it is only read.

    Returns:
        ||w^(t)||_2 for t = 1..T: how many times longer a difference of values can get.

    Example:
        >>> net = Network.from_matrices([[[9, 9], [3, 0], [0, 4]]], activation="identity")
        >>> spectral_norms(net)
        [4.0]
    """
    return [_largest(matrix[1:]) for matrix in compile(network).sparse()]


def lipschitz_bound(network: Network, activations: Mapping[str, float] | None = None) -> float:
    """Return L with ||h(x) - h(x')|| <= L ||x - x'|| for all inputs x, x'; Euclidean norms.

    It is the product of the layers' spectral norms and largest slopes, and seldom reached.

    Args:
        network: The network; it is only read.
        activations: The largest slopes of activations of your own, by name.

    Raises:
        NetworkError: If a neuron's activation has no bound that is known; the neuron is named.

    Example:
        >>> net = Network.from_matrices([[[9, 9], [3, 0], [0, 4]]], activation="sigmoid")
        >>> lipschitz_bound(net)
        1.0
    """
    bound = 1.0
    for t, norm in enumerate(spectral_norms(network), start=1):
        slopes = [_slope(network, neuron, activations or {}) for neuron in network.neurons(t)]
        bound *= norm * max(slopes)
    return bound


def _slope(network: Network, neuron: Neuron, own: Mapping[str, float]) -> float:
    one = network.activation(neuron)
    if ACTIVATIONS.get(one.name) == one and one.name in LIPSCHITZ:
        return LIPSCHITZ[one.name]
    if one.name in own:
        return float(own[one.name])
    raise NetworkError(
        f"neuron {neuron} has the activation {one.name!r}, whose largest slope is not known: give "
        f"it as activations={{{one.name!r}: ...}}, if it has one",
        node=neuron,
    )


def _largest(matrix: Any) -> float:
    """Return the largest singular value of a sparse matrix."""
    if matrix.nnz == 0:
        return 0.0
    if matrix.shape[0] * matrix.shape[1] <= DENSE_ENTRIES or min(matrix.shape) < 3:
        return float(np.linalg.norm(matrix.toarray(), 2))
    from scipy.sparse.linalg import svds

    # A first vector of ones and not a random one: the same network has the same norm.
    start = np.ones(min(matrix.shape)) / min(matrix.shape) ** 0.5
    values: Any = svds(matrix, k=1, v0=start, tol=1e-12, return_singular_vectors=False)
    return float(values[0])
