"""The scalar functions of one neuron and one output, applied to whole arrays.

Nearly each built-in has a NumPy form here that is tested against its scalar function (within 4
ulp). A user's own function, and a built-in of which NumPy has no form that close, is vectorised by
Numba where it is installed and can compile it, else by a loop.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache, partial
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, TypeAlias, cast

import numpy as np

from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.functions.losses import (
    LOSSES,
    AnyLoss,
    HuberDerivative,
    HuberValue,
    Loss,
    SquaredDerivative,
    SquaredValue,
    VectorLoss,
)
from graphnn.types import FloatArray

__all__ = ["derivative", "loss_derivative", "loss_sensitivities", "loss_values", "value"]

Function: TypeAlias = Callable[..., float]
Form: TypeAlias = Callable[..., FloatArray]


def value(activation: Activation, a: FloatArray) -> FloatArray:
    """`v = sigma(a)`; reads a, returns a new array of its shape and dtype."""
    return vectorized(activation.value, 1)(a)


def derivative(activation: Activation, a: FloatArray, v: FloatArray) -> FloatArray:
    """`sigma'(a)`; reads a and v, returns a new array of their shape and dtype."""
    return vectorized(activation.derivative, 2)(a, v)


def loss_values(loss: AnyLoss, a: FloatArray, v: FloatArray, y: FloatArray) -> FloatArray:
    """Return each sample's loss, shape (m,): the outputs' losses added in ascending order."""
    if isinstance(loss, VectorLoss):
        if LOSSES.get(loss.name) == loss:
            return VECTOR_VALUES[loss.name](a, v, y)
        rows = zip(a.tolist(), v.tolist(), y.tolist(), strict=True)
        return np.array([loss.value(*row) for row in rows], dtype=v.dtype)
    losses = vectorized(loss.value, 2)(v, y)
    total = np.zeros(len(v), dtype=v.dtype)
    for j in range(losses.shape[1]):
        total += losses[:, j]
    return total


def loss_derivative(loss: Loss, v: FloatArray, y: FloatArray) -> FloatArray:
    """Return dl/dv per output, (m, d^(T))."""
    return vectorized(loss.derivative, 2)(v, y)


def loss_sensitivities(loss: VectorLoss, a: FloatArray, v: FloatArray, y: FloatArray) -> FloatArray:
    """Return dl/da of a vector loss, (m, d^(T))."""
    if LOSSES.get(loss.name) == loss:
        return VECTOR_SENSITIVITIES[loss.name](a, v, y)
    rows = []
    for row in zip(a.tolist(), v.tolist(), y.tolist(), strict=True):
        rows.append([0.0] * a.shape[1])
        loss.sensitivities(*row, rows[-1])
    return np.array(rows, dtype=a.dtype)


def _sigmoid(a: FloatArray) -> FloatArray:
    # exp(-|a|) never overflows; for a < 0 the numerator is that exponential, else 1. np.where would
    # take ten times as long as a maximum, since it branches on signs that no one can predict.
    e = np.abs(a)
    np.negative(e, out=e)
    np.exp(e, out=e)
    numerator: FloatArray = np.maximum(e, a >= 0)
    e += 1
    numerator /= e
    return numerator


def _softplus(a: FloatArray) -> FloatArray:
    out: FloatArray = np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))
    return out


def _leaky_relu(a: FloatArray) -> FloatArray:
    out: FloatArray = np.maximum(a, a / 100)
    return out


def _elu(a: FloatArray) -> FloatArray:
    out: FloatArray = np.maximum(a, np.expm1(np.minimum(a, 0)))
    return out


def _silu(a: FloatArray) -> FloatArray:
    # In float64: below -87 exp(a) is subnormal in float32, and a would multiply its rounding.
    v = _sigmoid(a.astype(np.float64, copy=False))
    v *= a
    v *= a >= -708
    return v.astype(a.dtype, copy=False)


def _silu_derivative(a: FloatArray, v: FloatArray) -> FloatArray:
    s = np.divide(v, a, out=np.full_like(a, 1 / 2), where=np.abs(a) > 1e-20)
    out: FloatArray = s * (1 + (a - v))
    return out


def _step(a: FloatArray, below: float) -> FloatArray:
    """Return 1 where a > 0, else `below`."""
    out: FloatArray = np.maximum(a > 0, a.dtype.type(below))
    return out


VALUES: Mapping[str, Form] = MappingProxyType(
    {
        "identity": np.copy,
        "sigmoid": _sigmoid,
        "tanh": np.tanh,
        "relu": lambda a: np.maximum(a, 0),
        "leaky_relu": _leaky_relu,
        "elu": _elu,
        "softplus": _softplus,
        "silu": _silu,
        "sign": np.sign,
    }
)

DERIVATIVES: Mapping[str, Form] = MappingProxyType(
    {
        "identity": lambda a, v: np.ones_like(a),
        "sigmoid": lambda a, v: v * (1 - v),
        "tanh": lambda a, v: 1 - v * v,
        "relu": lambda a, v: _step(a, 0),
        "leaky_relu": lambda a, v: _step(a, 1 / 100),
        "elu": lambda a, v: np.exp(np.minimum(a, 0)),
        "softplus": lambda a, v: _sigmoid(a),
        "silu": _silu_derivative,
        "sign": lambda a, v: np.zeros_like(a),
    }
)


def _binary_cross_entropy(a: FloatArray, v: FloatArray, y: FloatArray) -> FloatArray:
    outputs = np.maximum(a, 0) - a * y + np.log1p(np.exp(-np.abs(a)))
    total: FloatArray = np.sum(outputs, axis=1)
    return total


def _softmax_cross_entropy(a: FloatArray, v: FloatArray, y: FloatArray) -> FloatArray:
    top = a.max(axis=1, keepdims=True)
    log_norm = np.log(np.exp(a - top).sum(axis=1, keepdims=True))
    gap = np.where(y > 0, top - a, 0)
    total: FloatArray = np.sum(y * (gap + log_norm), axis=1)
    return total


def _softmax_cross_entropy_sensitivities(a: FloatArray, v: FloatArray, y: FloatArray) -> FloatArray:
    e: FloatArray = np.exp(a - a.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    e -= y
    return e


VECTOR_VALUES: Mapping[str, Form] = MappingProxyType(
    {
        "binary_cross_entropy": _binary_cross_entropy,
        "softmax_cross_entropy": _softmax_cross_entropy,
    }
)

VECTOR_SENSITIVITIES: Mapping[str, Form] = MappingProxyType(
    {
        "binary_cross_entropy": lambda a, v, y: v - y,
        "softmax_cross_entropy": _softmax_cross_entropy_sensitivities,
    }
)


def _huber(v: FloatArray, y: FloatArray, delta: float) -> FloatArray:
    # With m = min(|e|, delta) both cases are m (|e| - m / 2).
    e = np.abs(v - y)
    m = np.minimum(e, delta)
    out: FloatArray = m * (e - m / 2)
    return out


def _huber_derivative(v: FloatArray, y: FloatArray, delta: float) -> FloatArray:
    out: FloatArray = np.clip(v - y, -delta, delta)
    return out


def _elementwise(name: str) -> Loss:
    loss = LOSSES[name]
    assert isinstance(loss, Loss)
    return loss


FORMS: Mapping[Function, Form] = MappingProxyType(
    {ACTIVATIONS[name].value: form for name, form in VALUES.items()}
    | {ACTIVATIONS[name].derivative: form for name, form in DERIVATIVES.items()}
    | {
        _elementwise("absolute").value: lambda v, y: np.abs(v - y),
        _elementwise("absolute").derivative: lambda v, y: np.sign(v - y),
        _elementwise("log_cosh").derivative: lambda v, y: np.tanh(v - y),
        _elementwise("hinge").value: lambda v, y: np.maximum(1 - y * v, 0),
        _elementwise("hinge").derivative: lambda v, y: np.where(y * v < 1, -y, v.dtype.type(0)),
    }
)
"""The NumPy forms of built-in scalar functions, found by the function itself.

