"""`StepCase`: two training steps; the matrix engine's are judged from its own weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from graphnn.comparison.backward import BackwardCase
from graphnn.comparison.bounds import FLOAT32
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check
from graphnn.engines import matrix, node
from graphnn.engines.rounded import numbers, rounded_rules
from graphnn.functions.regularizers import L2
from graphnn.learning.optimizers import SGD
from graphnn.program.program import Program
from graphnn.types import IntArray

__all__ = ["StepCase"]


class StepCase:
    """A step over all samples, and a second one over the last sample alone.

    The second step shows whether the first one's weights are really used, and whether each batch's
    gradient is divided by its own size.
    """

    def __init__(self, backward: BackwardCase, optimizer: SGD, regularizer: L2 | None) -> None:
        self.backward, self.optimizer, self.regularizer = backward, optimizer, regularizer
        rows = np.arange(len(backward.y))
        self.batches = [rows, rows[-1:]]

    def checks(self) -> list[Check]:
        """Compare the matrix engine's weights after the first step and after the second."""
        after_first, after_second = self.by_node
        first = self._part(self.backward, self.batches[:1], after_first)
        second = self._part(self._last_alone(first.found), self.batches, after_second)
        return [check("matrix", "step", [first]), check("matrix", "step 2", [second])]

    @cached_property
    def by_node(self) -> tuple[Array, Array]:
        """The node engine's weights after the first step and after the second."""
        return self.node_weights(self.batches[:1]), self.node_weights(self.batches)

    def node_weights(self, batches: list[IntArray]) -> Array:
        """Return the node engine's weights after some batches."""
        wiring, backward = self.backward.case.wiring, self.backward
        rows = [batch.tolist() for batch in batches]
        rules: tuple[Any, Any] = (self.optimizer, self.regularizer)
        if backward.case.bounds is FLOAT32:
            rules = rounded_rules(*rules)
        with self._placed(backward.case.program.theta):
            node.run(wiring, backward.samples, rows, backward.by_node, *rules)
            return np.array(wiring.weights(), dtype=np.float64)

    def _last_alone(self, theta: Array) -> BackwardCase:
        """Return the case of the second batch, with the weights after the first."""
        case, rows = self.backward.case, self.batches[1]
        with self._placed(theta):
            forward = ForwardCase(case.program.with_theta(theta), case.wiring, case.X[rows])
            return BackwardCase(forward, self.backward.y[rows], self.backward.loss)

    @contextmanager
    def _placed(self, theta: Array) -> Iterator[None]:
        """Put weights on the wiring's edges for a while."""
        case = self.backward.case
        case.wiring.place(numbers(theta))
        try:
            yield
        finally:
            case.wiring.place(numbers(case.program.theta))

    def _part(self, last: BackwardCase, batches: list[IntArray], by_node: Array) -> Part:
        """Return the weights after some batches; `last` is the case of the last of them."""
        case, eta, gradient = self.backward.case, self.optimizer.eta, last.gradient
        before = last.case.program
        decay = self._decay(before)
        total = gradient.expected + decay
        expected = np.array(list(map(self.optimizer.update, before.theta.tolist(), total.tolist())))
        ulps = case.bounds.ulps
        bound = eta * (gradient.bound + ulps(total, 1) + ulps(decay, 1))
        bound = bound + ulps(eta * total, 1) + ulps(expected, 1)
        y, loss = self.backward.y, self.backward.loss
        moved = matrix.run(
            case.program, case.X, y, batches, loss, self.optimizer, self.regularizer
        ).theta
        return Part(self.backward.edges, by_node, moved, expected, bound)

    def _decay(self, program: Program) -> Array:
        """Return the regulariser's derivative in every weight."""
        if self.regularizer is None:
            return np.zeros(len(program.theta))
        decay = np.array([self.regularizer.derivative(w) for w in program.theta.tolist()])
        if not self.regularizer.constants:
            decay[program.from_constants] = 0.0
        return decay
