"""Edge by edge: what one step of backpropagation does, number by number.

You learn to build a network from single edges, to read the trace of one sample (pre-activation a,
value v, sensitivity delta, gradient), and to train it by one step whose results are published:

Source: Matt Mazur, "A Step by Step Backpropagation Example" (2015),
https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/
"""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

import graphnn as gn

# The article's h1 and h2 are the neurons (1, 1) and (1, 2), its o1 and o2 are (2, 1) and (2, 2).
# Its biases are the weights of edges from the constant neurons (t, 0), whose value is always 1;
# "b1" is two edges, since it reaches two neurons.
WEIGHTS = {
    "w1": ((0, 1), (1, 1), 0.15),
    "w2": ((0, 2), (1, 1), 0.20),
    "w3": ((0, 1), (1, 2), 0.25),
    "w4": ((0, 2), (1, 2), 0.30),
    "w5": ((1, 1), (2, 1), 0.40),
    "w6": ((1, 2), (2, 1), 0.45),
    "w7": ((1, 1), (2, 2), 0.50),
    "w8": ((1, 2), (2, 2), 0.55),
}
BIASES = {
    "b1 to h1": ((0, 0), (1, 1), 0.35),
    "b1 to h2": ((0, 0), (1, 2), 0.35),
    "b2 to o1": ((1, 0), (2, 1), 0.60),
    "b2 to o2": ((1, 0), (2, 2), 0.60),
}
X, Y = [0.05, 0.10], [0.01, 0.99]


def mazur() -> gn.Network:
    """Build the article's network: neurons first, then one edge after the other."""
    net = gn.Network([2, 2, 2], activation="sigmoid")
    for u, v, weight in [*BIASES.values(), *WEIGHTS.values()]:
        net.add_edge(u, v, weight=weight)
    return net


def main(folder: Path) -> None:
    """Trace one sample, train one step, and see a rule refuse an edge.

    Args:
        folder: Where the pictures go.
    """
    net = mazur()
    print("Matt Mazur, A Step by Step Backpropagation Example (2015)\n")
    print(f"{net}, inputs {X}, targets {Y}\n")

    # One pass forward and backward: nothing is trained yet, everything is recorded.
    trace = gn.backward(net, X, Y, loss="squared")
    print(trace)
    print(f"\ntotal error: {trace.loss:.9f} (the article: 0.298371109)")
    gn.draw(net, folder / "01_edge_by_edge.svg", trace=trace)

    print("\n--- one neuron, its formulas with the numbers put in ---\n")
    gn.explain(net, X, Y, neuron=(1, 1))

    print("\n--- the first steps of the computation, in the order in which they are done ---\n")
    for step in trace.steps[:8]:
        print(step)
    print(f"... and {len(trace.steps) - 8} more")

    print("\n--- one step of gradient descent, w <- w - eta * gradient, eta = 0.5 ---\n")
    result = gn.train(
        net, [X], [Y], "squared", gn.SGD(eta=0.5), epochs=1, order="given", engine="node"
    )
    print(result, end="\n\n")
    for name, (u, v, before) in (WEIGHTS | BIASES).items():
        print(f"{name:<8}  {u} -> {v}  {before:.2f} -> {net.edges[u, v]['weight']:.9f}")

    # The lecture updates w_ij for all i, i = 0 included; the article leaves its biases as they
    # were. All gradients are taken before any weight moves, so w1..w8 agree all the same. With the
    # old biases put back the error is the article's, to six digits: it prints 0.291027924, while
    # its own printed weights give 0.291027774.
    print(f"\nerror after the step, biases trained too (the lecture): {_error(net):.9f}")
    for u, v, before in BIASES.values():
        net.set_weight(u, v, before)
    print(f"error after the step, biases put back (the article):    {_error(net):.9f}")

    print("\n--- an edge that breaks a rule changes nothing, and the error says why ---\n")
    edges = net.graph.number_of_edges()
    try:
        net.add_edge((0, 1), (2, 1), weight=0.5)
    except gn.NetworkError as error:
        print(fill(f"{type(error).__name__}: {error}", 80))
    print(f"edges before and after: {edges}, {net.graph.number_of_edges()}")


def _error(net: gn.Network) -> float:
    loss = gn.backward(net, X, Y, loss="squared").loss
    return float("nan") if loss is None else loss


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
