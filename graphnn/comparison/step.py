"""`StepCase`: two training steps; the matrix engine's are judged from its own weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graphnn.comparison.backward import BackwardCase
from graphnn.comparison.bounds import FLOAT32
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check
from graphnn.engines import matrix, node
from graphnn.engines.batches import Batches
from graphnn.engines.descent import Memory, descend
from graphnn.engines.rounded import numbers, rounded_rules
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.state import State
from graphnn.types import IntArray

__all__ = ["StepCase"]


class Kept(NamedTuple):
    """What an optimiser should remember.

    Attributes:
        slots: For each slot the numbers of the edges.
        bounds: How far they may be.
        counters: The numbers of the run.
    """

    slots: Sequence[Array]
    bounds: Sequence[Array]
    counters: Numbers


class StepCase:
    """A step over all samples, and a second one over the last sample alone.

    The second step shows whether the first one's weights, and what the optimiser remembers, are
    really used, and whether each batch's gradient is divided by its own size.
    """

    def __init__(self, backward: BackwardCase, rules: Rules, eta: float) -> None:
        self.backward, self.eta = backward, eta
        self.rules = rules
        self.by_node_rules = rounded_rules(rules) if backward.case.bounds is FLOAT32 else rules
        rows = np.arange(len(backward.y))
        self.batches = [rows, rows[-1:]]

    def checks(self) -> list[Check]:
        """Compare the matrix engine's weights after the first step and after the second."""
        after_first, after_second = self.by_node
        program = self.backward.case.program
        state = State.first(program, self.rules.optimizer)
        slots = [np.asarray(slot, dtype=np.float64) for slot in state.slots]
        kept = Kept(slots, [np.zeros_like(slot) for slot in slots], state.counters)
        first, kept = self._part(self.backward, program.theta, kept, self.batches[:1], after_first)
        theta = first.found.astype(program.theta.dtype)
        second, _ = self._part(self._last_alone(theta), theta, kept, self.batches, after_second)
        return [check("matrix", "step", [first]), check("matrix", "step 2", [second])]

    @cached_property
    def by_node(self) -> tuple[Array, Array]:
        """The node engine's weights after the first step and after the second."""
        return self.node_weights(self.batches[:1]), self.node_weights(self.batches)

    def node_weights(self, batches: list[IntArray]) -> Array:
        """Return the node engine's weights after some batches."""
        wiring, backward = self.backward.case.wiring, self.backward
        rows = [(batch.tolist(), self.eta, ()) for batch in batches]
        rules = self.by_node_rules
        with self._placed(backward.case.program.theta):
            memory = Memory.first(wiring, rules)
            node.run(wiring, backward.samples, rows, backward.by_node, rules, memory)
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

    def _part(
        self,
        last: BackwardCase,
        theta: Array,
        kept: Kept,
        batches: list[IntArray],
        by_node: Array,
    ) -> tuple[Part, Kept]:
        """Make steps with the matrix engine, and judge the last, whose gradient is a case's.

        The engine runs from the beginning, so that it is its own weights and its own memory that
        are judged; what it should remember comes from the node engine's update.

        Args:
            last: The case of the last step's batch, with the weights before it.
            theta: Those weights.
            kept: What should be remembered before it.
            batches: The batches of all steps.
            by_node: The node engine's weights after them.

        Returns:
            The weights, and what should be remembered after the last step.
        """
        case, gradient, ulps = self.backward.case, last.gradient, self.backward.case.bounds.ulps
        before = np.asarray(theta, dtype=np.float64)
        expected, slots, counters = self._moved(theta, gradient.expected, kept)
        off = gradient.bound + ulps(gradient.expected, 4)
        # Each input of the update moved as far as it may be: what comes of it may be as far.
        inputs: list[list[tuple[Array, Sequence[Array]]]] = [
            [(gradient.expected + sign * off, kept.slots) for sign in (1, -1)]
        ]
        for k, (slot, far) in enumerate(zip(kept.slots, kept.bounds, strict=True)):
            # Away from 0 and towards it, not beyond: a sum of squares is never negative.
            sizes = np.abs(slot) + far, np.maximum(np.abs(slot) - far, 0.0)
            moved = [
                [*kept.slots[:k], np.copysign(size, slot), *kept.slots[k + 1 :]] for size in sizes
            ]
            inputs.append([(gradient.expected, one) for one in moved])
        bound = ulps(before, 4) + ulps(expected, 4) + ulps(expected - before, 4)
        bounds = [ulps(slot, 4) for slot in slots]
        for pair in inputs:
            found = [self._moved(theta, g, kept._replace(slots=some)) for g, some in pair]
            bound = bound + np.abs([w - expected for w, _, _ in found]).max(axis=0)
            for k, slot in enumerate(slots):
                bounds[k] = bounds[k] + np.abs([some[k] - slot for _, some, _ in found]).max(axis=0)
        if self.rules.scalings or self.rules.projections:  # whose sums of squares have many terms
            terms = len(before) + 8
            bound = bound + case.bounds.sum_bound(terms, np.abs(expected) + np.abs(before))
        state = State.first(case.program, self.rules.optimizer)
        given = case.X, self.backward.y, Batches.of(batches, self.eta), self.backward.loss
        after = matrix.run(state, *given, self.rules)
        part = Part(self.backward.edges, by_node, after.program.theta, expected, bound)
        return part, Kept(slots, bounds, counters)

    def _moved(
        self, theta: Array, gradient: Array, kept: Kept
    ) -> tuple[Array, Sequence[Array], Numbers]:
        """Return what the node engine's update makes of weights, a gradient and a memory."""
        case, kind = self.backward.case, self.backward.case.program.theta.dtype
        given = [numbers(slot.astype(kind)) for slot in kept.slots]
        memory = Memory(list(zip(*given, strict=True)) or [()] * len(gradient), kept.counters)
        with self._placed(theta):
            wiring, rules = case.wiring, self.by_node_rules
            descend(wiring, numbers(gradient.astype(kind)), self.eta, rules, memory)
            slots = [np.array(slot, dtype=np.float64) for slot in zip(*memory.slots, strict=True)]
            return np.array(wiring.weights(), dtype=np.float64), slots, memory.counters
