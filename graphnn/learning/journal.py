"""`Journal`: the history of a run, and all that looks at it: rules, callbacks, held-out data."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphnn.engines.rules import Rules
from graphnn.learning.checkpoint import Snapshot
from graphnn.learning.history import History, Record
from graphnn.learning.moment import Callback, Moment
from graphnn.learning.runners import Runner, penalty
from graphnn.learning.schedules import Plateau, Watch
from graphnn.learning.stopping import MaxTime, StoppingRule, bound, mentions
from graphnn.learning.validation import HeldOut
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["Course", "Journal"]


@dataclass(frozen=True)
class Course:
    """What a run goes by.

    Attributes:
        rules: The optimiser and the regularisers.
        epochs: How many there are at most.
        stops: The stopping rules.
        held: Held-out data or None.
        callbacks: What is called after each epoch.
        plateau: What lowers the learning rate, or None.
    """

    rules: Rules
    epochs: int
    stops: Sequence[StoppingRule] = ()
    held: HeldOut | None = None
    callbacks: Sequence[Callback] = ()
    plateau: Plateau | None = None

    def iterations(self, updates: int) -> int:
        """Return the largest number of updates, given those of an epoch."""
        bounds = [found for rule in self.stops if (found := bound(rule)) is not None]
        return min([self.epochs * updates, *bounds])


class Kept(NamedTuple):
    """The weights of the best epoch so far."""

    epoch: int
    theta: FloatArray


class Journal:
    """The history of a run, and all that looks at it.

    Attributes:
        history: One record an epoch.
        watch: What a plateau remembers.
        kept: With held-out data the weights of the best epoch.
        asked: Why a callback, or time within an epoch, ends the run, or None.
    """

    def __init__(
        self,
        course: Course,
        program: Program,
        runner: Runner,
        run: int = 0,
        gradient: Callable[[Program], FloatArray] | None = None,
    ) -> None:
        self.history = History()
        self.asked: str | None = None
        self.watch: Watch | None = None if course.plateau is None else course.plateau.begin()
        self.kept: Kept | None = None
        self._gradient = gradient or runner.gradient
        self._course, self._program, self._runner, self._run = course, program, runner, run
        self._started = time.monotonic()
        self._has_deadline = any(mentions(rule, MaxTime) for rule in course.stops)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot."""
        self.history = History(list(snapshot.records), snapshot.seconds)
        self.watch = None if snapshot.watch is None else Watch(*snapshot.watch)
        self.kept = None if snapshot.kept is None else Kept(*snapshot.kept)
        if self._course.callbacks and not snapshot.done:  # they may end the run here
            self.asked = self._call(snapshot.theta)
        self._started = time.monotonic() - snapshot.seconds

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return time.monotonic() - self._started

    @property
    def epoch(self) -> int:
        """How many epochs are recorded."""
        return len(self.history) - 1

    @property
    def eta(self) -> float | None:
        """The learning rate that a plateau leads to; None where there is no plateau."""
        return None if self.watch is None else self.watch.eta

    def add(self, iteration: int, loss: float, theta: FloatArray, eta: float | None) -> bool:
        """Append the state to the history; False, and nothing, if a later loss is not finite."""
        course, history = self._course, self.history
        cost = penalty(self._program, theta, course.rules)
        finite = math.isfinite(loss + cost)
        if history and not finite:
            return False
        best = min(loss + cost, history[-1].best) if history else loss + cost
        record = Record(len(history), iteration, loss, cost, best, eta)
        history.append(record if course.held is None else self._judged(record, theta, course.held))
        if course.plateau is not None and self.watch is not None and self.epoch:
            self.watch = course.plateau.seen(self.watch, loss + cost)
        if course.callbacks:
            self.asked = self._call(theta) or self.asked
        return finite

    def _judged(self, record: Record, theta: FloatArray, held: HeldOut) -> Record:
        """Return a record with what held-out data say; the best weights are kept."""
        program = self._program.with_theta(theta)
        validation, score = self._runner.held_out(program), held.score_of(program)
        judged = record._replace(validation=validation, score=score, best_epoch=record.epoch)
        if self.kept is not None and not judged.merit > self.history[self.kept.epoch].merit:
            return judged._replace(best_epoch=self.kept.epoch)
        self.kept = Kept(record.epoch, program.theta)
        return judged

    def _call(self, theta: FloatArray) -> str | None:
        """Call what is to be called; return why the run should stop, if one says so."""
        record = self.history[-1]
        moment = Moment(record, theta.copy(), self._run, self._program, self._gradient)
        answers = [(callback, callback(moment)) for callback in self._course.callbacks]
        for callback, answer in answers:
            if answer:
                name = getattr(callback, "__name__", type(callback).__name__)
                return answer if isinstance(answer, str) else f"callback {name}"
        return None

    def reason(self) -> str | None:
        """Return why the run should stop here, in words, or None."""
        if self.asked is not None or not self._course.stops:
            return self.asked
        self.history.seconds = self.seconds
        reasons = (rule.reason(self.history) for rule in self._course.stops)
        return next((reason for reason in reasons if reason is not None), None)

    def is_late(self) -> bool:
        """Whether time ends the run here, within an epoch; it stays ended then."""
        if self._has_deadline and self.asked is None:
            self.asked = self.reason()
        return self._has_deadline and self.asked is not None
