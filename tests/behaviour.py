"""What a network computes, for acts that keep it, and networks whose arithmetic is exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import ALL, floats, networks, quarters
from ties import tied

import graphnn as gn

EXACT = ("identity", "relu", "sign")
"""Activations under which sums and products of quarters stay exact in a float."""


class Given(NamedTuple):
    """A network and inputs."""

    net: gn.Network
    X: np.ndarray


@st.composite
def given_networks(
    draw: st.DrawFn,
    activations: tuple[str, ...] = ALL,
    *,
    exact: bool = False,
    max_layers: int = 4,
    shared: float = 0.3,
) -> Given:
    """Random networks with relays, frozen and shared edges and labels, and three samples.

    With `exact` every sum is the same in whatever order it runs, so that all engines agree.
    """
    numbers = quarters() if exact else floats()
    chosen = EXACT if exact else activations
    net = draw(networks(chosen, weights=numbers, max_layers=max_layers))
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        net = tied(net, rng, shared=shared, relays=draw(st.integers(0, 2)))
    if exact:
        for u, v, edge in net.graph.edges(data=True):
            net.set_weight(u, v, round(4 * edge["weight"]) / 4)
    for number, neuron in enumerate(sorted(net.nodes)):
        if neuron[1] and number % 2 and net.nodes[neuron].get("activation") != IDENTITY:
            net.set_label(neuron, f"n{number}")
    return Given(net, draw(arrays(np.float64, (3, net.layers[0]), elements=numbers)))


IDENTITY = gn.ACTIVATIONS["identity"]


def node(net: gn.Network, X: np.ndarray) -> list[tuple[float, ...]]:
    """Return what the node engine computes."""
    return [gn.forward(net, x).output for x in X]


def matrix(net: gn.Network, X: np.ndarray) -> np.ndarray:
    """Return what the matrix engine computes."""
    return gn.compile(net).predict(X)


def kept(net: gn.Network, act: Callable[[gn.Network], gn.Network]) -> gn.Network:
    """Return what an act makes of a network; assert that the network is only read."""
    before = net.copy()
    version = net.version
    made = act(net)
    assert made is not net
    assert made.identity != net.identity
    assert net == before
    assert net.version == version
    assert dict(net.labels) == dict(before.labels)
    return made


def refused(
    net: gn.Network,
    act: Callable[[gn.Network], object],
    match: str,
    kind: type[Exception] = gn.NetworkError,
) -> Exception:
    """Run an act that must be refused; assert that the network is as before; return the error."""
    before = net.copy()
    with pytest.raises(kind, match=match) as caught:
        act(net)
    assert net == before
    return caught.value
