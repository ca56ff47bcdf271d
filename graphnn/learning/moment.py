"""`Moment`: what a callback sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from graphnn.learning.history import Record
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["Callback", "Moment"]


@dataclass(frozen=True, eq=False)
class Moment:
    """A run after an epoch, and before the first; a callback is called with it.

    Norms are worked out when they are asked for: those of the gradient cost a pass over the data.

    Attributes:
        record: The newest record.
        theta: The weights, in the order of the program's parameters; a copy.
        run: Which of the restarts it is, from 0.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network.dense([1, 2, 1], seed=0)
        >>> def watch(moment):
        ...     return "that is enough" if moment.epoch == 3 else None
        >>> gn.train(net, [[0.0], [1.0]], [0.0, 1.0], callbacks=watch).stopped_by
        'that is enough'
    """

    record: Record
    theta: FloatArray
    run: int
    _program: Program
    _gradient: Callable[[Program], FloatArray]

    @property
    def epoch(self) -> int:
        """Epochs so far."""
        return self.record.epoch

    @property
    def iteration(self) -> int:
        """Updates so far, the steps."""
        return self.record.iteration

    @property
    def loss(self) -> float:
        """The training error."""
        return self.record.loss

    @cached_property
    def program(self) -> Program:
        """The program with these weights."""
        return self._program.with_theta(self.theta)

    @cached_property
    def weight_norms(self) -> tuple[float, ...]:
        """For each layer t = 1..T the norm of its weights, sqrt(sum w^2)."""
        return self._norms(self.theta)

    @cached_property
    def gradient_norms(self) -> tuple[float, ...]:
        """For each layer the norm of the gradient of the training error, penalties left out."""
        return self._norms(self._gradient(self.program))

    def _norms(self, numbers: FloatArray) -> tuple[float, ...]:
        layers = self._program.layers
        return tuple(float(np.linalg.norm(numbers[layer.parameters])) for layer in layers)


Callback: TypeAlias = Callable[[Moment], bool | str | None]
"""What is called after each epoch; a true value ends the run, and if it is text it says why."""
