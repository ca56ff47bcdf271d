"""`LayerMasks`: the factors of dropout for a batch, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from graphnn.engines.batches import Masks
from graphnn.engines.rules import Rules
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["NO_MASKS", "LayerMasks", "layer_masks", "mask_widths"]

LayerMasks: TypeAlias = Mapping[int, FloatArray]
"""For each layer t that dropout takes in the factors of its neurons, (samples, d^(t))."""

NO_MASKS: LayerMasks = MappingProxyType({})


def mask_widths(program: Program, rules: Rules) -> dict[int, int]:
    """Return the number of neurons of each layer t that dropout takes in."""
    return {t: len(program.neurons[t]) for t in rules.masked_layers(program.depth)}


def layer_masks(program: Program, rules: Rules, factors: Masks | None) -> LayerMasks:
    """Return the factors of a batch as one array a layer."""
    if factors is None:
        return NO_MASKS
    widths = mask_widths(program, rules)
    ends = np.cumsum(list(widths.values()))
    return dict(zip(widths, np.split(factors, ends[:-1], axis=1), strict=True))
