"""`TrainingResult`: what a run comes to, frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphnn.learning.history import Record
from graphnn.program.program import Program
from graphnn.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ["Memory", "Minimum", "Outcome", "TrainingResult"]


class Outcome(Enum):
    """How a run ended; the value is its message."""

    STOPPED = "a stopping rule ended the run"
    EPOCHS = "all epochs were run"
    INTERRUPTED = "the run was interrupted; the weights are those of the last whole chunk of steps"
    CONVERGED = "the optimiser found no slope any more"
    STUCK = "the optimiser found no better weights, though there is a slope"
    DIVERGED = "the loss or a weight was no longer finite; the last finite weights were kept"


GAP, TINY = 0.2, 1e-9
"""A loss that is larger than the one before by more than that share, and that much, is another."""

SHOWN = 6
"""So many minima are listed in words."""


class Minimum(NamedTuple):
    """Where some runs ended.

    Attributes:
        loss: The smallest of their losses.
        runs: How many there are.
    """

    loss: float
    runs: int


class Memory(NamedTuple):
    """What an optimiser remembers, by its own names.

    Attributes:
        slots: Arrays with a number for each parameter; read-only.
        counters: Numbers of the run.
    """

    slots: Mapping[str, FloatArray] = MappingProxyType({})
    counters: Mapping[str, float] = MappingProxyType({})

    def __reduce__(self) -> tuple[Any, ...]:
        return Memory, (dict(self.slots), dict(self.counters))


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """The result of `graphnn.train`.

    Attributes:
        program: The trained program, at the version of the network that holds its weights.
        history: One `Record` an epoch, the first before any update.
        outcome: How the run ended.
        stopped_by: The same in words, with the numbers.
        engine: The engine that ran; if "auto" chose it, with the reason.
        kept: Which record's weights the program has: the last one's, or with held-out data the
            best epoch's.
        memory: What the optimiser remembers at the end of the run, for `train(..., memory=...)`.
        runs: With restarts all runs in order, this one among them; their programs are still at the
            version of the network that they started from.
    """

    program: Program
    history: tuple[Record, ...]
    outcome: Outcome
    stopped_by: str
    engine: str
    kept: int = -1
    memory: Memory = Memory()  # noqa: RUF009 - it is never changed
    runs: tuple[TrainingResult, ...] = ()

    @property
    def loss(self) -> float:
        """The training error that is recorded with the program's weights.

        After divergence it is the last record's, and the program has the last finite weights.
        """
        return self.history[self.kept].loss

    @property
    def losses(self) -> tuple[float, ...]:
        """The training error before the first epoch and after each."""
        return tuple(record.loss for record in self.history)

    @property
    def minima(self) -> tuple[Minimum, ...]:
        """Where the runs ended, the best first: another begins where losses leave a gap of a fifth.

        The lecture's local minima: with restarts, how often each was reached.
        """
        found, last = list[Minimum](), -math.inf
        for loss in sorted(run.loss for run in self.runs or (self,)):
            if loss > last * (1 + GAP) + TINY:
                found.append(Minimum(loss, 0))
            found[-1] = found[-1]._replace(runs=found[-1].runs + 1)
            last = loss
        return tuple(found)

    def to_pandas(self) -> DataFrame:
        """Return the history as a pandas frame, a row an epoch; columns with nothing are left out.

        Raises:
            ImportError: If pandas is not installed.
        """
        from importlib import import_module

        pandas: Any = import_module("pandas")
        frame: DataFrame = pandas.DataFrame(self.history, columns=list(Record._fields))
        return frame.set_index("epoch").dropna(axis="columns", how="all")

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the learning curve: the training error, and that of held-out data.

        Args:
            ax: Where to draw; default a new figure.

        Returns:
            The Matplotlib figure.

        Raises:
            RenderError: If Matplotlib is not installed; it says what to install.
        """
        from graphnn.drawing.plots import learning_curve

        history = self.history
        epochs = [record.epoch for record in history]
        held = [record.validation for record in history if record.validation is not None]
        return learning_curve(epochs, self.losses, held, kept=self.kept, ax=ax)

    def __str__(self) -> str:
        last = self.history[-1]
        name, _, why = self.engine.removesuffix(")").partition(" (auto: ")
        text = (
            f"{name} engine, {_count(last.epoch, 'epoch')}, "
            f"{_count(last.iteration, 'iteration')}: loss "
            f"{self.history[0].loss:.6g} -> {last.loss:.6g}\nstopped by {self.stopped_by}"
        )
        if 0 <= self.kept < last.epoch:
            text += (
                f"\nthe weights are those of epoch {self.kept}, the best on held-out data: loss "
                f"{self.loss:.6g}, {_held(self.history[self.kept])}"
            )
        if last.loss > self.history[0].loss:
            text += (
                "\nthe loss is larger than before training: a smaller learning rate, or "
                "standardised inputs and targets, usually help"
            )
        if why:
            text += f"\nengine chosen by auto: {why}"
        if self.runs:
            losses = sorted(run.loss for run in self.runs)
            text += (
                f"\nbest of {len(losses)} runs: losses {losses[0]:.6g} to {losses[-1]:.6g}, "
                f"median {losses[len(losses) // 2]:.6g}"
            )
            minima = [f"{one.loss:.3g} ({_count(one.runs, 'run')})" for one in self.minima]
            shown = minima if len(minima) <= SHOWN else [*minima[: SHOWN - 1], "..."]
            text += f"\nthey ended near {', '.join(shown)}"
        return text

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        from graphnn.drawing.notebook import of_result

        return of_result(self)


def _held(record: Record) -> str:
    if record.score is not None:
        return f"score {record.score:.6g}"
    return f"validation error {record.validation:.6g}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
