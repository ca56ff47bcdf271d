"""`StepCase`: two training steps of the matrix engine, each judged from its own weights."""

from __future__ import annotations

import numpy as np

from graphnn.comparison import bounds
from graphnn.comparison.backward import BackwardCase
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check
from graphnn.engines import matrix, node
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
        """Compare the weights after the first step and after the second."""
        program = self.backward.case.program
        try:
            first = self._part(self.backward, self.batches[:1])
            second = self._part(self._last_alone(first.found), self.batches)
        finally:
            self.backward.case.wiring.place(program.theta.tolist())
        return [check("step", [first]), check("step 2", [second])]

    def _last_alone(self, theta: Array) -> BackwardCase:
        """Return the case of the second batch, with the weights after the first."""
        case, rows = self.backward.case, self.batches[1]
        case.wiring.place(theta.tolist())
        forward = ForwardCase(case.program.with_theta(theta), case.wiring, case.X[rows])
        return BackwardCase(forward, self.backward.y[rows], self.backward.loss)

    def _part(self, last: BackwardCase, batches: list[IntArray]) -> Part:
        """Return the weights after some batches; `last` is the case of the last of them."""
        case, eta, gradient = self.backward.case, self.optimizer.eta, last.gradient
        before = last.case.program
        decay = self._decay(before)
        total = gradient.expected + decay
        expected = np.array(list(map(self.optimizer.update, before.theta.tolist(), total.tolist())))
        bound = eta * (gradient.bound + bounds.ulps(total, 1) + bounds.ulps(decay, 1))
        bound = bound + bounds.ulps(eta * total, 1) + bounds.ulps(expected, 1)
        y, loss = self.backward.y, self.backward.loss
        moved = matrix.run(
            case.program, case.X, y, batches, loss, self.optimizer, self.regularizer
        ).theta
        return Part(self.backward.edges, self._by_node(batches), moved, expected, bound)

    def _by_node(self, batches: list[IntArray]) -> Array:
        """Return the weights after the same batches in the node engine."""
        case, wiring = self.backward.case, self.backward.case.wiring
        wiring.place(case.program.theta.tolist())
        samples, rows = self.backward.samples, [batch.tolist() for batch in batches]
        node.run(wiring, samples, rows, self.backward.loss, self.optimizer, self.regularizer)
        return np.array(wiring.weights(), dtype=np.float64)

    def _decay(self, program: Program) -> Array:
        """Return the regulariser's derivative in every weight."""
        if self.regularizer is None:
            return np.zeros(len(program.theta))
        decay = np.array([self.regularizer.derivative(w) for w in program.theta.tolist()])
        if not self.regularizer.constants:
            decay[program.from_constants] = 0.0
        return decay
