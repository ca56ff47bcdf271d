"""Connectors from networkx: any bipartite graph between two layers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from graphnn.errors import NetworkError
from graphnn.graph.builders.connector import Pair

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Bipartite"]

Source: TypeAlias = "nx.Graph[Any] | Callable[[int, int, np.random.Generator], nx.Graph[Any]]"


@dataclass(frozen=True)
class Bipartite:
    """The edges of a bipartite graph of networkx.

    As networkx's own generators mark them, the nodes with the attribute `bipartite=0` are the
    neurons below and those with `bipartite=1` the neurons above, each in the graph's order. Other
    attributes are not read. An edge of a directed graph leads from below to above.

    Args:
        source: The graph, or a function of (n, m, seed) that makes one, as
            `lambda n, m, seed: nx.bipartite.gnmk_random_graph(n, m, 12, seed=seed)`; seed is a
            `numpy.random.Generator`, which networkx takes.

    Example:
        >>> import networkx as nx
        >>> graph = nx.bipartite.complete_bipartite_graph(2, 1)
        >>> list(Bipartite(graph)(2, 1, np.random.default_rng(0)))
        [(1, 1), (2, 1)]
    """

    source: Source

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of the graph's edges.

        Raises:
            NetworkError: If it is no bipartite graph of n and m marked nodes without parallel
                edges; the node or edge is named.
        """
        import networkx as nx

        made: Any = self.source
        graph = made if isinstance(made, nx.Graph) else made(n, m, rng)
        if not isinstance(graph, nx.Graph):
            raise NetworkError(
                f"found a {type(graph).__name__}, expected a bipartite networkx.Graph"
            )
        below, above = _sides(graph)
        if (len(below), len(above)) != (n, m):
            raise NetworkError(
                f"the bipartite graph has {len(below)} and {len(above)} nodes, and the layers have "
                f"{n} and {m} neurons"
            )
        seen: set[Pair] = set()
        for u, v in graph.edges():
            source, target = (u, v) if u in below or graph.is_directed() else (v, u)
            if source not in below or target not in above:
                raise NetworkError(
                    f"the edge {source!r} -> {target!r} of the graph does not lead from a node "
                    "with bipartite=0 to one with bipartite=1"
                )
            pair = below[source], above[target]
            if pair in seen:
                raise NetworkError(
                    f"the graph has parallel edges {source!r} -> {target!r}, and neurons have one "
                    "at most: networkx.Graph(graph) merges them"
                )
            seen.add(pair)
            yield pair


def _sides(graph: nx.Graph[Any]) -> tuple[dict[Hashable, int], dict[Hashable, int]]:
    """Return the nodes of both sides with their places, counted from 1."""
    sides: tuple[dict[Hashable, int], dict[Hashable, int]] = {}, {}
    for node, attributes in graph.nodes(data=True):
        mark = attributes.get("bipartite")
        if mark not in (0, 1):
            raise NetworkError(
                f"node {node!r} of the graph has bipartite={mark!r}, expected 0 (below) or 1 "
                "(above); networkx.set_node_attributes marks nodes"
            )
        sides[mark][node] = len(sides[mark]) + 1
    return sides
