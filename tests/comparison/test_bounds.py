"""Rounding bounds: they hold of real sums, and are tight enough to mean something."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.comparison.bounds import FLOAT64

gamma, ulps = FLOAT64.gamma, FLOAT64.ulps
sum_bound, sums_bound = FLOAT64.sum_bound, FLOAT64.sums_bound
product_bound = FLOAT64.product_bound

U = Fraction(1, 2**53)
NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("n", [1, 2, 10, 10**6])
def test_gamma_is_n_u_over_1_minus_n_u(n: int) -> None:
    # Higham (2002), lemma 3.1.
    exact = n * U / (1 - n * U)
    assert abs(Fraction(gamma(n)) - exact) <= 2 * U * exact


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.randoms())
def test_two_orders_of_one_sum_stay_within_the_bound(
    pairs: list[tuple[float, float]], chance: random.Random
) -> None:
    def added(order: list[tuple[float, float]]) -> float:
        total = 0.0
        for w, v in order:
            total = total + w * v
        return total

    shuffled = pairs[:]
    chance.shuffle(shuffled)
    magnitudes = math.fsum(abs(w * v) for w, v in pairs)
    apart = abs(Fraction(added(pairs)) - Fraction(added(shuffled)))
    assert apart <= Fraction(float(sum_bound(len(pairs), magnitudes)))


def test_a_bound_is_twice_gamma_n_times_the_magnitudes() -> None:
    assert float(sum_bound(3, 8.0)) == pytest.approx(2 * gamma(3) * 8, rel=1e-15)


def test_a_bound_is_far_below_an_error_of_a_billionth() -> None:
    assert float(sum_bound(100, 1.0)) < 1e-13


def test_sums_of_nothing_but_zeros_may_differ_by_underflow_only() -> None:
    assert 0 < float(sum_bound(5, 0.0)) < 1e-300


def test_each_column_has_its_own_number_of_terms() -> None:
    found = sums_bound([1, 4, 0], np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    expected = [[sum_bound(n, x) for n, x in zip((1, 4, 1), row, strict=True)]
                for row in ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])]  # fmt: skip
    assert np.array_equal(found, expected)


@given(st.floats(1e-300, 1e300), st.integers(1, 10))
def test_ulps_are_the_spacing_of_floats_whatever_the_sign(x: float, count: int) -> None:
    assert float(ulps(x, count)) == count * math.ulp(x)
    assert float(ulps(-x, count)) == count * math.ulp(x)


@given(NUMBERS, NUMBERS, st.floats(0, 1e-3), st.floats(0, 1e-3), st.floats(-1, 1), st.floats(-1, 1))
def test_a_product_of_moved_factors_stays_within_its_bound(
    x: float, y: float, dx: float, dy: float, s: float, t: float
) -> None:
    bound = product_bound(np.array(x), np.array(y), dx, dy)
    moved_x, moved_y = x + s * dx, y + t * dy
    true_dx, true_dy = abs(Fraction(moved_x) - Fraction(x)), abs(Fraction(moved_y) - Fraction(y))
    if true_dx <= Fraction(dx) and true_dy <= Fraction(dy):
        apart = abs(Fraction(moved_x * moved_y) - Fraction(x * y))
        # The bound itself is computed in float64, with four roundings.
        assert apart <= Fraction(float(bound)) * (1 + 8 * U)