Three have none: gelu, since NumPy has no erfc and SciPy's is another one far out; its derivative,
which is 0 at -0.75, where no two exps that differ are within 4 ulp; and log_cosh, which squares an
expm1 and so doubles its ulps.
"""


def vectorized(function: Function, arguments: int) -> Form:
    """Return the form of a scalar function that takes whole arrays."""
    if not isinstance(function, Hashable):
        return _plain(function)
    if isinstance(function, SquaredValue | SquaredDerivative):
        form: Any = function  # + - * alone: NumPy applies it to arrays as it is.
        return cast(Form, form)
    if isinstance(function, HuberValue):
        return partial(_huber, delta=function.delta)
    if isinstance(function, HuberDerivative):
        return partial(_huber_derivative, delta=function.delta)
    return FORMS.get(function) or own(function, arguments)


@lru_cache(maxsize=128)
def own(function: Function, arguments: int) -> Form:
    """Return a user's scalar function for whole arrays, keeping the arrays' dtype.

    Numba's form is kept only where it gives the very numbers of the Python function at some
    arguments; a function that Numba cannot compile runs in a plain loop.
    """
    plain = _plain(function)
    if not _is_self_contained(function):
        return plain
    try:
        numba: Any = import_module("numba")
        compiled = numba.vectorize([numba.float64(*[numba.float64] * arguments)])(function)
        points = np.append(np.linspace(-30, 30, 121), [-1000.0, 1000.0, -300.0, 300.0])
        grid = [points] if arguments == 1 else np.meshgrid(points[::8], points[::8])
        if not np.array_equal(compiled(*grid), plain(*grid)):
            return plain
    except Exception:  # noqa: BLE001 - Numba raises many kinds; the plain loop is right for all.
        return plain
    return lambda *arrays: np.asarray(compiled(*arrays)).astype(arrays[0].dtype, copy=False)


def _is_self_contained(function: Function) -> bool:
    """Whether a function reads nothing that may change: compiled code would keep the old value."""
    try:
        names = inspect.getclosurevars(function)
    except TypeError:
        return False
    return not names.nonlocals and all(
        isinstance(value, ModuleType) for value in names.globals.values()
    )


def _plain(function: Function) -> Form:
    loop = np.vectorize(function, otypes=[np.float64])
    return lambda *arrays: loop(*arrays).astype(arrays[0].dtype, copy=False)
