"""`Batches` behaves as the sequence of arrays that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.engines.batches import Batches, Epochs

ROWS = st.lists(st.integers(0, 9), max_size=20)
LISTS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=8)


def made(lists: list[list[int]]) -> Batches:
    return Batches.of(np.array(some, dtype=np.intp) for some in lists)


def listed(batches: Batches) -> list[list[int]]:
    return [batch.tolist() for batch in batches]


@given(ROWS, st.integers(1, 25))
def test_of_size_cuts_rows_into_pieces_of_that_size(rows: list[int], size: int) -> None:
    expected = [rows[k : k + size] for k in range(0, len(rows), size)]
    batches = Batches.of_size(np.array(rows, dtype=np.intp), size)
    assert listed(batches) == expected
    assert len(batches) == len(expected)


@given(LISTS)
def test_of_keeps_the_batches_as_they_are(lists: list[list[int]]) -> None:
    batches = made(lists)
    assert listed(batches) == lists
    assert len(batches) == len(lists)
    assert batches.rows.tolist() == [row for some in lists for row in some]
    assert batches.rows.dtype == batches.bounds.dtype == np.intp
    assert Batches.of(batches) is batches


@given(LISTS, st.data())
def test_an_index_gives_one_batch_from_either_end(
    lists: list[list[int]], data: st.DataObject
) -> None:
    batches = made(lists)
    for k in range(-len(lists), len(lists)):
        assert batches[k].tolist() == lists[k]
    beyond = data.draw(st.sampled_from([len(lists), -len(lists) - 1]))
    with pytest.raises(IndexError):
        batches[beyond]


@given(LISTS, st.integers(-10, 10) | st.none(), st.integers(-10, 10) | st.none())
def test_a_slice_gives_batches(lists: list[list[int]], start: int | None, stop: int | None) -> None:
    batches = made(lists)[start:stop]
    assert isinstance(batches, Batches)
    assert listed(batches) == lists[start:stop]
    assert len(batches) == len(lists[start:stop])
    assert listed(batches[1:]) == lists[start:stop][1:]


@given(st.lists(LISTS, min_size=1, max_size=4))
def test_epochs_are_batches_one_after_the_other(several: list[list[list[int]]]) -> None:
    batches = made([some for lists in several for some in lists])
    ends = np.cumsum([len(lists) for lists in several])
    epochs = Epochs(batches, ends)
    assert [listed(one) for one in epochs] == several
    assert len(epochs) == len(several)
    with pytest.raises(TypeError, match="one by one"):
        epochs[1:]


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 10))
def test_epochs_of_equal_batches_are_those_of_each_row(count: int, samples: int, size: int) -> None:
    rows = np.random.default_rng(0).integers(0, samples, size=(count, samples))
    epochs = Epochs.of_size(rows, size)
    assert [listed(one) for one in epochs] == [listed(Batches.of_size(r, size)) for r in rows]
    assert epochs.batches.bounds.dtype == np.intp


@given(LISTS)
def test_the_largest_is_known(lists: list[list[int]]) -> None:
    assert made(lists).largest == max([1, *(len(some) for some in lists)])


def test_batches_run_backward_too() -> None:
    assert [one.tolist() for one in reversed(made([[1], [2, 3]]))] == [[2, 3], [1]]
