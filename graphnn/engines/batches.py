"""`Batches`: the samples of many updates, as one array of row numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from graphnn.types import IntArray

__all__ = ["Batches", "Epochs"]


@dataclass(frozen=True, eq=False)
class Batches(Sequence[IntArray]):
    """Batches of row numbers; they run through `rows` from one bound to the next.

    A sequence of arrays to those who iterate, and two arrays to compiled code.

    Attributes:
        rows: The picked row numbers, all batches one after the other.
        bounds: For each batch where it ends in `rows`.

    Example:
        >>> batches = Batches.of_size(np.array([4, 2, 0, 1, 3]), 2)
        >>> [batch.tolist() for batch in batches], len(batches[1:])
        ([[4, 2], [0, 1], [3]], 2)
    """

    rows: IntArray
    bounds: IntArray

    @classmethod
    def of_size(cls, rows: IntArray, size: int) -> Batches:
        """Return batches of `size` rows; the last may be smaller."""
        bounds = np.arange(size, len(rows) + size, size)
        bounds[-1:] = len(rows)
        return cls(rows, bounds)

    @classmethod
    def of(cls, batches: Iterable[IntArray]) -> Batches:
        """Return the same batches as one object."""
        if isinstance(batches, Batches):
            return batches
        arrays = list(batches)
        rows = np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.intp)
        return cls(rows, np.cumsum([len(array) for array in arrays], dtype=np.intp))

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
        return Batches(self.rows[begin:end], self.bounds[start:stop] - begin)

    def _begin(self, place: int) -> int:
        return int(self.bounds[place - 1]) if place else 0


@dataclass(frozen=True, eq=False)
class Epochs(Sequence[Batches]):
    """The batches of several epochs, one after the other.

    Attributes:
        batches: All of them.
        ends: For each epoch how many batches there are up to its end.

    Example:
        >>> epochs = Epochs.of_size(np.array([[1, 0, 2], [2, 1, 0]]), 2)
        >>> [[batch.tolist() for batch in batches] for batches in epochs]
        [[[1, 0], [2]], [[2, 1], [0]]]
    """

    batches: Batches
    ends: IntArray

    @classmethod
    def of_size(cls, rows: IntArray, size: int) -> Epochs:
        """Return epochs whose row numbers are the rows of an array, in batches of `size`."""
        count, samples = rows.shape
        starts = np.arange(count)[:, None] * samples
        bounds = Batches.of_size(rows[0], size).bounds + starts
        ends = np.arange(1, count + 1) * bounds.shape[1]
        return cls(Batches(rows.reshape(-1), bounds.reshape(-1)), ends)

    def __len__(self) -> int:
        return len(self.ends)

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
