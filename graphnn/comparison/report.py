"""`ComparisonReport`: what a comparison found, neuron by neuron and edge by edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphnn.tables import text_table
from graphnn.types import Edge, Neuron

__all__ = ["Check", "ComparisonReport", "Number", "Verdict"]


class Verdict(Enum):
    """What holds of a number or of all numbers of a check; the value is its message."""

    EQUAL = "equal"
    WITHIN = "within the rounding bound"
    TOLERANCE = "within the tolerance"
    DIFFERENT = "different"
    UNCHECKED = "not checked"
    NOT_RUN = "not run"


ASCENDING = (
    Verdict.EQUAL,
    Verdict.UNCHECKED,
    Verdict.WITHIN,
    Verdict.TOLERANCE,
    Verdict.DIFFERENT,
)
"""The verdicts of numbers, from the best to the worst."""


@dataclass(frozen=True)
class Number:
    """One number at one neuron or edge, at the sample where it is worst.

    Attributes:
        place: The neuron or the edge, or None for a number of the whole network.
        sample: The sample's row, or None for a number over all samples.
        node: The node engine's number.
        other: The compared engine's number.
        error: How far `other` is from the node engine's loops on the same inputs to the layer.
        bound: How far it may be.
        verdict: What holds.
    """

    place: Neuron | Edge | None
    sample: int | None
    node: float
    other: float
    error: float
    bound: float
    verdict: Verdict

    @property
    def ratio(self) -> float:
        """The error in units of its bound."""
        if self.error == 0:
            return 0.0
        return self.error / self.bound if self.bound > 0 else float("inf")

    @property
    def place_name(self) -> str:
        """The place as a message writes it."""
        if self.place is None:
            return ""
        if isinstance(self.place[0], tuple):
            return f"{self.place[0]} -> {self.place[1]}"
        return str(self.place)


@dataclass(frozen=True)
class Check:
    """One quantity of one engine against the node engine.

    Attributes:
        engine: "matrix", "native" or "central" (central differences).
        quantity: "a", "v", "delta", "gradient", "loss", "step", "step 2" (the weights after a step
            over all samples, and after another over the last one), "steps" (after a step for each
            sample) or "-" (an engine that did not run).
        numbers: One for each neuron or edge.
        drift: The largest difference from end to end.
        suspect: The edge whose weight would explain a difference, or None.
        note: What else there is to say.
        ran: Whether the engine ran; if not, the note says why.
    """

    engine: str
    quantity: str
    numbers: tuple[Number, ...] = field(repr=False)
    drift: float = 0.0
    suspect: Edge | None = None
    note: str = ""
    ran: bool = True

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all numbers, or that there is none to judge."""
        if not self.ran:
            return Verdict.NOT_RUN
        return Verdict.UNCHECKED if self.worst is None else self.worst.verdict

    @property
    def worst(self) -> Number | None:
        """The number with the largest error in units of its bound, or None if there is none."""
        return max(self.numbers, key=lambda n: (ASCENDING.index(n.verdict), n.ratio), default=None)


@dataclass(frozen=True, repr=False)
class ComparisonReport:
    """The result of `graphnn.compare`; it prints as a table.

    Attributes:
        checks: One for each engine and quantity.
        samples: How many samples were compared.
    """

    checks: tuple[Check, ...]
    samples: int

    @property
    def ok(self) -> bool:
        """True only where every promise holds in the engines that ran."""
        return all(check.verdict is not Verdict.DIFFERENT for check in self.checks)

    def check(self, engine: str, quantity: str) -> Check:
        """Return the check of a quantity of an engine.

        Raises:
            KeyError: If there is none; the message lists those there are.
        """
        for check in self.checks:
            if (check.engine, check.quantity) == (engine, quantity):
                return check
        raise KeyError(
            f"no check of {quantity!r} for {engine!r}; there are "
            f"{[(check.engine, check.quantity) for check in self.checks]}"
        )

    def at(self, place: Neuron | Edge) -> dict[tuple[str, str], Number]:
        """Return every number of one neuron or edge, by (engine, quantity)."""
        return {
            (check.engine, check.quantity): number
            for check in self.checks
            for number in check.numbers
            if number.place == place
        }

    def __str__(self) -> str:
        rows = []
        for check in self.checks:
            worst = check.worst
            cells = ["", "", "", ""]
            if worst is not None and check.verdict is not Verdict.EQUAL:
                cells[0] = worst.place_name
                if check.verdict is not Verdict.UNCHECKED:
                    numbers = (worst.error, worst.bound, check.drift)
                    cells[1:] = [f"{number:.1e}" for number in numbers]
            verdict = check.verdict.value.replace(" the rounding", "").replace(" the", "")
            rows.append([check.engine, check.quantity, verdict, *cells])
        table = text_table(
            ["engine", "of", "against node", "worst at", "error", "bound", "drift"], rows, 4
        )
        lines = [table, *self._remarks()]
        samples = f"{self.samples} {'sample' if self.samples == 1 else 'samples'}"
        if any(check.verdict is Verdict.WITHIN for check in self.checks):
            lines.append("within bound: within the rounding bound of the layer (drift: end to end)")
        if any(check.numbers and check.verdict is Verdict.UNCHECKED for check in self.checks):
            lines.append(
                "not checked: an overflow came before; the promises are for finite numbers"
            )
        ran = sum(check.ran for check in self.checks)
        lines.append(f"{'ok' if self.ok else 'NOT OK'}: {samples}, {ran} checks")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        from graphnn.drawing.notebook import of_table

        return of_table(self)

    def _remarks(self) -> list[str]:
        remarks = [f"{check.engine}: {check.note}" for check in self.checks if check.note]
        for check in self.checks:
            worst = check.worst
            if worst is None or check.verdict is not Verdict.DIFFERENT:
                continue
            sample = "" if worst.sample is None else f", sample {worst.sample}"
            remark = (
                f"{check.engine}: {check.quantity} at {worst.place_name or 'the network'}{sample} "
                f"is {worst.other!r}, the node engine has {worst.node!r}"
            )
            if check.suspect is not None:
                u, v = check.suspect
                remark += f"; the edge {u} -> {v} explains it best"
            remarks.append(remark)
        return remarks
