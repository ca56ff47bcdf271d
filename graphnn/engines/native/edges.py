"""`EdgesForm`: loops along lists of edges, with the structure of the network as data.

The source says nothing of the network but which scalar functions it needs, so one compilation
serves every structure. Edges are sorted by layer, source and target, which is the order of theta:
the sums of a layer are filled source by source, so each still adds its edges with i ascending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graphnn.engines.native.scalars import Scalars
from graphnn.engines.native.text import Kind, Precision, block, join, section
from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.functions.losses import AnyLoss, VectorLoss
from graphnn.program.program import Program

__all__ = ["EdgesForm", "activations_of"]

FEW = 2
"""With more different activations than that, all built-in ones are compiled: fewer variants."""

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

ALONG = "for e in range(start[row], start[row + 1]):"


def activations_of(program: Program) -> list[Activation]:
    """Return the activations that are compiled for a program; a run's code is its place here."""
    used = dict.fromkeys(one for layer in program.layers for one, _ in layer.groups)
    if len(used) > FEW:
        used = dict.fromkeys(ACTIVATIONS.values()) | used
    return list(used)


@dataclass
class EdgesForm:
    """Writes the functions of a program as loops along its edges; see `DenseForm`.

    A chunk of a batch is one sample.
    """

    group: ClassVar[int] = 1

    program: Program
    loss: AnyLoss
    precision: Precision
    scalars: Scalars
    decays: int
    still: bool

    # ---- what callers see ----------------------------------------------------------------

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the functions work on."""
        found: dict[str, Kind] = {"depth": "int", **STRUCTURE}
        found |= dict.fromkeys(("w", "a", "v", "delta"), "real*")
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
            block("if backwards:", block(neurons, "all_delta[place + j] = delta[j]")),
        )

    def records(self) -> dict[str, Kind]:
        """Return the arrays that `record` fills."""
        return {f"all_{name}": "real*" for name in ("a", "v", "delta")}

    # ---- forward ---------------------------------------------------------------------------

    def first(self) -> str:
        """Set v of the inputs to row x of X."""
        load = block("for i in range(base[1]):", "v[i] = X[x * base[1] + i]")
        return section("v of the inputs.", block("if not ready:", load))

    def forward(self) -> str:
        """Set a and v of every layer for a chunk; a batch's gradients begin with 0."""
        every = "for e in range(start[rows[depth + 1]]):"
        zeros = block(every, f"gradient[e] = {self.precision.zero}")
        begin = ("x = taken[0]", block("if step == batch_begin:", zeros), "ready = 0")
        return join(*begin, self.first(), self.upper())

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
                    "if v[i] != 0:",
                    block(ALONG, "a[target[e]] = a[target[e]] + w[e] * v[i]"),
                ),
            ),
        )
        call = f"{{value}}({self.precision.wide('a[j]')})"
        values = self._chosen(f"v[j] = {self.precision.rounded(call)}")
        layers = block(
            "for t in range(1, depth + 1):", block("if t > 1 or not ready:", sums), values
        )
        return section("a and v of each layer: each source adds to its targets.", layers)

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
            return join(self._outputs(), f"loss = {name}({arrays})")
        term = f"{name}({wide('v[base[depth] + j]')}, {wide('Y[x * n + j]')})"
        add = block("for j in range(n):", f"loss = loss + {term}")
        return join("n = base[depth + 1] - base[depth]", "loss = 0.0", add)

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
            copy = f"delta[base[depth] + j] = {rounded('output_delta[j]')}"
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
        hidden = block(
            "if t < depth:",
            "row = rows[t + 1]",
            block(
                "for i in range(base[t], base[t + 1]):",
                "row = row + 1",
                f"s = {self.precision.zero}",
                block(ALONG, "s = s + w[e] * delta[target[e]]"),
                "delta[i] = s",
            ),
        )
        # A vector loss gives delta of the output layer itself.
        vector = isinstance(self.loss, VectorLoss)
        layers = block(f"for t in range(depth{' - 1' * vector}, 0, -1):", hidden, slopes)
        comment = "delta of the output layer, then of each layer below, k ascending."
        return section(comment, self._output(), layers)

    # ---- update ----------------------------------------------------------------------------

    def _moved(self, gradient: str, *, constant: bool = False) -> str:
        rounded, wide = self.precision.rounded, self.precision.wide
        if self.decays > constant:
            penalty = f"penalty(regularizer, {wide('w[e]')})"
            gradient = f"{gradient} + {rounded(penalty)}"
        return rounded(f"update(optimizer, {wide('w[e]')}, {wide(gradient)})")

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
        constant = f"w[e] = {self._moved('delta[target[e]]', constant=True)}"
        other = f"w[e] = {self._moved('delta[target[e]] * v[i]')}"
        condition = "v[i] != 0" if self.still and not self.decays else ""
        layers = block("for t in range(2, depth + 1):", self._moves(constant, other, condition))
        return section("Move the weights of layers 2 and above.", layers)

    def sweep(self) -> str:
        """Move the weights of layer 1 for row x of X and sum its a for row z."""
        constant = join(
            f"w[e] = {self._moved('delta[target[e]]', constant=True)}",
            "a[target[e]] = a[target[e]] + w[e]",
        )
        moved = self._moved("delta[target[e]] * v[i]")
        other = join(f"w[e] = {moved}", "a[target[e]] = a[target[e]] + w[e] * X[z * base[1] + i]")
        condition = ""
        if self.still and not self.decays:
            condition = "v[i] != 0 or X[z * base[1] + i] != 0"
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
        layers = block(
            "for t in range(1, depth + 1):", self._moves(add, f"{add} * v[i]", "v[i] != 0")
        )
        return section("Add the sample's gradient to the batch's.", layers)

    def descend_batch(self) -> str:
        """Move all weights after a batch of `size` samples."""
        mean = f"gradient[e] / {self.precision.name}(size)"
        constant, other = (f"w[e] = {self._moved(mean, constant=one)}" for one in (True, False))
        layers = block("for t in range(1, depth + 1):", self._moves(constant, other))
        return section("Move all weights by the mean of the batch's gradients.", layers)
