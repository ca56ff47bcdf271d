"""Two networks in one: each computes what it did."""

from __future__ import annotations

import numpy as np
import pytest
from behaviour import Given, given_networks, kept, matrix, node, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import weights_of

import graphnn as gn
from graphnn.graph.relays import relays
from graphnn.graph.surgery import beside, in_series

APART = ("a.", "b.")


def same_width(case: Given, width: int) -> np.ndarray:
    """Return the samples cut or filled up to that many columns."""
    return np.resize(case.X, (3, width))


class TestBeside:
    @given(given_networks(), given_networks())
    def test_outputs_are_both_to_the_last_bit(self, one: Given, two: Given) -> None:
        made = kept(one.net, lambda net: beside(net, two.net, rename=APART))
        both = np.hstack([one.X, two.X])
        expected = [p + q for p, q in zip(node(one.net, one.X), node(two.net, two.X), strict=True)]
        assert node(made, both) == expected
        assert len(made.labels) == len(one.net.labels) + len(two.net.labels)

    @given(given_networks(exact=True), given_networks(exact=True))
    def test_so_they_are_in_the_matrix_engine(self, one: Given, two: Given) -> None:
        made = beside(one.net, two.net, rename=APART)
        expected = np.hstack([matrix(one.net, one.X), matrix(two.net, two.X)])
        assert np.array_equal(matrix(made, np.hstack([one.X, two.X])), expected)

    @given(given_networks(), given_networks(), st.integers(1, 3))
    def test_inputs_may_be_shared(self, one: Given, two: Given, extra: int) -> None:
        a, b = one.net.copy(), two.net.copy()
        for net in (a, b):
            while net.layers[0] < max(one.X.shape[1], two.X.shape[1]) + extra:
                net.add_neuron(0)
        X = same_width(one, a.layers[0])
        made = beside(a, b, share_inputs=True, rename=APART)
        assert made.layers[0] == a.layers[0]
        assert node(made, X) == [p + q for p, q in zip(node(a, X), node(b, X), strict=True)]

    def test_neurons_of_the_second_follow_and_weights_come_along(self, small: gn.Network) -> None:
        other = gn.Network.dense([1, 2, 1], seed=1)
        made = beside(small, other)
        assert made.neurons(1) == ((1, 1), (1, 3), (1, 7), (1, 8), (1, 9))
        assert weights_of(made) == weights_of(small) | {
            ((u[0], u[1] and u[1] + (2, 7, 2)[u[0]]), (v[0], v[1] + (2, 7, 2)[v[0]])): w
            for (u, v), w in weights_of(other).items()
        }

    def test_the_shallower_waits_behind_relays(self) -> None:
        shallow = gn.Network.dense([2, 1], activation="sigmoid", seed=0)
        shallow.set_label((0, 1), "x")
        shallow.set_label((1, 1), "y")
        shallow.add_neuron(0)  # without an edge: it needs no relay
        deep = gn.Network.dense([1, 2, 2, 1], seed=1)
        for made in (beside(shallow, deep), beside(deep, shallow)):
            assert sorted(made.layers) == [2, 4, 4, 4]
            assert len(relays(made)) == 4
            assert made.labels["x"][0] == 0
            assert made.activation(made.labels["y"]).name == "sigmoid"
            assert made.labels["y"][0] == 3

    def test_a_shared_input_keeps_its_label(self) -> None:
        a, b = gn.Network([2, 1]), gn.Network([2, 1])
        a.set_label((0, 1), "height")
        b.set_label((0, 1), "height")
        b.set_label((0, 2), "age")
        made = beside(a, b, share_inputs=True)
        assert dict(made.labels) == {"height": (0, 1), "age": (0, 2)}

    def test_names_of_both_are_refused_unless_renamed(self) -> None:
        a, b = gn.Network.dense([1, 2, 1], seed=0), gn.Network.dense([1, 1], seed=1)
        a.set_label((1, 2), "h")
        b.set_label((1, 1), "h")
        error = refused(a, lambda a: beside(a, b), r"neuron \(1, 2\) has the label 'h'.*rename=")
        assert error.node == (1, 2)  # type: ignore[attr-defined]
        b.set_label((1, 1), None)
        a.set_shared((0, 1), (1, 1), "k")
        b.set_shared((0, 1), (1, 1), "k")
        error = refused(a, lambda a: beside(a, b), r"\(0, 1\) -> \(1, 1\) shares .* as 'k'")
        assert error.edge == ((0, 1), (1, 1))  # type: ignore[attr-defined]
        made = beside(a, b, rename=(None, "right "))
        assert len(made.shared("k")) == len(made.shared("right k")) == 1
        assert dict(beside(a, a, rename=APART).labels) == {"a.h": (1, 2), "b.h": (1, 4)}

    def test_frozen_and_shared_edges_stay_so(self) -> None:
        a = gn.Network([2, 1])
        a.add_edges_from([((0, 1), (1, 1)), ((0, 2), (1, 1))], weight=0.5, shared="k")
        a.set_trainable(False, edge=((0, 1), (1, 1)))
        made = beside(a, a, rename=(None, "b"))
        assert made.shared("bk") == (((0, 3), (1, 2)), ((0, 4), (1, 2)))
        assert not any(edge["trainable"] for _, _, edge in made.graph.edges(data=True))

    def test_what_cannot_be_is_refused(self) -> None:
        a, b = gn.Network([2, 1]), gn.Network([3, 1])
        refused(a, lambda a: beside(a, b, share_inputs=True), "2 and 3 inputs")
        refused(a, lambda a: beside(a, 3), "found a int")  # type: ignore[arg-type]
        b.preprocessing = gn.Preprocessing.fit(np.zeros((2, 3)), inputs="center")
        refused(a, lambda a: beside(a, b), "second network has preprocessing")


