"""SciPy's sparse matrices, vectorised by hand: one sample at a time along the edges that exist.

Each w^(t) stays in CSR form. It is multiplied from the left by reading the same three arrays as the
CSC form of its transpose, and a step changes the entries themselves. SciPy's compiled functions are
called directly: the operators around them, which check and allocate, cost a tenth more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.sparse import _sparsetools as tools
from scipy.sparse import csr_array
from scipy.special import expit

from peer.protocol import Action, Array, Rows

__all__ = ["SPARSE", "ScipyPeer"]

Function: TypeAlias = Callable[[Array], Array]

ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (expit, lambda v: v * (1 - v)),
    "tanh": (np.tanh, lambda v: 1 - v * v),
    "relu": (lambda a: np.maximum(a, 0), lambda v: (v > 0).astype(np.float64)),
}
"""For each the values of a layer, and their derivatives given the values."""


@dataclass(frozen=True)
class ScipyPeer:
    """Sparse layers only: it has no `per_sample` for dense ones."""

    name: str = "SciPy CSR"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's."""
        return 1e-9

    def available(self) -> None:
        """Return None: graphnn needs SciPy itself."""
        return

    def sparse(
        self,
        matrices: Sequence[csr_array],
        activation: str,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`, on 1/2 sum (v - y)^2 of that sample.

        The arguments and what is returned: see `peer.protocol.SparsePeer`.
        """
        function, derivative = ACTIVATIONS[activation]
        layers = [Layer(w) for w in matrices]

        def action() -> list[Array]:
            for k in rows.tolist():
                v = X[k]
                for layer in layers:
                    v = function(layer.forward(v))
                delta = derivative(v) * (v - y[k])
                for layer in reversed(layers[1:]):
                    s = layer.backward(delta)
                    layer.update(eta * delta)
                    delta = derivative(layer.v[1:]) * s
                layers[0].update(eta * delta)
            return [layer.data for layer in layers]

        return action


class Layer:
    """One w^(t), the values in front of it and room for a step's numbers."""

    def __init__(self, w: csr_array) -> None:
        self.rows, self.columns = w.shape
        self.form = (w.indptr.astype(np.int32), w.indices.astype(np.int32))
        self.data = w.data.copy()
        self.v = np.ones(self.rows)
        self._change = np.empty_like(self.data)

    def forward(self, v: Array) -> Array:
        """Return a = v w, and keep v."""
        self.v[1:] = v
        a = np.zeros(self.columns)
        tools.csc_matvec(self.columns, self.rows, *self.form, self.data, self.v, a)
        return a

    def backward(self, delta: Array) -> Array:
        """Return w delta without the constant neuron."""
        s = np.zeros(self.rows)
        tools.csr_matvec(self.rows, self.columns, *self.form, self.data, delta, s)
        return s[1:]

    def update(self, delta: Array) -> None:
        """Take delta_j v_i from each w_ij."""
        self._change.fill(1.0)
        for scale, by in ((tools.csr_scale_columns, delta), (tools.csr_scale_rows, self.v)):
            scale(self.rows, self.columns, *self.form, self._change, by)
        self.data -= self._change


SPARSE = (ScipyPeer(),)
