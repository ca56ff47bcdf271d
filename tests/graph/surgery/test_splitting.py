"""Edges split by neurons, and layers put in: the network computes the same."""

from __future__ import annotations

import numpy as np
import pytest
from behaviour import Given, given_networks, kept, matrix, node, refused
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import weights_of

import graphnn as gn
from graphnn.graph.builders import Banded, FanIn
from graphnn.graph.relays import relays
from graphnn.graph.surgery import insert_layer, split_edge


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([2, 2, 1], activation="tanh", seed=0)


class TestSplitEdge:
    @given(given_networks(), st.data())
    def test_identity_keeps_every_output_to_the_last_bit(
        self, case: Given, data: st.DataObject
    ) -> None:
        net, X = case
        assume(net.edges)
        u, v = data.draw(st.sampled_from(sorted(net.edges)))
        beside = u in relays(net) and len(net.graph.succ[u]) > 1  # Then the order is another.
        made = kept(net, lambda net: split_edge(net, u, v))
        if not beside:
            assert node(made, X) == node(net, X)
        assert made.depth == net.depth + (u not in relays(net))

    @given(given_networks(exact=True), st.data())
    def test_where_arithmetic_is_exact_so_it_is_in_the_matrix_engine(
        self, case: Given, data: st.DataObject
    ) -> None:
        net, X = case
        assume(net.edges)
        u, v = data.draw(st.sampled_from(sorted(net.edges)))
        made = kept(net, lambda net: split_edge(net, u, v, label="new"))
        assert np.array_equal(matrix(made, X), matrix(net, X))
        assert node(made, X) == node(net, X)
        ((source, first),) = made.graph.in_edges(made.labels["new"])
        ((_, target),) = made.graph.out_edges(first)
        assert made.edges[source, first] == {"weight": 1.0, "trainable": True, "shared": None}
        assert made.edges[first, target] == net.edges[u, v]

    def test_the_others_go_through_relays(self, net: gn.Network) -> None:
        made = split_edge(net, (0, 2), (1, 1), "relu", label="new")
        old = weights_of(net)
        assert made.layers == (2, 3, 2, 1)
        assert relays(made) == {(1, 1): (0, 1), (1, 2): (0, 2)}
        assert made.labels["new"] == (1, 3)
        assert made.activation((1, 3)).name == "relu"
        assert weights_of(made) == {
            ((0, 1), (1, 1)): 1.0,
            ((0, 2), (1, 2)): 1.0,
            ((0, 2), (1, 3)): 1.0,
            ((1, 0), (2, 1)): old[(0, 0), (1, 1)],
            ((1, 0), (2, 2)): old[(0, 0), (1, 2)],
            ((1, 1), (2, 1)): old[(0, 1), (1, 1)],
            ((1, 1), (2, 2)): old[(0, 1), (1, 2)],
            ((1, 3), (2, 1)): old[(0, 2), (1, 1)],
            ((1, 2), (2, 2)): old[(0, 2), (1, 2)],
            ((2, 0), (3, 1)): old[(1, 0), (2, 1)],
            ((2, 1), (3, 1)): old[(1, 1), (2, 1)],
            ((2, 2), (3, 1)): old[(1, 2), (2, 1)],
        }

    def test_an_activation_acts_on_that_edge_alone(self, net: gn.Network) -> None:
        x = [0.3, -0.8]
        made = split_edge(net, (0, 2), (1, 1), "relu")
        w = weights_of(net)
        first = np.tanh(w[(0, 0), (1, 1)] + w[(0, 1), (1, 1)] * x[0] + w[(0, 2), (1, 1)] * 0.0)
        second = np.tanh(w[(0, 0), (1, 2)] + w[(0, 1), (1, 2)] * x[0] + w[(0, 2), (1, 2)] * x[1])
        a = w[(1, 0), (2, 1)] + w[(1, 1), (2, 1)] * first + w[(1, 2), (2, 1)] * second
        assert gn.forward(made, x).output[0] == pytest.approx(np.tanh(a), rel=1e-14)

    def test_the_edge_of_a_constant_neuron_can_be_split(self, net: gn.Network) -> None:
        made = split_edge(net, (1, 0), (2, 1), label="new")
        assert made.labels["new"] == (2, 1)
        assert made.edges[(1, 0), (2, 1)]["weight"] == 1.0

    def test_the_second_edge_stays_frozen_and_shared(self, net: gn.Network) -> None:
        net.set_trainable(False, edge=((0, 1), (1, 1)))
        net.set_shared((0, 1), (1, 1), "k")
        made = split_edge(net, (0, 1), (1, 1), label="new")
        assert made.shared("k") == (((1, 2), (2, 1)),)
        assert made.edges[(1, 2), (2, 1)]["trainable"] is False
        assert made.edges[(0, 1), (1, 2)]["trainable"] is True

    def test_a_relay_that_serves_this_edge_alone_becomes_the_neuron(self, net: gn.Network) -> None:
        net = split_edge(net, (0, 1), (1, 1))
        relay, v = (1, 1), (2, 2)  # It carries (0, 1) past the new neuron, to (2, 2) alone.
        assert list(net.graph.succ[relay]) == [v]
        made = split_edge(net, relay, v, "relu", label="new")
        assert made.layers == net.layers
        assert made.labels["new"] == relay
        assert weights_of(made) == weights_of(net)
        assert relay not in relays(made)

    def test_beside_a_relay_that_serves_others_it_is_another_neuron(self, net: gn.Network) -> None:
        net = split_edge(net, (0, 1), (1, 1))  # (1, 1) relays (0, 1) to (2, 2), (1, 3) (0, 2)
        assert net.graph.out_degree((1, 3)) == 2
        made = split_edge(net, (1, 3), (2, 1), label="new")
        assert made.layers == (2, 4, 2, 1)
        assert made.labels["new"] == (1, 4)
        assert node(made, np.array([[0.5, 2.0]]))[0] == pytest.approx(
            node(net, np.array([[0.5, 2.0]]))[0], rel=1e-14
        )

    def test_preprocessing_and_what_networkx_added_are_carried_over(self, net: gn.Network) -> None:
        net.preprocessing = gn.Preprocessing.fit([[0.0, 1.0], [2.0, 5.0]])
        net.edges[(1, 1), (2, 1)]["colour"] = "red"
        net.nodes[(1, 2)]["x"] = 3
        net.graph.graph["name"] = "mine"
        made = split_edge(net, (0, 1), (1, 1))
        assert made.preprocessing == net.preprocessing
        assert made.edges[(2, 1), (3, 1)]["colour"] == "red"
        assert made.nodes[(2, 2)]["x"] == 3
        assert made.graph.graph == {"name": "mine"}

    def test_what_cannot_be_is_refused(self, net: gn.Network) -> None:
        net.set_label((1, 1), "h")
        error = refused(net, lambda n: split_edge(n, (0, 1), (2, 1)), r"no edge \(0, 1\) -> \(2, 1")
        assert error.edge == ((0, 1), (2, 1))  # type: ignore[attr-defined]
        error = refused(net, lambda n: split_edge(n, (0, 7), (1, 1)), r"no neuron \(0, 7\)")
        assert error.node == (0, 7)  # type: ignore[attr-defined]
        refused(net, lambda n: split_edge(n, [0, 1], (1, 1)), r"no neuron \[0, 1\]")  # type: ignore[arg-type]
        refused(net, lambda n: split_edge(n, (0, 1), (1, 1), label="h"), "label 'h'")
        refused(net, lambda n: split_edge(n, (0, 1), (1, 1), "softmax"), "softmax", ValueError)
        with pytest.raises(gn.NetworkError, match="found a Program, expected a graphnn Network"):
            split_edge(gn.compile(net), (0, 1), (1, 1))  # type: ignore[arg-type]

    def test_a_program_of_the_old_network_is_not_stored_into_the_new(self, net: gn.Network) -> None:
        program = gn.compile(net)
        with pytest.raises(gn.CompileError, match="another network"):
            gn.store(program, split_edge(net, (0, 1), (1, 1)))


