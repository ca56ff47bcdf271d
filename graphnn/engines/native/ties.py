"""`Ties`: the lines along lists of edges for weights that several edges share.

Within a sample the gradients of a weight's edges are added in (t, i, j) order, then joined to the
batch's. The weight of the first edge, which leads, is moved; the others copy it.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphnn.engines.native.samples import Samples
from graphnn.engines.native.structure import LEADS
from graphnn.engines.native.text import Kind, Precision, block, join, section
from graphnn.engines.native.update import Rule

__all__ = ["Ties"]

GROUPS = "for g in range(groups):"
MEMBERS = "for q in range(tied_start[g], tied_start[g + 1]):"
FIRST = "lead = tied_edge[tied_start[g]]"

ARRAYS: dict[str, Kind] = {
    "groups": "int",
    "tied_start": "int64*",
    "tied_edge": "int64*",
    "tied_source": "int64*",
    "tied": "real*",
}
"""How many weights are shared; where each one's edges begin; an edge; the neuron that it comes
from, or -1 for a constant one; the gradient of each weight."""


@dataclass(frozen=True)
class Ties:
    """Writes what shared weights need; nothing where there are none.

    Attributes:
        precision: float64 or float32.
        there: Whether there are any.
        samples: How many samples are taken at once.
        passed: The array of what neurons pass on.
    """

    precision: Precision
    there: bool
    samples: Samples
    passed: str

    def arrays(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the lines work on."""
        return dict(ARRAYS) if self.there and gradients else {}

    def begin(self) -> str:
        """Begin the gradients of a batch with 0."""
        return block(GROUPS, f"tied[g] = {self.precision.zero}") if self.there else ""

    def collect(self) -> str:
        """Add the gradients of samples to the batch's."""
        if not self.there:
            return ""
        at, each, total = self.samples.at, self.samples.each, self.samples.total
        add = f"{total} = {total} + {at('delta', 'target[tied_edge[q]]')}"
        sums = (
            each(f"{total} = {self.precision.zero}"),
            block(
                MEMBERS,
                block("if tied_source[q] < 0:", each(add)),
                block("else:", each(f"{add} * {at(self.passed, 'tied_source[q]')}")),
            ),
            each(f"tied[g] = tied[g] + {total}"),
        )
        comment = "A shared weight's gradient: its edges' within the sample, added up."
        return section(comment, block(GROUPS, *sums))

    def lead(self) -> str:
        """Give the batch's gradient of each weight to its first edge."""
        lines = (FIRST, "gradient[lead] = tied[g]")
        return block(GROUPS, *lines) if self.there else ""

    def follow(self) -> str:
        """Let all edges of a weight have the first one's."""
        lines = (FIRST, block(MEMBERS, "w[tied_edge[q]] = w[lead]"))
        return block(GROUPS, *lines) if self.there else ""

    def project(self, rule: Rule) -> str:
        """Multiply a shared weight by the smallest of its neurons' factors."""
        if not self.there:
            return ""
        other = "norms[target[tied_edge[q]]]"
        smaller = block(f"if {other} < factor:", f"factor = {other}")
        counts = f"role[lead] == {LEADS}"
        if not rule.constants:
            counts = f"{counts} and tied_source[tied_start[g]] >= 0"
        scale = block(
            f"if {counts}:",
            "factor = norms[target[lead]]",
            block(MEMBERS, smaller),
            "w[lead] = w[lead] * factor",
        )
        return join(block(GROUPS, FIRST, scale), self.follow())
