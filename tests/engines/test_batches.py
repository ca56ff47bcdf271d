"""`Batches` behaves as the sequence of arrays that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.engines.batches import Batches, Epochs

ROWS = st.lists(st.integers(0, 9), max_size=20)
LISTS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=8)


def made(lists: list[list[int]], rate: float = 0.5) -> Batches:
    return Batches.of((np.array(some, dtype=np.intp) for some in lists), rate)


def numbered(lists: list[list[int]]) -> Batches:
    """Return batches with a rate of their own each, and masks that say which row they are for."""
    batches = made(lists)
    rates = np.arange(1.0, len(lists) + 1)
    masks = np.arange(len(batches.rows), dtype=float)[:, None] * [1.0, -1.0]
    return Batches(batches.rows, batches.bounds, rates, masks)


def listed(batches: Batches) -> list[list[int]]:
    return [batch.tolist() for batch in batches]


def whole(batches: Batches) -> list[tuple]:
    """Return all that an engine is given."""
    each = batches.each()
    return [(rows.tolist(), rate, None if m is None else m.tolist()) for rows, rate, m in each]


@given(ROWS, st.integers(1, 25))
def test_of_size_cuts_rows_into_pieces_of_that_size(rows: list[int], size: int) -> None:
    expected = [rows[k : k + size] for k in range(0, len(rows), size)]
    batches = Batches.of_size(np.array(rows, dtype=np.intp), size, 0.25)
    assert listed(batches) == expected
    assert len(batches) == len(expected)
    assert batches.rates.tolist() == [0.25] * len(expected)
    assert batches.masks is None


@given(ROWS, st.integers(1, 25))
def test_of_size_takes_a_rate_for_each_piece_and_masks_for_each_row(
    rows: list[int], size: int
) -> None:
    pieces = [rows[k : k + size] for k in range(0, len(rows), size)]
    expected = numbered(pieces)
    found = Batches.of_size(expected.rows, size, expected.rates, expected.masks)
    assert whole(found) == whole(expected)


def test_rates_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        Batches.of_size(np.arange(6), 2, [0.1, 0.2])


@given(LISTS)
def test_of_keeps_the_batches_as_they_are(lists: list[list[int]]) -> None:
    batches = made(lists)
    assert listed(batches) == lists
    assert len(batches) == len(lists)
    assert batches.rows.tolist() == [row for some in lists for row in some]
    assert batches.rows.dtype == batches.bounds.dtype == np.intp
    assert batches.rates.tolist() == [0.5] * len(lists)
    assert Batches.of(batches) is batches
    assert Batches.of(batches, 0.75) is batches  # they have rates of their own


@given(LISTS)
def test_each_gives_the_rows_the_rate_and_the_masks_of_each_batch(lists: list[list[int]]) -> None:
    assert whole(made(lists)) == [(some, 0.5, None) for some in lists]
    expected, row = [], 0
    for k, some in enumerate(lists, start=1):
        masks = [[float(r), -float(r)] for r in range(row, row + len(some))]
        expected.append((some, float(k), masks))
        row += len(some)
    assert whole(numbered(lists)) == expected


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
def test_a_slice_gives_batches_with_their_rates_and_masks(
    lists: list[list[int]], start: int | None, stop: int | None
) -> None:
    batches = numbered(lists)[start:stop]
    assert isinstance(batches, Batches)
    assert listed(batches) == lists[start:stop]
    assert len(batches) == len(lists[start:stop])
    assert whole(batches) == whole(numbered(lists))[start:stop]
    assert whole(batches[1:]) == whole(numbered(lists))[start:stop][1:]


@given(st.lists(LISTS, min_size=1, max_size=4))
def test_epochs_are_batches_one_after_the_other(several: list[list[list[int]]]) -> None:
    batches = made([some for lists in several for some in lists])
    ends = np.cumsum([len(lists) for lists in several])
    epochs = Epochs(batches, ends)
    assert [listed(one) for one in epochs] == several
    assert len(epochs) == len(several)
    with pytest.raises(TypeError, match="one by one"):
        epochs[1:]


@given(st.lists(LISTS, min_size=1, max_size=4))
def test_the_first_epochs_are_batches_too(several: list[list[list[int]]]) -> None:
    batches = numbered([some for lists in several for some in lists])
    epochs = Epochs(batches, np.cumsum([len(lists) for lists in several]))
    for count in range(len(several) + 1):
        length = sum(map(len, several[:count]))
        assert whole(epochs.first(count)) == whole(batches)[:length]


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 10))
def test_epochs_of_equal_batches_are_those_of_each_row(count: int, samples: int, size: int) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, samples, size=(count, samples))
    rates, masks = rng.random((count, -(-samples // size))), rng.random((count, samples, 3))
    epochs = Epochs.of_size(rows, size, rates, masks.reshape(-1, 3))
    pieces = zip(rows, rates, masks, strict=True)
    assert [whole(one) for one in epochs] == [
        whole(Batches.of_size(some, size, each, mask)) for some, each, mask in pieces
    ]
    assert epochs.batches.bounds.dtype == np.intp


@pytest.mark.parametrize("rates", [0.5, [[0.5], [0.25]], [0.5, 0.25, 0.125]])
def test_rates_of_epochs_broadcast_to_epochs_and_batches(rates: object) -> None:
    epochs = Epochs.of_size(np.zeros((2, 5), dtype=np.intp), 2, rates)  # type: ignore[arg-type]
    expected = np.array(rates) * np.ones((2, 3))
    assert [one.rates.tolist() for one in epochs] == expected.tolist()


@given(LISTS)
def test_the_largest_is_known(lists: list[list[int]]) -> None:
    assert made(lists).largest == max([1, *(len(some) for some in lists)])


def test_batches_run_backward_too() -> None:
    assert [one.tolist() for one in reversed(made([[1], [2, 3]]))] == [[2, 3], [1]]
