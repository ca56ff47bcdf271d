"""Builders: dense networks, and networks from weight matrices."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import weights_of
from strategies import floats

import graphnn as gn
from graphnn.graph.build import dense

WIDTHS = st.lists(st.integers(1, 5), min_size=2, max_size=4)


@st.composite
def matrix_lists(draw: st.DrawFn) -> list[np.ndarray]:
    widths = draw(WIDTHS)
    shapes = [(below + 1, above) for below, above in pairwise(widths)]
    return [draw(arrays(np.float64, shape, elements=floats())) for shape in shapes]


class TestDense:
    @given(WIDTHS)
    def test_every_edge_that_the_layers_allow_is_there(self, widths: list[int]) -> None:
        net = gn.Network(widths)
        dense(net)
        expected = {
            ((t - 1, i), (t, j))
            for t in range(1, len(widths))
            for i in range(widths[t - 1] + 1)
            for j in range(1, widths[t] + 1)
        }
        assert weights_of(net) == dict.fromkeys(expected, 0.0)

    def test_gaps_in_the_numbers_are_kept(self) -> None:
        net = gn.Network([1, 2, 1])
        net.add_neuron(1, 8)
        net.remove_neuron((1, 1))
        dense(net)
        assert {v for u, v in net.edges if u == (0, 0)} == {(1, 2), (1, 8)}
        assert len(net.edges) == 4 + 3

    def test_edges_that_are_there_already_are_an_error(self) -> None:
        net = gn.Network([1, 1])
        net.add_edge((0, 1), (1, 1))
        with pytest.raises(gn.NetworkError, match="exists already"):
            dense(net)

    def test_the_class_method_draws_the_lecture_s_weights(self) -> None:
        net = gn.Network.dense([3, 4, 2], activation=["tanh", "identity"], seed=7)
        expected = np.random.default_rng(7).uniform(-0.7, 0.7, size=4 * 4 + 5 * 2)
        assert list(weights_of(net).values()) == expected.tolist()
        assert net.activation((1, 4)).name == "tanh"
        assert net.activation((2, 1)).name == "identity"

    def test_the_class_method_takes_another_initialiser(self) -> None:
        net = gn.Network.dense([3, 4], init=gn.Normal(0.01), seed=1)
        expected = np.random.default_rng(1).normal(0, 0.01, size=16)
        assert list(weights_of(net).values()) == expected.tolist()


class TestFromMatrices:
    @given(matrix_lists())
    def test_every_entry_of_dense_ones_is_an_edge(self, matrices: list[np.ndarray]) -> None:
        net = gn.Network.from_matrices(matrices)
        expected = {
            ((t, i), (t + 1, j + 1)): w[i, j]
            for t, w in enumerate(matrices)
            for i in range(w.shape[0])
            for j in range(w.shape[1])
        }
        assert weights_of(net) == expected
        assert {type(weight) for weight in weights_of(net).values()} == {float}

    @given(matrix_lists(), st.data())
    def test_masks_choose_the_edges(self, matrices: list[np.ndarray], data: st.DataObject) -> None:
        masks = [data.draw(arrays(np.bool_, w.shape)) for w in matrices]
        net = gn.Network.from_matrices(matrices, masks)
        expected = {
            ((t, int(i)), (t + 1, int(j) + 1)): w[i, j]
            for t, (w, mask) in enumerate(zip(matrices, masks, strict=True))
            for i, j in np.argwhere(mask)
        }
        assert weights_of(net) == expected
        assert net.layers == (matrices[0].shape[0] - 1, *(w.shape[1] for w in matrices))

    @pytest.mark.parametrize("kind", ["csr_array", "csc_array", "coo_array"])
    def test_stored_entries_of_sparse_ones_are_edges_zeros_too(self, kind: str) -> None:
        sparse = pytest.importorskip("scipy.sparse")
        stored = sparse.coo_array(
            (np.array([1.5, 0.0, -2.0]), ([0, 1, 2], [0, 0, 1])), shape=(3, 2)
        )
        net = gn.Network.from_matrices([getattr(sparse, kind)(stored)])
        assert weights_of(net) == {
            ((0, 0), (1, 1)): 1.5, ((0, 1), (1, 1)): 0.0, ((0, 2), (1, 2)): -2.0,
        }  # fmt: skip

    def test_entries_stored_twice_are_added_as_scipy_means_them(self) -> None:
        sparse = pytest.importorskip("scipy.sparse")
        twice = sparse.coo_array((np.array([1.0, 2.0]), ([1, 1], [0, 0])), shape=(2, 1))
        net = gn.Network.from_matrices([twice])
        assert weights_of(net) == {((0, 1), (1, 1)): 3.0}
        assert twice.nnz == 2

    def test_a_mask_chooses_from_a_sparse_one_too(self) -> None:
        sparse = pytest.importorskip("scipy.sparse")
        w = sparse.csr_array(np.array([[0.0, 1.0], [2.0, 0.0]]))
        net = gn.Network.from_matrices([w], [[[True, False], [True, False]]])
        assert weights_of(net) == {((0, 0), (1, 1)): 0.0, ((0, 1), (1, 1)): 2.0}

    def test_whole_numbers_become_floats(self) -> None:
        net = gn.Network.from_matrices([[[1], [2]]])
        assert weights_of(net) == {((0, 0), (1, 1)): 1.0, ((0, 1), (1, 1)): 2.0}

    def test_masks_may_be_one_array(self) -> None:
        matrices, masks = np.ones((2, 3, 2)), np.zeros((2, 3, 2), dtype=bool)
        masks[1, 2, 1] = True
        net = gn.Network.from_matrices(matrices, masks)
        assert weights_of(net) == {((1, 2), (2, 2)): 1.0}

    @given(matrix_lists())
    def test_a_compiled_one_gives_the_matrices_back(self, matrices: list[np.ndarray]) -> None:
        again = gn.compile(gn.Network.from_matrices(matrices)).matrices()
        assert all(np.array_equal(x, y) for x, y in zip(again, matrices, strict=True))

    @pytest.mark.parametrize(
        ("matrices", "masks", "words"),
        [
            ([], None, "found no matrix"),
            ([np.ones(3)], None, r"w\^\(1\) has shape \(3,\)"),
            ([np.ones((1, 3))], None, r"w\^\(1\) has shape \(1, 3\)"),
            ([np.ones((3, 0))], None, r"w\^\(1\) has shape \(3, 0\)"),
            ([np.ones((3, 2)), np.ones((2, 1))], None, r"w\^\(2\) has 2 rows, expected 3"),
            ([np.ones((3, 2))], [], "found 0 masks, expected 1"),
            ([np.ones((3, 2))], [np.ones((2, 3))], r"mask 1 has shape \(2, 3\), expected \(3, 2\)"),
            ([[[1.0, 2.0], [3.0]]], None, r"w\^\(1\)"),
        ],
    )
    def test_shapes_that_do_not_fit_are_refused(
        self, matrices: list, masks: list | None, words: str
    ) -> None:
        with pytest.raises(gn.NetworkError, match=words):
            gn.Network.from_matrices(matrices, masks)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_a_weight_that_is_not_finite_is_named(self, bad: float) -> None:
        w = np.ones((3, 2))
        w[2, 1] = bad
        with pytest.raises(gn.NetworkError, match=r"\(0, 2\) -> \(1, 2\)") as caught:
            gn.Network.from_matrices([w])
        assert caught.value.edge == ((0, 2), (1, 2))

    def test_complex_weights_are_refused(self) -> None:
        with pytest.raises(gn.NetworkError, match="complex"):
            gn.Network.from_matrices([np.ones((2, 1), dtype=complex)])
