"""Digits: images of handwriting, held-out data, patience, and the learning curve.

You learn to watch the error of data that training never sees, to stop when it no longer falls, and
to keep the weights of the best epoch. Needs scikit-learn, which has the data, and Matplotlib:
`python -m pip install 'graphnn[sklearn,plot]'`.

Source: Alpaydin and Kaynak (1998), "Optical recognition of handwritten digits", as scikit-learn's
`load_digits` has it; the lecture's notes on backpropagation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

import graphnn as gn
from graphnn.drawing.plots import save_svg


def accuracy(outputs: NDArray[Any], y: Any) -> float:
    """Return the share of samples whose class has the largest output."""
    return float(np.mean(outputs.argmax(axis=1) == y))


def main(folder: Path) -> None:
    """Split into three parts, train with patience, and draw the learning curve.

    Args:
        folder: Where the picture goes.
    """
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(X))
    training, validation, test = rows[:1000], rows[1000:1400], rows[1400:]
    print(f"{len(training)} images to train on, {len(validation)} to watch, {len(test)} to test on")

    # Pixels are 0 to 16: mapped to 0 to 1, whatever the other parts hold.
    pixels = gn.MinMax.fit(X[training])
    inputs = pixels.transform(X)
    net = gn.Network.dense([64, 32, 10], ["relu", "identity"], init=gn.He(), seed=0)

    result = gn.train(
        net,
        inputs[training],
        y[training],
        "softmax_cross_entropy",
        gn.Adam(gn.Cosine(0.01, steps=60, lowest=0.001)),
        gn.L2(1e-4, constants=False),
        batch_size=32,
        epochs=200,
        validation=gn.Validation(inputs[validation], y[validation], score=accuracy),
        stop=gn.Patience(20),
    )
    print(result)
    kept = result.history[result.kept]
    print(f"best epoch {kept.epoch}: {kept.score:.4f} of the watched images are read rightly")
    outputs = result.program.predict(inputs[test])
    print(f"accuracy on images never looked at: {accuracy(outputs, y[test]):.4f}")
    save_svg(result.plot(), folder / "05_digits.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
