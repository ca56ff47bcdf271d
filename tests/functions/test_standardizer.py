"""Standardising: mean 0, deviation 1, for numbers of every size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

TABLES = arrays(np.float64, (6, 3), elements=st.floats(-1e3, 1e3, width=32))


def test_it_divides_by_the_population_s_deviation() -> None:
    # 2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and population deviation exactly 2.
    standardizer = gn.Standardizer.fit(np.array([[2, 4, 4, 4, 5, 5, 7, 9]]).T)
    assert (standardizer.mean, standardizer.scale) == ((5.0,), (2.0,))
    assert standardizer.transform([[9.0], [3.0]]).tolist() == [[2.0], [-1.0]]


@given(TABLES)
def test_transformed_columns_are_centred_with_deviation_1_or_constant(X: np.ndarray) -> None:
    moved = gn.Standardizer.fit(X).transform(X)
    for k in range(3):
        size = np.abs(X[:, k]).max() / max(X[:, k].std(), 1e-300)
        if np.ptp(X[:, k]) == 0:
            assert not moved[:, k].any()
        elif size < 1e6:
            assert abs(moved[:, k].mean()) <= 1e-14 * (1 + size)
            assert abs(moved[:, k].std() - 1) <= 1e-14 * (1 + size)


@pytest.mark.parametrize("constant", [0.1, 1e300, -3.7, 0.0, 1e-310])
def test_a_constant_column_is_centred_only(constant: float) -> None:
    standardizer = gn.Standardizer.fit(np.full((7, 1), constant))
    assert standardizer.scale == (1.0,)
    assert standardizer.transform([[constant]]).tolist() == [[0.0]]


def test_scikit_learn_s_scaler_does_the_same() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(0).normal(3, 5, (40, 4))
    X[:, 2] = 7.0
    theirs = preprocessing.StandardScaler().fit(X)
    ours = gn.Standardizer.fit(X)
    assert np.allclose(ours.transform(X), theirs.transform(X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("mean", "scale"),
    [
        ((np.nan,), (1.0,)),
        ((0.0,), (0.0,)),
        ((0.0,), (-1.0,)),
        ((0.0,), (np.inf,)),
        ((0.0,), (1.0, 2.0)),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    mean: tuple[float, ...], scale: tuple[float, ...]
) -> None:
    with pytest.raises(gn.DataError, match="finite means and positive scales"):
        gn.Standardizer(mean, scale)


def test_huge_numbers_are_standardised_without_overflow() -> None:
    # One of ten lies 3.4e308 below the others: p (1 - p) = 0.09, so the deviation is 0.3 of that.
    X = np.array([[-1.7e308]] + [[1.7e308]] * 9)
    standardizer = gn.Standardizer.fit(X)
    assert standardizer.mean == pytest.approx([1.36e308], rel=1e-15)
    assert standardizer.scale == pytest.approx([1.02e308], rel=1e-15)
    moved = standardizer.transform(X)
    assert moved[0].tolist() == pytest.approx([-3.0], rel=1e-15)
    assert moved[1].tolist() == pytest.approx([1 / 3], rel=1e-14)
    assert np.allclose(standardizer.inverse(moved) / 1e308, X / 1e308, rtol=1e-15, atol=0)


def test_a_huge_number_in_a_column_of_moderate_ones_is_standardised() -> None:
    standardizer = gn.Standardizer((1e300,), (1e300,))
    assert standardizer.transform([-1.7e308]).tolist() == pytest.approx([-1.7e8], rel=1e-7)


def test_subnormal_numbers_are_standardised() -> None:
    X = np.array([[0.0], [2e-320], [4e-320]])
    moved = gn.Standardizer.fit(X).transform(X)
    # -sqrt(3/2), 0, sqrt(3/2), but for the few digits of a subnormal deviation.
    assert np.allclose(moved, [[-1.224744871], [0.0], [1.224744871]], rtol=1e-3)
