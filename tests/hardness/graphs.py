"""Graphs of the tests, and what exhaustive computation says of them, without graphnn."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import networkx as nx
from hypothesis import strategies as st

GRAPHS: dict[str, nx.Graph[Any]] = {
    "triangle": nx.complete_graph(3),
    "C5": nx.cycle_graph(5),
    "K4": nx.complete_graph(4),
    "wheel": nx.wheel_graph(6),
    "petersen": nx.petersen_graph(),
    "groetzsch": nx.mycielski_graph(4),
    "K6": nx.complete_graph(6),
}
FEWEST = {
    "triangle": (2, 1, 0, 0),
    "C5": (3, 1, 0, 0),
    "K4": (3, 2, 1, 0),
    "wheel": (4, 2, 1, 0),
    "petersen": (6, 3, 0, 0),
    "groetzsch": (6, 3, 1, 0),
    "K6": (5, 4, 3, 2),
}
"""The fewest errors with AND for k = 1, 2, 3, 4: n minus the largest induced k-colourable part."""


def colorable(graph: nx.Graph[Any], colors: int) -> bool:
    """Return whether a small graph has a colouring, by trying all."""
    vertices = list(graph)
    return any(
        all(coloring[vertices.index(u)] != coloring[vertices.index(v)] for u, v in graph.edges)
        for coloring in product(range(colors), repeat=len(vertices))
    )


def fewest_errors(graph: nx.Graph[Any], colors: int) -> int:
    """Return n minus the number of vertices of the largest induced part with a colouring."""
    for size in range(len(graph), 0, -1):
        if any(colorable(graph.subgraph(some), colors) for some in combinations(graph, size)):
            return len(graph) - size
    return len(graph)


@st.composite
def small_graphs(draw: st.DrawFn, most: int = 5) -> nx.Graph[Any]:
    """Draw a graph whose vertices are texts."""
    n = draw(st.integers(1, most))
    graph: nx.Graph[Any] = nx.Graph()
    names = [f"v{k}" for k in range(n)]
    graph.add_nodes_from(names)
    pairs = list(combinations(names, 2))
    if pairs:
        graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)))
    return graph
