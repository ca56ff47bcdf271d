"""Sources of expected values that use none of the library's mathematics.

Gradients come from complex steps: Im f(w + ih) / h for an analytic f is its derivative to machine
precision, without any backpropagation (Squire and Trapp (1998), SIAM Review 40).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

import graphnn as gn
from graphnn.types import Edge, Neuron

MAZUR_EDGES: Mapping[Edge, float] = {
    ((0, 1), (1, 1)): 0.15,
    ((0, 2), (1, 1)): 0.20,
    ((0, 1), (1, 2)): 0.25,
    ((0, 2), (1, 2)): 0.30,
    ((0, 0), (1, 1)): 0.35,
    ((0, 0), (1, 2)): 0.35,
    ((1, 1), (2, 1)): 0.40,
    ((1, 2), (2, 1)): 0.45,
    ((1, 1), (2, 2)): 0.50,
    ((1, 2), (2, 2)): 0.55,
    ((1, 0), (2, 1)): 0.60,
    ((1, 0), (2, 2)): 0.60,
}
"""w1..w8 and the two biases, one edge for each neuron that a bias reaches."""

MAZUR_TRAINED: Mapping[Edge, float] = {
    ((0, 1), (1, 1)): 0.149780716,
    ((0, 2), (1, 1)): 0.19956143,
    ((0, 1), (1, 2)): 0.24975114,
    ((0, 2), (1, 2)): 0.29950229,
    ((1, 1), (2, 1)): 0.35891648,
    ((1, 2), (2, 1)): 0.408666186,
    ((1, 1), (2, 2)): 0.511301270,
    ((1, 2), (2, 2)): 0.561370121,
}
"""w1..w8 after one step with learning rate 0.5; the article leaves its biases as they are."""

Numbers = NDArray[Any]


def _softplus(a: Numbers) -> Numbers:
    positive = np.where(a.real > 0, a, 0)
    negative = np.where(a.real > 0, 0, a)
    return np.where(a.real > 0, positive + np.log1p(np.exp(-positive)), np.log1p(np.exp(negative)))


def _elu(a: Numbers) -> Numbers:
    return np.where(a.real > 0, a, np.expm1(np.where(a.real > 0, 0, a)))


def _huber(e: Numbers) -> Numbers:
    size = np.sign(e.real) * e
    return np.where(size.real <= 1, e * e / 2, size - 1 / 2)


def _log_cosh(e: Numbers) -> Numbers:
    size = np.sign(e.real) * e
    return size + np.log1p(np.exp(-2 * size)) - np.log(2)


VALUES: Mapping[str, Callable[[Numbers], Numbers]] = {
    "identity": lambda a: a,
    "sigmoid": lambda a: (1 + np.tanh(a / 2)) / 2,
    "tanh": np.tanh,
    "relu": lambda a: np.where(a.real > 0, a, 0),
    "leaky_relu": lambda a: np.where(a.real > 0, a, a / 100),
    "elu": _elu,
    "softplus": _softplus,
    "gelu": lambda a: a * special.erfc(-a / np.sqrt(2)) / 2,
    "silu": lambda a: a * (1 + np.tanh(a / 2)) / 2,
    "sign": lambda a: np.sign(a.real) + 0 * a,
}
"""The activations on real or complex arrays; a kink belongs to its left side."""


def _softmax_loss(a: Numbers, v: Numbers, y: Numbers) -> Numbers:
    top = a.real.max(axis=1, keepdims=True)
    log_p = (a - top) - np.log(np.exp(a - top).sum(axis=1, keepdims=True))
    return -(y * log_p).sum(axis=1)


LOSSES: Mapping[str, Callable[[Numbers, Numbers, Numbers], Numbers]] = {
    "squared": lambda a, v, y: ((v - y) ** 2).sum(axis=1) / 2,
    "absolute": lambda a, v, y: (np.sign((v - y).real) * (v - y)).sum(axis=1),
    "huber": lambda a, v, y: _huber(v - y).sum(axis=1),
    "log_cosh": lambda a, v, y: _log_cosh(v - y).sum(axis=1),
    "hinge": lambda a, v, y: np.where((y * v).real < 1, 1 - y * v, 0).sum(axis=1),
    "binary_cross_entropy": lambda a, v, y: (y * _softplus(-a) + (1 - y) * _softplus(a)).sum(1),
    "softmax_cross_entropy": _softmax_loss,
}
"""Each sample's loss from the output layer's a, v and y."""


def neurons_of(net: gn.Network, t: int) -> list[Neuron]:
    """Return the neurons of a layer in ascending order, read from the graph."""
    return sorted(n for n in net.graph.nodes if n[0] == t and n[1] > 0)


def weights_of(net: gn.Network) -> dict[Edge, float]:
    """Return every edge's weight, read from the graph, in (t, i, j) order."""
    return {(u, v): w for u, v, w in sorted(net.graph.edges(data="weight"))}


