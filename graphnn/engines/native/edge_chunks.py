"""`EdgeChunkForm`: loops along lists of edges that take several samples at once, for batches.

Eight samples' numbers of a neuron lie side by side. What there is to read of an edge, its weight
and where it leads, is then read once for eight samples, and their products are one vector. Each sum
keeps its order: a sample's own has its sources ascending, and a weight's gradient its samples.

Learnt by measuring (one core, AVX-512, tests/benchmarks/relays.py, batches of 32): a loop that adds
up one edge's gradient at a time is made by LLVM into one that gathers eight edges' sensitivities
for each sample, and gathering is slow; written for four edges at a time, training takes two thirds
of that where 70 % of the edges are there. The end of a row must be in a variable for it. Vectors of
512 bits gain nothing, nor do, for one sample, sums over two to four rows at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphnn.engines.native.edges import EdgesForm
from graphnn.engines.native.samples import Samples
from graphnn.engines.native.structure import ALONE, FROZEN
from graphnn.engines.native.text import Kind, block, join, section
from graphnn.engines.native.update import Rule

__all__ = ["EdgeChunkForm"]

LAYERS = "for t in range(1, depth + 1):"
EVERY = "for e in range(start[rows[depth + 1]]):"

TOGETHER = 4
"""So many edges' gradients are added up at a time."""


