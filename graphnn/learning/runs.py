"""The runs of a training: one, or several restarts, here in threads or elsewhere by joblib."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from threading import Event
from typing import Any

import numpy as np

from graphnn.engines.state import State
from graphnn.errors import EngineUnavailable
from graphnn.learning.checkpoint import Checkpoint, Snapshot
from graphnn.learning.engines import Choice
from graphnn.learning.journal import Course
from graphnn.learning.lbfgs import LBFGS, LbfgsRun
from graphnn.learning.picks import Picks
from graphnn.learning.progress import ProgressBar, Show
from graphnn.learning.restarts import together
from graphnn.learning.result import Memory, Outcome, TrainingResult
from graphnn.learning.run import Run
from graphnn.learning.runners import Runner, Setting, runners
from graphnn.learning.streams import StreamPicks
from graphnn.types import FloatArray

__all__ = ["Task", "elsewhere", "here", "is_elsewhere"]


@dataclass(frozen=True)
class Task:
    """A run that is to be made.

    Attributes:
        number: Which of the restarts it is, from 0.
        state: Where it starts.
        picks: What it picks samples by.
        course: What it goes by.
        method: The optimiser, as the user gave it.
        checkpoint: Its file or None.
        snapshot: Where it goes on from, or None.
    """

    number: int
    state: State
    picks: Picks | StreamPicks
    course: Course
    method: Any
    checkpoint: Checkpoint | None = None
    snapshot: Snapshot | None = None

    def perform(
        self,
        make: Callable[[], Runner],
        choice: Choice,
        show: Show,
        cancelled: Callable[[], bool],
    ) -> TrainingResult:
        """Make the run and return what it came to."""
        run: Run | LbfgsRun
        how: dict[str, Any] = {"show": show, "cancelled": cancelled, "number": self.number}
        if isinstance(self.method, LBFGS):
            samples = self.picks.samples
            run = LbfgsRun(self.state, make(), self.course, self.method, samples, **how)
        else:
            how |= {"checkpoint": self.checkpoint, "engine": choice.name}
            run = Run(self.state, make(), self.course, self.picks, **how)
            if self.snapshot is not None:
                run.restore(self.snapshot)
        outcome, words = run.go()
        if outcome is Outcome.DIVERGED and run.eta is not None:
            words += f", with learning rate {run.eta:g}: {run.eta / 10:g} may do"
        program, kept = run.state.program, -1
        if run.journal.kept is not None:
            kept, program = run.journal.kept.epoch, program.with_theta(run.journal.kept.theta)
        history, optimizer = tuple(run.journal.history), self.course.rules.optimizer
        for slot in run.state.slots:
            slot.flags.writeable = False
        memory = Memory(
            dict(zip(optimizer.slots(), run.state.slots, strict=True)),
            dict(zip(optimizer.counters(), run.state.counters, strict=True)),
        )
        if isinstance(self.method, LBFGS):
            memory = Memory()
        return TrainingResult(program, history, outcome, words, str(choice), kept, memory)


def here(
    tasks: Sequence[Task], make: Callable[[], Runner], choice: Choice, bar: ProgressBar
) -> list[TrainingResult]:
    """Make runs in threads of this process."""
    cancel = Event()
    acts = [partial(task.perform, make, choice, bar.part(), cancel.is_set) for task in tasks]
    return together(acts, cancel)


def is_elsewhere(n_jobs: int | None) -> bool:
    """Whether joblib makes the runs: if it is told how many at once, or a backend of it is set."""
    if n_jobs is not None:
        return True
    if "joblib" not in sys.modules:  # nobody can have set a backend
        return False
    parallel: Any = import_module("joblib.parallel")
    backend, count = parallel.get_active_backend()
    # What joblib takes where nobody has said anything.
    return count is not None or type(backend).__name__ != "LokyBackend"


def elsewhere(
    tasks: Sequence[Task], setting: Setting, choice: Choice, n_jobs: int | None
) -> list[TrainingResult]:
    """Make runs by joblib, in other processes or on other machines.

    Raises:
        EngineUnavailable: If joblib is not installed.
    """
    if find_spec("joblib") is None:
        raise EngineUnavailable("n_jobs needs joblib: python -m pip install joblib")
    joblib: Any = import_module("joblib")
    # Arrays are arguments of their own: joblib shares them among processes, Dask spreads them.
    bare = replace(setting, X=setting.X[:0], y=setting.y[:0], sample_weights=None)
    act = joblib.delayed(_elsewhere)
    data = (setting.X, setting.y, setting.sample_weights)
    pairs = joblib.Parallel(n_jobs=n_jobs)(act(task, bare, choice, *data) for task in tasks)
    for task, (_, chance) in zip(tasks, pairs, strict=True):
        task.picks.rng.bit_generator.state = chance
    return [result for result, _ in pairs]


def _elsewhere(
    task: Task,
    bare: Setting,
    choice: Choice,
    X: FloatArray,
    y: FloatArray,
    weights: FloatArray | None,
) -> tuple[TrainingResult, dict[str, Any]]:
    """Make a run in whatever process this is; return the state of its generator too."""
    arrays = (None if one is None else np.ascontiguousarray(one) for one in (X, y, weights))
    inputs, targets, counts = arrays
    assert inputs is not None
    assert targets is not None
    setting = replace(bare, X=inputs, y=targets, sample_weights=counts)
    made, make = runners(choice, setting)
    result = task.perform(make, made, lambda iteration, epoch, record: None, lambda: False)
    return result, dict(task.picks.rng.bit_generator.state)
