"""`Report`: a graph's colouring, and its sample learnt exactly and by gradient descent."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphnn.hardness.certificate import Certificate
from graphnn.hardness.coloring import Output, most_colors
from graphnn.hardness.erm import erm
from graphnn.hardness.heuristic import Learned, learn
from graphnn.hardness.sample import Sample, sample_from_graph
from graphnn.program.lower import compile
from graphnn.ranges import whole
from graphnn.tables import text_table

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Report", "report_of"]


@dataclass(frozen=True)
class Report:
    """What was found of a graph; printed it is a table.

    Attributes:
        graph: The graph.
        sample: S(G).
        greedy: The number of colours of a greedy colouring: no fewer are promised.
        exact: The certificate for k = 1, 2, ... hidden neurons.
        learned: Likewise what gradient descent came to.
        output: The kind of output neuron.
    """

    graph: nx.Graph[Any]
    sample: Sample
    greedy: int
    exact: tuple[Certificate, ...]
    learned: tuple[Learned, ...]
    output: Output

    @property
    def best(self) -> Certificate:
        """The certificate for the most hidden neurons."""
        return self.exact[-1]

    def colors(self) -> dict[Hashable, int | None]:
        """Return a colour of each vertex, and None of as many as the network makes errors.

        For an AND it is the first hidden neuron that is -1 there, for a free output the number of
        its hidden pattern. A vertex has none where the network is wrong, or at an edge of it.
        """
        vertices = self.sample.vertices or ()
        _, values = compile(self.best.network).forward(self.sample.X)
        patterns = list(map(tuple, values[1][: len(vertices)].tolist()))
        order = {pattern: k for k, pattern in enumerate(sorted(set(patterns)))}
        left: set[int] = set()
        for wrong in np.flatnonzero(values[2][:, 0] != self.sample.y):
            ends = np.flatnonzero(self.sample.X[wrong]).tolist()
            if not left.intersection(ends):
                left.add(ends[0])
        return {
            vertex: None
            if k in left
            else (pattern.index(-1.0) if self.output == "and" else order[pattern])
            for k, (vertex, pattern) in enumerate(zip(vertices, patterns, strict=True))
        }

    def positions(self) -> dict[Hashable, tuple[float, float]]:
        """Return where networkx puts the vertices, in [-1, 1]."""
        import networkx as nx

        found = nx.circular_layout(self.graph)
        alone = len(self.graph) == 1
        return {v: (0.0, 0.0) if alone else (float(x), float(y)) for v, (x, y) in found.items()}

    def __str__(self) -> str:
        rows = []
        for k, (exact, learned) in enumerate(zip(self.exact, self.learned, strict=True), start=1):
            rows.append(
                [
                    str(k),
                    str(most_colors(k, self.output)),
                    str(exact.errors)
                    if exact.optimal
                    else f"{exact.lower_bound} to {exact.errors}",
                    "OPTIMAL" if exact.optimal else "NOT PROVEN",
                    f"{exact.seconds:.2f} s",
                    str(learned.best),
                    f"{100 * learned.rate(exact.errors):.0f} %",
                    f"{learned.seconds:.2f} s",
                ]
            )
        header = ["k", "colours", "errors", "", "time", "SGD", "as good", "time"]
        kind = "an AND" if self.output == "and" else "a free output"
        n, m = len(self.graph), self.graph.number_of_edges()
        return (
            f"graph: {n} vertices, {m} edges; a greedy colouring has {self.greedy} colours\n"
            f"sample: {n} points of -1, {m} of 1; k hidden sign neurons and {kind}\n\n"
            f"{text_table(header, rows)}\n\n"
            "errors: n minus the most vertices that so many colours colour\n"
            f"SGD: the best of {len(self.learned[0].errors)} restarts, and how many were as good"
        )

    __repr__ = __str__


def report_of(
    graph: nx.Graph[Any],
    k: int,
    output: Output = "and",
    *,
    time_limit: float = 60.0,
    restarts: int = 100,
    seed: int = 0,
) -> Report:
    """Return what 1 to k hidden neurons learn of a graph's sample.

    Args:
        graph: An undirected graph without loops.
        k: The most hidden neurons.
        output: "and" or "free".
        time_limit: Seconds for each exact minimum.
        restarts: Of gradient descent.
        seed: Of gradient descent.

    Raises:
        DataError: If the graph is none.
        ValueError: If a number makes no sense.

    Example:
        >>> import networkx as nx
        >>> report = report_of(nx.cycle_graph(5), 2, restarts=2)
        >>> [one.errors for one in report.exact]
        [3, 1]
    """
    import networkx as nx

    sample = sample_from_graph(graph)
    numbers = range(1, whole("k", k) + 1)
    exact = tuple(erm(sample, one, output, time_limit=time_limit) for one in numbers)
    learned = tuple(learn(sample, one, output, restarts=restarts, seed=seed) for one in numbers)
    greedy = max(nx.greedy_color(graph).values()) + 1
    return Report(graph, sample, greedy, exact, learned, output)
