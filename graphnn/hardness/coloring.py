"""Colourings as sign networks without errors on the sample of a graph, and back.

With an AND as its output neuron, a network is an intersection of k halfspaces, and can be without
error on S(G) if and only if G is k-colourable. With free output weights, the lecture's class, it
can if and only if chi(G) <= C(k, floor(k/2)). Proof. Write a vertex's hidden pattern as the set of
neurons that are 1 there.

- A network of a colouring: let the colours be different sets of floor(k/2) neurons, and neuron t be
  1 at the vertices whose set has it, and in the middle of every edge with such an end. The output
  is 1 where more than floor(k/2) neurons are: not at a vertex, but at every edge, whose ends have
  different sets of one size.
- A colouring of a network: turn the sign of neurons until all output weights are >= 0. A linear
  function that is positive in the middle of an edge is so at one end, and one that is negative
  there likewise; so the middle's set is within the union of the ends' sets. If those of two
  adjacent vertices were nested, the middle's would be within the larger one, and the output at the
  middle at most that at this vertex: -1. So the vertices of a chain of sets are independent, and by
  Dilworth's and Sperner's theorems C(k, floor(k/2)) chains cover all sets of k neurons.

The two agree for k <= 3 (1, 2, 3, 6, 10 colours for k = 1, ..., 5), and differ from k = 4
on: 4 hidden neurons learn S(K6) without error, and an intersection of 4 halfspaces makes 2. Finding
out is NP-hard either way for k >= 3, since colouring with 3, 6, 10, ... colours is.

Source: Shalev-Shwartz and Ben-David (2014), chapter 8, exercise 3; Sperner (1928); Dilworth (1950).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from graphnn.errors import DataError, NetworkError
from graphnn.functions.choice import unknown_name
from graphnn.graph.network import Network, require_network
from graphnn.hardness.sample import checked_graph, sample_from_graph
from graphnn.program.lower import compile
from graphnn.ranges import whole

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Output",
    "and_output",
    "checked_output",
    "coloring_from_network",
    "most_colors",
    "network_from_coloring",
]

Output: TypeAlias = Literal["and", "free"]
BIAS, WEIGHT = 0.6, -1.0
"""Of a hidden neuron: -0.4 at its colour's vertices, 0.6 at others, at least 0.1 at edges."""


