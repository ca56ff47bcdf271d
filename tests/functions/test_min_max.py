"""Min-max scaling: the ends of the range, what lies outside, and numbers of every size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

LARGEST = 1.7976931348623157e308
TINIEST = 5e-324


def test_the_minimum_goes_to_0_and_the_maximum_to_1() -> None:
    scaling = gn.MinMax.fit([[2.0, -1.0], [4.0, 7.0], [10.0, 1.0]])
    assert (scaling.minimum, scaling.maximum) == ((2.0, -1.0), (10.0, 7.0))
    assert scaling.transform([[2.0, -1.0], [4.0, 1.0], [10.0, 7.0]]).tolist() == [
        [0.0, 0.0],
        [0.25, 0.25],
        [1.0, 1.0],
    ]


def test_another_range_can_be_chosen() -> None:
    scaling = gn.MinMax.fit([[0.0], [8.0]], low=-1.0, high=3.0)
    assert scaling.transform([[0.0], [2.0], [4.0], [8.0]]).ravel().tolist() == [-1, 0, 1, 3]
    assert scaling.inverse([[-1.0], [0.0], [1.0], [3.0]]).ravel().tolist() == [0, 2, 4, 8]


def test_nothing_is_clipped() -> None:
    scaling = gn.MinMax.fit([[0.0], [8.0]], -1.0, 1.0)
    assert scaling.transform([[-8.0], [16.0]]).tolist() == [[-3.0], [3.0]]
    assert scaling.inverse([[-3.0], [3.0]]).tolist() == [[-8.0], [16.0]]


@pytest.mark.parametrize("constant", [0.0, 0.1, -3.7, 1e300, LARGEST, 1e-310])
def test_a_constant_column_goes_to_the_lower_end_and_comes_back(constant: float) -> None:
    scaling = gn.MinMax.fit([[constant]] * 3, -1.0, 1.0)
    assert scaling.transform([[constant]]).tolist() == [[-1.0]]
    assert scaling.inverse([[-1.0]]).tolist() == [[constant]]


def test_other_values_of_a_constant_column_move_as_if_it_were_1_long() -> None:
    scaling = gn.MinMax.fit([[5.0], [5.0]], -1.0, 1.0)
    assert scaling.transform([[5.5], [6.0], [4.0]]).tolist() == [[0.0], [1.0], [-3.0]]
    assert scaling.inverse([[0.0], [1.0], [-3.0]]).tolist() == [[5.5], [6.0], [4.0]]
    huge = gn.MinMax.fit([[2.0**1000]])
    assert huge.transform([[2.0**1001]]).tolist() == [[2.0**1000]]
    assert huge.inverse([[2.0**1000]]).tolist() == [[2.0**1001]]


def test_one_row_is_constant() -> None:
    assert gn.MinMax.fit([[3.0, -2.0]]).transform([3.0, -2.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("end", [1e308, LARGEST])
def test_columns_that_span_all_floats_do_not_overflow(end: float) -> None:
    X, expected = [[-end], [0.0], [end / 2], [end]], [[0.0], [0.5], [0.75], [1.0]]
    scaling = gn.MinMax.fit(X)
    assert scaling.transform(X).tolist() == expected
    assert scaling.inverse(expected).tolist() == X


def test_a_range_of_all_floats_does_not_overflow() -> None:
    scaling = gn.MinMax.fit([[0.0], [4.0]], -LARGEST, LARGEST)
    expected = [[-LARGEST], [-LARGEST / 2], [0.0], [LARGEST]]
    assert scaling.transform([[0.0], [1.0], [2.0], [4.0]]).tolist() == expected
    assert scaling.inverse(expected).tolist() == [[0.0], [1.0], [2.0], [4.0]]


def test_subnormal_spans_are_no_constants() -> None:
    X = [[0.0, 7 * TINIEST], [TINIEST, 9 * TINIEST], [4 * TINIEST, 11 * TINIEST]]
    scaling = gn.MinMax.fit(X)
    assert scaling.transform(X).tolist() == [[0.0, 0.0], [0.25, 0.5], [1.0, 1.0]]
    assert scaling.inverse(scaling.transform(X)).tolist() == X


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 1.0), (0.1, 0.9), (1.0, 1 + 2**-52)])
@given(X=arrays(np.float64, (5, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_fitted_values_stay_in_the_range_to_the_last_bit(
    X: np.ndarray, ends: tuple[float, float]
) -> None:
    moved = gn.MinMax.fit(X, *ends).transform(X)
    assert ends[0] <= moved.min() <= moved.max() <= ends[1]
    for k in range(2):
        assert moved[X[:, k].argmin(), k] == ends[0]
        if X[:, k].min() < X[:, k].max():
            assert moved[X[:, k].argmax(), k] == ends[1]


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 1.0), (-5.0, 20.0)])
def test_scikit_learn_s_scaler_does_the_same(ends: tuple[float, float]) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rng = np.random.default_rng(0)
    X, new = rng.normal(3, 5, (40, 4)), rng.normal(3, 50, (20, 4))
    X[:, 2] = 7.0
    theirs, ours = preprocessing.MinMaxScaler(ends).fit(X), gn.MinMax.fit(X, *ends)
    for data in (X, new):
        assert np.allclose(ours.transform(data), theirs.transform(data), rtol=1e-12, atol=1e-12)
        assert np.allclose(
            ours.inverse(data), theirs.inverse_transform(data), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (1.0, 0.0), (math.nan, 1.0), (0.0, math.inf), (-math.inf, 0.0)]
)
def test_what_is_no_range_is_refused(low: float, high: float) -> None:
    with pytest.raises(gn.DataError, match=f"the range is {low} to {high}, expected finite"):
        gn.MinMax.fit([[0.0], [1.0]], low, high)


@pytest.mark.parametrize(
    ("minimum", "maximum"),
    [((1.0,), (0.0,)), ((math.nan,), (1.0,)), ((0.0,), (math.inf,)), ((0.0,), (1.0, 2.0))],
)
def test_numbers_that_cannot_be_are_refused(
    minimum: tuple[float, ...], maximum: tuple[float, ...]
) -> None:
    with pytest.raises(gn.DataError, match="finite minima and maxima that are no smaller"):
        gn.MinMax(minimum, maximum)
