"""`NativeCase`: the same case run by the native engine, judged number by number from end to end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check
from graphnn.comparison.step import StepCase
from graphnn.engines.batches import Batches
from graphnn.engines.native import engine
from graphnn.engines.state import State
from graphnn.errors import CompileError, EngineUnavailable
from graphnn.functions.losses import Squared
from graphnn.types import Edge, Neuron

__all__ = ["NativeCase"]


class NativeCase:
    """The native engine's numbers, which have to equal (==) the node engine's.

    The promise is about finite numbers: once one of a sample's is not, those that may follow from
    it are not judged.
    """

    def __init__(self, case: ForwardCase, steps: StepCase | None) -> None:
        self.case, self.steps = case, steps
        # For each sample, whether every number of the node engine so far is finite.
        self._clear: NDArray[np.bool_] = np.ones((len(case.X), 1), dtype=np.bool_)

    def checks(self) -> list[Check]:
        """Compare a pass and training, as far as the engine takes the network."""
        found: list[Check] = []
        try:
            found += self._pass()
            if self.steps is not None:
                found += self._training(self.steps)
        except (EngineUnavailable, CompileError) as reason:
            found.append(Check("native", "-", (), note=str(reason), ran=False))
        return found

    def _pass(self) -> list[Check]:
        case = self.case
        backward = None if self.steps is None else self.steps.backward
        y, loss = (None, Squared()) if backward is None else (backward.y, backward.loss)
        found = engine.propagate(case.program, case.X, y, loss)
        a, v = [], []
        for t in range(1, case.program.depth + 1):
            neurons = case.program.neurons[t]
            a.append(self._part(neurons, case.rows(t, 0), found.a[t - 1]))
            v.append(self._part(neurons, case.rows(t, 1), found.v[t - 1]))
            self._see(a[-1].node, v[-1].node)
        note = "; ".join(found.mismatches)
        checks = [check("native", "a", a, note=note), check("native", "v", v)]
        if backward is None:
            return checks
        total = self._whole([None], np.array([backward.node_loss]), np.array([found.loss]))
        delta = []
        for t in range(case.program.depth, 0, -1):
            delta.append(self._part(case.program.neurons[t], backward.rows(t), found.delta[t - 1]))
            self._see(delta[-1].node)
        gradient = self._whole(backward.edges, backward.node_g, found.gradient)
        return [
            *checks,
            check("native", "loss", [total]),
            check("native", "delta", delta),
            check("native", "gradient", [gradient]),
        ]

    def _training(self, steps: StepCase) -> list[Check]:
        """Compare the weights after a batch of all samples, and after one of each sample."""
        program, backward = self.case.program, steps.backward
        one_by_one = list(np.arange(len(self.case.X))[:, None])
        checks = []
        for quantity, batches, by_node in (
            ("step", steps.batches[:1], steps.by_node[0]),
            ("step 2", steps.batches, steps.by_node[1]),
            ("steps", one_by_one, steps.node_weights(one_by_one)),
        ):
            state = State.first(program, steps.rules.optimizer)
            given = Batches.of(batches, steps.eta)
            after = engine.run(state, self.case.X, backward.y, given, backward.loss, steps.rules)
            moved = after.program.theta
            checks.append(check("native", quantity, [self._whole(backward.edges, by_node, moved)]))
        return checks

    def _see(self, *rows: Array) -> None:
        """Take note of the samples in which something is not finite."""
        for row in rows:
            self._clear &= np.isfinite(row).all(axis=1, keepdims=True)

    def _part(self, places: Sequence[Neuron], node: Array, found: Array) -> Part:
        bound = np.broadcast_to(np.where(self._clear, 0.0, np.inf), node.shape)
        return Part(places, node, found, node, bound)

    def _whole(self, places: Sequence[Edge] | Sequence[None], node: Array, found: Array) -> Part:
        """Return the part of numbers that all samples enter."""
        clear = self._clear.all() and np.isfinite(node).all()
        bound = np.full(node.shape, 0.0 if clear else np.inf)
        return Part(places, node, found, node, bound)
