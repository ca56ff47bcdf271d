"""A recurrent network, unrolled through time: the same weights in every layer.

You learn that a recurrent network is a deep one whose layers share their weights: layer t holds the
state after t inputs. Inputs of later steps wait in relays: neurons with the identity activation and
one edge of weight 1 that is not trained. `Network.from_networkx` makes these by itself.

Source: Elman, "Finding Structure in Time" (1990); Rumelhart, Hinton and Williams (1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np

import graphnn as gn

Matrix = Sequence[Sequence[float]]


def unrolled(
    steps: int, into: Matrix, over: Matrix, bias: Sequence[float], activation: str = "tanh"
) -> gn.Network:
    """Return h_t = sigma(into x_t + over h_{t-1} + bias) for t = 1..steps, h_0 = 0.

    Args:
        steps: How many inputs there are, one after the other.
        into: The weights from inputs to states, shape (states, inputs).
        over: Those from one step's states to the next one's, shape (states, states).
        bias: Those of the constant neurons, shape (states,).
        activation: Of the states.

    Returns:
        A network of the inputs x_1, x_2, ..., side by side, whose outputs are the last states.
    """
    states, inputs = len(into), len(into[0])
    dag = nx.DiGraph()
    for t in range(1, steps + 1):
        for s in range(states):
            dag.add_node(f"h{t},{s}", activation=activation, bias=bias[s], bias_shared=f"b{s}")
            for i in range(inputs):
                dag.add_edge(f"x{t},{i}", f"h{t},{s}", weight=into[s][i], shared=f"u{s}{i}")
            for r in range(states if t > 1 else 0):
                dag.add_edge(f"h{t - 1},{r}", f"h{t},{s}", weight=over[s][r], shared=f"w{s}{r}")
    first = [f"x{t},{i}" for t in range(1, steps + 1) for i in range(inputs)]
    return gn.Network.from_networkx(dag, first, [f"h{steps},{s}" for s in range(states)])


def main(folder: Path) -> None:
    """Learn to add up a sequence of numbers, and draw the unrolled network.

    Args:
        folder: Where the picture goes.
    """
    net = unrolled(4, [[0.4]], [[0.6]], [0.2], activation="identity")
    print(f"{net}: {len(gn.compile(net).theta[gn.compile(net).trainable])} weights are trained")
    print("relays hand on x2, x3 and x4 until their step comes")

    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = X.sum(axis=1)
    result = gn.train(net, X, y, optimizer=gn.SGD(0.02), epochs=40)
    print(f"\nloss {result.loss:.1e} after learning that h_t = x_t + h_(t-1):")
    for name, expected in (("u00", 1.0), ("w00", 1.0), ("b0", 0.0)):
        found = net.edges[net.shared(name)[0]]["weight"]
        print(f"  {name} = {found:+.4f} on {len(net.shared(name))} edges, expected {expected:+.1f}")
    gn.draw(net, folder / "11_recurrent.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
