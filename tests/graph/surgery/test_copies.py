"""Wider layers: the network computes the same, and goes on learning."""

from __future__ import annotations

import numpy as np
import pytest
from behaviour import Given, given_networks, kept, matrix, node, refused
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import forward, weights_of
from strategies import SMOOTH

import graphnn as gn
from graphnn.graph.relays import relays
from graphnn.graph.surgery import duplicate, widen


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([2, 3, 2], activation=["tanh", "identity"], seed=0)


def outputs(net: gn.Network, X: np.ndarray) -> np.ndarray:
    _, v = forward(net, X)
    return np.stack([v[n] for n in net.neurons(net.depth)], axis=1)


class TestWiden:
    @given(given_networks(SMOOTH, shared=0.0), st.data())
    def test_outputs_stay_up_to_rounding(self, case: Given, data: st.DataObject) -> None:
        net, X = case
        assume(net.depth > 1)
        t = data.draw(st.integers(1, net.depth - 1))
        width = net.layers[t] + data.draw(st.integers(0, 6))
        seed = data.draw(st.integers(0, 99))
        assume(set(relays(net)) < set(net.neurons(t)) or width == net.layers[t])
        made = kept(net, lambda net: widen(net, t, width, seed=seed))
        assert made.layers[t] == width
        assert set(net.nodes) <= set(made.nodes)
        assert np.allclose(node(made, X), outputs(net, X), rtol=1e-10, atol=1e-12)
        assert np.allclose(matrix(made, X), outputs(net, X), rtol=1e-10, atol=1e-12)
        assert dict(made.labels) == dict(net.labels)

    def test_weights_are_as_in_the_paper(self, net: gn.Network) -> None:
        rng = np.random.default_rng(5)
        drawn = rng.integers(3, size=4)
        made = widen(net, 1, 7, seed=5)
        w1, w2 = (w.copy() for w in gn.compile(net).matrices())
        g = [0, 1, 2, *drawn.tolist()]
        expected1 = w1[:, g]
        expected2 = np.vstack([w2[:1], [w2[1 + k] / g.count(k) for k in g]])
        new1, new2 = gn.compile(made).matrices()
        assert np.array_equal(new1, expected1)
        assert np.array_equal(new2, expected2)

    def test_all_neurons_are_drawn_alike(self, net: gn.Network) -> None:
        w1 = gn.compile(widen(net, 1, 3003, seed=0)).matrices()[0]
        counts = [(w1[1] == w).sum() - 1 for w in w1[1, :3]]
        assert sum(counts) == 3000
        assert all(900 < count < 1100 for count in counts)

    def test_the_same_seed_gives_the_same_network(self, net: gn.Network) -> None:
        assert widen(net, 1, 9, noise=0.1, seed=3) == widen(net, 1, 9, noise=0.1, seed=3)
        rng = np.random.default_rng(3)
        assert widen(net, 1, 9, noise=0.1, seed=rng) == widen(net, 1, 9, noise=0.1, seed=3)

    def test_relays_and_neurons_with_shared_weights_are_not_copied(self, net: gn.Network) -> None:
        net.add_neuron(1, activation="identity")
        net.add_edge((0, 1), (1, 4), 1.0, trainable=False)
        net.add_edge((1, 4), (2, 1), 0.5)
        for j in (1, 2):
            net.set_weight((1, j), (2, 1), 0.25)
            net.set_shared((1, j), (2, 1), "k")
        made = widen(net, 1, 30, seed=0)
        w1 = gn.compile(made).matrices()[0]
        assert (w1[:, 4:] == w1[:, [2]]).all()
        assert made.shared("k") == net.shared("k")

    def test_where_none_is_left_the_reason_is_said(self, net: gn.Network) -> None:
        for j in (1, 2, 3):
            net.set_weight((1, j), (2, 1), 0.25)
            net.set_shared((1, j), (2, 1), "k")
        error = refused(net, lambda n: widen(n, 1, 4), r"\(1, 1\) -> \(2, 1\) shares .* as 'k'")
        assert error.edge == ((1, 1), (2, 1))  # type: ignore[attr-defined]
        handed = gn.Network([1, 1, 1], activation="identity")
        handed.add_edge((0, 1), (1, 1), 1.0, trainable=False)
        refused(handed, lambda n: widen(n, 1, 2), "only relays")
        assert widen(handed, 1, 1) == handed

    @pytest.mark.parametrize("layer", [0, 2, -1, 1.0, True])
    def test_only_hidden_layers_grow(self, net: gn.Network, layer: int) -> None:
        refused(net, lambda n: widen(n, layer, 9), "layer is .* from 1 to 1: the hidden layers")

    def test_a_network_without_a_hidden_layer_says_so(self) -> None:
        refused(gn.Network([2, 1]), lambda n: widen(n, 1, 9), "no hidden layer")

    @pytest.mark.parametrize("width", [2, 0, 4.0, True, None])
    def test_the_width_must_be_one(self, net: gn.Network, width: int) -> None:
        refused(net, lambda n: widen(n, 1, width), "width is .* from 3 to")

    @pytest.mark.parametrize("noise", [-0.1, float("nan"), float("inf"), "1", True])
    def test_the_noise_must_be_a_deviation(self, net: gn.Network, noise: float) -> None:
        refused(net, lambda n: widen(n, 1, 4, noise=noise), "noise is", ValueError)


