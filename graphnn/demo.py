"""The demo: Fisher's iris, from edges to pictures."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from graphnn.comparison.compare import compare
from graphnn.datasets import load_iris
from graphnn.drawing.draw import draw
from graphnn.engines.node import backward
from graphnn.formats.json import save
from graphnn.functions.initializers import Uniform
from graphnn.graph.network import Network
from graphnn.learning.loop import train
from graphnn.learning.optimizers import SGD
from graphnn.learning.stopping import SmallImprovement
from graphnn.task import Task

__all__ = ["demo", "iris_network"]


def iris_network() -> Network:
    """Return a 4-6-3 network for iris, built edge by edge."""
    net = Network([4, 6, 3], activation=["tanh", "identity"])
    for t in (1, 2):
        for source in [(t - 1, 0), *net.neurons(t - 1)]:
            for target in net.neurons(t):
                net.add_edge(source, target)
    return net


def demo(folder: str | os.PathLike[str], say: Callable[[str], None], seed: int = 0) -> None:
    """Train a network on iris, compare the engines, draw the network before and after.

    Args:
        folder: Where the pictures and the network go; made if absent.
        say: Takes each line of the report.
        seed: Of the split, the first weights and the order of the samples.

    Raises:
        OSError: If the folder cannot be written.
    """
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    task = Task.of_table(load_iris(), "species", held_out=0.3, seed=seed)
    net = iris_network()
    net.initialize(Uniform(0.7), seed=seed)
    net.preprocessing = task.preprocessing
    say(
        f"Fisher's iris: {len(task.train)} flowers to train on, {len(task.test)} held out; inputs "
        "standardised"
    )
    say(f"a 4-6-3 network built edge by edge: {net.graph.number_of_edges()} edges")
    before = draw(net, where / "iris-before.svg")
    say(f"accuracy before training, held-out data: {task.score(net, task.test):.3f}")

    X, y = task.inputs(task.train), task.targets(task.train)
    loss = "softmax_cross_entropy"
    stop = SmallImprovement(1e-3, epochs=10)
    result = train(net, X, y, loss, SGD(0.05), epochs=300, stop=stop, seed=seed)
    say(f"\ntrained by backpropagation, one sample at a time:\n{result}")
    say(f"accuracy after training, held-out data: {task.score(net, task.test):.3f}")

    say("\nnode level, matrix level and compiled code, compared on ten held-out flowers:")
    rows = task.test[:10]
    say(str(compare(net, task.inputs(rows), task.targets(rows), loss)))

    flower = task.test[:1]
    trace = backward(net, task.inputs(flower)[0].tolist(), int(task.targets(flower)[0]), loss)
    after = draw(net, where / "iris-after.svg", trace=trace)
    saved = save(net, where / "iris.json")
    say("\nwritten:")
    say(f"  {before.path}  the network before training")
    say(f"  {after.path}   after training, with the values of one flower")
    say(f"  {saved}        the network, for graphnn explain, draw and predict")
