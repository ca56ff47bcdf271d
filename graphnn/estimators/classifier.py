"""`GraphClassifier`: a network of graphnn as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.neural_network import MLPClassifier
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from graphnn.estimators import conversion
from graphnn.estimators.base import GraphEstimator
from graphnn.estimators.classes import Kinds
from graphnn.estimators.guards import goes_on
from graphnn.estimators.readings import Classes
from graphnn.estimators.weights import class_factors
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.optimizers import Optimizer
from graphnn.types import FloatArray

__all__ = ["GraphClassifier"]


class GraphClassifier(ClassifierMixin, GraphEstimator):  # type: ignore[misc]  # no types there
    """A classifier made of a graphnn network, with scikit-learn's interface.

    The network is made from layer sizes, dense, with scikit-learn's first weights; or it is any
    network that is given, sparse ones too, and starts from the weights that it has. Two classes
    have one sigmoid output, more have identity outputs and the softmax, and several labels a sample
    (y of 0 and 1, a column a label) a sigmoid output each. What outputs a given network may have,
    how they are trained, and what their probabilities are says `graphnn.estimators.readings`.

    Inputs are taken as they are: nothing is standardised inside, which is what a `StandardScaler`
    before it in a `Pipeline` is for.

    Args:
        hidden_layer_sizes: The number of neurons of each hidden layer, or one number; () for none.
        activation: The hidden neurons': a name ("logistic" is sigmoid) or a `gn.Activation`.
        solver: "adam", "sgd" (Nesterov's momentum 0.9), "lbfgs" or an optimiser of graphnn, such
            as `gn.Nesterov(0.01)`, with its own learning rate.
        alpha: The squared decay: alpha / (2 n) times the sum of the squared weights, the constant
            neurons' left out, where n is the weight of a batch (of a mean one where they differ).
        regularizer: More regularisers of graphnn, one or several.
        batch_size: Samples per update, or "auto" for up to 200, or all where the solver needs
            them.
        learning_rate_init: The learning rate of "adam" and "sgd".
        max_iter: Epochs, for "lbfgs" iterations, at most.
        shuffle: Whether the samples come in a new random order each epoch.
        class_weight: None, "balanced", or a mapping from classes to what their samples count.
        random_state: A number for the same weights each time, bit for bit; a `RandomState`; or
            None.
        tol: Fitting stops when the objective has not improved by `tol` in `n_iter_no_change` epochs
            in a row; "lbfgs" stops where no entry of the gradient is larger.
        verbose: Whether a progress bar is shown.
        warm_start: Whether `fit` goes on from the weights of the last fit.
        early_stopping: Whether a share of the samples is held out (of each class alike) and fitting
            stops when their score, the accuracy weighted as the samples are, has not gained more
            than `tol` in `n_iter_no_change` epochs. The weights of the best epoch are kept, those
            before the first among them.
        validation_fraction: The share that is held out.
        n_iter_no_change: For how many epochs fitting goes on so; infinite for all.
        engine: graphnn's: "auto", "matrix", "native" or "node".
        network: A network to train a copy of, in the place of `hidden_layer_sizes` and
            `activation`.

    Attributes:
        network_: The trained network. Predictions are made with what it is now: weights that are
            set count, and neurons that are added; further training goes on from it.
        result_: The `TrainingResult` of the last run; None after `from_sklearn`.
        coefs_, intercepts_: The weights as matrices, (d^(t-1), d^(t)), 0 where no edge is, and
            those of the constant neurons.
        classes_: The classes, sorted; the numbers of the columns where y is of several labels.
        loss_: The objective, loss + penalty, of the network.
        loss_curve_: The objective after each epoch, over all partial fits and warm starts.
        best_loss_: Its smallest; None with early stopping.
        validation_scores_, validation_loss_curve_: With early stopping the score and the
            (unweighted) loss of the held-out samples after each epoch of the last fit, else None.
        best_validation_score_: The score of the network, or None.
        n_iter_: The epochs of the last run.
        n_features_in_, feature_names_in_: The number of inputs, and their names where X had some.
        n_layers_, n_outputs_, out_activation_: As scikit-learn's, "softmax" and "logistic" among
            them.

    Example:
        >>> import graphnn as gn
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> classifier = gn.GraphClassifier(8, "tanh", solver="lbfgs", alpha=1.0, random_state=0)
        >>> model = make_pipeline(StandardScaler(), classifier).fit(X, y)
        >>> model.score(X, y) > 0.97
        True
        >>> classifier.network_
        Network(layers=[4, 8, 3], edges=67)

    Source: scikit-learn's `MLPClassifier`, whose names and defaults it has.
    """

    _numeric = False
    _kinds: Kinds
    classes_: NDArray[Any]

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str | Activation = "relu",
        *,
        solver: str | Optimizer | LBFGS = "adam",
        alpha: float = 0.0001,
        regularizer: Any = None,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        engine: str = "auto",
        network: Network | None = None,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            solver=solver,
            alpha=alpha,
            regularizer=regularizer,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            shuffle=shuffle,
            random_state=random_state,
            tol=tol,
            verbose=verbose,
            warm_start=warm_start,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            engine=engine,
            network=network,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train until converged; an estimator that this fails on is left as it was.

        Args:
            X: Samples, shape (m, d^(0)); a pandas or polars frame's columns are remembered.
            y: Classes, shape (m,), or 0 and 1 for each label, shape (m, labels).
            sample_weight: What each sample's loss counts, shape (m,), at least 0; 0 is not being
                there.

        Raises:
            ValueError: If data or parameters do not fit, or two parameters contradict each other.
            TrainingError: If the run diverges, or an activation has no gradient.
        """
        self._fit(X, y, sample_weight)
        return self

    @available_if(goes_on)  # type: ignore[untyped-decorator]  # no types there
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train for one epoch.

        The optimiser goes on with what it remembers, its learning rate's schedule with its time,
        and the order of the samples with its chance: so many calls are one fit of so many epochs.

        Args:
            X: Samples, shape (m, d^(0)).
            y: As in `fit`; some classes may be absent.
            sample_weight: As in `fit`.
            classes: All classes; needed in the first call, unless y has several labels.

        Raises:
            ValueError: If data or parameters do not fit, or y has a class that is not among them.
            TrainingError: If the run diverges.
        """
        self._go_on(X, y, sample_weight, classes)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each sample, or 0 and 1 for each label."""
        _, v = self._outputs(X)
        found = self._reading(self.network_).decide(v)
        return self.classes_[found] if self._kinds.exclusive else found

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each class, or of each label, shape (m, classes).

        They are the sigmoid outputs, or the softmax of identity ones. A tanh output v of a network
        that was given says (1 + v) / 2; it is trained on the squared error, so that is a score
        between 0 and 1 more than a probability. Several sigmoid or tanh outputs for classes that
        exclude each other are divided by their sum. None is 0 or 1: it is 2.2e-308 at least, and
        at most the number next to 1.
        """
        a, _ = self._outputs(X)
        return self._reading(self.network_).probabilities(a)

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Return the probabilities' logarithms, which are finite and exact also next to 1."""
        a, _ = self._outputs(X)
        return self._reading(self.network_).log_probabilities(a)

    @property
    def out_activation_(self) -> str:
        """The activation of the outputs, as scikit-learn names it."""
        check_is_fitted(self)
        output = self._reading(self.network_).output
        return {"identity": "softmax", "sigmoid": "logistic"}.get(output, output)

    @classmethod
    def from_sklearn(cls, mlp: MLPClassifier) -> Self:
        """Return the classifier of a fitted `MLPClassifier`: the same weights and predictions.

        Parameters are carried over too, and a warning names those that have no counterpart.

        Raises:
            TypeError: If it is something else.
            ValueError: If it is not fitted, or cannot be carried over.

        Example:
            >>> from sklearn.datasets import load_iris
            >>> X, y = load_iris(return_X_y=True)
            >>> mlp = MLPClassifier(5, solver="lbfgs", max_iter=999, random_state=0).fit(X, y)
            >>> model = GraphClassifier.from_sklearn(mlp)
            >>> bool((model.predict(X) == mlp.predict(X)).all()), model.network_
            (True, Network(layers=[4, 5, 3], edges=43))
        """
        model = cls._adopting(mlp, MLPClassifier)
        exclusive = mlp.out_activation_ == "softmax" or mlp.n_outputs_ == 1
        model.classes_ = mlp.classes_
        model._kinds = Kinds(mlp.classes_, exclusive)  # noqa: SLF001 - its own
        return model

    def to_sklearn(self) -> MLPClassifier:
        """Return an `MLPClassifier` with the same weights and predictions.

        Parameters are carried over too, and a warning names those that have no counterpart.

        Raises:
            ValueError: If there is no such one: an edge is absent, hidden neurons have different
                activations or one that it does not know, or outputs are not as it has them.
        """
        check_is_fitted(self)
        classes, exclusive = self._kinds
        y = classes if exclusive else np.eye(len(classes), dtype=np.intp)
        return conversion.handed_over(self, MLPClassifier, self._usual(), y, classes=classes)

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
        if anew and partial and classes is None and Kinds.of(y).exclusive:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if anew:
            self._kinds = Kinds.of(y, classes)
        else:
            self._kinds = self._kinds.going_on(y, classes, partial=partial)
        self.classes_ = self._kinds.classes
        numbers = self._kinds.numbers(y)
        weights = self._weighed(numbers, weights, partial=partial)
        there = numbers if weights is None else numbers[weights > 0]
        self._kinds.require_two(np.arange(len(self.classes_)) if partial else there)
        return numbers, weights

    def _weighed(
        self, numbers: FloatArray, weights: FloatArray | None, *, partial: bool
    ) -> FloatArray | None:
        """Return the samples' weights with `class_weight`."""
        if self.class_weight is None:
            return weights
        if not self._kinds.exclusive:
            raise ValueError(
                f"class_weight={self.class_weight!r} is for one class a sample, and y has several "
                "labels: sample_weight weighs samples"
            )
        if partial and isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight={self.class_weight!r} needs all samples, and partial_fit sees some: "
                "give the weights as a mapping from classes to numbers"
            )
        codes = numbers[:, 0].astype(np.intp)
        factors = class_factors(self.class_weight, codes, self.classes_, weights)
        return factors if weights is None or factors is None else weights * factors

    def _usual(self) -> Classes:
        return Classes.usual(len(self.classes_), exclusive=self._kinds.exclusive)

    def _reading(self, network: Network) -> Classes:
        return Classes.of(network, len(self.classes_), exclusive=self._kinds.exclusive)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
