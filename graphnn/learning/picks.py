"""`Picks`: what each update is given: samples, in what order and batches, and who is dropped.

Engines draw nothing: all chance of a run is in the generator here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from graphnn.engines.batches import Batches, Epochs, Masks
from graphnn.functions.choice import unknown_name
from graphnn.learning.schedules import Rate, rates_of
from graphnn.ranges import is_whole
from graphnn.types import FloatArray, IntArray

__all__ = ["Drawn", "MaskLaw", "Order", "Picks"]

Order: TypeAlias = Literal["shuffled", "random", "given"]


@dataclass(frozen=True)
class MaskLaw:
    """The law of dropout.

    Attributes:
        stay: For each neuron that may be dropped the probability that it stays, shape (neurons,).
        kind: The dtype of the factors.
    """

    stay: FloatArray
    kind: np.dtype[Any]

    def draw(self, seed: int, first: int, count: int) -> Masks:
        """Return the factors of some of an epoch's picks: 0, or 1 / stay.

        Any part of an epoch can be drawn by itself, and again: each pick has its own stretch of
        the generator's numbers.
        """
        start = np.random.PCG64(seed).advance(first * len(self.stay))
        return self._factors(np.random.Generator(start), count)

    def draw_batch(self, seed: int, number: int, count: int) -> Masks:
        """Return the factors of an epoch's batch of that number."""
        return self._factors(np.random.default_rng([seed, number]), count)

    def _factors(self, generator: np.random.Generator, count: int) -> Masks:
        stays = generator.random((count, len(self.stay))) < self.stay
        return np.where(stays, 1 / self.stay, 0.0).astype(self.kind)


@dataclass(frozen=True)
class Drawn:
    """An epoch that was drawn.

    Attributes:
        batches: Its batches, without masks.
        law: The law of dropout, or None.
        seed: What the masks are drawn from.
    """

    batches: Batches
    law: MaskLaw | None = None
    seed: int = 0

    @property
    def count(self) -> int:
        """How many batches there are."""
        return len(self.batches)

    def part(self, start: int, stop: int) -> Batches:
        """Return some of its batches, with masks."""
        some = self.batches[start:stop]
        if self.law is None:
            return some
        first = int(self.batches.bounds[start - 1]) if start else 0
        masks = self.law.draw(self.seed, first, len(some.rows))
        return Batches(some.rows, some.bounds, some.rates, masks)


@dataclass(frozen=True)
class Picks:
    """How many samples are picked, in what order and batches.

    Attributes:
        samples: How many there are.
        batch_size: How many an update has; the last of an epoch may have fewer.
        order: In what order they are picked.
        rng: What chance is drawn from.
        eta: The learning rate or its schedule.
        law: The law of dropout, or None.
    """

    samples: int
    batch_size: int
    order: Order
    rng: np.random.Generator
    eta: Rate
    law: MaskLaw | None = None

    def __post_init__(self) -> None:
        if not is_whole(self.batch_size) or not 1 <= self.batch_size <= self.samples:
            raise ValueError(
                f"batch_size must be None, for all samples, or a whole number from 1 to the number "
                f"of samples, {self.samples}, not {self.batch_size!r}"
            )
        if self.order not in get_args(Order):
            raise unknown_name("order", self.order, get_args(Order))

    @property
    def updates(self) -> int:
        """Updates an epoch."""
        return -(-self.samples // self.batch_size)

    def epoch(self, epoch: int, eta: float | None = None) -> Drawn:
        """Draw the next epoch.

        Args:
            epoch: How many epochs there were before.
            eta: The learning rate, if it is not the schedule that says.
        """
        rows, seed = self._draw()
        rates = rates_of(self.eta, epoch, 1, self.updates, eta)[0]
        batches = Batches.of_size(rows, int(self.batch_size), rates)
        return Drawn(batches, self.law, seed)

    def ahead(self, epoch: int, count: int, eta: float | None = None) -> Epochs:
        """Draw some epochs at once."""
        drawn = [self._draw() for _ in range(count)]
        masks = None
        if self.law is not None:
            masks = np.concatenate([self.law.draw(seed, 0, self.samples) for _, seed in drawn])
        rows = np.array([rows for rows, _ in drawn])
        rates = rates_of(self.eta, epoch, count, self.updates, eta)
        return Epochs.of_size(rows, int(self.batch_size), rates, masks)

    @property
    def chance(self) -> dict[str, Any]:
        """The state of the generator, to `rewind` to."""
        return dict(self.rng.bit_generator.state)

    def rewind(self, chance: dict[str, Any], count: int) -> None:
        """Go back to a state and on by some epochs, as if no more had been drawn."""
        self.rng.bit_generator.state = chance
        for _ in range(count):
            self._draw()

    def _draw(self) -> tuple[IntArray, int]:
        """Draw the row numbers of an epoch, and with dropout the seed of its masks."""
        if self.order == "shuffled":
            rows = self.rng.permutation(self.samples)
        elif self.order == "random":
            rows = self.rng.integers(0, self.samples, size=self.samples)
        else:
            rows = np.arange(self.samples)
        return rows, 0 if self.law is None else int(self.rng.integers(2**63))
