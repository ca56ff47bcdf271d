"""Banded, local, block-diagonal and grouped layers, beside what SciPy and PyTorch's rule say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from graphnn.graph.builders import Banded, BlockDiagonal, Connector, Grouped, Local

RNG = np.random.default_rng(0)
SIZES = st.integers(1, 9)


def mask(connector: Connector, n: int, m: int) -> np.ndarray:
    """Return a connector's edges as a matrix, each counted."""
    found = np.zeros((n, m), dtype=int)
    for i, j in connector(n, m, RNG):
        found[i - 1, j - 1] += 1
    return found


class TestBanded:
    @given(SIZES, SIZES, st.integers(0, 4), st.integers(0, 4))
    def test_it_is_scipys_matrix_of_diagonals(self, n: int, m: int, lower: int, upper: int) -> None:
        inside = [k for k in range(-lower, upper + 1) if -n < k < m]
        diagonals = sparse.diags_array(np.ones(len(inside)), offsets=inside, shape=(n, m))
        assert np.array_equal(mask(Banded(lower, upper), n, m), diagonals.toarray())

    @given(SIZES, SIZES, st.integers(0, 4))
    def test_one_number_stands_for_both_sides(self, n: int, m: int, width: int) -> None:
        both = np.tri(n, m, width) - np.tri(n, m, -width - 1)
        assert np.array_equal(mask(Banded(width), n, m), both)

    @pytest.mark.parametrize("bad", [-1, 1.0, True, "1"])
    def test_its_settings_are_checked(self, bad: int) -> None:
        with pytest.raises(ValueError, match=r"lower is .*, expected a whole number of at least 0"):
            Banded(bad)
        with pytest.raises(ValueError, match=r"upper is .*"):
            Banded(0, bad)


class TestLocal:
    @given(SIZES, SIZES, st.data())
    def test_each_neuron_sees_its_nearest_ones(self, n: int, m: int, data: st.DataObject) -> None:
        width = data.draw(st.integers(1, n))
        found = mask(Local(width), n, m)
        below, above = (np.arange(n) + 0.5) / n, (np.arange(m) + 0.5) / m
        for column, place in zip(found.T, above, strict=True):
            distances = np.abs(below - place)
            seen = column.astype(bool)
            assert seen.sum() == width
            assert np.ptp(np.flatnonzero(seen)) == width - 1
            assert sorted(distances[seen]) == pytest.approx(sorted(distances)[:width])

    @given(st.integers(3, 12))
    def test_in_equal_layers_it_is_a_band_but_for_the_borders(self, n: int) -> None:
        inner = slice(1, n - 1)
        assert np.array_equal(mask(Local(3), n, n)[:, inner], mask(Banded(1), n, n)[:, inner])

    def test_it_needs_that_many_neurons_below(self) -> None:
        with pytest.raises(ValueError, match="finds 3 neurons below, expected at least 4"):
            mask(Local(4), 3, 5)
        with pytest.raises(ValueError, match="width is 0"):
            Local(0)


class TestBlocks:
    @given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4))
    def test_it_is_scipys_block_diagonal_matrix(self, blocks: list[tuple[int, int]]) -> None:
        expected = sparse.block_diag([np.ones(shape) for shape in blocks]).toarray()
        assert np.array_equal(mask(BlockDiagonal(blocks), *expected.shape), expected)

    def test_blocks_may_be_an_array_and_are_kept(self) -> None:
        shapes = np.array([[1, 2], [2, 1]])
        blocks = BlockDiagonal(shapes)  # type: ignore[arg-type]
        assert blocks == BlockDiagonal([(1, 2), (2, 1)])
        shapes[0] = 7
        assert blocks.blocks == ((1, 2), (2, 1))

    def test_the_blocks_fill_both_layers(self) -> None:
        with pytest.raises(ValueError, match="join 3 neurons to 3, and the layers have 3 and 4"):
            mask(BlockDiagonal([(1, 2), (2, 1)]), 3, 4)

    @pytest.mark.parametrize("bad", [[], [(1,)], [3], [(0, 1)], [(1, 2.0)]])
    def test_its_settings_are_checked(self, bad: list[tuple[int, int]]) -> None:
        with pytest.raises(ValueError, match="block"):
            BlockDiagonal(bad)

    @given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
    def test_groups_see_the_channels_of_a_grouped_convolution(
        self, groups: int, below: int, above: int
    ) -> None:
        found = mask(Grouped(groups), groups * below, groups * above)
        expected = [
            [int(i // below == j // above) for j in range(groups * above)]
            for i in range(groups * below)
        ]
        assert found.tolist() == expected

    def test_groups_divide_both_layers(self) -> None:
        with pytest.raises(ValueError, match="finds 3 neurons above, expected a multiple of 2"):
            mask(Grouped(2), 4, 3)
        with pytest.raises(ValueError, match="groups is 0"):
            Grouped(0)
