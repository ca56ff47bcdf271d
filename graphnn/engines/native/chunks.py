"""`ChunkForm`: loops over whole weight matrices that take several samples at once, for batches.

A chunk of samples is taken from a batch, forward layer by layer and backward, and its gradients are
added up; within it groups of eight samples share each sweep over a matrix's columns, so a weight is
loaded once for eight samples, and a gradient stored once. Each sum keeps its order: a sample's own
has its inputs ascending, and a weight's gradient its samples. Backward the samples of a group are
what a vector holds, so its sensitivities are turned: neuron by neuron, the group's side by side.

Learnt by measuring (one core, AVX-512, 784-256-10, batch 32): groups of eight take 0.6 of the time
of groups of four; large matrices taken 32 rows at a time, for all groups of a chunk, 0.6 of that of
whole ones, which fit no cache. More rows in a sweep than four forward and two back gain nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from graphnn.engines.native.dense import DenseForm, runs_of, span
from graphnn.engines.native.text import Kind, block, join, section
from graphnn.engines.native.update import Rule
from graphnn.program.program import Layer

__all__ = ["ChunkForm", "group_of"]

GROUPS = (8, 4, 2, 1)
WASTE = 1.25
"""A chunk's last group may be filled up with samples that do not count, up to that many in all."""

FORWARD_ROWS, GRADIENT_ROWS = 4, 2
"""Rows of a matrix in each sweep over its columns."""

BLOCK_ROWS, BLOCK_ENTRIES = 32, 16_384
"""So many rows are taken at a time for all groups where a matrix has at least so many entries."""

LONG = 16
"""From that many columns on, hidden sums are made eight terms at a time."""

TERMS = 8


