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
        self._program = program
        self._exempt = program.from_constants

    def move(
        self,
        theta: FloatArray,
        g: FloatArray,
        slots: tuple[FloatArray, ...],
        eta: float,
        counters: Numbers,
    ) -> Numbers:
        """Change weights and slots in place, spoil the gradient, and return the counters."""
        rules = self._rules
        counters = rules.optimizer.tick(counters)
        for rule in rules.penalties:
            g += self._counted(rule, array_form(rule, "derivative")(theta), 0)
        for rule in rules.clips:
            g[:] = array_form(rule, "clip")(g)
        for rule in rules.scalings:
            g *= rule.gradient_factor(float(np.dot(g, g)))
        _update(rules.optimizer, theta, g, slots, (eta, *counters))
        for rule in rules.proximals:
            moved = array_form(rule, "proximal")(theta, eta)
            theta[:] = self._counted(rule, moved, theta)
        for rule in rules.projections:
            self._project(rule, theta)
        return counters

    def _counted(self, rule: Any, numbers: FloatArray, other: Any) -> FloatArray:
        """Return numbers, and others where a regulariser leaves the edge out."""
        return numbers if takes_constants(rule) else np.where(self._exempt, other, numbers)

    @cached_property
    def _neuron(self) -> IntArray:
        """The neuron that each parameter's edge leads to, numbered across layers."""
        neuron, first = np.zeros(len(self._exempt), dtype=np.intp), 0
        for layer in self._program.layers:
            neuron[layer.parameters] = first + layer.targets
            first += layer.columns
        return neuron

    def _project(self, rule: Any, theta: FloatArray) -> None:
        squares = theta * theta
        if not takes_constants(rule):
            squares[self._exempt] = 0
        sums = np.bincount(self._neuron, squares)
        factors = np.array([rule.weight_factor(one) for one in sums.tolist()], dtype=theta.dtype)
        each = factors[self._neuron]
        if not takes_constants(rule):
            each[self._exempt] = 1
        theta *= each


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
