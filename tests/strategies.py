"""Hypothesis strategies: random layered networks, with data that fit them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn
from graphnn.types import Neuron

ALL = tuple(sorted(gn.ACTIVATIONS))
SMOOTH = ("gelu", "identity", "sigmoid", "silu", "softplus", "tanh")
LOSS_NAMES = tuple(sorted(gn.LOSSES))


def floats(bound: float = 2.0) -> st.SearchStrategy[float]:
    """Moderate floats, and zeros of both signs more often than chance would have it."""
    return st.one_of(
        st.floats(-bound, bound, allow_subnormal=False), st.sampled_from([0.0, -0.0, 1.0, -1.0])
    )


def quarters(bound: int = 8) -> st.SearchStrategy[float]:
    """Multiples of 1/4, whose sums and products are exact in a float."""
    return st.integers(-bound, bound).map(lambda k: k / 4)


@st.composite
def networks(
    draw: st.DrawFn,
    activations: Sequence[str] = ALL,
    outputs: str | None = None,
    weights: st.SearchStrategy[float] | None = None,
    max_layers: int = 4,
    min_edges: int = 0,
    min_outputs: int = 1,
) -> gn.Network:
    """Layered networks: gaps in the numbers, absent edges, neurons that nothing reaches.

    Args:
        draw: Hypothesis's.
        activations: The names that neurons may have, each its own.
        outputs: The activation of the output layer, where a loss asks for one.
        weights: Where weights come from.
        max_layers: The largest number of layers of neurons.
        min_edges: The fewest edges.
        min_outputs: The fewest neurons of the output layer.
    """
    hidden = draw(st.lists(st.integers(1, 5), min_size=1, max_size=max_layers - 1))
    widths = [*hidden, draw(st.integers(min_outputs, 5))]
    net = gn.Network(widths, activation="identity")
    for t in range(len(widths)):
        if draw(st.booleans()):
            net.add_neuron(t, net.neurons(t)[-1][1] + draw(st.integers(1, 3)))
            net.remove_neuron(draw(st.sampled_from(net.neurons(t))))
    for t in range(1, len(widths)):
        for neuron in net.neurons(t):
            name = outputs if outputs and t == net.depth else draw(st.sampled_from(activations))
            net.set_activation(name, neuron=neuron)
    possible = [pair for t in range(1, net.depth + 1) for pair in _pairs(net, t)]
    present = draw(
        st.one_of(
            st.just(np.ones(len(possible), dtype=bool)),
            arrays(np.bool_, len(possible), elements=st.booleans()),
        )
    )
    present = present | (np.arange(len(possible)) < min_edges)
    chosen = [pair for pair, there in zip(possible, present, strict=True) if there]
    numbers = draw(
        arrays(np.float64, len(chosen), elements=floats() if weights is None else weights)
    )
    order = draw(st.permutations(range(len(chosen))))
    net.add_weighted_edges_from((*chosen[k], float(numbers[k])) for k in order)
    return net


def _pairs(net: gn.Network, t: int) -> list[tuple[Neuron, Neuron]]:
    return [(u, v) for u in ((t - 1, 0), *net.neurons(t - 1)) for v in net.neurons(t)]


class Case(NamedTuple):
    """A network, a loss that its outputs allow, and samples; y has shape (m, outputs)."""

    net: gn.Network
    loss: str
    X: np.ndarray
    y: np.ndarray


@st.composite
def cases(
    draw: st.DrawFn,
    losses: Sequence[str] = LOSS_NAMES,
    activations: Sequence[str] = ALL,
    max_layers: int = 4,
    max_samples: int = 4,
    min_edges: int = 0,
) -> Case:
    """Networks with samples and one of the losses."""
    loss = draw(st.sampled_from(losses))
    outputs = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "identity"}.get(loss)
    net = draw(
        networks(
            activations,
            outputs,
            max_layers=max_layers,
            min_edges=min_edges,
            min_outputs=2 if loss == "softmax_cross_entropy" else 1,
        )
    )
    m = draw(st.integers(1, max_samples))
    X = draw(arrays(np.float64, (m, net.layers[0]), elements=floats(3.0)))
    shape = (m, net.layers[-1])
    if loss == "hinge":
        y = draw(arrays(np.float64, shape, elements=st.sampled_from([-1.0, 1.0])))
    elif loss == "binary_cross_entropy":
        y = draw(arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0, 0.25])))
    elif loss == "softmax_cross_entropy":
        classes = draw(arrays(np.int64, m, elements=st.integers(0, shape[1] - 1)))
        y = np.eye(shape[1])[classes]
    else:
        y = draw(arrays(np.float64, shape, elements=floats(3.0)))
    return Case(net, loss, X, y)
