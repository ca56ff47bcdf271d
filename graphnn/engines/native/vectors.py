"""`lanes`: how many numbers LLVM computes at once in the code of a program."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from graphnn.program.program import Program

__all__ = ["CHOSEN", "NARROW", "WIDE", "fuses", "lanes", "widths"]

NARROW, WIDE = 4, 8

WIDE_COLUMNS = 16
"""From that many neurons in layer 1 on, vectors of 512 bits pay, where the processor has them.

Measured on AVX-512 by tests/benchmarks/peers.py: 64-32-10 takes four fifths of the time that it
takes with 256 bits, 4-8-3 one and a half times as long, since what is stored one by one and loaded
as a wide vector has to wait.
"""

FILLED_ENTRIES = 16_384
"""Up to that many entries, the rows of a matrix are filled up to whole vectors."""


def lanes(program: Program) -> int:
    """Return 4, or 8 where wide vectors pay and are there."""
    first = program.layers[0]
    wide = program.loops == "dense" and first.columns >= WIDE_COLUMNS and _has_wide_vectors()
    return WIDE if wide else NARROW


def widths(program: Program) -> list[int]:
    """Return how long the rows of each layer's matrix are: in small ones vectors are filled up.

    Ten columns in two vectors of eight take less time than in one and two single numbers.
    """
    found, size = [], lanes(program)
    for layer in program.layers:
        whole = -(-layer.columns // size) * size
        fills = layer.columns > NARROW and layer.rows * whole <= FILLED_ENTRIES
        found.append(whole if fills else layer.columns)
    return found


def fuses() -> bool:
    """Whether the processor multiplies and adds in one operation, not by a function."""
    return bool(_features().get("fma")) or platform.machine() in ("aarch64", "arm64")


def _has_wide_vectors() -> bool:
    """Whether this is a processor that does not slow down with vectors of 512 bits.

    AVX-512 came with VBMI2 when the slowing down went (Ice Lake, Zen 4).
    """
    return bool(_features().get("avx512vbmi2"))


CHOSEN = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")
"""Where somebody has Numba compile for another processor, nothing is known of it."""


@lru_cache(maxsize=1)
def _features() -> Mapping[str, bool]:
    if find_spec("llvmlite") is None or any(name in os.environ for name in CHOSEN):
        return {}
    llvm: Any = import_module("llvmlite.binding")
    found: Mapping[str, bool] = llvm.get_host_cpu_features()
    return found
