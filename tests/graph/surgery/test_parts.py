"""What every act keeps: attributes, labels, own activations; and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from behaviour import Given, given_networks, node
from hypothesis import given

import graphnn as gn
from graphnn.graph.relays import relays
from graphnn.graph.surgery import (
    beside,
    duplicate,
    in_series,
    insert_layer,
    prune,
    remove_dead,
    split_edge,
    subnetwork,
    widen,
)
from graphnn.graph.surgery.parts import Parts

Act = Callable[[gn.Network], gn.Network]

ACTS: dict[str, Act] = {
    "beside": lambda net: beside(net, gn.Network.dense([1, 2, 1], seed=9)),
    "duplicate": lambda net: duplicate(net, (1, 1)),
    "in_series": lambda net: in_series(net, gn.Network.dense([2, 2, 1], seed=9)),
    "insert_layer": lambda net: insert_layer(net, 2),
    "prune": lambda net: prune(net, 0.1),
    "remove_dead": remove_dead,
    "split_edge": lambda net: split_edge(net, (1, 1), (2, 1)),
    "subnetwork": lambda net: subnetwork(net, net.neurons(2)),
    "widen": lambda net: widen(net, 1, 5),
}


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


@pytest.fixture
def net() -> gn.Network:
    net = gn.Network.dense([3, 4, 2], activation="tanh", seed=0)
    own = gn.Activation("own", lambda a: a / 2, lambda a, v: 0.5)
    net.set_activation(own, neuron=(1, 2))
    net.set_label((0, 2), "age")
    net.set_label((0, 0), "one")
    net.set_label((1, 3), 7)
    net.set_trainable(False, edge=((0, 1), (1, 2)))
    net.set_weight((0, 2), (1, 4), net.edges[(0, 1), (1, 3)]["weight"])
    net.set_shared((0, 1), (1, 3), "k")
    net.set_shared((0, 2), (1, 4), "k")
    net.nodes[(1, 2)]["x"] = 3
    net.edges[(0, 3), (1, 2)]["colour"] = "red"
    return net


@given(given_networks())
def test_taken_apart_and_put_together_it_is_the_same(case: Given) -> None:
    assert Parts.of(case.net).network(case.net.preprocessing) == case.net


def test_what_the_act_does_not_concern_is_carried_over(net: gn.Network, act: Act) -> None:
    made = act(net)
    assert net.labels.items() <= made.labels.items()
    assert made.activation((1, 2)) == net.activation((1, 2))
    assert made.nodes[(1, 2)]["x"] == 3
    assert made.edges[(0, 3), (1, 2)] == net.edges[(0, 3), (1, 2)]
    assert made.edges[(0, 1), (1, 2)] == net.edges[(0, 1), (1, 2)]
    assert set(net.shared("k")) <= set(made.shared("k"))


def test_the_new_network_is_edited_compiled_and_trained_as_any(net: gn.Network, act: Act) -> None:
    made = act(net)
    before = net.copy()
    X = np.random.default_rng(0).normal(size=(6, made.layers[0]))
    gn.train(made, X, np.zeros((6, made.layers[-1])), epochs=1, engine="matrix", seed=0)
    made.set_weight((0, 3), (1, 2), 0.5)
    made.remove_edge((0, 3), (1, 2))
    made.set_shared((0, 1), (1, 3), None)
    made.set_label((0, 2), None)
    program = gn.compile(made)
    assert gn.store(program, made).version == made.version
    assert np.allclose(program.predict(X), node(made, X), rtol=1e-12)
    assert net == before
    assert net.shared("k") == before.shared("k")


def test_the_last_edit_is_seen_at_once(net: gn.Network, act: Act) -> None:
    one = act(net)
    net.set_weight((0, 3), (1, 2), 100.0)
    two = act(net)
    assert one.edges[(0, 3), (1, 2)]["weight"] != two.edges[(0, 3), (1, 2)]["weight"] == 100.0


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda net: net.edges[(0, 3), (1, 2)].pop("weight"), r"\(0, 3\) -> \(1, 2\) has lost"),
        (lambda net: net.edges[(0, 3), (1, 2)].update(weight=np.nan), r"\(0, 3\) -> \(1, 2\)"),
        (lambda net: net.edges[(0, 1), (1, 3)].update(weight=9.0), "shares 'k'"),
        (lambda net: net.nodes[(1, 2)].update(activation="tanh"), r"neuron \(1, 2\) has the act"),
        (lambda net: net._graph.add_edge((0, 1), (2, 1), weight=1.0), "skips layer 1"),
    ],
)
def test_what_networkx_let_someone_break_is_named(
    net: gn.Network, act: Act, harm: Callable[[gn.Network], object], message: str
) -> None:
    harm(net)
    with pytest.raises(gn.NetworkError, match=message):
        act(net)


def test_a_network_of_networkx_keeps_its_relays() -> None:
    dag = nx.DiGraph([("x", "h"), ("h", "g"), ("g", "y"), ("x", "y"), ("h", "y")])
    net = gn.Network.from_networkx(dag, ["x"], ["y"], activation="tanh")
    (edge,) = net.graph.in_edges(net.labels["g"])
    split = split_edge(net, *edge, label="n")
    back = split.to_networkx(relays=False)
    assert set(back.edges) == {
        ("x", "h"), ("h", "n"), ("n", "g"), ("g", "y"), ("x", "y"), ("h", "y"),
    }  # fmt: skip
    assert len(relays(split)) == 5  # x in three layers, h in two
    assert remove_dead(split) == split
