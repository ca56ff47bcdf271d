"""What training did to the weights."""

from __future__ import annotations

import pytest

import graphnn as gn
from graphnn.analysis import weight_changes


def test_one_step_changes_weights_by_the_gradient() -> None:
    net = gn.Network.dense([2, 3, 1], "tanh", seed=0)
    trace = gn.backward(net, [0.5, -1.0], [1.0])
    after = net.copy()
    gn.train(after, [[0.5, -1.0]], [1.0], optimizer=gn.SGD(0.1), epochs=1, engine="node")
    expected = {edge: -0.1 * g for edge, g in trace.gradient.items()}
    assert weight_changes(net, after) == pytest.approx(expected)


def test_other_edges_are_named() -> None:
    net = gn.Network.dense([2, 1], seed=0)
    other = net.copy()
    other.remove_edge((0, 1), (1, 1))
    with pytest.raises(gn.NetworkError, match=r"only the first network has the edge \(0, 1\) -> "):
        weight_changes(net, other)
    with pytest.raises(gn.NetworkError, match="only the second network"):
        weight_changes(other, net)
