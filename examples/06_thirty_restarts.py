"""Thirty restarts: the same network from thirty first weights ends in different local minima.

You learn why the lecture says to restart: gradient descent goes downhill from where it begins, and
some valleys end above the ground. Needs Matplotlib: `python -m pip install 'graphnn[plot]'`.

Source: the lecture's notes on backpropagation, "several local minima"; the task is XOR, whose local
minima Sprinkhuizen-Kuyper and Boers (1996) describe.
"""

from __future__ import annotations

from pathlib import Path

import graphnn as gn
from graphnn.drawing.plots import save_svg

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]


def main(folder: Path) -> None:
    """Train XOR by two hidden neurons from thirty first weights.

    Args:
        folder: Where the picture goes.
    """
    net = gn.Network.dense([2, 2, 1], ["tanh", "sigmoid"], seed=0)
    result = gn.train(
        net,
        X,
        Y,
        "binary_cross_entropy",
        gn.SGD(0.1),
        epochs=4000,
        restarts=30,
        init=gn.Normal(1.0),
        seed=1,
    )
    print(result)
    print("\nwhere the runs ended:\n")
    for minimum in result.minima:
        print(f"loss {minimum.loss:.4f}: {minimum.runs} of {len(result.runs)} runs")
    right = [
        all((output > 0.5) == bool(y) for output, y in zip(outputs, Y, strict=True))
        for outputs in (run.program.predict(X)[:, 0] for run in result.runs)
    ]
    print(f"\n{sum(right)} of {len(right)} runs learnt XOR; the network has the best one's weights")
    figure = gn.histogram_of_minima([run.loss for run in result.runs])
    figure.axes[0].set_title("XOR by two hidden neurons, thirty first weights")
    save_svg(figure, folder / "06_thirty_restarts.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
