"""`StreamPicks`: data that come batch by batch, from a source that can be started again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphnn.checks import cast, check_inputs, check_targets
from graphnn.engines.batches import Batches, Epochs
from graphnn.errors import DataError
from graphnn.functions.losses import AnyLoss
from graphnn.learning.picks import MaskLaw
from graphnn.learning.runners import Runner
from graphnn.learning.schedules import Rate, rates_of
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["Source", "StreamPicks", "is_stream"]


@dataclass(frozen=True)
class Source:
    """An iterable of pairs (X, y), each a batch; it must be the same each time it is run through.

    That is before the first epoch to count it, and for the training error before it; and in each
    epoch to train, and for the training error after it.

    Attributes:
        stream: The iterable, or a function that returns an iterator; no iterator itself, which
            could be run through but once.
        program: What the batches are for.
        loss: What the targets are for.
    """

    stream: Iterable[Any] | Callable[[], Iterable[Any]]
    program: Program
    loss: AnyLoss

    def from_batch(
        self, start: int, sizes: Sequence[int] | None = None
    ) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield the batches from one on, checked and of the program's dtype.

        Args:
            start: The first one's number.
            sizes: How many samples each has to have, if it is known.

        Raises:
            DataError: If a batch does not fit; it says which.
        """
        number = -1
        stream = self.stream() if callable(self.stream) else self.stream
        for number, pair in enumerate(stream):
            if number < start:
                continue
            try:
                X, y = pair
            except (TypeError, ValueError):
                raise DataError(
                    f"batch {number} of the stream is of type {type(pair).__name__}, expected a "
                    "pair (X, y)"
                ) from None
            kind = self.program.theta.dtype
            try:
                inputs = check_inputs(X, len(self.program.neurons[0]), kind)
                width = len(self.program.neurons[-1])
                targets = check_targets(y, self.loss.targets, len(inputs), width, kind)
                found = cast(inputs, kind, "X"), cast(targets, kind, "y")
            except DataError as error:
                raise DataError(f"batch {number} of the stream: {error}") from None
            if sizes is not None and sizes[number : number + 1] != (len(inputs),):
                before = f"{sizes[number]} samples" if number < len(sizes) else "no such batch"
                raise DataError(
                    f"batch {number} of the stream has {len(inputs)} samples, and had {before} at "
                    "first: a stream must be the same each time"
                )
            yield found
        if sizes is not None and number + 1 != len(sizes):
            raise DataError(
                f"the stream ended after {number + 1} batches, and had {len(sizes)} at first: a "
                "stream must be the same each time"
            )

    def count(self) -> tuple[list[int], tuple[FloatArray, FloatArray]]:
        """Run through it once; return the sizes of the batches, and the first of them."""
        first, sizes = None, []
        for X, y in self.from_batch(0):
            first = (X, y) if first is None else first
            sizes.append(len(X))
        if first is None:
            raise DataError("the stream has no batch: it must yield pairs (X, y), each time anew")
        return sizes, first


@dataclass
class StreamDrawn:
    """An epoch of a stream.

    Attributes:
        source: The batches.
        sizes: How many samples each has.
        rates: The learning rate of each.
        law: The law of dropout, or None.
        seed: What the masks are drawn from.
    """

    source: Source
    sizes: tuple[int, ...]
    rates: FloatArray
    law: MaskLaw | None
    seed: int
    _place: int = 0
    _rest: Iterator[tuple[FloatArray, FloatArray]] = field(default_factory=lambda: iter(()))

    @property
    def count(self) -> int:
        """How many batches there are."""
        return len(self.rates)

    def part(self, start: int, stop: int) -> Batches:
        """Return some batches with their data; they are read in order, or from the beginning."""
        if start != self._place or not start:
            self._rest = self.source.from_batch(start, self.sizes)
        pairs = [pair for _, pair in zip(range(start, stop), self._rest, strict=False)]
        if stop == self.count:
            next(self._rest, None)  # there must be no more
        self._place = stop
        X, y = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        bounds = np.cumsum([len(one) for one, _ in pairs])
        masks = None
        if self.law is not None:
            sizes = enumerate((len(one) for one, _ in pairs), start=start)
            drawn = [self.law.draw_batch(self.seed, number, size) for number, size in sizes]
            masks = np.concatenate(drawn)
        return Batches(np.arange(len(X)), bounds, self.rates[start:stop], masks, (X, y))


