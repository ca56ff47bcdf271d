"""`DenseForm`: loops over whole weight matrices, their sizes written into the source.

Learnt by measuring (one core, 4-8-3 to 784-128-10): four rows of a matrix in each sweep over its
columns keep every sum in the order of the node engine and are what LLVM vectorises; one row at a
time is unrolled instead and takes up to 2.5 times as long, eight gain nothing. The update of one
sample and the sum of the next in one sweep over the first layer's weights takes three quarters of
the time of two sweeps on 784-128-10, whose weights do not fit the cache. Four sums of a wide hidden
layer's backward pass at a time take two thirds of the time of one after the other. An inner loop
over four rows compiles in two thirds of the time of four statements and becomes the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from graphnn.engines.native.parts import Parts
from graphnn.engines.native.text import Kind, block, join, section
from graphnn.functions.activations import Activation
from graphnn.functions.losses import VectorLoss
from graphnn.program.program import Layer, Program

__all__ = ["DenseForm", "runs_of", "span"]

ROWS = 4
"""Rows of a matrix in each sweep over its columns."""

LONG = 16
"""From that many columns on, four hidden sums are made at a time, and four rows are moved."""

SKIP_ENTRIES = 16_384
SKIP_COLUMNS = 32
"""From that many weights and columns on, the first layer passes over rows that are zero.

