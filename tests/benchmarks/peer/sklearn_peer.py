"""scikit-learn's MLPRegressor, plain SGD with batch size 1.

Its output neurons have no activation, so its weights are others; its steps are as long.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peer.protocol import Action, Array, Rows, matrices_of, missing

__all__ = ["PEERS", "SklearnPeer"]

ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


@dataclass(frozen=True)
class SklearnPeer:
    """One `partial_fit` over the samples in the order of the steps."""

    name: str = "scikit-learn"

    def tolerance(self, activation: str) -> None:
        """Return None: the output neurons are the identity."""
        return

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        return missing("sklearn")

    def per_sample(
        self,
        widths: Sequence[int],
        activation: str,
        theta: Array,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`."""
        from sklearn.neural_network import MLPRegressor

        model = MLPRegressor(
            hidden_layer_sizes=tuple(widths[1:-1]),
            activation=ACTIVATIONS[activation],
            solver="sgd",
            alpha=0.0,
            batch_size=1,
            learning_rate="constant",
            learning_rate_init=eta,
            shuffle=False,
            momentum=0.0,
            nesterovs_momentum=False,
        )
        # It takes one column of targets as a vector.
        inputs, targets = X[rows], (y[rows] if y.shape[1] > 1 else y[rows, 0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.partial_fit(inputs[:1], targets[:1])  # lays out the weights
        layers = list(zip(model.coefs_, model.intercepts_, strict=True))
        for w, (weights, biases) in zip(matrices_of(theta, widths), layers, strict=True):
            weights[:], biases[:] = w[1:], w[0]

        def action() -> list[Array]:
            with np.errstate(all="ignore"):  # with unbounded outputs it may run away
                model.partial_fit(inputs, targets)
            pairs = zip(model.intercepts_, model.coefs_, strict=True)
            return [np.vstack([biases, weights]) for biases, weights in pairs]

        return action


PEERS = (SklearnPeer(),)
