"""Where the native engine's two kinds of loops take equally long: what one constant rests on.

Either it loops over whole matrices, an entry of 0 where no edge is, or along lists of edges. Both
are timed on the same random edges; a number above 1 says how many times faster the lists are.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
from programs import random_program
from timing import always, measure, medians, ratio, verdict

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.program.program import LOOPS_DENSITY, Program
from graphnn.tables import text_table

NETS = ((8, 8, 8), (64, 32, 10), (300, 100, 10), (784, 128, 10))
DENSITIES = (1.0, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
SAMPLES = 64
WORK = 20_000_000
"""How many entries of matrices one measurement passes through."""

LIMIT = 1.5
"""How many times slower than the other the loops that the constant chooses may be."""


def in_form(program: Program, loops: str) -> Program:
    """Return the same program with a kind of loops."""
    copy = program.with_theta(program.theta)
    # `loops` is a cached property: what stands in the instance's dictionary is what it returns.
    copy.__dict__["loops"] = loops
    return copy


def steps(program: Program, batch: int) -> Callable[[], object]:
    """Return the act of a number of training steps, everything compiled."""
    rng = np.random.default_rng(2)
    X = rng.uniform(0.1, 1, size=(SAMPLES, program.layers[0].rows - 1))
    y = rng.uniform(size=(SAMPLES, program.layers[-1].columns))
    loss = resolve_loss("squared")
    trainer = Trainer(program, X, y, loss, Rules(gn.SGD()), batch=batch)
    rows = rng.integers(0, SAMPLES, size=samples(program))
    return partial(trainer.run, State(program), Batches.of_size(rows, batch, 0.01))


def samples(program: Program) -> int:
    """Return how many samples one measurement takes."""
    return max(128, WORK // sum(40 + layer.rows * layer.columns for layer in program.layers))


def times(
    widths: tuple[int, ...], density: float, batch: int, rounds: int
) -> tuple[dict[str, float], float]:
    """Return each form's seconds a sample, and the matrices' time by the lists'."""
    program = random_program(widths, density)
    actions = {form: steps(in_form(program, form), batch) for form in ("dense", "edges")}
    seconds = measure({form: always(act) for form, act in actions.items()}, rounds)
    middle = {form: some / samples(program) for form, some in medians(seconds).items()}
    return middle, ratio(seconds, "dense", "edges")


def crossing(gains: list[float]) -> str:
    """Return the density at which both take equally long, between the measured ones."""
    if gains[0] > 1:
        return f"> {DENSITIES[0]:.0%}"
    points = zip(pairwise(DENSITIES), pairwise(gains), strict=True)
    for (high, low), (before, after) in points:
        if after > 1:
            share = math.log(1 / before) / math.log(after / before)
            return f"{high * (low / high) ** share:.0%}"
    return f"< {DENSITIES[-1]:.0%}"


def rows(widths: tuple[int, ...], batch: int, rounds: int) -> tuple[list[str], list[list[str]]]:
    """Return a net's row of gains, and its rows of times."""
    found = [times(widths, density, batch, rounds) for density in DENSITIES]
    gains = [gain for _, gain in found]
    lists = [density < LOOPS_DENSITY for density in DENSITIES]
    worst = max(1 / g if edges else g for g, edges in zip(gains, lists, strict=True))
    name = f"{'-'.join(map(str, widths))}, batch {batch}"
    shares = [f"{g:.2f}{'*' if edges else ' '}" for g, edges in zip(gains, lists, strict=True)]
    row = [name, *shares, crossing(gains), f"{worst:.2f}", f"{LIMIT}", verdict(worst, LIMIT)]
    micro = [
        [f"{name}, {words}", *(f"{middle[form] * 1e6:.3f}" for middle, _ in found)]
        for form, words in (("dense", "matrices"), ("edges", "lists"))
    ]
    return row, micro


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    found = [rows(net, batch, options.rounds) for batch in options.batches for net in NETS]
    shares = [f"{density:.0%} " for density in DENSITIES]
    print(text_table(["µs a sample", *shares], [row for _, pair in found for row in pair]))
    print(f"\nLOOPS_DENSITY {LOOPS_DENSITY:.3g}; * goes along lists")
    header = ["times faster along lists", *shares, "equal at", "worst choice", "limit", ""]
    print(text_table(header, [row for row, _ in found]))


if __name__ == "__main__":
    main()
