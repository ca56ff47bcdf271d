"""`Run`: one run of an engine over the samples, with its history.

An engine runs for about a twentieth of a second at a time: a piece of an epoch, or several short
epochs in one call. In between the keyboard, the rules and the bar are served. How much is run at a
time changes no result: where a rule ends the run within several epochs, the rest is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphnn.engines.batches import Batches, Epochs
from graphnn.functions.regularizers import L2
from graphnn.learning.picks import Picks
from graphnn.learning.result import Outcome
from graphnn.learning.runners import NativeRunner, Runner, penalty
from graphnn.learning.stopping import Record
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["Run"]

KEPT = 2**17
"""How many weights are kept at most, one set an epoch, while several epochs run in one call."""


class Run:
    """One run: the program that moves, and its history.

    Attributes:
        program: The program as far as it has come.
        history: One record an epoch.
    """

    def __init__(
        self,
        program: Program,
        runner: Runner,
        regularizer: L2 | None,
        picks: Picks,
        show: Callable[[int, int, float], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.program, self.history = program, list[Record]()
        self._runner, self._regularizer, self._picks = runner, regularizer, picks
        self._show, self._cancelled = show, cancelled
        self._pace = runner.pace
        self._iteration = 0
        self._why = ""

    def go(self) -> tuple[Outcome, str]:
        """Run until a rule, the last epoch, Ctrl-C or divergence ends it."""
        try:
            if not self._record(self._loss(), self.program.theta):
                return Outcome.DIVERGED, f"the loss of the first weights is not finite{self._why}"
            while self._epoch < self._picks.epochs:
                reason = self._reason()
                if reason is not None:
                    return Outcome.STOPPED, reason
                count = self._whole_epochs()
                failure = self._several(count) if count > 1 else self._one()
                if failure is not None:
                    return Outcome.DIVERGED, failure + self._why
        except KeyboardInterrupt:
            if not self.history or self.history[-1].iteration < self._iteration:
                self._record(self._loss(), self.program.theta)
            return Outcome.INTERRUPTED, f"Ctrl-C after {self._iteration} iterations"
        reason = self._reason()
        if reason is not None:
            return Outcome.STOPPED, reason
        return Outcome.EPOCHS, f"bound on epochs: {self._picks.epochs}"

    @property
    def _epoch(self) -> int:
        return len(self.history) - 1

    def _reason(self) -> str | None:
        reasons = (rule.reason(self.history) for rule in self._picks.rules)
        return next((reason for reason in reasons if reason is not None), None)

    def _record(self, loss: float, theta: FloatArray) -> bool:
        """Append the state to the history; False, and nothing, if a later loss is not finite."""
        cost = penalty(self.program, theta, self._regularizer)
        finite = math.isfinite(loss + cost)
        if self.history and not finite:
            return False
        best = min(loss + cost, self.history[-1].best) if self.history else loss + cost
        self.history.append(Record(len(self.history), self._iteration, loss, cost, best))
        return finite

    def _look_up(self, epoch: int) -> None:
        """Show the bar; a run that others cancelled ends as by Ctrl-C."""
        self._show(self._iteration, epoch, self.history[-1].loss)
        if self._cancelled():
            raise KeyboardInterrupt

    # ---- several short epochs in one call --------------------------------------------------

    def _whole_epochs(self) -> int:
        """Return how many epochs to run in one call, 1 where the engine runs one at a time."""
        if not isinstance(self._runner, NativeRunner):
            return 1
        per_epoch = self._picks.updates
        left = min(
            self._picks.epochs - self._epoch,
            (self._picks.iterations - self._iteration) // per_epoch,
            KEPT // max(1, len(self.program.theta)),
        )
        return max(1, min(left, self._pace.updates // per_epoch))

    def _several(self, count: int) -> str | None:
        """Run some epochs in one call; return where it diverged, if it did."""
        assert isinstance(self._runner, NativeRunner)
        epochs, state = self._picks.ahead(count)
        try:
            with self._pace.timed(count * self._picks.updates):
                losses, thetas = self._runner.epochs(self.program, epochs)
        except ArithmeticError:  # one epoch after the other finds the step
            self._picks.rewind(state, 0)
            return self._one()
        first = len(self.history)
        try:
            return self._recorded(epochs, losses, thetas, state)
        except KeyboardInterrupt:  # the weights are those of the last record
            done = len(self.history) - first
            if done:
                self.program = self.program.with_theta(thetas[done - 1])
            self._iteration = self.history[-1].iteration
            raise

    def _recorded(
        self,
        epochs: Epochs,
        losses: FloatArray,
        thetas: FloatArray,
        state: dict[str, Any],
    ) -> str | None:
        """Record epochs that were run, up to the first after which a rule ends the run."""
        finite = np.logical_and.reduce(np.isfinite(thetas), axis=1)
        first = self._iteration
        for k, (loss, end) in enumerate(zip(losses.tolist(), epochs.ends.tolist(), strict=True)):
            begun, self._iteration = self._iteration, first + end
            if not (finite[k] and self._record(loss, thetas[k])):
                self._picks.rewind(state, k + 1)
                start = self.program if k == 0 else self.program.with_theta(thetas[k - 1])
                return self._first_divergence(start, epochs[k], begun)
            last = k + 1 == len(epochs)
            if not last and self._reason() is not None:
                self._picks.rewind(state, k + 1)
                last = True
            if last:
                self.program = self.program.with_theta(thetas[k])
                break
        self._look_up(self._epoch)
        return None

    # ---- one epoch in pieces ---------------------------------------------------------------

    def _one(self) -> str | None:
        """Run one epoch piece by piece; return where it diverged, if it did."""
        start, begun = self.program, self._iteration
        batches = self._picks.epoch()[: self._picks.iterations - begun]
        done = 0
        while done < len(batches):
            piece = batches[done : done + self._pace.updates]
            with self._pace.timed(len(piece)):
                moved = self._moved(piece)
            if moved is None:
                return self._first_divergence(start, batches, begun)
            self.program = moved
            done += len(piece)
            self._iteration += len(piece)
            self._look_up(self._epoch + 1)
        if not self._record(self._loss(), self.program.theta):
            return self._first_divergence(start, batches, begun)
        return None

    def _moved(self, batches: Batches) -> Program | None:
        """Return the program after some batches, or None if a weight is no longer finite."""
        try:
            moved = self._runner.run(self.program, batches)
        except (ArithmeticError, ValueError) as error:
            # A user's function may raise where a weight or value has become infinite.
            self._why = f" ({type(error).__name__}: {error})"
            return None
        return moved if np.isfinite(moved.theta).all() else None

    def _loss(self, rows: IntArray | None = None) -> float:
        try:
            return self._runner.loss(self.program, rows)
        except (ArithmeticError, ValueError) as error:
            self._why = f" ({type(error).__name__}: {error})"
            return float("nan")

    def _first_divergence(self, start: Program, batches: Batches, begun: int) -> str:
        """Replay an epoch up to the first step that goes wrong; keep the weights before it."""
        self.program, self._iteration = start, begun
        epoch = self._epoch + 1
        for batch in batches:
            step = f"at iteration {self._iteration + 1} (epoch {epoch})"
            if not np.isfinite(self._loss(batch)):
                return f"{step} the loss is not finite"
            moved = self._moved(Batches.of([batch]))
            if moved is None:
                return f"{step} a weight is not finite"
            self.program = moved
            self._iteration += 1
        return f"after iteration {self._iteration} (epoch {epoch}) the training error is not finite"
