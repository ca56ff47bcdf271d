"""`Fitted`: what an estimator shows of the network that it trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from graphnn.graph.network import Network
from graphnn.learning.result import TrainingResult
from graphnn.program.lower import compile
from graphnn.types import FloatArray

__all__ = ["Fitted"]


class Fitted(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The trained network as predictions and as matrices, of what it is at the time."""

    network_: Network
    result_: TrainingResult | None
    n_features_in_: int
    n_iter_: int
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    best_validation_score_: float | None
    validation_scores_: list[float | None] | None
    validation_loss_curve_: list[float | None] | None

    def _outputs(self, X: Any) -> tuple[FloatArray, FloatArray]:
        """Return pre-activations and values of the outputs, shape (m, d^(T))."""
        check_is_fitted(self)
        inputs = validate_data(self, X, reset=False, dtype=np.float64)
        a, v = compile(self.network_).forward(inputs)
        assert a[-1] is not None
        return a[-1], v[-1]

    @property
    def coefs_(self) -> list[FloatArray]:
        """For each layer 1..T the weights, shape (d^(t-1), d^(t)), 0 where no edge is; copies."""
        check_is_fitted(self)
        return [matrix[1:] for matrix in compile(self.network_).matrices()]

    @property
    def intercepts_(self) -> list[FloatArray]:
        """For each layer 1..T the weights of the constant neuron's edges, (d^(t),); copies."""
        check_is_fitted(self)
        return [matrix[0].copy() for matrix in compile(self.network_).matrices()]

    @property
    def n_layers_(self) -> int:
        """The number of layers, the input layer counted."""
        check_is_fitted(self)
        return self.network_.depth + 1

    @property
    def n_outputs_(self) -> int:
        """The number of output neurons."""
        check_is_fitted(self)
        return self.network_.layers[-1]

    def _note(self, result: TrainingResult, earlier: list[float]) -> None:
        """Note the curves of a run, after those of earlier ones."""
        records, kept = result.history[1:], result.history[result.kept]
        self.loss_curve_ = [*earlier, *(record.objective for record in records)]
        self.n_iter_ = len(records)
        self.loss_ = kept.objective
        judged = kept.score is not None
        self.best_loss_ = None if judged else min(self.loss_curve_, default=self.loss_)
        self.best_validation_score_ = kept.score
        self.validation_scores_ = [one.score for one in records] if judged else None
        self.validation_loss_curve_ = [one.validation for one in records] if judged else None
