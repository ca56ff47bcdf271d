"""First weights: what each initialisation does to a deep network, from zeros to He's.

You learn why all zeros keep all neurons of a layer equal for ever, why weights that are too large
saturate tanh, and what the rules of Glorot and He are for. Needs Matplotlib:
`python -m pip install 'graphnn[plot]'`.

Source: the lecture's notes on backpropagation, "weights U(-0.7, 0.7) or N(0, s^2)"; Glorot and
Bengio (2010); He et al. (2015).
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

import graphnn as gn
from graphnn.datasets import load_iris
from graphnn.drawing.plots import save_svg

INITIALISERS = {
    "zeros": gn.Zeros(),
    "U(-0.7, 0.7)": gn.Uniform(0.7),
    "N(0, 0.01^2)": gn.Normal(0.01),
    "N(0, 3^2)": gn.Normal(3.0),
    "Glorot": gn.Glorot(),
    "He": gn.He(),
}


def main(folder: Path) -> None:
    """Train a 4-12-12-12-3 network on iris from each initialisation.

    Args:
        folder: Where the picture goes.
    """
    import matplotlib.pyplot as plt

    table = load_iris()
    species = table.labels("species")
    labels = gn.Labels.fit(species)
    X = gn.Standardizer.fit(table.features("species")).transform(table.features("species"))
    y = labels.numbers(species)

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    print("first weights   |v| of layer 3   loss after   different neurons in layer 1")
    for name, init in INITIALISERS.items():
        net = gn.Network.dense([4, 12, 12, 12, 3], ["tanh"] * 3 + ["identity"], seed=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zeros warn of just what is to be seen here
            net.initialize(init, seed=0)
        spread = float(np.abs(gn.compile(net).forward(X)[1][3]).mean())
        result = gn.train(net, X, y, "softmax_cross_entropy", gn.SGD(0.02), epochs=60)
        columns = np.unique(result.program.matrices()[0].round(12), axis=1).shape[1]
        print(f"{name:<15} {spread:<16.4f} {result.loss:<12.4f} {columns} of 12")
        axes.plot(
            result.losses, ":" if name == "zeros" else "-", label=name, zorder=2 + (name == "zeros")
        )
    axes.set(xlabel="epoch", ylabel="loss", yscale="log")
    axes.legend(frameon=False)
    save_svg(figure, folder / "08_first_weights.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
