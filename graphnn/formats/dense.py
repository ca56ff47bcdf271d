"""`Dense`: a layer of another program as a weight matrix, a bias and activations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.formats.records import NeuronRecord, built
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.build import edges_of_matrices
from graphnn.graph.network import Network

__all__ = ["Dense", "network_of"]


@dataclass
class Dense:
    """A layer: v W + bias, and each column's activation.

    Attributes:
        weights: W, shape (d^(t-1), d^(t)), float64.
        bias: Shape (d^(t),), or None.
        activations: Names, one a column.
    """

    weights: NDArray[Any]
    bias: NDArray[Any] | None
    activations: list[str]

    def whole(self) -> NDArray[Any]:
        """Return w^(t), row 0 for the constant neuron."""
        bias = np.zeros(self.weights.shape[1]) if self.bias is None else self.bias
        return np.vstack([bias, self.weights])


def network_of(layers: Sequence[Dense]) -> Network:
    """Return the network of layers, one or more: every entry is an edge.

    Raises:
        FormatError: If a weight is not finite; the edge is named.
    """
    inputs = layers[0].weights.shape[0]
    neurons = [NeuronRecord((0, j), None, None) for j in range(1, inputs + 1)]
    for t, layer in enumerate(layers, start=1):
        neurons += [NeuronRecord((t, j), n, None) for j, n in enumerate(layer.activations, 1)]
    return built(neurons, _edges(layers), ACTIVATIONS)


def _edges(layers: Sequence[Dense]) -> Iterator[tuple[Any, ...]]:
    for t, layer in enumerate(layers, start=1):
        whole = layer.whole()
        mask = np.ones(whole.shape, dtype=np.bool_)
        mask[0] = layer.bias is not None
        yield from edges_of_matrices(t, whole, mask)
