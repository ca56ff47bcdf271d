"""scikit-learn's own checks of estimators: none fails, and none is expected to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

import graphnn as gn

# The checks fit on purpose what does not converge, or that has fewer samples than a batch.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*no associated feature names.*:UserWarning"),
]

CLASSIFIERS = [
    gn.GraphClassifier(),
    gn.GraphClassifier(solver="lbfgs"),
    gn.GraphClassifier(
        early_stopping=True, validation_fraction=0.3, solver=gn.Adam(0.01), engine="matrix"
    ),
    gn.GraphClassifier((8, 4), "tanh", solver="sgd", learning_rate_init=0.1, alpha=0.01),
]
REGRESSORS = [
    gn.GraphRegressor(),
    gn.GraphRegressor(solver="lbfgs"),
    gn.GraphRegressor(early_stopping=True),
    gn.GraphRegressor((8, 4), "tanh", solver=gn.Nesterov(0.05), alpha=0.01),
]


@pytest.mark.parametrize("estimator", [*CLASSIFIERS, *REGRESSORS], ids=repr)
def test_no_check_fails(estimator: Any) -> None:
    results = check_estimator(estimator, on_skip=None)
    skipped = {one["check_name"] for one in results if one["status"] == "skipped"}
    statuses = Counter(one["status"] for one in results)
    assert set(statuses) == {"passed", "skipped"}
    assert statuses["passed"] >= 50
    # One needs a switch in the environment, the other a method that an MLP has not either.
    assert skipped <= {
        "check_array_api_input",
        "check_classifiers_multilabel_output_format_decision_function",
    }


SOME = {
    "check_fit_idempotent",
    "check_sample_weight_equivalence_on_dense_data",
    "check_estimators_pickle",
    "check_estimators_partial_fit_n_features",
}


@pytest.mark.parametrize("engine", ["native", "node"])
@pytest.mark.parametrize("kind", [gn.GraphClassifier, gn.GraphRegressor])
def test_some_checks_with_the_other_engines(kind: Any, engine: str) -> None:
    seen = set()
    for estimator, check in estimator_checks_generator(kind(2, engine=engine, max_iter=5)):
        name = getattr(check, "func", check).__name__
        if name in SOME:
            check(estimator)
            seen.add(name)
    assert seen == SOME
