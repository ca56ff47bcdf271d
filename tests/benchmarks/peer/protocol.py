"""What every peer offers to a benchmark, and what the modules of peers share."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = [
    "Action",
    "Array",
    "BatchPeer",
    "Peer",
    "Rows",
    "SparsePeer",
    "Unsupported",
    "matrices_of",
    "missing",
]

Array: TypeAlias = NDArray[np.floating[Any]]
Rows: TypeAlias = NDArray[np.int64]

Action: TypeAlias = Callable[[], list[Array]]
"""Trains and returns w^(1), ..., w^(T). Only this is timed; prepare a new one for each run."""


class Unsupported(ValueError):  # noqa: N818 - said by a peer of itself, not by a check
    """A peer cannot take part in this race: it lacks the activation or the number of layers."""


class Named(Protocol):
    """What all peers have: a name and two answers."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def tolerance(self, activation: str) -> float | None:
        """Return how far its weights may be from the node engine's, None if they are others."""
        ...

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        ...


class Peer(Named, Protocol):
    """A library, or another way to compute, that takes plain SGD steps."""

    def per_sample(
        self,
        widths: Sequence[int],
        activation: str,
        theta: Array,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`, on 1/2 sum (v - y)^2 of that sample.

        Args:
            widths: d^(0), ..., d^(T).
            activation: "sigmoid", "tanh" or "relu", of the hidden and the output neurons.
            theta: The first weights in (t, i, j) order; they are copied.
            X: Samples, shape (m, d^(0)), float64.
            y: Targets, shape (m, d^(T)), float64.
            rows: For each step the number of its sample.
            eta: The learning rate.

        Raises:
            Unsupported: If it lacks what is asked for.
        """
        ...


class BatchPeer(Peer, Protocol):
    """A peer that takes mini-batches too."""

    def mini_batch(
        self,
        widths: Sequence[int],
        activation: str,
        matrices: Sequence[Array],
        X: Array,
        y: Array,
        batches: Sequence[Rows],
        eta: float,
        dtype: str,
        threads: int,
    ) -> Action:
        """Prepare one step for each batch, on the mean of 1/2 sum (v - y)^2 over its samples.

        Args:
            widths: d^(0), ..., d^(T).
            activation: As for `per_sample`.
            matrices: The first weights w^(1), ..., w^(T); they are copied.
            X: Samples, shape (m, d^(0)).
            y: Targets, shape (m, d^(T)).
            batches: For each step the numbers of its samples, equally many.
            eta: The learning rate.
            dtype: "float64" or "float32".
            threads: How many threads it may take.

        Raises:
            Unsupported: If it lacks what is asked for.
        """
        ...


class SparsePeer(Named, Protocol):
    """A peer for layers that lack most edges."""

    def sparse(
        self,
        matrices: Sequence[csr_array],
        activation: str,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`, on 1/2 sum (v - y)^2 of that sample.

        Args:
            matrices: The first w^(1), ..., w^(T); every stored entry is an edge; they are copied.
            activation: As for `per_sample`.
            X: As for `per_sample`.
            y: As for `per_sample`.
            rows: As for `per_sample`.
            eta: The learning rate.

        Returns:
            The action; instead of matrices it returns for each layer the edges' weights, in the
            order of the CSR entries, which is theta's.
        """
        ...


def matrices_of(theta: Array, widths: Sequence[int]) -> list[Array]:
    """Return copies of w^(1), ..., w^(T), each (d^(t-1) + 1, d^(t)), row 0 the constant neuron."""
    matrices, first = [], 0
    for before, width in pairwise(widths):
        last = first + (before + 1) * width
        matrices.append(np.array(theta[first:last]).reshape(before + 1, width))
        first = last
    return matrices


def missing(*modules: str) -> str | None:
    """Return None if all the modules can be imported, or why the first one cannot."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            return f"{module} cannot be imported: {error}"
    return None
