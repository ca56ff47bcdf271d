"""Any Boolean function as a network of depth 2 with the sign activation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["MOST_VARIABLES", "truth_table"]

MOST_VARIABLES = 16
"""A hidden neuron for each of 65,536 rows: beyond that the construction is of no use."""


def truth_table(values: ArrayLike, variables: Iterable[str] | None = None) -> Network:
    """Return the sign network of depth 2 that computes a Boolean function.

    Inputs and output are -1 for false and 1 for true. For each of the k rows u that are true there
    is one hidden neuron, sign(<x, u> - n + 1), which is 1 at x = u alone; the output
    sign(sum of these + k - 1) is 1 if one of them is.

    Args:
        values: The function's values in the 2^n rows, as Booleans, 0 and 1, or -1 and 1. The rows
            count upwards, false before true and the last variable changing fastest, as
            `itertools.product([False, True], repeat=n)` has them.
        variables: The n names of the inputs, which become their labels.

    Raises:
        DataError: If there are not 2^n values with n from 1 to 16, or they are others; or the
            names are not n different ones.

    Example:
        >>> from graphnn.engines.node import forward
        >>> net = truth_table([False, True, True, False], ["a", "b"])
        >>> net, forward(net, [-1, 1]).output, forward(net, [1, 1]).output
        (Network(layers=[2, 2, 1], edges=9), (1,), (-1,))

    Source: Shalev-Shwartz and Ben-David (2014), claim 20.1.
    """
    true = _booleans(values)
    n = len(true).bit_length() - 1
    names = None if variables is None else _names(variables, n)
    rows = [
        u for u, chosen in zip(product((-1, 1), repeat=n), true.tolist(), strict=True) if chosen
    ]
    # Without a true row one hidden neuron stands alone: a layer needs one.
    net = Network([n, max(1, len(rows)), 1], activation="sign")
    net.add_weighted_edges_from(_edges(n, rows))
    for i, name in enumerate(names or (), start=1):
        net.set_label((0, i), name)
    return net


def _edges(n: int, rows: Sequence[Sequence[int]]) -> Iterator[tuple[Neuron, Neuron, float]]:
    for j, u in enumerate(rows, start=1):
        yield (0, 0), (1, j), 1 - n
        for i, wanted in enumerate(u, start=1):
            yield (0, i), (1, j), wanted
        yield (1, j), (2, 1), 1
    yield (1, 0), (2, 1), len(rows) - 1


def _booleans(values: ArrayLike) -> NDArray[np.bool_]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError("values has rows of different lengths, expected 2^n values") from None
    counts = [2**n for n in range(1, MOST_VARIABLES + 1)]
    if array.ndim != 1 or len(array) not in counts:
        raise DataError(
            f"values has the shape {array.shape}, expected (2^n,) with n from 1 to "
            f"{MOST_VARIABLES}: one value for each row of the truth table"
        )
    found = set(array.tolist())
    if not (found <= {0, 1} or found <= {-1, 1}):
        odd = next(value for value in array.tolist() if value not in (0, 1) or -1 in found)
        raise DataError(
            f"values has {odd!r} among {len(found)} different ones, expected Booleans, 0 and 1, or "
            "-1 and 1"
        )
    return np.asarray(array == 1, dtype=np.bool_)


def _names(variables: Iterable[str], n: int) -> list[str]:
    names = list(variables)
    if len(names) != n:
        raise DataError(f"variables has {len(names)} names, expected {n}, since values has {2**n}")
    if len(set(names)) != n:
        raise DataError(f"variables is {names}, expected different names")
    return names
