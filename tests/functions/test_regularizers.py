"""Regularisers: penalties, proximal steps, factors and clips, by exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

SHORT = st.integers(-1000, 1000)
QUARTERS = st.integers(0, 100)
NUMBERS = st.floats(-1e6, 1e6)


@given(w=SHORT, quarters=QUARTERS)
def test_l2_is_exact_on_short_numbers(w: int, quarters: int) -> None:
    l2 = gn.L2(quarters / 4)
    assert l2.term(float(w)) == Fraction(quarters, 8) * w * w
    assert l2.derivative(float(w)) == Fraction(quarters, 4) * w


@given(w=SHORT, quarters=QUARTERS, eta=st.integers(1, 16))
def test_l1_moves_towards_0_by_eta_lambda_and_stops_there(w: int, quarters: int, eta: int) -> None:
    l1 = gn.L1(quarters / 4)
    assert l1.term(float(w)) == Fraction(quarters, 4) * abs(w)
    moved = l1.proximal(float(w), eta / 16)
    left = max(Fraction(0), abs(w) - Fraction(quarters * eta, 64))
    assert moved == (left if w > 0 else -left)
    assert not hasattr(l1, "derivative")


@given(w=SHORT, quarters=QUARTERS, share=st.integers(0, 4), eta=st.integers(1, 16))
def test_an_elastic_net_is_both_in_shares(w: int, quarters: int, share: int, eta: int) -> None:
    lambda_, r = Fraction(quarters, 4), Fraction(share, 4)
    net = gn.ElasticNet(quarters / 4, ratio=share / 4)
    assert net.term(float(w)) == lambda_ * (r * abs(w) + (1 - r) / 2 * w * w)
    assert net.derivative(float(w)) == lambda_ * (1 - r) * w
    assert net.proximal(float(w), eta / 16) == gn.L1(float(lambda_ * r)).proximal(
        float(w), eta / 16
    )


@given(w=st.floats(-5, 5), lambda_=st.floats(0, 3), eta=st.floats(0.01, 2))
def test_a_proximal_step_is_the_minimum_that_defines_it(
    w: float, lambda_: float, eta: float
) -> None:
    # prox(w) = argmin_u eta lambda |u| + (u - w)^2 / 2 (Parikh and Boyd, equation 1.1).
    def cost(u: float) -> float:
        return eta * lambda_ * abs(u) + (u - w) * (u - w) / 2

    found = gn.L1(lambda_).proximal(w, eta)
    for near in (-1e-3, 1e-3):
        assert cost(found) <= cost(found + near)
    assert cost(found) <= cost(0.0) + 1e-12


@given(
    w=arrays(np.float64, 6, elements=NUMBERS),
    lambda_=st.floats(0, 10),
    eta=st.floats(1e-6, 1.0),
)
def test_the_forms_for_arrays_have_the_same_bits(w: np.ndarray, lambda_: float, eta: float) -> None:
    rules: list[Any] = [gn.L1(lambda_), gn.L2(lambda_), gn.ElasticNet(lambda_, 0.3)]
    for rule in rules:
        assert rule.term_array(w).tolist() == [rule.term(one) for one in w.tolist()]
    for rule in rules[1:]:
        assert rule.derivative_array(w).tolist() == [rule.derivative(one) for one in w.tolist()]
    for rule in (rules[0], rules[2]):
        expected = [rule.proximal(one, eta) for one in w.tolist()]
        assert rule.proximal_array(w, eta).tolist() == expected
    clip = gn.ClipValue(lambda_ + 0.1)
    assert clip.clip_array(w).tolist() == [clip.clip(one) for one in w.tolist()]


@pytest.mark.parametrize("rule", [gn.L1(0.1), gn.L2(0.1), gn.ElasticNet(0.1), gn.ClipValue(0.5)])
def test_the_forms_for_arrays_keep_float32(rule: Any) -> None:
    w = np.array([1.5, -2.0], dtype=np.float32)
    for name in ("term_array", "derivative_array", "clip_array"):
        if hasattr(rule, name):
            assert getattr(rule, name)(w).dtype == np.float32
    if hasattr(rule, "proximal_array"):
        assert rule.proximal_array(w, 0.1).dtype == np.float32


@given(squares=st.integers(0, 1000))
def test_factors_bring_a_norm_to_its_bound(squares: int) -> None:
    for factor in (gn.MaxNorm(4.0).weight_factor, gn.ClipNorm(4.0).gradient_factor):
        found = factor(float(squares))
        if squares <= 16:
            assert found == 1.0
        else:
            assert math.isclose(found * math.sqrt(squares), 4.0, rel_tol=1e-15)


@pytest.mark.parametrize(
    "method",
    [
        gn.L1(0.1).term,
        gn.L2(0.1).derivative,
        gn.ClipValue(1.0).clip,
        lambda w: gn.L1(0.1).proximal(w, 0.1),
        lambda w: gn.MaxNorm(1.0).weight_factor(w) * w,
        lambda w: gn.ClipNorm(1.0).gradient_factor(w) * w,
    ],
)
def test_nan_stays_nan(method: Callable[[float], float]) -> None:
    assert math.isnan(method(math.nan))


def test_the_constant_neurons_count_unless_left_out() -> None:
    for kind in (gn.L1, gn.L2, gn.ElasticNet, gn.MaxNorm):
        assert kind(0.1).constants
        assert not kind(0.1, constants=False).constants


@pytest.mark.parametrize("kind", [gn.L1, gn.L2, gn.ElasticNet])
@pytest.mark.parametrize("bad", [-1e-9, math.nan, math.inf])
def test_a_parameter_that_is_negative_or_not_finite_is_refused(
    kind: Callable[[float], object], bad: float
) -> None:
    with pytest.raises(ValueError, match="lambda_ must be finite and at least 0"):
        kind(bad)


@pytest.mark.parametrize("kind", [gn.MaxNorm, gn.ClipNorm, gn.ClipValue])
@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_bound_that_is_not_positive_and_finite_is_refused(
    kind: Callable[[float], object], bad: float
) -> None:
    with pytest.raises(ValueError, match="bound must be positive and finite"):
        kind(bad)


@pytest.mark.parametrize("bad", [-0.1, 1.0, math.nan])
def test_a_probability_out_of_range_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="rate must be at least 0 and less than 1"):
        gn.Dropout(bad)
    with pytest.raises(ValueError, match="inputs must be at least 0 and less than 1"):
        gn.Dropout(0.5, inputs=bad)
    with pytest.raises(ValueError, match="ratio must be at least 0"):
        gn.ElasticNet(0.1, ratio=bad + 0.1 if bad == 1.0 else bad)


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        gn.L2(0.1).lambda_ = 0.2  # type: ignore[misc]
