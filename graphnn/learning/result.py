"""`TrainingResult`: what a run comes to, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from graphnn.learning.stopping import Record
from graphnn.program.program import Program

__all__ = ["Outcome", "TrainingResult"]


class Outcome(Enum):
    """How a run ended; the value is its message."""

    STOPPED = "a stopping rule ended the run"
    EPOCHS = "all epochs were run"
    INTERRUPTED = "the run was interrupted; the weights are those of the last whole chunk of steps"
    DIVERGED = "the loss or a weight was no longer finite; the last finite weights were kept"


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """The result of `graphnn.train`.

    Attributes:
        program: The trained program, at the version of the network that holds its weights.
        history: One `Record` an epoch, the first before any update.
        outcome: How the run ended.
        stopped_by: The same in words, with the numbers.
        engine: The engine that ran; if "auto" chose it, with the reason.
        runs: With restarts all runs in order, this one among them; their programs are still at the
            version of the network that they started from.
    """

    program: Program
    history: tuple[Record, ...]
    outcome: Outcome
    stopped_by: str
    engine: str
    runs: tuple[TrainingResult, ...] = ()

    @property
    def loss(self) -> float:
        """The training error at the end."""
        return self.history[-1].loss

    @property
    def losses(self) -> tuple[float, ...]:
        """The training error before the first epoch and after each."""
        return tuple(record.loss for record in self.history)

    def __str__(self) -> str:
        last = self.history[-1]
        name, _, why = self.engine.removesuffix(")").partition(" (auto: ")
        text = (
            f"{name} engine, {_count(last.epoch, 'epoch')}, "
            f"{_count(last.iteration, 'iteration')}: loss "
            f"{self.history[0].loss:.6g} -> {last.loss:.6g}\nstopped by {self.stopped_by}"
        )
        if why:
            text += f"\nengine chosen by auto: {why}"
        if self.runs:
            losses = sorted(run.loss for run in self.runs)
            text += (
                f"\nbest of {len(losses)} runs: losses {losses[0]:.6g} to {losses[-1]:.6g}, "
                f"median {losses[len(losses) // 2]:.6g}"
            )
        return text

    __repr__ = __str__


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
