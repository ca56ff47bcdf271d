"""One layer's weights as the matrix engine holds them: a dense matrix, or a sparse one.

Both do the same four acts. Row 0 of w^(t), the constant neuron's, is held apart from the rest, so
that samples need no column of ones.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from graphnn.program.program import Layer
from graphnn.types import FloatArray

__all__ = ["DenseWeights", "LayerWeights", "SparseWeights", "weights_of"]

CHUNK = 2**16
"""Sparse gradients of a batch are gathered in pieces of at most that many numbers.

Pieces that stay in the cache: 2^22 took 2 to 4 times as long at a batch of 32 or more.
"""


class LayerWeights(Protocol):
    """What the engine asks of a layer's weights."""

    def product(self, v: FloatArray) -> FloatArray:
        """`a = w^T (1, v)`: reads v (m, d^(t-1)); returns a new array a (m, d^(t))."""
        ...

    def back(self, delta: FloatArray) -> FloatArray:
        """`s = w delta`, the constant's row left out: reads delta (m, d^(t)); returns s."""
        ...

    def gradient(self, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
        """Sum delta * v over the samples for each edge of the layer, in its order, into g."""
        ...

    def refresh(self, theta: FloatArray) -> None:
        """Take the weights from theta, where they are no view of it."""
        ...


class DenseWeights:
    """A matrix with a 0 where no edge is; a view of theta where every edge exists."""

    def __init__(self, layer: Layer, theta: FloatArray) -> None:
        self._layer = layer
        whole = layer.span if layer.form == "dense" else None
        self._is_view = whole is not None
        if whole is not None:
            self._matrix = theta[whole].reshape(layer.rows, layer.columns)
        else:
            self._matrix = np.zeros((layer.rows, layer.columns), dtype=theta.dtype)
            self.refresh(theta)

    def product(self, v: FloatArray) -> FloatArray:
        """`a = w^T (1, v)` for each row of v, the constant neuron's weights added apart."""
        a: FloatArray = v @ self._matrix[1:]
        a += self._matrix[0]
        return a

    def back(self, delta: FloatArray) -> FloatArray:
        """`s = w delta` for each row of delta, without the constant neuron."""
        s: FloatArray = delta @ self._matrix[1:].T
        return s

    def gradient(self, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
        """The sum of delta v^T over the samples, for each edge of the layer, into g."""
        full = self._layer.form == "dense"
        matrix = g.reshape(self._matrix.shape) if full else np.empty_like(self._matrix)
        np.sum(delta, axis=0, out=matrix[0])
        np.matmul(v.T, delta, out=matrix[1:])
        if not full:
            np.take(matrix, self._layer.flat, out=g)

    def refresh(self, theta: FloatArray) -> None:
        """Take the weights from theta, unless they are a view of it."""
        if not self._is_view:
            self._matrix.ravel()[self._layer.flat] = theta[self._layer.parameters]


class SparseWeights:
    """SciPy's compressed rows of the edges that exist."""

    def __init__(self, layer: Layer, theta: FloatArray) -> None:
        from scipy.sparse import csr_array

        self._layer = layer
        self._first = int(np.searchsorted(layer.sources, 1))
        self._constant = np.zeros(layer.columns, dtype=theta.dtype)
        starts = np.searchsorted(layer.sources, np.arange(1, layer.rows + 1)) - self._first
        targets = layer.targets[self._first :]
        self._rest: Any = csr_array(
            (np.empty(len(targets), dtype=theta.dtype), targets, starts),
            shape=(layer.rows - 1, layer.columns),
        )
        self._rest_transposed = self._rest.T  # shares the data
        self.refresh(theta)

    def product(self, v: FloatArray) -> FloatArray:
        """`a = w^T (1, v)` for each row of v, the constant neuron's weights added apart."""
        a: FloatArray = np.ascontiguousarray((self._rest_transposed @ v.T).T)
        a += self._constant
        return a

    def back(self, delta: FloatArray) -> FloatArray:
        """`s = w delta` for each row of delta, without the constant neuron."""
        s: FloatArray = np.ascontiguousarray((self._rest @ delta.T).T)
        return s

    def gradient(self, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
        """The sum of delta v^T over the samples, for each edge of the layer, into g."""
        layer = self._layer
        rows = np.vstack([np.ones((1, len(v)), dtype=v.dtype), v.T])
        columns = np.ascontiguousarray(delta.T)
        piece = max(1, CHUNK // len(v))
        for start in range(0, len(layer.sources), piece):
            part = slice(start, start + piece)
            left, right = rows[layer.sources[part]], columns[layer.targets[part]]
            g[part] = np.einsum("em,em->e", left, right)

    def refresh(self, theta: FloatArray) -> None:
        """Take the weights from theta, unless they are a view of it."""
        layer, first = self._layer, self._first
        self._constant[layer.targets[:first]] = theta[layer.parameters[:first]]
        np.take(theta, layer.parameters[first:], out=self._rest.data)


def weights_of(layer: Layer, theta: FloatArray) -> LayerWeights:
    """Return a layer's weights in its form."""
    return SparseWeights(layer, theta) if layer.form == "sparse" else DenseWeights(layer, theta)
