"""`scaling`: how long the exact minimum takes as graphs grow, and how long gradient descent.

The lecture's point in numbers: the exact time grows exponentially with the number of vertices, that
of gradient descent with restarts hardly, and what its errors are worth the exact ones tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from graphnn.checks import generator
from graphnn.errors import DataError
from graphnn.hardness.coloring import Output
from graphnn.hardness.erm import erm
from graphnn.hardness.heuristic import learn
from graphnn.hardness.sample import sample_from_graph
from graphnn.ranges import share, whole
from graphnn.tables import text_table

__all__ = ["Point", "Scaling", "scaling"]

SHORTEST = 1e-6
"""Shorter times are taken for so many seconds."""


@dataclass(frozen=True)
class Point:
    """One graph.

    Attributes:
        n: Its number of vertices.
        edges: And of edges.
        exact: Seconds until the fewest errors were certified, or until the time limit.
        optimal: Whether they were.
        errors: The fewest errors that were found exactly.
        descent: Seconds of all restarts of gradient descent.
        best: Their fewest errors.
        rate: The share of restarts that made the fewest errors.
    """

    n: int
    edges: int
    exact: float
    optimal: bool
    errors: int
    descent: float
    best: int
    rate: float


@dataclass(frozen=True)
class Scaling:
    """What was measured; printed it is a table.

    Attributes:
        points: One for each graph, in the order of their sizes.
    """

    points: tuple[Point, ...]

    def exponents(self) -> tuple[float, float]:
        """Return b of the fits seconds = a 2^(b n), exact and by gradient descent.

        Graphs whose minimum was not certified in time count with the time limit: the exact
        exponent is then a lower bound.
        """
        n = [point.n for point in self.points]
        exact = [math.log2(max(point.exact, SHORTEST)) for point in self.points]
        descent = [math.log2(max(point.descent, SHORTEST)) for point in self.points]
        return float(np.polyfit(n, exact, 1)[0]), float(np.polyfit(n, descent, 1)[0])

    def __str__(self) -> str:
        rows = []
        for n in sorted({point.n for point in self.points}):
            some = [point for point in self.points if point.n == n]
            rows.append(
                [
                    str(n),
                    f"{median(point.edges for point in some):g}",
                    f"{median(point.exact for point in some):.3f} s",
                    f"{sum(point.optimal for point in some)} of {len(some)}",
                    f"{median(point.errors for point in some):g}",
                    f"{median(point.descent for point in some):.3f} s",
                    f"{median(point.best for point in some):g}",
                    f"{100 * median(point.rate for point in some):.0f} %",
                ]
            )
        header = ["n", "edges", "exact", "certified", "errors", "SGD", "its best", "at optimum"]
        exact, descent = self.exponents()
        table = text_table(header, rows)
        return f"{table}\nexact time ~ 2^({exact:.2f} n), SGD's ~ 2^({descent:.2f} n)"

    __repr__ = __str__


def scaling(
    sizes: Sequence[int],
    k: int = 3,
    output: Output = "and",
    *,
    p: float = 0.5,
    graphs: int = 3,
    restarts: int = 20,
    time_limit: float = 60.0,
    seed: int | np.random.Generator = 0,
) -> Scaling:
    """Measure exact and heuristic learning on random graphs, each edge with probability p.

    Args:
        sizes: The numbers of vertices, at least two different ones.
        k: The number of hidden neurons.
        output: "and" or "free".
        p: The probability of an edge.
        graphs: How many graphs of each size.
        restarts: Of gradient descent.
        time_limit: Seconds for each exact minimum.
        seed: Of graphs and restarts.

    Raises:
        DataError: If there are less than two different sizes.
        ValueError: If a number makes no sense.

    Example:
        >>> len(scaling([3, 4], k=2, graphs=1, restarts=2).points)
        2
    """
    import networkx as nx

    for n in sizes:
        whole("a size", n)
    if len(set(sizes)) < 2:
        raise DataError("sizes needs two different numbers of vertices at least, to fit a growth")
    share("p", p)
    rng = generator(seed)
    points = []
    for n in sorted(sizes):
        for one in rng.spawn(whole("graphs", graphs)):
            graph = nx.gnp_random_graph(n, p, seed=one)
            sample = sample_from_graph(graph)
            found = erm(sample, k, output, time_limit=time_limit)
            learned = learn(sample, k, output, restarts=restarts, seed=one)
            points.append(
                Point(
                    n, graph.number_of_edges(), found.seconds, found.optimal, found.errors,
                    learned.seconds, learned.best, learned.rate(found.errors),
                )
            )  # fmt: skip
    return Scaling(tuple(points))
