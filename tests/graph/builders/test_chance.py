"""Random layers: their counts, their distribution, and that no neuron is cut off."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graphnn.graph.builders import Connector, FanIn, RandomSparse, SmallWorld

SIZES = st.integers(1, 9)
PROBABILITIES = st.sampled_from([0.0, 0.1, 0.5, 1.0])


def mask(connector: Connector, n: int, m: int, seed: int = 0) -> np.ndarray:
    found = np.zeros((n, m), dtype=int)
    for i, j in connector(n, m, np.random.default_rng(seed)):
        found[i - 1, j - 1] += 1
    assert found.max(initial=0) <= 1
    return found


class TestRandomSparse:
    @given(SIZES, SIZES, PROBABILITIES, st.integers(0, 4), st.integers(0, 99))
    def test_every_neuron_keeps_the_fewest_edges_on_both_sides(
        self, n: int, m: int, p: float, least: int, seed: int
    ) -> None:
        found = mask(RandomSparse(p, least), n, m, seed)
        assert found.sum(axis=0).min() >= min(least, n)
        assert found.sum(axis=1).min() >= min(least, m)

    def test_without_a_least_it_is_networkx_s_random_graph(self) -> None:
        n, m, p = 40, 50, 0.1
        ours = [mask(RandomSparse(p, 0), n, m, seed).sum() for seed in range(60)]
        theirs = [
            nx.bipartite.random_graph(n, m, p, seed=seed).number_of_edges() for seed in range(60)
        ]
        assert stats.ks_2samp(ours, theirs).pvalue > 0.01
        assert stats.binomtest(int(sum(ours)), 60 * n * m, p).pvalue > 0.01

    def test_every_edge_is_as_likely(self) -> None:
        counts = sum(mask(RandomSparse(0.3, 0), 4, 5, seed) for seed in range(2000))
        assert stats.chisquare(counts.ravel()).pvalue > 0.01

    def test_few_edges_are_only_as_many_as_needed(self) -> None:
        found = mask(RandomSparse(0.0), 5, 3)
        assert 5 <= found.sum() <= 7
        assert mask(RandomSparse(1.0), 5, 3).all()
        assert not mask(RandomSparse(0.0, 0), 5, 3).any()

    @pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "half", None])
    def test_its_settings_are_checked(self, p: float) -> None:
        with pytest.raises(ValueError, match=r"p is .*, expected a probability from 0 to 1"):
            RandomSparse(p)
        with pytest.raises(ValueError, match="least is -1"):
            RandomSparse(0.5, -1)


class TestFanIn:
    @given(SIZES, SIZES, st.data(), st.integers(0, 99))
    def test_every_neuron_has_that_many_edges(
        self, n: int, m: int, data: st.DataObject, seed: int
    ) -> None:
        k = data.draw(st.integers(1, n))
        assert mask(FanIn(k), n, m, seed).sum(axis=0).tolist() == [k] * m

    def test_every_source_is_as_likely(self) -> None:
        counts = mask(FanIn(3), 8, 4000).sum(axis=1)
        assert stats.chisquare(counts).pvalue > 0.01

    def test_its_settings_are_checked(self) -> None:
        with pytest.raises(ValueError, match="k is 0"):
            FanIn(0)
        with pytest.raises(ValueError, match="finds 2 neurons below, expected at least 3"):
            mask(FanIn(3), 2, 2)


class TestSmallWorld:
    @given(SIZES, SIZES, PROBABILITIES, st.data(), st.integers(0, 99))
    def test_every_neuron_has_k_edges_however_many_are_led_elsewhere(
        self, n: int, m: int, p: float, data: st.DataObject, seed: int
    ) -> None:
        k = data.draw(st.integers(1, n))
        assert mask(SmallWorld(k, p), n, m, seed).sum(axis=0).tolist() == [k] * m

    @pytest.mark.parametrize("k", [1, 3, 5])
    def test_with_p_0_it_is_the_ring_lattice_of_watts_and_strogatz(self, k: int) -> None:
        n = 11
        ring = nx.watts_strogatz_graph(n, k - 1, 0.0)
        expected = nx.to_numpy_array(ring, dtype=int) + np.eye(n, dtype=int)
        assert np.array_equal(mask(SmallWorld(k, 0.0), n, n), expected)

    def test_each_edge_is_led_elsewhere_with_probability_p(self) -> None:
        n, k, p = 60, 5, 0.2
        lattice = mask(SmallWorld(k, 0.0), n, n)
        moved = [
            int((mask(SmallWorld(k, p), n, n, seed) & ~lattice & 1).sum()) for seed in range(30)
        ]
        # An edge is led to where none was; one that later comes back to the lattice is rare.
        expected = 30 * n * k * p
        assert 0.93 * expected < sum(moved) < 1.05 * expected

    def test_where_one_place_is_free_an_edge_is_led_there(self) -> None:
        lattice = mask(SmallWorld(2, 0.0), 3, 300)
        moved = (mask(SmallWorld(2, 1.0), 3, 300) != lattice).any(axis=0)
        assert moved.sum() > 100
        assert mask(SmallWorld(3, 1.0), 3, 300).all()

    def test_few_steps_lead_far_and_neighbours_stay(self) -> None:
        def distance(p: float) -> float:
            found = mask(SmallWorld(5, p), 200, 200, 1)
            graph = nx.from_numpy_array(np.maximum(found, found.T))
            return nx.average_shortest_path_length(graph)

        assert distance(0.1) < distance(0.0) / 3

    def test_its_settings_are_checked(self) -> None:
        with pytest.raises(ValueError, match="k is 0"):
            SmallWorld(0, 0.5)
        with pytest.raises(ValueError, match="p is 2"):
            SmallWorld(1, 2)
        with pytest.raises(ValueError, match="at least 3"):
            mask(SmallWorld(3, 0.0), 2, 2)
