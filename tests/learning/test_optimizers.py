"""SGD: the scalar update and its array form."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

NUMBERS = st.floats(-1e6, 1e6)


@given(w=st.integers(-1000, 1000), g=st.integers(-1000, 1000), k=st.integers(1, 64))
def test_the_update_is_exact_on_short_numbers(w: int, g: int, k: int) -> None:
    assert gn.SGD(k / 8).update(float(w), float(g)) == w - Fraction(k, 8) * g


@given(arrays(np.float64, 5, elements=NUMBERS), arrays(np.float64, 5, elements=NUMBERS), NUMBERS)
def test_the_array_form_makes_the_same_bits(w: np.ndarray, g: np.ndarray, eta: float) -> None:
    sgd = gn.SGD(abs(eta) + 1e-3)
    expected = [sgd.update(x, y) for x, y in zip(w.tolist(), g.tolist(), strict=True)]
    sgd.update_array(w, g)
    assert w.tolist() == expected


def test_the_array_form_keeps_float32() -> None:
    w, g = np.ones(2, dtype=np.float32), np.ones(2, dtype=np.float32)
    gn.SGD(0.5).update_array(w, g)
    assert (w.tolist(), w.dtype) == ([0.5, 0.5], np.float32)


def test_the_default_learning_rate_is_a_tenth() -> None:
    assert gn.SGD().eta == 0.1


@pytest.mark.parametrize("bad", [0.0, -0.1, math.nan, math.inf])
def test_a_learning_rate_that_is_not_positive_and_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="eta must be positive and finite"):
        gn.SGD(bad)


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        gn.SGD().eta = 1.0  # type: ignore[misc]
