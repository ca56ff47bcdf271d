"""Empirical risk minimisation by looking at all: every division of the points by halfspaces.

The predictions of k halfspaces joined by an AND are unions of k negative sides; level by level,
equal unions are kept once, of which there are at most 2^m. With a free output every choice of k
divisions is tried with every division of the hidden patterns.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import DataError
from graphnn.hardness.division import Dichotomies, dichotomies
from graphnn.hardness.model import Solution
from graphnn.hardness.sample import Sample
from graphnn.types import FloatArray

__all__ = ["MOST_POINTS", "enumerate_and", "enumerate_free"]

MOST_POINTS, MOST_UNIONS, MOST_CHOICES = 60, 50_000_000, 2_000_000
Masks = NDArray[np.int64]
"""A set of points as the bits of a whole number."""
Progress = Callable[[int, int], None] | None


def enumerate_and(sample: Sample, k: int, progress: Progress = None) -> Solution:
    """Return the intersection of k halfspaces with the fewest errors.

    Raises:
        DataError: If there are too many points or unions to look at.
    """
    signs, weights = _divisions(sample, progress)
    bits = np.left_shift(np.int64(1), np.arange(sample.size, dtype=np.int64))
    sides: Masks = ((signs < 0) * bits).sum(axis=1)
    wanted = int(bits[sample.y < 0].sum())
    levels: list[Masks] = [np.unique(sides)]
    parents: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    while len(levels) < k and not (levels[-1] == wanted).any():
        last, single = levels[-1], levels[0]
        if len(last) * len(single) > MOST_UNIONS:
            raise DataError(
                f"{len(levels)} halfspaces have {len(last):,} different unions already, which is "
                "too many to go on: method='milp' needs none"
            )
        unions = (last[:, None] | single[None, :]).ravel()
        level, first = np.unique(unions, return_index=True)
        parents.append((first // len(single), first % len(single)))
        levels.append(level)
    errors = np.array([int(mask ^ wanted).bit_count() for mask in levels[-1].tolist()])
    best = int(errors.argmin())
    chosen = _chosen(levels, parents, best)
    hidden = [weights[int(np.flatnonzero(sides == mask)[0])] for mask in chosen]
    hidden += [hidden[0]] * (k - len(hidden))  # Once more changes nothing.
    return Solution(np.array(hidden).T, None, int(errors[best]))


def _chosen(
    levels: list[Masks], parents: list[tuple[NDArray[np.intp], NDArray[np.intp]]], best: int
) -> list[int]:
    """Return the negative sides whose union is the best of the last level."""
    found = []
    for before, single in reversed(parents):
        found.append(int(levels[0][single[best]]))
        best = int(before[best])
    return [*found, int(levels[0][best])]


def enumerate_free(sample: Sample, k: int, progress: Progress = None) -> Solution:
    """Return the network of k hidden neurons and any output neuron with the fewest errors.

    Raises:
        DataError: If there are too many points or choices to look at.
    """
    signs, weights = _divisions(sample, progress)
    # A halfspace turned around serves as well, with its output weight turned: half are enough.
    half = np.flatnonzero(signs[:, 0] > 0)
    corners = np.array(list(product((-1.0, 1.0), repeat=k)))
    outputs, output_weights = dichotomies(corners)
    choices = comb(len(half) + k - 1, k) * len(outputs)
    if choices > MOST_CHOICES:
        raise DataError(
            f"{k} of {len(half):,} divisions can be chosen, with {len(outputs):,} outputs, in "
            f"{choices:,} ways, at most {MOST_CHOICES:,} are looked at: method='milp' needs none"
        )
    positive = (signs[half] > 0).astype(np.int64)
    best: tuple[int, tuple[int, ...], int] | None = None
    for choice in combinations_with_replacement(range(len(half)), k):
        places = sum(positive[t] << (k - 1 - place) for place, t in enumerate(choice))
        errors = (outputs[:, places] != sample.y[None, :]).sum(axis=1)
        number = int(errors.argmin())
        if best is None or errors[number] < best[0]:
            best = int(errors[number]), choice, number
        if best[0] == 0:
            break
    assert best is not None
    hidden: FloatArray = np.array([weights[half[t]] for t in best[1]])
    return Solution(hidden.T, output_weights[best[2]], best[0])


def _divisions(sample: Sample, progress: Progress) -> Dichotomies:
    if sample.size > MOST_POINTS:
        raise DataError(
            f"the sample has {sample.size} points, at most {MOST_POINTS} are enumerated: "
            "method='milp' needs no enumeration"
        )
    return dichotomies(sample.X, progress)
