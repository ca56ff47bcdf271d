"""Networks whose edges are frozen or share a weight, with relays: random ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.types import Edge


def tied(
    net: gn.Network,
    rng: np.random.Generator,
    *,
    frozen: float = 0.3,
    shared: float = 0.4,
    relays: int = 2,
) -> gn.Network:
    """Return a copy with relays in hidden layers, some edges frozen and some sharing a weight.

    Args:
        net: The network.
        rng: What chooses.
        frozen: The share of edges, or of shared weights, that are frozen.
        shared: The share of edges that share a weight with others.
        relays: How many relays each hidden layer gets.
    """
    net = net.copy()
    for t in range(1, net.depth):
        for _ in range(relays):
            _add_relay(net, t, rng)
    edges = [edge for edge in sorted(net.edges) if net.edges[edge]["trainable"]]
    for edge in edges:
        if rng.random() < shared:
            _share(net, edge, f"group {rng.integers(0, 3)}")
        if rng.random() < frozen:
            net.set_trainable(False, edge=edge)
    return net


def _add_relay(net: gn.Network, t: int, rng: np.random.Generator) -> None:
    relay = net.add_neuron(t, activation="identity")
    below, above = net.neurons(t - 1), net.neurons(t + 1)
    net.add_edge(below[rng.integers(0, len(below))], relay, 1.0, trainable=False)
    for neuron in above:
        if rng.random() < 0.7:
            net.add_edge(relay, neuron, float(rng.normal()))


def _share(net: gn.Network, edge: Edge, name: str) -> None:
    """Let an edge take the weight and the switch of a group, and its name."""
    for other in net.shared(name)[:1]:
        net.set_weight(*edge, net.edges[other]["weight"])
        net.set_trainable(net.edges[other]["trainable"], edge=edge)
    net.set_shared(*edge, name)


@st.composite
def tied_cases(draw: st.DrawFn, *, shared: float = 0.4, **choices: object) -> Case:
    """Cases of `strategies.cases` with such networks."""
    case = draw(cases(min_edges=1, **choices))  # type: ignore[arg-type]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frozen = draw(st.sampled_from([0.0, 0.3, 1.0]))
    net = tied(case.net, rng, frozen=frozen, shared=shared, relays=draw(st.integers(0, 2)))
    return case._replace(net=net)
