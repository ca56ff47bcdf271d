"""`choose`: which engine trains, and why."""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple

from graphnn.functions.choice import unknown_name
from graphnn.program.program import LOOPS_DENSITY, Layer, Program

__all__ = ["ENGINES", "Choice", "choose"]

ENGINES = ("auto", "matrix", "native", "node")

SECONDS = 1.0
"""A run that the matrix engine does in less is not worth compiling for."""

STEP, PRODUCT = 30e-6, 2e-9
"""What the matrix engine takes for a layer of a step, and for an edge of a sample, in seconds."""

BATCH, WEIGHTS = 16, 14_000_000
"""The native engine is the faster for batches of up to so many samples, and for larger ones that
pass through fewer weights than that in all."""


class Choice(NamedTuple):
    """An engine and the reason.

    Attributes:
        name: "node", "matrix" or "native".
        why: The reason, if it was not asked for by name.
    """

    name: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name} (auto: {self.why})" if self.why else self.name


def choose(engine: str, program: Program, batch_size: int, updates: int) -> Choice:
    """Return the engine that a name stands for.

    The rule of "auto": the native engine for batches of up to 16 samples, for larger ones that pass
    through fewer than 14 million weights (64-32-10: up to 5,809 samples; 784-256-10: up to 68),
    and where most layers are sparse; the matrix engine for larger batches, and where there is too
    little work to be worth compiling. Measured by tests/benchmarks/engines.py.

    Raises:
        ValueError: If the name is unknown.
    """
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    if engine != "auto":
        return Choice(engine)
    if find_spec("numba") is None:
        return Choice("matrix", "Numba is not installed")
    if updates * _matrix_step(program, batch_size) < SECONDS:
        return Choice("matrix", "too little work to compile for")
    words = "one sample an update" if batch_size == 1 else f"batches of {batch_size}"
    passed = batch_size * sum(_passed(layer) for layer in program.layers)
    return Choice("native" if batch_size <= BATCH or passed < WEIGHTS else "matrix", words)


def _passed(layer: Layer) -> float:
    """Return the weights that the native engine passes through; sparse layers speak for it."""
    weights = min(layer.rows * layer.columns, len(layer.sources) / LOOPS_DENSITY)
    return -weights if layer.form == "sparse" else weights


def _matrix_step(program: Program, batch_size: int) -> float:
    """Estimate the seconds of one update of the matrix engine."""
    edges = sum(layer.rows * layer.columns for layer in program.layers)
    return program.depth * STEP + batch_size * edges * PRODUCT
