"""What holds for every scaling: undone by its inverse, and nothing hostile gets through."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn
from graphnn.functions.scaling import SCALINGS, Scaling

EVERY = pytest.mark.parametrize("kind", SCALINGS.values())
FITTED = pytest.mark.parametrize(
    "scaling",
    [
        gn.Standardizer((0.0, 1.0), (1.0, 2.0)),
        gn.MinMax((0.0, 1.0), (1.0, 3.0)),
        gn.Centering((0.0, 1.0)),
    ],
)


def tables(bound: float) -> st.SearchStrategy[np.ndarray]:
    rows = st.integers(1, 6)
    return rows.flatmap(lambda m: arrays(np.float64, (m, 2), elements=st.floats(-bound, bound)))


@EVERY
@given(X=st.one_of(tables(8e307), tables(1e3), tables(1e-310)))
def test_inverse_undoes_transform(kind: type[Scaling], X: np.ndarray) -> None:
    scaling = kind.fit(X)
    moved = scaling.transform(X)
    assert np.isfinite(moved).all()
    # A few roundings at the size of the column, or of the smallest floats.
    allowed = 2.0**-49 * np.abs(X).max(axis=0) + 2e-323
    assert (np.abs(scaling.inverse(moved) - X) <= allowed).all()


@EVERY
def test_the_names_are_what_they_say(kind: type[Scaling]) -> None:
    X = [[1.0], [2.0], [6.0]]
    found = {name: one.fit(X).transform([6.0])[0] for name, one in SCALINGS.items()}
    # Mean 3, variance (4 + 1 + 9) / 3.
    assert found == pytest.approx(
        {"standardize": 3 / (14 / 3) ** 0.5, "min_max": 1.0, "center": 3.0}
    )


@FITTED
def test_one_sample_keeps_its_shape_and_no_rows_stay_none(scaling: Scaling) -> None:
    assert scaling.columns == 2
    assert scaling.transform([0.0, 1.0]).tolist() == [0.0, 0.0]
    assert scaling.transform(np.empty((0, 2))).shape == (0, 2)
    assert scaling.inverse([[0.0, 0.0]]).tolist() == [[0.0, 1.0]]


@FITTED
def test_it_can_be_pickled_and_compared(scaling: Scaling) -> None:
    assert pickle.loads(pickle.dumps(scaling)) == scaling
    assert len({scaling, pickle.loads(pickle.dumps(scaling))}) == 1


@EVERY
@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.empty((0, 2)), r"X has shape \(0, 2\); expected finite numbers of shape \(m, d\)"),
        (np.empty((2, 0)), r"X has shape \(2, 0\)"),
        ([1.0, 2.0], r"X has shape \(2,\).*X\.reshape\(-1, 1\)"),
        (1.0, r"X has shape \(\)"),
        ([[0.0, 1.0], [2.0, np.nan]], r"X\[1, 1\] is nan \(1 such in X\); expected finite"),
        ([[-np.inf]], r"X\[0, 0\] is -inf .*remove such rows or impute"),
        ([["a"]], r"X is no rectangular array of numbers.*gn\.Labels"),
        ([[1.0], [1.0, 2.0]], "X is no rectangular array"),
        ([[10**400]], "X is no rectangular array"),
        ([[None]], r"X\[0, 0\] is nan"),
    ],
)
def test_data_it_cannot_be_fitted_to_are_refused(
    kind: type[Scaling], X: object, words: str
) -> None:
    with pytest.raises(gn.DataError, match=words):
        kind.fit(X)  # type: ignore[arg-type]


@FITTED
@pytest.mark.parametrize("X", [[[1.0]], [1.0, 2.0, 3.0], 1.0, [[[1.0, 2.0]]]])
def test_other_widths_than_the_fitted_are_refused(scaling: Scaling, X: object) -> None:
    for act in (scaling.transform, scaling.inverse):
        with pytest.raises(gn.DataError, match=r"expected \(m, 2\) .* was fitted to 2 columns"):
            act(X)  # type: ignore[arg-type]


@EVERY
def test_a_list_of_numbers_is_shown_the_way_to_a_column(kind: type[Scaling]) -> None:
    with pytest.raises(gn.DataError, match=r"fitted to 1 column; X\.reshape\(-1, 1\)"):
        kind.fit([[1.0], [2.0]]).transform([1.0, 2.0])


@FITTED
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_data_that_are_not_finite_are_not_transformed(scaling: Scaling, bad: float) -> None:
    with pytest.raises(gn.DataError, match=rf"X\[1, 0\] is {bad}"):
        scaling.transform([[0.0, 0.0], [bad, 0.0]])


@pytest.mark.parametrize(
    "scaling",
    [
        gn.Standardizer((0.0,), (1e-5,)),
        gn.MinMax((0.0,), (1e-5,)),
        gn.Centering((-1.7e308,)),
    ],
)
def test_what_leaves_the_floats_is_refused_with_the_place(scaling: Scaling) -> None:
    with pytest.raises(gn.DataError, match=r"1\.7e\+308 at \[1, 0\] is too far"):
        scaling.transform([[0.0], [1.7e308]])


@pytest.mark.parametrize(
    "scaling",
    [gn.Standardizer((0.0,), (1e5,)), gn.MinMax((0.0,), (1e5,)), gn.Centering((1.7e308,))],
)
def test_outputs_that_overflow_stay_infinite(scaling: Scaling) -> None:
    # As the engines give them: a network's answer is no data at the door.
    assert scaling.inverse([[1.7e308], [np.inf]]).tolist() == [[np.inf], [np.inf]]
    assert np.isnan(scaling.inverse([[np.nan]])).all()
