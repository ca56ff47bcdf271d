"""Preprocessing as the content of a network's JSON file, each number exact to the last bit.

Version 2, which is written: `features`, `target`, `classes`, and `inputs` and `outputs`, each null
or an object of the scaling's name, `kind`, and its numbers, such as `{"kind": "standardize",
"mean": [...], "scale": [...]}`. Version 1 knew standardising alone: `mean` and `scale` of the
inputs, `output_mean` and `output_scale`.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from graphnn.errors import DataError, FormatError
from graphnn.formats.parts import require_list, require_object, short
from graphnn.functions.labels import Labels
from graphnn.functions.preprocessing import Preprocessing
from graphnn.functions.scaling import SCALINGS, Scaling
from graphnn.functions.standardizer import Standardizer

__all__ = ["of_content", "to_content"]

NAMES = ("features", "target", "classes")
KEYS = {
    1: (*NAMES, "mean", "scale", "output_mean", "output_scale"),
    2: (*NAMES, "inputs", "outputs"),
}
"""What each version of the format has of a network's preprocessing."""
SINGLE = ("low", "high")
"""What of a scaling is one number; all else is one number for each column."""


def to_content(preprocessing: Preprocessing | None) -> dict[str, Any] | None:
    """Return preprocessing as JSON content of the newest version."""
    if preprocessing is None:
        return None
    return {
        "features": preprocessing.features,
        "target": preprocessing.target,
        "classes": preprocessing.labels and preprocessing.labels.classes,
        "inputs": _content(preprocessing.inputs),
        "outputs": _content(preprocessing.outputs),
    }


def of_content(found: Any, version: int) -> Preprocessing | None:
    """Return the preprocessing of JSON content.

    Raises:
        FormatError: If the content is not what that version has, or a number or class cannot be.
    """
    if found is None:
        return None
    try:
        return _preprocessing(found, version)
    except DataError as error:
        raise FormatError(str(error)) from None


def _preprocessing(found: Any, version: int) -> Preprocessing:
    content = require_object(found, "preprocessing", KEYS[version])
    features = _optional(content["features"], (str,), "features")
    classes = _optional(content["classes"], (str, int, float, bool), "classes")
    target = content["target"]
    if target is not None and not isinstance(target, str):
        raise FormatError(f"preprocessing.target is {short(target)}, expected text or null")
    labels = None if classes is None else Labels(classes)
    if version == 1:
        inputs: Scaling | None = _standardizer(content, "mean", "scale")
        outputs: Scaling | None = _standardizer(content, "output_mean", "output_scale")
    else:
        inputs = _scaling(content["inputs"], "inputs")
        outputs = _scaling(content["outputs"], "outputs")
    return Preprocessing(inputs, labels, features, target, outputs)


def _content(scaling: Scaling | None) -> dict[str, Any] | None:
    if scaling is None:
        return None
    kind = next(name for name, one in SCALINGS.items() if isinstance(scaling, one))
    return {"kind": kind, **asdict(scaling)}


def _scaling(found: Any, name: str) -> Scaling | None:
    """Return a scaling of version 2: its kind, rows of numbers and single numbers."""
    if found is None:
        return None
    where = f"preprocessing.{name}"
    kind = found.get("kind") if isinstance(found, dict) else None
    if not isinstance(kind, str) or kind not in SCALINGS:
        raise FormatError(
            f"{where} is {short(found)} of the kind {short(kind)}, expected an object of one of "
            f"the kinds {sorted(SCALINGS)}, or null"
        )
    keys = [field.name for field in fields(SCALINGS[kind])]
    content = require_object(found, where, ("kind", *keys))
    parts: dict[str, Any] = {}
    for key in keys:
        row = [content[key]] if key in SINGLE else content[key]
        numbers = _floats(_items(row, (float, int), f"{name}.{key}"))
        parts[key] = numbers[0] if key in SINGLE else numbers
    try:
        return SCALINGS[kind](**parts)
    except DataError as error:
        raise FormatError(f"{where}: {error}") from None


def _standardizer(content: dict[str, Any], first: str, second: str) -> Standardizer | None:
    """Return the standardising of version 1: rows of means and scales, or null twice."""
    mean = _optional(content[first], (float, int), first)
    scale = _optional(content[second], (float, int), second)
    if mean is None and scale is None:
        return None
    if len(mean or ()) != len(scale or ()):
        raise FormatError(f"preprocessing.{first} and .{second} need as many means as scales")
    return Standardizer(_floats(mean or ()), _floats(scale or ()))


def _floats(numbers: tuple[Any, ...]) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in numbers)
    except OverflowError:
        raise FormatError("preprocessing holds a number beyond the range of floats") from None


def _optional(found: Any, types: tuple[type, ...], name: str) -> tuple[Any, ...] | None:
    return None if found is None else _items(found, types, name)


def _items(found: Any, types: tuple[type, ...], name: str) -> tuple[Any, ...]:
    items = require_list(found, f"preprocessing.{name}")
    for item in items:
        if type(item) not in types:
            raise FormatError(f"preprocessing.{name} holds {short(item)}")
    return tuple(items)
