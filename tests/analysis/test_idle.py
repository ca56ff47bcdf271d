"""Neurons that do nothing on a data set."""

from __future__ import annotations

import numpy as np
import pytest

import graphnn as gn
from graphnn.analysis import dead_neurons, saturated_neurons
from graphnn.errors import DataError


@pytest.fixture
def net() -> gn.Network:
    """A relu that never fires, one that always does, a saturated tanh, one that is not."""
    net = gn.Network([1, 4, 1], activation="relu")
    for j, (constant, weight) in enumerate([(-50, 1), (50, 1), (0, 40), (0, 0.1)], start=1):
        net.add_weighted_edges_from([((0, 0), (1, j), constant), ((0, 1), (1, j), weight)])
        net.add_edge((1, j), (2, 1), 1.0)
    for j in (3, 4):
        net.set_activation("tanh", neuron=(1, j))
    return net


X = np.array([[-3.0], [-1.0], [1.0], [2.0]])


def test_a_neuron_with_one_value_is_dead(net: gn.Network) -> None:
    assert dead_neurons(net, X) == [(1, 1)]
    assert dead_neurons(net, X, tolerance=10.0) == [(1, 1), (1, 2), (1, 3), (1, 4)]


def test_a_neuron_with_small_slopes_is_saturated(net: gn.Network) -> None:
    assert saturated_neurons(net, X) == {(1, 1): 1.0, (1, 3): 1.0}
    assert saturated_neurons(net, np.vstack([X, [[0.0]]])) == {(1, 1): 1.0}
    assert saturated_neurons(net, np.vstack([X, [[0.0]]]), share=0.8) == {(1, 1): 1.0, (1, 3): 0.8}


def test_data_that_do_not_fit_are_refused(net: gn.Network) -> None:
    with pytest.raises(DataError):
        dead_neurons(net, [[1.0, 2.0], [0.0, 0.0]])
    with pytest.raises(DataError, match="X has 1 samples, expected at least 2"):
        dead_neurons(net, [[1.0]])
    with pytest.raises(DataError):
        saturated_neurons(net, [[np.nan]])


def test_mean_values_are_those_of_the_node_engine() -> None:
    net = gn.Network.dense([2, 3, 1], ["tanh", "identity"], seed=0)
    X = np.random.default_rng(0).normal(size=(7, 2))
    traces = [gn.forward(net, x) for x in X]
    expected = {neuron: np.mean([trace.v[neuron] for trace in traces]) for neuron in net.nodes}
    assert gn.analysis.mean_values(net, X) == pytest.approx(expected)
    assert list(gn.analysis.mean_values(net, X)) == sorted(net.nodes)
    with pytest.raises(gn.DataError):
        gn.analysis.mean_values(net, np.empty((0, 2)))
