"""Iris: a classifier for real measurements, from the table to predictions in the flower's name.

You learn to hold data out, to standardise inputs with what the training part alone says, to train
with softmax cross-entropy, to measure accuracy on flowers that the network never saw, and to save a
network that reads raw centimetres.

Source: Fisher (1936), "The use of multiple measurements in taxonomic problems"; the lecture's notes
on backpropagation: "all inputs are normalized and centered".
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import graphnn as gn
from graphnn.datasets import load_iris

LOSS = "softmax_cross_entropy"

# The first flower of each species in Fisher's table, in centimetres as he measured them.
FLOWERS = {
    "setosa": [5.1, 3.5, 1.4, 0.2],
    "versicolor": [7.0, 3.2, 4.7, 1.4],
    "virginica": [6.3, 3.3, 6.0, 2.5],
}


def iris_network() -> gn.Network:
    """Build a 4-6-3 network with every edge; identity outputs, since the loss takes logits."""
    net = gn.Network([4, 6, 3], activation=["tanh", "identity"])
    for t in (1, 2):
        for u in [(t - 1, 0), *net.neurons(t - 1)]:
            for v in net.neurons(t):
                net.add_edge(u, v)
    net.initialize(gn.Uniform(0.7), seed=0)
    return net


def main(folder: Path) -> None:
    """Split, standardise, train, measure, compare, save and predict.

    Args:
        folder: Where the pictures go.
    """
    table = load_iris()
    X, species = table.features("species"), np.array(table.labels("species"))
    rows = np.random.default_rng(0).permutation(len(X))
    held_out, training = rows[:45], rows[45:]
    print(f"{len(training)} flowers to train on, {len(held_out)} held out")

    # Fitted to the training part alone: held-out flowers must stay unknown until the end. Stored in
    # the network, so that whoever loads it can hand it centimetres.
    net = iris_network()
    preprocessing = gn.Preprocessing.fit(
        X[training],
        inputs="standardize",
        labels=gn.Labels.fit(species),
        features=table.header[:4],
        target="species",
    )
    net.preprocessing = preprocessing
    inputs, y = preprocessing.transform(X), preprocessing.transform_targets(species)
    print(f"accuracy before training, held-out flowers: {_accuracy(net, X, species, held_out):.3f}")
    # The pictures show one sample on its way: the versicolor of FLOWERS.
    shown = preprocessing.transform(FLOWERS["versicolor"]).tolist()
    gn.draw(net, folder / "03_iris_before.svg", trace=gn.forward(net, shown))

    print("\n--- training ---\n")
    result = gn.train(
        net,
        inputs[training],
        y[training],
        LOSS,
        gn.SGD(eta=0.05),
        epochs=300,
        stop=gn.SmallImprovement(1e-3, epochs=10),
    )
    print(result)
    print(f"accuracy, flowers trained on:  {_accuracy(net, X, species, training):.3f}")
    print(f"accuracy, held-out flowers:    {_accuracy(net, X, species, held_out):.3f}")
    gn.draw(net, folder / "03_iris_after.svg", trace=gn.forward(net, shown))

    # The node engine crosses every edge for every sample, so ten flowers are enough to compare.
    print("\n--- node engine and matrix engine on ten held-out flowers ---\n")
    ten = held_out[:10]
    print(gn.compare(net, inputs[ten], y[ten], LOSS))

    print("\n--- saved, loaded, and used on raw centimetres ---\n")
    with TemporaryDirectory() as elsewhere:
        loaded = gn.load(gn.save(net, Path(elsewhere) / "iris.json"))
    print(f"the loaded network equals the trained one: {loaded == net}")
    predicted = gn.predict(loaded, list(FLOWERS.values()))
    for (name, flower), label in zip(FLOWERS.items(), predicted, strict=True):
        print(f"{flower} is {name:<10}  predicted {label}")


def _accuracy(net: gn.Network, X: NDArray[Any], species: NDArray[Any], rows: NDArray[Any]) -> float:
    return float(np.mean(gn.predict(net, X[rows]) == species[rows]))


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
