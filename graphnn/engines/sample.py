"""`Sample` and `Masks`: what the node engine is given of one sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from graphnn.types import Neuron

__all__ = ["NO_MASKS", "Masks", "Sample", "passed_on"]


class Sample(NamedTuple):
    """A sample: its input, its target, and what its loss is multiplied by."""

    x: Sequence[float]
    y: Sequence[float]
    weight: float = 1.0


Masks: TypeAlias = Mapping[Neuron, float]
"""The factors that dropout multiplies values by; a neuron that is not there keeps its value."""

NO_MASKS: Masks = MappingProxyType({})


def passed_on(v: dict[Neuron, float], masks: Masks) -> dict[Neuron, float]:
    """Return what neurons give to the next layer: their values, times the factors of dropout."""
    return {n: value * masks[n] if n in masks else value for n, value in v.items()} if masks else v