class TestDuplicate:
    @pytest.mark.parametrize("copies", [1, 3, 7])
    @given(given_networks(exact=True, shared=0.0), st.data())
    def test_powers_of_two_are_exact(self, copies: int, case: Given, data: st.DataObject) -> None:
        net, X = case
        assume(net.depth > 1)
        t = data.draw(st.integers(1, net.depth - 1))
        neuron = data.draw(st.sampled_from(net.neurons(t)))
        made = kept(net, lambda net: duplicate(net, neuron, copies))
        assert node(made, X) == node(net, X)
        assert np.array_equal(matrix(made, X), matrix(net, X))

    def test_what_leads_in_is_shared_and_frozen_as_it_was(self, net: gn.Network) -> None:
        net.set_weight((0, 1), (1, 2), net.edges[(0, 1), (1, 1)]["weight"])
        for j in (1, 2):
            net.set_shared((0, 1), (1, j), "k")
        net.set_trainable(False, edge=((0, 2), (1, 1)))
        net.set_trainable(False, edge=((1, 1), (2, 2)))
        net.set_label((1, 1), "h")
        made = duplicate(net, (1, 1), noise=1.0)
        assert set(made.shared("k")) == {((0, 1), (1, j)) for j in (1, 2, 4)}
        assert made.edges[(0, 2), (1, 4)] == net.edges[(0, 2), (1, 1)]
        assert made.edges[(0, 0), (1, 4)]["weight"] != net.edges[(0, 0), (1, 1)]["weight"]
        assert made.edges[(1, 4), (2, 2)]["trainable"] is False
        assert dict(made.labels) == {"h": (1, 1)}

    def test_others_keep_their_weights(self, net: gn.Network) -> None:
        old, new = weights_of(net), weights_of(duplicate(net, (1, 2), 2))
        assert {e: new[e] for e in old if e[0] != (1, 2)} == {
            e: w for e, w in old.items() if e[0] != (1, 2)
        }

    def test_what_cannot_be_is_refused(self, net: gn.Network) -> None:
        for neuron in [(0, 1), (1, 0), (2, 1)]:
            error = refused(net, lambda n, at=neuron: duplicate(n, at), "no neuron of a hidden")
            assert error.node == neuron  # type: ignore[attr-defined]
        refused(net, lambda n: duplicate(n, (1, 9)), r"no neuron \(1, 9\)")
        refused(net, lambda n: duplicate(n, (1, 1), 0), "copies is 0")
        for j in (1, 2):
            net.set_weight((1, 1), (2, j), 0.25)
            net.set_shared((1, 1), (2, j), "k")
        refused(net, lambda n: duplicate(n, (1, 1)), r"set_shared\(\(1, 1\), \(2, 1\), None\)")


class TestTraining:
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        X = np.random.default_rng(0).normal(size=(30, 2))
        return X, np.stack([np.sin(2 * X[:, 0]), X[:, 0] * X[:, 1]], axis=1)

    def test_copies_without_noise_stay_equal_and_with_it_they_part(
        self, net: gn.Network, engine: str
    ) -> None:
        X, y = self.data()
        for noise, same in (0.0, True), (0.01, False):
            made = duplicate(net, (1, 1), noise=noise)
            gn.train(made, X, y, epochs=5, engine=engine, seed=0)
            ways = [(u, (1, 4)) for u in [(0, 0), (0, 1), (0, 2)]]
            pairs = [(weights_of(made)[u, (1, 1)], weights_of(made)[u, v]) for u, v in ways]
            assert all((a == b) is same for a, b in pairs)

    def test_engines_agree_on_a_widened_network(self, net: gn.Network) -> None:
        X, y = self.data()
        trained = [widen(net, 1, 5, noise=0.01, seed=1) for _ in range(2)]
        for made, engine in zip(trained, ["node", "native"], strict=True):
            gn.train(made, X, y, epochs=2, engine=engine, seed=0)
        assert weights_of(trained[0]) == weights_of(trained[1])
        assert gn.compare(trained[0], X, y).ok

    def test_a_wider_network_learns_what_it_could_not_before(self) -> None:
        X, y = self.data()
        net = gn.Network.dense([2, 2, 2], activation=["tanh", "identity"], seed=0)
        choices = {"optimizer": gn.LBFGS(), "epochs": 300, "seed": 0}
        before = gn.train(net, X, y, **choices).history[-1].loss
        made = widen(net, 1, 12, noise=0.1, seed=0)
        assert gn.train(made, X, y, **choices).history[-1].loss < before / 2
