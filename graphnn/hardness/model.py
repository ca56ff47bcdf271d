"""`Model`: empirical risk minimisation as a mixed-integer program, and its solution by HiGHS.

Halfspaces a(x) = <w, x> + b have weights in [-1, 1] and keep a margin: a point counts as being on a
side only if |a(x)| >= margin there. Every strict halfspace can be scaled into the box, and its
margin shrinks with it; so the minimum is that over halfspaces of this margin. For the sample of a
graph that is no restriction: if some network makes e errors, so does one whose weights, divided by
1.5, are those of `network_from_coloring`, with a margin of at least 0.1 (weights 1 and -2/3 for a
free output: at least 1/6).

- AND, for each halfspace t and negative point i: z_ti = 1 forces a_t(x_i) <= -margin, and
  sum_t z_ti + e_i = 1; for each positive point p: a_t(x_p) >= margin unless e_p.
- Free output, for each halfspace t and point s: h_ts says the side; q_ts = u_t h_ts, with output
  weights u_t in [0, 1] (turning a halfspace turns its weight); y_s (sum_t (2 q_ts - u_t) + c) >=
  margin unless e_s.

Where a positive point is the middle of two others, no halfspace has the middle alone on a side:
these inequalities follow from the others, but not for fractions, and make the proof short.

Source: Shalev-Shwartz and Ben-David (2014), chapter 8; Vielma, "Mixed Integer Linear Programming
Formulation Techniques" (2015), for big-M and products.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from graphnn.hardness.sample import Sample
from graphnn.types import FloatArray

__all__ = ["MARGIN", "Solution", "solve_and", "solve_free"]

MARGIN = 0.1
TOLERANCE = 1e-6
"""HiGHS's own, of integrality and feasibility."""


class Solution(NamedTuple):
    """What a solver found.

    Attributes:
        hidden: The hidden weights, shape (d + 1, k), or None if it found nothing in time.
        output: The output neuron's, shape (k + 1,), None for an AND.
        lower_bound: No solution of the program makes fewer errors.
    """

    hidden: FloatArray | None
    output: FloatArray | None
    lower_bound: int


