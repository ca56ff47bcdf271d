"""Scalings: what moves each column of raw data to numbers that a network learns well from.

A scaling is fitted to the training data alone, applied by `transform` and undone by `inverse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from graphnn.functions.centering import Centering
from graphnn.functions.min_max import MinMax
from graphnn.functions.standardizer import Standardizer

__all__ = ["SCALINGS", "Scaling", "ScalingName"]

Scaling: TypeAlias = Standardizer | MinMax | Centering
ScalingName: TypeAlias = Literal["standardize", "min_max", "center"]

SCALINGS: Mapping[str, type[Scaling]] = MappingProxyType(
    {"standardize": Standardizer, "min_max": MinMax, "center": Centering}
)
"""Each scaling under the name that `Preprocessing.fit`, files and the command line know it by."""
