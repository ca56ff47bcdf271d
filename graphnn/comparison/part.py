"""`Part`: one quantity of one layer as two engines have it, and the verdicts that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphnn.comparison.report import Check, Number, Verdict
from graphnn.types import Edge, FloatArray, Neuron

__all__ = ["Array", "Part", "check"]

Array: TypeAlias = FloatArray


@dataclass(frozen=True)
class Part:
    """One quantity in one layer: arrays of shape (m, places), or (places,) over all samples.

    Attributes:
        places: The neurons or edges, or one None for a number of the whole network.
        node: The node engine's numbers.
        found: The compared engine's.
        expected: What they are judged by.
        bound: How far they may be from that; where it is not finite they are not judged.
    """

    places: Sequence[Neuron] | Sequence[Edge] | Sequence[None]
    node: Array
    found: Array
    expected: Array
    bound: Array

    def numbers(self) -> Iterator[Number]:
        """Yield each place's number at the sample where it is worst."""
        error = np.abs(self.found - self.expected)
        error = np.where(same(self.found, self.expected), 0.0, error)
        error = np.where(np.isnan(error), np.inf, error)
        # The promise is about finite numbers: what follows from an overflow is not judged.
        overflown = ~np.isfinite(self.expected) | ~np.isfinite(self.bound)
        within = (error == 0) | (error <= self.bound) | overflown
        ratio = np.where(within, 0.0, 2.0) + np.where(self.bound > 0, error / self.bound, 0.0)
        ratio = np.nan_to_num(ratio, nan=0.0)
        arrays = [self.node, self.found, error, self.bound]
        alike = same(self.node, self.found)
        places: Sequence[Neuron | Edge | None] = self.places
        for k, place in enumerate(places):
            sample = int(ratio[:, k].argmax()) if ratio.ndim == 2 else None
            at = (sample, k) if sample is not None else (k,)
            reference, found, off, bound = (float(array[at]) for array in arrays)
            verdict = Verdict.DIFFERENT
            if alike[..., k].all():
                verdict = Verdict.EQUAL
            elif (alike | overflown)[..., k].all():
                verdict = Verdict.UNCHECKED
            elif within[..., k].all():
                verdict = Verdict.WITHIN
            yield Number(place, sample, reference, found, off, bound, verdict)

    @property
    def drift(self) -> float:
        """The largest difference from end to end."""
        difference = np.abs(self.found - self.node)
        return float(np.max(np.where(same(self.found, self.node), 0.0, difference), initial=0.0))


def same(x: Array, y: Array) -> NDArray[np.bool_]:
    """Return where two arrays are equal, NaN being equal to NaN."""
    same_: NDArray[np.bool_] = (x == y) | (np.isnan(x) & np.isnan(y))
    return same_


def check(
    engine: str,
    quantity: str,
    parts: Sequence[Part],
    suspect: Edge | None = None,
    note: str = "",
) -> Check:
    """Return the check of one quantity of an engine over all layers."""
    numbers = tuple(number for part in parts for number in part.numbers())
    return Check(engine, quantity, numbers, max(part.drift for part in parts), suspect, note)
