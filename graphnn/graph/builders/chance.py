"""Connectors by chance: random sparse layers, a fixed number of inputs, small worlds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import NetworkError
from graphnn.graph.builders.bands import window
from graphnn.graph.builders.connector import Pair, probability, whole

__all__ = ["FanIn", "RandomSparse", "SmallWorld"]


@dataclass(frozen=True)
class RandomSparse:
    """Each edge with probability p, independently of the others.

    After that, a neuron that is left with fewer than `least` edges on that side gets the missing
    ones from random places, so that by default no neuron is cut off.

    Args:
        p: The probability of an edge.
        least: The fewest edges into each neuron above, and out of each neuron below; at most as
            many as there are neurons on the other side. With 0 this is networkx's
            `bipartite.random_graph`.

    Raises:
        ValueError: If p is no probability, or least no whole number of at least 0.

    Example:
        >>> len(list(RandomSparse(0.5)(10, 10, np.random.default_rng(0))))
        45

    Source: Erdos and Renyi (1959), in Gilbert's form.
    """

    p: float
    least: int = 1

    def __post_init__(self) -> None:
        probability("p", self.p)
        whole("least", self.least, 0)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs that chance chose."""
        chosen = rng.random((n, m)) < self.p
        for side in (chosen.T, chosen):  # Views: what is filled in shows in both.
            _fill(side, min(self.least, side.shape[1]), rng)
        for i, j in np.argwhere(chosen).tolist():
            yield i + 1, j + 1


def _fill(rows: NDArray[np.bool_], least: int, rng: np.random.Generator) -> None:
    """Give every row at least so many entries."""
    for k in np.flatnonzero(rows.sum(axis=1) < least):
        absent = np.flatnonzero(~rows[k])
        missing = least - (rows.shape[1] - len(absent))
        rows[k, rng.choice(absent, size=missing, replace=False)] = True


@dataclass(frozen=True)
class FanIn:
    """Exactly k edges into every neuron, from k different random neurons below.

    A neuron below may be chosen by nobody.

    Args:
        k: The number of edges into each neuron.

    Raises:
        ValueError: If it is no whole number of at least 1.

    Example:
        >>> len(list(FanIn(3)(10, 4, np.random.default_rng(0))))
        12
    """

    k: int

    def __post_init__(self) -> None:
        whole("k", self.k, 1)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs that chance chose."""
        _require_enough(self, self.k, n)
        for j in range(1, m + 1):
            for i in sorted(rng.choice(n, size=self.k, replace=False).tolist()):
                yield i + 1, j


@dataclass(frozen=True)
class SmallWorld:
    """A ring of neighbours some of whose edges are led to a random place: mostly local, few hops.

    The two layers lie side by side as rings; each neuron has edges from the k neurons nearest to it
    below. Then the source of each edge is replaced, with probability p, by a random neuron that the
    target has no edge from. With p = 0 this is the lattice, with p = 1 it is random.

    Args:
        k: The number of edges into each neuron.
        p: The probability that an edge is led elsewhere.

    Raises:
        ValueError: If k is no whole number of at least 1, or p no probability.

    Example:
        >>> list(SmallWorld(2, 0.0)(3, 3, np.random.default_rng(0)))
        [(1, 1), (3, 1), (1, 2), (2, 2), (2, 3), (3, 3)]

    Source: Watts and Strogatz, "Collective dynamics of small-world networks" (1998), carried over
    to two layers; networkx's `watts_strogatz_graph` is theirs.
    """

    k: int
    p: float

    def __post_init__(self) -> None:
        whole("k", self.k, 1)
        probability("p", self.p)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of the lattice, some of them led elsewhere."""
        _require_enough(self, self.k, n)
        for j in range(1, m + 1):
            first = window(j, n, m, self.k)
            lattice = [(first + step - 1) % n for step in range(self.k)]
            sources = set(lattice)
            for i in lattice:
                if len(sources) < n and rng.random() < self.p:
                    others = sorted(set(range(n)) - sources)
                    sources.remove(i)
                    sources.add(others[rng.integers(len(others))])
            for i in sorted(sources):
                yield i + 1, j


def _require_enough(connector: object, k: int, n: int) -> None:
    if k > n:
        raise NetworkError(f"{connector!r} finds {n} neurons below, expected at least {k}")
