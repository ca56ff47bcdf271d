"""`GraphEstimator`: what the classifier and the regressor share: parameters, and how they fit."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import validate_data

from graphnn.estimators import conversion, networks
from graphnn.estimators.chance import Chance
from graphnn.estimators.fitted import Fitted
from graphnn.estimators.guards import unchanged_on_error
from graphnn.estimators.past import Parts, Past
from graphnn.estimators.readings import Reading
from graphnn.estimators.samples import Samples
from graphnn.estimators.settings import Settings
from graphnn.estimators.solvers import Method, require_resumable
from graphnn.estimators.training import run
from graphnn.estimators.weights import sample_weights
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.learning.result import Outcome, TrainingResult
from graphnn.types import FloatArray

__all__ = ["GraphEstimator"]

INTERRUPTED = "Training interrupted by user."


class GraphEstimator(Fitted, ABC):
    """A network behind scikit-learn's interface; see its two kinds."""

    _numeric: ClassVar[bool]
    """Whether y is numbers."""

    _past: Past

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str | Activation = "relu",
        *,
        solver: str | Method = "adam",
        alpha: float = 0.0001,
        regularizer: Any = None,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        shuffle: bool = True,
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
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.regularizer = regularizer
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.engine = engine
        self.network = network

    # ---- what the two kinds add --------------------------------------------------------------

    @abstractmethod
    def _read(
        self,
        y: NDArray[Any],
        weights: FloatArray | None,
        *,
        anew: bool,
        partial: bool,
        classes: Any,
    ) -> tuple[FloatArray, FloatArray | None]:
        """Return y as numbers, shape (m, k), and the samples' weights; note what y is."""

    @abstractmethod
    def _usual(self) -> Reading:
        """Return how the outputs of a network are read that is made here."""

    @abstractmethod
    def _reading(self, network: Network) -> Reading:
        """Return how a network's outputs are read, or raise ValueError if they cannot be."""

    # ---- learning ----------------------------------------------------------------------------

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        """Train until converged."""
        anew = not (self.warm_start and hasattr(self, "network_"))
        with unchanged_on_error(self):
            result = self._learn(X, y, sample_weight, anew=anew)
        if result.outcome is Outcome.INTERRUPTED:
            warnings.warn(INTERRUPTED, stacklevel=3)
        elif result.outcome in (Outcome.EPOCHS, Outcome.STUCK):
            warnings.warn(
                f"the optimization has not converged: {result.stopped_by}; more max_iter, another "
                "learning rate or scaled data may help",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _go_on(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> None:
        """Train for an epoch, from where the last run ended."""
        anew = not hasattr(self, "network_")
        with unchanged_on_error(self):
            result = self._learn(X, y, sample_weight, anew=anew, classes=classes, epochs=1)
        if result.outcome is Outcome.INTERRUPTED:
            warnings.warn(INTERRUPTED, stacklevel=3)

    def _learn(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        anew: bool,
        classes: Any = None,
        epochs: int | None = None,
    ) -> TrainingResult:
        settings, parts, partial = Settings.of(self), self._parts(), epochs is not None
        if not anew:
            parts.require_same(self._past.parts)
        if partial:
            require_resumable(settings.method)
        options = {"multi_output": True, "y_numeric": self._numeric}
        X, y = validate_data(self, X, y, reset=anew, dtype=np.float64, **options)
        given = sample_weights(sample_weight, len(X))
        numbers, weights = self._read(y, given, anew=anew, partial=partial, classes=classes)
        samples = Samples(X, numbers, weights)
        if weights is not None and not weights.all():  # a weight of 0 is not being there
            samples = samples.of(np.flatnonzero(weights))
        if not len(samples):
            raise ValueError("the weight of every sample is zero, that of its class counted in")
        chance = Chance.of(self.random_state)
        network = self._first(parts, chance.first) if anew else self.network_
        networks.require_inputs(network, X.shape[1])
        reading = self._reading(network)
        past = Past(parts, chance.order, settings.method)
        if partial and not anew:
            past = self._past.resumed(settings.method, network)
        result = run(network, reading, samples, settings, past, chance.split, epochs)
        self._note(result, [] if anew else self.loss_curve_)
        self.network_, self.result_, self._past = network, result, past.after(result)
        return result

    def _parts(self) -> Parts:
        """Return what a network is made from.

        Raises:
            ValueError: If parameters are out of range or contradict each other.
        """
        if self.network is not None:
            networks.require_network(self.network, self.hidden_layer_sizes, self.activation)
        return Parts(
            networks.hidden_sizes(self.hidden_layer_sizes),
            networks.hidden_activation(self.activation),
            self.network,
        )

    def _first(self, parts: Parts, rng: np.random.RandomState) -> Network:
        """Return the network to begin with."""
        if parts.network is not None:
            return parts.network.copy()
        usual = self._usual()
        layers = [self.n_features_in_, *parts.hidden_layer_sizes, usual.width]
        return networks.made(layers, parts.activation, usual.output, rng)

    @classmethod
    def _adopting(cls, mlp: Any, expected: Any) -> Self:
        """Return an estimator with parameters, weights and curves of a fitted MLP."""
        if not isinstance(mlp, expected):
            raise TypeError(f"found a {type(mlp).__name__}, expected an {expected.__name__}")
        parameters, network = conversion.carried_over(mlp)
        model = cls(**parameters)
        model.network_, model.result_, model.loss_curve_ = network, None, []
        model.best_loss_ = model.best_validation_score_ = None
        model.validation_scores_ = model.validation_loss_curve_ = None
        conversion.copy_notes(mlp, model)
        method, chance = Settings.of(model).method, Chance.of(mlp.random_state)
        model._past = Past(model._parts(), chance.order, method)
        return model
