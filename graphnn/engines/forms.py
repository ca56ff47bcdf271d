"""SymPy's forms of the built-in functions that ask a number for its sign, which a symbol has not.

The same functions as in `graphnn.functions`, by cases where they have cases, with the same
derivatives at kinks. Functions that need no form, such as tanh, run as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableSequence, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

__all__ = ["FORMS"]


def _sympy() -> Any:
    return import_module("sympy")


def _cases(first: Any, condition: Any, second: Any) -> Any:
    """Return the first where a condition holds, else the second."""
    return _sympy().Piecewise((first, condition), (second, True))


def _exp(a: Any) -> Any:
    return _sympy().exp(a)


def _sigmoid(a: Any) -> Any:
    return 1 / (1 + _exp(-a))


def _silu_derivative(a: Any, v: Any) -> Any:
    return _sigmoid(a) * (1 + a * (1 - _sigmoid(a)))


def _normal(a: Any) -> Any:
    """The normal distribution function."""
    return _sympy().erfc(-a / _sympy().sqrt(2)) / 2


def _gelu_derivative(a: Any, v: Any) -> Any:
    return _normal(a) + a * _exp(-a * a / 2) / _sympy().sqrt(2 * _sympy().pi)


def _half() -> Any:
    return _sympy().Rational(1, 2)


def _log_cosh(v: Any, y: Any) -> Any:
    return _sympy().log(_sympy().cosh(v - y))


def _binary_cross_entropy(a: Sequence[Any], v: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(_sympy().log(1 + _exp(one)) - one * aim for one, aim in zip(a, y, strict=True))


def _differences(
    a: Sequence[Any], v: Sequence[Any], y: Sequence[Any], delta: MutableSequence[Any]
) -> None:
    delta[:] = [one - aim for one, aim in zip(v, y, strict=True)]


def _softmax_cross_entropy(a: Sequence[Any], v: Sequence[Any], y: Sequence[Any]) -> Any:
    norm = _sympy().log(sum(map(_exp, a)))
    return sum(aim * (norm - one) for one, aim in zip(a, y, strict=True))


def _softmax_sensitivities(
    a: Sequence[Any], v: Sequence[Any], y: Sequence[Any], delta: MutableSequence[Any]
) -> None:
    norm = sum(map(_exp, a))
    delta[:] = [_exp(one) / norm - aim for one, aim in zip(a, y, strict=True)]


FORMS: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]] = MappingProxyType(
    {
        "sigmoid": (_sigmoid, lambda a, v: v * (1 - v)),
        "relu": (lambda a: _cases(a, a > 0, 0), lambda a, v: _cases(1, a > 0, 0)),
        "leaky_relu": (
            lambda a: _cases(a, a > 0, a / 100),
            lambda a, v: _cases(1, a > 0, _sympy().Rational(1, 100)),
        ),
        "elu": (
            lambda a: _cases(a, a > 0, _exp(a) - 1),
            lambda a, v: _cases(1, a > 0, _exp(a)),
        ),
        "softplus": (lambda a: _sympy().log(1 + _exp(a)), lambda a, v: _sigmoid(a)),
        "gelu": (lambda a: a * _normal(a), _gelu_derivative),
        "silu": (lambda a: a * _sigmoid(a), _silu_derivative),
        "sign": (lambda a: _sympy().sign(a), lambda a, v: 0),
        "absolute": (lambda v, y: abs(v - y), lambda v, y: _sympy().sign(v - y)),
        "huber": (
            lambda v, y: _cases((v - y) * (v - y) / 2, abs(v - y) <= 1, abs(v - y) - _half()),
            lambda v, y: _cases(v - y, abs(v - y) <= 1, _sympy().sign(v - y)),
        ),
        "log_cosh": (_log_cosh, lambda v, y: _sympy().tanh(v - y)),
        "hinge": (
            lambda v, y: _cases(1 - y * v, y * v < 1, 0),
            lambda v, y: _cases(-y, y * v < 1, 0),
        ),
        "binary_cross_entropy": (_binary_cross_entropy, _differences),
        "softmax_cross_entropy": (_softmax_cross_entropy, _softmax_sensitivities),
    }
)
"""Of activations and losses: the value, and the derivative or the sensitivities."""
