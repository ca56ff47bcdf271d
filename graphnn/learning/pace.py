"""`Pace`: how much work a run does before it looks up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Pace"]

SECONDS = 0.05
"""Between two looks at the keyboard, the rules and the bar; no result depends on it."""

GROWTH = 16
"""How much more work than the last time is asked for at most."""


class Pace:
    """The number of updates that take about a twentieth of a second, found while running."""

    def __init__(self, updates: int = 16) -> None:
        self._updates = float(updates)

    @property
    def updates(self) -> int:
        """How many updates to make before looking up, at least 1."""
        return max(1, int(self._updates))

    @contextmanager
    def timed(self, updates: int) -> Iterator[None]:
        """Measure how long some updates take."""
        start = time.perf_counter()
        yield
        seconds = max(time.perf_counter() - start, 1e-9)
        self._updates = min(updates * SECONDS / seconds, GROWTH * max(updates, self._updates))
