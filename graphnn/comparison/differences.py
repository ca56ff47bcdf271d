"""Central differences: the gradient from the loss alone, with kinks found and skipped.

For the loss L as a function of one weight, D(h) = (L(w + h) - L(w - h)) / 2h at h and h/2 gives
the estimate (4 D(h/2) - D(h)) / 3, of order h^4 (Richardson). Where L has no derivative, either
D(h) and D(h/2) disagree, or the slopes to the left and to the right stay apart as h shrinks: both
are seen, sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from graphnn.comparison.bounds import FLOAT64
from graphnn.engines import node
from graphnn.engines.sample import Sample
from graphnn.engines.wiring import Parameter, Wiring
from graphnn.functions.losses import AnyLoss
from graphnn.types import Edge, Neuron

__all__ = ["Estimate", "central_differences", "chosen_edges"]

STEP = 2.0**-13
MOST_EDGES, LEAST_EDGES = 200, 5
WORK = 5_000_000
"""At most that many edges are crossed in all, unless the least number of edges needs more."""


class Estimate(NamedTuple):
    """A derivative from central differences.

    Attributes:
        value: The estimate.
        tolerance: How far the true derivative may be from it.
        smooth: Whether the loss is smooth there; if not, the value means nothing.
    """

    value: float
    tolerance: float
    smooth: bool


def chosen_edges(edges: int, samples: int, seed: int = 0) -> list[int]:
    """Return the numbers of the edges to look at, ascending: all, or a random sample of them."""
    affordable = WORK // max(1, 4 * edges * samples)
    count = min(edges, MOST_EDGES, max(LEAST_EDGES, affordable))
    rng = np.random.default_rng(seed)
    return sorted(rng.choice(edges, size=count, replace=False).tolist())


def central_differences(
    wiring: Wiring,
    samples: Sequence[Sample],
    loss: AnyLoss,
    numbers: Sequence[int],
    largest: Mapping[Neuron, float],
) -> dict[Edge, Estimate]:
    """Return the estimated derivative of the mean loss in some weights, by their first edge.

    Args:
        wiring: The network's wiring; weights are moved and put back.
        samples: The samples.
        loss: The loss.
        numbers: Which of the wiring's parameters.
        largest: The largest |v| of each neuron: the sources' scale the step.
    """

    def estimate(parameter: Parameter) -> Estimate:
        weight = parameter.weight

        def at(w: float) -> list[float]:
            parameter.move(w)
            try:
                return node.losses(wiring, samples, loss)
            finally:
                parameter.move(weight)

        scale = sum(largest[i] for i, _, _ in parameter.edges)
        return differentiate(at, weight, STEP / max(1.0, scale))

    parameters = [wiring.parameters[number] for number in numbers]
    return {parameter.edges[0][:2]: estimate(parameter) for parameter in parameters}


def differentiate(function: Callable[[float], ArrayLike], w: float, h: float) -> Estimate:
    """Return the derivative at w of the mean of a function's values, from five of them.

    Args:
        function: Returns a number, or one for each sample. Smoothness is judged number by number,
            since the kinks of two samples can cancel in their mean.
        w: Where.
        h: The larger step.

    Example:
        >>> differentiate(lambda w: w * w * w, 2.0, 1e-3).smooth
        True
        >>> differentiate(abs, 0.0, 1e-3).smooth
        False
    """
    h = max(h, 16 * float(np.spacing(abs(w))))
    middle = np.atleast_1d(function(w))
    # Losses are differences of numbers of about 1 (logarithms), so small ones are no more exact.
    size = np.maximum(np.abs(middle), 1.0)
    slopes, gaps = [], []
    for step in (h, h / 2):
        left, right = np.atleast_1d(function(w - step)), np.atleast_1d(function(w + step))
        size = np.maximum(size, np.maximum(np.abs(left), np.abs(right)))
        # The width of the step that was really made: w + step is rounded.
        width = (w + step) - (w - step)
        slopes.append((right - left) / width)
        gaps.append(((right - middle) - (middle - left)) * 2 / width)
    coarse, fine = slopes
    noise = 64 * FLOAT64.unit * size / h
    values = (4 * fine - coarse) / 3
    change = np.abs(fine - coarse)
    # The gap between the slopes to the right and to the left shrinks with h, down to a kink's.
    kink = np.abs(2 * gaps[1] - gaps[0])
    allowed = 1e-4 * np.abs(values) + 1e-8 * np.maximum(1.0, np.abs(middle)) + 4 * noise
    # A step that changes the loss by much is too long to say anything of the slope.
    short = np.abs(right - left) <= 0.1 * np.maximum(1.0, np.abs(middle))
    smooth = bool(((change <= allowed) & (kink <= allowed) & short).all())
    tolerances = 1e-6 * np.abs(values) + change + kink / 2 + noise + 1e-12
    return Estimate(float(values.mean()), float(tolerances.mean()), smooth)