class TestInSeries:
    @given(given_networks(max_layers=3), given_networks(max_layers=3))
    def test_it_computes_one_after_the_other_to_the_last_bit(self, one: Given, two: Given) -> None:
        b = two.net.copy()
        a = fitting(one.net, b)
        made = kept(a, lambda a: in_series(a, b, rename=APART))
        assert node(made, one.X) == node(b, np.array(node(a, one.X), dtype=float))
        assert made.depth == a.depth + b.depth

    @given(given_networks(exact=True, max_layers=2), given_networks(exact=True, max_layers=2))
    def test_so_it_does_in_the_matrix_engine(self, one: Given, two: Given) -> None:
        b = two.net.copy()
        a = fitting(one.net, b)
        made = in_series(a, b, rename=APART)
        assert np.array_equal(matrix(made, one.X), matrix(b, matrix(a, one.X)))

    def test_places_numbers_and_labels(self, small: gn.Network) -> None:
        b = gn.Network.dense([1, 3, 1], activation="tanh", seed=0)
        b.add_neuron(0, 5)
        b.set_label((0, 1), "first")
        b.set_label((0, 5), "second")
        small.set_label((2, 1), "kept")
        made = in_series(small, b)
        assert made.layers == (2, 3, 2, 3, 1)
        assert made.neurons(1) == small.neurons(1)
        assert dict(made.labels) == {"kept": (2, 1), "second": (2, 2)}
        assert made.activation((2, 1)) == small.activation((2, 1))
        assert made.edges[(2, 0), (3, 2)] == b.edges[(0, 0), (1, 2)]
        assert made.edges[(2, 1), (3, 2)] == b.edges[(0, 1), (1, 2)]

    def test_what_cannot_be_is_refused(self, small: gn.Network) -> None:
        refused(small, lambda a: in_series(a, gn.Network([3, 1])), "2 and 3 outputs of the first")
        b = gn.Network([2, 1])
        b.set_label((1, 1), "h")
        small.set_label((1, 1), "h")
        refused(small, lambda a: in_series(a, b), "label 'h'")
        assert set(in_series(small, b, rename=(None, "2")).labels) == {"h", "2h"}
        small.preprocessing = gn.Preprocessing.fit(np.zeros((2, 2)), inputs="center")
        refused(small, lambda a: in_series(a, b, rename=APART), "first network has preprocessing")


def fitting(a: gn.Network, b: gn.Network) -> gn.Network:
    """Return `a` with neurons added to one of the two so that it fits before `b`."""
    a = a.copy()
    while a.layers[-1] < b.layers[0]:
        a.add_neuron(a.depth)
    while b.layers[0] < a.layers[-1]:
        b.add_neuron(0)
    return a


@settings(max_examples=2)
@given(given_networks(exact=True, max_layers=2), given_networks(exact=True, max_layers=3))
def test_what_comes_out_agrees_in_every_engine(one: Given, two: Given) -> None:
    made = beside(one.net, two.net, rename=APART)
    report = gn.compare(made, np.hstack([one.X, two.X]))
    assert report.ok, str(report)
    assert "native" in str(report)


def test_two_halves_train_as_they_would_alone(engine: str) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 2)), rng.normal(size=(8, 2))
    a = gn.Network.dense([2, 3, 1], activation="tanh", seed=1)
    b = gn.Network.dense([2, 2, 1], activation="tanh", seed=2)
    made = beside(a, b, share_inputs=True)
    choices = {"epochs": 3, "engine": engine, "seed": 0}
    gn.train(made, X, y, **choices)
    gn.train(a, X, y[:, :1], **choices)
    gn.train(b, X, y[:, 1:], **choices)
    found = weights_of(made)
    for (u, v), w in weights_of(a).items():
        assert found[u, v] == pytest.approx(w, rel=1e-12)
    shift = (0, 3, 1)
    for (u, v), w in weights_of(b).items():
        there = (u[0], u[1] and u[1] + shift[u[0]]), (v[0], v[1] + shift[v[0]])
        assert found[there] == pytest.approx(w, rel=1e-12)
