"""`Labels`: the classes of a target column and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError

__all__ = ["Label", "Labels"]

Label: TypeAlias = str | int | float | bool


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
        bad = [one for one in self.classes if isinstance(one, float) and not math.isfinite(one)]
        if bad:
            raise DataError(f"{bad[0]!r} is no class label; labels are text or finite numbers")

    @classmethod
    def fit(cls, y: ArrayLike | Sequence[Label]) -> Labels:
        """Collect the different labels of `y`, sorted.

        Raises:
            DataError: If there are fewer than two, or what is found is no label.
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
        """Return the class number of each label; `y` is of shape (m,) or (m, 1).

        Raises:
            DataError: If the shape is another one, or a label is none of the classes.
        """
        array = np.asarray(y)
        column = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
        if column.ndim != 1:
            raise DataError(f"y has shape {array.shape}, expected (m,): one class label a row")
        known = {label: number for number, label in enumerate(self.classes)}
        found: list[Any] = column.tolist()
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
        """Return the label of each class number.

        Raises:
            DataError: If a number is none of a class.
        """
        found = np.asarray(numbers)
        bad = found[(found < 0) | (found >= len(self.classes)) | (found != np.floor(found))]
        if bad.size:
            raise DataError(
                f"{bad.flat[0]} is no class number, expected 0..{len(self.classes) - 1}: one for "
                f"each of the {len(self.classes)} classes"
            )
        names: NDArray[Any] = np.array(self.classes)[found.astype(np.intp)]
        return names
