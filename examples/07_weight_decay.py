"""Weight decay: a network that is too large learns the noise, unless its weights must stay small.

You learn to see overfitting - the training error falls while that of fresh data grows - and what
the lecture's lambda does about it. Needs Matplotlib: `python -m pip install 'graphnn[plot]'`.

Source: lecture, "Regularized NN"; Bishop (2006), section 1.1, whose sine with noise it is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import graphnn as gn
from graphnn.drawing.plots import save_svg

LAMBDAS = (0.0, 1e-4, 1e-3, 1e-2)


def main(folder: Path) -> None:
    """Fit a noisy sine by 30 hidden neurons, with more and less weight decay.

    Args:
        folder: Where the picture goes.
    """
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(3)
    x, fresh = np.sort(rng.uniform(-1, 1, 14)), np.linspace(-1, 1, 200)
    y = np.sin(np.pi * x) + rng.normal(scale=0.3, size=len(x))
    truth = np.sin(np.pi * fresh)

    figure, panels = plt.subplots(2, 2, figsize=(8, 6), layout="constrained", sharey=True)
    print("lambda   training error   error of fresh data   norm of the weights")
    for lambda_, panel in zip(LAMBDAS, panels.ravel(), strict=True):
        net = gn.Network.dense([1, 30, 1], ["tanh", "identity"], init=gn.Uniform(2.0), seed=0)
        result = gn.train(
            net,
            x[:, None],
            y,
            optimizer=gn.LBFGS(tol=1e-7),
            regularizer=gn.L2(lambda_, constants=False),
            batch_size=None,
            epochs=3000,
        )
        curve = result.program.predict(fresh[:, None])[:, 0]
        error = float(np.mean((curve - truth) ** 2) / 2)
        norm = float(np.linalg.norm(result.program.theta))
        print(f"{lambda_:<8g} {result.loss:<16.5f} {error:<21.5f} {norm:.2f}")
        panel.plot(fresh, truth, color="#999999", linestyle="--", label="truth")
        panel.plot(fresh, curve, color="#0072b2", label="network")
        panel.scatter(x, y, color="#d55e00", label="data", zorder=3)
        panel.set(title=f"lambda = {lambda_:g}", ylim=(-2, 2), xlabel="x", ylabel="y")
    panels[0, 0].legend(frameon=False)
    save_svg(figure, folder / "07_weight_decay.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
