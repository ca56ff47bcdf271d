"""Builders: many single-edge acts on the network that they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphnn.errors import NetworkError
from graphnn.types import Neuron

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse import sparray

    from graphnn.graph.network import Network

__all__ = ["dense", "edges_of_matrices", "layers_of_matrices"]


def dense(net: Network) -> None:
    """Add every edge that the layers allow, with weight 0.

    Example:
        >>> from graphnn.graph.network import Network
        >>> net = Network([2, 3, 1])
        >>> dense(net)
        >>> len(net.edges)  # (2 + 1) * 3 + (3 + 1) * 1
        13
    """
    for t in range(1, net.depth + 1):
        sources: list[Neuron] = [(t - 1, 0), *net.neurons(t - 1)]
        targets = net.neurons(t)
        net.add_weighted_edges_from((u, v, 0.0) for u in sources for v in targets)


def layers_of_matrices(
    matrices: Sequence[ArrayLike | sparray], masks: Sequence[ArrayLike] | None
) -> list[int]:
    """Return the layers' numbers of neurons that weight matrices stand for.

    Raises:
        NetworkError: If shapes do not fit each other.
    """
    if not len(matrices):
        raise NetworkError("found no matrix, expected [w^(1), ..., w^(T)] with T at least 1")
    if masks is not None and len(masks) != len(matrices):
        raise NetworkError(f"found {len(masks)} masks, expected {len(matrices)}: one a matrix")
    layers: list[int] = []
    for t, matrix in enumerate(matrices, start=1):
        shape = _shape(matrix, f"w^({t})")
        if len(shape) != 2 or shape[0] < 2 or shape[1] < 1:
            raise NetworkError(
                f"w^({t}) has shape {shape}, expected (d^({t - 1}) + 1, d^({t})): row 0 is the "
                "constant neuron's"
            )
        if layers and shape[0] != layers[-1] + 1:
            raise NetworkError(
                f"w^({t}) has {shape[0]} rows, expected {layers[-1] + 1}: row 0 for the constant "
                f"neuron and one for each of the {layers[-1]} columns of w^({t - 1})"
            )
        if masks is not None and _shape(masks[t - 1], f"mask {t}") != shape:
            raise NetworkError(
                f"mask {t} has shape {np.shape(masks[t - 1])}, expected {shape}, that of w^({t})"
            )
        layers += [shape[0] - 1, shape[1]] if not layers else [shape[1]]
    return layers


def _shape(matrix: Any, name: str) -> tuple[int, ...]:
    try:
        shape: tuple[int, ...] = np.shape(matrix)
    except ValueError:
        raise NetworkError(f"{name} has rows of different lengths") from None
    return shape


def edges_of_matrices(
    t: int, matrix: ArrayLike | sparray, mask: ArrayLike | None
) -> Iterator[tuple[Neuron, Neuron, float]]:
    """Yield the edges (u, v, weight) of w^(t): all entries, the stored ones, or the mask's."""
    stored: Any = matrix
    if hasattr(stored, "tocoo"):
        if mask is None:
            entries = stored.tocsr().copy()
            entries.sum_duplicates()
            entries = entries.tocoo()
            yield from _edges(t, entries.row, entries.col, entries.data)
            return
        stored = stored.toarray()
    weights = np.asarray(stored)
    given: Any = np.ones(weights.shape) if mask is None else mask
    chosen = np.asarray(given.toarray() if hasattr(given, "tocoo") else given, dtype=bool)
    rows, columns = np.nonzero(chosen)
    yield from _edges(t, rows, columns, weights[rows, columns])


def _edges(t: int, rows: Any, columns: Any, weights: Any) -> Iterator[tuple[Neuron, Neuron, float]]:
    for i, j, weight in zip(rows.tolist(), columns.tolist(), weights.tolist(), strict=True):
        yield (t - 1, i), (t, j + 1), weight
