"""`Task`: a table's columns as the inputs and targets of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphnn.checks import generator
from graphnn.errors import DataError
from graphnn.formats.csv import Table, is_number
from graphnn.functions.labels import Labels
from graphnn.functions.preprocessing import Preprocessing
from graphnn.functions.scaling import ScalingName
from graphnn.graph.network import Network
from graphnn.learning.prediction import predict
from graphnn.types import IntArray

__all__ = ["Kind", "Task", "default_loss", "inputs", "targets"]

Kind: TypeAlias = Literal["auto", "classification", "regression"]

MOST_CLASSES = 20
"""Whole numbers of at most that many different values are taken for classes."""


@dataclass(frozen=True)
class Task:
    """A data set split into a part to train on and a part held out.

    Attributes:
        X: Raw inputs, shape (m, d).
        y: Raw targets: labels, shape (m,), or the numbers of a regression, shape (m, 1).
        preprocessing: Fitted to the training part only.
        train: Row numbers to train on.
        test: Row numbers held out.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    preprocessing: Preprocessing
    train: IntArray
    test: IntArray

    @classmethod
    def of_table(
        cls,
        table: Table,
        target: str,
        *,
        kind: Kind = "auto",
        scale: ScalingName | None = "standardize",
        held_out: float = 0.25,
        seed: int = 0,
    ) -> Task:
        """Split a table at random and fit the preprocessing to the training part.

        Args:
            table: The data; every column but the target is an input.
            target: The target column.
            kind: What the target is; "auto" takes text, and whole numbers of at most 20 different
                values, for classes.
            scale: The scaling of the inputs; the targets of a regression are standardised.
            held_out: The share of rows held out, 0 up to less than 1.
            seed: Of the split.

        Raises:
            DataError: If a column does not fit or the split leaves no row to train on.
        """
        features = tuple(name for name in table.header if name != target)
        if not features:
            raise DataError(f"{table.name}: there is no column besides the target {target!r}")
        labels = _labels(table, target) if _is_classification(table, target, kind) else None
        X = table.numbers(features)
        rows = generator(seed).permutation(len(X))
        tested = round(held_out * len(X))
        if tested >= len(X):
            raise DataError(f"{table.name}: {len(X)} rows leave none to train on")
        train, test = np.sort(rows[tested:]), np.sort(rows[:tested])
        y = _raw_targets(table, labels, target)
        preprocessing = Preprocessing.fit(
            X[train],
            y[train],
            inputs=scale,
            outputs="standardize" if labels is None else None,
            labels=labels,
            features=features,
            target=target,
        )
        return cls(X, y, preprocessing, train, test)

    @property
    def outputs(self) -> int:
        """The number of output neurons: one a class, or one for a number."""
        labels = self.preprocessing.labels
        return 1 if labels is None else len(labels.classes)

    @property
    def kind(self) -> str:
        """Whether it is a classification or a regression."""
        return "regression" if self.preprocessing.labels is None else "classification"

    def plain_score(self, rows: IntArray) -> str:
        """Return what always saying the training part's commonest class, or mean, would score."""
        known = self.y[self.train]
        if self.preprocessing.labels is None:
            error = float(np.sqrt(np.mean((self.y[rows] - known.mean()) ** 2)))
            return f"the mean: {error:.4g}"
        names, counts = np.unique(known, return_counts=True)
        common = names[counts.argmax()]
        return f"{common}: {np.mean(self.y[rows] == common):.4g}"

    def inputs(self, rows: IntArray) -> NDArray[np.float64]:
        """Return rows as the network takes them."""
        return self.preprocessing.transform(self.X[rows])

    def targets(self, rows: IntArray) -> NDArray[Any]:
        """Return the targets of rows as the network takes them."""
        return self.preprocessing.transform_targets(self.y[rows])

    def score(self, network: Network, rows: IntArray) -> float:
        """Return the accuracy, or for a regression the root mean squared error, over rows."""
        found = predict(network, self.X[rows])
        if self.preprocessing.labels is None:
            return float(np.sqrt(np.mean((found - self.y[rows]) ** 2)))
        return float(np.mean(found == self.y[rows]))


def inputs(network: Network, table: Table) -> NDArray[np.float64]:
    """Return a table's rows as a network takes them, columns found by name."""
    return (network.preprocessing or Preprocessing()).transform(raw_inputs(network, table))


def raw_inputs(network: Network, table: Table) -> NDArray[np.float64]:
    """Return a table's input columns as they are.

    Without names stored with the network, all columns are taken, or all but the last if that fits.
    """
    stored, width = network.preprocessing, network.layers[0]
    names: Sequence[str] = table.header
    if stored is not None and stored.features is not None:
        names = stored.features
    elif len(names) == width + 1:
        names = names[:-1]
    return table.numbers(names)


def targets(network: Network, table: Table, name: str | None = None) -> NDArray[Any] | None:
    """Return a table's target column for a network, or None if it has none.

    Raises:
        DataError: If a label is outside the network's classes.
    """
    stored = network.preprocessing or Preprocessing()
    name = name or stored.target
    if name is None or (name == stored.target and name not in table.header):
        return None
    raw = _raw_targets(table, stored.labels, name)
    try:
        return stored.transform_targets(raw)
    except DataError as error:
        raise DataError(f"{table.name}, column {name!r}: {error}") from None


def default_loss(network: Network) -> str:
    """Return the loss that fits a network's outputs: cross-entropy for classes, else squared."""
    outputs = {network.activation(neuron).name for neuron in network.neurons(network.depth)}
    if network.preprocessing is not None and network.preprocessing.labels is not None:
        if outputs == {"identity"}:
            return "softmax_cross_entropy"
        if outputs == {"sigmoid"} and network.layers[-1] == 1:
            return "binary_cross_entropy"
    return "squared"


def _is_classification(table: Table, target: str, kind: Kind) -> bool:
    if kind != "auto":
        return kind == "classification"
    cells = table.column(target)
    numeric = [is_number(cell) for cell in cells]
    if not any(numeric):
        return True
    if not all(numeric):
        table.numbers([target])  # Raises for the first cell that is no number.
    values = {float(cell) for cell in cells}
    return len(values) <= MOST_CLASSES and all(value == round(value) for value in values)


def _labels(table: Table, target: str) -> Labels:
    cells = table.labels(target)
    try:
        return Labels.fit(cells)
    except DataError as error:
        raise DataError(f"{table.name}, column {target!r}: {error}") from None


def _raw_targets(table: Table, labels: Labels | None, name: str) -> NDArray[Any]:
    return table.numbers([name]) if labels is None else np.array(table.labels(name))
