"""The words that every room uses: neuron, edge, arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edge", "FloatArray", "IntArray", "Neuron", "edge_name"]

Neuron: TypeAlias = tuple[int, int]
"""Neuron j of layer t is the pair `(t, j)`; `(t, 0)` is the layer's constant neuron."""

Edge: TypeAlias = tuple[Neuron, Neuron]
"""The edge from `(t-1, i)` to `(t, j)` is the pair of its neurons."""

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.intp]


def edge_name(u: object, v: object) -> str:
    """Return an edge as messages and tables write it.

    Example:
        >>> edge_name((0, 1), (1, 2))
        '(0, 1) -> (1, 2)'
    """
    return f"{u} -> {v}"
