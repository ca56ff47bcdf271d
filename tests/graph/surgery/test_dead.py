"""Dead neurons go, and nothing that the network computes goes with them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from behaviour import Given, given_networks, kept, matrix, node
from hypothesis import given
from oracles import weights_of
from strategies import SMOOTH

import graphnn as gn
from graphnn.graph.surgery import prune, remove_dead


def of_use(net: gn.Network) -> set[tuple[int, int]]:
    """Return the hidden neurons on a path from an input to an output, as networkx finds them."""
    graph = nx.DiGraph(net.graph)
    graph.remove_nodes_from([n for n in net.nodes if n[1] == 0])
    graph.add_edges_from(("in", n) for n in net.neurons(0))
    graph.add_edges_from((n, "out") for n in net.neurons(net.depth))
    reached = nx.descendants(graph, "in") & nx.ancestors(graph, "out")
    return {n for n in reached if 0 < n[0] < net.depth}


def hidden(net: gn.Network) -> set[tuple[int, int]]:
    return {n for n in net.nodes if 0 < n[0] < net.depth and n[1] > 0}


class TestRandom:
    @given(given_networks(SMOOTH))
    def test_outputs_stay_up_to_rounding(self, case: Given) -> None:
        net, X = case
        made = kept(net, remove_dead)
        assert np.allclose(node(made, X), node(net, X), rtol=1e-10, atol=1e-12)
        assert np.allclose(matrix(made, X), node(net, X), rtol=1e-10, atol=1e-12)

    @given(given_networks(exact=True))
    def test_where_arithmetic_is_exact_they_stay_equal(self, case: Given) -> None:
        net, X = case
        made = kept(net, remove_dead)
        assert node(made, X) == node(net, X)
        assert np.array_equal(matrix(made, X), matrix(net, X))

    @given(given_networks(shared=0.0))
    def test_what_is_of_use_stays_as_it_is(self, case: Given) -> None:
        net, _ = case
        made = remove_dead(net)
        use = of_use(net)
        assert use <= hidden(made) <= hidden(net)
        assert made.neurons(0) == net.neurons(0)
        assert made.neurons(net.depth) == net.neurons(net.depth)
        ends = use | set(net.neurons(0)) | set(net.neurons(net.depth))
        for u, v in net.edges:
            if u[1] and {u, v} <= ends:
                assert made.edges[u, v] == net.edges[u, v]
        assert {n: made.labels.get(label) for label, n in net.labels.items() if n in ends} == {
            n: n for n in net.labels.values() if n in ends
        }

    @given(given_networks(shared=0.0))
    def test_what_stays_beside_it_could_not_be_folded(self, case: Given) -> None:
        net, _ = case
        made = remove_dead(net)
        reaching = nx.ancestors(made.graph, made.neurons(made.depth)[0]).union(
            *(nx.ancestors(made.graph, n) for n in made.neurons(made.depth))
        )
        for neuron in hidden(made) - of_use(net):
            alone = made.layers[neuron[0]] == 1 and made.graph.degree(neuron) == 0
            mixed = any(
                made.edges[neuron, v]["trainable"]
                != made.edges.get(((neuron[0], 0), v), {"trainable": None})["trainable"]
                for v in made.graph.succ[neuron]
            )
            assert alone or (neuron in reaching and mixed)

    @given(given_networks())
    def test_a_second_time_changes_nothing(self, case: Given) -> None:
        made = remove_dead(case.net)
        assert remove_dead(made) == made

    @given(given_networks(SMOOTH))
    def test_after_pruning_too(self, case: Given) -> None:
        net, X = case
        pruned = prune(net, 0.7)
        assert np.allclose(node(remove_dead(pruned), X), node(pruned, X), rtol=1e-10, atol=1e-12)


@pytest.fixture
def net() -> gn.Network:
    """(1, 1) is of use, nothing reaches (1, 2), (1, 3) leads nowhere."""
    net = gn.Network([1, 3, 2], activation=["sigmoid", "identity"])
    net.add_weighted_edges_from(
        [
            ((0, 1), (1, 1), 1.0),
            ((0, 0), (1, 2), 2.0),
            ((0, 1), (1, 3), 3.0),
            ((1, 1), (2, 1), 4.0),
            ((1, 2), (2, 1), 5.0),
            ((1, 2), (2, 2), 6.0),
            ((1, 0), (2, 1), 7.0),
        ]
    )
    return net


SIGMOID_2 = 1 / (1 + np.exp(-2.0))


class TestFolding:
    def test_a_constant_value_goes_into_the_constant_neurons_edges(self, net: gn.Network) -> None:
        made = remove_dead(net)
        assert made.neurons(1) == ((1, 1),)
        assert weights_of(made) == {
            ((0, 1), (1, 1)): 1.0,
            ((1, 1), (2, 1)): 4.0,
            ((1, 0), (2, 1)): pytest.approx(7.0 + 5.0 * SIGMOID_2, rel=1e-15),
            ((1, 0), (2, 2)): pytest.approx(6.0 * SIGMOID_2, rel=1e-15),
        }

    def test_a_neuron_without_any_edge_into_it_counts_sigma_of_0(self) -> None:
        net = gn.Network([1, 2, 1], activation=["sigmoid", "identity"])
        net.add_weighted_edges_from([((1, 2), (2, 1), 3.0), ((0, 1), (1, 1), 1.0)])
        net.add_edge((1, 1), (2, 1), 1.0)
        assert weights_of(remove_dead(net))[(1, 0), (2, 1)] == 1.5

    def test_it_stays_where_the_constant_edge_shares_its_weight(self, net: gn.Network) -> None:
        net.set_shared((1, 0), (2, 1), "bias")
        net.add_edge((0, 0), (1, 1), 7.0, shared="bias")
        made = remove_dead(net)
        assert made.neurons(1) == ((1, 1), (1, 2))
        assert made.edges[(1, 0), (2, 1)] == net.edges[(1, 0), (2, 1)]

    @pytest.mark.parametrize("frozen", [((1, 0), (2, 1)), ((1, 2), (2, 1))])
    def test_it_stays_where_one_of_the_two_edges_is_frozen(
        self, net: gn.Network, frozen: tuple[tuple[int, int], tuple[int, int]]
    ) -> None:
        net.set_trainable(False, edge=frozen)
        assert remove_dead(net).neurons(1) == ((1, 1), (1, 2))

    def test_a_frozen_edge_folds_into_a_new_frozen_one(self, net: gn.Network) -> None:
        net.set_trainable(False, edge=((1, 2), (2, 2)))
        assert remove_dead(net).edges[(1, 0), (2, 2)]["trainable"] is False

    def test_a_chain_of_constant_neurons_is_folded_once(self) -> None:
        net = gn.Network([1, 2, 2, 1], activation="identity")
        net.add_weighted_edges_from(
            [
                ((0, 1), (1, 1), 1.0), ((1, 1), (2, 1), 1.0), ((2, 1), (3, 1), 1.0),
                ((0, 0), (1, 2), 2.0), ((1, 2), (2, 2), 3.0), ((2, 2), (3, 1), 5.0),
                ((1, 2), (2, 1), 7.0),
            ]
        )  # fmt: skip
        made = remove_dead(net)
        assert made.layers == (1, 1, 1, 1)
        assert made.edges[(2, 0), (3, 1)]["weight"] == 30.0
        assert made.edges[(1, 0), (2, 1)]["weight"] == 14.0

    def test_what_goes_itself_need_not_be_folded_into(self) -> None:
        net = gn.Network([1, 2, 2, 1], activation="identity")
        net.add_weighted_edges_from(
            [((0, 1), (1, 1), 1.0), ((1, 1), (2, 1), 1.0), ((2, 1), (3, 1), 1.0)]
        )
        net.add_edge((1, 2), (2, 2), 3.0, trainable=False)
        net.add_weighted_edges_from([((1, 0), (2, 2), 2.0), ((2, 2), (3, 1), 5.0)])
        net.add_edge((0, 0), (1, 2), 4.0)
        made = remove_dead(net)
        assert made.layers == (1, 1, 1, 1)
        assert made.edges[(2, 0), (3, 1)]["weight"] == 5.0 * (2.0 + 3.0 * 4.0)

    def test_a_layer_keeps_its_first_neuron(self) -> None:
        net = gn.Network([2, 3, 1], activation="identity")
        net.add_weighted_edges_from([((0, 1), (1, 2), 1.0), ((1, 0), (2, 1), 0.5)])
        net.set_label((1, 2), "gone")
        made = remove_dead(net)
        assert made.neurons(1) == ((1, 1),)
        assert list(made.edges) == [((1, 0), (2, 1))]
        assert not made.labels

    def test_an_overflowing_value_is_left_alone(self) -> None:
        net = gn.Network([1, 2, 1], activation="identity")
        net.add_weighted_edges_from(
            [((0, 0), (1, 2), 1e200), ((1, 2), (2, 1), 1e200), ((0, 1), (1, 1), 1.0)]
        )
        net.add_edge((1, 1), (2, 1), 1.0)
        assert remove_dead(net) == net

    def test_preprocessing_stays(self, net: gn.Network) -> None:
        net.preprocessing = gn.Preprocessing.fit([[0.0], [2.0]])
        assert remove_dead(net).preprocessing == net.preprocessing
