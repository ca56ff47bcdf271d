"""Pruning by magnitude: which edges go, and that all others stay as they were."""

from __future__ import annotations

import numpy as np
import pytest
from behaviour import Given, given_networks, kept, refused
from hypothesis import given
from hypothesis import strategies as st
from oracles import weights_of

import graphnn as gn
from graphnn.graph.relays import relays
from graphnn.graph.surgery import prune


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([3, 4, 2], seed=0)


def magnitudes(net: gn.Network) -> np.ndarray:
    return np.abs(list(weights_of(net).values()))


class TestFraction:
    @pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.77, 1.0])
    def test_the_smallest_weights_go(self, net: gn.Network, fraction: float) -> None:
        made = kept(net, lambda net: prune(net, fraction))
        sizes = np.sort(magnitudes(net))
        assert sorted(magnitudes(made)) == sizes[round(fraction * len(sizes)) :].tolist()
        assert weights_of(made).items() <= weights_of(net).items()
        assert made.nodes == net.nodes

    def test_of_equal_weights_the_first_edges_go(self) -> None:
        net = gn.Network([2, 2])
        net.add_edges_from([((0, i), (1, j)) for j in (2, 1) for i in (2, 1)], weight=-0.5)
        assert sorted(prune(net, 0.5).edges) == [((0, 2), (1, 1)), ((0, 2), (1, 2))]

    def test_each_layer_can_lose_its_own_share(self, net: gn.Network) -> None:
        made = prune(net, 0.25, scope="layer")
        for before, after in zip(gn.compile(net).layers, gn.compile(made).layers, strict=True):
            assert len(after.sources) == len(before.sources) - round(0.25 * len(before.sources))
        for t in (1, 2):
            gone = weights_of(net).keys() - weights_of(made).keys()
            sizes = {e: abs(w) for e, w in weights_of(net).items() if e[1][0] == t}
            largest = max(sizes[e] for e in sizes if e in gone)
            assert all(sizes[e] > largest for e in sizes if e not in gone)

    def test_constant_neurons_edges_may_be_left_out(self, net: gn.Network) -> None:
        made = prune(net, 1.0, constants=False)
        assert {e: w for e, w in weights_of(net).items() if e[0][1] == 0} == weights_of(made)


class TestThreshold:
    @given(given_networks(), st.sampled_from([0.0, 0.3, 1.0, 5.0]))
    def test_smaller_ones_go_and_frozen_ones_and_relays_stay(
        self, case: Given, threshold: float
    ) -> None:
        net, _ = case
        made = kept(net, lambda net: prune(net, threshold=threshold))
        expected = {
            edge
            for edge in net.edges
            if abs(net.edges[edge]["weight"]) >= threshold or not net.edges[edge]["trainable"]
        }
        assert set(made.edges) == expected
        assert all(made.edges[edge] == net.edges[edge] for edge in expected)
        assert relays(made).items() >= relays(net).items()
        assert made.nodes == net.nodes
        gn.compile(made)


class TestShared:
    @pytest.fixture
    def kernel(self) -> gn.Network:
        net = gn.Network([3, 2, 1])
        for j in (1, 2):
            net.add_edge((0, j), (1, j), 0.1, shared="small")
            net.add_edge((0, j + 1), (1, j), -0.9, shared="large")
        net.add_weighted_edges_from([((1, 1), (2, 1), 0.2), ((1, 2), (2, 1), 0.5)])
        return net

    def test_edges_of_one_weight_go_and_stay_together_and_count_once(
        self, kernel: gn.Network
    ) -> None:
        assert sorted(weights_of(prune(kernel, 0.25)).values()) == [-0.9, -0.9, 0.2, 0.5]
        assert sorted(weights_of(prune(kernel, 0.5)).values()) == [-0.9, -0.9, 0.5]
        assert sorted(weights_of(prune(kernel, 1.0)).values()) == []

    def test_a_group_that_has_a_constant_neurons_edge_stays_with_it(
        self, kernel: gn.Network
    ) -> None:
        kernel.add_edge((1, 0), (2, 1), 0.1, shared="small")
        made = prune(kernel, 1.0, constants=False)
        assert made.shared("small") == tuple(sorted(kernel.shared("small")))
        assert len(made.edges) == 3


class TestRefused:
    @pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), "1", True])
    def test_a_fraction_lies_between_0_and_1(self, net: gn.Network, fraction: float) -> None:
        refused(net, lambda n: prune(n, fraction), "fraction is .*, expected a number from 0 to 1")

    @pytest.mark.parametrize("threshold", [-0.1, float("nan"), "1"])
    def test_a_threshold_is_not_negative(self, net: gn.Network, threshold: float) -> None:
        refused(net, lambda n: prune(n, threshold=threshold), "expected a number of at least 0")

    def test_one_of_the_two_is_needed(self, net: gn.Network) -> None:
        refused(net, prune, "either fraction or threshold", ValueError)
        refused(net, lambda n: prune(n, 0.5, threshold=0.5), "either", ValueError)
        refused(net, lambda n: prune(n, 0.5, scope="all"), "scope", ValueError)  # type: ignore[arg-type]


def test_what_is_left_goes_on_learning(net: gn.Network, engine: str) -> None:
    X = np.random.default_rng(0).normal(size=(10, 3))
    made = prune(net, 0.5)
    edges, before = set(made.edges), weights_of(made)
    gn.train(made, X, np.zeros((10, 2)), epochs=2, engine=engine, seed=0)
    assert set(made.edges) == edges
    assert weights_of(made) != before
