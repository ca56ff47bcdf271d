"""`Row`, a line of the table, and `Race`, what several take for the same steps, in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from timing import Prepare, Seconds, measure, medians, ratio, verdict

__all__ = ["Race", "Row", "Runner", "absent", "name_of"]


@dataclass(frozen=True)
class Row:
    """A line of the table: two times and their ratio, or one number.

    Attributes:
        section: The section that it is of.
        case: What was done.
        ours: What of graphnn did it.
        other: Who else did it; empty if there is nobody.
        unit: What the numbers are.
        mine: Our number, or None if there is none.
        theirs: The other's number, or None.
        ratio: Ours by the other's, the median over the rounds, or None.
        limit: The largest ratio, or number if there is no ratio, that is wanted; None if any is.
        note: What else is to be said, or why there is no number.
    """

    section: str
    case: str
    ours: str
    other: str = ""
    unit: str = ""
    mine: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def judged(self) -> float | None:
        """The number that the limit is for."""
        return self.mine if self.ratio is None else self.ratio

    @property
    def verdict(self) -> str:
        """Whether the limit is kept, or nothing."""
        if self.limit is None or self.judged is None:
            return ""
        return verdict(self.judged, self.limit)

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        numbers = [_text(self.mine), self.other, _text(self.theirs), self.unit]
        judgement = [_text(self.ratio), _limit(self.limit), self.verdict, self.note]
        return [self.section, self.case, self.ours, *numbers, *judgement]

    def record(self) -> dict[str, Any]:
        """Return everything, as JSON has it."""
        return asdict(self) | {"verdict": self.verdict}


HEADER = ["section", "case", "graphnn", "", "other", "", "unit", "ratio", "limit", "", ""]
"""The titles of the cells."""


def absent(section: str, case: str, other: str, why: str) -> Row:
    """Return the line of somebody who cannot take part."""
    return Row(section, case, "", other, note=f"absent: {why}")


def name_of(widths: tuple[int, ...]) -> str:
    """Return what tables call a net."""
    return "-".join(map(str, widths))


def _text(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:.4g}" if abs(number) < 1000 else f"{number:,.0f}"


def _limit(limit: float | None) -> str:
    """Write a limit; 1/4 says better than 0.25 that four times as fast is wanted."""
    if limit is None:
        return ""
    return f"{limit:.3g}" if limit >= 1 else f"1/{1 / limit:.3g}"


@dataclass(frozen=True)
class Runner:
    """Somebody who takes part.

    Attributes:
        prepare: Prepares one measurement.
        steps: How many steps a measurement has: others may take fewer than we.
    """

    prepare: Prepare
    steps: int


class Race:
    """What each took, by its name.

    Args:
        runners: Who takes part.
        rounds: How many measurements of each.
        rest: Seconds of sleep before each.
    """

    def __init__(self, runners: Mapping[str, Runner], rounds: int, rest: float = 0.0) -> None:
        prepared = {name: runner.prepare for name, runner in runners.items()}
        self._steps = {name: runner.steps for name, runner in runners.items()}
        self._seconds: Seconds = measure(prepared, rounds, rest)

    def __contains__(self, name: str) -> bool:
        return name in self._seconds

    def micro(self, name: str) -> float:
        """Return the median in microseconds a step."""
        return medians(self._seconds)[name] / self._steps[name] * 1e6

    def ratio(self, name: str, other: str) -> float:
        """Return the median over the rounds of one's time a step by the other's."""
        return ratio(self._seconds, name, other) * self._steps[other] / self._steps[name]

    def row(
        self,
        section: str,
        case: str,
        ours: str,
        other: str,
        limit: float | None = None,
        note: str = "",
    ) -> Row:
        """Return the line of two of them."""
        times = (self.micro(ours), self.micro(other), self.ratio(ours, other))
        return Row(section, case, ours, other, "µs a step", *times, limit, note)
