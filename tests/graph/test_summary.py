"""A network in numbers: what counts once, what leads nowhere, at most 80 columns."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from strategies import networks

import graphnn as gn
from graphnn.graph.summary import summary


@pytest.fixture
def net() -> gn.Network:
    net = gn.Network([3, 4, 2], activation=["tanh", "identity"])
    net.add_edge((0, 0), (1, 1), 1.0)  # A constant neuron is no input: nothing reaches (1, 1).
    net.add_edge((0, 1), (1, 2), 0.5, shared="kernel")
    net.add_edge((0, 2), (1, 3), 0.5, shared="kernel")
    net.add_edge((0, 2), (1, 2), 0.25, shared="fixed", trainable=False)
    net.add_edge((1, 1), (2, 1), 0.0)
    net.add_edge((1, 2), (2, 1), 1.0, trainable=False)
    return net


def test_everything_is_counted(net: gn.Network) -> None:
    found = summary(net)
    assert [layer.neurons for layer in found.layers] == [3, 4, 2]
    assert [layer.edges for layer in found.layers] == [0, 4, 2]
    assert [layer.possible for layer in found.layers] == [0, 16, 10]
    assert found.layers[1].activations == {"tanh": 4}
    assert (found.edges, found.density) == (6, 6 / 26)
    assert (found.trainable, found.frozen) == (3, 2)  # the two of "kernel" are one
    assert found.shared == {"kernel": 2, "fixed": 1}
    assert found.unreached == ((1, 1), (1, 4), (2, 2))
    assert found.useless == ((0, 3), (1, 3), (1, 4))
    assert (found.relays, found.labels) == (0, 0)


def test_the_words_fit_the_numbers(net: gn.Network) -> None:
    assert "shared      3 edges, by 2 names" in str(summary(net))
    net.remove_edge((0, 2), (1, 2))
    assert "shared      2 edges, by 1 name\n" in str(summary(net))
    full = str(summary(gn.Network.dense([2, 3, 1], seed=0)))
    assert "edges       13, all of those that could be" in full


def test_labels_and_relays_are_counted() -> None:
    net = gn.Network.from_networkx(nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")]))
    found = summary(net)
    assert (found.relays, found.labels) == (1, len(net.labels))


@given(networks())
def test_reaching_agrees_with_networkx(net: gn.Network) -> None:
    graph = net.graph
    inputs, outputs = net.neurons(0), net.neurons(net.depth)
    below = set(inputs).union(*(nx.descendants(graph, one) for one in inputs))
    above = set(outputs).union(*(nx.ancestors(graph, one) for one in outputs))
    neurons = [(t, j) for t, j in sorted(graph) if j > 0]
    found = summary(net)
    assert found.unreached == tuple(one for one in neurons if one not in below)
    assert found.useless == tuple(one for one in neurons if one not in above)


def test_the_table_fits_80_columns_however_large_the_network_is() -> None:
    names = sorted(gn.ACTIVATIONS)
    net = gn.Network([1000, 1000, 12])
    for (_, j), name in zip(net.neurons(1), names * 100, strict=False):
        net.set_activation(name, neuron=(1, j))
    lines = str(summary(net)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[3].split()[-3:] == ["1,000", "0", "0"]
    assert "others" in lines[3]
    assert "unreached   1,012 that no path from an input reaches: (1, 1)," in str(summary(net))


def test_of_many_layers_the_first_and_the_last_are_printed() -> None:
    lines = str(summary(gn.Network([1] * 5000))).splitlines()
    assert len(lines) < 60
    assert [line.split()[0] for line in lines[21:24]] == ["19", "...", "4980"]