def forward(
    net: gn.Network, X: ArrayLike, weights: Mapping[Edge, complex] | None = None
) -> tuple[dict[Neuron, Numbers], dict[Neuron, Numbers]]:
    """Return a and v of every neuron for all rows of X: one array of shape (m,) each."""
    weights = weights_of(net) if weights is None else weights
    rows = np.asarray(X)
    v: dict[Neuron, Numbers] = {n: np.ones(len(rows)) for n in net.graph if n[1] == 0}
    v.update(zip(neurons_of(net, 0), rows.T, strict=True))
    a: dict[Neuron, Numbers] = {}
    for t in range(1, net.depth + 1):
        for n in neurons_of(net, t):
            terms = [weights[u, n] * v[u] for u in net.graph.pred[n]]
            a[n] = np.sum(terms, axis=0) if terms else np.zeros(len(rows))
            v[n] = VALUES[net.graph.nodes[n]["activation"].name](a[n])
    return a, v


def mean_loss(
    net: gn.Network,
    X: ArrayLike,
    y: ArrayLike,
    loss: str,
    weights: Mapping[Edge, complex] | None = None,
) -> complex:
    """Return the mean loss; y has shape (m, outputs)."""
    a, v = forward(net, X, weights)
    outputs = neurons_of(net, net.depth)
    layer_a = np.stack([a[n] for n in outputs], axis=1)
    layer_v = np.stack([v[n] for n in outputs], axis=1)
    return complex(LOSSES[loss](layer_a, layer_v, np.asarray(y)).mean())


def gradient(
    net: gn.Network,
    X: ArrayLike,
    y: ArrayLike,
    loss: str,
    weights: Mapping[Edge, float] | None = None,
) -> dict[Edge, float]:
    """Return the derivative of the mean loss in every weight, by complex steps."""
    base: dict[Edge, complex] = dict(weights_of(net) if weights is None else weights)
    h = 1e-30
    result = {}
    for edge, weight in base.items():
        moved = {**base, edge: weight + 1j * h}
        result[edge] = mean_loss(net, X, y, loss, moved).imag / h
    return result


def replay(
    net: gn.Network,
    X: ArrayLike,
    y: ArrayLike,
    loss: str,
    batches: Iterable[Sequence[int]],
    eta: float,
    lambda_: float = 0.0,
    constants: bool = True,
) -> dict[Edge, float]:
    """Return the weights after gradient descent over batches, by complex steps."""
    weights = weights_of(net)
    rows, targets = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    for batch in batches:
        g = gradient(net, rows[batch], targets[batch], loss, weights)
        weights = {
            (u, v): w - eta * (g[u, v] + (lambda_ * w if constants or u[1] > 0 else 0.0))
            for (u, v), w in weights.items()
        }
    return weights


def exact_forward(
    net: gn.Network, x: Sequence[float]
) -> tuple[dict[Neuron, Fraction], dict[Neuron, Fraction]]:
    """Return a and v as exact fractions; for identity and relu only."""
    v = {n: Fraction(1) for n in net.graph if n[1] == 0}
    v.update(zip(neurons_of(net, 0), map(Fraction, x), strict=True))
    a: dict[Neuron, Fraction] = {}
    for t in range(1, net.depth + 1):
        for n in neurons_of(net, t):
            incoming = net.graph.pred[n].items()
            a[n] = sum((Fraction(e["weight"]) * v[u] for u, e in incoming), Fraction(0))
            relu = net.graph.nodes[n]["activation"].name == "relu"
            v[n] = max(a[n], Fraction(0)) if relu else a[n]
    return a, v


def exact_sensitivities(
    net: gn.Network, x: Sequence[float], y: Sequence[float]
) -> dict[Neuron, Fraction]:
    """Return delta as exact fractions for the squared loss: a sum over all paths to the outputs."""
    a, v = exact_forward(net, x)
    targets = dict(zip(neurons_of(net, net.depth), map(Fraction, y), strict=True))

    def slope(n: Neuron) -> int:
        return int(net.graph.nodes[n]["activation"].name == "identity" or a[n] > 0)

    def along_paths(n: Neuron) -> Fraction:
        if n in targets:
            return slope(n) * (v[n] - targets[n])
        outgoing = net.graph.succ[n].items()
        return slope(n) * sum(
            (Fraction(e["weight"]) * along_paths(k) for k, e in outgoing), Fraction(0)
        )

    return {n: along_paths(n) for n in a}


def decimal(formula: Callable[[Decimal], Decimal], argument: float) -> Fraction:
    """Evaluate a formula at 60 digits, with exponents that reach further than a float's."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 60, 10**6, -(10**6)
        return Fraction(formula(Decimal(argument)))
