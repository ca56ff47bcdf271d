"""What is wrong is said, with what was found and what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import graphnn as gn

QUIET = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"solver": "newton"}, r"unknown solver: 'newton' \(must be one of \['adam', 'lbfgs', 'sg"),
        ({"solver": gn.Adam}, r"unknown solver: .*Adam.* or your own as an optimizer such as gn.N"),
        ({"solver": gn.Adam(0.1), "learning_rate_init": 0.01}, r"solver=Adam\(eta=0.1.*rate_init"),
        ({"activation": "step"}, r"unknown activation: 'step' \(must be one of \['elu'"),
        ({"activation": "softmax"}, "softmax is no activation of single neurons"),
        ({"hidden_layer_sizes": (3, 0)}, r"hidden_layer_sizes must be > 0.*got \(3, 0\)"),
        ({"hidden_layer_sizes": "3"}, "hidden_layer_sizes must be > 0.*got '3'"),
        ({"hidden_layer_sizes": 2.5}, "hidden_layer_sizes must be > 0.*got 2.5"),
        ({"alpha": -1}, "alpha must be at least 0, got -1"),
        ({"learning_rate_init": 0}, "learning_rate_init must be positive, got 0"),
        ({"tol": np.nan}, "tol must be at least 0, got nan"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1 or 'auto', got 0"),
        ({"max_iter": 2.5}, "max_iter must be a whole number of at least 1, got 2.5"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be a whole .* or infinite, got 0"),
        ({"early_stopping": True, "validation_fraction": 1.0}, "validation_fraction must be"),
        ({"early_stopping": True, "validation_fraction": 0}, "validation_fraction must be more"),
        ({"engine": "quantum"}, "unknown engine: 'quantum'"),
        ({"random_state": "seven"}, "'seven' cannot be used to seed"),
        ({"solver": "lbfgs", "regularizer": gn.L1(0.1)}, "LBFGS minimises a smooth objective"),
        ({"solver": gn.LBFGS(), "batch_size": 7}, "LBFGS needs all samples .* 7 of 60"),
        ({"solver": gn.Rprop(), "batch_size": 7}, "Rprop needs all samples .* 7 of 60"),
    ],
)
@pytest.mark.parametrize("kind", [gn.GraphClassifier, gn.GraphRegressor])
def test_parameters(kind: Any, parameters: dict[str, Any], words: str, binary: Any) -> None:
    X, y = binary
    model = kind(**parameters)
    with pytest.raises(ValueError, match=words):
        model.fit(X, y if kind is gn.GraphClassifier else X[:, 0])
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_a_regulariser_that_is_none(numbers: Any) -> None:
    with pytest.raises(TypeError, match="regularizer is 7, expected an object"):
        gn.GraphRegressor(regularizer=7).fit(*numbers)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (0.0, "sample_weight is zero for every sample"),
        (np.zeros(60), "sample_weight is zero for every sample"),
        (np.r_[-1.0, np.ones(59)], r"sample_weight\[0\] is -1: a weight must be at least 0"),
        (-np.ones(60), r"sample_weight\[0\] is -1"),
        (np.ones(59), r"sample_weight has shape \(59,\), expected \(60,\)"),
        (np.r_[np.nan, np.ones(59)], r"sample_weight\[0\] is nan"),
    ],
)
def test_sample_weights(weights: Any, words: str, numbers: Any, binary: Any) -> None:
    with pytest.raises(ValueError, match=words):
        gn.GraphRegressor().fit(*numbers, sample_weight=weights)
    with pytest.raises(ValueError, match=words):
        gn.GraphClassifier().partial_fit(*binary, sample_weight=weights, classes=["no", "yes"])


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ("even", "class_weight must be None, 'balanced' or a mapping .*, not 'even'"),
        ({"maybe": 1.0}, r"class_weight names \['maybe'\], and the classes are \['no', 'yes'\]"),
        ({"no": -1.0}, r"class_weight\['no'\] must be a number, finite and at least 0, not -1"),
        ({"no": "much"}, r"class_weight\['no'\] must be a number.*'much'"),
        ({"no": 0.0}, r"y has one class, \['yes'\], among samples of a weight above 0"),
    ],
)
def test_class_weights(weight: Any, words: str, binary: Any) -> None:
    with pytest.raises(ValueError, match=words):
        gn.GraphClassifier(class_weight=weight).fit(*binary)


def test_class_weights_that_leave_no_sample(binary: Any) -> None:
    X, y = binary
    model = gn.GraphClassifier(class_weight={"no": 0.0})
    with pytest.raises(ValueError, match="the weight of every sample is zero, that of its class"):
        model.partial_fit(X[y == "no"], y[y == "no"], classes=["no", "yes"])


def test_class_weights_and_several_labels(labels: Any) -> None:
    with pytest.raises(ValueError, match="class_weight='balanced' is for one class a sample"):
        gn.GraphClassifier(class_weight="balanced").fit(*labels)


class TestData:
    def test_one_class(self, binary: Any) -> None:
        X, y = binary
        with pytest.raises(ValueError, match=r"y has one class, \['no'\]"):
            gn.GraphClassifier().fit(X, np.full(60, "no"))
        with pytest.raises(ValueError, match=r"y has one class, \['yes'\]"):
            gn.GraphClassifier().fit(X, y, sample_weight=y == "yes")
        with pytest.raises(ValueError, match=r"y has one class, \['yes'\]"):
            gn.GraphClassifier().partial_fit(X, np.full(60, "yes"), classes=["yes"])

    def test_numbers_are_no_classes(self, numbers: Any) -> None:
        with pytest.raises(ValueError, match="Unknown label type: continuous"):
            gn.GraphClassifier().fit(*numbers)

    def test_several_classes_a_sample(self, several: Any) -> None:
        X, y = several
        with pytest.raises(ValueError, match="multiclass-multioutput"):
            gn.GraphClassifier().fit(X, np.column_stack([y, y]))

    @pytest.mark.parametrize("kind", [gn.GraphClassifier, gn.GraphRegressor])
    def test_what_is_not_finite(self, kind: Any, binary: Any) -> None:
        X, _ = binary
        y = (X[:, 0] > 0).astype(float)
        for bad in (np.nan, np.inf):
            with pytest.raises(ValueError, match="X contains"):
                kind().fit(np.where(X > 2, bad, X), y)
            with pytest.raises(ValueError, match="y contains"):
                kind().fit(X, np.where(y > 0, bad, y))

    @QUIET
    def test_fewer_samples_than_a_batch(self, numbers: Any) -> None:
        model = gn.GraphRegressor(3, batch_size=61, max_iter=2, random_state=0)
        with pytest.warns(UserWarning, match="batch_size is 61 and there are 60 samples: one batc"):
            model.fit(*numbers)
        assert model.result_.history[-1].iteration == 2

    @QUIET
    def test_other_columns_than_before(self, pairs: Any) -> None:
        X, y = pairs
        model = gn.GraphRegressor(3, max_iter=2, warm_start=True).fit(X, y)
        with pytest.raises(ValueError, match="y has 1 columns, and had 2 before"):
            model.fit(X, y[:, 0])


class TestPartialFit:
    def test_classes_are_told_first(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(3)
        with pytest.raises(ValueError, match="classes must be passed on the first call to partial"):
            model.partial_fit(X, y)
        with pytest.raises(ValueError, match=r"y has \[30\], which is not among the classes"):
            model.partial_fit(X, y, classes=[10, 20])
        model.partial_fit(X, y, classes=[10, 20, 30])
        with pytest.raises(ValueError, match=r"y has \[40\], which is not among the classes"):
            model.partial_fit(X, np.where(y == 30, 40, y))
        with pytest.raises(ValueError, match=r"y has \['a'\], which is not among"):
            model.partial_fit(X, np.full(60, "a"))
        with pytest.raises(ValueError, match=r"classes is \[10, 20\], and was \[10, 20, 30\]"):
            model.partial_fit(X, y, classes=[10, 20])

    def test_labels_have_columns(self, labels: Any) -> None:
        X, y = labels
        model = gn.GraphClassifier(3)
        with pytest.raises(ValueError, match=r"classes is \[0, 1\], and y has the labels"):
            model.partial_fit(X, y, classes=[0, 1])
        model.partial_fit(X, y)
        with pytest.raises(ValueError, match="y has 2 labels, expected 3"):
            model.partial_fit(X, y[:, :2])

    @pytest.mark.parametrize("kind", [gn.GraphClassifier, gn.GraphRegressor])
    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"solver": "lbfgs"}, "partial_fit and solver='lbfgs' contradict each other"),
            ({"solver": gn.LBFGS()}, r"partial_fit and solver=LBFGS\(.*\) contradict each other"),
            ({"early_stopping": True}, "partial_fit and early_stopping=True contradict each other"),
        ],
    )
    def test_it_is_absent_where_it_makes_no_sense(
        self, kind: Any, parameters: dict[str, Any], words: str
    ) -> None:
        assert not hasattr(kind(**parameters), "partial_fit")
        with pytest.raises(AttributeError, match="has no attribute 'partial_fit'") as caught:
            kind(**parameters).partial_fit([[0.0]], [0])
        with pytest.raises(AttributeError, match=words):
            raise caught.value.__cause__

    def test_balanced_needs_all_samples(self, binary: Any) -> None:
        model = gn.GraphClassifier(class_weight="balanced")
        with pytest.raises(ValueError, match="class_weight='balanced' needs all samples, and part"):
            model.partial_fit(*binary, classes=["no", "yes"])

    @QUIET
    def test_a_plateau_watches_one_run(self, numbers: Any) -> None:
        model = gn.GraphRegressor(3, solver=gn.SGD(gn.Plateau(0.1)))
        with pytest.raises(ValueError, match=r"Plateau\(.*\) watches the epochs of one run"):
            model.partial_fit(*numbers)
        assert model.set_params(max_iter=500).fit(*numbers).n_iter_ > 1


class TestNetworks:
    NET = gn.Network.dense([4, 3, 1], activation=["tanh", "identity"], seed=0)

    def test_inputs_must_fit(self, numbers: Any) -> None:
        X, y = numbers
        with pytest.raises(ValueError, match="the network has 4 inputs, and X 3 features"):
            gn.GraphRegressor(network=self.NET).fit(X[:, :3], y)

    def test_outputs_must_fit(self, pairs: Any) -> None:
        with pytest.raises(ValueError, match="the network has 1 output, and y 2 columns"):
            gn.GraphRegressor(network=self.NET).fit(*pairs)

    def test_sizes_must_agree(self, numbers: Any) -> None:
        with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(5,\) and network=Network\(lay"):
            gn.GraphRegressor((5,), network=self.NET).fit(*numbers)

    def test_activations_must_agree(self, numbers: Any) -> None:
        with pytest.raises(ValueError, match=r"activation='logistic' and network=.*\(1, 1\)"):
            gn.GraphRegressor(activation="logistic", network=self.NET).fit(*numbers)

    def test_preprocessing_belongs_to_a_pipeline(self, numbers: Any) -> None:
        net = self.NET.copy()
        net.preprocessing = gn.Preprocessing(inputs=gn.Standardizer.fit(numbers[0]))
        with pytest.raises(ValueError, match="network has preprocessing, which"):
            gn.GraphRegressor(network=net).fit(*numbers)

    def test_it_must_be_one(self, numbers: Any) -> None:
        with pytest.raises(TypeError, match=r"network is of type list, expected a gn\.Network"):
            gn.GraphRegressor(network=[4, 3, 1]).fit(*numbers)

    def test_no_gradient_passes_sign(self, numbers: Any) -> None:
        with pytest.raises(gn.TrainingError, match=r"neuron \(1, 1\) has the activation 'sign'"):
            gn.GraphRegressor(3, "sign").fit(*numbers)


def test_attributes_of_what_is_not_fitted() -> None:
    for name in ("coefs_", "intercepts_", "n_layers_", "n_outputs_", "out_activation_"):
        assert not hasattr(gn.GraphClassifier(), name)
        with pytest.raises(NotFittedError):
            getattr(gn.GraphRegressor(), name)
