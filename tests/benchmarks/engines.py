"""Where the native and the matrix engine take equally long: what `engine="auto"` rests on.

Compiled loops start at once; matrix products cost tens of microseconds a step to set out on, and
multiply and add in one operation, which the node engine's bits do not allow. Both engines are timed
on the same steps; a number above 1 says how many times faster the native one is.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise

import numpy as np
from programs import random_program
from timing import always, measure, medians, ratio, verdict

import graphnn as gn
from graphnn.engines import matrix
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.learning.engines import WEIGHTS, choose
from graphnn.program.program import Program
from graphnn.tables import text_table

BATCHES = (1, 2, 4, 8, 16, 32, 64, 256, 512)
NETS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((4, 8, 3), 1.0),
    ((16, 16, 4), 1.0),
    ((64, 32, 10), 1.0),
    ((300, 100, 10), 1.0),
    ((784, 256, 10), 1.0),
    ((2000, 2000, 10), 1.0),
    ((20, 20, 20, 20, 20, 3), 1.0),
    ((64, 32, 10), 0.5),
    ((64, 32, 10), 0.2),
    ((784, 256, 10), 0.5),
    ((784, 256, 10), 0.2),
    ((2000, 1000, 10), 0.01),
    ((2000, 1000, 10), 0.1),
)
"""Widths, and which share of the edges exists."""

SAMPLES = 512
WORK = 5_000_000
"""How many edges one measurement passes through."""

LARGEST = 100_000_000
"""Batches that pass through more edges are left out: no one doubts who is faster there."""

LIMIT = 1.3
"""How many times slower than the other engine the one that is chosen may be."""


def is_native(program: Program, batch: int) -> bool:
    """Return whether "auto" takes the native engine for a long run."""
    return choose("auto", program, batch, 10**9).name == "native"


@dataclass(frozen=True)
class Case:
    """One net in one precision."""

    widths: tuple[int, ...]
    density: float
    activation: str
    dtype: str

    @property
    def name(self) -> str:
        """What tables call it."""
        share = "" if self.density == 1 else f" at {self.density:.0%}"
        return f"{'-'.join(map(str, self.widths))}{share}, {self.dtype}"

    @cached_property
    def program(self) -> Program:
        """The net with random weights."""
        return random_program(self.widths, self.density, self.activation, self.dtype)

    def samples(self, batch: int) -> int:
        """Return how many samples one measurement takes, whole batches."""
        number = min(20_000, 4_000 * batch, max(8, WORK // (500 + len(self.program.theta))))
        return batch * math.ceil(number / batch)

    def steps(self, batch: int) -> dict[str, Callable[[], object]]:
        """Return each engine's act of the same training steps."""
        rng = np.random.default_rng(2)
        X = rng.uniform(size=(SAMPLES, self.widths[0])).astype(self.dtype)
        y = rng.uniform(size=(SAMPLES, self.widths[-1])).astype(self.dtype)
        rows = rng.integers(0, SAMPLES, size=self.samples(batch))
        batches, state = Batches.of_size(rows, batch, 0.01), State(self.program)
        loss, rules = resolve_loss("squared"), Rules(gn.SGD())
        trainer = Trainer(self.program, X, y, loss, rules, batch=batch)
        return {
            "native": partial(trainer.run, state, batches),
            "matrix": partial(matrix.run, state, X, y, batches, loss, rules),
        }


def times(case: Case, batch: int, rounds: int) -> tuple[dict[str, float], float]:
    """Return each engine's seconds a sample, and matrix by native."""
    prepared = {name: always(act) for name, act in case.steps(batch).items()}
    seconds = measure(prepared, rounds)
    middle = {name: some / case.samples(batch) for name, some in medians(seconds).items()}
    return middle, ratio(seconds, "matrix", "native")


def crossing(batches: list[int], gains: list[float]) -> str:
    """Return the batch size at which both take equally long, between the measured ones."""
    if gains[0] < 1:
        return f"< {batches[0]}"
    for (low, high), (before, after) in zip(pairwise(batches), pairwise(gains), strict=True):
        if after < 1:
            share = math.log(before) / math.log(before / after)
            return f"{low * (high / low) ** share:.0f}"
    return f"> {batches[-1]}"


def rows(case: Case, batches: list[int], rounds: int) -> tuple[list[str], list[list[str]]]:
    """Return a case's row of gains, and its rows of times."""
    some = [batch for batch in batches if batch * len(case.program.theta) <= LARGEST]
    found = [times(case, batch, rounds) for batch in some]
    gains = [gain for _, gain in found]
    native = [is_native(case.program, batch) for batch in some]
    worst = max(1 / g if ours else g for g, ours in zip(gains, native, strict=True))
    cells = [f"{g:.2f}{'*' if ours else ' '}" for g, ours in zip(gains, native, strict=True)]
    empty = [""] * (len(batches) - len(some))
    held = [f"{worst:.2f}", f"{LIMIT}", verdict(worst, LIMIT)]
    micro = [
        [f"{case.name}, {name}", *(f"{middle[name] * 1e6:.3g}" for middle, _ in found), *empty]
        for name in ("native", "matrix")
    ]
    return [case.name, *cells, *empty, crossing(some, gains), *held], micro


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=list(BATCHES))
    parser.add_argument("--activation", default="sigmoid")
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    found = [
        rows(Case(widths, density, options.activation, dtype), options.batches, options.rounds)
        for dtype in options.dtypes
        for widths, density in NETS
    ]
    sizes = [f"{batch} " for batch in options.batches]
    print(text_table(["µs a sample, by batch", *sizes], [row for _, pair in found for row in pair]))
    print(f"\n{WEIGHTS:,} weights a batch; * is taken by the native engine")
    header = ["native is faster", *sizes, "equal at", "worst choice", "limit", ""]
    print(text_table(header, [row for row, _ in found]))


if __name__ == "__main__":
    main()
