"""A progress bar that shows itself on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from graphnn.learning.history import Record

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBar", "Show"]


Show: TypeAlias = Callable[[int, int, Record], None]


def words(record: Record) -> str:
    """Return what a bar says of a record: the loss, and the score or error of held-out data."""
    text = f"loss {record.loss:.4g}"
    if record.score is not None:
        return f"{text}  score {record.score:.4g}"
    return text if record.validation is None else f"{text}  val {record.validation:.4g}"


def quantity(number: float) -> str:
    """Return a number of steps in few letters.

    Example:
        >>> [quantity(n) for n in (7.25, 950, 12_345, 2_500_000)]
        ['7.2', '950', '12k', '2.5M']
    """
    if number < 10:
        return f"{number:.1f}"
    if number < 1000:
        return f"{number:.0f}"
    return f"{number / 1000:.0f}k" if number < 999_500 else f"{number / 1e6:.1f}M"


class ProgressBar:
    """A bar on standard error while a run lasts; nothing where that is no terminal."""

    def __init__(self, iterations: int, *, shown: bool | None = None) -> None:
        self._iterations = iterations
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("epoch {task.fields[epoch]}"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[words]}"),
                TextColumn("{task.fields[speed]}"),
                TimeRemainingColumn(),
                console=Console(file=sys.stderr),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task(
                "", total=self._iterations, epoch=0, words="", speed=""
            )
        return self

    def part(self) -> Show:
        """Return what a run calls with its iteration, epoch and newest record; runs add up."""
        done = 0

        def show(iteration: int, epoch: int, record: Record) -> None:
            nonlocal done
            if self._progress is not None and self._task is not None:
                steps, done = iteration - done, iteration
                task = self._progress.tasks[0]
                speed = "" if task.speed is None else f"{quantity(task.speed)} steps/s"
                self._progress.update(
                    self._task, advance=steps, epoch=epoch, words=words(record), speed=speed
                )

        return show

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
