"""The matrix engine: the lecture's per-layer matrices in NumPy and SciPy.

`a^(t) = v^(t-1) w^(t)` with samples as rows; row 0 of w^(t), the constant neuron's, is added apart.
Sums run in BLAS's order, so this engine's promise is the rounding bound of design section 5.

Learnt by profiling 784-256-10 in batches of 64: PROFILE
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import check_inputs, check_targets
from graphnn.engines import vectorized
from graphnn.functions.losses import AnyLoss, VectorLoss, require_output, resolve_loss
from graphnn.functions.regularizers import L2
from graphnn.program.program import Layer, Program
from graphnn.types import FloatArray, IntArray

__all__ = ["forward", "gradient", "mean_loss", "run", "sensitivities"]

CHUNK = 2**22
"""Sparse gradients of a batch are gathered in pieces of at most that many numbers."""


class UpdateRule(Protocol):
    """The update of a weight, for arrays."""

    def update_array(self, weights: FloatArray, gradient: FloatArray) -> None:
        """Change the weights in place; the gradient may be overwritten."""
        ...


Weights = Any
"""One layer's weights: a matrix with row 0 for the constant, or a SciPy CSR array of that shape."""


def weights_of(program: Program, theta: FloatArray) -> list[Weights]:
    """Return each layer's weights in its form; dense ones are views of theta."""
    return [_weights(layer, theta) for layer in program.layers]


def forward(
    program: Program, X: FloatArray, weights: Sequence[Weights] | None = None
) -> tuple[list[FloatArray | None], list[FloatArray]]:
    """Return (a, v) for the rows of X: v[0] = X, a[0] = None; nothing is checked."""
    a: list[FloatArray | None] = [None]
    v: list[FloatArray] = [X]
    for layer, w in zip(program.layers, weights or weights_of(program, program.theta), strict=True):
        a_t = _product(v[-1], w)
        a.append(a_t)
        v.append(_values(layer, a_t))
    return a, v


def sensitivities(
    program: Program,
    a: Sequence[FloatArray | None],
    v: Sequence[FloatArray],
    y: FloatArray,
    loss: AnyLoss,
    weights: Sequence[Weights] | None = None,
) -> list[FloatArray]:
    """Return [delta^(1), ..., delta^(T)] for a forward pass (a, v) and targets y of (m, d^(T))."""
    weights = weights or weights_of(program, program.theta)
    last = program.layers[-1]
    if isinstance(loss, VectorLoss):
        delta = vectorized.loss_sensitivities(loss, _known(a[-1]), v[-1], y)
    else:
        slope = _slopes(last, _known(a[-1]), v[-1])
        delta = slope * vectorized.loss_derivative(loss, v[-1], y)
    deltas = [delta]
    for t in range(program.depth - 1, 0, -1):
        s = _back(deltas[0], weights[t])
        s *= _slopes(program.layers[t - 1], _known(a[t]), v[t])
        deltas.insert(0, s)
    return deltas


def gradient(program: Program, v: Sequence[FloatArray], deltas: Sequence[FloatArray]) -> FloatArray:
    """Return the mean over samples of delta * v for every parameter, the shape of theta."""
    g = np.zeros_like(program.theta)
    for layer, below, delta in zip(program.layers, v[:-1], deltas, strict=True):
        _layer_gradient(layer, below, delta, g)
    g /= len(v[0])
    return g


def mean_loss(program: Program, X: FloatArray, y: FloatArray, loss: AnyLoss) -> float:
    """Return L_S(h), the mean loss over the rows of X."""
    with np.errstate(over="ignore", invalid="ignore"):
        a, v = forward(program, X)
        return float(vectorized.loss_values(loss, _known(a[-1]), v[-1], y).mean(dtype=np.float64))


