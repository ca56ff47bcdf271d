"""`Descent`: the matrix engine's update, all weights at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.engines.rules import Numbers, Rules, goes_with, takes_constants
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["Descent", "array_form"]


class Descent:
    """An update, in the order of `descent.py`, for whole arrays.

    Args:
        program: The program; its structure alone is read.
        rules: The optimiser and the regularisers.
    """

    def __init__(self, program: Program, rules: Rules) -> None:
        self._rules = rules
        self._program, self._live = program, program.live
        exempt = program.from_constants
        self._exempt = exempt if self._live is None else exempt[self._live]

    def move(
        self,
        theta: FloatArray,
        g: FloatArray,
        slots: tuple[FloatArray, ...],
        eta: float,
        counters: Numbers,
    ) -> Numbers:
        """Change weights and slots in place, spoil the gradient, and return the counters."""
        counters = self._rules.optimizer.tick(counters)
        live = self._live
        if live is None:
            self.descend(theta, g, slots, (eta, *counters))
        else:
            some, kept = theta[live], tuple(slot[live] for slot in slots)
            self.descend(some, g[live], kept, (eta, *counters))
            for whole, part in zip((theta, *slots), (some, *kept), strict=True):
                whole[live] = part
        for rule in self._rules.projections:
            self._project(rule, theta)
        return counters

    def descend(
        self, theta: FloatArray, g: FloatArray, slots: tuple[FloatArray, ...], step: Numbers
    ) -> None:
        """Move the weights that are trained, of which alone there are numbers here."""
        rules = self._rules
        for rule in rules.penalties:
            g += self._counted(rule, array_form(rule, "derivative")(theta), 0)
        for rule in rules.clips:
            g[:] = array_form(rule, "clip")(g)
        for rule in rules.scalings:
            g *= rule.gradient_factor(float(np.dot(g, g)))
        _update(rules.optimizer, theta, g, slots, step)
        for rule in rules.proximals:
            moved = array_form(rule, "proximal")(theta, step[0])
            theta[:] = self._counted(rule, moved, theta)

    def _counted(self, rule: Any, numbers: FloatArray, other: Any) -> FloatArray:
        """Return numbers, and others where a regulariser leaves the edge out."""
        return numbers if takes_constants(rule) else np.where(self._exempt, other, numbers)

    @cached_property
    def _neuron(self) -> IntArray:
        """The neuron that each edge leads to, numbered across layers."""
        firsts = np.cumsum([0, *(layer.columns for layer in self._program.layers)])
        pairs = zip(firsts.tolist(), self._program.layers, strict=False)
        return np.concatenate([first + layer.targets for first, layer in pairs])

    @cached_property
    def _constant(self) -> NDArray[np.bool_]:
        """Whether each edge is a constant neuron's."""
        return np.concatenate([layer.sources == 0 for layer in self._program.layers])

    def _project(self, rule: Any, theta: FloatArray) -> None:
        """Multiply weights by a factor of the norms that they are part of, the smallest of them."""
        program = self._program
        squares = np.where(program.trainable, theta * theta, 0)[program.parameters]
        exempt = ~program.trainable
        if not takes_constants(rule):
            squares[self._constant] = 0
            exempt = exempt | program.from_constants
        sums = np.bincount(self._neuron, squares)
        factors = np.array([rule.weight_factor(one) for one in sums.tolist()], dtype=theta.dtype)
        each = np.full_like(theta, np.inf)
        np.minimum.at(each, program.parameters, factors[self._neuron])
        theta *= np.where(exempt, 1, each).astype(theta.dtype)


def array_form(rule: Any, method: str) -> Callable[..., Any]:
    """Return a method of a rule for arrays: its own form, or a plain loop."""
    if goes_with(rule, f"{method}_array", method):
        form: Callable[..., Any] = getattr(rule, f"{method}_array")
        return form
    loop = np.vectorize(getattr(rule, method), otypes=[np.float64])

    def plain(array: FloatArray, *numbers: float) -> NDArray[Any]:
        return loop(array, *numbers).astype(array.dtype) if len(array) else array

    return plain


def _update(
    optimizer: Any, theta: FloatArray, g: FloatArray, slots: tuple[FloatArray, ...], step: Numbers
) -> None:
    if goes_with(optimizer, "update_array", "update"):
        optimizer.update_array(theta, g, slots, step)
        return
    rows = list(zip(*(slot.tolist() for slot in slots), strict=True)) or [()] * len(theta)
    for k, (w, gradient) in enumerate(zip(theta.tolist(), g.tolist(), strict=True)):
        theta[k], found = optimizer.update(w, gradient, rows[k], step)
        for slot, number in zip(slots, found, strict=True):
            slot[k] = number
