"""`EdgesForm`: loops along lists of edges, with the structure of the network as data.

The source says nothing of the network but which scalar functions it needs, so one compilation
serves every structure. Edges are sorted by layer, source and target, which is the order of theta:
the sums of a layer are filled source by source, so each still adds its edges with i ascending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graphnn.engines.native.parts import Parts
from graphnn.engines.native.structure import ALONE, FROZEN, activations_of
from graphnn.engines.native.text import Kind, block, join, section
from graphnn.engines.native.ties import Ties
from graphnn.engines.native.update import Rule
from graphnn.functions.losses import VectorLoss
from graphnn.program.program import Program

__all__ = ["EdgesForm"]

MANY = 64
"""Scalar functions are chosen as for so many neurons, whatever the layers have."""

STRUCTURE: dict[str, Kind] = {
    "base": "int64*",
    "rows": "int64*",
    "start": "int64*",
    "target": "int32*",
    "runs": "int64*",
    "code": "int64*",
    "stop": "int64*",
}
"""Where a layer's neurons begin; where its rows of edges begin; where a row's edges begin; the
neuron that an edge leads to; where a layer's runs of equal activations begin; a run's activation;
where it stops."""

ROLES: dict[str, Kind] = {"role": "int32*"}
"""What an edge is to training; see `graphnn.engines.native.structure`."""

COPIES: dict[str, Kind] = {
    "copy_start": "int64*",
    "copy_source": "int64*",
    "copy_target": "int64*",
}
"""Where a layer's copies begin; which neuron one copies; which neuron it is."""


ALONG = "for e in range(start[row], start[row + 1]):"


