"""`BackwardCase`: the same case run backward, with loss, sensitivities and gradients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from graphnn.comparison.bounds import FLOAT32
from graphnn.comparison.differences import central_differences, chosen_edges
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check, Number, Verdict
from graphnn.engines import matrix, node
from graphnn.engines.rounded import numbers, rounded_loss
from graphnn.engines.sample import Sample
from graphnn.engines.wiring import Unit
from graphnn.functions.losses import AnyLoss, Loss
from graphnn.types import Edge, Neuron

__all__ = ["BackwardCase"]


class BackwardCase:
    """The same case run backward with targets and a loss, by matrices only when asked.

    Attributes:
        case: The case run forward.
        y: The targets, shape (m, d^(T)), of the program's dtype.
        loss: The loss.
        by_node: The loss as the node engine takes it, which in float32 rounds.
        samples: Inputs and targets as the node engine takes them.
        edges: The first edge of each parameter, in (t, i, j) order.
        node_loss: The node engine's mean loss.
        node_delta: Its sensitivities of each sample, by neuron.
        node_g: Its mean gradient, an entry a parameter.
    """

    def __init__(self, case: ForwardCase, y: Array, loss: AnyLoss) -> None:
        self.case, self.y, self.loss = case, y, loss
        self.by_node = rounded_loss(loss) if case.bounds is FLOAT32 else loss
        self.samples = [Sample(numbers(x), numbers(t)) for x, t in zip(case.X, y, strict=True)]
        wiring = case.wiring
        self.edges: list[Edge] = [one.edges[0][:2] for one in wiring.parameters]
        self.node_loss = node.mean_loss(wiring, self.samples, self.by_node)
        self.node_delta = [
            node.propagate_backward(wiring, a, v, sample, self.by_node)
            for (a, v), sample in zip(case.traces, self.samples, strict=True)
        ]
        self.node_g = self._mean([v for _, v in case.traces], self.node_delta)

    def rows(self, t: int) -> Array:
        """Return the node engine's delta of layer t, shape (m, d^(t))."""
        neurons = self.case.program.neurons[t]
        rows = [[delta[n] for n in neurons] for delta in self.node_delta]
        return np.array(rows, dtype=np.float64)

    @cached_property
    def delta(self) -> list[Array]:
        """The matrix engine's delta of layers 1..T."""
        case = self.case
        return matrix.sensitivities(case.program, [None, *case.a[1:]], case.v, self.y, self.loss)

    @cached_property
    def _public(self) -> tuple[float, Array]:
        """The matrix engine's loss and gradient as users ask for them, matrices and all."""
        program = self.case.program
        loss, matrices = program.gradient(self.case.X, self.y, self.loss)
        pairs = zip(matrices, program.layers, strict=True)
        each = np.concatenate([w[layer.sources, layer.targets] for w, layer in pairs])
        return loss, each[program.firsts]

    def checks(self) -> list[Check]:
        """Compare the matrix engine's loss, delta and gradient."""
        depth = self.case.program.depth
        deltas = [self._output(), *(self._hidden(t) for t in range(depth - 1, 0, -1))]
        return [
            self._loss_check(),
            check("matrix", "delta", deltas),
            check("matrix", "gradient", [self.gradient]),
        ]

    def _loss_check(self) -> Check:
        units = self.case.wiring.layers[-1]
        total, size = 0.0, 0.0
        a, v = self.case.a[-1].tolist(), self.case.v[-1].tolist()
        for row_a, row_v, row_y in zip(a, v, self.y.tolist(), strict=True):
            layer_a = {unit.neuron: number for unit, number in zip(units, row_a, strict=True)}
            layer_v = {unit.neuron: number for unit, number in zip(units, row_v, strict=True)}
            value = node.sample_loss(self.case.wiring, layer_a, layer_v, row_y, self.by_node)
            total, size = total + value, size + abs(value)
            size += 0.0 if isinstance(self.loss, Loss) else 3 * sum(map(abs, row_a))
        m = len(self.samples)
        bound = self.case.bounds.sum_bound(m + len(units) + 16, size / m)
        ways = (self.node_loss, self._public[0], total / m, float(bound))
        return check("matrix", "loss", [Part([None], *(np.array([x]) for x in ways))])

    def _output(self) -> Part:
        case, units = self.case, self.case.wiring.layers[-1]
        a, v = case.a[-1].tolist(), case.v[-1].tolist()
        rows = list(zip(a, v, self.y.tolist(), strict=True))
        expected = np.array(
            [node.output_sensitivities(units, *row, self.by_node) for row in rows], dtype=np.float64
        )
        if isinstance(self.loss, Loss):
            slope, dl = self._slopes(case.program.depth), self._loss_slopes(rows)
            bound = case.bounds.product_bound(
                slope, dl, case.bounds.slope_bound(slope), case.bounds.ulps(dl)
            )
        else:
            # delta = p - y: the bound of a softmax's p, whose sum has one term an output.
            p = np.abs(expected + self.y)
            bound = case.bounds.softmax_bound(case.a[-1], p) + case.bounds.ulps(expected, 1)
        return self._part(case.program.depth, expected, bound)

    def _hidden(self, t: int) -> Part:
        case, units = self.case, self.case.wiring.layers[t - 1]
        above = case.program.neurons[t + 1]
        rows = [dict(zip(above, row, strict=True)) for row in self.delta[t].tolist()]
        a, v = case.a[t].tolist(), case.v[t].tolist()
        expected = np.array(
            [
                [
                    node.hidden_sensitivity(unit, a[k][j], v[k][j], row)
                    for j, unit in enumerate(units)
                ]
                for k, row in enumerate(rows)
            ],
            dtype=np.float64,
        )
        w = case.program.scatter(case.program.theta, t + 1)[1:]
        magnitudes = np.abs(self.delta[t]) @ np.abs(w).T
        sums = case.bounds.sums_bound([len(unit.outgoing) for unit in units], magnitudes)
        slope = self._slopes(t)
        bound = case.bounds.product_bound(slope, magnitudes, case.bounds.slope_bound(slope), sums)
        return self._part(t, expected, bound)

    def _part(self, t: int, expected: Array, bound: Array) -> Part:
        neurons = self.case.program.neurons[t]
        found = np.asarray(self.delta[t - 1], dtype=np.float64)
        return Part(neurons, self.rows(t), found, expected, bound)

    def _slopes(self, t: int) -> Array:
        units = self.case.wiring.layers[t - 1]
        pairs = zip(self.case.a[t].tolist(), self.case.v[t].tolist(), strict=True)
        return np.array([_row_slopes(units, a, v) for a, v in pairs], dtype=np.float64)

    def _loss_slopes(self, rows: Sequence[tuple[list[float], list[float], list[float]]]) -> Array:
        assert isinstance(self.by_node, Loss)
        slope = self.by_node.derivative
        return np.array(
            [[slope(v, y) for v, y in zip(vs, ys, strict=True)] for _, vs, ys in rows],
            dtype=np.float64,
        )

    def _mean(
        self, v: Sequence[dict[Neuron, float]], delta: Sequence[dict[Neuron, float]]
    ) -> Array:
        """Add delta * v over the samples in order and divide, as the node engine does."""
        total = [0.0] * len(self.edges)
        for values, deltas in zip(v, delta, strict=True):
            more = node.gradients(self.case.wiring, deltas, values)
            total = [g + one for g, one in zip(total, more, strict=True)]
        return np.array([g / len(v) for g in total], dtype=np.float64)

    def _own(self) -> tuple[list[dict[Neuron, float]], list[dict[Neuron, float]]]:
        """Return the matrix engine's v and delta of each sample by neuron."""
        program = self.case.program
        v: list[dict[Neuron, float]] = []
        delta: list[dict[Neuron, float]] = []
        for k in range(len(self.y)):
            v.append({(t, 0): 1.0 for t in range(program.depth)})
            delta.append({})
            for t, neurons in enumerate(program.neurons):
                v[-1].update(zip(neurons, self.case.v[t][k].tolist(), strict=True))
                if t > 0:
                    delta[-1].update(zip(neurons, self.delta[t - 1][k].tolist(), strict=True))
        return v, delta

    @cached_property
    def gradient(self) -> Part:
        """The mean gradient of every edge, and how far it may be."""
        v, delta = self._own()
        size = [{n: abs(x) for n, x in row.items()} for row in v]
        sensitivity = [{n: abs(x) for n, x in row.items()} for row in delta]
        # The mean is divided before or after the sum: two more roundings.
        parameters = self.case.wiring.parameters
        most = max((len(one.edges) for one in parameters), default=1)
        bound = self.case.bounds.sum_bound(most * len(v) + 2, self._mean(size, sensitivity))
        # A sensitivity that is divided first may lose the smallest number before it meets v.
        lost = [sum(row[i] for row in size for i, _, _ in one.edges) for one in parameters]
        bound = bound + self.case.bounds.tiny * np.array(lost)
        return Part(self.edges, self.node_g, self._public[1], self._mean(v, delta), bound)

    def central_check(self) -> Check:
        """Compare the node engine's gradient with central differences of its loss."""
        wiring, m = self.case.wiring, len(self.y)
        largest = {n: max(abs(v[n]) for _, v in self.case.traces) for n in self.case.traces[0][1]}
        chosen = chosen_edges(len(self.edges), m)
        estimates = central_differences(wiring, self.samples, self.by_node, chosen, largest)
        gradient = dict(zip(self.edges, self.node_g.tolist(), strict=True))
        found = []
        for edge, (value, tolerance, smooth) in estimates.items():
            if not (smooth and np.isfinite(gradient[edge])):
                continue
            error = abs(gradient[edge] - value)
            verdict = Verdict.TOLERANCE if error <= tolerance else Verdict.DIFFERENT
            found.append(Number(edge, None, gradient[edge], value, error, tolerance, verdict))
        note = f"central differences at {len(found)} of {len(self.edges)} edges"
        if len(found) < len(estimates):
            note += f"; {len(estimates) - len(found)} skipped (kink, steep or overflow)"
        drift = max((number.error for number in found), default=0.0)
        return Check("central", "gradient", tuple(found), drift, note=note)


def _row_slopes(units: Sequence[Unit], a: Sequence[float], v: Sequence[float]) -> list[float]:
    return [unit.activation.derivative(a[j], v[j]) for j, unit in enumerate(units)]
