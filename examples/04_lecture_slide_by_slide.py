"""The lecture, slide by slide: its formulas, the lines of both engines, and the numbers of both.

You learn where in graphnn each formula of the lecture lives: once as a loop along single edges
(node engine), once as matrices (matrix engine); and on a tiny network, that both compute the same.
The code is read from the library while this runs, so it is always the code that runs.

Source: the slides "Neural Networks" of the lecture Machine Learning, from "Matrix Notation" on.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import numpy as np

import graphnn as gn
from graphnn.engines import descent, matrix, node
from graphnn.engines.array_descent import Descent
from graphnn.engines.sample import Sample
from graphnn.engines.weights import DenseWeights, weights_of
from graphnn.engines.wiring import wire

# The tiny network: two inputs, two hidden neurons, one output; row 0 is the constant neuron's.
W1 = [[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]]
W2 = [[0.2], [0.7], [-0.8]]
X, Y = [[1.0, -0.5], [0.5, 2.0], [-1.0, 0.25]], [1.0, 0.0, 1.0]
LOSS = gn.Squared()

ENGINES = ("node", "matrix")


class Part(NamedTuple):
    """Some lines of a function: from the first that contains `first` to one with `last`."""

    function: Callable[..., Any]
    first: str
    last: str


def main(folder: Path) -> None:
    """Print every slide with its code and its numbers.

    Args:
        folder: Where the picture goes.
    """
    net = tiny()
    trace = gn.backward(net, X[0], Y[0], LOSS)
    gn.draw(net, folder / "04_lecture_slide_by_slide.svg", trace=trace)
    print(f"the tiny network: {net}, sigmoid neurons, x = {X[0]}, y = {Y[0]}")
    _forward(net)
    _update_rule(net)
    _chain_rule(net, trace)
    _algorithms(net, trace)
    _notes()
    _regularized(net)


def tiny() -> gn.Network:
    """Build the tiny network from the lecture's matrices w^(1) and w^(2)."""
    return gn.Network.from_matrices([W1, W2], activation="sigmoid")


def _forward(net: gn.Network) -> None:
    slide(
        "Matrix Notation",
        """
        a_t,j = <w_j^(t), v^(t-1)>      v_t,j = sigma(a_t,j)         one neuron
        a^(t) = (w^(t))^T v^(t-1)       v^(t) = (1, sigma(a^(t)))    one layer
        """,
        [node.pre_activation],
        [DenseWeights.product],
    )
    wiring, program = wire(net), gn.compile(net)
    v = {(0, 0): 1.0, (0, 1): X[0][0], (0, 2): X[0][1]}
    a = weights_of(program.layers[0], program.theta).product(np.array(X[:1]))
    for j, unit in enumerate(wiring.layers[0]):
        same(f"a_1,{j + 1}", node.pre_activation(unit, v), a[0, j])

    slide(
        "Forward Propagation Algorithm",
        """
        v^(0) <- (1, x_1, ..., x_d)^T
        for t <- 1 to T do
            a^(t) <- (w^(t))^T v^(t-1)
            v^(t) <- (1, sigma(a^(t))^T)^T
        y <- sigma(a^(T))
        return y
        """,
        [node.propagate_forward],
        [matrix.forward],
    )
    _, v = node.propagate_forward(wiring, X[0])
    _, layers = matrix.forward(program, np.array(X[:1]))
    same("v_1,1", v[1, 1], layers[1][0, 0])
    same("v_1,2", v[1, 2], layers[1][0, 1])
    same("y = v_2,1", v[2, 1], layers[2][0, 0])


def _update_rule(net: gn.Network) -> None:
    slide(
        "Learning NN parameters",
        "L_S(h) = 1/m sum_{i=1}^m l(h, (x_i, y_i))",
        [node.mean_loss],
        [matrix.mean_loss],
    )
    samples = [Sample(x, [y]) for x, y in zip(X, Y, strict=True)]
    by_matrix = matrix.mean_loss(gn.compile(net), np.array(X), np.array([Y]).T, LOSS)
    same("L_S(h)", node.mean_loss(wire(net), samples, LOSS), by_matrix)

    slide(
        "Learning NN parameters (2): GD Update rule",
        """
        w^(t) <- w^(t) - eta grad L_S(w^(t))
        dL_S/dw^(t) = 1/m sum_{i=1}^m dl(h, (x_i, y_i))/dw^(t)
        """,
        [Part(node.run, "more = gradients", "total = [g + one"), gn.SGD.update],
        [matrix.gradient, gn.SGD.update_array],
    )
    # Batches of all m samples make SGD the lecture's GD.
    _same_weights(*(_trained(net, engine, batch_size=len(X), epochs=1) for engine in ENGINES))


