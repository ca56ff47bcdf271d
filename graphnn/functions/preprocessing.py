"""`Preprocessing`: what is stored with a network so that it can be used on raw data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import DataError
from graphnn.functions.choice import unknown_name
from graphnn.functions.columns import numbers, of_width, require_finite, to_fit
from graphnn.functions.labels import Label, Labels
from graphnn.functions.scaling import SCALINGS, Scaling, ScalingName

__all__ = ["Preprocessing"]


@dataclass(frozen=True)
class Preprocessing:
    """What a network was trained on, so that it can be used on raw data.

    The parts are fitted one by one, as below, or together by `Preprocessing.fit`.

    Attributes:
        inputs: The inputs' scaling, a Standardizer, MinMax or Centering, or None.
        labels: The classes of the outputs, or None for numbers (a regression).
        features: The input columns' names, or None.
        target: The target column's name, or None.
        outputs: The targets' scaling in a regression, undone by `predict`, or None.

    Raises:
        DataError: If `inputs` or `outputs` is no scaling.

    Example:
        >>> from graphnn.functions.min_max import MinMax
        >>> preprocessing = Preprocessing(MinMax((0.0,), (4.0,)), Labels(("no", "yes")))
        >>> preprocessing.transform([[1.0], [4.0]]).tolist()
        [[0.25], [1.0]]
        >>> preprocessing.transform_targets(["yes", "no"]).tolist()
        [1, 0]
    """

    inputs: Scaling | None = None
    labels: Labels | None = None
    features: tuple[str, ...] | None = None
    target: str | None = None
    outputs: Scaling | None = None

    def __post_init__(self) -> None:
        for name, scaling in (("inputs", self.inputs), ("outputs", self.outputs)):
            if scaling is not None and not isinstance(scaling, Scaling):
                raise DataError(
                    f"{name} is {scaling!r}, expected gn.Standardizer.fit(X) or the like; "
                    "gn.Preprocessing.fit takes names"
                )

    @classmethod
    def fit(
        cls,
        X: ArrayLike,
        y: ArrayLike | Sequence[Label] | None = None,
        *,
        inputs: ScalingName | Scaling | None = "standardize",
        outputs: ScalingName | Scaling | None = None,
        labels: Labels | None = None,
        features: tuple[str, ...] | None = None,
        target: str | None = None,
    ) -> Preprocessing:
        """Fit to raw training data: hand in no row that is held out.

        Args:
            X: Raw inputs, shape (m, d).
            y: Raw targets, labels or numbers, of shape (m,) or (m, k); None if nothing is fitted
                to them.
            inputs: The scaling of the inputs: "standardize", "min_max", "center", one that is
                fitted already as `gn.MinMax.fit(X, -1.0, 1.0)`, or None.
            outputs: The scaling of a regression's targets, likewise.
            labels: The classes of the targets, as `gn.Labels.fit(y)`, or None for a regression.
            features: The input columns' names.
            target: The target column's name.

        Raises:
            DataError: If the data are empty, not finite, or of different numbers of rows, or
                class labels are to be scaled.
            ValueError: If a scaling's name is unknown.

        Example:
            >>> X, y = [[1.0], [3.0]], [100.0, 300.0]
            >>> fitted = Preprocessing.fit(X, y, inputs="center", outputs="min_max")
            >>> fitted.transform(X).tolist(), fitted.transform_targets(y).tolist()
            ([[-1.0], [1.0]], [[0.0], [1.0]])
        """
        array = to_fit(X)
        if outputs is not None and (y is None or labels is not None):
            found = "y is not given" if y is None else "the targets are class labels"
            raise DataError(f"outputs is {outputs!r}, but {found}: only numbers can be scaled")
        scaling = None
        if y is not None:
            known = to_fit(_column(numbers(y, "y")), "y") if labels is None else labels.numbers(y)
            if len(known) != len(array):
                raise DataError(f"y has {len(known)} rows, expected {len(array)}, as many as X")
            scaling = _fitted(outputs, known)
        return cls(_fitted(inputs, array), labels, features, target, scaling)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return raw inputs as the network takes them.

        Raises:
            DataError: If they do not fit.
        """
        return numbers(X) if self.inputs is None else self.inputs.transform(X)

    def inverse(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the network's inputs as raw ones, which undoes `transform`.

        Raises:
            DataError: If they have other columns.
        """
        return numbers(X) if self.inputs is None else self.inputs.inverse(X)

    def transform_targets(self, y: ArrayLike | Sequence[Label]) -> NDArray[Any]:
        """Return raw targets as training takes them.

        Args:
            y: Labels, shape (m,), or numbers, shape (m, k), or (m,) for one output.

        Returns:
            Class numbers, shape (m,), if there are labels; else numbers, scaled if `outputs` is.

        Raises:
            DataError: If they do not fit, or a label is none of the classes.
        """
        if self.labels is not None:
            return self.labels.numbers(y)
        array = numbers(y, "y")
        if self.outputs is None:
            return array
        array = of_width(_column(array, self.outputs.columns), self.outputs.columns, "y")
        require_finite(array, "y")
        return self.outputs.transform(array)

    def inverse_targets(self, y: ArrayLike) -> NDArray[Any]:
        """Return targets, or outputs, as raw ones, which undoes `transform_targets`.

        Raises:
            DataError: If they do not fit, or a class number is none.
        """
        if self.labels is not None:
            return self.labels.names(y)
        array = numbers(y, "y")
        if self.outputs is None:
            return array
        array = of_width(_column(array, self.outputs.columns), self.outputs.columns, "y")
        return self.outputs.inverse(array)


def _column(y: NDArray[np.float64], columns: int = 1) -> NDArray[np.float64]:
    """Return targets of shape (m,) as one column, if one is expected."""
    return y.reshape(-1, 1) if y.ndim == columns == 1 else y


def _fitted(scaling: ScalingName | Scaling | None, array: NDArray[Any]) -> Scaling | None:
    """Return a scaling that is given as it is, and one of a name fitted."""
    if scaling is None or isinstance(scaling, Scaling):
        return scaling
    if scaling not in SCALINGS:
        raise unknown_name("scaling", scaling, SCALINGS, "gn.MinMax.fit(X, low, high) or the like")
    return SCALINGS[scaling].fit(array)
