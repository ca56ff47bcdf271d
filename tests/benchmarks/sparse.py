"""Where a layer's sparse form overtakes a dense matrix with zeros: what the two constants rest on.

A layer that lacks edges is held as a matrix with zeros ("masked") or by its edges alone ("sparse").
One training step is timed in both forms; a number above 1 says how many times faster sparse is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
from programs import joined, random_layer
from timing import always, measure, ratio, verdict

import graphnn as gn
from graphnn.engines import matrix
from graphnn.engines.batches import Batches
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.program.program import SPARSE_DENSITY, SPARSE_ENTRIES, Program
from graphnn.tables import text_table

SIZES = ((100, 100), (300, 300), (1000, 1000), (2000, 1000))
DENSITIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
BATCHES = (1, 32)
LIMIT = 1.5
"""How many times slower than the other form the one that the constants choose may be."""


def program(inputs: int, outputs: int, density: float, form: str | None = None) -> Program:
    """Return a program whose last layer has a density, and a form if one is asked for.

    One input in front of it makes the layer propagate backward too, as an inner layer does.
    """
    front = random_layer(2, inputs, 1.0, 0)
    layer = random_layer(inputs + 1, outputs, density, 2 * inputs)
    if form is not None:
        # `form` is a cached property: what stands in the instance's dictionary is what it returns.
        layer.__dict__["form"] = form
    return joined((front, layer))


def steps(one: Program, batch: int, number: int) -> Callable[[], object]:
    """Return the act of a number of training steps."""
    rng = np.random.default_rng(2)
    X = rng.uniform(size=(batch, 1))
    y = rng.uniform(size=(batch, one.layers[-1].columns))
    batches = Batches.of([np.arange(batch)] * number, 0.01)
    return partial(matrix.run, State(one), X, y, batches, resolve_loss("squared"), Rules(gn.SGD()))


def gain(inputs: int, outputs: int, density: float, batch: int, rounds: int = 5) -> float:
    """Return the masked form's time by the sparse form's, for one step."""
    # Many, since a run begins with laying out the weights, which training does once in 256 steps.
    number = max(10, 5_000_000 // (inputs * outputs * batch))
    actions = {
        form: steps(program(inputs, outputs, density, form), batch, number)
        for form in ("masked", "sparse")
    }
    prepared = {form: always(action) for form, action in actions.items()}
    return ratio(measure(prepared, rounds), "masked", "sparse")


def crossing(gains: list[float]) -> str:
    """Return the density at which the forms cost the same, between the measured ones."""
    if gains[0] < 1:
        return f"< {DENSITIES[0]:.1%}"
    points = zip(pairwise(DENSITIES), pairwise(gains), strict=True)
    for (low, high), (before, after) in points:
        if after < 1:
            share = math.log(before) / math.log(before / after)
            return f"{low * (high / low) ** share:.1%}"
    return f"> {DENSITIES[-1]:.0%}"


def row(inputs: int, outputs: int, batch: int) -> list[str]:
    """Return the table's row of one size and batch."""
    gains = [gain(inputs, outputs, density, batch) for density in DENSITIES]
    forms = [program(inputs, outputs, density).layers[-1].form for density in DENSITIES]
    losses = [1 / g if form == "sparse" else g for g, form in zip(gains, forms, strict=True)]
    worst = max(losses)
    shares = [
        f"{g:.2f}{'*' if form == 'sparse' else ' '}" for g, form in zip(gains, forms, strict=True)
    ]
    held = [f"{worst:.2f}", f"{LIMIT}", verdict(worst, LIMIT)]
    return [f"{inputs} x {outputs}, batch {batch}", *shares, crossing(gains), *held]


def main() -> None:
    """Print the table."""
    print(f"SPARSE_DENSITY {SPARSE_DENSITY}, SPARSE_ENTRIES {SPARSE_ENTRIES:,}; * goes to sparse")
    header = ["layer", *(f"{density:.1%} " for density in DENSITIES)]
    header += ["equal at", "worst choice", "limit", ""]
    sizes = [(*size, batch) for batch in BATCHES for size in SIZES]
    print(text_table(header, [row(*size) for size in sizes]))


if __name__ == "__main__":
    main()
