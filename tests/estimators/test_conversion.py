"""Fitted networks go over from scikit-learn's MLPs and back, with the same predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor

import graphnn as gn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CLASSES, NUMBERS = ["binary", "several", "labels"], ["numbers", "pairs"]
NAMES = ["identity", "logistic", "tanh", "relu"]


def kinds(kind: str) -> tuple[Any, Any]:
    if kind in NUMBERS:
        return gn.GraphRegressor, MLPRegressor
    return gn.GraphClassifier, MLPClassifier


def assert_same_predictions(one: Any, other: Any, X: Any) -> None:
    there = [(one.predict(X), other.predict(X))]
    if hasattr(one, "predict_proba"):
        there.append((one.predict_proba(X), other.predict_proba(X)))
        assert there[0][0].tolist() == there[0][1].tolist()
        assert one.classes_.tolist() == other.classes_.tolist()
        assert one.classes_.dtype == other.classes_.dtype
    for mine, theirs in there:
        assert mine.shape == theirs.shape
        if mine.dtype.kind == "f":
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize("kind", CLASSES + NUMBERS)
def test_there_and_back(
    kind: str, activation: str, hidden: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = kinds(kind)
    mlp = Theirs(
        hidden_layer_sizes=hidden, activation=activation, solver="lbfgs", max_iter=30,
        random_state=0,
    ).fit(X, y)  # fmt: skip
    ours = Ours.from_sklearn(mlp)
    assert_same_predictions(ours, mlp, X)
    assert ours.network_.layers == (4, *hidden, mlp.n_outputs_)
    assert ours.out_activation_ == mlp.out_activation_
    assert ours.score(X, y) == pytest.approx(mlp.score(X, y))
    back = ours.to_sklearn()
    assert type(back) is Theirs
    assert_same_predictions(back, mlp, X)
    assert back.get_params() == mlp.get_params()
    assert (back.n_iter_, back.n_layers_, back.loss_) == (mlp.n_iter_, mlp.n_layers_, mlp.loss_)
    for mine, theirs in zip(
        back.coefs_ + back.intercepts_, mlp.coefs_ + mlp.intercepts_, strict=True
    ):
        assert mine.tolist() == theirs.tolist()


@pytest.mark.parametrize("activation", [*NAMES, "sigmoid"])
@pytest.mark.parametrize("kind", CLASSES + NUMBERS)
def test_back_from_a_fit_of_ours(
    kind: str, activation: str, request: pytest.FixtureRequest
) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = kinds(kind)
    ours = Ours(5, activation, max_iter=20, random_state=1, solver=gn.Adam(0.05)).fit(X, y)
    theirs = ours.to_sklearn()
    assert type(theirs) is Theirs
    assert_same_predictions(theirs, ours, X)
    assert theirs.loss_curve_ == ours.loss_curve_
    assert theirs.learning_rate_init == 0.05


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("kind", CLASSES + NUMBERS)
def test_both_can_be_trained_on(kind: str, solver: str, request: pytest.FixtureRequest) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = kinds(kind)
    mlp = Theirs(
        hidden_layer_sizes=5, solver=solver, learning_rate_init=0.01, max_iter=40, random_state=0
    ).fit(X, y)
    ours = Ours.from_sklearn(mlp)
    for model in (ours, ours.to_sklearn()):  # their loss of several numbers is the mean over them
        losses = [model.partial_fit(X, y).loss_ for _ in range(30)]
        assert losses[-1] < losses[0]
    assert ours.loss_curve_[:40] == mlp.loss_curve_
    assert len(ours.loss_curve_) == 70


def test_what_lbfgs_fitted_can_be_trained_on_by_another_solver(numbers: Any) -> None:
    X, y = numbers
    mlp = MLPRegressor(hidden_layer_sizes=3, solver="lbfgs", max_iter=5, random_state=0).fit(X, y)
    ours = gn.GraphRegressor.from_sklearn(mlp)
    assert (ours.loss_curve_, ours.best_loss_, ours.result_) == ([], None, None)
    ours.set_params(solver=gn.SGD(0.01)).partial_fit(X, y)
    assert ours.loss_ == ours.loss_curve_[0] < mlp.loss_


def test_names_of_features_go_over(several: Any) -> None:
    X, y = several
    frame = pd.DataFrame(X, columns=list("abcd"))
    mlp = MLPClassifier(3, max_iter=5, random_state=0).fit(frame, y)
    ours = gn.GraphClassifier.from_sklearn(mlp)
    assert ours.feature_names_in_.tolist() == list("abcd")
    assert ours.to_sklearn().feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        ours.predict(frame[["b", "a", "c", "d"]])


SOLVERS = [
    ({"solver": "sgd", "momentum": 0.0}, gn.SGD(0.02)),
    ({"solver": "sgd", "momentum": 0.5}, gn.Nesterov(0.02, 0.5)),
    ({"solver": "sgd", "nesterovs_momentum": False}, gn.Momentum(0.02, 0.9)),
    ({"solver": "adam", "beta_1": 0.8, "epsilon": 1e-6}, gn.Adam(0.02, beta1=0.8, epsilon=1e-6)),
    ({"solver": "sgd"}, "sgd"),
    ({"solver": "adam"}, "adam"),
    ({"solver": "lbfgs"}, "lbfgs"),
]


@pytest.mark.parametrize(("theirs", "ours"), SOLVERS)
def test_solvers_have_counterparts(theirs: dict[str, Any], ours: Any, numbers: Any) -> None:
    mlp = MLPRegressor(hidden_layer_sizes=3, learning_rate_init=0.02, max_iter=3, **theirs)
    mlp.fit(*numbers)
    model = gn.GraphRegressor.from_sklearn(mlp)
    assert model.solver == ours
    back = model.to_sklearn().get_params()
    assert {name: back[name] for name in theirs} == theirs
    assert back["learning_rate_init"] == 0.02


def test_what_is_lost_is_named(several: Any) -> None:
    X, y = several
    mlp = MLPClassifier(3, solver="sgd", learning_rate="adaptive", max_iter=3).fit(X, y)
    with pytest.warns(UserWarning, match="learning_rate='adaptive' has no counterpart"):
        gn.GraphClassifier.from_sklearn(mlp)
    mlp = MLPClassifier(3, solver="lbfgs", max_fun=99, max_iter=3).fit(X, y)
    with pytest.warns(UserWarning, match="max_fun=99 has no counterpart"):
        gn.GraphClassifier.from_sklearn(mlp)
    ours = gn.GraphClassifier(3, class_weight={10: 2.0}, solver=gn.RMSprop(), max_iter=3).fit(X, y)
    with pytest.warns(UserWarning, match=r"solver=RMSprop.*, class_weight=\{10: 2.0\} has no"):
        ours.to_sklearn()


class TestRefusals:
    def test_an_absent_edge_is_named(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 3, 1], activation=["tanh", "identity"], seed=0)
        net.remove_edge((1, 2), (2, 1))
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        with pytest.raises(ValueError, match=r"edge \(1, 2\) -> \(2, 1\) is absent, and an MLPReg"):
            model.to_sklearn()

    def test_so_is_that_of_a_constant_neuron(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 3, 1], activation=["tanh", "identity"], seed=0)
        net.remove_edge((0, 0), (1, 3))
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        with pytest.raises(ValueError, match=r"edge \(0, 0\) -> \(1, 3\) is absent"):
            model.to_sklearn()

    def test_mixed_activations(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 3, 1], activation=["tanh", "identity"], seed=0)
        net.set_activation("relu", neuron=(1, 2))
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        with pytest.raises(ValueError, match=r"neuron \(1, 1\) has .*'tanh' and \(1, 2\) has 'rel"):
            model.to_sklearn()

    def test_activations_that_differ_from_layer_to_layer(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 3, 2, 1], activation=["tanh", "relu", "identity"], seed=0)
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        with pytest.raises(ValueError, match=r"\(1, 1\) has .*'tanh' and \(2, 1\) has 'relu'"):
            model.to_sklearn()

    def test_other_activations(self, several: Any) -> None:
        model = gn.GraphClassifier(3, "softplus", max_iter=3).fit(*several)
        with pytest.raises(ValueError, match=r"neuron \(1, 1\) has the activation 'softplus', and"):
            model.to_sklearn()

    @pytest.mark.parametrize(("width", "output"), [(1, "tanh"), (2, "identity"), (2, "sigmoid")])
    def test_other_outputs(self, binary: Any, width: int, output: str) -> None:
        net = gn.Network.dense([4, 3, width], activation=["tanh", output], seed=0)
        model = gn.GraphClassifier(network=net, max_iter=3).fit(*binary)
        with pytest.raises(ValueError, match=rf"{width} {output} outputs, and .* has 1 of sigmoid"):
            model.to_sklearn()

    def test_what_is_not_fitted(self) -> None:
        with pytest.raises(NotFittedError):
            gn.GraphClassifier().to_sklearn()
        with pytest.raises(NotFittedError):
            gn.GraphRegressor().to_sklearn()
        with pytest.raises(NotFittedError):
            gn.GraphClassifier.from_sklearn(MLPClassifier())

    def test_the_other_kind(self, several: Any) -> None:
        mlp = MLPClassifier(3, max_iter=3).fit(*several)
        with pytest.raises(TypeError, match="found a MLPClassifier, expected an MLPRegressor"):
            gn.GraphRegressor.from_sklearn(mlp)

    def test_one_class(self) -> None:
        mlp = MLPClassifier(3, max_iter=3).fit([[0.0], [1.0]], [7, 7])
        with pytest.raises(ValueError, match=r"the MLP has one class, \[7\]"):
            gn.GraphClassifier.from_sklearn(mlp)

    def test_outputs_that_are_exponentials(self) -> None:
        mlp = MLPRegressor(loss="poisson", hidden_layer_sizes=3, max_iter=3)
        mlp.fit([[0.0], [1.0]], [1.0, 2.0])
        with pytest.raises(ValueError, match="the MLP's outputs are 'exp'"):
            gn.GraphRegressor.from_sklearn(mlp)