@dataclass
class Model:
    """A mixed-integer program, put together row by row."""

    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    entries: list[float] = field(default_factory=list)
    row_lows: list[float] = field(default_factory=list)
    row_highs: list[float] = field(default_factory=list)

    def variables(
        self,
        shape: tuple[int, ...],
        low: float,
        high: float,
        *,
        whole: bool = False,
        cost: float = 0,
    ) -> Any:
        """Add variables and return their numbers, an array of that shape."""
        count = math.prod(shape)
        first = len(self.lows)
        self.lows += [low] * count
        self.highs += [high] * count
        self.whole += [int(whole)] * count
        self.cost += [cost] * count
        return np.arange(first, first + count).reshape(shape)

    def row(self, terms: Iterable[tuple[Any, float]], low: float, high: float = np.inf) -> None:
        """Require low <= sum of number times variable <= high."""
        row = len(self.row_lows)
        for column, entry in terms:
            if entry:
                self.rows.append(row)
                self.columns.append(int(column))
                self.entries.append(float(entry))
        self.row_lows.append(low)
        self.row_highs.append(high)

    def solve(self, time_limit: float, show: bool) -> tuple[FloatArray | None, float]:
        """Return the best values that were found, and the proven bound of the cost."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        shape = (len(self.row_lows), len(self.lows))
        matrix = csr_array((self.entries, (self.rows, self.columns)), shape=shape)
        found = milp(
            np.array(self.cost),
            integrality=np.array(self.whole),
            bounds=Bounds(np.array(self.lows), np.array(self.highs)),
            constraints=LinearConstraint(matrix, np.array(self.row_lows), np.array(self.row_highs)),
            options={"time_limit": time_limit, "mip_rel_gap": 0.0, "disp": show},
        )
        bound = found.mip_dual_bound
        return found.x, -np.inf if bound is None else float(bound)


def solve_and(sample: Sample, k: int, margin: float, time_limit: float, show: bool) -> Solution:
    """Return the intersection of k halfspaces with the fewest errors."""
    model, X, y = Model(), sample.X, sample.y
    weights = model.variables((k, X.shape[1] + 1), -1.0, 1.0)
    errors = model.variables((sample.size,), 0.0, 1.0, whole=True, cost=1.0)
    negatives = np.flatnonzero(y < 0).tolist()
    below = model.variables((k, sample.size), 0.0, 1.0, whole=True)
    for s in range(sample.size):
        big = 1.0 + float(np.abs(X[s]).sum()) + margin
        for t in range(k):
            terms = _affine(weights[t], X[s])
            if y[s] > 0:
                model.row([*terms, (errors[s], big)], margin)
                model.highs[int(below[t, s])] = 0.0
            else:
                model.row([*terms, (below[t, s], big)], -np.inf, big - margin)
        if y[s] < 0:
            model.row([*((below[t, s], 1.0) for t in range(k)), (errors[s], 1.0)], 1.0, 1.0)
    for p, i, j in sample.middles:
        for t in range(k):
            model.row([(below[t, i], 1), (below[t, j], 1), (errors[p], -1)], -np.inf, 1.0)
    # Halfspaces are numbered by their first negative point: of k! equal solutions one is left.
    for t in range(1, k):
        for place, i in enumerate(negatives):
            earlier = [(below[t - 1, j], 1.0) for j in negatives[:place]]
            model.row([*earlier, (below[t, i], -1.0)], 0.0)
    values, bound = model.solve(time_limit, show)
    hidden = None if values is None else values[weights].T
    return Solution(hidden, None, _rounded_up(bound))


def solve_free(sample: Sample, k: int, margin: float, time_limit: float, show: bool) -> Solution:
    """Return the network of k hidden neurons and any output neuron with the fewest errors."""
    model, X, y = Model(), sample.X, sample.y
    weights = model.variables((k, X.shape[1] + 1), -1.0, 1.0)
    errors = model.variables((sample.size,), 0.0, 1.0, whole=True, cost=1.0)
    side = model.variables((k, sample.size), 0.0, 1.0, whole=True)
    output = model.variables((k,), 0.0, 1.0)
    constant = model.variables((1,), -float(k), float(k))
    product = model.variables((k, sample.size), 0.0, 1.0)
    for s in range(sample.size):
        big = 1.0 + float(np.abs(X[s]).sum()) + margin
        for t in range(k):
            terms, h, q = _affine(weights[t], X[s]), side[t, s], product[t, s]
            model.row([*terms, (h, -big)], margin - big)
            model.row([*terms, (h, -big)], -np.inf, -margin)
            model.row([(h, 1.0), (q, -1.0)], 0.0)
            model.row([(output[t], 1.0), (q, -1.0)], 0.0)
            model.row([(q, 1.0), (output[t], -1.0), (h, -1.0)], -1.0)
        sign, most = float(y[s]), 2.0 * k + margin
        total = [(product[t, s], 2 * sign) for t in range(k)]
        total += [(output[t], -sign) for t in range(k)]
        model.row([*total, (constant[0], sign), (errors[s], most)], margin)
    for p, i, j in sample.middles:
        for t in range(k):
            ends = [(side[t, i], 1.0), (side[t, j], 1.0), (side[t, p], -1.0)]
            model.row(ends, 0.0, 1.0)
    for t in range(1, k):
        model.row([(output[t - 1], 1.0), (output[t], -1.0)], 0.0)
    values, bound = model.solve(time_limit, show)
    if values is None:
        return Solution(None, None, _rounded_up(bound))
    last = np.array([values[constant[0]], *values[output]])
    return Solution(values[weights].T, last, _rounded_up(bound))


def _affine(weights: Any, x: FloatArray) -> list[tuple[Any, float]]:
    """Return the terms of <w, x> + b, the weights' first being b."""
    return [(weights[0], 1.0), *zip(weights[1:], x.tolist(), strict=True)]


def _rounded_up(bound: float) -> int:
    return max(0, math.ceil(bound - TOLERANCE)) if math.isfinite(bound) else 0
