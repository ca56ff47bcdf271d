"""Paths from one neuron to another, and what each contributes to the derivative along it.

By the chain rule, d v_{t,j} / d v_{s,i} is the sum, over all paths from (s, i) to (t, j), of the
product of the weights and the slopes sigma'(a) along the path.

Source: Bauer, "Computational Graphs and Rounding Error" (1974); Baur and Strassen (1983).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple, TypeAlias

from graphnn.engines.trace import Trace
from graphnn.errors import DataError
from graphnn.graph.network import Network, find_neuron
from graphnn.types import Edge, Neuron

__all__ = ["Path", "count_paths", "paths"]


Waiting: TypeAlias = tuple[float, int, tuple[Neuron, ...], float]
"""Minus the most that a path can come to, its number, its neurons so far and their product."""


class Path(NamedTuple):
    """A path and what it contributes.

    Attributes:
        neurons: From the source to the target.
        contribution: The product of the weights and slopes along it.
    """

    neurons: tuple[Neuron, ...]
    contribution: float


def paths(network: Network, trace: Trace, source: Neuron, target: Neuron) -> Iterator[Path]:
    """Yield the paths from one neuron to another, that which contributes most first.

    They are found one by one: the first few of very many cost little. Those of contribution 0 come
    last.

    Args:
        network: The network; it is only read.
        trace: What `forward` recorded of one sample: the slopes are taken there.
        source: The neuron where they begin, which may be a constant one.
        target: The neuron where they end, in a later layer.

    Yields:
        Each path once, its contribution falling in magnitude. They sum to d v_target / d v_source.

    Raises:
        NetworkError: If a neuron does not exist.
        DataError: If the trace is another network's.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network.from_matrices([[[0, 0], [2, 3]], [[0], [5], [-7]]], None, "identity")
        >>> trace = gn.forward(net, [1.0])
        >>> for path in paths(net, trace, (0, 1), (2, 1)):
        ...     print(path.neurons, path.contribution)
        ((0, 1), (1, 2), (2, 1)) -21.0
        ((0, 1), (1, 1), (2, 1)) 10.0
    """
    factors = _factors(network, trace)
    start, end = (find_neuron(network, neuron) for neuron in (source, target))
    if start == end:
        yield Path((start,), 1.0)
        return
    best = _best(network, factors, end)
    if start not in best:
        return
    # The best that any continuation can come to is known, so that paths come out in order.
    order = count()
    waiting: list[Waiting] = [(-best[start], next(order), (start,), 1.0)]
    while waiting:
        _, _, path, product = heapq.heappop(waiting)
        if path[-1] == end:
            yield Path(path, product)
            continue
        for v in sorted(network.graph.succ[path[-1]]):
            if v in best:
                longer = product * factors[path[-1], v]
                heapq.heappush(waiting, (-abs(longer) * best[v], next(order), (*path, v), longer))


def count_paths(
    network: Network, source: Neuron | None = None, target: Neuron | None = None
) -> int:
    """Return how many paths there are, without listing them: exact, however many.

    Args:
        network: The network; it is only read.
        source: Where they begin; default any input. Constant neurons are no inputs.
        target: Where they end; default any output.

    Raises:
        NetworkError: If a neuron does not exist.

    Example:
        >>> count_paths(Network.dense([4, 8, 3]))
        96
    """
    sources = network.neurons(0) if source is None else (find_neuron(network, source),)
    targets = network.neurons(network.depth) if target is None else (find_neuron(network, target),)
    ways: dict[Neuron, int] = dict.fromkeys(sources, 1)
    for t in range(1, network.depth + 1):
        for v in network.neurons(t):
            found = sum(ways.get(u, 0) for u in network.graph.pred[v])
            if found:
                ways[v] = ways.get(v, 0) + found
    return sum(ways.get(neuron, 0) for neuron in targets)


def _factors(network: Network, trace: Trace) -> dict[Edge, float]:
    """Return for each edge its weight times the slope of its target."""
    edges = {(u, v) for u, v in network.graph.edges}
    if edges != trace.weights.keys() or trace.a.keys() != trace.activations.keys():
        raise DataError("the trace has other neurons or edges than the network: trace it anew")
    slopes = {n: one.derivative(trace.a[n], trace.v[n]) for n, one in trace.activations.items()}
    return {(u, v): weight * slopes[v] for (u, v), weight in trace.weights.items()}


def _best(network: Network, factors: Mapping[Edge, float], end: Neuron) -> dict[Neuron, float]:
    """Return the largest magnitude of a path's product from each neuron that leads to the end."""
    best = {end: 1.0}
    below = network.graph.pred
    layer = [end]
    while layer:
        found: dict[Neuron, float] = {}
        for v in layer:
            for u in below[v]:
                found[u] = max(found.get(u, 0.0), abs(factors[u, v]) * best[v])
        best |= found
        layer = list(found)
    return best
