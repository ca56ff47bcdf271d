"""L2: the lecture's squared weight decay."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn


@given(w=st.integers(-1000, 1000), quarters=st.integers(0, 100))
def test_term_and_derivative_are_exact_on_short_numbers(w: int, quarters: int) -> None:
    l2 = gn.L2(quarters / 4)
    assert l2.term(float(w)) == Fraction(quarters, 8) * w * w
    assert l2.derivative(float(w)) == Fraction(quarters, 4) * w


def test_the_constant_neurons_count_unless_left_out() -> None:
    assert gn.L2(0.1).constants
    assert not gn.L2(0.1, constants=False).constants


@pytest.mark.parametrize("bad", [-1e-9, math.nan, math.inf])
def test_a_parameter_that_is_negative_or_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="lambda_ must be finite and at least 0"):
        gn.L2(bad)


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        gn.L2(0.1).lambda_ = 0.2  # type: ignore[misc]
