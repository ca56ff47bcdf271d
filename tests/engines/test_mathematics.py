"""Where the functions of other kinds of numbers are found."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from graphnn.engines.mathematics import Mathematics, Missing, is_symbolic

USED = ("exp", "expm1", "log", "log1p", "tanh", "erfc", "erf", "sqrt", "sin", "cos")


@pytest.mark.parametrize("name", USED)
def test_mpmath_has_all_functions_that_scalar_functions_may_use(name: str) -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.mp.workdps(40):
        found = getattr(Mathematics(mpmath.mpf), name)(mpmath.mpf(0.3))
        assert isinstance(found, mpmath.mpf)
        assert found == getattr(mpmath, name)(mpmath.mpf(0.3))
        assert math.isclose(found, getattr(math, name)(0.3), rel_tol=1e-15)


@pytest.mark.parametrize("name", USED)
def test_sympy_has_them_exactly(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    found = getattr(Mathematics(sympy.Rational), name)(sympy.Rational(1, 3))
    assert math.isclose(sympy.N(found, 30), getattr(math, name)(1 / 3), rel_tol=1e-15)


def test_another_context_of_mpmath_s_keeps_its_own_digits() -> None:
    mpmath = pytest.importorskip("mpmath")
    context = mpmath.mp.clone()
    context.dps = 60
    assert Mathematics(context.mpf).exp(1) == context.exp(1)
    assert Mathematics(context.mpf).exp(1) != mpmath.exp(1)


def test_numpy_s_numbers_keep_their_dtype() -> None:
    assert Mathematics(np.float32).exp(np.float32(1)).dtype == np.float32
    with pytest.raises(Missing, match=r"math\.erfc of float32"):
        Mathematics(np.float32).erfc(1)


def test_ints_and_floats_that_go_in_become_numbers() -> None:
    assert Mathematics(Decimal).exp(1) == Decimal(1).exp()
    assert Mathematics(float).tanh(1) == math.tanh(1)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(Missing) as caught:
        Mathematics(Fraction).tanh(Fraction(1))
    assert (caught.value.name, caught.value.kind) == ("tanh", "Fraction")
    with pytest.raises(AttributeError):
        Mathematics(Fraction).swish  # noqa: B018


def test_symbols_are_known() -> None:
    sympy = pytest.importorskip("sympy")
    assert is_symbolic(sympy.Symbol("x"))
    assert is_symbolic(sympy.Rational(1, 2))
    assert not is_symbolic(Fraction(1, 2))
