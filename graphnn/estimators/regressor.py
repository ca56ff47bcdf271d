"""`GraphRegressor`: a network of graphnn as a scikit-learn regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.neural_network import MLPRegressor
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from graphnn.estimators import conversion
from graphnn.estimators.base import GraphEstimator
from graphnn.estimators.guards import goes_on
from graphnn.estimators.networks import common_activation
from graphnn.estimators.readings import Numbers
from graphnn.graph.network import Network
from graphnn.types import FloatArray

__all__ = ["GraphRegressor"]


class GraphRegressor(RegressorMixin, GraphEstimator):  # type: ignore[misc]  # no types there
    """A regressor made of a graphnn network, with scikit-learn's interface.

    It minimises the squared error, 1/2 sum_j (v_j - y_j)^2 a sample, plus penalties. The outputs
    are identity; a network that is given may have others, and then says numbers in their range
    only. Inputs and targets are taken as they are: put a `StandardScaler` before it in a
    `Pipeline`, and a `TransformedTargetRegressor` around it.

    Args:
        hidden_layer_sizes, activation, network: What the network is made from, or the network; as
            for `GraphClassifier`, and so are the others:
        solver, learning_rate_init, alpha, regularizer, batch_size, shuffle: What moves its weights.
        max_iter, tol, n_iter_no_change: When that ends.
        early_stopping, validation_fraction: Whether held-out samples end it, by their R^2.
        random_state, warm_start, verbose, engine: Chance, where to start, a bar, and what computes.

    Attributes:
        network_: The trained network; all attributes are those of `GraphClassifier` but `classes_`.
            Scores are R^2. The loss of several numbers is their sum, where scikit-learn's
            `MLPRegressor` notes the mean; it moves the weights alike.

    Example:
        >>> import graphnn as gn
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
        >>> model = gn.GraphRegressor((), solver="lbfgs", alpha=0.0, random_state=0).fit(X, y)
        >>> model.predict([[10.0]]).round(3).tolist()  # y = 1 + 2 x
        [21.0]
        >>> model.network_
        Network(layers=[1, 1], edges=2)

    Source: scikit-learn's `MLPRegressor`, whose names and defaults it has.
    """

    _numeric = True
    _columns: int

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train until converged; see `GraphClassifier.fit`.

        Args:
            X: Samples, shape (m, d^(0)).
            y: Numbers, shape (m,) or (m, d^(T)).
            sample_weight: What each sample's loss counts, shape (m,), at least 0.

        Raises:
            ValueError: If data or parameters do not fit.
            TrainingError: If the run diverges.
        """
        self._fit(X, y, sample_weight)
        return self

    @available_if(goes_on)  # type: ignore[untyped-decorator]  # no types there
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch; see `GraphClassifier.partial_fit`."""
        self._go_on(X, y, sample_weight)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return the outputs, shape (m,) for a single one, else (m, d^(T))."""
        _, v = self._outputs(X)
        return v[:, 0] if v.shape[1] == 1 else v

    @property
    def out_activation_(self) -> str:
        """The activation of the outputs."""
        check_is_fitted(self)
        return common_activation(self.network_, self.network_.depth).name

    @classmethod
    def from_sklearn(cls, mlp: MLPRegressor) -> Self:
        """Return the regressor of a fitted `MLPRegressor`; see `GraphClassifier.from_sklearn`."""
        model = cls._adopting(mlp, MLPRegressor)
        model._columns = mlp.n_outputs_  # noqa: SLF001 - its own
        return model

    def to_sklearn(self) -> MLPRegressor:
        """Return an `MLPRegressor` that predicts the same; see `GraphClassifier.to_sklearn`."""
        check_is_fitted(self)
        y = np.zeros(1) if self._columns == 1 else np.zeros((1, self._columns))
        return conversion.handed_over(self, MLPRegressor, Numbers(self._columns), y)

    # ---- what `GraphEstimator` asks ----------------------------------------------------------

    def _read(
        self,
        y: NDArray[Any],
        weights: FloatArray | None,
        *,
        anew: bool,
        partial: bool,
        classes: Any,
    ) -> tuple[FloatArray, FloatArray | None]:
        numbers = y.reshape(len(y), -1).astype(np.float64)
        columns = numbers.shape[1]
        if not anew and columns != self._columns:
            raise ValueError(f"y has {columns} columns, and had {self._columns} before")
        self._columns = columns
        return numbers, weights

    def _usual(self) -> Numbers:
        return Numbers(self._columns)

    def _reading(self, network: Network) -> Numbers:
        width = network.layers[-1]
        if width != self._columns:
            raise ValueError(
                f"the network has {width} output{'' if width == 1 else 's'}, and y {self._columns} "
                f"column{'' if self._columns == 1 else 's'}"
            )
        return Numbers(width)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
