"""`EdgesForm`: loops along lists of edges, with the structure of the network as data.

The source says nothing of the network but which scalar functions it needs, so one compilation
serves every structure. Edges are sorted by layer, source and target, which is the order of theta:
the sums of a layer are filled source by source, so each still adds its edges with i ascending.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphnn.engines.native.parts import Parts
from graphnn.engines.native.samples import Samples
from graphnn.engines.native.structure import activations_of
from graphnn.engines.native.text import Kind, block, join, section
from graphnn.engines.native.ties import Ties
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


ONE = Samples()

ALONG = "for e in range(start[row], start[row + 1]):"


@dataclass
class EdgesForm:
    """Writes the functions of a program as loops along its edges; see `DenseForm`.

    Attributes:
        samples: How many samples are taken at once.
        passed: The array of what neurons pass on.
    """

    program: Program
    parts: Parts
    samples: Samples = ONE
    passed: str = "v"

    def __post_init__(self) -> None:
        self.loss, self.precision = self.parts.loss, self.parts.precision
        self.scalars, self.update = self.parts.scalars, self.parts.update
        self.ties = Ties(self.precision, self.program.shares, self.samples, self.passed)
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
        load = block("for i in range(base[1]):", "v[i] = X[x * base[1] + i]")
        return section("v of the inputs.", block("if not ready:", load))

    def upper(self) -> str:
        """Set a and v of every layer; a of layer 1 only if it is not there yet."""
        return self._upward(block("if t > 1 or not ready:", self._sums()))

    def _upward(self, sums: str) -> str:
        """Write a and v of every layer, given how a is summed."""
        each = [sums]
        if self.copies:
            each.append(self._copied())
        call = f"{{value}}({self.precision.wide('a[j]')})"
        each.append(self._chosen(f"v[j] = {self.precision.rounded(call)}"))
        each.append(self._pass_on("t"))
        layers = block("for t in range(1, depth + 1):", *each)
        return section("a and v of each layer: each source adds to its targets.", layers)

    def _copied(self) -> str:
        """Write a and v of the copies in layer t."""
        at = self.samples.at
        copy = f"{at('a', 'copy_target[c]')} = {at(self.passed, 'copy_source[c]')}"
        value = f"{at('v', 'copy_target[c]')} = {at('a', 'copy_target[c]')}"
        return self._copying("t", self.samples.each(copy, value))

    def _sums(self) -> str:
        """Write the sums a of layer t: source by source, so that i ascends in each."""
        a, passed = self.samples.at("a", "target[e]"), self.samples.at(self.passed, "i")
        add = block(ALONG, self.samples.each(f"{a} = {a} + w[e] * {passed}"))
        return join(
            self.samples.all("base[t]", "base[t + 1]", f"a[j] = {self.precision.zero}"),
            "row = rows[t]",
            block(ALONG, self.samples.each(f"{a} = {a} + w[e]")),
            block("for i in range(base[t - 1], base[t]):", "row = row + 1", self._unless_0(add)),
        )

    def _unless_0(self, lines: str) -> str:
        """Write lines that do nothing where neuron i passes on a 0."""
        return block(f"if {self.samples.at(self.passed, 'i')} != 0:", lines)

    @staticmethod
    def _copying(t: str, *lines: str) -> str:
        """Write a loop over the copies of layer t."""
        return block(f"for c in range(copy_start[{t}], copy_start[{t} + 1]):", *lines)

    def _pass_on(self, t: str) -> str:
        """Write what the neurons of layer t pass on, where that is not v."""
        return ""

    def _chosen(self, line: str) -> str:
        """Write a loop over the neurons of layer t for each activation, run by run."""
        branches = []
        for code, activation in enumerate(activations_of(self.program)):
            names = {
                "value": self.scalars.value(activation, MANY),
                "derivative": self.scalars.derivative(activation),
            }
            loop = self.samples.all("begin", "stop[run]", line.format(**names))
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
        term = f"{name}({wide(self.samples.at('v', 'base[depth] + j'))}, {wide('Y[x * n + j]')})"
        add = block("for j in range(n):", f"loss = loss + {term}")
        weigh = f"loss = loss{self.parts.loss_weight}" if self.parts.weighted else ""
        return join("n = base[depth + 1] - base[depth]", "loss = 0.0", add, weigh)

    def _outputs(self) -> str:
        wide = self.precision.wide
        return join(
            "n = base[depth + 1] - base[depth]",
            block(
                "for j in range(n):",
                f"output_a[j] = {wide(self.samples.at('a', 'base[depth] + j'))}",
                f"output_v[j] = {wide(self.samples.at('v', 'base[depth] + j'))}",
                f"output_y[j] = {wide('Y[x * n + j]')}",
            ),
        )

    def _output(self) -> str:
        """Write delta of the output layer, or what its slopes are still to be multiplied by."""
        rounded, wide = self.precision.rounded, self.precision.wide
        name = self.scalars.loss_derivative(self.loss, MANY)
        delta, v = (self.samples.at(one, "base[depth] + j") for one in ("delta", "v"))
        if isinstance(self.loss, VectorLoss):
            arrays = ", ".join(f"output_{one}" for one in ("a", "v", "y", "delta"))
            copy = f"{delta} = {rounded('output_delta[j]')}{self.parts.weight}"
            return join(self._outputs(), f"{name}({arrays})", block("for j in range(n):", copy))
        slope = rounded(f"{name}({wide(v)}, {wide('Y[x * n + j]')})")
        return join(
            "n = base[depth + 1] - base[depth]",
            block("for j in range(n):", f"{delta} = {slope}"),
        )

    def backward(self) -> str:
        """Set delta of every layer, the output layer's first."""
        wide = self.precision.wide
        slope = self.precision.rounded(f"{{derivative}}({wide('a[j]')}, {wide('v[j]')})")
        slopes = self._chosen(f"delta[j] = {slope} * delta[j]")
        weigh = ""
        if self.parts.weighted and not isinstance(self.loss, VectorLoss):
            weigh = block("if t == depth:", self._weighed())
        hidden = block("if t < depth:", self._hidden())
        # A vector loss gives delta of the output layer itself.
        vector = isinstance(self.loss, VectorLoss)
        layers = block(f"for t in range(depth{' - 1' * vector}, 0, -1):", hidden, slopes, weigh)
        comment = "delta of the output layer, then of each layer below, k ascending."
        return section(comment, self._output(), layers)

    def _weighed(self) -> str:
        """Write delta of the output layer times the weight of the sample."""
        outputs = "for j in range(base[depth], base[depth + 1]):"
        delta = self.samples.at("delta", "j")
        return block(outputs, f"{delta} = {delta}{self.parts.weight}")

    def _hidden(self) -> str:
        """Write the sums over k for layer t: along the edges, then along the copies."""
        sums = block("for i in range(base[t], base[t + 1]):", "row = row + 1", self._hidden_sum())
        source, copy = (self.samples.at("delta", f"copy_{one}[c]") for one in ("source", "target"))
        line = self.samples.each(f"{source} = {source} + {copy}")
        copied = self._copying("t + 1", line) if self.copies else ""
        return join("row = rows[t + 1]", sums, copied)

    def _hidden_sum(self) -> str:
        """Write the sum over the edges of one row, to neuron i."""
        at, each, total = self.samples.at, self.samples.each, self.samples.total
        return join(
            each(f"{total} = {self.precision.zero}"),
            block(ALONG, each(f"{total} = {total} + w[e] * {at('delta', 'target[e]')}")),
            each(f"{at('delta', 'i')} = {total}"),
        )

    # ---- update ----------------------------------------------------------------------------

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
        moves = self._moves(add, f"{add} * v[i]", "v[i] != 0")
        layers = block("for t in range(1, depth + 1):", moves)
        return section("Add the sample's gradient to the batch's.", layers, self.ties.collect())