def most_colors(k: int, output: Output = "and") -> int:
    """Return how many colours k hidden neurons can tell: k, or C(k, floor(k/2)) with "free".

    Example:
        >>> [most_colors(k, "free") for k in (1, 2, 3, 4, 5)]
        [1, 2, 3, 6, 10]
    """
    whole("k", k)
    return k if checked_output(output) == "and" else comb(k, k // 2)


def network_from_coloring(
    graph: nx.Graph[Any],
    coloring: Mapping[Hashable, int],
    output: Output = "and",
    k: int | None = None,
) -> Network:
    """Return the sign network that a colouring stands for, without errors on the graph's sample.

    Args:
        graph: The graph.
        coloring: A colour 0, 1, ... for each vertex, adjacent ones different, as
            `networkx.greedy_color` returns it.
        output: "and", or "free" for the lecture's class, which needs fewer hidden neurons.
        k: The number of hidden neurons; default as many as the colours need.

    Returns:
        A network of n inputs, one for each vertex, which is its label.

    Raises:
        DataError: If the graph is none, a vertex has no colour, or two adjacent ones have the
            same; they are named.
        ValueError: If there are too few hidden neurons, or the output is another.

    Example:
        >>> import networkx as nx
        >>> graph = nx.cycle_graph(4)
        >>> network_from_coloring(graph, nx.greedy_color(graph))
        Network(layers=[4, 2, 1], edges=13)
    """
    vertices = checked_graph(graph)
    colors = _colors(graph, coloring)
    needed = max(colors.values()) + 1
    k = _enough(needed, output) if k is None else whole("k", k)
    if most_colors(k, output) < needed:
        raise ValueError(
            f"{k} hidden neurons tell {most_colors(k, output)} colours with output={output!r}, and "
            f"the colouring has {needed}"
        )
    net = Network([len(vertices), k, 1], activation="sign")
    sets = [{t} for t in range(k)] if output == "and" else map(set, combinations(range(k), k // 2))
    of = dict(enumerate(sets))
    # What a vertex of a neuron's colours gives it, and another one; with the constant neuron's
    # weight an edge gives at least 0.1 if at least one of its ends is on the positive side.
    bias, inside, outside = (BIAS, WEIGHT, 0.0) if output == "and" else (0.0, 1.5, -1.0)
    for t in range(k):
        net.add_edge((0, 0), (1, t + 1), bias)
        for i, vertex in enumerate(vertices, start=1):
            net.add_edge((0, i), (1, t + 1), inside if t in of[colors[vertex]] else outside)
    _add_output(net, k, output)
    for i, vertex in enumerate(vertices, start=1):
        net.set_label((0, i), vertex)
    return net


def _add_output(net: Network, k: int, output: Output) -> None:
    """Add the edges into the output neuron."""
    bias = and_output(k) if output == "and" else float(k - 2 * (k // 2) - 1)
    net.add_edge((1, 0), (2, 1), bias)
    for t in range(1, k + 1):
        net.add_edge((1, t), (2, 1), 1.0)


def and_output(k: int) -> float:
    """Return the constant neuron's weight that makes an output neuron with weights 1 an AND.

    Example:
        >>> and_output(3)
        -2.0
    """
    return 1.0 - k


def coloring_from_network(net: Network, graph: nx.Graph[Any]) -> dict[Hashable, int]:
    """Return the colouring that a network without errors on a graph's sample stands for.

    A vertex has the number of the first hidden neuron that is -1 there, if the output is an AND;
    else its colour is that of its hidden pattern in a covering of all patterns by chains.

    Args:
        net: A sign network [n, k, 1] whose inputs are the graph's vertices in their order.
        graph: The graph.

    Raises:
        DataError: If the network makes an error on the sample; the vertex or edge is named.
        NetworkError: If it is no such network.

    Example:
        >>> import networkx as nx
        >>> graph = nx.cycle_graph(4)
        >>> coloring_from_network(network_from_coloring(graph, {0: 0, 1: 1, 2: 0, 3: 1}), graph)
        {0: 0, 1: 1, 2: 0, 3: 1}
    """
    require_network(net)
    vertices = checked_graph(graph)
    if net.depth != 2 or net.layers[0] != len(vertices) or net.layers[2] != 1:
        raise NetworkError(
            f"the network has layers {list(net.layers)}, expected [{len(vertices)}, k, 1]: an "
            "input for each vertex"
        )
    sample = sample_from_graph(graph)
    _, values = compile(net).forward(sample.X)
    for k, (found, expected) in enumerate(zip(values[2][:, 0], sample.y, strict=True)):
        if found != expected:
            places = [vertices[i] for i in sample.X[k].nonzero()[0]]
            what = f"vertex {places[0]!r}" if len(places) == 1 else f"edge {places!r}"
            raise DataError(f"the network says {found:g} at {what}, expected {expected:g}")
    patterns = values[1][: len(vertices)]
    if _is_and(net):
        return {v: int((p < 0).argmax()) for v, p in zip(vertices, patterns, strict=True)}
    return _by_chains(net, dict(zip(vertices, map(tuple, patterns.tolist()), strict=True)))


def _is_and(net: Network) -> bool:
    """Return whether the output is 1 only where every hidden neuron is."""
    weights = _output_weights(net)
    constant = weights.pop(0, 0.0)
    if len(weights) < net.layers[1] or min(weights.values()) <= 0:
        return False
    total = constant + sum(weights.values())
    return total > 0 >= total - 2 * min(weights.values())


def _output_weights(net: Network) -> dict[int, float]:
    """Return the weight from each hidden neuron j, 0 the constant one, to the output neuron."""
    (output,) = net.neurons(2)
    return {u[1]: float(found["weight"]) for u, found in net.graph.pred[output].items()}


def _by_chains(net: Network, patterns: Mapping[Hashable, tuple[float, ...]]) -> dict[Hashable, int]:
    """Return a colour for each vertex: the chain that its pattern lies in, few of them."""
    import networkx as nx

    weights = _output_weights(net)
    signs = [1 if weights.get(j, 0.0) >= 0 else -1 for _, j in net.neurons(1)]
    turned = {v: tuple(s * x for s, x in zip(signs, p, strict=True)) for v, p in patterns.items()}
    kinds = sorted(set(turned.values()))
    # Dilworth: the fewest chains are found by matching each pattern with one above it.
    pairs: nx.Graph[Any] = nx.Graph()
    below = [("below", p) for p in kinds]
    pairs.add_nodes_from(below)
    pairs.add_edges_from(
        (("below", p), ("above", q))
        for p in kinds
        for q in kinds
        if p != q and all(a <= b for a, b in zip(p, q, strict=True))
    )
    matching = nx.bipartite.hopcroft_karp_matching(pairs, below)
    followers = {p: matching[("below", p)][1] for p in kinds if ("below", p) in matching}
    color: dict[tuple[float, ...], int] = {}
    for number, first in enumerate(p for p in kinds if p not in set(followers.values())):
        p: tuple[float, ...] | None = first
        while p is not None:
            color[p] = number
            p = followers.get(p)
    return {vertex: color[p] for vertex, p in turned.items()}


def _colors(graph: nx.Graph[Any], coloring: Mapping[Hashable, int]) -> dict[Hashable, int]:
    colors: dict[Hashable, int] = {}
    for vertex in graph:
        if vertex not in coloring:
            raise DataError(f"vertex {vertex!r} has no colour")
        colors[vertex] = whole(f"the colour of {vertex!r}", coloring[vertex], least=0)
    for u, v in graph.edges():
        if colors[u] == colors[v]:
            raise DataError(f"the adjacent vertices {u!r} and {v!r} have the same colour")
    return colors


def _enough(colors: int, output: Output) -> int:
    k = 1
    while most_colors(k, output) < colors:
        k += 1
    return k


def checked_output(output: object) -> Output:
    """Return a kind of output neuron.

    Raises:
        ValueError: If it is unknown.
    """
    if output not in ("and", "free"):
        raise unknown_name("output", output, ["and", "free"])
    return output