class TestInsertLayer:
    @given(given_networks(), st.data(), st.booleans())
    def test_identity_keeps_every_output_to_the_last_bit(
        self, case: Given, data: st.DataObject, bias: bool
    ) -> None:
        net, X = case
        t = data.draw(st.integers(1, net.depth))
        made = kept(net, lambda net: insert_layer(net, t, bias=bias))
        assert node(made, X) == node(net, X)
        width = net.layers[t - 1]
        assert made.layers == (*net.layers[:t], width, *net.layers[t:])
        assert len(made.edges) == len(net.edges) + width * (width + bias)

    @given(given_networks(exact=True), st.data())
    def test_where_arithmetic_is_exact_so_it_is_in_the_matrix_engine(
        self, case: Given, data: st.DataObject
    ) -> None:
        net, X = case
        t = data.draw(st.integers(1, net.depth))
        made = insert_layer(net, t)
        assert np.array_equal(matrix(made, X), matrix(net, X))

    @pytest.mark.parametrize(
        ("behind", "activation"),
        [
            ("relu", "relu"), ("sigmoid", "relu"), ("softplus", "relu"), ("relu", "leaky_relu"),
            ("sigmoid", "elu"), ("sign", "sign"),
        ],
    )  # fmt: skip
    def test_an_activation_that_leaves_the_values_alone_is_allowed(
        self, behind: str, activation: str
    ) -> None:
        net = gn.Network.dense([3, 4, 2], activation=[behind, "tanh"], seed=1)
        X = np.random.default_rng(2).normal(size=(20, 3))
        made = insert_layer(net, 2, activation)
        assert node(made, X) == node(net, X)
        assert {made.activation(n).name for n in made.neurons(2)} == {activation}

    def test_one_that_would_change_a_value_names_the_neuron(self, net: gn.Network) -> None:
        net.set_activation("relu", neuron=(1, 1))
        error = refused(net, lambda n: insert_layer(n, 2, "relu"), r"neuron \(1, 2\), which has ta")
        assert error.node == (1, 2)  # type: ignore[attr-defined]
        refused(net, lambda n: insert_layer(n, 1, "relu"), r"input \(0, 1\)")
        refused(net, lambda n: insert_layer(n, 2, "tanh"), r"neuron \(1, 1\)")
        mine = gn.Activation("mine", lambda a: a, lambda a, v: 1.0)
        refused(net, lambda n: insert_layer(n, 2, mine), "mine would change")

    @pytest.mark.parametrize("t", [0, 3, -1, 1.0, True, "1"])
    def test_the_place_must_lie_between_inputs_and_outputs(self, net: gn.Network, t: int) -> None:
        refused(net, lambda n: insert_layer(n, t), "expected a whole number from 1 to 2")

    def test_a_connector_chooses_the_edges_of_weight_zero(self, net: gn.Network) -> None:
        diagonal = insert_layer(net, 2, connect=Banded(0), bias=False)
        assert set(diagonal.graph.in_edges((2, 1))) == {((1, 1), (2, 1))}
        sparse = insert_layer(net, 2, connect=FanIn(1), bias=True, seed=3)
        new = {edge: w for edge, w in weights_of(sparse).items() if edge[1][0] == 2}
        assert {w for (u, v), w in new.items() if u[1] != v[1]} <= {0.0}
        assert {w for (u, v), w in new.items() if u[1] == v[1]} == {1.0}

    def test_gaps_in_the_numbers_are_kept(self, small: gn.Network) -> None:
        made = insert_layer(small, 2)
        assert [j for _, j in made.neurons(2)] == [1, 3, 7]

    def test_it_can_be_trained_further(self, net: gn.Network, engine: str) -> None:
        X = np.random.default_rng(0).normal(size=(20, 2))
        y = np.tanh(X[:, :1] * X[:, 1:])
        made = insert_layer(net, 2)
        before = gn.compile(made).matrices()
        result = gn.train(made, X, y, epochs=3, engine=engine, seed=0)
        assert all((w != b).all() for w, b in zip(result.program.matrices(), before, strict=True))


@settings(max_examples=3)
@given(given_networks(exact=True, max_layers=3))
def test_what_comes_out_agrees_in_every_engine(case: Given) -> None:
    net, X = case
    made = insert_layer(net, 1)
    if made.edges:
        made = split_edge(made, *min(made.edges))
    report = gn.compare(made, X)
    assert report.ok, str(report)
    assert "native" in str(report)
