"""Runners: the two engines behind one small interface, as the training loop uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from graphnn.engines import matrix, node
from graphnn.engines.wiring import wire
from graphnn.functions.losses import AnyLoss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.optimizers import SGD
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["MatrixRunner", "NodeRunner", "Runner"]


class Runner(Protocol):
    """Programs in, programs out."""

    def run(self, program: Program, batches: Sequence[IntArray]) -> Program:
        """Return the program after one update for each batch of row numbers."""
        ...

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss over some rows of the training data, or all."""
        ...


class MatrixRunner:
    """The matrix engine over given data."""

    def __init__(
        self, X: FloatArray, y: FloatArray, loss: AnyLoss, optimizer: SGD, regularizer: L2 | None
    ) -> None:
        self._X, self._y = X, y
        self._loss, self._optimizer, self._regularizer = loss, optimizer, regularizer

    def run(self, program: Program, batches: Sequence[IntArray]) -> Program:
        """Run `graphnn.engines.matrix.run`."""
        return matrix.run(
            program, self._X, self._y, batches, self._loss, self._optimizer, self._regularizer
        )

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss."""
        X, y = (self._X, self._y) if rows is None else (self._X[rows], self._y[rows])
        return matrix.mean_loss(program, X, y, self._loss)


class NodeRunner:
    """The node engine over given data, on a copy of the network that the program came from."""

    def __init__(
        self,
        network: Network,
        X: FloatArray,
        y: FloatArray,
        loss: AnyLoss,
        optimizer: SGD,
        regularizer: L2 | None,
    ) -> None:
        self._wiring = wire(network.copy())
        self._samples = list(zip(X.tolist(), y.tolist(), strict=True))
        self._loss, self._optimizer, self._regularizer = loss, optimizer, regularizer

    def run(self, program: Program, batches: Sequence[IntArray]) -> Program:
        """Put the program's weights on the copy's edges and run `graphnn.engines.node.run`."""
        self._wiring.place(program.theta.tolist())
        rows = [batch.tolist() for batch in batches]
        node.run(self._wiring, self._samples, rows, self._loss, self._optimizer, self._regularizer)
        return program.with_theta(self._wiring.weights())

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss."""
        self._wiring.place(program.theta.tolist())
        chosen = range(len(self._samples)) if rows is None else rows.tolist()
        return node.mean_loss(self._wiring, [self._samples[k] for k in chosen], self._loss)


def penalty(program: Program, regularizer: L2 | None) -> float:
    """Return the penalty, its terms added over the parameters in ascending order."""
    if regularizer is None or not len(program.theta):
        return 0.0
    theta = program.theta.astype(np.float64)
    if not regularizer.constants:
        theta = theta[~program.from_constants]
    with np.errstate(over="ignore"):
        terms = np.asarray(regularizer.term(theta))  # type: ignore[arg-type]
    # cumsum adds one after the other; sum would add pairwise.
    return float(np.cumsum(terms)[-1]) if len(terms) else 0.0
