"""`Run`: one run of an engine over the samples, with its history.

An engine runs for about a twentieth of a second at a time: a piece of an epoch, or several short
epochs in one call. In between the keyboard, the rules and the bar are served. How much is run at a
time changes no result: where something ends the run within several epochs, or lowers the learning
rate, the epochs up to there are run once more and the rest is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.state import State
from graphnn.errors import DataError
from graphnn.learning.checkpoint import Checkpoint, Snapshot
from graphnn.learning.journal import Course, Journal
from graphnn.learning.picks import Drawn, Picks
from graphnn.learning.progress import Show
from graphnn.learning.result import Outcome
from graphnn.learning.runners import NativeRunner, Runner
from graphnn.learning.streams import StreamDrawn, StreamPicks
from graphnn.types import FloatArray

__all__ = ["Run"]

KEPT = 2**17
"""How many weights are kept at most, one set an epoch, while several epochs run in one call."""


class Run:
    """One run: the state that moves, and its journal.

    Attributes:
        state: The weights, and what the optimiser remembers, as far as the run has come.
        journal: The history, and all that looks at it.
        eta: The learning rate of the last update.
    """

    def __init__(
        self,
        state: State,
        runner: Runner,
        course: Course,
        picks: Picks | StreamPicks,
        show: Show,
        cancelled: Callable[[], bool],
        number: int = 0,
        checkpoint: Checkpoint | None = None,
        engine: str = "",
    ) -> None:
        self.state = state
        gradient = runner.gradient
        if isinstance(picks, StreamPicks):
            gradient = partial(picks.gradient, runner)
        self.journal = Journal(course, state.program, runner, number, gradient)
        self.eta: float | None = None
        self._runner, self._course, self._picks = runner, course, picks
        self._iterations = course.iterations(picks.updates)
        self._show, self._cancelled = show, cancelled
        self._pace = runner.pace
        self._iteration = 0
        self._done = 0
        self._chance = picks.chance
        self._checkpoint, self._engine = checkpoint, engine
        self._safe: Snapshot | None = None
        self._records = 0
        self._why = ""

    def go(self) -> tuple[Outcome, str]:
        """Run until a rule, the last epoch, Ctrl-C or divergence ends it."""
        try:
            if not self.journal.history:
                if not self._record(self._loss(), self.state.program.theta):
                    words = f"the loss of the first weights is not finite{self._why}"
                    return Outcome.DIVERGED, words
                self._remember()
            ending = self._ending()
            while ending is None:
                count = self._whole_epochs()
                failure = self._several(count) if count > 1 else self._one()
                if failure is not None:
                    return Outcome.DIVERGED, failure + self._why
                ending = self._ending()
        except KeyboardInterrupt:
            self._save()
            history = self.journal.history
            if not history or history[-1].iteration < self._iteration:
                self._record(self._loss(), self.state.program.theta)
            return Outcome.INTERRUPTED, f"Ctrl-C after {self._iteration} iterations"
        self._save()
        return ending

    def _ending(self) -> tuple[Outcome, str] | None:
        """Return how the run ends here, None if it goes on."""
        reason = self.journal.reason()
        if reason is not None:
            return Outcome.STOPPED, reason
        epochs, done = self._course.epochs, self.journal.epoch
        if done > epochs:
            return Outcome.EPOCHS, f"bound on epochs: {epochs}; the checkpoint has {done} already"
        if done == epochs:
            return Outcome.EPOCHS, f"bound on epochs: {epochs}"
        return None

    # ---- on disk ---------------------------------------------------------------------------

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot."""
        program = self.state.program.with_theta(snapshot.theta)
        self.state = State(program, snapshot.slots, snapshot.counters)
        self._iteration, self._done, self.eta = snapshot.iteration, snapshot.done, snapshot.eta
        self._chance = snapshot.chance
        self._picks.rewind(snapshot.chance, 0)
        self.journal.restore(snapshot)
        self._safe, self._records = snapshot, len(snapshot.records)

    def _remember(self) -> None:
        """Note where the run is, between two calls of the engine; write it down if it is time."""
        if self._checkpoint is None:
            return
        journal = self.journal
        self._records = len(journal.history)
        self._safe = Snapshot(
            theta=self.state.program.theta,
            slots=self.state.slots,
            counters=self.state.counters,
            iteration=self._iteration,
            eta=self.eta,
            done=self._done,
            chance=self._chance if self._done else self._picks.chance,
            records=(),  # added where it is written
            seconds=journal.seconds,
            watch=journal.watch,
            kept=journal.kept,
            engine=self._engine,
        )
        if self._checkpoint.is_due():
            self._save()

    def _save(self) -> None:
        """Write down where the run was safe last."""
        if self._checkpoint is not None and self._safe is not None:
            records = tuple(self.journal.history[: self._records])
            self._checkpoint.write(replace(self._safe, records=records))

    def _record(self, loss: float, theta: FloatArray) -> bool:
        return self.journal.add(self._iteration, loss, theta, self.eta)

    def _look_up(self, epoch: int) -> None:
        """Show the bar; a run that others cancelled ends as by Ctrl-C."""
        self._show(self._iteration, epoch, self.journal.history[-1])
        if self._cancelled():
            raise KeyboardInterrupt

    # ---- several short epochs in one call --------------------------------------------------

    def _whole_epochs(self) -> int:
        """Return how many epochs to run in one call, 1 where the engine runs one at a time."""
        streams = isinstance(self._picks, StreamPicks)
        if not isinstance(self._runner, NativeRunner) or self._done or streams:
            return 1
        per_epoch = self._picks.updates
        left = min(
            self._course.epochs - self.journal.epoch,
            (self._iterations - self._iteration) // per_epoch,
            KEPT // max(1, len(self.state.program.theta)),
        )
        return max(1, min(left, self._pace.updates // per_epoch))

    def _several(self, count: int) -> str | None:
        """Run some epochs in one call; return where it diverged, if it did."""
        assert isinstance(self._runner, NativeRunner)
        chance, begun, eta = self._picks.chance, self.journal.epoch, self.journal.eta
        epochs = self._picks.ahead(begun, count, eta)
        try:
            with self._pace.timed(count * self._picks.updates):
                after, losses, thetas = self._runner.epochs(self.state, epochs)
        except ArithmeticError:  # one epoch after the other finds the step
            self._picks.rewind(chance, 0)
            return self._one()
        start = self.state
        try:
            diverged = self._recorded(epochs, losses, thetas)
        except KeyboardInterrupt:  # the weights are those of the last record
            done = self.journal.epoch - begun
            self.state = self._replayed(start, epochs, done)
            self._iteration = self.journal.history[-1].iteration
            self._picks.rewind(chance, done)
            self._remember()
            raise
        done = self.journal.epoch - begun
        self.state = after if done == count else self._replayed(start, epochs, done)
        if diverged:
            self._iteration = self.journal.history[-1].iteration
            self._picks.rewind(chance, done)
            return self._first_divergence(self._picks.epoch(begun + done, eta))
        if done < count:
            self._picks.rewind(chance, done)
        self._remember()
        self._look_up(self.journal.epoch)
        return None

    def _recorded(self, epochs: Epochs, losses: FloatArray, thetas: FloatArray) -> bool:
        """Record epochs that were run, up to where the others are not to be.

        Returns:
            Whether the epoch after the last recorded one diverged.
        """
        finite = np.logical_and.reduce(np.isfinite(thetas), axis=1)
        first, eta = self._iteration, self.journal.eta
        rates = epochs.batches.rates[epochs.ends - 1].tolist()
        for k, (loss, end) in enumerate(zip(losses.tolist(), epochs.ends.tolist(), strict=True)):
            self._iteration, self.eta = first + end, rates[k]
            if not (finite[k] and self._record(loss, thetas[k])):
                return True
            last = k + 1 == len(epochs)
            if not last and (self.journal.eta != eta or self.journal.reason() is not None):
                break
        return False

    def _replayed(self, start: State, epochs: Epochs, count: int) -> State:
        """Return the state after the first of some epochs."""
        return self._runner.run(start, epochs.first(count)) if count else start

    # ---- one epoch in pieces ---------------------------------------------------------------

    def _one(self) -> str | None:
        """Run one epoch piece by piece; return where it diverged, if it did."""
        if self._done:  # a run that goes on within an epoch
            self._picks.rewind(self._chance, 0)
        self._chance = self._picks.chance
        start, begun, first = self.state, self._iteration, self._done
        drawn = self._picks.epoch(self.journal.epoch, self.journal.eta)
        count = min(drawn.count, first + self._iterations - begun)
        while self._done < count:
            piece = drawn.part(self._done, min(count, self._done + self._pace.updates))
            with self._pace.timed(len(piece)):
                moved = self._moved(piece)
            if moved is None:
                self.state, self._iteration = start, begun
                return self._first_divergence(drawn, first)
            self.state, self.eta = moved, float(piece.rates[-1])
            self._done += len(piece)
            self._iteration += len(piece)
            self._remember()
            self._look_up(self.journal.epoch + 1)
            if self.journal.is_late():
                break
        if not self._record(self._loss(), self.state.program.theta):
            self.state, self._iteration = start, begun
            return self._first_divergence(drawn, first)
        self._done = 0
        self._remember()
        return None

    def _moved(self, batches: Batches) -> State | None:
        """Return the state after some batches, or None if a weight is no longer finite."""
        try:
            moved = self._runner.run(self.state, batches)
        except DataError:
            raise
        except (ArithmeticError, ValueError) as error:
            # A user's function may raise where a weight or value has become infinite.
            self._why = f" ({type(error).__name__}: {error})"
            return None
        return moved if np.isfinite(moved.program.theta).all() else None

    def _loss(self, batch: Batches | None = None) -> float:
        try:
            if batch is None and isinstance(self._picks, StreamPicks):
                return self._picks.mean_loss(self._runner, self.state.program)
            return self._runner.loss(self.state.program, batch)
        except DataError:
            raise
        except (ArithmeticError, ValueError) as error:
            self._why = f" ({type(error).__name__}: {error})"
            return float("nan")

    def _first_divergence(self, drawn: Drawn | StreamDrawn, first: int = 0) -> str:
        """Replay an epoch up to the first step that goes wrong; keep the weights before it."""
        epoch = self.journal.epoch + 1
        for k in range(first, drawn.count):
            batch = drawn.part(k, k + 1)
            step = f"at iteration {self._iteration + 1} (epoch {epoch})"
            self.eta = float(batch.rates[0])
            if not np.isfinite(self._loss(batch)):
                return f"{step} the loss is not finite"
            moved = self._moved(batch)
            if moved is None:
                return f"{step} a weight is not finite"
            self.state = moved
            self._iteration += 1
        return f"after iteration {self._iteration} (epoch {epoch}) the training error is not finite"
