"""Arrays at the door: what passes, and the words for what does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn
from graphnn.checks import check_inputs, check_sample, check_targets

BAD_NUMBERS = [
    pytest.param([["a", "b"]], "dtype <U1", id="text"),
    pytest.param([[1j, 2.0]], "dtype complex128", id="complex"),
    pytest.param([[1.0, None]], "no number", id="none"),
    pytest.param([[1.0, 2.0], [3.0]], "no rectangular array", id="ragged"),
    pytest.param(np.array([["2020-01-01", "2020-01-02"]], dtype="M8[D]"), "dtype", id="dates"),
    pytest.param([[10**400, 1]], "no number", id="beyond float64"),
]
NOT_FINITE = [np.nan, np.inf, -np.inf]


class TestInputs:
    @given(arrays(np.float64, (3, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
    def test_finite_numbers_pass_unchanged(self, X: np.ndarray) -> None:
        checked = check_inputs(X, 2)
        assert checked.dtype == np.float64
        assert np.array_equal(checked, X)

    @pytest.mark.parametrize(
        "X",
        [
            [[1, 2], [3, 4]],
            ((1, 2), (3, 4)),
            np.array([[1, 2], [3, 4]], dtype=np.int8),
            np.array([[1, 2], [3, 4]], dtype=np.float32),
            np.array([[1, 2], [3, 4]], order="F"),
            [[Fraction(1), Fraction(2)], [Fraction(3), 4]],
            np.array([[1, 3], [2, 4]]).T,
        ],
        ids=["lists", "tuples", "int8", "float32", "fortran", "fractions", "transposed"],
    )
    def test_every_kind_of_real_numbers_becomes_rows_of_float64(self, X: object) -> None:
        checked = check_inputs(X, 2)
        assert checked.dtype == np.float64
        assert checked.flags.c_contiguous
        assert checked.tolist() == [[1.0, 2.0], [3.0, 4.0]]

    def test_booleans_become_zeros_and_ones(self) -> None:
        assert check_inputs([[True, False]], 2).tolist() == [[1.0, 0.0]]

    def test_one_sample_becomes_one_row(self) -> None:
        assert check_inputs([1.0, 2.0, 3.0], 3).shape == (1, 3)

    def test_the_caller_s_array_is_copied(self) -> None:
        X = np.zeros((2, 2))
        check_inputs(X, 2)[0, 0] = 5.0
        assert X[0, 0] == 0.0

    @pytest.mark.parametrize("X", [[[1.0, 2.0, 3.0]], [1.0, 2.0, 3.0], 1.0, [[[1.0, 2.0]]]])
    def test_a_wrong_shape_is_named_with_the_expected_one(self, X: object) -> None:
        with pytest.raises(gn.DataError, match=r"X has shape \(.*\), expected \(m, 2\)") as caught:
            check_inputs(X, 2)
        assert str(np.shape(X)) in str(caught.value)

    def test_a_flat_column_for_one_input_gets_the_advice_to_reshape(self) -> None:
        with pytest.raises(gn.DataError, match=r"X\.reshape\(-1, 1\)"):
            check_inputs([1.0, 2.0, 3.0], 1)

    def test_an_empty_data_set_is_refused(self) -> None:
        with pytest.raises(gn.DataError, match="no sample is there"):
            check_inputs(np.empty((0, 2)), 2)
        with pytest.raises(gn.DataError, match=r"shape \(0,\)"):
            check_inputs([], 2)

    @pytest.mark.parametrize("bad", NOT_FINITE)
    def test_the_first_number_that_is_not_finite_is_named(self, bad: float) -> None:
        with pytest.raises(gn.DataError, match=rf"X\[1, 0\] is {bad} \(2 such in X\)"):
            check_inputs([[1.0, 2.0], [bad, 2.0], [bad, 0.0]], 2)

    def test_an_extended_float_beyond_float64_is_not_finite(self) -> None:
        if np.finfo(np.longdouble).max <= np.finfo(np.float64).max:
            pytest.skip("long double is double here")
        with pytest.raises(gn.DataError, match="finite"):
            check_inputs(np.array([[np.finfo(np.longdouble).max, 0]]), 2)

    @pytest.mark.parametrize(("X", "words"), BAD_NUMBERS)
    def test_what_is_no_number_is_refused(self, X: object, words: str) -> None:
        with pytest.raises(gn.DataError, match=words):
            check_inputs(X, 2)

    def test_a_scipy_sparse_matrix_is_refused(self) -> None:
        sparse = pytest.importorskip("scipy.sparse")
        with pytest.raises(gn.DataError, match="X"):
            check_inputs(sparse.csr_array(np.eye(2)), 2)


class TestSample:
    def test_it_becomes_plain_floats(self) -> None:
        sample = check_sample(np.array([1, 2], dtype=np.int64), 2)
        assert sample == [1.0, 2.0]
        assert {type(number) for number in sample} == {float}

    @pytest.mark.parametrize("x", [[1.0], [[1.0, 2.0]], 1.0, []])
    def test_a_wrong_shape_is_named(self, x: object) -> None:
        with pytest.raises(gn.DataError, match=r"x has shape .*, expected \(2,\)"):
            check_sample(x, 2)

    @pytest.mark.parametrize("bad", NOT_FINITE)
    def test_a_number_that_is_not_finite_is_named(self, bad: float) -> None:
        with pytest.raises(gn.DataError, match=rf"x\[1\] is {bad}"):
            check_sample([0.0, bad], 2)


class TestTargets:
    @pytest.mark.parametrize("y", [[1, 2], [[1], [2]], np.array([1, 2], dtype=np.int32)])
    def test_one_output_takes_a_flat_or_a_column_of_targets(self, y: object) -> None:
        assert check_targets(y, "numbers", 2, 1).tolist() == [[1.0], [2.0]]

    def test_one_sample_takes_a_flat_row(self) -> None:
        assert check_targets([1, 2, 3], "numbers", 1, 3).tolist() == [[1.0, 2.0, 3.0]]

    def test_one_sample_and_one_output_take_a_single_number(self) -> None:
        assert check_targets(4, "numbers", 1, 1).tolist() == [[4.0]]

    @pytest.mark.parametrize(
        ("y", "samples", "width"),
        [
            ([1, 2, 3], 2, 1),
            ([[1, 2]], 2, 1),
            ([1, 2, 3, 4], 2, 2),
            ([[1, 2], [3, 4]], 2, 3),
            ([], 2, 1),
            (1.0, 2, 1),
        ],
    )
    def test_a_wrong_shape_is_named_with_samples_and_outputs(
        self, y: object, samples: int, width: int
    ) -> None:
        with pytest.raises(gn.DataError, match=rf"\({samples}, {width}\).*for {samples} samples"):
            check_targets(y, "numbers", samples, width)

    def test_a_row_for_one_sample_too_many_outputs_uses_the_singular(self) -> None:
        with pytest.raises(gn.DataError, match=r"for 1 sample and 1 output neuron$"):
            check_targets([1, 2], "numbers", 1, 1)

    @pytest.mark.parametrize("bad", NOT_FINITE)
    @pytest.mark.parametrize("kind", ["numbers", "probabilities", "signs", "classes"])
    def test_what_is_not_finite_is_named_for_every_kind(self, kind: str, bad: float) -> None:
        with pytest.raises(gn.DataError, match=rf"y\[1\] is {bad}"):
            check_targets([0.0, bad], kind, 2, 1)  # type: ignore[arg-type]

    @pytest.mark.parametrize(("y", "words"), BAD_NUMBERS)
    def test_what_is_no_number_is_refused(self, y: object, words: str) -> None:
        with pytest.raises(gn.DataError, match=words):
            check_targets(y, "numbers", 1, 2)

    def test_text_labels_get_the_advice_to_use_labels(self) -> None:
        with pytest.raises(gn.DataError, match=r"gn\.Labels"):
            check_targets(["cat", "dog"], "classes", 2, 2)

    @pytest.mark.parametrize("bad", [-0.001, 1.001, 2.0])
    def test_probabilities_lie_from_0_to_1(self, bad: float) -> None:
        assert check_targets([0, 1, 0.5], "probabilities", 3, 1).tolist() == [[0.0], [1.0], [0.5]]
        with pytest.raises(gn.DataError, match=rf"y\[1, 0\] is {bad:g}, expected a number from 0"):
            check_targets([0.0, bad], "probabilities", 2, 1)

    @pytest.mark.parametrize("bad", [0.0, 0.5, -2.0])
    def test_signs_are_minus_one_or_one(self, bad: float) -> None:
        assert check_targets([-1, 1], "signs", 2, 1).tolist() == [[-1.0], [1.0]]
        with pytest.raises(gn.DataError, match=rf"y\[0, 0\] is {bad:g}, expected -1 or \+1"):
            check_targets([bad, 1], "signs", 2, 1)

    def test_class_numbers_become_one_hot_rows(self) -> None:
        assert check_targets([2, 0], "classes", 2, 3).tolist() == [[0, 0, 1], [1, 0, 0]]

    @pytest.mark.parametrize("bad", [-1, 3, 0.5, 1e300])
    def test_a_class_outside_the_classes_is_named(self, bad: float) -> None:
        with pytest.raises(gn.DataError, match=r"y\[1\] is .*, expected a class number 0\.\.2"):
            check_targets([0, bad], "classes", 2, 3)

    def test_distributions_over_the_classes_pass(self) -> None:
        rows = [[0.25, 0.75], [1.0, 0.0]]
        assert check_targets(rows, "classes", 2, 2).tolist() == rows

    def test_a_row_that_is_no_distribution_is_named(self) -> None:
        with pytest.raises(gn.DataError, match=r"row 1 of y sums to 0\.5, expected 1"):
            check_targets([[1.0, 0.0], [0.25, 0.25]], "classes", 2, 2)
        with pytest.raises(gn.DataError, match=r"y\[0, 0\] is -0\.5"):
            check_targets([[-0.5, 1.5], [1.0, 0.0]], "classes", 2, 2)