def run(
    program: Program,
    X: FloatArray,
    y: FloatArray,
    batches: Iterable[IntArray],
    loss: AnyLoss,
    optimizer: UpdateRule,
    regularizer: L2 | None = None,
) -> Program:
    """Run gradient descent over batches of row numbers and return the program with new weights.

    Nothing is checked on the way: a run that overflows returns weights that are not finite.
    """
    theta = program.theta.copy()
    g = np.zeros_like(theta)
    decay = None
    if regularizer is not None:
        decay = np.full(len(theta), regularizer.lambda_, dtype=theta.dtype)
        if not regularizer.constants:
            decay[program.from_constants] = 0
    weights = weights_of(program, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        for batch in batches:
            rows = X.take(batch, axis=0)
            a, v = forward(program, rows, weights)
            deltas = sensitivities(program, a, v, y.take(batch, axis=0), loss, weights)
            for layer, below, delta in zip(program.layers, v[:-1], deltas, strict=True):
                # The mean is taken on delta, which is smaller than the gradient.
                _layer_gradient(layer, below, delta / len(batch), g)
            if decay is not None:
                g += decay * theta
            optimizer.update_array(theta, g)
            for layer, w in zip(program.layers, weights, strict=True):
                _refresh(layer, theta, w)
    return program.with_theta(theta)


# ---- the public face: what Program's methods call, checked once --------------------------------


def public_forward(
    program: Program, X: ArrayLike
) -> tuple[list[FloatArray | None], list[FloatArray]]:
    """Check X, run `forward`, and drop the first axis for one sample."""
    array, single = _inputs(program, X)
    with np.errstate(over="ignore", invalid="ignore"):
        a, v = forward(program, array)
    if single:
        return [None if one is None else one[0] for one in a], [one[0] for one in v]
    return a, v


def public_sensitivities(
    program: Program, X: ArrayLike, y: ArrayLike, loss: str | AnyLoss
) -> list[FloatArray]:
    """Check X and y, run `forward` and `sensitivities`."""
    array, single = _inputs(program, X)
    chosen, targets = _targets(program, y, loss, len(array))
    with np.errstate(over="ignore", invalid="ignore"):
        a, v = forward(program, array)
        deltas = sensitivities(program, a, v, targets, chosen)
    return [delta[0] for delta in deltas] if single else deltas


def public_gradient(
    program: Program, X: ArrayLike, y: ArrayLike, loss: str | AnyLoss
) -> tuple[float, list[FloatArray]]:
    """Check X and y, and return the mean loss and the gradient as matrices."""
    array, _ = _inputs(program, X)
    chosen, targets = _targets(program, y, loss, len(array))
    with np.errstate(over="ignore", invalid="ignore"):
        a, v = forward(program, array)
        values = vectorized.loss_values(chosen, _known(a[-1]), v[-1], targets)
        g = gradient(program, v, sensitivities(program, a, v, targets, chosen))
    matrices = [program.scatter(g, t) for t in range(1, program.depth + 1)]
    return float(values.mean(dtype=np.float64)), matrices


def _inputs(program: Program, X: ArrayLike) -> tuple[FloatArray, bool]:
    array = check_inputs(X, len(program.neurons[0]))
    return array.astype(program.theta.dtype, copy=False), np.ndim(X) == 1


def _targets(
    program: Program, y: ArrayLike, loss: str | AnyLoss, samples: int
) -> tuple[AnyLoss, FloatArray]:
    chosen = resolve_loss(loss)
    outputs = program.neurons[-1]
    require_output(chosen, zip(outputs, program.layers[-1].activations, strict=True))
    targets = check_targets(y, chosen.targets, samples, len(outputs))
    return chosen, targets.astype(program.theta.dtype, copy=False)


# ---- one layer ---------------------------------------------------------------------------------


def _weights(layer: Layer, theta: FloatArray) -> Weights:
    if layer.form == "sparse":
        from scipy.sparse import csr_array

        starts = np.searchsorted(layer.sources, np.arange(layer.rows + 1))
        return csr_array(
            (theta[layer.parameters], layer.targets, starts), shape=(layer.rows, layer.columns)
        )
    if layer.form == "dense" and layer.span is not None:
        return theta[layer.span].reshape(layer.rows, layer.columns)
    w = np.zeros((layer.rows, layer.columns), dtype=theta.dtype)
    w.ravel()[layer.flat] = theta[layer.parameters]
    return w


def _refresh(layer: Layer, theta: FloatArray, w: Weights) -> None:
    """Bring weights that are no view of theta up to date."""
    if layer.form == "sparse":
        np.take(theta, layer.parameters, out=w.data)
    elif layer.form == "masked" or layer.span is None:
        w.ravel()[layer.flat] = theta[layer.parameters]


def _product(v: FloatArray, w: Weights) -> FloatArray:
    """`a = w^T (1, v)`: reads v (m, d^(t-1)) and w; returns a (m, d^(t))."""
    if isinstance(w, np.ndarray):
        a: FloatArray = v @ w[1:]
        a += w[0]
        return a
    out: FloatArray = np.ascontiguousarray((w[1:].T @ v.T).T)
    out += w[[0]].toarray()
    return out


def _back(delta: FloatArray, w: Weights) -> FloatArray:
    """`s = w delta` without the constant's row: reads delta (m, d^(t+1)); returns s (m, d^(t))."""
    if isinstance(w, np.ndarray):
        s: FloatArray = delta @ w[1:].T
        return s
    out: FloatArray = np.ascontiguousarray((w[1:] @ delta.T).T)
    return out


def _layer_gradient(layer: Layer, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
    """Add up delta * v over the samples for the layer's edges: sets its entries of g."""
    if layer.form == "dense" and layer.span is not None:
        matrix = g[layer.span].reshape(layer.rows, layer.columns)
        np.sum(delta, axis=0, out=matrix[0])
        np.matmul(v.T, delta, out=matrix[1:])
    elif layer.form == "sparse":
        g[layer.parameters] = _edge_sums(layer, v, delta)
    else:
        matrix = np.vstack([delta.sum(axis=0), v.T @ delta])
        g[layer.parameters] = matrix.ravel()[layer.flat]


def _edge_sums(layer: Layer, v: FloatArray, delta: FloatArray) -> FloatArray:
    """Sum delta * v over the samples for each edge, some edges at a time."""
    rows = np.vstack([np.ones((1, len(v)), dtype=v.dtype), v.T])
    columns = np.ascontiguousarray(delta.T)
    sums = np.empty(len(layer.sources), dtype=delta.dtype)
    piece = max(1, CHUNK // len(v))
    for start in range(0, len(sums), piece):
        part = slice(start, start + piece)
        np.einsum(
            "em,em->e", rows[layer.sources[part]], columns[layer.targets[part]], out=sums[part]
        )
    return sums


def _values(layer: Layer, a: FloatArray) -> FloatArray:
    if len(layer.groups) == 1:
        return vectorized.value(layer.activations[0], a)
    v = np.empty_like(a)
    for activation, some in layer.groups:
        v[:, some] = vectorized.value(activation, a[:, some])
    return v


def _slopes(layer: Layer, a: FloatArray, v: FloatArray) -> FloatArray:
    if len(layer.groups) == 1:
        return vectorized.derivative(layer.activations[0], a, v)
    slopes = np.empty_like(a)
    for activation, some in layer.groups:
        slopes[:, some] = vectorized.derivative(activation, a[:, some], v[:, some])
    return slopes


def _known(a: FloatArray | None) -> FloatArray:
    assert a is not None
    return a
