"""`Batches`: the samples of many updates, as one array of row numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from graphnn.types import IntArray

__all__ = ["Batches"]


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

    @classmethod
    def joined(cls, several: Sequence[Batches]) -> Batches:
        """Return some batches, then others, as one object."""
        starts = np.cumsum([0, *(len(one.rows) for one in several)])
        bounds = [one.bounds + start for one, start in zip(several, starts.tolist(), strict=False)]
        return cls(np.concatenate([one.rows for one in several]), np.concatenate(bounds))

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
