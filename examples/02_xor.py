"""XOR: the lecture's training algorithm on the smallest problem that needs a hidden layer.

You learn to train with samples picked at random, one at a time, from first weights in U(-0.7, 0.7);
to combine stopping rules and read which one ended a run; why one tries several starts; why weights
must not start at zero; and to check the two engines against each other.

Source: lecture, "Backpropagation Algorithm" and its notes.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from textwrap import fill

import graphnn as gn

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0.0, 1.0, 1.0, 0.0]
LOSS = "binary_cross_entropy"

# "When to stop? Usually a combination": the first rule that holds ends the run.
STOP = [
    gn.SmallError(0.01),
    gn.SmallImprovement(1e-4, epochs=300),
    gn.MaxIterations(12_000),
]


def xor(hidden: str = "tanh") -> gn.Network:
    """Build a 2-2-1 network with every edge, its weights still zero."""
    net = gn.Network([2, 2, 1], activation=[hidden, "sigmoid"])
    for t in (1, 2):
        for u in [(t - 1, 0), *net.neurons(t - 1)]:
            for v in net.neurons(t):
                net.add_edge(u, v)
    return net


def main(folder: Path) -> None:
    """Train from several starts, keep the best, compare the engines, and fail from zero.

    Args:
        folder: Where the pictures go.
    """
    print("--- the same network from five random starts ---\n")
    runs = [_run(seed) for seed in range(5)]
    for seed, (_, _, result) in enumerate(runs):
        print(fill(f"seed {seed}: loss {result.loss:.4f}, {result.stopped_by}", 80))

    # The training error has several local minima and flat regions, so the best run is kept.
    before, net, result = min(runs, key=lambda run: run[2].loss)
    print("\n--- the best run, before training ---\n")
    _print_truth_table(before)
    print("\n--- and after ---\n")
    _print_truth_table(net)
    print(f"\n{result}")

    # Both pictures show the sample (1, 1), where XOR differs from OR.
    gn.draw(before, folder / "02_xor_before.svg", trace=gn.forward(before, X[3]))
    gn.draw(net, folder / "02_xor_after.svg", trace=gn.forward(net, X[3]))

    print("\n--- neuron by neuron and edge by edge against matrix by matrix ---\n")
    print(gn.compare(net, X, Y, LOSS))

    print("\n--- why the weights must not start at zero ---")
    for hidden in ("tanh", "sigmoid"):
        _start_at_zero(hidden)


def _run(seed: int) -> tuple[gn.Network, gn.Network, gn.TrainingResult]:
    """Return the network before and after training from one start, and the run's result."""
    net = xor()
    net.initialize(gn.Uniform(0.7), seed=seed)
    before = net.copy()
    # order="random" picks each sample anew, as the lecture's algorithm does; the library's default,
    # "shuffled", uses each once an epoch. An "epoch" here is four picks.
    result = gn.train(
        net,
        X,
        Y,
        LOSS,
        gn.SGD(eta=0.5),
        batch_size=1,
        epochs=3000,
        stop=STOP,
        order="random",
        seed=seed,
    )
    return before, net, result


def _print_truth_table(net: gn.Network) -> None:
    print("x1  x2  xor  output  says")
    for (x1, x2), y in zip(X, Y, strict=True):
        (output,) = gn.forward(net, [x1, x2]).output
        right = "right" if (output > 0.5) == (y == 1.0) else "wrong"
        print(f"{x1:.0f}   {x2:.0f}   {y:.0f}    {output:.3f}   {output > 0.5:d} {right}")


def _start_at_zero(hidden: str) -> None:
    net = xor(hidden)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.initialize(gn.Zeros())
    print(f"\n{hidden} hidden neurons\n{fill(f'warning: {caught[0].message}', 80)}")
    # Neurons that start equal get equal sensitivities, so every step moves them by the same amount.
    # With tanh, whose value at 0 is 0, they do not move at all.
    result = gn.train(net, X, Y, LOSS, gn.SGD(eta=0.5), epochs=500, order="random", engine="node")
    for neuron in net.neurons(1):
        weights = [net.edges[u, neuron]["weight"] for u in [(0, 0), *net.neurons(0)]]
        weights.append(net.edges[neuron, (2, 1)]["weight"])
        numbers = ", ".join(f"{weight:.6f}" for weight in weights)
        print(f"neuron {neuron} after {result.history[-1].iteration} steps: {numbers}")
    print(f"loss {result.history[0].loss:.4f} -> {result.loss:.4f}: XOR is not learnt")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
