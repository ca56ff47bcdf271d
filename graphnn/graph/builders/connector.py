"""`Connector`: what chooses the edges between one layer and the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from numbers import Integral
from operator import index
from typing import Any, Protocol, TypeAlias

import numpy as np

from graphnn.errors import NetworkError

__all__ = ["Connector", "Dense", "Pair", "pairs", "probability", "whole"]

Pair: TypeAlias = tuple[int, int]
"""The edge from the i-th neuron of a layer to the j-th of the next, both counted from 1."""


class Connector(Protocol):
    """What chooses the edges between a layer of n neurons and the next one of m.

    Any function of three arguments will do. The constant neuron is not its business.
    """

    def __call__(self, n: int, m: int, rng: np.random.Generator, /) -> Iterable[Pair]:
        """Return the edges, each once.

        Args:
            n: The number of neurons of the layer below.
            m: The number of neurons of the layer above.
            rng: The generator; the only source of chance.

        Returns:
            Pairs (i, j), 1 <= i <= n and 1 <= j <= m, as in the weight w_ij.
        """
        ...


@dataclass(frozen=True)
class Dense:
    """Every edge that the two layers allow.

    Example:
        >>> list(Dense()(2, 2, np.random.default_rng(0)))
        [(1, 1), (1, 2), (2, 1), (2, 2)]
    """

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterable[Pair]:
        """Return all pairs."""
        return product(range(1, n + 1), range(1, m + 1))


def pairs(connector: Any, n: int, m: int, rng: np.random.Generator) -> list[Pair]:
    """Return a connector's edges, checked, in ascending order.

    Raises:
        NetworkError: If it returns what are no pairs of places in the two layers, or one twice.
    """
    found: set[Pair] = set()
    for item in connector(n, m, rng):
        try:
            i, j = map(index, item)
        except (TypeError, ValueError):
            raise NetworkError(
                f"{connector!r} chose {item!r}, expected pairs (i, j) of whole numbers"
            ) from None
        if not (1 <= i <= n and 1 <= j <= m):
            raise NetworkError(
                f"{connector!r} chose {(i, j)}, expected (i, j) with i in 1..{n} and j in 1..{m}: "
                "the layers have so many neurons"
            )
        if (i, j) in found:
            raise NetworkError(f"{connector!r} chose {(i, j)} twice: there is one edge at most")
        found.add((i, j))
    return sorted(found)


def whole(name: str, number: object, least: int) -> None:
    """Raise unless a connector's setting is a whole number of at least something.

    Raises:
        ValueError: It says what was found.
    """
    if isinstance(number, bool) or not isinstance(number, Integral) or number < least:
        raise ValueError(f"{name} is {number!r}, expected a whole number of at least {least}")


def probability(name: str, number: Any) -> None:
    """Raise unless a connector's setting is a probability.

    Raises:
        ValueError: It says what was found.
    """
    try:
        fine = 0.0 <= float(number) <= 1.0
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise ValueError(f"{name} is {number!r}, expected a probability from 0 to 1")