@dataclass
class EdgesForm:
    """Writes the functions of a program as loops along its edges; see `DenseForm`.

    A chunk of a batch is one sample.
    """

    group: ClassVar[int] = 1

    program: Program
    parts: Parts

    def __post_init__(self) -> None:
        self.loss, self.precision = self.parts.loss, self.parts.precision
        self.scalars, self.update = self.parts.scalars, self.parts.update
        self.ties = Ties(self.precision, self.program.shares)
        self.copies = any(layer.copies for layer in self.program.layers)
        # Copies are among no edges, and so what they are to training is asked of nobody.
        copied = sum(layer.copies for layer in self.program.layers)
        frozen = len(self.program.theta) - int(self.program.trainable.sum())
        self.roles = self.program.shares or frozen > copied

    # ---- what callers see ----------------------------------------------------------------

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the functions work on."""
        found: dict[str, Kind] = {"depth": "int", **STRUCTURE}
        found |= dict.fromkeys(("w", *self.update.slots, "a", "v", "delta"), "real*")
        if self.copies:
            found |= COPIES
        if self.roles:
            found |= ROLES
        found |= self.ties.arrays(gradients=gradients)
        if self.parts.masked:
            found["passed"] = "real*"
        if self.update.projections:
            found["norms"] = "real*"
        if gradients:
            found["gradient"] = "real*"
        if isinstance(self.loss, VectorLoss):
            found |= {f"output_{name}": "float64[]" for name in ("a", "v", "y", "delta")}
        return found

    def keep(self) -> str:
        """Copy the weights after an epoch."""
        copy = block("for e in range(edges):", "kept[epoch * edges + e] = w[e]")
        return section("Copy the weights.", "edges = start[rows[depth + 1]]", copy)

    def record(self) -> str:
        """Copy a sample's a and v, and with targets its delta."""
        neurons = "for j in range(base[depth + 1]):"
        return section(
            "Copy what the sample came to.",
            "place = x * base[depth + 1]",
            block(neurons, "all_a[place + j] = a[j]", "all_v[place + j] = v[j]"),
            block(
                "if backwards:",
                block(neurons, "all_delta[place + j] = delta[j]"),
                self._copied_gradients() if self.copies else "",
            ),
        )

    def _copied_gradients(self) -> str:
        """Write the gradients of copies, which no training asks for, behind the others."""
        add = "delta[copy_target[c]] * v[copy_source[c]]"
        place = "gradient[start[rows[depth + 1]] + c]"
        return block("for c in range(copy_start[depth + 1]):", f"{place} = {place} + {add}")

    def records(self) -> dict[str, Kind]:
        """Return the arrays that `record` fills."""
        return {f"all_{name}": "real*" for name in ("a", "v", "delta")}

    # ---- forward ---------------------------------------------------------------------------

    def first(self) -> str:
        """Set v of the inputs to row x of X."""
        lines = ["v[i] = X[x * base[1] + i]"]
        if self.parts.masked and 0 not in self.parts.masked:
            lines.append("passed[i] = v[i]")
        load = block("for i in range(base[1]):", *lines)
        return section("v of the inputs.", block("if not ready:", load))

    def forward(self) -> str:
        """Set a and v of every layer for a chunk; a batch's gradients begin with 0."""
        every = "for e in range(start[rows[depth + 1]]):"
        zeros = block(every, f"gradient[e] = {self.precision.zero}")
        begin = (
            "x = taken[0]",
            block("if step == batch_begin:", zeros, self.ties.begin()),
            "ready = 0",
        )
        dropped = self._pass_on("0") if 0 in self.parts.masked else ""
        return join(*begin, self.first(), dropped, self.upper())

    def upper(self) -> str:
        """Set a and v of every layer; a of layer 1 only if it is not there yet."""
        sums = join(
            block("for j in range(base[t], base[t + 1]):", f"a[j] = {self.precision.zero}"),
            "row = rows[t]",
            block(ALONG, "a[target[e]] = a[target[e]] + w[e]"),
            block(
                "for i in range(base[t - 1], base[t]):",
                "row = row + 1",
                block(
                    f"if {self._passed} != 0:",
                    block(ALONG, f"a[target[e]] = a[target[e]] + w[e] * {self._passed}"),
                ),
            ),
        )
        call = f"{{value}}({self.precision.wide('a[j]')})"
        values = self._chosen(f"v[j] = {self.precision.rounded(call)}")
        each = [block("if t > 1 or not ready:", sums)]
        if self.copies:
            copy = f"a[copy_target[c]] = {self._passed.replace('[i]', '[copy_source[c]]')}"
            each.append(self._copying("t", copy, "v[copy_target[c]] = a[copy_target[c]]"))
        each.append(values)
        if self.parts.masked:
            each.append(self._pass_on("t"))
        layers = block("for t in range(1, depth + 1):", *each)
        return section("a and v of each layer: each source adds to its targets.", layers)

    @staticmethod
    def _copying(t: str, *lines: str) -> str:
        """Write a loop over the copies of layer t."""
        return block(f"for c in range(copy_start[{t}], copy_start[{t} + 1]):", *lines)

    @property
    def _passed(self) -> str:
        """Write what neuron i passes on."""
        return "passed[i]" if self.parts.masked else "v[i]"

    def _pass_on(self, t: str) -> str:
        """Write what the neurons of layer t pass on: in training some are dropped."""
        neurons, copy = f"for i in range(base[{t}], base[{t} + 1]):", "passed[i] = v[i]"
        if t == "t" and self.parts.masked.stop == 1:  # inputs alone are dropped
            return block(neurons, copy)
        inside = "if step < end and t < depth:" if t == "t" else "if step < end:"
        dropped = block(neurons, f"passed[i] = v[i] * {self._mask}")
        return join(block(inside, dropped), block("else:", block(neurons, copy)))

    @property
    def _mask(self) -> str:
        """Write the factor of dropout for neuron i."""
        first, stop = self.parts.masked.start, self.parts.masked.stop
        end = "base[1]" if stop == 1 else "base[depth]"
        return f"masks[places[0] * ({end} - base[{first}]) + i - base[{first}]]"

    def _chosen(self, line: str) -> str:
        """Write a loop over the neurons of layer t for each activation, run by run."""
        branches = []
        for code, activation in enumerate(activations_of(self.program)):
            names = {
                "value": self.scalars.value(activation, MANY),
                "derivative": self.scalars.derivative(activation),
            }
            loop = block("for j in range(begin, stop[run]):", line.format(**names))
            branches.append(block(f"{'elif' if code else 'if'} code[run] == {code}:", loop))
        return join(
            "begin = base[t]",
            block("for run in range(runs[t], runs[t + 1]):", *branches, "begin = stop[run]"),
        )

    # ---- backward --------------------------------------------------------------------------

    def sample_loss(self) -> str:
        """Set `loss`: the outputs' losses, added ascending."""
        name, wide = self.scalars.loss(self.loss, MANY), self.precision.wide
        if isinstance(self.loss, VectorLoss):
            arrays = ", ".join(f"output_{one}" for one in ("a", "v", "y"))
            return join(self._outputs(), f"loss = {name}({arrays}){self.parts.loss_weight}")
        term = f"{name}({wide('v[base[depth] + j]')}, {wide('Y[x * n + j]')})"
        add = block("for j in range(n):", f"loss = loss + {term}")
        weigh = f"loss = loss{self.parts.loss_weight}" if self.parts.weighted else ""
        return join("n = base[depth + 1] - base[depth]", "loss = 0.0", add, weigh)

    def _outputs(self) -> str:
        wide = self.precision.wide
        return join(
            "n = base[depth + 1] - base[depth]",
            block(
                "for j in range(n):",
                f"output_a[j] = {wide('a[base[depth] + j]')}",
                f"output_v[j] = {wide('v[base[depth] + j]')}",
                f"output_y[j] = {wide('Y[x * n + j]')}",
            ),
        )

    def _output(self) -> str:
        rounded, wide = self.precision.rounded, self.precision.wide
        name = self.scalars.loss_derivative(self.loss, MANY)
        if isinstance(self.loss, VectorLoss):
            arrays = ", ".join(f"output_{one}" for one in ("a", "v", "y", "delta"))
            copy = f"delta[base[depth] + j] = {rounded('output_delta[j]')}{self.parts.weight}"
            return join(self._outputs(), f"{name}({arrays})", block("for j in range(n):", copy))
        slope = rounded(f"{name}({wide('v[base[depth] + j]')}, {wide('Y[x * n + j]')})")
        return join(
            "n = base[depth + 1] - base[depth]",
            block("for j in range(n):", f"delta[base[depth] + j] = {slope}"),
        )

    def backward(self) -> str:
        """Set delta of every layer, the output layer's first."""
        wide = self.precision.wide
        slope = self.precision.rounded(f"{{derivative}}({wide('a[j]')}, {wide('v[j]')})")
        slopes = self._chosen(f"delta[j] = {slope} * delta[j]")
        weigh = ""
        if self.parts.weighted and not isinstance(self.loss, VectorLoss):
            outputs = "for j in range(base[depth], base[depth + 1]):"
            line = block(outputs, f"delta[j] = delta[j]{self.parts.weight}")
            weigh = block("if t == depth:", line)
        masked = f" * {self._mask}" if self._hides and not self.copies else ""
        hidden = block(
            "if t < depth:",
            "row = rows[t + 1]",
            block(
                "for i in range(base[t], base[t + 1]):",
                "row = row + 1",
                f"s = {self.precision.zero}",
                block(ALONG, "s = s + w[e] * delta[target[e]]"),
                f"delta[i] = s{masked}",
            ),
            *self._copied_back(),
        )
        # A vector loss gives delta of the output layer itself.
        vector = isinstance(self.loss, VectorLoss)
        layers = block(f"for t in range(depth{' - 1' * vector}, 0, -1):", hidden, slopes, weigh)
        comment = "delta of the output layer, then of each layer below, k ascending."
        return section(comment, self._output(), layers)

    def _copied_back(self) -> list[str]:
        """Write how copies join the sums of their sources, behind all other edges."""
        if not self.copies:
            return []
        add = "delta[copy_source[c]] = delta[copy_source[c]] + delta[copy_target[c]]"
        lines = [self._copying("t + 1", add)]
        if self._hides:
            neurons = "for i in range(base[t], base[t + 1]):"
            lines.append(block(neurons, f"delta[i] = delta[i] * {self._mask}"))
        return lines

    # ---- update ----------------------------------------------------------------------------

    @property
    def _hides(self) -> bool:
        """Whether hidden neurons are dropped."""
        return self.parts.masked.stop > 1

    def _moved(self, gradient: str, *, constant: bool = False) -> str:
        """Write lines that set `weight` and with it the array of weights."""
        whole = self.update.gradient("[e]", gradient, constant=constant)
        return self._move(whole, constant=constant)

    def _move(self, gradient: str, *, constant: bool = False) -> str:
        """Write lines that move the weight of an edge, if it is moved at all."""
        lines = self.update.move("[e]", gradient, constant=constant)
        return block("if role[e] & 1:", *lines) if self.roles else join(lines)

    def _moves(self, constant: str, other: str, condition: str = "") -> str:
        """Write loops over the rows of layer t: the constant neuron's, then the others."""
        loop = block(ALONG, other)
        return join(
            "row = rows[t]",
            block(ALONG, constant),
            block(
                "for i in range(base[t - 1], base[t]):",
                "row = row + 1",
                block(f"if {condition}:", loop) if condition else loop,
            ),
        )

    def descend(self) -> str:
        """Move the weights of layers 2 and above after a sample."""
        constant = self._moved("delta[target[e]]", constant=True)
        other = self._moved("delta[target[e]] * v[i]")
        condition = "v[i] != 0" if self.update.still else ""
        layers = block("for t in range(2, depth + 1):", self._moves(constant, other, condition))
        return section("Move the weights of layers 2 and above.", layers)

    def sweep(self) -> str:
        """Move the weights of layer 1 for row x of X and sum its a for row z."""
        stays = "weight = w[e]" if self.roles else ""
        constant = join(
            stays,
            self._moved("delta[target[e]]", constant=True),
            "a[target[e]] = a[target[e]] + weight",
        )
        moved = join(stays, self._moved("delta[target[e]] * v[i]"))
        other = join(moved, "a[target[e]] = a[target[e]] + weight * X[z * base[1] + i]")
        condition = "v[i] != 0 or X[z * base[1] + i] != 0" if self.update.still else ""
        return section(
            "Move the weights of layer 1 and sum its a for the next sample, in one sweep.",
            "t = 1",
            block("for j in range(base[1], base[2]):", f"a[j] = {self.precision.zero}"),
            self._moves(constant, other, condition),
            block("for i in range(base[1]):", "v[i] = X[z * base[1] + i]"),
        )

    def collect(self) -> str:
        """Add a sample's gradient to the batch's."""
        add = "gradient[e] = gradient[e] + delta[target[e]]"
        passed = self._passed
        moves = self._moves(add, f"{add} * {passed}", f"{passed} != 0")
        layers = block("for t in range(1, depth + 1):", moves)
        ties = self.ties.collect(passed.removesuffix("[i]"))
        return section("Add the sample's gradient to the batch's.", layers, ties)

    def descend_batch(self) -> str:
        """Move all weights after a batch of `size` samples."""
        layers = "for t in range(1, depth + 1):"
        mean = f"gradient[e] / {self.precision.name}(size)"
        if not self.update.in_parts:
            constant, other = (self._moved(mean, constant=one) for one in (True, False))
            return section(
                "Move all weights by the mean of the batch's gradients.",
                self.ties.lead(),
                block(layers, self._moves(constant, other)),
                self.ties.follow(),
            )
        whole = [self._whole(mean, constant=one) for one in (True, False)]
        moves = [self._move("gradient[e]", constant=one) for one in (True, False)]
        return join(
            section(
                "The mean gradient of the objective.",
                self.ties.lead(),
                block(layers, self._moves(*whole)),
            ),
            *map(self._scaled, self.update.scalings),
            section("Move all weights.", block(layers, self._moves(*moves)), self.ties.follow()),
            *map(self._projected, self.update.projections),
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
        every = "for e in range(start[rows[depth + 1]]):"
        call = f"{rule.name}({rule.variable}, {self.precision.wide('s')})"
        return section(
            "A factor for the whole gradient.",
            f"s = {self.precision.zero}",
            block(every, "s = s + gradient[e] * gradient[e]"),
            f"factor = {self.precision.rounded(call)}",
            block(every, "gradient[e] = gradient[e] * factor"),
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
            self._moves(one if rule.constants else "pass", one) for one in (add, scale)
        )
        layers = "for t in range(1, depth + 1):"
        return section(
            "A factor for the weights into each neuron.",
            block(neurons, f"norms[j] = {self.precision.zero}"),
            block(layers, sums),
            block(neurons, f"norms[j] = {self.precision.rounded(call)}"),
            block(layers, products),
            self.ties.project(rule),
        )
