"""Arrays at the door: shape, type and finiteness, once per public entry point."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from graphnn.errors import DataError
from graphnn.types import FloatArray

__all__ = [
    "TargetKind",
    "cast",
    "check_inputs",
    "check_sample",
    "check_sample_weights",
    "check_targets",
    "generator",
    "quoted",
    "require_object",
]

PIECE = 2**20
"""How many numbers are looked at at once: data may be larger than memory."""

TargetKind: TypeAlias = Literal["numbers", "probabilities", "signs", "classes"]
"""What a loss expects of its targets; see `check_targets`."""


def check_inputs(X: object, width: int, kind: DTypeLike | None = None) -> FloatArray:
    """Return `X` as a finite float64 array of shape (m, width), a copy.

    Args:
        X: Samples as rows, or one sample of shape (width,), which becomes one row.
        width: The number of input neurons.
        kind: Where it is given, an array of that dtype is not converted, and none is copied that
            is as it should be, a memory map for one.

    Raises:
        DataError: If the shape is wrong, no sample is there, or a number is not finite.

    Example:
        >>> check_inputs([1, 2], 2)
        array([[1., 2.]])
    """
    array = _numbers(X, "X", kind)
    if array.ndim == 1 and array.shape[0] == width:
        array = array[np.newaxis, :]
    if array.ndim != 2 or array.shape[1] != width:
        hint = "; X.reshape(-1, 1) makes a column of it" if array.ndim == width == 1 else ""
        raise DataError(
            f"X has shape {array.shape}, expected (m, {width}) or ({width},): one column for each "
            f"of the {width} input neurons{hint}"
        )
    if array.shape[0] == 0:
        raise DataError(f"X has shape {array.shape}: no sample is there, expected at least one row")
    _require_finite(array, "X")
    return np.ascontiguousarray(array)


def check_sample(x: object, width: int) -> list[float]:
    """Return one sample of shape (width,) as plain Python floats.

    Raises:
        DataError: If the shape is wrong or a number is not finite.
    """
    array = _numbers(x, "x")
    if array.shape != (width,):
        raise DataError(
            f"x has shape {array.shape}, expected ({width},): one number for each input neuron; "
            "for many samples at once use program.forward(X)"
        )
    _require_finite(array, "x")
    return [float(number) for number in array]


def check_targets(
    y: object, kind: TargetKind, samples: int, width: int, dtype: DTypeLike | None = None
) -> FloatArray:
    """Return `y` as a finite array of shape (samples, width) that fits a loss.

    Args:
        y: Targets of shape (samples,) or (samples, width).
        kind: "numbers" for any; "probabilities" for 0 to 1; "signs" for -1 and +1; "classes" for
            class numbers 0..width-1 of shape (samples,), which become one-hot rows, or rows that
            are distributions over the classes.
        samples: The number of rows of X.
        width: The number of output neurons.
        dtype: Where it is given, an array of that dtype is not converted, and none is copied that
            is as it should be.

    Raises:
        DataError: If the shape or a value does not fit.

    Example:
        >>> check_targets([0, 2], "classes", 2, 3)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    array = _numbers(y, "y", dtype)
    if array.ndim == 0 and samples == 1:
        array = array.reshape(1)
    _require_finite(array, "y")
    if kind == "classes" and array.shape == (samples, 1) and width > 1:
        array = array[:, 0]
    if array.ndim == 1 and samples == array.shape[0] and kind == "classes":
        return _one_hot(array, width)
    if array.ndim == 1 and array.shape[0] == samples * width and 1 in (samples, width):
        array = array.reshape(samples, width)
    if array.shape != (samples, width):
        shapes = f"({samples}, {width})" + (f" or ({samples},)" if width == 1 else "")
        if kind == "classes":
            shapes = f"({samples},) of class numbers or ({samples}, {width}) of probabilities"
        raise DataError(
            f"y has shape {array.shape}, expected {shapes} for {samples} "
            f"{'sample' if samples == 1 else 'samples'} and {width} output "
            f"{'neuron' if width == 1 else 'neurons'}"
        )
    _require_range(array, kind)
    return np.ascontiguousarray(array)


def check_sample_weights(weights: object, samples: int) -> FloatArray:
    """Return samples' weights as finite float64 numbers of shape (samples,), not all 0.

    Raises:
        DataError: If the shape is wrong, a weight is negative or not finite, or all are 0.

    Example:
        >>> check_sample_weights([1, 0, 2], 3)
        array([1., 0., 2.])
    """
    array = _numbers(weights, "sample_weight")
    if array.shape != (samples,):
        raise DataError(f"sample_weight has shape {array.shape}, expected ({samples},)")
    _require_finite(array, "sample_weight")
    if (array < 0).any():
        k = int(np.flatnonzero(array < 0)[0])
        raise DataError(f"sample_weight[{k}] is {array[k]:g}: a weight must be at least 0")
    if not array.any():
        raise DataError("sample_weight is 0 for every sample: nothing would be learnt")
    return array