def _chain_rule(net: gn.Network, trace: gn.Trace) -> None:
    program, units = gn.compile(net), [unit for layer in wire(net).layers for unit in layer]
    deltas = program.sensitivities(X[0], Y[0], LOSS)
    slide(
        "Learning NN parameters (3): Sensitivity vector for layer t",
        "delta^(t) = dl/da^(t) = (dl/da_t,1, ..., dl/da_t,d(t))^T",
        [Part(node.propagate_backward, "delta = {", "delta = {")],
        [Part(matrix.sensitivities, "deltas = [delta]", "deltas = [delta]")],
    )
    # The constant neuron's value is 1, so moving its weight by h moves a_t,j by h.
    h = 1e-5
    up, down = (_moved(net, ((0, 0), (1, 1)), by) for by in (h, -h))
    print(f"  by its definition, (l(a_1,1 + h) - l(a_1,1 - h)) / 2h = {(up - down) / (2 * h):+.9f}")
    same("delta_1,1", trace.delta[1, 1], deltas[0][0])

    slide(
        "Learning NN parameters (4)",
        "dl/dw_ij^(t) = dl/da_t,j da_t,j/dw_ij^(t) = delta_j^(t) v_t-1,i",
        [node.gradients],
        [Part(DenseWeights.gradient, "np.sum(delta", "np.matmul")],
    )
    _, gradient = program.gradient(X[:1], Y[:1], LOSS)
    for (u, v), g in trace.gradient.items():
        same(f"dl/dw_{u[1]}{v[1]}^({v[0]})", g, gradient[v[0] - 1][u[1], v[1] - 1])

    slide(
        "Learning NN parameters (5)",
        "delta_j^(t) = dl/da_t,j = dl/dv_t,j sigma'(a_t,j)",
        [node.output_sensitivities],
        [Part(matrix.sensitivities, "slope = _slopes(last", "loss_derivative")],
    )
    a, v = [trace.a[2, 1]], [trace.v[2, 1]]
    by_node = node.output_sensitivities(units[-1:], a, v, Y[:1], LOSS)
    same("delta_2,1", by_node[0], deltas[1][0])

    slide(
        "Learning NN parameters (6)",
        "dl/dv_t,j = sum_{k=1}^{d(t+1)} w_jk^(t+1) delta_k^(t+1)",
        [Part(node.hidden_sensitivity, "s = unit.zero", "s = s +")],
        [DenseWeights.back],
    )
    sums = {step.neuron: step.numbers[1] for step in trace.steps if step.act == "delta"}
    back = weights_of(program.layers[1], program.theta).back(np.array([deltas[1]]))[0]
    for j in (1, 2):
        same(f"dl/dv_1,{j}", sums[1, j], back[j - 1])

    slide(
        "Learning NN parameters (7): Putting everything together",
        "delta_j^(t) = sigma'(a_t,j) sum_{k=1}^{d(t+1)} w_jk^(t+1) delta_k^(t+1)",
        [node.hidden_sensitivity],
        [Part(matrix.sensitivities, "for t in range", "deltas.insert")],
    )
    for j, unit in enumerate(units[:2]):
        n = unit.neuron
        delta = node.hidden_sensitivity(unit, trace.a[n], trace.v[n], trace.delta)
        same(f"delta_1,{j + 1}", delta, deltas[0][j])


def _algorithms(net: gn.Network, trace: gn.Trace) -> None:
    slide(
        "Algorithm to compute sensitivities",
        """
        compute a^(t) and v^(t) for t = 1, ..., T    // forward propagation
        delta^(T) <- dl/da^(T)
        for t = T - 1 downto 1 do
            delta_j^(t) <- sigma'(a_t,j) sum_k w_jk^(t+1) delta_k^(t+1) for all j
        return delta^(1), ..., delta^(T)
        """,
        [node.propagate_backward],
        [matrix.sensitivities],
    )
    deltas = gn.compile(net).sensitivities(X[0], Y[0], LOSS)
    for t, j in sorted(trace.delta):
        same(f"delta_{t},{j}", trace.delta[t, j], deltas[t - 1][j - 1])

    slide(
        "Backpropagation Algorithm",
        """
        initialize w_ij^(t) for all i, j, t
        for s <- 0, 1, 2, ... do    // until convergence
            pick (x_k, y_k) at random from training data
            compute v_t,j for all j, t from (x_k, y_k)          // forward
            compute delta_j^(t) for all j, t from (x_k, y_k)    // backward
            w_ij^(t) <- w_ij^(t) - eta v_t-1,i delta_j^(t) for all i, j, t
            if converged then return w_ij^(t) for all i, j, t
        """,
        [node.run, descent.descend],
        [matrix.run, Descent.move],
    )
    print('  after 300 samples picked at random by gn.train(..., order="random"):')
    _same_weights(*(_trained(net, engine, epochs=100, order="random") for engine in ENGINES))


