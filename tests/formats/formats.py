"""Networks for the tests of formats: frozen and shared edges, labels, relays, preprocessing."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from strategies import networks
from ties import tied

import graphnn as gn

TEXTS = st.text(st.characters(), max_size=8)
"""Any characters there are: line ends, zeros, halves of surrogate pairs."""
FINITE = st.floats(allow_nan=False, allow_infinity=False)
LABELS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "numbers": st.one_of(TEXTS, st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9)),
    "tuples": st.recursive(
        st.one_of(
            TEXTS, st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
        ),
        lambda inner: st.tuples(inner, inner),
        max_leaves=3,
    ),
}


@st.composite
def full_networks(draw: st.DrawFn, labels: str = "tuples") -> gn.Network:
    """Networks with all that one can have.

    Args:
        draw: Hypothesis's.
        labels: Which labels: a key of `LABELS`.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = st.floats(allow_nan=False, allow_infinity=False)
    net = draw(networks(weights=weights if draw(st.booleans()) else None))
    if draw(st.booleans()):
        net = tied(net, rng, relays=draw(st.integers(0, 2)))
    for t in range(net.depth + 1):
        for neuron in [(t, 0)] * (t < net.depth) + list(net.neurons(t)):
            label = draw(st.one_of(st.none(), LABELS[labels]))
            if label not in net.labels:
                net.set_label(neuron, label)
    if draw(st.booleans()):
        rows = rng.normal(size=(5, net.layers[0]))
        net.preprocessing = gn.Preprocessing(inputs=gn.Standardizer.fit(rows))
    return net


def bits(net: gn.Network) -> list[tuple[Any, ...]]:
    """Return all weights bit by bit."""
    return sorted((u, v, float(w).hex()) for u, v, w in net.graph.edges(data="weight"))


def assert_same(back: gn.Network, net: gn.Network) -> None:
    """Assert that nothing was lost: structure, attributes, labels, groups, every bit."""
    assert back == net
    assert bits(back) == bits(net)
    assert back.labels == net.labels
    for _, _, name in net.graph.edges(data="shared"):
        assert name is None or set(back.shared(name)) == set(net.shared(name))
    kinds = [{type(label) for label in one.labels} for one in (back, net)]
    assert kinds[0] == kinds[1]
