"""sigmoid and tanh for `fastmath=True`: within a few ulp, and nothing in them stops a vector unit.

exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, exp(r) - 1 by its Taylor series up
to r^13, whose rest is below 2^-57 there (Muller, Elementary Functions (2016), chapter 6). No call
and no branch: LLVM computes four or eight of them at once, where libm's exp takes one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from graphnn.functions.activations import ACTIVATIONS

__all__ = ["FAST", "power_of_two", "power_of_two_in_bits"]

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
ROUND = 6755399441055744.0
"""1.5 * 2^52: added and taken away again it rounds to a whole number, which is in the low bits."""

LOWEST = -708.0


def _parts(x: float) -> tuple[float, float]:
    """Return 2^n and exp(r) - 1 for x <= 0."""
    x = LOWEST if x < LOWEST else x  # max would be a branch, and lose NaN
    shifted = x * LOG2_E + ROUND
    n = shifted - ROUND
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    # Even and odd terms apart: two chains of half the length.
    q = r * r
    even = 1 / 3628800 + q * (1 / 479001600)
    even = 0.5 + q * (1 / 24 + q * (1 / 720 + q * (1 / 40320 + q * even)))
    odd = 1 / 39916800 + q * (1 / 6227020800)
    odd = 1 / 6 + q * (1 / 120 + q * (1 / 5040 + q * (1 / 362880 + q * odd)))
    return power_of_two(shifted), r + q * (even + r * odd)


def power_of_two(shifted: float) -> float:
    """Return 2^n for n + ROUND; what compiled code does with one shift of bits."""
    n = shifted - ROUND
    return n if math.isnan(n) else math.ldexp(1.0, int(n))


def sigmoid(a: float) -> float:
    """Return 1 / (1 + exp(-a)), within 4 ulp; below -708 it stays at 3e-308."""
    power, rest = _parts(-abs(a))
    e = power + power * rest
    return (1.0 if a >= 0 else e) / (1.0 + e)


def tanh(a: float) -> float:
    """Return -m / (2 + m) with m = exp(-2 |a|) - 1 and a's sign, within 4 ulp."""
    power, rest = _parts(-2.0 * abs(a))
    m = (power - 1.0) + power * rest
    v = -m / (2.0 + m)
    return v if a >= 0 else -v


FAST: Mapping[Callable[..., float], Callable[[float], float]] = MappingProxyType(
    {ACTIVATIONS["sigmoid"].value: sigmoid, ACTIVATIONS["tanh"].value: tanh}
)
"""The fast form of a scalar function, by the function."""


@lru_cache(maxsize=1)
def power_of_two_in_bits() -> Any:
    """Return `power_of_two` for compiled code: n goes from the low bits to the exponent's."""
    types: Any = import_module("numba").types
    extending: Any = import_module("numba.extending")
    ir: Any = import_module("llvmlite.ir")

    @extending.intrinsic  # type: ignore[untyped-decorator]
    def power(context: Any, shifted: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            bits = builder.bitcast(arguments[0], ir.IntType(64))
            moved = builder.shl(builder.add(bits, ir.IntType(64)(1023)), ir.IntType(64)(52))
            return builder.bitcast(moved, ir.DoubleType())

        return types.float64(types.float64), code

    return power