def group_of(batch: int) -> int:
    """Return how many samples of a batch share a sweep.

    Example:
        >>> [group_of(batch) for batch in (1, 2, 3, 4, 10, 32, 100)]
        [1, 2, 1, 4, 4, 8, 8]
    """
    return next(group for group in GROUPS if -(-batch // group) * group <= WASTE * batch)


@dataclass
class ChunkForm(DenseForm):
    """Writes the functions of a program whose layers are full, or nearly so, for many samples.

    Attributes:
        group: How many samples share a sweep.
    """

    group: int = 8

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the functions work on."""
        found = super().buffers(gradients=gradients)
        found.pop("active", None)
        found |= {"turned": "real*", "sums": "real*"}
        found |= {f"passed{t}": "real*" for t in self.parts.masked}
        return found | ({"norms": "real*"} if self.update.projections else {})

    # ---- forward ---------------------------------------------------------------------------

    def forward(self) -> str:
        """Set a and v of every layer for the samples of a chunk."""
        lines = [self._pass_on(0)]
        for t, layer in self._layers():
            lines += [self._forward_sums(t), self._forward_values(t, layer), self._pass_on(t)]
        return section("a and v of each layer, its inputs ascending.", lines)

    def _pass_on(self, t: int) -> str:
        """Write what neurons pass on: in training some are dropped."""
        if t not in self.parts.masked:
            return ""
        n = len(self.program.neurons[t])
        place = f"passed{t}[s * {self._width(t)} + j]"
        value = self._at("v", t) if t else f"X[taken[s] * {n} + j]"
        dropped = block(f"for j in range({n}):", f"{place} = {value} * {self._mask(t, 'j')}")
        kept = block(f"for j in range({n}):", f"{place} = {value}")
        each = (block("if step < end:", dropped), block("else:", kept))
        return block("for s in range(filled):", *each)

    def _mask(self, t: int, j: str) -> str:
        """Write the factor of dropout for neuron j of layer t and sample s."""
        widths = [len(self.program.neurons[one]) for one in self.parts.masked]
        first = sum(widths[: self.parts.masked.index(t)])
        return f"masks[places[s] * {sum(widths)} + {first} + {j}]"

    def _width(self, t: int) -> int:
        return self.widths[t - 1] if t else len(self.program.neurons[0])

    def _forward_sums(self, t: int) -> str:
        n, zero = self.widths[t - 1], self.precision.zero
        start = block(f"for j in range({n}):", f"{self._at('a', t)} = {zero} + w{t}[j]")

        def sweep(rows: int) -> str:
            add = f"q = q + w{t}[(i + r + 1) * {n} + j] * {self._input(t)}"
            place = f"a{t}[(h + s) * {n} + j]"
            adds = block(f"for r in range({rows}):", add)
            samples = block(f"for s in range({self.group}):", f"q = {place}", adds, f"{place} = q")
            return block(f"for j in range({n}):", samples)

        return join(block("for s in range(filled):", start), self._blocks(t, sweep, FORWARD_ROWS))

    def _forward_values(self, t: int, layer: Layer) -> str:
        n, one, count = self.widths[t - 1], layer.activations[0], layer.columns * self.group
        if layer.runs > 1 or not self.scalars.is_vector(one, count):
            return block("for s in range(filled):", *self._values(t, layer))
        name = self.scalars.value(one, count)
        call = self.precision.rounded(f"{name}({self.precision.wide(f'a{t}[j]')})")
        return block(f"for j in range(filled * {n}):", f"v{t}[j] = {call}")

    # ---- backward --------------------------------------------------------------------------

    def backward(self) -> str:
        """Set delta of every layer for the samples of a chunk, the output layer's first."""
        t, n = self.program.depth, self.widths[-1]
        outputs = block("for s in range(count):", "x = taken[s]", self._output())
        none = f"{self._at('delta', t)} = {self.precision.zero}"
        filling = block("for s in range(count, filled):", block(f"for j in range({n}):", none))
        hidden = [self._hidden(t) for t in range(self.program.depth - 1, 0, -1)]
        comment = "delta of the output layer, 0 for what fills up a group; then of each below."
        return section(comment, outputs, filling, hidden)

    def _hidden(self, t: int) -> str:
        layer, g = self.program.layers[t - 1], self.group
        n, m = self.program.layers[t].columns, layer.columns
        turn = f"turned[k * {g} + s] = delta{t + 1}[(h + s) * {self.widths[t]} + k]"
        total = f"sums[i * {g} + r]"
        if t in self.parts.masked:
            total = f"({total} * {self._mask(t, 'i')})"
        slopes = [
            block(
                span(begin, stop, "i"),
                f"{self._at('delta', t, 'i')} = {self._slope(one, t, 'i')} * {total}",
            )
            for one, begin, stop in runs_of(layer)
        ]
        return block(
            f"for h in range(0, filled, {g}):",
            block(f"for s in range({g}):", block(f"for k in range({n}):", turn)),
            self._hidden_sums(t, m, n),
            block(f"for r in range({g}):", "s = h + r", *slopes),
        )

    def _hidden_sums(self, t: int, m: int, n: int) -> str:
        """Write the sums over k for the samples of a group, which a vector holds."""
        g, zero = self.group, self.precision.zero
        entry = f"w{t + 1}[(i + 1) * {self.widths[t]} + {{k}}]"
        add = f"q = q + {entry} * turned[{{k}} * {g} + s]"

        def sweep(start: str, terms: str, k: str) -> str:
            lines = (f"q = {start}", block(terms, add.format(k=k)), f"sums[i * {g} + s] = q")
            return block(f"for i in range({m}):", block(f"for s in range({g}):", *lines))

        if n < LONG:
            return sweep(zero, f"for k in range({n}):", "k")
        whole = n // TERMS * TERMS
        more = sweep(f"sums[i * {g} + s]", f"for r in range({TERMS}):", "(k + r)")
        parts = [
            block(f"for i in range({m * g}):", f"sums[i] = {zero}"),
            block(f"for k in range(0, {whole}, {TERMS}):", more),
        ]
        if whole < n:
            parts.append(sweep(f"sums[i * {g} + s]", f"for k in range({whole}, {n}):", "k"))
        return join(parts)

    # ---- update ----------------------------------------------------------------------------

    def collect(self) -> str:
        """Add the gradients of a chunk's samples to the batch's."""
        lines = ["fresh = step == batch_begin"]
        for t in self._moving:
            n, place = self.widths[t - 1], f"gradient{t}[j]"
            reset = block(f"for j in range({n}):", f"{place} = {self.precision.zero}")
            add = block(f"for j in range({n}):", f"{place} = {place} + {self._at('delta', t)}")
            lines += [block("if fresh:", reset), block("for s in range(count):", add)]
            lines.append(self._blocks(t, self._gradients(t), GRADIENT_ROWS))
        return section("Add the samples' gradients to the batch's, which begin with 0.", lines)

    def _gradients(self, t: int) -> Callable[[int], str]:
        n = self.widths[t - 1]

        def sweep(rows: int) -> str:
            add = f"q = q + delta{t}[(h + s) * {n} + j] * {self._input(t)}"
            place = f"gradient{t}[(i + r + 1) * {n} + j]"
            adds = block(f"for s in range({self.group}):", add)
            start = f"q = {self.precision.zero} if fresh and h == 0 else {place}"
            each = block(f"for r in range({rows}):", start, adds, f"{place} = q")
            return block(f"for j in range({n}):", each)

        return sweep

    def descend_batch(self) -> str:
        """Move all weights after a batch of `size` samples."""
        if self.update.in_parts:
            return self._descend_in_parts()
        moves = []
        for t in self._moving:
            mean = f"gradient{t}[e] * part"
            moves.append(self._each(t, partial(self._moved, t, "e", mean)))
        one = self.precision.rounded("1.0")
        return join(
            section(
                "Divide by a power of two as a product: it has the quotient's bits, in less time.",
                f"part = {one} / {self.precision.name}(size)",
                block("if size & (size - 1):", *self._quotients(), f"part = {one}"),
            ),
            section("Move all weights by the mean of the batch's gradients.", moves),
        )

    def _descend_in_parts(self) -> str:
        """Write the objective's gradient, then factors for it, the moves, factors for weights."""
        lines, moves, projections = self._quotients(), [], []
        for t in self._moving:
            lines.append(self._each(t, partial(self._whole, t)))
            moves.append(self._each(t, partial(self._move, t, "e", f"gradient{t}[e]")))
            projections += [self._projected(t, rule) for rule in self.update.projections]
        return join(
            section("The mean gradient of the objective.", lines),
            section("The factors for all of it.", map(self._scaled, self.update.scalings))
            if self.update.scalings
            else "",
            section("Move all weights.", moves),
            section("The factors for the weights into each neuron.", projections)
            if projections
            else "",
        )

    def _whole(self, t: int, *, constant: bool) -> list[str]:
        """Write the objective's gradient of a weight, 0 where none is moved."""
        total = self.update.gradient(f"{t}[e]", f"gradient{t}[e]", constant=constant)
        return [f"gradient{t}[e] = {self._where_moved(t, total, self.precision.zero)}"]

    def _where_moved(self, t: int, moved: str, stays: str, e: str = "e") -> str:
        """Write a number of weights that are moved, and another of those that are not."""
        if self.program.moves[t - 1] == "all":
            return moved
        return f"select({moved}, moves{t}[{e}], {stays})"

    @property
    def _moving(self) -> list[int]:
        """The layers t some of whose weights are moved."""
        return [t for t, moves in enumerate(self.program.moves, start=1) if moves != "none"]

    def _quotients(self) -> list[str]:
        found = []
        for t in self._moving:
            layer, g = self.program.layers[t - 1], f"gradient{t}[e]"
            line = f"{g} = {g} / {self.precision.name}(size)"
            found.append(block(f"for e in range({layer.rows * self.widths[t - 1]}):", line))
        return found

    def _each(self, t: int, lines: Callable[..., list[str]]) -> str:
        """Write loops over a matrix: its first row, the constant neuron's, and the others."""
        n, rows = self.widths[t - 1], self.program.layers[t - 1].rows
        parts = ((True, 0, n), (False, n, rows * n))
        return join(
            block(span(begin, stop, "e"), *lines(constant=constant))
            for constant, begin, stop in parts
        )

    def _scaled(self, rule: Rule) -> str:
        """Write the sum of the squared gradients, in the order of parameters, and the products."""
        sums, products = [], []
        for t in self._moving:
            layer, n = self.program.layers[t - 1], self.widths[t - 1]
            g = f"gradient{t}[i * {self.widths[t - 1]} + j]"
            add = block(f"for j in range({layer.columns}):", f"s = s + {g} * {g}")
            sums.append(block(f"for i in range({layer.rows}):", add))
            e = f"gradient{t}[e]"
            products.append(block(f"for e in range({layer.rows * n}):", f"{e} = {e} * factor"))
        call = f"{rule.name}({rule.variable}, {self.precision.wide('s')})"
        factor = f"factor = {self.precision.rounded(call)}"
        return join(f"s = {self.precision.zero}", sums, factor, products)

    def _projected(self, t: int, rule: Rule) -> str:
        layer, n, first = self.program.layers[t - 1], self.widths[t - 1], 0 if rule.constants else 1
        e, columns = f"i * {n} + j", f"for j in range({n}):"
        w = f"w{t}[{e}]"
        rows = span(first, layer.rows, "i")
        call = f"{rule.name}({rule.variable}, {self.precision.wide('norms[j]')})"
        square = self._where_moved(t, f"{w} * {w}", self.precision.zero, e)
        product = self._where_moved(t, f"{w} * norms[j]", w, e)
        return join(
            block(columns, f"norms[j] = {self.precision.zero}"),
            block(rows, block(columns, f"norms[j] = norms[j] + {square}")),
            block(columns, f"norms[j] = {self.precision.rounded(call)}"),
            block(rows, block(columns, f"{w} = {product}")),
        )

    # ---- loops -----------------------------------------------------------------------------

    def _at(self, name: str, t: int, j: str = "j") -> str:
        return f"{name}{t}[s * {self.widths[t - 1]} + {j}]"

    def _input(self, t: int) -> str:
        """Write what row i + r of a layer's matrix is multiplied by, for sample h + s."""
        if t - 1 in self.parts.masked:
            return f"passed{t - 1}[(h + s) * {self._width(t - 1)} + (i + r)]"
        if t == 1:
            return f"X[taken[h + s] * {self.program.layers[0].rows - 1} + (i + r)]"
        return f"v{t - 1}[(h + s) * {self.widths[t - 2]} + (i + r)]"

    def _blocks(self, t: int, sweep: Callable[[int], str], rows: int) -> str:
        """Write sweeps over the rows of a matrix for all groups, some rows at a time.

        Args:
            t: The layer.
            sweep: Writes one over so many rows i + r, for the group of sample h.
            rows: How many, where there are so many left.
        """
        m, groups = self.program.layers[t - 1].rows - 1, f"for h in range(0, filled, {self.group}):"
        whole = m // rows * rows
        parts = []
        if whole and m * self.widths[t - 1] < BLOCK_ENTRIES:
            some = block(f"for i in range(0, {whole}, {rows}):", sweep(rows))
            parts.append(block(groups, some))
        elif whole:
            end = f"min(first + {BLOCK_ROWS}, {whole})"
            some = block(f"for i in range(first, {end}, {rows}):", sweep(rows))
            parts.append(
                block(f"for first in range(0, {whole}, {BLOCK_ROWS}):", block(groups, some))
            )
        if whole < m:
            rest = block(f"for i in range({whole}, {m}):", sweep(1))
            parts.append(block(groups, rest))
        return join(parts)
