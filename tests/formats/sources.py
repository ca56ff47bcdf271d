"""Inputs, networks and names for the tests of networks that are written as source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np

import graphnn as gn
from graphnn.engines.node import propagate_forward
from graphnn.engines.wiring import wire
from graphnn.formats import formulas

FORMS = ("terms", "tables")

HOSTILE = (
    "x */ int stolen; /*",
    "x\nint stolen;",
    "x\\",
    "x ??/\nint stolen;",
    "???/",
    "*\\\n/ int stolen; /\\\n*",
    "\r\x0c\x85\u2028 int stolen",
    '"""\nstolen = 1',
    "'''\nstolen = 1",
    "coding: rot13",
    "{weight} %s {0}",
    "\ud800 \x00",
)


class Shown:
    """A label that shows itself in its own way."""

    def __repr__(self) -> str:
        return "*/ int stolen; /*\nstolen = 1 \\"


BAD_NAMES = ("", "1st", "a b", "a-b", "f(", "f\n", "réseau", "_f", "f$", "a;int b", None, 3)


@contextmanager
def written_as(form: str) -> Iterator[None]:
    """Write all networks, small or large, term by term or as tables."""
    with mock.patch.object(formulas, "MOST_TERMS", 10**9 if form == "terms" else -1):
        yield


def inputs(net: gn.Network, count: int, seed: int = 0) -> np.ndarray:
    """Inputs of many magnitudes."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1e-3, 0.1, 1.0, 10.0, 1e3, 1e6], size=(count, 1))
    return rng.normal(size=(count, net.layers[0])) * sizes


def engine_outputs(net: gn.Network, X: np.ndarray) -> list[list[str]]:
    """The node engine's outputs, bit by bit."""
    wiring, outputs = wire(net), net.neurons(net.depth)
    found = [propagate_forward(wiring, x)[1] for x in X.tolist()]
    return [[bits(v[n]) for n in outputs] for v in found]


def bits(number: float) -> str:
    """A number's bits; all NaN are one."""
    return float(number).hex()


def mixed(seed: int = 1, bound: float = 3.0) -> gn.Network:
    """A network with every activation in both hidden layers."""
    net = gn.Network.dense([4, 10, 10, 3], seed=seed, init=gn.Uniform(bound))
    for t in (1, 2):
        for neuron, name in zip(net.neurons(t), gn.ACTIVATIONS, strict=True):
            net.set_activation(name, neuron=neuron)
    return net


def constants_only() -> gn.Network:
    """Neurons whose numbers no input changes: a compiler could work them out by itself."""
    net = gn.Network([1, 10, 10], activation=["tanh", "identity"])
    rng = np.random.default_rng(5)
    for neuron, name in zip(net.neurons(1), gn.ACTIVATIONS, strict=True):
        net.set_activation(name, neuron=neuron)
        net.add_edge((0, 0), neuron, float(rng.normal()))
    for j in range(1, 11):
        net.add_edge((1, j), (2, j), float(rng.normal()))
        net.set_activation("tanh" if j % 2 else "sigmoid", neuron=(2, j))
    return net
