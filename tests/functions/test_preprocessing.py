"""Preprocessing: raw data to what a network takes, and what it says back to raw."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

import graphnn as gn
from graphnn.functions.scaling import Scaling

X = np.array([[0.0, 10.0], [2.0, 30.0], [4.0, 20.0]])


class TestPreprocessing:
    def test_without_a_scaling_inputs_and_targets_stay_as_they_are(self) -> None:
        none = gn.Preprocessing()
        assert none.transform([[1, 2]]).tolist() == [[1.0, 2.0]]
        assert none.inverse([[1, 2]]).tolist() == [[1.0, 2.0]]
        assert none.transform_targets([1, 2]).tolist() == [1.0, 2.0]
        assert none.inverse_targets([[1, 2]]).tolist() == [[1.0, 2.0]]

    @pytest.mark.parametrize(
        ("scaling", "moved"),
        [
            (gn.Standardizer((1.0,), (2.0,)), 2.0),
            (gn.MinMax((1.0,), (9.0,), -1.0, 1.0), 0.0),
            (gn.Centering((1.0,)), 4.0),
        ],
    )
    def test_any_scaling_is_applied_and_undone(self, scaling: Scaling, moved: float) -> None:
        preprocessing = gn.Preprocessing(inputs=scaling, outputs=scaling)
        assert preprocessing.transform([[5.0]]).tolist() == [[moved]]
        assert preprocessing.inverse([[moved]]).tolist() == [[5.0]]
        assert preprocessing.transform_targets([5.0]).tolist() == [[moved]]
        assert preprocessing.inverse_targets([[moved]]).tolist() == [[5.0]]

    def test_labels_become_class_numbers_and_names_again(self) -> None:
        preprocessing = gn.Preprocessing(labels=gn.Labels(("ant", "bee")))
        assert preprocessing.transform_targets(["bee", "ant"]).tolist() == [1, 0]
        assert preprocessing.inverse_targets([1, 0]).tolist() == ["bee", "ant"]

    def test_several_targets_keep_their_columns(self) -> None:
        preprocessing = gn.Preprocessing(outputs=gn.Centering((1.0, 2.0)))
        assert preprocessing.transform_targets([[1.0, 2.0], [3.0, 3.0]]).tolist() == [
            [0, 0],
            [2, 1],
        ]
        with pytest.raises(gn.DataError, match=r"y has shape \(3,\), expected \(m, 2\)"):
            preprocessing.transform_targets([1.0, 2.0, 3.0])
        with pytest.raises(gn.DataError, match=r"y\[0, 1\] is nan"):
            preprocessing.transform_targets([[1.0, np.nan]])

    @pytest.mark.parametrize("name", ["inputs", "outputs"])
    @pytest.mark.parametrize("wrong", ["min_max", gn.MinMax, 3])
    def test_what_is_no_scaling_is_refused(self, name: str, wrong: object) -> None:
        with pytest.raises(gn.DataError, match=rf"{name} is .*gn\.Preprocessing\.fit takes names"):
            gn.Preprocessing(**{name: wrong})  # type: ignore[arg-type]

    def test_it_can_be_pickled_compared_hashed_and_replaced(self) -> None:
        one = gn.Preprocessing(gn.MinMax((1.0,), (2.0,)), gn.Labels(("a", "b")), ("width",), "kind")
        assert pickle.loads(pickle.dumps(one)) == one
        assert hash(pickle.loads(pickle.dumps(one))) == hash(one)
        assert one != gn.Preprocessing(one.inputs)
        assert dataclasses.replace(one, target="other").inputs == one.inputs
        assert dataclasses.replace(one, target="other") != one
        assert "MinMax(minimum=(1.0,)" in repr(one)
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.target = "other"  # type: ignore[misc]


class TestFit:
    def test_inputs_are_standardised_unless_another_scaling_is_named(self) -> None:
        assert gn.Preprocessing.fit(X).inputs == gn.Standardizer.fit(X)
        assert gn.Preprocessing.fit(X, inputs="standardize").inputs == gn.Standardizer.fit(X)
        assert gn.Preprocessing.fit(X, inputs="min_max").inputs == gn.MinMax(
            (0.0, 10.0), (4.0, 30.0)
        )
        assert gn.Preprocessing.fit(X, inputs="center").inputs == gn.Centering((2.0, 20.0))
        assert gn.Preprocessing.fit(X, inputs=None).inputs is None

    def test_a_scaling_that_is_fitted_already_is_kept(self) -> None:
        scaling = gn.MinMax.fit(X, -1.0, 1.0)
        fitted = gn.Preprocessing.fit(
            X, [1.0, 2.0, 3.0], inputs=scaling, outputs=gn.Centering((7.0,))
        )
        assert (fitted.inputs, fitted.outputs) == (scaling, gn.Centering((7.0,)))

    @pytest.mark.parametrize("y", [[1.0, 2.0, 9.0], [[1.0], [2.0], [9.0]]])
    def test_targets_are_scaled_as_named(self, y: object) -> None:
        fitted = gn.Preprocessing.fit(X, y, outputs="min_max")  # type: ignore[arg-type]
        assert fitted.outputs == gn.MinMax((1.0,), (9.0,))
        assert gn.Preprocessing.fit(X, y, outputs="center").outputs == gn.Centering((4.0,))  # type: ignore[arg-type]
        assert gn.Preprocessing.fit(X, y).outputs is None  # type: ignore[arg-type]

    def test_labels_and_names_are_kept(self) -> None:
        labels = gn.Labels(("a", "b"))
        fitted = gn.Preprocessing.fit(
            X, list("aba"), labels=labels, features=("p", "q"), target="t"
        )
        assert fitted == gn.Preprocessing(gn.Standardizer.fit(X), labels, ("p", "q"), "t")

    @pytest.mark.parametrize("part", ["inputs", "outputs"])
    def test_an_unknown_name_is_refused_with_the_choices(self, part: str) -> None:
        choices = (
            r"unknown scaling: 'zscore' \(must be one of \['center', 'min_max', 'standardize'\]"
        )
        with pytest.raises(ValueError, match=choices):
            gn.Preprocessing.fit(X, [1.0, 2.0, 3.0], **{part: "zscore"})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"X": [[np.nan]]}, r"X\[0, 0\] is nan"),
            ({"X": np.empty((0, 2)), "inputs": None}, r"X has shape \(0, 2\)"),
            ({"X": X, "y": [1.0, 2.0]}, r"y has 2 rows, expected 3, as many as X"),
            ({"X": X, "y": ["a", "b"], "labels": gn.Labels(("a", "b"))}, "y has 2 rows"),
            ({"X": X, "y": ["a", "b", "c"]}, r"y is no rectangular array of numbers.*gn\.Labels"),
            ({"X": X, "y": [1.0, np.inf, 2.0]}, r"y\[1, 0\] is inf"),
            ({"X": X, "y": 1.0}, r"y has shape \(\)"),
            ({"X": X, "y": list("abc"), "labels": gn.Labels(("a", "b"))}, r"y\[2\] is 'c'"),
            ({"X": X, "outputs": "center"}, "y is not given"),
            (
                {"X": X, "y": list("aba"), "labels": gn.Labels(("a", "b")), "outputs": "center"},
                "the targets are class labels",
            ),
        ],
    )
    def test_data_that_do_not_fit_are_refused(
        self, arguments: dict[str, object], words: str
    ) -> None:
        with pytest.raises(gn.DataError, match=words):
            gn.Preprocessing.fit(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("scaling", ["standardize", "min_max", "center"])
def test_targets_of_a_regression_come_back_in_their_units(scaling: str) -> None:
    # y = 1 + 2 x, so 7 at x = 3.
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
    fitted = gn.Preprocessing.fit(x, y, inputs=scaling, outputs=scaling)  # type: ignore[arg-type]
    net = gn.Network.dense([1, 1], activation="identity", seed=0)
    gn.train(net, fitted.transform(x), fitted.transform_targets(y), epochs=1000)
    net.preprocessing = fitted
    assert np.allclose(gn.predict(net, [[3.0]]), 7.0, rtol=1e-6)
