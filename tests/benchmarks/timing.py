"""Paired timing: what is compared is measured in turn within one run, A B A B ..., and by medians.

A machine's speed drifts from second to second, so two numbers are only comparable when each pair of
measurements was taken side by side; a median forgets the rounds that something else disturbed.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeAlias

__all__ = ["Prepare", "Seconds", "always", "measure", "medians", "ratio", "verdict"]

Prepare: TypeAlias = Callable[[], Callable[[], object]]
"""Does what is not timed and returns the action that is, anew for every round."""

Seconds: TypeAlias = dict[str, list[float]]
"""For each name its measurements, one a round, in seconds."""


def always(action: Callable[[], object]) -> Prepare:
    """Return what prepares nothing: the action is the same for every round."""
    return lambda: action


def measure(prepared: Mapping[str, Prepare], rounds: int, rest: float = 0.0) -> Seconds:
    """Time actions in turn, round by round, after one round that is thrown away.

    Args:
        prepared: For each name what prepares one measurement.
        rounds: How many measurements of each.
        rest: Seconds of sleep before each, so that a library's waiting threads, which spin for a
            while after its last call, take nothing from the next measurement.

    Returns:
        The measurements; those of equal index belong together.
    """
    seconds: Seconds = {name: [] for name in prepared}
    for k in range(rounds + 1):
        for name, prepare in prepared.items():
            action = prepare()
            gc.collect()
            time.sleep(rest)
            start = time.perf_counter()
            result = action()
            elapsed = time.perf_counter() - start
            # Held until here: freeing a large graph is no part of making it.
            del result, action
            if k:
                seconds[name].append(elapsed)
    return seconds


def medians(seconds: Seconds) -> dict[str, float]:
    """Return the median of each name's measurements, in seconds."""
    return {name: median(some) for name, some in seconds.items()}


def ratio(seconds: Seconds, name: str, reference: str) -> float:
    """Return the median over the rounds of one name's time by another's in the same round."""
    pairs = zip(seconds[name], seconds[reference], strict=True)
    return median(one / other for one, other in pairs)


def verdict(number: float, limit: float) -> str:
    """Return a table's last cell: whether a number is at most its limit."""
    return "ok" if number <= limit else "MISSED"
