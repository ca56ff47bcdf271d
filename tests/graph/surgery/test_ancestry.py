"""The part of a network that feeds some outputs."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from behaviour import Given, given_networks, kept, matrix, node, refused
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.graph.surgery import subnetwork


class TestRandom:
    @given(given_networks(), st.data())
    def test_outputs_stay_to_the_last_bit(self, case: Given, data: st.DataObject) -> None:
        net, X = case
        outputs = net.neurons(net.depth)
        chosen = data.draw(st.sets(st.sampled_from(outputs), min_size=1))
        made = kept(net, lambda net: subnetwork(net, chosen))
        columns = [outputs.index(n) for n in sorted(chosen)]
        assert node(made, X) == [tuple(row[k] for k in columns) for row in node(net, X)]

    @given(given_networks(exact=True), st.data())
    def test_so_they_do_in_the_matrix_engine(self, case: Given, data: st.DataObject) -> None:
        net, X = case
        neuron = data.draw(st.sampled_from(net.neurons(net.depth)))
        column = net.neurons(net.depth).index(neuron)
        assert np.array_equal(matrix(subnetwork(net, neuron), X), matrix(net, X)[:, [column]])

    @given(given_networks(), st.data())
    def test_hidden_neurons_give_what_they_have(self, case: Given, data: st.DataObject) -> None:
        net, X = case
        t = data.draw(st.integers(1, net.depth))
        made = subnetwork(net, net.neurons(t))
        assert made.depth == t
        assert node(made, X) == [tuple(gn.forward(net, x).v[n] for n in net.neurons(t)) for x in X]

    @given(given_networks(), st.data())
    def test_it_has_the_ancestors_that_networkx_finds(
        self, case: Given, data: st.DataObject
    ) -> None:
        net, _ = case
        neuron = data.draw(st.sampled_from(net.neurons(net.depth)))
        made = subnetwork(net, neuron)
        found = nx.ancestors(net.graph, neuron) | {neuron}
        assert set(made.edges) == set(net.graph.subgraph(found).edges)
        extra = set(made.nodes) - found - set(net.neurons(0))
        assert all(n[1] == 0 or made.graph.degree(n) == 0 for n in extra)
        assert all(made.edges[edge] == net.edges[edge] for edge in made.edges)
        assert dict(made.labels) == {k: n for k, n in net.labels.items() if n in made.nodes}


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([2, 3, 2], seed=0)


def test_one_neuron_may_be_given_as_it_is_or_in_a_list(net: gn.Network) -> None:
    one = subnetwork(net, (2, 2))
    assert one == subnetwork(net, [(2, 2)]) == subnetwork(net, ((2, 2),))
    assert one.neurons(2) == ((2, 2),)
    assert subnetwork(net, ((2, 1), (2, 2))) == net
    assert subnetwork(net, (np.int64(2), np.int64(2))) == one  # type: ignore[arg-type]


def test_a_layer_that_feeds_nothing_keeps_its_first_neuron() -> None:
    net = gn.Network([1, 2, 2])
    net.add_edge((1, 0), (2, 1), 0.5)
    made = subnetwork(net, (2, 1))
    assert made.layers == (1, 1, 1)
    assert list(made.edges) == [((1, 0), (2, 1))]


def test_of_the_preprocessing_what_fits_stays(net: gn.Network) -> None:
    X, y = np.array([[0.0, 1.0], [2.0, 5.0]]), np.array([[0.0, 1.0], [2.0, 3.0]])
    net.preprocessing = gn.Preprocessing.fit(X, y, outputs="center", features=("p", "q"))
    assert subnetwork(net, net.neurons(2)).preprocessing == net.preprocessing
    part = subnetwork(net, (2, 1)).preprocessing
    assert part == gn.Preprocessing.fit(X, features=("p", "q"))


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ((0, 1), r"neuron \(0, 1\) is an input or a constant"),
        ((1, 0), r"neuron \(1, 0\) is an input or a constant"),
        ((2, 9), r"no neuron \(2, 9\)"),
        ([(2, 1), (1, 1)], r"neurons \(2, 1\) and \(1, 1\) are of two layers"),
        ([], "empty"),
        ((), "empty"),
        (["a", "b", "c"], "no neuron 'a'"),
    ],
)
def test_what_cannot_be_is_refused(net: gn.Network, outputs: object, message: str) -> None:
    refused(net, lambda n: subnetwork(n, outputs), message)  # type: ignore[arg-type]
