"""What a step costs an edge, from a thousand edges to ten million, and which cache they fit in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from machine import caches
from programs import fanned_layer, joined

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.program.program import Program
from sections.row import Race, Row, Runner

SECTION = "edges"
FAN_OUT = 20
POWERS = (3, 4, 5, 6, 7)
SAMPLES = 4
WORK = 20_000_000
"""How many edges one measurement passes through."""


def fanned(edges: int) -> Program:
    """Return a program of two equal layers with about so many edges, 20 out of each neuron."""
    width = edges // (2 * FAN_OUT)
    first = fanned_layer(width + 1, width, FAN_OUT, 0, "sigmoid")
    second = fanned_layer(width + 1, width, FAN_OUT, len(first.parameters), "sigmoid")
    program = joined((first, second))
    # `loops` is a cached property: what stands in the instance's dictionary is what it returns.
    program.__dict__["loops"] = "edges"
    return program


def rows(rounds: int) -> Iterator[Row]:
    """Yield a line for each number of edges."""
    smallest: float | None = None
    for power in POWERS:
        program = fanned(10**power)
        edges = len(program.theta)
        runner, size = native(program)
        nano = Race({"native": runner}, rounds).micro("native") * 1e3 / edges
        smallest = nano if smallest is None else smallest
        note = f"{size / 2**20:.2f} MiB, {place(size)}"
        ratio = nano / smallest
        case = f"{edges:,} edges"
        yield Row(SECTION, case, "native", "", "ns an edge", nano, ratio=ratio, note=note)


def native(program: Program) -> tuple[Runner, int]:
    """Return the native engine and how many bytes it passes through in a step."""
    rng = np.random.default_rng(2)
    X = rng.uniform(0.1, 1, size=(SAMPLES, program.layers[0].rows - 1))
    y = rng.uniform(size=(SAMPLES, program.layers[-1].columns))
    trainer = Trainer(program, X, y, resolve_loss("squared"), Rules(gn.SGD()))
    steps = max(10, WORK // len(program.theta))
    batches = Batches.of_size(np.arange(steps) % SAMPLES, 1, 0.01)
    arrays = trainer._buffers.arrays.values()
    size = sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
    runner = Runner(lambda: partial(trainer.run, State(program), batches), steps)
    return runner, size + X[0].nbytes + y[0].nbytes


def place(size: int) -> str:
    """Return the smallest cache that so many bytes fit in."""
    known = caches()
    if not known:
        return "caches unknown"
    fitting = [name for name, room in known.items() if size <= room]
    return f"fits {fitting[0]}" if fitting else f"beyond {list(known)[-1]}"
