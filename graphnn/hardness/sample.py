"""`Sample`: points and labels; that of a graph, on which learning is as hard as colouring.

Source: Shalev-Shwartz and Ben-David, "Understanding Machine Learning" (2014), chapter 8, exercise
3.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from graphnn.errors import DataError
from graphnn.types import FloatArray

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Sample", "checked_graph", "sample_from_graph"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Points with labels -1 and 1.

    Args:
        X: The points, shape (m, d).
        y: Their labels, shape (m,).

    Attributes:
        vertices: For the sample of a graph, the vertex that each input stands for.

    Raises:
        DataError: If the shapes do not fit, a number is not finite, or a label is another.

    Example:
        >>> Sample([[0.0, 1.0], [1.0, 0.0]], [-1, 1]).size
        2
    """

    X: FloatArray
    y: FloatArray
    vertices: tuple[Hashable, ...] | None = None

    def __post_init__(self) -> None:
        X, y = _array(self.X, "X"), _array(self.y, "y")
        if X.ndim != 2 or not X.size:
            raise DataError(f"X has shape {X.shape}, expected (m, d) with m, d >= 1")
        if y.shape != (len(X),):
            raise DataError(f"y has shape {y.shape}, expected ({len(X)},)")
        wrong = np.flatnonzero(np.abs(y) != 1)
        if len(wrong):
            raise DataError(f"y[{wrong[0]}] is {y[wrong[0]]:g}, expected -1 or 1")
        X.flags.writeable = y.flags.writeable = False
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)

    @property
    def size(self) -> int:
        """m, the number of points."""
        return len(self.y)

    @property
    def middles(self) -> list[tuple[int, int, int]]:
        """Positive points midway between two negative ones: (positive, negative, negative).

        No halfspace has both ends on its negative side and the middle on its positive one.
        """
        positives = {self.X[k].tobytes(): int(k) for k in np.flatnonzero(self.y > 0)}
        found = []
        for i, j in combinations(np.flatnonzero(self.y < 0).tolist(), 2):
            middle = positives.get(((self.X[i] + self.X[j]) / 2 + 0.0).tobytes())
            if middle is not None:
                found.append((middle, i, j))
        return found


def sample_from_graph(graph: nx.Graph[Any]) -> Sample:
    """Return S(G): (e_i, -1) for each vertex i, ((e_i + e_j)/2, 1) for each edge {i, j}.

    An intersection of k halfspaces has no error on it if and only if the graph is k-colourable.

    Args:
        graph: An undirected graph without loops and parallel edges.

    Raises:
        DataError: If it is none, or empty.

    Example:
        >>> import networkx as nx
        >>> sample = sample_from_graph(nx.path_graph(2))
        >>> sample.X.tolist(), sample.y.tolist()
        ([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], [-1.0, -1.0, 1.0])
    """
    vertices = checked_graph(graph)
    place = {vertex: k for k, vertex in enumerate(vertices)}
    n = len(vertices)
    rows = [np.eye(n)]
    for u, v in graph.edges():
        middle = np.zeros((1, n))
        middle[0, [place[u], place[v]]] = 0.5
        rows.append(middle)
    y = np.concatenate([-np.ones(n), np.ones(graph.number_of_edges())])
    return Sample(np.concatenate(rows), y, tuple(vertices))


def checked_graph(graph: Any) -> Sequence[Hashable]:
    """Return a graph's vertices in their order.

    Raises:
        DataError: If it is no undirected graph without loops and parallel edges, or empty.
    """
    import networkx as nx

    if not isinstance(graph, nx.Graph):
        raise DataError(f"found a {type(graph).__name__}, expected a networkx.Graph")
    if graph.is_directed():
        raise DataError("the graph is directed, expected an undirected one: graph.to_undirected()")
    if graph.is_multigraph():
        raise DataError("the graph may have parallel edges, expected none: networkx.Graph(graph)")
    if not len(graph):
        raise DataError("the graph is empty, expected at least one vertex")
    for u, v in graph.edges():
        if u == v:
            raise DataError(
                f"vertex {u!r} has an edge to itself, which no colouring satisfies: remove it"
            )
    return list(graph)


def _array(values: ArrayLike, name: str) -> FloatArray:
    try:
        found: FloatArray = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} is no rectangular array of numbers: {error}") from None
    if not np.isfinite(found).all():
        raise DataError(f"{name} has a number that is not finite")
    return found + 0.0  # -0.0 is 0.0 then
