"""`Chance`: what an estimator's `random_state` decides."""

from __future__ import annotations

import copy
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

__all__ = ["Chance"]


class Chance(NamedTuple):
    """Three streams of chance, so that none depends on how much another one draws.

    A fit that goes on from the weights of before (`warm_start`) draws no first weights, and still
    holds out the same samples where `random_state` is a number.

    Attributes:
        first: What first weights are drawn from; for a number, those that scikit-learn draws.
        split: What held-out samples are drawn from.
        order: What the order of the samples is drawn from.
    """

    first: np.random.RandomState
    split: np.random.Generator
    order: np.random.Generator

    @classmethod
    def of(cls, random_state: Any) -> Chance:
        """Return the streams of a number, a `numpy.random.RandomState`, or None for NumPy's own.

        Raises:
            ValueError: If it is something else.

        Example:
            >>> one, other = Chance.of(7), Chance.of(7)
            >>> one.order.random() == other.order.random() != one.split.random()
            True
        """
        first = check_random_state(random_state)
        if not isinstance(random_state, Integral):
            first = np.random.RandomState(first.randint(2**31))
        # Looked at ahead, so that the weights begin with the state's first numbers.
        words = copy.deepcopy(first).randint(2**32, size=8, dtype=np.uint32)
        split, order = (np.random.default_rng(words[k : k + 4]) for k in (0, 4))
        return cls(first, split, order)
