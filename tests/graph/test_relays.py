"""What is a relay, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import graphnn as gn
from graphnn.graph.relays import relays


@pytest.fixture
def chain() -> gn.Network:
    """An input that two relays hand on."""
    net = gn.Network([1, 1, 1, 1], activation=["identity", "identity", "tanh"])
    net.add_edge((0, 1), (1, 1), 1.0, trainable=False)
    net.add_edge((1, 1), (2, 1), 1.0, trainable=False)
    net.add_edge((2, 1), (3, 1), 0.5)
    return net


def test_a_relay_is_mapped_to_what_it_hands_on(chain: gn.Network) -> None:
    assert relays(chain) == {(1, 1): (0, 1), (2, 1): (0, 1)}


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.set_activation("tanh", neuron=(1, 1)),
        lambda net: net.set_label((1, 1), "h"),
        lambda net: net.set_weight((0, 1), (1, 1), 0.5),
        lambda net: net.set_trainable(True, edge=((0, 1), (1, 1))),
        lambda net: net.set_shared((0, 1), (1, 1), "name"),
        lambda net: net.add_edge((0, 0), (1, 1), 0.0),
    ],
)
def test_what_is_otherwise_is_none(chain: gn.Network, change: Callable[[gn.Network], None]) -> None:
    change(chain)
    assert relays(chain) == {(2, 1): (1, 1)}


def test_a_neuron_that_hands_on_a_constant_is_none() -> None:
    net = gn.Network([1, 1], activation="identity")
    net.add_edge((0, 0), (1, 1), 1.0, trainable=False)
    assert relays(net) == {}
