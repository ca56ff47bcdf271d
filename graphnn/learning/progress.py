"""A progress bar that shows itself on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBar"]


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
                TextColumn("training"),
                BarColumn(bar_width=None),
                TextColumn("epoch {task.fields[epoch]}  loss {task.fields[loss]:.6g}"),
                TimeRemainingColumn(),
                console=Console(file=sys.stderr),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task(
                "", total=self._iterations, epoch=0, loss=float("nan")
            )
        return self

    def part(self) -> Callable[[int, int, float], None]:
        """Return what a run calls with its iteration, epoch and loss; runs add up."""
        done = 0

        def show(iteration: int, epoch: int, loss: float) -> None:
            nonlocal done
            if self._progress is not None and self._task is not None:
                steps = iteration - done
                self._progress.update(self._task, advance=steps, epoch=epoch, loss=loss)
                done = iteration

        return show

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
