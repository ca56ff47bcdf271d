"""`Kinds`: the classes, or labels, that a y is made of, and y as numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from graphnn.types import FloatArray

__all__ = ["Kinds"]


class Kinds(NamedTuple):
    """The classes that samples may have.

    Attributes:
        classes: The classes, sorted; 0, 1, ... where they are the columns of y.
        exclusive: Whether a sample has exactly one of them.
    """

    classes: NDArray[Any]
    exclusive: bool

    @classmethod
    def of(cls, y: NDArray[Any], named: Any = None) -> Kinds:
        """Return the classes of y, or those that are named.

        Raises:
            ValueError: If y is no classes, or those named are not its columns.
        """
        exclusive = _is_exclusive(y)
        if not exclusive:
            columns = np.arange(y.shape[1])
            if named is not None and not np.array_equal(named, columns):
                raise ValueError(
                    f"classes is {named!r}, and y has the labels {columns.tolist()}, one a column"
                )
            return cls(columns, exclusive)
        return cls(np.unique(y if named is None else np.asarray(named)), exclusive)

    def going_on(self, y: NDArray[Any], named: Any, *, partial: bool) -> Kinds:
        """Return these classes, where training goes on with another y.

        Raises:
            ValueError: If that y has one class a sample and this one several labels, or the other
                way round; if it has other classes, or in a partial fit more; or others are named.
        """
        if _is_exclusive(y) != self.exclusive:
            now, before = ("several labels", "one class")[:: 1 if self.exclusive else -1]
            raise ValueError(f"y has {now} a sample, and had {before} before")
        found, known = set(Kinds.of(y).classes.tolist()), self.classes.tolist()
        if not partial and found != set(known):
            raise ValueError(
                f"warm_start goes on with the classes of the last fit, {known}: y has "
                f"{_sorted(found)}"
            )
        if named is not None and np.unique(np.asarray(named)).tolist() != known:
            raise ValueError(f"classes is {named!r}, and was {known} in the first call")
        return self

    def numbers(self, y: NDArray[Any]) -> FloatArray:
        """Return y as class numbers, shape (m, 1), or 0 and 1 for each label, shape (m, labels).

        Raises:
            ValueError: If y has a class that is none of these.
        """
        if not self.exclusive:
            if y.shape[1] != len(self.classes):
                raise ValueError(f"y has {y.shape[1]} labels, expected {len(self.classes)}")
            dense: Any = y
            return np.asarray(dense.toarray() if hasattr(y, "toarray") else y, dtype=np.float64)
        known = {label: k for k, label in enumerate(self.classes.tolist())}
        labels = column_or_1d(y, warn=True).tolist()
        unseen = set(labels) - set(known)
        if unseen:
            raise ValueError(
                f"y has {_sorted(unseen)}, which is not among the classes {list(known)}: "
                "partial_fit is told all classes in its first call"
            )
        return np.array([[known[label]] for label in labels], dtype=np.float64)

    def require_two(self, numbers: NDArray[Any]) -> None:
        """Raise unless class numbers are of two classes, at least, or y has several labels.

        Raises:
            ValueError: It shows the class.
        """
        if not self.exclusive:
            return
        there = self.classes[np.unique(numbers).astype(np.intp)].tolist()
        if len(there) < 2:
            raise ValueError(
                f"y has one class, {there}, among samples of a weight above 0: a classifier needs "
                "two classes"
            )


def _is_exclusive(y: NDArray[Any]) -> bool:
    check_classification_targets(y)
    kind: str = type_of_target(y)
    if kind == "multiclass-multioutput":
        raise ValueError(
            f"y has shape {y.shape} and is {kind}: expected one class a sample, shape (m,), or 0 "
            "and 1 for each label"
        )
    return kind != "multilabel-indicator"


def _sorted(labels: set[Any]) -> list[Any]:
    return sorted(labels, key=lambda label: (str(type(label)), label))