@dataclass
class EdgeChunkForm(EdgesForm):
    """Writes the functions of a program as loops along its edges, for many samples.

    Attributes:
        group: How many samples are taken at once, which is what a chunk has.
    """

    group: int = 8

    def __post_init__(self) -> None:
        self.samples = Samples(self.group)
        if self.parts.masked:
            self.passed = "passed"
        super().__post_init__()

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the functions work on."""
        found = super().buffers(gradients=gradients) | {"sums": "real*"}
        if self.parts.masked:
            found["passed"] = "real*"
        if self.update.projections:
            found["norms"] = "real*"
        return found

    # ---- forward ---------------------------------------------------------------------------

    def forward(self) -> str:
        """Set a and v of every layer for a chunk; a batch's gradients begin with 0."""
        zeros = block(EVERY, f"gradient[e] = {self.precision.zero}")
        value = f"{self.samples.at('v', 'i')} = X[taken[s] * base[1] + i]"
        return join(
            block("if step == batch_begin:", zeros, self.ties.begin()),
            section(
                "v of the inputs.", block("for i in range(base[1]):", self.samples.each(value))
            ),
            self._pass_on("0"),
            self._upward(self._sums()),
        )

    def _unless_0(self, lines: str) -> str:
        """Write lines that do nothing where neuron i passes on a 0: for several, all do."""
        return super()._unless_0(lines) if self.group == 1 else lines

    def _pass_on(self, t: str) -> str:
        """Write what the neurons of layer t pass on: in training some are dropped."""
        masked = self.parts.masked
        if not masked:
            return ""
        neurons = f"for i in range(base[{t}], base[{t} + 1]):"
        copy = f"{self.samples.at('passed', 'i')} = {self.samples.at('v', 'i')}"
        kept = block(neurons, self.samples.each(copy))
        if (t == "0" and 0 not in masked) or (t == "t" and not self._hides):
            return kept
        inside = "if step < end and t < depth:" if t == "t" else "if step < end:"
        dropped = block(neurons, self.samples.each(f"{copy} * {self._mask}"))
        return join(block(inside, dropped), block("else:", kept))

    @property
    def _mask(self) -> str:
        """Write the factor of dropout for neuron i and sample s."""
        first, stop = self.parts.masked.start, self.parts.masked.stop
        end = "base[1]" if stop == 1 else "base[depth]"
        return f"masks[places[s] * ({end} - base[{first}]) + i - base[{first}]]"

    @property
    def _hides(self) -> bool:
        """Whether hidden neurons are dropped."""
        return self.parts.masked.stop > 1

    # ---- backward --------------------------------------------------------------------------

    def _output(self) -> str:
        """Write delta of the output layer, 0 for what fills up a chunk."""
        none = f"{self.samples.at('delta', 'j')} = {self.precision.zero}"
        filling = block("for j in range(base[depth], base[depth + 1]):", none)
        return join(
            block("for s in range(count):", "x = taken[s]", super()._output()),
            block("for s in range(count, filled):", filling),
        )

    def _weighed(self) -> str:
        """Write delta of the output layer times the weights of the samples."""
        return block("for s in range(count):", "x = taken[s]", super()._weighed())

    def _hidden(self) -> str:
        """Write the sums over k for layer t, and what is dropped of them."""
        if not self._hides:
            return super()._hidden()
        delta = self.samples.at("delta", "i")
        drop = self.samples.each(f"{delta} = {delta} * {self._mask}")
        return join(super()._hidden(), block("for i in range(base[t], base[t + 1]):", drop))

    # ---- update ----------------------------------------------------------------------------

    def collect(self) -> str:
        """Add the gradients of a chunk's samples to the batch's."""
        neurons = "for i in range(base[t - 1], base[t]):"
        layers = block(
            LAYERS,
            "row = rows[t]",
            self._added(""),
            block(neurons, "row = row + 1", self._added(f" * {self.samples.at(self.passed, 'i')}")),
        )
        return section("Add the samples' gradients to the batch's.", layers, self.ties.collect())

    def _added(self, factor: str) -> str:
        """Write the sums over the samples for one row, a few edges at a time, then the others."""
        several = [f"first + {k}" for k in range(TOGETHER)]
        return join(
            "first = start[row]",
            "last = start[row + 1] - 1",
            block(
                f"while {several[-1]} <= last:",
                self._together(several, factor),
                f"first = first + {TOGETHER}",
            ),
            block("for e in range(first, last + 1):", self._together(["e"], factor)),
        )

    def _together(self, edges: list[str], factor: str) -> str:
        """Write the sums over the samples for some edges."""
        deltas = [self.samples.at("delta", f"target[{edge}]") for edge in edges]
        return join(
            [f"q{k} = gradient[{edge}]" for k, edge in enumerate(edges)],
            self.samples.each(
                *(f"q{k} = q{k} + {delta}{factor}" for k, delta in enumerate(deltas))
            ),
            [f"gradient[{edge}] = q{k}" for k, edge in enumerate(edges)],
        )

    def descend_batch(self) -> str:
        """Move all weights after a batch of `size` samples."""
        mean = f"gradient[e] / {self.precision.name}(size)"
        if not self.update.in_parts:
            constant, other = (self._moved(mean, constant=one) for one in (True, False))
            return section(
                "Move all weights by the mean of the batch's gradients.",
                self.ties.lead(),
                self._every(constant, other),
                self.ties.follow(),
            )
        whole = [self._whole(mean, constant=one) for one in (True, False)]
        moves = [self._move("gradient[e]", constant=one) for one in (True, False)]
        return join(
            section(
                "The mean gradient of the objective.",
                self.ties.lead(),
                self._every(*whole),
            ),
            *map(self._scaled, self.update.scalings),
            section("Move all weights.", self._every(*moves), self.ties.follow()),
            *map(self._projected, self.update.projections),
        )

    def _every(self, constant: str, other: str) -> str:
        """Write a loop over all edges: the constant neurons', and the others."""
        return (
            block(EVERY, other)
            if constant == other
            else block(LAYERS, self._moves(constant, other))
        )

    def _whole(self, mean: str, *, constant: bool) -> str:
        """Write the objective's gradient of a weight, 0 for one that is not moved."""
        line = f"gradient[e] = {self.update.gradient('[e]', mean, constant=constant)}"
        if not self.roles:
            return line
        none = block("else:", f"gradient[e] = {self.precision.zero}")
        return join(block("if role[e] & 1:", line), none)

    def _scaled(self, rule: Rule) -> str:
        """Write the sum of the squared gradients, and the products with their factor."""
        call = f"{rule.name}({rule.variable}, {self.precision.wide('squares')})"
        return section(
            "A factor for the whole gradient.",
            f"squares = {self.precision.zero}",
            block(EVERY, "squares = squares + gradient[e] * gradient[e]"),
            f"factor = {self.precision.rounded(call)}",
            block(EVERY, "gradient[e] = gradient[e] * factor"),
        )

    def _projected(self, rule: Rule) -> str:
        """Write the sums of the squared weights into each neuron, and the products."""
        neurons = "for j in range(base[1], base[depth + 1]):"
        call = f"{rule.name}({rule.variable}, {self.precision.wide('norms[j]')})"
        add, scale = (
            "norms[target[e]] = norms[target[e]] + w[e] * w[e]",
            "w[e] = w[e] * norms[target[e]]",
        )
        if self.roles:
            add = block(f"if role[e] != {FROZEN}:", add)
            scale = block(f"if role[e] == {ALONE}:", scale)
        sums, products = (
            self._every(one if rule.constants else "pass", one) for one in (add, scale)
        )
        return section(
            "A factor for the weights into each neuron.",
            block(neurons, f"norms[j] = {self.precision.zero}"),
            sums,
            block(neurons, f"norms[j] = {self.precision.rounded(call)}"),
            products,
            self.ties.project(rule),
        )
