"""L-BFGS: SciPy's, on the gradient over all samples that an engine computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from graphnn.engines.batches import Batches
from graphnn.engines.state import State
from graphnn.learning.journal import Course, Journal
from graphnn.learning.optimizers import Arrays, Numbers, Optimizer
from graphnn.learning.progress import Show
from graphnn.learning.result import Outcome
from graphnn.learning.runners import Runner, penalty
from graphnn.ranges import at_least_0, settle, whole
from graphnn.types import FloatArray

__all__ = ["LBFGS", "LbfgsRun"]


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS: a quasi-Newton method with a line search, by `scipy.optimize`.

    It has no learning rate. An epoch is one of its iterations, which takes the gradient over all
    samples once or a few times; `epochs` bounds them. It minimises a smooth objective: L2 goes with
    it, and so does a penalty of your own; L1, MaxNorm, Dropout and clipping do not.

    Args:
        memory: How many past steps shape the next one (SciPy's `maxcor`), at least 1.
        tol: It has converged where no entry of the gradient is larger (SciPy's `gtol`).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network.dense([1, 1], activation="identity", seed=0)
        >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
        >>> result = gn.train(net, X, y, optimizer=LBFGS(), batch_size=None)
        >>> [round(w, 6) for w in result.program.theta.tolist()], result.outcome.name
        ([1.0, 2.0], 'CONVERGED')

    Source: Liu and Nocedal (1989); Byrd, Lu, Nocedal and Zhu (1995), whose L-BFGS-B SciPy has.
    """

    memory: int = 10
    tol: float = 1e-6

    needs_all_samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        settle(self, memory=whole("memory", self.memory), tol=at_least_0("tol", self.tol))


@dataclass(frozen=True)
class Gradient(Optimizer):
    """Moves no weight and remembers its gradient: how a run asks an engine for the gradient."""

    needs_all_samples: ClassVar[bool] = True

    def slots(self) -> dict[str, float]:
        """Return the gradient."""
        return {"gradient": 0.0}

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the same weight, and its gradient."""
        return weight, (gradient,)

    def update_array(
        self, weights: FloatArray, gradient: FloatArray, slots: Arrays, step: Numbers
    ) -> None:
        """Keep the gradients."""
        slots[0][:] = gradient


class LbfgsRun:
    """One run of L-BFGS; see `graphnn.learning.run.Run`, which it stands in for.

    Attributes:
        state: The weights as far as the run has come.
        journal: The history, and all that looks at it.
        eta: None: there is no learning rate.
    """

    eta = None

    def __init__(
        self,
        state: State,
        runner: Runner,
        course: Course,
        method: LBFGS,
        samples: int,
        show: Show,
        cancelled: Callable[[], bool],
        number: int = 0,
    ) -> None:
        self.state = state
        self.journal = Journal(course, state.program, runner, number)
        self._runner, self._course, self._method = runner, course, method
        self._batches = Batches.of([np.arange(samples)])
        self._show, self._cancelled = show, cancelled
        self._loss = math.nan

    def go(self) -> tuple[Outcome, str]:
        """Run until it has converged, or something else ends it."""
        minimize: Any = import_module("scipy.optimize").minimize
        theta, epochs = self.state.program.theta, self._course.epochs
        options = {"maxcor": self._method.memory, "gtol": self._method.tol, "ftol": 0.0}
        options |= {"maxiter": epochs, "maxfun": math.inf}
        why = ""
        try:
            self._loss = self._runner.loss(self.state.program)
        except (ArithmeticError, ValueError) as error:
            why = f" ({type(error).__name__}: {error})"
        try:
            if not self.journal.add(0, self._loss, theta, None):
                return Outcome.DIVERGED, f"the loss of the first weights is not finite{why}"
            reason = self.journal.reason()
            if reason is None:
                found: Any = minimize(
                    self._objective, theta, jac=True, method="L-BFGS-B", callback=self._seen,
                    options=options,
                )  # fmt: skip
                reason = self.journal.reason()
        except KeyboardInterrupt:
            return Outcome.INTERRUPTED, f"Ctrl-C after {self.journal.epoch} iterations"
        except (ArithmeticError, ValueError) as error:
            return Outcome.DIVERGED, f"in iteration {self.journal.epoch + 1} {error}"
        if reason is not None:
            return Outcome.STOPPED, reason
        if found.status == 1:
            return Outcome.EPOCHS, f"bound on epochs: {epochs}"
        outcome = Outcome.CONVERGED if found.success else Outcome.STUCK
        return outcome, f"L-BFGS after {self.journal.epoch} iterations: {found.message}"

    def _objective(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return loss + penalty and its gradient."""
        at = State(self.state.program.with_theta(theta), self.state.slots)
        gradient = self._runner.run(at, self._batches).slots[0]
        self._loss = self._runner.loss(at.program)
        cost = self._loss + penalty(at.program, theta, self._course.rules)
        if not (math.isfinite(cost) and np.isfinite(gradient).all()):
            raise ArithmeticError("the loss or its gradient is not finite")
        return cost, gradient

    def _seen(self, intermediate_result: Any) -> None:
        """Record an iteration, whose weights were tried last; StopIteration ends the run."""
        theta = intermediate_result.x
        self.state = State(self.state.program.with_theta(theta), self.state.slots)
        count = self.journal.epoch + 1
        self.journal.add(count, self._loss, theta, None)
        self._show(count, count, self.journal.history[-1])
        if self._cancelled():
            raise KeyboardInterrupt
        if self.journal.reason() is not None:
            raise StopIteration
