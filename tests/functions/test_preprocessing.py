"""Preprocessing: standardised inputs, class labels."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

TABLES = arrays(np.float64, (6, 3), elements=st.floats(-1e3, 1e3, width=32))


class TestStandardizer:
    def test_it_divides_by_the_population_s_deviation(self) -> None:
        # 2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and population deviation exactly 2.
        standardizer = gn.Standardizer.fit(np.array([[2, 4, 4, 4, 5, 5, 7, 9]]).T)
        assert (standardizer.mean, standardizer.scale) == ((5.0,), (2.0,))
        assert standardizer.transform([[9.0], [3.0]]).tolist() == [[2.0], [-1.0]]

    @given(TABLES)
    def test_transformed_columns_are_centred_with_deviation_1_or_constant(
        self, X: np.ndarray
    ) -> None:
        moved = gn.Standardizer.fit(X).transform(X)
        for k in range(3):
            size = np.abs(X[:, k]).max() / max(X[:, k].std(), 1e-300)
            if np.ptp(X[:, k]) == 0:
                assert not moved[:, k].any()
            elif size < 1e6:
                assert abs(moved[:, k].mean()) <= 1e-14 * (1 + size)
                assert abs(moved[:, k].std() - 1) <= 1e-14 * (1 + size)

    @pytest.mark.parametrize("constant", [0.1, 1e300, -3.7, 0.0, 1e-310])
    def test_a_constant_column_is_centred_only(self, constant: float) -> None:
        standardizer = gn.Standardizer.fit(np.full((7, 1), constant))
        assert standardizer.scale == (1.0,)
        assert standardizer.transform([[constant]]).tolist() == [[0.0]]

    def test_scikit_learn_s_scaler_does_the_same(self) -> None:
        preprocessing = pytest.importorskip("sklearn.preprocessing")
        X = np.random.default_rng(0).normal(3, 5, (40, 4))
        X[:, 2] = 7.0
        theirs = preprocessing.StandardScaler().fit(X)
        ours = gn.Standardizer.fit(X)
        assert np.allclose(ours.transform(X), theirs.transform(X), rtol=1e-12, atol=1e-12)

    def test_one_sample_keeps_its_shape(self) -> None:
        standardizer = gn.Standardizer((1.0, 2.0), (1.0, 2.0))
        assert standardizer.transform([2.0, 6.0]).tolist() == [1.0, 2.0]

    @pytest.mark.parametrize(
        "X", [np.empty((0, 2)), np.empty((2, 0)), [1.0, 2.0], [[np.nan]], [[np.inf]], 1.0]
    )
    def test_data_it_cannot_be_fitted_to_is_refused(self, X: object) -> None:
        with pytest.raises(gn.DataError, match="expected finite numbers of shape"):
            gn.Standardizer.fit(X)  # type: ignore[arg-type]

    @pytest.mark.parametrize("X", [[[1.0]], [1.0, 2.0, 3.0], 1.0])
    def test_other_widths_than_the_fitted_are_refused(self, X: object) -> None:
        with pytest.raises(gn.DataError, match="was fitted to 2 columns"):
            gn.Standardizer((0.0, 0.0), (1.0, 1.0)).transform(X)  # type: ignore[arg-type]

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
        self, mean: tuple[float, ...], scale: tuple[float, ...]
    ) -> None:
        with pytest.raises(gn.DataError, match="finite means and positive scales"):
            gn.Standardizer(mean, scale)


class TestLabels:
    def test_classes_are_sorted_and_numbered(self) -> None:
        labels = gn.Labels.fit(["dog", "cat", "dog", "ant"])
        assert labels.classes == ("ant", "cat", "dog")
        assert labels.numbers(["cat", "dog", "ant"]).tolist() == [1, 2, 0]

    @given(st.lists(st.sampled_from("abcde"), min_size=1))
    def test_names_undo_numbers(self, y: list[str]) -> None:
        labels = gn.Labels(tuple("abcde"))
        assert labels.names(labels.numbers(y)).tolist() == y

    @given(st.lists(st.integers(0, 3), min_size=1))
    def test_a_one_hot_row_has_its_one_in_the_class_s_column(self, y: list[int]) -> None:
        rows = gn.Labels((0, 1, 2, 3)).one_hot(y)
        assert rows.sum(axis=1).tolist() == [1.0] * len(y)
        assert [row.index(1.0) for row in rows.tolist()] == y

    @pytest.mark.parametrize("y", [[3, 5], [True, False], [0.5, 1.5]])
    def test_labels_need_not_be_text(self, y: list[float]) -> None:
        labels = gn.Labels.fit(y)
        assert labels.names(labels.numbers(y)).tolist() == y

    def test_a_label_outside_the_classes_is_named(self) -> None:
        with pytest.raises(gn.DataError, match=r"y\[1\] is 'c', which is outside the classes"):
            gn.Labels(("a", "b")).numbers(["a", "c"])

    @pytest.mark.parametrize("classes", [(), ("a",), ("a", "a")])
    def test_fewer_than_two_different_classes_are_refused(self, classes: tuple[str, ...]) -> None:
        with pytest.raises(gn.DataError, match="at least two different ones"):
            gn.Labels(classes)
        with pytest.raises(gn.DataError, match="at least two different ones"):
            gn.Labels.fit(classes)


class TestPreprocessing:
    def test_without_a_standardizer_inputs_stay_as_they_are(self) -> None:
        assert gn.Preprocessing().transform([[1, 2]]).tolist() == [[1.0, 2.0]]

    def test_with_one_they_are_standardised(self) -> None:
        preprocessing = gn.Preprocessing(standardizer=gn.Standardizer((1.0,), (2.0,)))
        assert preprocessing.transform([[5.0]]).tolist() == [[2.0]]

    def test_it_can_be_pickled_and_compared(self) -> None:
        one = gn.Preprocessing(
            gn.Standardizer((1.0,), (2.0,)), gn.Labels(("a", "b")), ("width",), "kind"
        )
        assert pickle.loads(pickle.dumps(one)) == one
        assert one != gn.Preprocessing(one.standardizer)


def test_a_transformation_is_undone_by_its_inverse() -> None:
    X = np.array([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]])
    standardizer = gn.Standardizer.fit(X)
    assert np.allclose(standardizer.inverse(standardizer.transform(X)), X, rtol=1e-15)


@pytest.mark.parametrize("labels", [[None, "a"], ["a", float("nan")], ["a", 1], []])
def test_labels_that_are_none_are_refused(labels: list[object]) -> None:
    with pytest.raises(gn.DataError):
        gn.Labels.fit(labels)  # type: ignore[arg-type]


def test_targets_of_a_regression_come_back_in_their_units() -> None:
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([[1000.0], [3000.0], [5000.0]])
    outputs = gn.Standardizer.fit(y)
    net = gn.Network.dense([1, 1], activation="identity", seed=0)
    gn.train(net, X, outputs.transform(y), epochs=300)
    net.preprocessing = gn.Preprocessing(outputs=outputs)
    assert np.allclose(gn.predict(net, [[3.0]]), 7000.0, rtol=1e-6)
