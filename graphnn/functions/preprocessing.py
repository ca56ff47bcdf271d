"""Preprocessing that is stored with a network: standardised inputs, class labels as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError

__all__ = ["Label", "Labels", "Preprocessing", "Standardizer"]

Label: TypeAlias = str | int | float | bool


@dataclass(frozen=True)
class Standardizer:
    """Centre every column and scale it to unit variance, fitted on training data.

    "All inputs are normalized and centered" (lecture, notes on backpropagation).

    Attributes:
        mean: The mean of each column.
        scale: The standard deviation of each column (the population's, dividing by m); 1 for a
            column that is constant, which is thus centred only.

    Example:
        >>> standardizer = Standardizer.fit([[1.0, 5.0], [3.0, 5.0]])
        >>> standardizer.transform([[1.0, 5.0], [5.0, 6.0]])
        array([[-1.,  0.],
               [ 3.,  1.]])
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        mean, scale = (np.array(part, dtype=np.float64) for part in (self.mean, self.scale))
        finite = bool(np.isfinite(mean).all() and np.isfinite(scale).all())
        if mean.shape != scale.shape or not finite or not (scale > 0).all():
            raise DataError(
                "a standardizer needs finite means and positive scales, one of each per column; "
                "use Standardizer.fit(X)"
            )

    @classmethod
    def fit(cls, X: ArrayLike) -> Standardizer:
        """Fit to the rows of `X`, shape (m, d).

        Raises:
            DataError: If `X` is empty or not finite.
        """
        array = np.asarray(X, dtype=np.float64)
        if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
            raise DataError(
                f"X has shape {array.shape}; expected finite numbers of shape (m, d), at least one"
            )
        # Scaled by a power of two, which is exact, so that squares do not overflow.
        _, exponent = np.frexp(np.abs(array).max(axis=0))
        scaled = np.ldexp(array, -exponent)
        mean = np.ldexp(scaled.mean(axis=0), exponent)
        scale = np.ldexp(scaled.std(axis=0), exponent)
        # The computed deviation of a constant column is its rounding error, not always 0.
        constant = (array == array[0]).all(axis=0) | (scale == 0)
        mean = np.where(constant, array[0], mean)
        scale = np.where(constant, 1.0, scale)
        return cls(tuple(mean.tolist()), tuple(scale.tolist()))

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return (X - mean) / scale; `X` is of shape (m, d) or (d,)."""
        array = np.asarray(X, dtype=np.float64)
        if array.ndim == 0 or array.shape[-1] != len(self.mean):
            raise DataError(
                f"X has shape {array.shape}, expected (m, {len(self.mean)}): the standardizer was "
                f"fitted to {len(self.mean)} columns"
            )
        standardized: NDArray[np.float64] = (array - np.array(self.mean)) / np.array(self.scale)
        return standardized

    def inverse(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return X * scale + mean, which undoes `transform`."""
        original: NDArray[np.float64] = np.asarray(X) * np.array(self.scale) + np.array(self.mean)
        return original


@dataclass(frozen=True)
class Labels:
    """The classes of a target column, in the order of their numbers 0, 1, ...

    Example:
        >>> labels = Labels.fit(["b", "a", "b"])
        >>> labels.classes, labels.numbers(["a", "b"]).tolist()
        (('a', 'b'), [0, 1])
        >>> labels.one_hot(["b"])
        array([[0., 1.]])
    """

    classes: tuple[Label, ...]

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            raise DataError(
                f"found the classes {list(self.classes)[:5]}, expected at least two different ones"
            )

    @classmethod
    def fit(cls, y: ArrayLike | Sequence[Label]) -> Labels:
        """Collect the different labels of `y`, sorted.

        Raises:
            DataError: If there are fewer than two.
        """
        found: list[Any] = np.asarray(y, dtype=object).ravel().tolist()
        bad = [one for one in found if not isinstance(one, str | int | float) or one != one]
        if bad:
            raise DataError(f"{bad[0]!r} is no class label; labels are text or numbers")
        try:
            return cls(tuple(sorted(set(found))))
        except TypeError:
            raise DataError(
                "the labels are text and numbers mixed; make all of them text"
            ) from None

    def numbers(self, y: ArrayLike | Sequence[Label]) -> NDArray[np.intp]:
        """Return the class number of each label.

        Raises:
            DataError: If a label is none of the classes.
        """
        known = {label: number for number, label in enumerate(self.classes)}
        found: list[Any] = np.asarray(y).tolist()
        for row, label in enumerate(found):
            if label not in known:
                raise DataError(
                    f"y[{row}] is {label!r}, which is outside the classes {list(self.classes)}"
                )
        return np.array([known[label] for label in found], dtype=np.intp)

    def one_hot(self, y: ArrayLike | Sequence[Label]) -> NDArray[np.float64]:
        """Return one row a label, 1 in its class's column, shape (m, classes)."""
        return np.eye(len(self.classes))[self.numbers(y)]

    def names(self, numbers: ArrayLike) -> NDArray[Any]:
        """Return the label of each class number."""
        names: NDArray[Any] = np.array(self.classes)[np.asarray(numbers)]
        return names


@dataclass(frozen=True)
class Preprocessing:
    """What a network was trained on, so that it can be used on raw data.

    Attributes:
        standardizer: The inputs' transformation, or None.
        labels: The classes of the outputs, or None for numbers (a regression).
        outputs: The targets' transformation in a regression, undone by `predict`, or None.
        features: The input columns' names, or None.
        target: The target column's name, or None.
    """

    standardizer: Standardizer | None = None
    labels: Labels | None = None
    features: tuple[str, ...] | None = None
    target: str | None = None
    outputs: Standardizer | None = None

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return raw inputs as the network takes them."""
        if self.standardizer is None:
            return np.asarray(X, dtype=np.float64)
        return self.standardizer.transform(X)
