"""What skip edges cost: a network with 30 % of them beside one with as many edges and none.

Of the same neurons and the same number of edges, one has 30 % that skip one to three layers, led
through relays; in the other those start in the layer just before instead. Both are trained by the
native engine, one sample a step and in batches of 32.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import numpy as np
from timing import always, measure, ratio, verdict

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import engine
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.tables import text_table

WIDTHS = ((6, 8, 8, 8, 2), (16, 24, 24, 24, 4), (64, 64, 64, 64, 10), (200, 200, 200, 200, 10))
DENSITIES = (0.05, 0.3, 0.7)
SKIPS = 0.3
LIMIT = 1.3


def graphs(widths: tuple[int, ...], density: float) -> tuple[nx.DiGraph, nx.DiGraph]:
    """Return a graph with skip edges, and one that has as many edges and none that skip."""
    rng = np.random.default_rng(0)
    layers = [[(t, j) for j in range(width)] for t, width in enumerate(widths)]
    pairs = [(u, v) for below, above in pairwise(layers)
             for u in below for v in above]  # fmt: skip
    chosen = [pairs[k] for k in rng.permutation(len(pairs))[: round(density * len(pairs))]]
    plain, skipping = nx.DiGraph(chosen), nx.DiGraph(chosen)
    # Every neuron keeps its layer: one edge from the layer before it stays.
    kept = {v: (u, v) for u, v in chosen}
    for node in (n for layer in layers[1:] for n in layer if n not in kept):
        edge = (layers[node[0] - 1][int(rng.integers(0, widths[node[0] - 1]))], node)
        kept[node] = edge
        plain.add_edge(*edge)
        skipping.add_edge(*edge)
    movable = [edge for edge in chosen if edge[1][0] >= 2 and kept[edge[1]] != edge]
    wanted = min(len(movable), round(SKIPS * plain.number_of_edges()))
    for u, v in (movable[k] for k in rng.permutation(len(movable))[:wanted]):
        others = [n for layer in layers[max(0, v[0] - 4) : v[0] - 1] for n in layer]
        free = [n for n in others if not skipping.has_edge(n, v)]
        if free:
            skipping.remove_edge(u, v)
            skipping.add_edge(free[int(rng.integers(0, len(free)))], v)
    return plain, skipping


def network(graph: nx.DiGraph, widths: tuple[int, ...]) -> gn.Network:
    """Return the network of a graph, each neuron with a bias."""
    for node in graph:
        if node[0]:
            graph.nodes[node].update(activation="tanh", bias=0.0)
    ends = ([(t, j) for j in range(widths[t])] for t in (0, len(widths) - 1))
    for node in (n for n in list(graph) if not graph.succ[n] and n[0] < len(widths) - 1):
        graph.add_edge(node, (node[0] + 1, 0))
    inputs, outputs = ends
    graph.add_nodes_from(inputs)
    net = gn.Network.from_networkx(graph, inputs, outputs)
    net.initialize(gn.Glorot(), seed=0)
    return net


def steps(net: gn.Network, batch: int, number: int) -> Callable[[], object]:
    """Return the act of a number of training steps, compiled already."""
    program, rng = gn.compile(net), np.random.default_rng(1)
    X = rng.normal(size=(batch * 8, net.layers[0]))
    y = rng.normal(size=(len(X), net.layers[-1]))
    rows = rng.integers(0, len(X), number * batch)
    rules, loss = Rules(gn.SGD()), resolve_loss("squared")
    trainer = engine.Trainer(program, X, y, loss, rules, batch=batch)
    state, batches = State.first(program, rules.optimizer), Batches.of_size(rows, batch, 0.01)
    return lambda: trainer.run(state, batches)


def row(widths: tuple[int, ...], density: float, batch: int) -> list[str]:
    """Measure one pair of networks."""
    plain, skipping = (network(one, widths) for one in graphs(widths, density))
    relays = sum(skipping.layers) - sum(plain.layers)
    number = max(20, 20_000_000 // (sum(widths) ** 2 * batch))
    actions = {"plain": steps(plain, batch, number), "skipping": steps(skipping, batch, number)}
    seconds = measure({name: always(one) for name, one in actions.items()}, 9)
    share = ratio(seconds, "skipping", "plain")
    forms = "/".join(gn.compile(net).loops for net in (plain, skipping))
    edges = f"{len(plain.edges)}", f"{len(skipping.edges) - relays}", f"{relays}"
    return ["-".join(map(str, widths)), f"{density:.0%}", f"{batch}", *edges, forms,
            f"{share:.2f}", verdict(share, LIMIT)]  # fmt: skip


def main() -> None:
    """Print the table."""
    head = ["layers", "density", "batch", "edges", "with skips", "relays", "forms", "ratio", "1.3"]
    rows = [row(w, d, b) for w in WIDTHS for d in DENSITIES for b in (1, 32)]
    print(text_table(head, rows))


if __name__ == "__main__":
    main()
