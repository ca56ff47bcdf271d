"""Fits equal those of scikit-learn's own MLPs, and of models that have one exact solution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import graphnn as gn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

OPTIONS: dict[str, Any] = {"hidden_layer_sizes": (5, 3), "solver": "sgd", "random_state": 7}
OPTIONS |= {"learning_rate_init": 0.05, "alpha": 0.3, "max_iter": 25, "n_iter_no_change": np.inf}

KINDS = {
    "binary": (gn.GraphClassifier, MLPClassifier),
    "several": (gn.GraphClassifier, MLPClassifier),
    "labels": (gn.GraphClassifier, MLPClassifier),
    "numbers": (gn.GraphRegressor, MLPRegressor),
    "pairs": (gn.GraphRegressor, MLPRegressor),
}


def assert_same_weights(ours: Any, theirs: Any, rtol: float = 1e-9) -> None:
    for mine, other in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other, rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("kind", KINDS)
def test_full_batches_of_sgd_move_the_same_weights_the_same_way(
    kind: str, activation: str, request: pytest.FixtureRequest
) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = KINDS[kind]
    ours = Ours(activation=activation, **OPTIONS).fit(X, y)
    theirs = Theirs(activation=activation, **OPTIONS).fit(X, y)
    assert_same_weights(ours, theirs)
    assert (ours.n_layers_, ours.n_outputs_, ours.out_activation_, ours.n_iter_) == (
        theirs.n_layers_, theirs.n_outputs_, theirs.out_activation_, theirs.n_iter_,
    )  # fmt: skip
    np.testing.assert_allclose(ours.predict_proba(X) if hasattr(ours, "classes_") else
                               ours.predict(X),
                               theirs.predict_proba(X) if hasattr(ours, "classes_") else
                               theirs.predict(X), rtol=1e-8)  # fmt: skip


@pytest.mark.parametrize("kind", ["binary", "several", "numbers"])
def test_small_batches_in_the_given_order_too(kind: str, request: pytest.FixtureRequest) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = KINDS[kind]
    options = OPTIONS | {"batch_size": 15, "shuffle": False}
    assert_same_weights(Ours(**options).fit(X, y), Theirs(**options).fit(X, y))


@pytest.mark.parametrize("kind", ["several", "numbers"])
def test_sample_weights_too(kind: str, request: pytest.FixtureRequest) -> None:
    X, y = request.getfixturevalue(kind)
    weights = np.random.default_rng(5).uniform(0.5, 3, size=len(X))
    Ours, Theirs = KINDS[kind]
    ours = Ours(**OPTIONS).fit(X, y, sample_weight=weights)
    theirs = Theirs(**OPTIONS).fit(X, y, sample_weight=weights)
    assert_same_weights(ours, theirs)


def test_adam_differs_by_where_its_epsilon_stands(several: Any) -> None:
    X, y = several
    options = OPTIONS | {"solver": "adam", "learning_rate_init": 0.01, "activation": "tanh"}
    ours = gn.GraphClassifier(**options).fit(X, y)
    assert_same_weights(ours, MLPClassifier(**options).fit(X, y), rtol=1e-3)


@pytest.mark.parametrize("kind", ["binary", "several", "labels", "numbers"])
def test_the_loss_curve_is_theirs_an_update_later(
    kind: str, request: pytest.FixtureRequest
) -> None:
    X, y = request.getfixturevalue(kind)
    Ours, Theirs = KINDS[kind]
    ours, theirs = Ours(**OPTIONS).fit(X, y), Theirs(**OPTIONS).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_[:-1], theirs.loss_curve_[1:], rtol=1e-9)
    assert ours.loss_ == ours.loss_curve_[-1]
    assert ours.best_loss_ == min(ours.loss_curve_)
    assert ours.validation_scores_ is ours.best_validation_score_ is None


def test_without_hidden_layers_two_classes_are_logistic_regression(binary: Any) -> None:
    X, y = binary
    alpha = 2.0
    ours = gn.GraphClassifier((), solver="lbfgs", alpha=alpha, tol=1e-9, max_iter=1000)
    exact = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=1000).fit(X, y)
    ours.fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].T, exact.coef_, rtol=1e-5)
    np.testing.assert_allclose(ours.intercepts_[0], exact.intercept_, rtol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), exact.predict_proba(X), rtol=1e-5)
    np.testing.assert_allclose(ours.predict_log_proba(X), exact.predict_log_proba(X), rtol=1e-5)
    assert ours.score(X, y) == exact.score(X, y)


@pytest.mark.parametrize("solver", ["lbfgs", gn.Rprop(), gn.Nesterov(0.1)])
def test_without_hidden_layers_numbers_are_ridge_regression(pairs: Any, solver: Any) -> None:
    X, y = pairs
    # Momentum may climb for more than ten epochs on its way: patience is longer than that.
    options = {"alpha": 3.0, "tol": 1e-12, "max_iter": 2000, "n_iter_no_change": 100}
    ours = gn.GraphRegressor((), solver=solver, random_state=0, **options).fit(X, y)
    exact = Ridge(alpha=3.0).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0].T, exact.coef_, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ours.intercepts_[0], exact.intercept_, rtol=1e-4, atol=1e-6)
    assert ours.score(X, y) == pytest.approx(exact.score(X, y))


def test_more_regularisers_join_alpha(numbers: Any) -> None:
    X, y = numbers
    twice = {"solver": "lbfgs", "tol": 1e-10, "max_iter": 1000}
    both = gn.GraphRegressor((), alpha=1.0, regularizer=gn.L2(2 / len(X), constants=False), **twice)
    one = gn.GraphRegressor((), alpha=3.0, regularizer=(), **twice)
    np.testing.assert_allclose(both.fit(X, y).coefs_[0], one.fit(X, y).coefs_[0], rtol=1e-6)
    sparse = gn.GraphRegressor((), alpha=0.0, regularizer=[gn.L1(0.8)], solver=gn.SGD(0.1))
    zeros = np.count_nonzero(sparse.fit(X, y).coefs_[0] == 0)
    assert 0 < zeros < 4
    assert len(sparse.network_.edges) == 5


def test_class_weights_are_sample_weights(several: Any) -> None:
    X, y = several
    weight = {10: 3.0, 20: 0.5}
    one = gn.GraphClassifier(class_weight=weight, **OPTIONS).fit(X, y)
    other = gn.GraphClassifier(**OPTIONS).fit(X, y, [weight.get(c, 1.0) for c in y.tolist()])
    assert one.result_.program.theta.tolist() == other.result_.program.theta.tolist()


def test_balanced_classes_count_the_same(binary: Any) -> None:
    X, y = binary
    times = np.random.default_rng(0).integers(0, 4, size=len(y))
    balanced = gn.GraphClassifier(class_weight="balanced", **OPTIONS)
    one = balanced.fit(X, y, sample_weight=times).result_.program.theta
    other = balanced.fit(np.repeat(X, times, axis=0), np.repeat(y, times)).result_.program.theta
    np.testing.assert_allclose(one, other, rtol=1e-12)
    totals = {c: times[y == c].sum() for c in ("no", "yes")}
    by_hand = gn.GraphClassifier(class_weight={c: 1 / n for c, n in totals.items()}, **OPTIONS)
    alpha = OPTIONS["alpha"] * 2 / times.sum()  # alpha's n is the total weight, here 2
    by_hand.set_params(alpha=alpha).fit(X, y, sample_weight=times)
    np.testing.assert_allclose(one, by_hand.result_.program.theta, rtol=1e-9)
