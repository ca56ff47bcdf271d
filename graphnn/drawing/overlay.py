"""Overlays: named mappings from neurons or edges to numbers, checked before they are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from graphnn.checks import quoted
from graphnn.errors import DataError
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["Overlays", "edge_overlays", "neuron_overlays"]

Place = TypeVar("Place", Neuron, Edge)
Overlays = Mapping[str, Mapping[Place, Any]]
"""Under each name, a number for some of the neurons or edges."""


def neuron_overlays(
    given: Overlays[Neuron], known: Collection[Neuron]
) -> dict[str, dict[Neuron, float]]:
    """Return what is to be drawn on neurons, as floats.

    Raises:
        DataError: If a place is no neuron of the network, or what stands there no finite number.
    """
    return _checked("neurons", given, known, lambda neuron: f"neuron {neuron}")


def edge_overlays(given: Overlays[Edge], known: Collection[Edge]) -> dict[str, dict[Edge, float]]:
    """Return what is to be drawn on edges, as floats.

    Raises:
        DataError: If a place is no edge of the network, or what stands there no finite number.
    """
    return _checked("edges", given, known, lambda edge: f"edge {edge_name(*edge)}")


def _checked(
    argument: str,
    given: Any,
    known: Collection[Place],
    words: Callable[[Any], str],
) -> dict[str, dict[Place, float]]:
    if not isinstance(given, Mapping) or not all(
        isinstance(name, str) and isinstance(numbers, Mapping) for name, numbers in given.items()
    ):
        raise DataError(
            f"{argument} is {quoted(given, 60)}, expected mappings by their names, as "
            f"{{'delta': trace.delta}}"
        )
    found: dict[str, dict[Place, float]] = {}
    for name, numbers in given.items():
        found[name] = {}
        for place, number in numbers.items():
            if not _is_known(place, known):
                raise DataError(
                    f"{argument} {name!r} has a number for {quoted(place, 60)}, which the network "
                    "has not"
                )
            found[name][place] = _number(number, f"{argument} {name!r}", words(place))
    return found


def _is_known(place: object, known: Collection[Any]) -> bool:
    try:
        return place in known
    except (TypeError, ValueError):  # of networkx, for what is no pair
        return False


def _number(number: Any, name: str, place: str) -> float:
    try:
        value = float(number)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{name} has {quoted(number, 60)} at {place}, expected a finite number")
    return value
