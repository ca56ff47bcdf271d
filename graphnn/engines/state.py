"""`State`: a program in training, with what the optimiser remembers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from graphnn.engines.rules import UpdateRule
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["State"]


@dataclass(frozen=True, eq=False)
class State:
    """Everything that updates change.

    Attributes:
        program: The program, whose parameters are the weights.
        slots: For each number that the optimiser remembers of a weight, an array of the parameters'
            shape and dtype.
        counters: The numbers that it remembers of the run.
    """

    program: Program
    slots: tuple[FloatArray, ...] = ()
    counters: tuple[float, ...] = ()

    @classmethod
    def first(cls, program: Program, optimizer: UpdateRule) -> State:
        """Return the state before the first update."""
        slots = optimizer.slots().values()
        return cls(
            program,
            tuple(np.full_like(program.theta, value) for value in slots),
            tuple(float(value) for value in optimizer.counters().values()),
        )

    def moved(
        self, theta: ArrayLike, slots: tuple[FloatArray, ...], counters: tuple[float, ...]
    ) -> State:
        """Return the state after updates; the weights are copied."""
        return State(self.program.with_theta(theta), slots, counters)

    def handed(
        self, theta: FloatArray, slots: tuple[FloatArray, ...], counters: tuple[float, ...]
    ) -> State:
        """Return the state after updates; the weights are handed over, not copied."""
        return State(replace(self.program, theta=theta), slots, counters)
