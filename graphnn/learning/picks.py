"""`Picks`: how many samples are picked, in what order and batches.

Engines draw nothing: all chance of a run is in the generator here.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from graphnn.engines.batches import Batches, Epochs
from graphnn.functions.choice import unknown_name
from graphnn.learning.stopping import MaxIterations, StoppingRule
from graphnn.types import IntArray

__all__ = ["Order", "Picks", "is_whole"]

Order: TypeAlias = Literal["shuffled", "random", "given"]


@dataclass(frozen=True)
class Picks:
    """How many samples are picked, in what order and batches."""

    samples: int
    batch_size: int
    epochs: int
    order: Order
    rng: np.random.Generator
    rules: list[StoppingRule]

    def __post_init__(self) -> None:
        if not is_whole(self.batch_size) or not 1 <= self.batch_size <= self.samples:
            raise ValueError(
                f"batch_size must be a whole number from 1 to the number of samples, "
                f"{self.samples}, not {self.batch_size!r}"
            )
        if not is_whole(self.epochs) or self.epochs < 1:
            raise ValueError(f"epochs must be a whole number of at least 1, not {self.epochs!r}")
        if self.order not in get_args(Order):
            raise unknown_name("order", self.order, get_args(Order))

    @property
    def updates(self) -> int:
        """Updates an epoch."""
        return -(-self.samples // self.batch_size)

    @property
    def iterations(self) -> int:
        """The largest number of updates."""
        bounds = [rule.iterations for rule in self.rules if isinstance(rule, MaxIterations)]
        return min([self.epochs * self.updates, *bounds])

    def epoch(self) -> Batches:
        """Draw the next epoch's batches of row numbers."""
        return Batches.of_size(self._rows(), int(self.batch_size))

    def ahead(self, count: int) -> tuple[Epochs, dict[str, Any]]:
        """Draw some epochs, and return with them the state to `rewind` to."""
        state = dict(self.rng.bit_generator.state)
        rows = np.array([self._rows() for _ in range(count)])
        return Epochs.of_size(rows, int(self.batch_size)), state

    def rewind(self, state: dict[str, Any], count: int) -> None:
        """Go back to a state and on by some epochs, as if no more had been drawn."""
        self.rng.bit_generator.state = state
        for _ in range(count):
            self._rows()

    def _rows(self) -> IntArray:
        if self.order == "shuffled":
            return self.rng.permutation(self.samples)
        if self.order == "random":
            return self.rng.integers(0, self.samples, size=self.samples)
        return np.arange(self.samples)


def is_whole(number: object) -> bool:
    """Whether something is a whole number, and no truth value."""
    return isinstance(number, Integral) and not isinstance(number, bool)
