"""Programs with randomly chosen edges, made without a network: millions of edges in a second."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import graphnn as gn
from graphnn.program.program import Layer, Program

__all__ = ["fanned_layer", "joined", "random_layer", "random_program"]


def random_layer(
    rows: int, columns: int, density: float, first: int, activation: str = "tanh"
) -> Layer:
    """Return a layer with a share of all edges, whose parameters begin at `first`."""
    rng = np.random.default_rng(0)
    entries = rows * columns
    places = np.sort(rng.choice(entries, size=round(density * entries), replace=False))
    return _layer(places, rows, columns, first, activation)


def fanned_layer(
    rows: int, columns: int, fan_out: int, first: int, activation: str = "tanh"
) -> Layer:
    """Return a layer with `fan_out` edges out of each row, a few fewer where two fell together."""
    targets = np.random.default_rng(0).integers(0, columns, size=(rows, fan_out))
    places = np.unique(np.arange(rows)[:, None] * columns + targets)
    return _layer(places, rows, columns, first, activation)


def _layer(
    places: NDArray[np.int64], rows: int, columns: int, first: int, activation: str
) -> Layer:
    sources, targets = np.divmod(places, columns)
    parameters = np.arange(first, first + len(places))
    return Layer(sources, targets, parameters, rows, (gn.ACTIVATIONS[activation],) * columns)


def joined(layers: Sequence[Layer], dtype: str = "float64", largest: float = 0.1) -> Program:
    """Return the program of layers, its weights random up to `largest` in size."""
    size = sum(len(layer.parameters) for layer in layers)
    theta = np.random.default_rng(1).uniform(-largest, largest, size=size).astype(dtype)
    widths = [layers[0].rows - 1, *(layer.columns for layer in layers)]
    neurons = tuple(tuple((t, j) for j in range(1, width + 1)) for t, width in enumerate(widths))
    trainable = np.ones(len(theta), dtype=np.bool_)
    return Program(tuple(layers), theta, trainable, neurons, version=0, origin="random")


def random_program(
    widths: Sequence[int], density: float, activation: str = "sigmoid", dtype: str = "float64"
) -> Program:
    """Return a program each of whose layers has a share of all edges."""
    layers: list[Layer] = []
    first = 0
    for before, width in pairwise(widths):
        layers.append(random_layer(before + 1, width, density, first, activation))
        first += len(layers[-1].parameters)
    return joined(layers, dtype)
