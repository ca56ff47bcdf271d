"""Networks whose layers are joined by a connector each: single-edge acts all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from graphnn.checks import generator
from graphnn.errors import NetworkError
from graphnn.functions.activations import Activation
from graphnn.functions.initializers import Initializer
from graphnn.graph.builders.bipartite import Bipartite
from graphnn.graph.builders.connector import Connector, Dense, Pair, pairs
from graphnn.graph.network import Network
from graphnn.types import Edge

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Connection", "chosen_pairs", "connect", "layered"]

Connection: TypeAlias = "Connector | nx.Graph[Any]"
"""A connector, or a bipartite graph of networkx."""


def layered(
    layers: Sequence[int],
    connect: Connection | Sequence[Connection] = Dense(),  # noqa: B008 - it is frozen
    activation: str | Activation | Sequence[str | Activation] = "sigmoid",
    *,
    bias: bool = True,
    init: Initializer | None = None,
    seed: int | np.random.Generator = 0,
) -> Network:
    """Return a network whose layers are joined as connectors say.

    Args:
        layers: The number of neurons of layers 0..T, as `[4, 8, 3]`.
        connect: What chooses the edges between one layer and the next: one for all, or one for
            each pair of layers. A connector such as `RandomSparse(0.3)`, a bipartite graph of
            networkx, or any function of (n, m, rng) that returns pairs (i, j).
        activation: Of layers 1..T, as for `Network`.
        bias: Whether every neuron gets an edge from its constant neuron, too.
        init: What the weights are drawn from; default `Uniform(0.7)`.
        seed: Of the edges first, layer by layer, and then of the weights; with `Dense()` the
            network is `Network.dense`'s.

    Raises:
        NetworkError: If a connector does not fit its layers.
        ValueError: If an activation or a connector's setting is unknown.

    Example:
        >>> from graphnn.graph.builders.bands import Local
        >>> layered([8, 6, 3], connect=[Local(3), Dense()], activation="tanh", seed=1)
        Network(layers=[8, 6, 3], edges=45)
    """
    net = Network(layers, activation)
    rng = generator(seed)
    for t, connector in enumerate(_each(connect, net.depth), start=1):
        _connect(net, t, connector, bias, rng)
    net.initialize(init, rng)
    return net


def connect(
    net: Network,
    t: int,
    connector: Connection,
    *,
    bias: bool = True,
    seed: int | np.random.Generator = 0,
) -> None:
    """Add edges of weight 0 from layer t-1 to layer t of a network, all of them or none.

    Args:
        net: The network, which is changed.
        t: The layer 1..T that they lead into.
        connector: As for `layered`; places are counted along the layers, gaps in the neurons'
            numbers left out.
        bias: Whether every neuron of layer t gets an edge from the constant neuron, too.
        seed: Of what the connector draws.

    Raises:
        NetworkError: If there is no such layer, the connector does not fit, or an edge exists.

    Example:
        >>> from graphnn.graph.builders.bands import Banded
        >>> net = Network([3, 3, 1])
        >>> connect(net, 1, Banded(0), bias=False)
        >>> list(net.edges)
        [((0, 1), (1, 1)), ((0, 2), (1, 2)), ((0, 3), (1, 3))]
    """
    _connect(net, t, connector, bias, generator(seed))


def _connect(
    net: Network, t: int, connector: Connection, bias: bool, rng: np.random.Generator
) -> None:
    above = net.neurons(t)
    if t == 0:
        raise NetworkError(f"no edge leads into layer 0: t is one of 1..{net.depth}")
    below = net.neurons(t - 1)
    chosen = chosen_pairs(connector, len(below), len(above), rng)

    def edges() -> Iterator[Edge]:
        yield from ((((t - 1, 0), v)) for v in above if bias)
        yield from ((below[i - 1], above[j - 1]) for i, j in chosen)

    net.add_edges_from(edges())


def _each(connect: Any, depth: int) -> list[Any]:
    """Return one connector for each pair of layers."""
    if not isinstance(connect, Sequence) or isinstance(connect, str):
        return [connect] * depth
    if len(connect) != depth:
        raise NetworkError(
            f"connect has {len(connect)} entries, expected {depth}: one for each pair of layers"
        )
    return list(connect)


def chosen_pairs(connector: Any, n: int, m: int, rng: np.random.Generator) -> list[Pair]:
    """Return the pairs that a connector, or a bipartite graph, chooses, checked.

    Raises:
        NetworkError: If it does not fit the layers.
        TypeError: If it is no connector.
    """
    import networkx as nx

    found: Connector = Bipartite(connector) if isinstance(connector, nx.Graph) else connector
    if isinstance(found, type) or not callable(found):
        raise TypeError(
            f"the connector is {found!r}, expected one such as gn.build.RandomSparse(0.3), a "
            "bipartite networkx.Graph, or a function of (n, m, rng)"
        )
    return pairs(found, n, m, rng)
