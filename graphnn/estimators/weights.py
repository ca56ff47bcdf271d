"""What each sample counts: `sample_weight` and `class_weight`."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.checks import check_sample_weights
from graphnn.errors import DataError
from graphnn.types import FloatArray, IntArray

__all__ = ["class_factors", "sample_weights"]


def sample_weights(found: Any, samples: int) -> FloatArray | None:
    """Return `sample_weight` as numbers of shape (samples,), or None.

    Raises:
        DataError: If the shape is wrong, a weight is negative or not finite, or all are 0.
    """
    if found is None:
        return None
    if isinstance(found, Real):
        found = np.full(samples, float(found))
    found = np.asarray(found)
    if found.size and not found.any():
        raise DataError("sample_weight is zero for every sample, and weight 0 is not being there")
    return check_sample_weights(found, samples)


def class_factors(
    class_weight: Any, codes: IntArray, classes: NDArray[Any], weights: FloatArray | None
) -> FloatArray | None:
    """Return what `class_weight` multiplies each sample's weight by, shape (m,), or None.

    Args:
        class_weight: None; a mapping from classes to weights, 1 for those that are not in it; or
            "balanced" for the mean weight of a class over its own, so that all classes count the
            same.
        codes: The class number of each sample, shape (m,).
        classes: The classes.
        weights: The samples' weights or None.

    Raises:
        ValueError: If it is something else, names a class that is none, or a weight is negative.

    Example:
        >>> codes, classes = np.array([0, 1, 1, 1]), np.array(["no", "yes"])
        >>> class_factors("balanced", codes, classes, None).round(3).tolist()
        [2.0, 0.667, 0.667, 0.667]
    """
    if class_weight is None:
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(codes, weights, minlength=len(classes))
        there = totals > 0
        mean = totals.sum() / there.sum()
        factors = np.divide(mean, totals, out=np.zeros(len(classes)), where=there)
    elif isinstance(class_weight, Mapping):
        names = classes.tolist()
        unknown = [name for name in class_weight if name not in names]
        if unknown:
            raise ValueError(f"class_weight names {unknown!r}, and the classes are {names!r}")
        factors = np.array([_factor(name, class_weight.get(name, 1)) for name in names])
    else:
        raise ValueError(
            f"class_weight must be None, 'balanced' or a mapping from classes to weights, not "
            f"{class_weight!r}"
        )
    chosen: FloatArray = factors[codes]
    return chosen


def _factor(name: object, found: Any) -> float:
    number = isinstance(found, Real)
    if not number or not 0 <= found < np.inf:
        raise ValueError(
            f"class_weight[{name!r}] must be a number, finite and at least 0, not {found!r}"
        )
    return float(found)
