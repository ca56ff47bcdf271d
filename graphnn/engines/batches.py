"""`Batches`: the samples of many updates, their learning rates and who is dropped, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike

from graphnn.types import FloatArray, IntArray

__all__ = ["Batches", "Epochs", "Masks"]

Masks: TypeAlias = FloatArray
"""For each picked sample a factor for each neuron of the layers that dropout takes in, constants
left out, layer by layer: 0 for one that is dropped."""


@dataclass(frozen=True, eq=False)
class Batches(Sequence[IntArray]):
    """Batches of row numbers; they run through `rows` from one bound to the next.

    A sequence of arrays to those who iterate, and a few arrays to compiled code.

    Attributes:
        rows: The picked row numbers, all batches one after the other.
        bounds: For each batch where it ends in `rows`.
        rates: For each batch the learning rate of its update.
        masks: For each picked row the factors of dropout, shape (rows, neurons), or None.
        data: The inputs and targets that the rows are rows of, if not the training data.

    Example:
        >>> batches = Batches.of_size(np.array([4, 2, 0, 1, 3]), 2, 0.1)
        >>> [batch.tolist() for batch in batches], len(batches[1:])
        ([[4, 2], [0, 1], [3]], 2)
    """

    rows: IntArray
    bounds: IntArray
    rates: FloatArray
    masks: Masks | None = None
    data: tuple[FloatArray, FloatArray] | None = None

    @classmethod
    def of_size(
        cls, rows: IntArray, size: int, rates: ArrayLike, masks: Masks | None = None
    ) -> Batches:
        """Return batches of `size` rows, the last perhaps smaller; one rate, or one for each."""
        bounds = np.arange(size, len(rows) + size, size)
        bounds[-1:] = len(rows)
        return cls(rows, bounds, np.broadcast_to(rates, len(bounds)), masks)

    @classmethod
    def of(cls, batches: Iterable[IntArray], rate: float = 0.0) -> Batches:
        """Return the same batches as one object; those that have no rate of their own get one."""
        if isinstance(batches, Batches):
            return batches
        arrays = list(batches)
        rows = np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.intp)
        bounds = np.cumsum([len(array) for array in arrays], dtype=np.intp)
        return cls(rows, bounds, np.full(len(bounds), rate))

    @property
    def largest(self) -> int:
        """How many samples the largest batch has; 1 if there is none."""
        return int(np.diff(self.bounds, prepend=0).max(initial=1))

    def __len__(self) -> int:
        return len(self.bounds)

    def __iter__(self) -> Iterator[IntArray]:
        begin = 0
        for bound in self.bounds.tolist():
            yield self.rows[begin:bound]
            begin = bound

    def each(self) -> Iterator[tuple[IntArray, float, Masks | None]]:
        """Yield the rows, the learning rate and the masks of each batch."""
        begin = 0
        for bound, rate in zip(self.bounds.tolist(), self.rates.tolist(), strict=True):
            masks = None if self.masks is None else self.masks[begin:bound]
            yield self.rows[begin:bound], rate, masks
            begin = bound

    @overload
    def __getitem__(self, key: int) -> IntArray: ...

    @overload
    def __getitem__(self, key: slice) -> Batches: ...

    def __getitem__(self, key: int | slice) -> IntArray | Batches:
        if not isinstance(key, slice):
            place = range(len(self))[key]
            return self.rows[self._begin(place) : self.bounds[place]]
        start, stop, step = key.indices(len(self))
        assert step == 1, "batches are taken in order"
        begin = self._begin(start)
        end = self._begin(max(start, stop))
        masks = None if self.masks is None else self.masks[begin:end]
        bounds, rates = self.bounds[start:stop] - begin, self.rates[start:stop]
        return Batches(self.rows[begin:end], bounds, rates, masks, self.data)

    def _begin(self, place: int) -> int:
        return int(self.bounds[place - 1]) if place else 0


@dataclass(frozen=True, eq=False)
class Epochs(Sequence[Batches]):
    """The batches of several epochs, one after the other.

    Attributes:
        batches: All of them.
        ends: For each epoch how many batches there are up to its end.

    Example:
        >>> epochs = Epochs.of_size(np.array([[1, 0, 2], [2, 1, 0]]), 2, 0.1)
        >>> [[batch.tolist() for batch in batches] for batches in epochs]
        [[[1, 0], [2]], [[2, 1], [0]]]
    """

    batches: Batches
    ends: IntArray

    @classmethod
    def of_size(
        cls, rows: IntArray, size: int, rates: ArrayLike, masks: Masks | None = None
    ) -> Epochs:
        """Return epochs whose row numbers are the rows of an array, in batches of `size`.

        Args:
            rows: Row numbers, shape (epochs, samples).
            size: Samples a batch; the last one of an epoch may be smaller.
            rates: What broadcasts to (epochs, batches).
            masks: For each picked row the factors of dropout, or None.
        """
        count, samples = rows.shape
        starts = np.arange(count)[:, None] * samples
        bounds = Batches.of_size(rows[0], size, 0.0).bounds + starts
        ends = np.arange(1, count + 1) * bounds.shape[1]
        all_rates = np.ascontiguousarray(np.broadcast_to(rates, bounds.shape), dtype=np.float64)
        return cls(
            Batches(rows.reshape(-1), bounds.reshape(-1), all_rates.reshape(-1), masks), ends
        )

    def __len__(self) -> int:
        return len(self.ends)

    def first(self, count: int) -> Batches:
        """Return the batches of the first epochs."""
        return self.batches[: int(self.ends[count - 1]) if count else 0]

    @overload
    def __getitem__(self, key: int) -> Batches: ...

    @overload
    def __getitem__(self, key: slice) -> Epochs: ...

    def __getitem__(self, key: int | slice) -> Batches | Epochs:
        if isinstance(key, slice):
            raise TypeError("epochs are taken one by one")
        place = range(len(self))[key]
        begin = int(self.ends[place - 1]) if place else 0
        return self.batches[begin : int(self.ends[place])]
