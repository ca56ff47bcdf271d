"""The matrix engine: the lecture's per-layer matrices in NumPy and SciPy.

`a^(t) = v^(t-1) w^(t)` with samples as rows; row 0 of w^(t), the constant neuron's, is added apart.
Sums run in BLAS's order, so this engine's promise is the rounding bound that `compare` checks.

Learnt by profiling 784-256-10 in batches of 64 (sigmoid, float64, one core): the matrix products
take seven tenths of a step, the sigmoid an eighth, the update of theta a fifteenth. So dense
weights are views of theta, gradients are written straight into one vector of its shape, theta is
updated as one piece, and the mean is taken on delta, which is smaller than the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import cast, check_inputs, check_targets
from graphnn.engines import vectorized
from graphnn.engines.array_descent import Descent
from graphnn.engines.batches import Batches
from graphnn.engines.layer_masks import NO_MASKS, LayerMasks, layer_masks
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.engines.weights import LayerWeights, weights_of
from graphnn.functions.losses import AnyLoss, VectorLoss, require_output, resolve_loss
from graphnn.program.program import Layer, Program
from graphnn.types import FloatArray

__all__ = ["forward", "gradient", "mean_gradient", "mean_loss", "run", "sensitivities"]


ROWS = 2**14
"""So many samples go forward at once where all do: data may be larger than memory."""


def forward(
    program: Program,
    X: FloatArray,
    weights: Sequence[LayerWeights] | None = None,
    masks: LayerMasks = NO_MASKS,
) -> tuple[list[FloatArray | None], list[FloatArray]]:
    """Return (a, v) for the rows of X: v[0] = X, a[0] = None; nothing is checked."""
    a: list[FloatArray | None] = [None]
    v: list[FloatArray] = [X]
    weights = weights or _weights(program, program.theta)
    for t, (layer, w) in enumerate(zip(program.layers, weights, strict=True)):
        a_t = w.product(v[-1] * masks[t] if t in masks else v[-1])
        a.append(a_t)
        v.append(_values(layer, a_t))
    return a, v


def sensitivities(
    program: Program,
    a: Sequence[FloatArray | None],
    v: Sequence[FloatArray],
    y: FloatArray,
    loss: AnyLoss,
    weights: Sequence[LayerWeights] | None = None,
    masks: LayerMasks = NO_MASKS,
    sample_weights: FloatArray | None = None,
) -> list[FloatArray]:
    """Return [delta^(1), ..., delta^(T)] for a forward pass (a, v) and targets y of (m, d^(T))."""
    weights = weights or _weights(program, program.theta)
    last = program.layers[-1]
    if isinstance(loss, VectorLoss):
        delta = vectorized.loss_sensitivities(loss, _known(a[-1]), v[-1], y)
    else:
        slope = _slopes(last, _known(a[-1]), v[-1])
        delta = slope * vectorized.loss_derivative(loss, v[-1], y)
    if sample_weights is not None:
        delta = delta * sample_weights[:, None]
    deltas = [delta]
    for t in range(program.depth - 1, 0, -1):
        s = weights[t].back(deltas[0])
        if t in masks:
            s *= masks[t]
        s *= _slopes(program.layers[t - 1], _known(a[t]), v[t])
        deltas.insert(0, s)
    return deltas


def gradient(
    program: Program,
    v: Sequence[FloatArray],
    deltas: Sequence[FloatArray],
    weights: Sequence[LayerWeights] | None = None,
) -> FloatArray:
    """Return the mean over samples of delta * v for every parameter, the shape of theta."""
    weights = weights or _weights(program, program.theta)
    g = np.empty(len(program.parameters), dtype=program.theta.dtype)
    for w, below, delta, part in zip(weights, v[:-1], deltas, _parts(program, g), strict=True):
        w.gradient(below, delta, part)
    g /= len(v[0])
    return program.gathered(g)


def mean_loss(
    program: Program,
    X: FloatArray,
    y: FloatArray,
    loss: AnyLoss,
    sample_weights: FloatArray | None = None,
) -> float:
    """Return L_S(h), the mean over the rows of X of the losses, times their weights."""
    weights, parts = _weights(program, program.theta), []
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(X), ROWS):
            rows = slice(start, start + ROWS)
            a, v = forward(program, X[rows], weights)
            parts.append(vectorized.loss_values(loss, _known(a[-1]), v[-1], y[rows]))
        losses = np.concatenate(parts)
        if sample_weights is not None:
            losses = losses * sample_weights
        return float(losses.mean(dtype=np.float64))


def mean_gradient(
    program: Program,
    X: FloatArray,
    y: FloatArray,
    loss: AnyLoss,
    sample_weights: FloatArray | None = None,
) -> FloatArray:
    """Return the gradient of `mean_loss` for every parameter."""
    weights, total = _weights(program, program.theta), np.zeros_like(program.theta)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(X), ROWS):
            rows = slice(start, start + ROWS)
            some = None if sample_weights is None else sample_weights[rows]
            a, v = forward(program, X[rows], weights)
            deltas = sensitivities(program, a, v, y[rows], loss, weights, sample_weights=some)
            total += gradient(program, v, deltas, weights) * (len(v[0]) / len(X))
    return total


def run(
    state: State,
    X: FloatArray,
    y: FloatArray,
    batches: Batches,
    loss: AnyLoss,
    rules: Rules,
    sample_weights: FloatArray | None = None,
) -> State:
    """Run gradient descent over batches of row numbers and return the state after it.

    Nothing is checked on the way: a run that overflows returns weights that are not finite.
    """
    program, counters = state.program, state.counters
    theta, slots = program.theta.copy(), tuple(slot.copy() for slot in state.slots)
    g = np.empty(len(program.parameters), dtype=theta.dtype)
    weights, parts = _weights(program, theta), _parts(program, g)
    descent = Descent(program, rules)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for batch, eta, factors in batches.each():
            rows = X.take(batch, axis=0)
            masks = layer_masks(program, rules, factors)
            some = None if sample_weights is None else sample_weights[batch]
            a, v = forward(program, rows, weights, masks)
            targets = y.take(batch, axis=0)
            deltas = sensitivities(program, a, v, targets, loss, weights, masks, some)
            for t, (w, delta, part) in enumerate(zip(weights, deltas, parts, strict=True)):
                below = v[t] * masks[t] if t in masks else v[t]
                # The mean is taken on delta, which is smaller than the gradient.
                w.gradient(below, delta / len(batch), part)
            counters = descent.move(theta, program.gathered(g), slots, eta, counters)
            for w in weights:
                w.refresh(theta)
    return state.handed(theta, slots, counters)


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
        weights = _weights(program, program.theta)
        a, v = forward(program, array, weights)
        values = vectorized.loss_values(chosen, _known(a[-1]), v[-1], targets)
        deltas = sensitivities(program, a, v, targets, chosen, weights)
        g = gradient(program, v, deltas, weights)
    matrices = [program.scatter(g, t) for t in range(1, program.depth + 1)]
    return float(values.mean(dtype=np.float64)), matrices


def _inputs(program: Program, X: ArrayLike) -> tuple[FloatArray, bool]:
    array = check_inputs(X, len(program.neurons[0]))
    return cast(array, program.theta.dtype, "X"), np.ndim(X) == 1


def _targets(
    program: Program, y: ArrayLike, loss: str | AnyLoss, samples: int
) -> tuple[AnyLoss, FloatArray]:
    chosen = resolve_loss(loss)
    outputs = program.neurons[-1]
    require_output(chosen, zip(outputs, program.layers[-1].activations, strict=True))
    targets = check_targets(y, chosen.targets, samples, len(outputs))
    return chosen, cast(targets, program.theta.dtype, "y")


# ---- one layer ---------------------------------------------------------------------------------


def _parts(program: Program, g: FloatArray) -> list[FloatArray]:
    """Return the piece of each layer of numbers that stand for the edges in (t, i, j) order."""
    ends = np.cumsum([len(layer.sources) for layer in program.layers])
    return np.split(g, ends[:-1])


def _weights(program: Program, theta: FloatArray) -> list[LayerWeights]:
    return [weights_of(layer, theta) for layer in program.layers]


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
