"""Centring: the mean goes to 0, the unit stays."""

from __future__ import annotations

import numpy as np
import pytest

import graphnn as gn


def test_the_mean_is_subtracted() -> None:
    centering = gn.Centering.fit([[2.0, 10.0], [4.0, -10.0], [9.0, 6.0]])
    assert centering.mean == (5.0, 2.0)
    assert centering.transform([[5.0, 2.0], [9.0, 0.0]]).tolist() == [[0.0, 0.0], [4.0, -2.0]]
    assert centering.inverse([[0.0, 0.0], [4.0, -2.0]]).tolist() == [[5.0, 2.0], [9.0, 0.0]]


def test_scikit_learn_s_scaler_without_deviations_does_the_same() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(0).normal(3, 5, (40, 4))
    X[:, 2] = 7.0
    theirs, ours = preprocessing.StandardScaler(with_std=False).fit(X), gn.Centering.fit(X)
    assert np.allclose(ours.transform(X), theirs.transform(X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("constant", [0.1, 1e300, -3.7, 0.0, 1e-310, 5e-324])
def test_a_constant_column_becomes_exactly_0(constant: float) -> None:
    X = np.full((7, 1), constant)
    assert not gn.Centering.fit(X).transform(X).any()


def test_the_mean_of_huge_numbers_does_not_overflow() -> None:
    centering = gn.Centering.fit([[-1.7e308, 1.7e308], [1.7e308, 1.5e308], [0.0, 1.6e308]])
    assert centering.mean == pytest.approx((0.0, 1.6e308), rel=1e-15)
    assert centering.transform([1.7e308, 1.6e308]).tolist() == pytest.approx([1.7e308, 0.0])


def test_a_difference_beyond_all_floats_is_refused_with_the_place() -> None:
    X = [[0.0, -1.7e308]] + [[0.0, 1.7e308]] * 9
    with pytest.raises(gn.DataError, match=r"-1\.7e\+308 at \[0, 1\] is too far"):
        gn.Centering.fit(X).transform(X)


@pytest.mark.parametrize("mean", [(np.nan,), (0.0, np.inf), ((1.0,),)])
def test_numbers_that_cannot_be_are_refused(mean: tuple[float, ...]) -> None:
    with pytest.raises(gn.DataError, match="finite means, one per column"):
        gn.Centering(mean)