Making the list of the others costs about 1 ns a row, a fortieth of the time of 784-128-10.
"""


NEURON = ("a", "v", "delta")


@dataclass
class DenseForm:
    """Writes the functions of a program whose layers are full, or nearly so.

    Attributes:
        program: The program.
        parts: The loss, the update and what else there is besides.
        widths: For each layer how long the rows of its matrix are laid out: what fills up the last
            vector is computed in vain and read by nothing else.
    """

    program: Program
    parts: Parts
    widths: list[int]

    def __post_init__(self) -> None:
        self.loss, self.precision = self.parts.loss, self.parts.precision
        self.scalars, self.update = self.parts.scalars, self.parts.update

    # ---- what callers see ----------------------------------------------------------------

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the functions work on."""
        found: dict[str, Kind] = {}
        for t, _ in self._layers():
            found |= {f"{name}{t}": "real*" for name in ("w", *self.update.slots, *NEURON)}
            if gradients:
                found[f"gradient{t}"] = "real*"
            if self.program.moves[t - 1] == "some":
                found[f"moves{t}"] = "real*"
        if isinstance(self.loss, VectorLoss):
            found |= {f"output_{name}": "float64[]" for name in ("a", "v", "y", "delta")}
        if self._skips:
            found["active"] = "int64*"
        return found

    def keep(self) -> str:
        """Copy the weights after an epoch."""
        sizes = [layer.rows * self.widths[t - 1] for t, layer in self._layers()]
        lines, start = [f"place = epoch * {sum(sizes)}"], 0
        for t, size in enumerate(sizes, start=1):
            place = f"place + {start}" if start else "place"
            lines.append(block(f"for e in range({size}):", f"kept[{place} + e] = w{t}[e]"))
            start += size
        return section("Copy the weights.", lines)

    def record(self) -> str:
        """Copy a sample's a and v, and with targets its delta."""
        forward = [self._copies(t, layer, ("a", "v")) for t, layer in self._layers()]
        back = [self._copies(t, layer, ("delta",)) for t, layer in self._layers()]
        return section("Copy what the sample came to.", forward, block("if backwards:", *back))

    def records(self) -> dict[str, Kind]:
        """Return the arrays that `record` fills."""
        return {f"all_{n}{t}": "real*" for t, _ in self._layers() for n in ("a", "v", "delta")}

    # ---- forward ---------------------------------------------------------------------------

    def first(self) -> str:
        """Sum a of layer 1 for row x of X."""
        layer = self.program.layers[0]
        sums = self._sums(
            1, layer, f"X[x * {layer.rows - 1} + {{row}}]", "x" if self._skips else ""
        )
        return section("a of layer 1, its inputs ascending.", block("if not ready:", sums))

    def upper(self) -> str:
        """Go on to v of layer 1, then to a and v of those above."""
        lines: list[str] = []
        for t, layer in self._layers():
            if t > 1:
                lines.append(self._sums(t, layer, f"v{t - 1}[{{row}}]"))
            lines.extend(self._values(t, layer))
        return section("v of layer 1, then a and v of those above.", lines)

    def _sums(self, t: int, layer: Layer, value: str, skip: str = "") -> str:
        n = self.widths[t - 1]
        start = block(f"for j in range({n}):", f"a{t}[j] = {self.precision.zero} + w{t}[j]")
        add = f"s = s + w{t}[({{row}} + 1) * {n} + j] * {value}"
        return join(start, self._rows(t, [f"s = a{t}[j]"], [add], [f"a{t}[j] = s"], skip))

    def _values(self, t: int, layer: Layer) -> Iterator[str]:
        for activation, begin, stop in runs_of(layer):
            name = self.scalars.value(activation, layer.columns)
            call = f"{name}({self.precision.wide(self._at('a', t))})"
            fills = stop == layer.columns and self.scalars.is_vector(activation, layer.columns)
            end = self.widths[t - 1] if fills else stop
            yield block(span(begin, end), f"{self._at('v', t)} = {self.precision.rounded(call)}")

    # ---- backward --------------------------------------------------------------------------

    def sample_loss(self) -> str:
        """Set `loss`: the outputs' losses, added ascending."""
        t, n = self.program.depth, self.program.layers[-1].columns
        name, wide = self.scalars.loss(self.loss, n), self.precision.wide
        if isinstance(self.loss, VectorLoss):
            arrays = ", ".join(f"output_{one}" for one in ("a", "v", "y"))
            return join(self._outputs(), f"loss = {name}({arrays}){self.parts.loss_weight}")
        term = f"{name}({wide(self._at('v', t))}, {wide(f'Y[x * {n} + j]')})"
        add = block(f"for j in range({n}):", f"loss = loss + {term}")
        weigh = f"loss = loss{self.parts.loss_weight}" if self.parts.weighted else ""
        return join("loss = 0.0", add, weigh)

    def _outputs(self) -> str:
        t, n, wide = self.program.depth, self.program.layers[-1].columns, self.precision.wide
        return block(
            f"for j in range({n}):",
            f"output_a[j] = {wide(self._at('a', t))}",
            f"output_v[j] = {wide(self._at('v', t))}",
            f"output_y[j] = {wide(f'Y[x * {n} + j]')}",
        )

    def backward(self) -> str:
        """Set delta of every layer, the output layer's first."""
        hidden = [self._hidden(t) for t in range(self.program.depth - 1, 0, -1)]
        comment = "delta of the output layer, then of each layer below, k ascending."
        return section(comment, self._output(), hidden)

    def _output(self) -> str:
        t, layer = self.program.depth, self.program.layers[-1]
        n = layer.columns
        name = self.scalars.loss_derivative(self.loss, n)
        rounded, wide = self.precision.rounded, self.precision.wide
        if isinstance(self.loss, VectorLoss):
            arrays = ", ".join(f"output_{one}" for one in ("a", "v", "y", "delta"))
            copy = f"{self._at('delta', t)} = {rounded('output_delta[j]')}{self.parts.weight}"
            return join(self._outputs(), f"{name}({arrays})", block(f"for j in range({n}):", copy))
        slope = rounded(f"{name}({wide(self._at('v', t))}, {wide(f'Y[x * {n} + j]')})")
        delta, weight = self._at("delta", t), self.parts.weight
        return join(
            block(span(begin, stop), f"{delta} = {self._slope(one, t, 'j')} * {slope}{weight}")
            for one, begin, stop in runs_of(layer)
        )

    def _slope(self, activation: Activation, t: int, j: str) -> str:
        wide = self.precision.wide
        name = self.scalars.derivative(activation)
        a, v = (wide(self._at(one, t, j)) for one in ("a", "v"))
        return self.precision.rounded(f"{name}({a}, {v})")

    def _hidden(self, t: int) -> str:
        if self.program.layers[t].columns >= LONG:
            return self._hidden_long(t)
        n = self.program.layers[t].columns
        add = f"s = s + w{t + 1}[(i + 1) * {self.widths[t]} + k] * delta{t + 1}[k]"
        sums = join(f"s = {self.precision.zero}", block(f"for k in range({n}):", add))
        return join(
            block(span(begin, stop, "i"), sums, f"delta{t}[i] = {self._slope(one, t, 'i')} * s")
            for one, begin, stop in runs_of(self.program.layers[t - 1])
        )

    def _hidden_long(self, t: int) -> str:
        """Write four sums at a time: each waits for its last addition, but not for the others'."""
        m, n = self.program.layers[t - 1].columns, self.program.layers[t].columns
        zero = self.precision.zero
        four = m // ROWS * ROWS
        entry = f"w{t + 1}[(i + {{r}}) * {self.widths[t]} + k] * delta{t + 1}[k]"
        adds = [f"s{r} = s{r} + {entry.format(r=r + 1)}" for r in range(ROWS)]
        lines = [
            block(
                f"for i in range(0, {four}, {ROWS}):",
                *(f"s{r} = {zero}" for r in range(ROWS)),
                block(f"for k in range({n}):", *adds),
                *(f"delta{t}[i + {r}] = s{r}" for r in range(ROWS)),
            )
        ]
        one = block(f"for k in range({n}):", f"s = s + {entry.format(r=1)}")
        if four < m:
            lines.append(
                block(f"for i in range({four}, {m}):", f"s = {zero}", one, f"delta{t}[i] = s")
            )
        for activation, begin, stop in runs_of(self.program.layers[t - 1]):
            slope = f"delta{t}[i] = {self._slope(activation, t, 'i')} * delta{t}[i]"
            lines.append(block(span(begin, stop, "i"), slope))
        return join(lines)

    # ---- update ----------------------------------------------------------------------------

    def descend(self) -> str:
        """Move the weights of layers 2 and above after a sample."""
        lines = []
        for t, layer in list(self._layers())[1:]:
            if self.program.moves[t - 1] == "none":
                continue
            n = self.widths[t - 1]
            constant = self._moved(t, "j", f"delta{t}[j]", constant=True)
            moved = self._moved(t, "e", f"delta{t}[j] * v{t - 1}[{{row}}]")
            lines.append(block(f"for j in range({n}):", *constant))
            each = [f"e = ({{row}} + 1) * {n} + j", *moved]
            if n >= LONG:
                lines.append(self._rows(t, [], each, []))
            else:
                columns = block(f"for j in range({n}):", *(line.format(row="i") for line in each))
                lines.append(block(f"for i in range({layer.rows - 1}):", columns))
        return section("Move the weights of layers 2 and above.", lines) if lines else ""

    def sweep(self) -> str:
        """Move the weights of layer 1 for row x of X and sum its a for row z."""
        n, m = self.widths[0], self.program.layers[0].rows - 1
        constant = self._moved(1, "j", "delta1[j]", constant=True)
        first = block(f"for j in range({n}):", *constant, f"a1[j] = {self.precision.zero} + weight")
        each = [
            f"e = ({{row}} + 1) * {n} + j",
            *self._moved(1, "e", f"delta1[j] * X[x * {m} + {{row}}]"),
            f"s = s + weight * X[z * {m} + {{row}}]",
        ]
        skip = "xz" if self._skips and self.update.still else ""
        rows = self._rows(1, ["s = a1[j]"], each, ["a1[j] = s"], skip)
        comment = "Move the weights of layer 1 and sum its a for the next sample, in one sweep."
        return section(comment, first, rows)

    def _moved(self, t: int, entry: str, gradient: str, *, constant: bool = False) -> list[str]:
        """Write lines that set `weight` and with it the array of weights."""
        at = f"{t}[{entry}]"
        whole = self.update.gradient(at, gradient, constant=constant)
        return self._move(t, entry, whole, constant=constant)

    def _move(self, t: int, entry: str, gradient: str, *, constant: bool = False) -> list[str]:
        moves = self.program.moves[t - 1]
        if moves == "none":
            return [f"weight = w{t}[{entry}]"]
        chosen = f"moves{t}[{entry}]" if moves == "some" else ""
        return self.update.move(f"{t}[{entry}]", gradient, constant=constant, moves=chosen)

    def collect(self) -> str:
        """Add a sample's gradient to the batch's."""
        lines = []
        for t, layer in self._layers():
            n, m = self.widths[t - 1], layer.rows - 1
            value = f"X[x * {m} + {{row}}]" if t == 1 else f"v{t - 1}[{{row}}]"
            gradient, e = f"gradient{t}", f"({{row}} + 1) * {n} + j"
            constant = f"{gradient}[j] = {gradient}[j] + delta{t}[j]"
            each = [f"e = {e}", f"{gradient}[e] = {gradient}[e] + delta{t}[j] * {value}"]
            lines.append(block(f"for j in range({n}):", constant))
            lines.append(self._rows(t, [], each, []))
        return section("Add the sample's gradient to the batch's.", lines)

    # ---- loops -----------------------------------------------------------------------------

    def _at(self, name: str, t: int, j: str = "j") -> str:
        """Write where a number of neuron j of layer t is."""
        return f"{name}{t}[{j}]"

    def _layers(self) -> Iterator[tuple[int, Layer]]:
        return iter(enumerate(self.program.layers, start=1))

    @property
    def _skips(self) -> bool:
        layer = self.program.layers[0]
        return layer.rows * layer.columns >= SKIP_ENTRIES and layer.columns >= SKIP_COLUMNS

    def _rows(
        self, t: int, before: list[str], each: list[str], after: list[str], skip: str = ""
    ) -> str:
        """Write sweeps over the rows of a matrix, four at a time, its columns innermost.

        Args:
            t: The layer.
            before: Lines for each column.
            each: Lines for each row in it, where `{row}` stands for the row, constant left out.
            after: Lines at the end of each column.
            skip: The samples, "x" or "xz", that are all zero in a row that is passed over.
        """
        m, n = self.program.layers[t - 1].rows - 1, self.widths[t - 1]
        columns = f"for j in range({n}):"

        def sweep(row: str, count: int) -> str:
            lines = [line.format(row=row) for line in each]
            rows = [block(f"for r in range({count}):", *lines)] if count > 1 else lines
            return block(columns, *before, *rows, *after)

        if skip:
            return join(
                self._list_active(m, skip),
                block(
                    f"for q in range(0, found - {ROWS - 1}, {ROWS}):", sweep("active[q + r]", ROWS)
                ),
                block(f"for q in range(found // {ROWS} * {ROWS}, found):", sweep("active[q]", 1)),
            )
        whole, parts = m // ROWS * ROWS, []
        if whole > ROWS:
            parts.append(block(f"for i in range(0, {whole}, {ROWS}):", sweep("(i + r)", ROWS)))
        elif whole:
            parts.append(sweep("r", ROWS))
        rest = m - whole
        if rest:
            parts.append(sweep(f"({whole} + r)" if rest > 1 else str(whole), rest))
        return join(parts)

    def _list_active(self, m: int, samples: str) -> str:
        zero = " or ".join(f"X[{one} * {m} + i] != 0" for one in samples)
        return join(
            "found = 0",
            block(
                f"for i in range({m}):",
                "active[found] = i",
                block(f"if {zero}:", "found = found + 1"),
            ),
        )

    def _copies(self, t: int, layer: Layer, names: tuple[str, ...]) -> str:
        n = layer.columns
        return block(
            f"for j in range({n}):", *(f"all_{one}{t}[x * {n} + j] = {one}{t}[j]" for one in names)
        )


def runs_of(layer: Layer) -> Iterator[tuple[Activation, int, int]]:
    """Yield each activation with the columns, one after the other, that have it."""
    begin = 0
    for activation, some in groupby(layer.activations):
        stop = begin + len(list(some))
        yield activation, begin, stop
        begin = stop


def span(begin: int, stop: int, index: str = "j") -> str:
    """Return the head of a loop over some columns."""
    limits = f"{begin}, {stop}" if begin else str(stop)
    return f"for {index} in range({limits}):"