def _notes() -> None:
    preparing = [gn.Standardizer.transform, gn.Uniform.draw, gn.Normal.draw]
    stopping = [gn.SmallError.reason, gn.SmallImprovement.reason, gn.MaxIterations.reason]
    slide(
        "Notes on Backpropagation Algorithm",
        """
        preprocessing: all inputs are normalized and centered
        initialization: w_ij^(t) ~ U(-0.7, 0.7), or N(0, sigma^2) with small sigma^2;
            all weights 0 => all neurons get the same weights
        stop: small training error; small marginal improvement in error; bound on iterations
        several local minima: run SGD for different random initial weights
        """,
        shared=[*preparing, *stopping],
    )
    inputs = gn.Standardizer.fit(X).transform(X).tolist()
    rules = [gn.SmallError(0.01), gn.SmallImprovement(1e-4), gn.MaxIterations(1200)]
    for seed in range(3):
        net = tiny()
        net.initialize(gn.Uniform(0.7), seed=seed)
        by_node, by_matrix = (
            gn.train(
                net.copy(), inputs, Y, LOSS, gn.SGD(2.0), epochs=500, stop=rules, engine=engine
            )
            for engine in ENGINES
        )
        same(f"loss of start {seed}", by_node.loss, by_matrix.loss)
        print(f"    stopped by {by_node.stopped_by}")


def _regularized(net: gn.Network) -> None:
    slide(
        "Regularized NN",
        """
        minimise L_S(h) + lambda/2 sum_{i,j,t} (w_ij^(t))^2
        gradient for layer t: grad L_S(h) + lambda w^(t)    // squared weight decay
        """,
        [
            Part(descent.whole_gradient, "for rule in rules.penalties", "rule.derivative"),
            gn.L2.derivative,
        ],
        [Part(Descent.descend, "for rule in rules.penalties", "g +="), gn.L2.derivative_array],
    )
    l2 = gn.L2(lambda_=0.1)
    _same_weights(*(_trained(net, engine, l2, batch_size=3, epochs=1) for engine in ENGINES))


# ---- how it is printed -------------------------------------------------------------------------


def slide(
    name: str,
    formula: str,
    by_node: Sequence[Callable[..., Any] | Part] = (),
    by_matrix: Sequence[Callable[..., Any] | Part] = (),
    shared: Sequence[Callable[..., Any] | Part] = (),
) -> None:
    """Print a slide's name and formula and the lines of the library that do it."""
    print(f"\n\n{'=' * 80}\nSLIDE {name}\n{'=' * 80}\n{dedent(formula).rstrip()}")
    groups = {"node engine": by_node, "matrix engine": by_matrix, "both engines": shared}
    for engine, quotes in groups.items():
        for quote in quotes:
            function = quote.function if isinstance(quote, Part) else quote
            part = ", in part" if isinstance(quote, Part) else ""
            print(f"\n--- {engine}: {function.__module__}.{function.__qualname__}{part}\n")
            print(source(quote))
    print("\n--- the numbers of both\n")


def source(quote: Callable[..., Any] | Part) -> str:
    """Return the lines of a function or of a part of it, as they are in the library now."""
    if not isinstance(quote, Part):
        return dedent(inspect.getsource(quote)).rstrip()
    lines = inspect.getsource(quote.function).splitlines()
    start = next((k for k, line in enumerate(lines) if quote.first in line), len(lines))
    for end in range(start, len(lines)):
        if quote.last in lines[end]:
            return dedent("\n".join(lines[start : end + 1]))
    raise LookupError(f"{quote.function.__qualname__} has no {quote.first!r} ... {quote.last!r}")


def same(what: str, by_node: float, by_matrix: float) -> None:
    """Print one number of both engines and whether they agree but for rounding."""
    verdict = "agree" if math.isclose(by_node, by_matrix, rel_tol=1e-9) else "DIFFER"
    print(f"  {what:<16} node {by_node:+.9f}   matrix {by_matrix:+.9f}   {verdict}")


def _trained(net: gn.Network, engine: str, l2: gn.L2 | None = None, **plan: Any) -> gn.Network:
    copy = net.copy()
    gn.train(copy, X, Y, LOSS, gn.SGD(eta=0.5), l2, engine=engine, **plan)
    return copy


def _same_weights(by_node: gn.Network, by_matrix: gn.Network) -> None:
    for u, v, weight in sorted(by_node.graph.edges(data="weight")):
        same(f"w_{u[1]}{v[1]}^({v[0]})", weight, by_matrix.edges[u, v]["weight"])


def _moved(net: gn.Network, edge: Any, by: float) -> float:
    copy = net.copy()
    copy.set_weight(*edge, copy.edges[edge]["weight"] + by)
    return gn.backward(copy, X[0], Y[0], LOSS).loss or 0.0


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
