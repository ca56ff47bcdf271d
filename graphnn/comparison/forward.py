"""`ForwardCase`: a network and its inputs run forward, the matrix engine's a and v judged."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from graphnn.comparison.bounds import FLOAT32, FLOAT64
from graphnn.comparison.part import Array, Part, check
from graphnn.comparison.report import Check, Verdict
from graphnn.engines import matrix, node
from graphnn.engines.rounded import numbers
from graphnn.engines.wiring import Wiring
from graphnn.program.program import Program
from graphnn.types import Edge, Neuron

__all__ = ["ForwardCase"]


class ForwardCase:
    """One network and its inputs, run forward by the node engine and, when asked, by matrices.

    Attributes:
        program: The network as a program.
        wiring: The network as the node engine runs it.
        X: The inputs, shape (m, d^(0)), of the program's dtype.
        bounds: The rounding bounds of that dtype.
        traces: The node engine's (a, v) of each sample, by neuron.
    """

    def __init__(self, program: Program, wiring: Wiring, X: Array) -> None:
        self.program, self.wiring, self.X = program, wiring, X
        self.bounds = FLOAT32 if program.theta.dtype == np.float32 else FLOAT64
        self.traces = [node.propagate_forward(wiring, numbers(x)) for x in X]

    @cached_property
    def _found(self) -> tuple[list[Array], list[Array]]:
        a, v = matrix.forward(self.program, self.X)
        sums = [self.X if one is None else np.asarray(one) for one in a]
        return sums, [np.asarray(one) for one in v]

    @property
    def a(self) -> list[Array]:
        """The matrix engine's a of layers 0..T, that of layer 0 being X."""
        return self._found[0]

    @property
    def v(self) -> list[Array]:
        """The matrix engine's v of layers 0..T."""
        return self._found[1]

    def rows(self, t: int, part: int) -> Array:
        """Return the node engine's a (part 0) or v (part 1) of layer t, shape (m, d^(t))."""
        neurons = self.program.neurons[t]
        rows = [[trace[part][n] for n in neurons] for trace in self.traces]
        return np.array(rows, dtype=np.float64)

    def values_below(self, t: int) -> Array:
        """Return the matrix engine's v of layer t-1 with the constant neuron's column before."""
        return np.hstack([np.ones((len(self.X), 1)), self.v[t - 1]])

    def checks(self) -> list[Check]:
        """Compare the matrix engine's a and v."""
        depth = self.program.depth
        sums = [self._pre_activations(t) for t in range(1, depth + 1)]
        values = [self._values(t) for t in range(1, depth + 1)]
        first = check("matrix", "a", sums)
        if first.verdict is Verdict.DIFFERENT and first.worst is not None:
            first = check("matrix", "a", sums, self._suspect(first.worst.place))
        return [first, check("matrix", "v", values)]

    def _pre_activations(self, t: int) -> Part:
        units, v = self.wiring.layers[t - 1], self.values_below(t)
        below = [(t - 1, 0), *self.program.neurons[t - 1]]
        rows = [dict(zip(below, row, strict=True)) for row in v.tolist()]
        expected = np.array([[node.pre_activation(unit, row) for unit in units] for row in rows])
        w = self.program.scatter(self.program.theta, t)
        magnitudes = np.abs(v) @ np.abs(w)
        bound = self.bounds.sums_bound([len(unit.incoming) for unit in units], magnitudes)
        return Part(self.program.neurons[t], self.rows(t, 0), self.a[t], expected, bound)

    def _values(self, t: int) -> Part:
        units = self.wiring.layers[t - 1]
        expected = np.array(
            [
                [unit.activation.value(a) for unit, a in zip(units, row, strict=True)]
                for row in self.a[t].tolist()
            ],
            dtype=np.float64,
        )
        bound = self.bounds.ulps(expected)
        return Part(self.program.neurons[t], self.rows(t, 1), self.v[t], expected, bound)

    def _suspect(self, place: object) -> Edge | None:
        """Return the edge into a neuron whose weight, if it were another, explains its a best."""
        unit = next(u for layer in self.wiring.layers for u in layer if u.neuron == place)
        t = unit.neuron[0]
        column = self.program.neurons[t].index(unit.neuron)
        part, v = self._pre_activations(t), self.values_below(t)
        error = part.found[:, column] - part.expected[:, column]
        below = [(t - 1, 0), *self.program.neurons[t - 1]]
        weights = {u: attributes["weight"] for u, attributes in unit.incoming}

        # Absent edges are among the suspects: an engine may have invented one.
        def misfit(u: Neuron) -> tuple[float, float]:
            values = v[:, below.index(u)]
            square = float(values @ values)
            change = float(values @ error) / square if square > 0 else 0.0
            rest = float(np.linalg.norm(error - change * values))
            # Between equal fits, rather an edge that was left out than one of any other weight.
            return round(rest / float(np.linalg.norm(error)), 6), abs(change + weights.get(u, 0))

        suspect = min(below, key=misfit)
        return (suspect, unit.neuron) if misfit(suspect)[0] < 1e-6 else None
