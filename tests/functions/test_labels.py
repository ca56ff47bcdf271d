"""Labels: classes, their numbers and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn


def test_classes_are_sorted_and_numbered() -> None:
    labels = gn.Labels.fit(["dog", "cat", "dog", "ant"])
    assert labels.classes == ("ant", "cat", "dog")
    assert labels.numbers(["cat", "dog", "ant"]).tolist() == [1, 2, 0]


@given(st.lists(st.sampled_from("abcde"), min_size=1))
def test_names_undo_numbers(y: list[str]) -> None:
    labels = gn.Labels(tuple("abcde"))
    assert labels.names(labels.numbers(y)).tolist() == y


@given(st.lists(st.integers(0, 3), min_size=1))
def test_a_one_hot_row_has_its_one_in_the_class_s_column(y: list[int]) -> None:
    rows = gn.Labels((0, 1, 2, 3)).one_hot(y)
    assert rows.sum(axis=1).tolist() == [1.0] * len(y)
    assert [row.index(1.0) for row in rows.tolist()] == y


@pytest.mark.parametrize("y", [[3, 5], [True, False], [0.5, 1.5]])
def test_labels_need_not_be_text(y: list[float]) -> None:
    labels = gn.Labels.fit(y)
    assert labels.names(labels.numbers(y)).tolist() == y


def test_a_label_outside_the_classes_is_named() -> None:
    with pytest.raises(gn.DataError, match=r"y\[1\] is 'c', which is outside the classes"):
        gn.Labels(("a", "b")).numbers(["a", "c"])


@pytest.mark.parametrize("classes", [(), ("a",), ("a", "a")])
def test_fewer_than_two_different_classes_are_refused(classes: tuple[str, ...]) -> None:
    with pytest.raises(gn.DataError, match="at least two different ones"):
        gn.Labels(classes)
    with pytest.raises(gn.DataError, match="at least two different ones"):
        gn.Labels.fit(classes)


@pytest.mark.parametrize("labels", [[None, "a"], ["a", float("nan")], ["a", 1], []])
def test_labels_that_are_none_are_refused(labels: list[object]) -> None:
    with pytest.raises(gn.DataError):
        gn.Labels.fit(labels)  # type: ignore[arg-type]


def test_labels_may_stand_in_one_column() -> None:
    assert gn.Labels(("a", "b")).numbers([["b"], ["a"]]).tolist() == [1, 0]


@pytest.mark.parametrize("y", ["a", [["a", "b"]], [[["a"]]]])
def test_labels_of_another_shape_are_refused(y: object) -> None:
    with pytest.raises(gn.DataError, match="one class label a row"):
        gn.Labels(("a", "b")).numbers(y)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [-1, 2, 0.5, np.nan])
def test_numbers_that_are_none_of_a_class_are_refused(number: float) -> None:
    with pytest.raises(gn.DataError, match=r"is no class number, expected 0\.\.1"):
        gn.Labels(("a", "b")).names([0, number])


def test_class_numbers_may_be_floats_and_none() -> None:
    assert gn.Labels(("a", "b")).names([1.0, 0.0]).tolist() == ["b", "a"]
    assert gn.Labels(("a", "b")).names([]).tolist() == []


@pytest.mark.parametrize("label", [np.inf, -np.inf, np.nan])
def test_labels_that_are_not_finite_are_refused(label: float) -> None:
    with pytest.raises(gn.DataError, match="is no class label"):
        gn.Labels((0.0, label))