@dataclass(frozen=True)
class StreamPicks:
    """What the batches of a run are, where they come from a stream; see `Picks`.

    Attributes:
        source: The batches.
        sizes: How many samples each has.
        rng: What masks are drawn from.
        eta: The learning rate or its schedule.
        law: The law of dropout, or None.
    """

    source: Source
    sizes: tuple[int, ...]
    rng: np.random.Generator
    eta: Rate
    law: MaskLaw | None = None

    @property
    def samples(self) -> int:
        """How many there are an epoch."""
        return sum(self.sizes)

    @property
    def batch_size(self) -> int:
        """How many samples the largest batch has."""
        return max(self.sizes)

    @property
    def updates(self) -> int:
        """Updates an epoch."""
        return len(self.sizes)

    def epoch(self, epoch: int, eta: float | None = None) -> StreamDrawn:
        """Begin the next epoch."""
        rates = np.broadcast_to(rates_of(self.eta, epoch, 1, self.updates, eta)[0], self.updates)
        return StreamDrawn(self.source, self.sizes, rates, self.law, self._draw())

    def ahead(self, epoch: int, count: int, eta: float | None = None) -> Epochs:
        """Raise: a stream is read as it is needed."""
        raise NotImplementedError

    @property
    def chance(self) -> dict[str, Any]:
        """The state of the generator, to `rewind` to."""
        return dict(self.rng.bit_generator.state)

    def rewind(self, chance: dict[str, Any], count: int) -> None:
        """Go back to a state and on by some epochs."""
        self.rng.bit_generator.state = chance
        for _ in range(count):
            self._draw()

    def _draw(self) -> int:
        return 0 if self.law is None else int(self.rng.integers(2**63))

    def mean_loss(self, runner: Runner, program: Program) -> float:
        """Return the mean loss over all batches, added up in order."""
        total = 0.0
        for X, y in self.source.from_batch(0, self.sizes):
            total = total + runner.loss(program, whole(X, y)) * len(X)
        return total / self.samples

    def gradient(self, runner: Runner, program: Program) -> FloatArray:
        """Return the gradient of the mean loss over all batches."""
        total = np.zeros_like(program.theta)
        for X, y in self.source.from_batch(0, self.sizes):
            total += runner.gradient(program, whole(X, y)) * (len(X) / self.samples)
        return total


def whole(X: FloatArray, y: FloatArray) -> Batches:
    """Return data as one batch."""
    return Batches(np.arange(len(X)), np.array([len(X)]), np.zeros(1), data=(X, y))


def is_stream(X: object, y: object) -> bool:
    """Whether data come batch by batch: an iterable without targets beside it.

    Raises:
        DataError: If it is an iterator, which cannot be started again.
    """
    if hasattr(X, "__array__") or not (isinstance(X, Iterable) or callable(X)):
        return False
    if y is not None:
        if callable(X) or isinstance(X, Iterator):
            raise DataError("X is a stream of pairs (X, y): leave y out")
        return False
    if isinstance(X, list | tuple) and X and not isinstance(X[0], list | tuple):
        return False
    if isinstance(X, list) and X and isinstance(X[0], list):  # rows of numbers
        return False
    if isinstance(X, Iterator):
        raise DataError(
            f"X is of type {type(X).__name__}, which can be run through but once: give an object "
            "whose __iter__ begins anew each time, such as a list or a class of your own"
        )
    return True
