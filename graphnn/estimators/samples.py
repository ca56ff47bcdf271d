"""`Samples`: inputs, targets and weights that go together, and how some of them are held out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from graphnn.types import FloatArray, IntArray

__all__ = ["Samples", "hold_out"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs, targets and weights.

    Attributes:
        X: Inputs, shape (m, d^(0)).
        y: Targets, shape (m, d^(T)).
        weights: What each sample counts, shape (m,), or None where all count the same.
    """

    X: FloatArray
    y: FloatArray
    weights: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.X)

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return float(len(self) if self.weights is None else self.weights.sum())

    def of(self, rows: IntArray) -> Samples:
        """Return some of the samples."""
        weights = None if self.weights is None else self.weights[rows]
        return Samples(self.X[rows], self.y[rows], weights)

    def different(self) -> tuple[IntArray, IntArray]:
        """Return where each different sample is found first, and which of them each sample is.

        They come in an order of their own, which is not that of the rows.
        """
        rows = np.ascontiguousarray(np.hstack([self.X, self.y]) + 0.0)  # -0.0 is 0.0
        digests = b"".join(blake2b(row, digest_size=16).digest() for row in rows)
        keys = np.frombuffer(digests, dtype=np.dtype((np.void, 16)))
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        return first, which.ravel()

    def merged(self) -> Samples:
        """Return the different samples, each with the weight of all that are equal to it.

        In one batch this changes nothing but rounding, and takes the last bit's dependence on the
        rows' order away: a sample of weight 2 is then the same as that sample twice.

        Example:
            >>> X, y = np.array([[2.0], [1.0], [2.0]]), np.zeros((3, 1))
            >>> sorted(Samples(X, y).merged().weights.tolist())
            [1.0, 2.0]
        """
        first, which = self.different()
        weights = np.bincount(which, self.weights, minlength=len(first)).astype(np.float64)
        if self.weights is None and len(first) == len(self):
            return self.of(first)
        return Samples(self.X[first], self.y[first], weights)


def hold_out(
    samples: Samples, classes: IntArray | None, fraction: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Split samples at random into those to train on and those to hold out.

    Equal samples stay together: the copy of one that was trained on would tell nothing new. So the
    split looks neither at weights nor at the order of the rows. Of each class that has two
    different samples, or more, at least one is held out and one trained on; where there are no
    classes, at least two are held out.

    Args:
        samples: The samples.
        classes: The class number of each, shape (m,), or None.
        fraction: The share to hold out.
        rng: The generator.

    Returns:
        The rows to train on, and the rows held out.

    Raises:
        ValueError: If there are too few different samples.
    """
    first, which = samples.different()
    if classes is None:
        groups = [np.arange(len(first))]
        counts = [max(2, math.ceil(fraction * len(first)))]
    else:
        groups = [np.flatnonzero(classes[first] == c) for c in np.unique(classes)]
        counts = [max(1, round(fraction * len(group))) for group in groups]
    chosen = [
        rng.permutation(group)[: min(count, len(group) - 1)]
        for group, count in zip(groups, counts, strict=True)
    ]
    held = np.isin(which, np.concatenate(chosen))
    least = 2 if classes is None else 1
    if len(np.unique(which[held])) < least:
        needed = "two of a class" if classes is not None else "three"
        raise ValueError(
            f"early_stopping holds samples out and needs {needed} that differ: found {len(first)} "
            f"different ones, n_samples = {len(samples)}; give more, or early_stopping=False"
        )
    return np.flatnonzero(~held), np.flatnonzero(held)
