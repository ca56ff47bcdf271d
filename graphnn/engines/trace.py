"""`Trace`: what the node engine recorded of one sample, as numbers, a table, steps and formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from graphnn.engines.wiring import Wiring
from graphnn.functions.activations import Activation
from graphnn.functions.losses import AnyLoss, Loss
from graphnn.tables import shown, text_table
from graphnn.types import Edge, Neuron

__all__ = ["Step", "Trace", "traced"]


class Step(NamedTuple):
    """One single act of the node engine.

    Attributes:
        act: "add" (w * v joins a), "value" (v = sigma(a)), "output" (delta where the loss enters),
            "add back" (w * delta joins the sum), "delta" (sigma' times the sum), "gradient"
            (delta * v) or "share" (the gradient joins those of the edges that share the weight).
        neuron: The neuron that acts.
        edge: The edge along which it acts, or None.
        numbers: What goes in.
        result: What comes out: the new sum, value, sensitivity or gradient.
    """

    act: str
    neuron: Neuron
    edge: Edge | None
    numbers: tuple[float, ...]
    result: float

    def __str__(self) -> str:
        product = " x ".join(map(_factor, self.numbers))
        neuron, result = f"neuron {self.neuron}", shown(self.result)
        source, target = self.edge or (None, None)
        sentences = {
            "add": f"{neuron} adds {product} from {source}: a = {result}",
            "value": f"{neuron} has value sigma({shown(self.numbers[0])}) = {result}",
            "output": f"{neuron} takes its sensitivity from the loss: delta = {result}",
            "add back": f"{neuron} adds {product} from {target}: sum = {result}",
            "delta": f"{neuron} has sensitivity sigma' x sum = {product} = {result}",
            "gradient": f"edge {source} -> {target} has gradient {product} = {result}",
            "share": f"edge {source} -> {target} adds {product} to its shared weight's: {result}",
        }
        return sentences[self.act]


@dataclass(frozen=True, repr=False)
class Trace:
    """The numbers of one sample's propagation, by neuron and by edge.

    They are floats, or of the kind that `forward` and `backward` were given as `number`.

    Attributes:
        a: Pre-activation of every neuron of layers 1..T.
        v: Value of every neuron, constants and inputs included.
        weights: The weight of every edge at that time, in (t, i, j) order.
        activations: The activation of every neuron of layers 1..T.
        delta: Sensitivity of every neuron of layers 1..T; empty after `forward` alone.
        gradient: Gradient of every edge's weight; empty after `forward` alone. Edges that share one
            weight have one gradient, the sum of their products delta * v.
        loss_function: The loss, or None.
        target: The target of each output neuron, or None.
        loss: The sample's loss l(h, (x, y)), or None.
        shared: The name of each edge that shares its weight.
    """

    a: Mapping[Neuron, float]
    v: Mapping[Neuron, float]
    weights: Mapping[Edge, float]
    activations: Mapping[Neuron, Activation]
    delta: Mapping[Neuron, float]
    gradient: Mapping[Edge, float]
    loss_function: AnyLoss | None = None
    target: tuple[float, ...] | None = None
    loss: float | None = None
    shared: Mapping[Edge, str] = field(default_factory=dict)

    @property
    def output(self) -> tuple[float, ...]:
        """The values of the output layer, by ascending neuron."""
        depth = max(t for t, _ in self.a)
        return tuple(value for (t, _), value in self.v.items() if t == depth)

    @cached_property
    def incoming(self) -> Mapping[Neuron, Sequence[Edge]]:
        """The edges into every neuron of layers 1..T, by ascending source."""
        edges: dict[Neuron, list[Edge]] = {neuron: [] for neuron in self.a}
        for edge in self.weights:
            edges[edge[1]].append(edge)
        return edges

    @cached_property
    def outgoing(self) -> Mapping[Neuron, Sequence[Edge]]:
        """The edges out of every neuron, by ascending target."""
        edges: dict[Neuron, list[Edge]] = {neuron: [] for neuron in self.v}
        for edge in self.weights:
            edges[edge[0]].append(edge)
        return edges

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every single act in the order in which the node engine did it.

        Example:
            >>> import graphnn as gn
            >>> net = gn.Network([1, 1], activation="identity")
            >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
            >>> for step in gn.forward(net, [3.0]).steps:
            ...     print(step)
            neuron (1, 1) adds 0.5 x 1 from (0, 0): a = 0.5
            neuron (1, 1) adds 2 x 3 from (0, 1): a = 6.5
            neuron (1, 1) has value sigma(6.5) = 6.5
        """
        steps = [step for neuron in self.a for step in self._forward_steps(neuron)]
        for neuron in self.delta:  # recorded from layer T down to layer 1
            steps += self._backward_steps(neuron)
        sums: dict[str, float] = {}
        for edge in self.gradient:
            delta, v = self.delta[edge[1]], self.v[edge[0]]
            steps.append(Step("gradient", edge[1], edge, (delta, v), delta * v))
            name = self.shared.get(edge)
            if name is not None:
                sums[name] = sums.get(name, 0) + delta * v
                steps.append(Step("share", edge[1], edge, (delta * v,), sums[name]))
        return tuple(steps)

    def _forward_steps(self, neuron: Neuron) -> list[Step]:
        steps: list[Step] = []
        a: float = 0
        for edge in self.incoming[neuron]:
            w, v = self.weights[edge], self.v[edge[0]]
            a = a + w * v
            steps.append(Step("add", neuron, edge, (w, v), a))
        return [*steps, Step("value", neuron, None, (self.a[neuron],), self.v[neuron])]

    def _backward_steps(self, neuron: Neuron) -> list[Step]:
        if self._is_output(neuron):
            number = self.v[neuron]
            return [Step("output", neuron, None, (number,), self.delta[neuron])]
        steps: list[Step] = []
        s: float = 0
        for edge in self.outgoing[neuron]:
            w, delta = self.weights[edge], self.delta[edge[1]]
            s = s + w * delta
            steps.append(Step("add back", neuron, edge, (w, delta), s))
        slope = self.activations[neuron].derivative(self.a[neuron], self.v[neuron])
        return [*steps, Step("delta", neuron, None, (slope, s), self.delta[neuron])]

    def _is_output(self, neuron: Neuron) -> bool:
        return neuron[0] == max(t for t, _ in self.a)

    def explain(self, neuron: Neuron) -> str:
        """Return one neuron's formulas with the numbers put in, forward and backward.

        Args:
            neuron: A neuron of layers 1..T.

        Raises:
            KeyError: If there is no such neuron; `graphnn.explain` says so in words.
        """
        t, j = neuron
        name = self.activations[neuron].name
        edges = self.incoming[neuron]
        terms = [f"{_factor(self.weights[e])} x {_factor(self.v[e[0]])}" for e in edges]
        symbols = " + ".join(f"{_weight(e)} v_{t - 1},{e[0][1]}" for e in edges)
        if len(edges) > 3:
            symbols = f"sum_i w_i,{j}^({t}) v_{t - 1},i"
        lines = [f"neuron ({t}, {j}), {name}", "", "forward:"]
        lines += [f"  a_{t},{j} = {symbols or '0, since no edge reaches it'}", *_sum(terms)]
        lines.append(f"      = {shown(self.a[neuron], 10)}")
        lines.append(f"  v_{t},{j} = {name}({shown(self.a[neuron])}) = {shown(self.v[neuron], 10)}")
        if self.delta:
            lines += ["", "backward:", *self._explain_delta(neuron), "", "gradients:"]
            for edge in edges:
                delta, v = self.delta[neuron], self.v[edge[0]]
                lines.append(
                    f"  dl/d{_weight(edge)} = delta_{t},{j} v_{t - 1},{edge[0][1]} = "
                    f"{_factor(delta)} x {_factor(v)} = {shown(delta * v, 10)}"
                )
                if edge in self.shared:
                    lines.append(
                        f"    shared by {self.shared[edge]!r}, all edges together: "
                        f"{shown(self.gradient[edge], 10)}"
                    )
        return "\n".join(lines)

    def _explain_delta(self, neuron: Neuron) -> list[str]:
        t, j = neuron
        slope = self.activations[neuron].derivative(self.a[neuron], self.v[neuron])
        result = f"      = {shown(self.delta[neuron], 10)}"
        if self._is_output(neuron) and self.loss_function is not None and self.target is not None:
            outputs = [n for n in self.a if n[0] == t]
            y, v = self.target[outputs.index(neuron)], self.v[neuron]
            head = f"  loss {self.loss_function.name}, target y_{j} = {shown(y)}"
            if not isinstance(self.loss_function, Loss):
                formula = (
                    f"  delta_{t},{j} = dl/da_{t},{j}, which the loss gives for the whole layer"
                )
                return [head, formula, result]
            dl = self.loss_function.derivative(v, y)
            formula = f"  delta_{t},{j} = sigma'(a_{t},{j}) dl/dv_{t},{j}"
            return [head, formula, f"      = {_factor(slope)} x {_factor(dl)}", result]
        edges = self.outgoing[neuron]
        symbols = " + ".join(f"{_weight(e)} delta_{t + 1},{e[1][1]}" for e in edges)
        if len(edges) > 3:
            symbols = f"sum_k w_{j},k^({t + 1}) delta_{t + 1},k"
        terms = [f"{_factor(self.weights[e])} x {_factor(self.delta[e[1]])}" for e in edges]
        head = f"  delta_{t},{j} = sigma'(a_{t},{j}) ({symbols or '0, since no edge leaves it'})"
        return [head, *_sum(terms, f"{_factor(slope)} x "), result]

    def __str__(self) -> str:
        """Return two tables: neurons with a, v and delta, edges with weight and gradient."""
        rows = []
        for neuron in sorted(self.v):
            numbers = [mapping.get(neuron) for mapping in (self.a, self.v, self.delta)]
            rows.append([str(neuron), *map(_cell, numbers)])
        edges = []
        for (u, v), weight in self.weights.items():
            edges.append([f"{u} -> {v}", _cell(weight), _cell(self.gradient.get((u, v)))])
        loss = [] if self.loss is None else [f"loss {shown(self.loss, 10)}"]
        tables = [
            text_table(["neuron", "a", "v", "delta"], rows),
            text_table(["edge", "weight", "gradient"], edges),
        ]
        return "\n\n".join([*tables, *loss])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        from graphnn.drawing.notebook import of_trace

        return of_trace(self)


def traced(wiring: Wiring, a: Mapping[Neuron, float], v: Mapping[Neuron, float]) -> Trace:
    """Return the trace of a forward pass along a wiring."""
    weights = {(i, j): edge["weight"] for i, j, edge in wiring.edges}
    activations = {unit.neuron: unit.activation for layer in wiring.layers for unit in layer}
    return Trace(a, v, weights, activations, {}, {}, shared=wiring.shared)


def _weight(edge: Edge) -> str:
    (_, i), (t, j) = edge
    return f"w_{i},{j}^({t})"


def _sum(terms: Sequence[str], factor: str = "") -> list[str]:
    """Write a sum one term a line, with a factor before it."""
    if not terms:
        return []
    inside = [" + " if k else "   " for k in range(len(terms))]
    lines = [f"{plus}{term}" for plus, term in zip(inside, terms, strict=True)]
    if not factor:
        return ["      =" + lines[0][2:], *("      " + line[1:] for line in lines[1:])]
    space = " " * (len(factor) - 1)
    first = f"      = {factor}({lines[0][3:]}"
    rest = [f"       {space}{line}" for line in lines[1:]]
    whole = [first, *rest]
    return [*whole[:-1], whole[-1] + ")"]


def _cell(number: float | None) -> str:
    # Adding 0 turns -0.0, which a factor of 0 leaves behind, into 0.0.
    return "" if number is None else shown(number + 0)


def _factor(number: float) -> str:
    """Write a number as a factor of a product: an expression in parentheses."""
    text = shown(number)
    return f"({text})" if " " in text else text
