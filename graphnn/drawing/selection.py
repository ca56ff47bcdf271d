"""Which neurons a picture shows: of a large layer the first and the last, or those that are asked.

`around` and `heaviest` choose neurons for `draw(..., show=...)`; a path's neurons are chosen as
they are.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from typing import Any

from graphnn.drawing.layout import Column
from graphnn.errors import NetworkError
from graphnn.graph.network import Network, find_neuron
from graphnn.ranges import whole
from graphnn.types import Neuron

__all__ = ["MOST_SHOWN", "around", "columns_of", "heaviest"]

MOST_SHOWN, FIRST, LAST = 12, 6, 3
"""Of a layer of more neurons than the first of these, so many first and last ones are shown."""


def columns_of(
    network: Network,
    show: str | Iterable[Neuron] | None = None,
    also: Collection[Neuron] = (),
) -> list[Column]:
    """Return the neurons of each layer that are shown; None stands for some that are not.

    Args:
        network: The network.
        show: The neurons, "all" of them, or None for those of a layer's 12, and of a larger layer
            the first 6 and the last 3.
        also: Neurons that None shows, too.

    Raises:
        NetworkError: If a neuron does not exist.
        ValueError: If `show` is another text.
    """
    if isinstance(show, str) and show != "all":
        raise ValueError(f"show is {show!r}, expected 'all', or neurons (t, j)")
    chosen = None
    if show is not None and not isinstance(show, str):
        if not isinstance(show, Iterable):
            raise ValueError(f"show is {show!r}, expected 'all', or neurons (t, j)")
        chosen = {find_neuron(network, neuron) for neuron in show}
        if not chosen:
            raise NetworkError("show has no neuron: expected at least one (t, j), or 'all'")
    columns: list[Column] = []
    for t in range(network.depth + 1):
        layer = [*([(t, 0)] if t < network.depth else []), *network.neurons(t)]
        if chosen is not None:
            columns.append(_with_gaps(layer, chosen))
        elif show is None and len(network.neurons(t)) > MOST_SHOWN:
            constant = len(layer) - len(network.neurons(t))
            columns.append(_with_gaps(layer, {*layer[: constant + FIRST], *layer[-LAST:], *also}))
        else:
            columns.append(layer)
    return columns


def around(network: Network, neuron: Neuron) -> list[Neuron]:
    """Return a neuron, those that it has edges from, and those that it has edges to.

    Raises:
        NetworkError: If it does not exist.

    Example:
        >>> net = Network([2, 2, 1])
        >>> net.add_edges_from([((0, 1), (1, 2)), ((1, 2), (2, 1))])
        >>> around(net, (1, 2))
        [(0, 1), (1, 2), (2, 1)]
    """
    found = find_neuron(network, neuron)
    return sorted([*network.graph.pred[found], found, *network.graph.succ[found]])


def heaviest(network: Network, edges: int = 20) -> list[Neuron]:
    """Return the neurons at the ends of the edges whose weights are largest in magnitude.

    Args:
        network: The network.
        edges: How many edges.

    Raises:
        ValueError: If that is no whole number of at least 0.

    Example:
        >>> net = Network([2, 2])
        >>> net.add_weighted_edges_from([((0, 1), (1, 1), 0.5), ((0, 2), (1, 2), -3.0)])
        >>> heaviest(net, 1)
        [(0, 2), (1, 2)]
    """
    weighted: Any = network.graph.edges(data="weight")
    count = whole("edges", edges, least=0)
    found = heapq.nlargest(count, weighted, key=lambda edge: abs(edge[2]))
    return sorted({neuron for u, v, _ in found for neuron in (u, v)})


def _with_gaps(layer: Iterable[Neuron], chosen: Collection[Neuron]) -> Column:
    """Return the chosen neurons of a layer, None for each row of others."""
    column: list[Neuron | None] = []
    for neuron in layer:
        if neuron in chosen:
            column.append(neuron)
        elif neuron[1] > 0 and (not column or column[-1] is not None):
            column.append(None)
    return column
