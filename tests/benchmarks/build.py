"""What an explicit graph costs: edges added one by one, compiled, stored; beside bare networkx."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import networkx as nx
from timing import Prepare, measure, medians, ratio, verdict

import graphnn as gn
from graphnn.tables import text_table
from graphnn.types import Neuron

LIMIT_RATIO = 2.0
LIMIT_DENSE = 0.5
LIMIT_COMPILE = 3.0
LIMIT_STORE = 3.0

SHAPES = {10_000: (99, 100), 100_000: (249, 400), 1_000_000: (999, 1000)}
"""For each number of edges two layers that have just as many: (inputs + 1) * outputs."""

Weighted: TypeAlias = tuple[Neuron, Neuron, float]


def weighted_edges(inputs: int, outputs: int) -> list[Weighted]:
    """Return all edges between two layers, each with pairs of its own, as a caller writes them."""
    return [
        ((0, i), (1, j), i / (inputs + j)) for i in range(inputs + 1) for j in range(1, outputs + 1)
    ]


def graphnn_adds(edges: list[Weighted], inputs: int, outputs: int) -> Callable[[], object]:
    """Prepare the neurons and return the act of adding the edges to a `Network`."""
    net = gn.Network([inputs, outputs])

    def add() -> gn.Network:
        for u, v, weight in edges:
            net.add_edge(u, v, weight)
        return net

    return add


def networkx_adds(edges: list[Weighted], inputs: int, outputs: int) -> Callable[[], object]:
    """Prepare the nodes and return the act of adding the edges to a `networkx.DiGraph`."""
    graph: nx.DiGraph[Neuron] = nx.DiGraph()
    graph.add_nodes_from(gn.Network([inputs, outputs]).nodes)

    def add() -> nx.DiGraph[Neuron]:
        for u, v, weight in edges:
            graph.add_edge(u, v, weight=weight)
        return graph

    return add


def adding(rounds: int = 5) -> list[list[str]]:
    """Return the table's rows about `add_edge`, every size and both libraries in turn."""
    prepared: dict[str, Prepare] = {}
    for size, (inputs, outputs) in SHAPES.items():
        edges = weighted_edges(inputs, outputs)
        prepared[f"graphnn {size}"] = partial(graphnn_adds, edges, inputs, outputs)
        prepared[f"networkx {size}"] = partial(networkx_adds, edges, inputs, outputs)
    seconds = measure(prepared, rounds)
    middle = medians(seconds)
    rows = []
    for size in SHAPES:
        ours, theirs = f"graphnn {size}", f"networkx {size}"
        found = ratio(seconds, ours, theirs)
        for name in (ours, theirs):
            per_edge = f"{middle[name] / size * 1e9:.0f} ns an edge"
            held = [f"{found:.2f}", f"{LIMIT_RATIO}", verdict(found, LIMIT_RATIO)]
            # The limit is set for 10^5 edges; the other sizes show that the cost is linear.
            held = held if size == 100_000 else [f"{found:.2f}", "", ""]
            label = f"{name.split()[0]} add_edge, {size:,} edges"
            rows.append(
                [label, f"{middle[name]:.4f} s", per_edge, *(held if name == ours else [""] * 3)]
            )
    return rows


def whole(rounds: int = 7) -> list[list[str]]:
    """Return the table's rows about dense networks and the way to a program and back."""
    inputs, outputs = SHAPES[1_000_000]
    large = gn.Network.dense([inputs, outputs])
    cases: dict[str, tuple[Prepare, int, float]] = {
        "Network.dense([784, 128, 10])": (
            lambda: partial(gn.Network.dense, [784, 128, 10]),
            785 * 128 + 129 * 10,
            LIMIT_DENSE,
        ),
        "compile, 1,000,000 edges": (
            lambda: partial(gn.compile, large),
            1_000_000,
            LIMIT_COMPILE,
        ),
        "store, 1,000,000 edges": (
            lambda: partial(gn.store, gn.compile(large), large),
            1_000_000,
            LIMIT_STORE,
        ),
    }
    middle = medians(measure({name: case[0] for name, case in cases.items()}, rounds))
    return [
        [
            name,
            f"{middle[name]:.4f} s",
            f"{middle[name] / size * 1e9:.0f} ns an edge",
            "",
            f"{limit} s",
            verdict(middle[name], limit),
        ]
        for name, (_, size, limit) in cases.items()
    ]


def main() -> None:
    """Print the table."""
    header = ["act", "median", "linearity", "by networkx", "limit", ""]
    print(text_table(header, [*adding(), *whole()]))


if __name__ == "__main__":
    main()