def cast(array: FloatArray, dtype: np.dtype[Any], name: str) -> FloatArray:
    """Return finite numbers in a dtype that may be narrower.

    Raises:
        DataError: If a number is beyond its range.
    """
    with np.errstate(over="ignore"):
        narrow: FloatArray = array.astype(dtype, copy=False)
    _require_finite(narrow, name, f"every number must fit {dtype}; scale the data or use float64")
    return narrow


def generator(seed: object) -> np.random.Generator:
    """Return NumPy's generator of a seed, or the generator that is given.

    Raises:
        ValueError: If it is no seed.
    """
    try:
        return np.random.default_rng(seed)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(
            f"seed is {seed!r}, expected a whole number of at least 0 or a numpy Generator"
        ) from None


def quoted(found: object, most: int = 80) -> str:
    """Return what a message quotes, its end replaced by dots if it is longer.

    Example:
        >>> quoted("a" * 99, 10)
        "'aaaaaa..."
    """
    text = repr(found)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def require_object(name: str, found: object, method: str, example: str) -> None:
    """Raise unless an argument is an object with a method (and not its class).

    Raises:
        TypeError: It shows what was found and an example of what is expected.
    """
    if isinstance(found, type) or not callable(getattr(found, method, None)):
        raise TypeError(f"{name} is {found!r}, expected an object such as {example}")


def _numbers(values: object, name: str, kind: DTypeLike | None = None) -> FloatArray:
    """Convert to float64, refusing what is not real numbers (text, complex, ragged rows).

    Where a kind is given, what is of it is returned as it is, and nothing is copied needlessly.
    """
    try:
        array: NDArray[Any] = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array of numbers: {error}") from error
    if hasattr(values, "toarray"):
        raise DataError(f"{name} is a sparse matrix, expected an array: {name}.toarray() makes one")
    if array.dtype == object:
        try:
            array = np.asarray([float(item) for item in array.ravel()]).reshape(array.shape)
        except (TypeError, ValueError, OverflowError) as error:
            raise DataError(f"{name} holds something that is no number: {error}") from error
    if array.dtype.kind not in "fiub":
        raise DataError(
            f"{name} has dtype {array.dtype}, expected real numbers; encode text as numbers first "
            "(gn.Labels does it for class labels)"
        )
    if kind is not None and array.dtype == kind:
        return array
    # A longdouble beyond float64's range becomes inf, which the check for finite numbers names.
    with np.errstate(over="ignore"):
        return array.astype(np.float64, copy=kind is None)


def _require_finite(
    array: FloatArray,
    name: str,
    rule: str = "every number must be finite; remove or impute them",
) -> None:
    rows = max(1, PIECE // max(1, array.size // max(1, len(array)))) if array.ndim else 1
    pieces = range(0, len(array), rows) if array.ndim else [0]
    count, first = 0, None
    for start in pieces:
        bad = np.argwhere(~np.isfinite(array[start : start + rows] if array.ndim else array))
        if len(bad) and first is None:
            first = bad[0] + start * (np.arange(array.ndim) == 0)
        count += len(bad)
    if first is not None:
        place = ", ".join(str(index) for index in first)
        found = array[tuple(first)]
        raise DataError(f"{name}[{place}] is {found} ({count} such in {name}): {rule}")


def _one_hot(classes: FloatArray, width: int) -> NDArray[np.float64]:
    outside = np.flatnonzero((classes < 0) | (classes >= width) | (classes != np.floor(classes)))
    if len(outside):
        k = int(outside[0])
        raise DataError(
            f"y[{k}] is {classes[k]:g}, expected a class number 0..{width - 1}, one for each of "
            f"the {width} output neurons; gn.Labels turns labels into class numbers"
        )
    rows = np.zeros((len(classes), width))
    rows[np.arange(len(classes)), classes.astype(np.intp)] = 1.0
    return rows


def _require_range(array: FloatArray, kind: TargetKind) -> None:
    if kind == "signs":
        bad, expected = np.abs(array) != 1, "-1 or +1; 2 * y - 1 turns labels 0 and 1 into these"
    elif kind in ("probabilities", "classes"):
        bad, expected = (array < 0) | (array > 1), "a number from 0 to 1"
        if (np.abs(array) == 1).all():
            expected += "; (y + 1) / 2 turns -1 and +1 into these"
    else:
        return
    if bad.any():
        k, j = np.argwhere(bad)[0]
        raise DataError(f"y[{k}, {j}] is {array[k, j]:g}, expected {expected}")
    if kind == "classes":
        sums = array.sum(axis=1)
        off = np.flatnonzero(np.abs(sums - 1) > 1e-6)
        if len(off):
            raise DataError(
                f"row {off[0]} of y sums to {sums[off[0]]:g}, expected 1: each row is a "
                "distribution over the classes (one-hot for a known class)"
            )
