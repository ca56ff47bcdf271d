"""A grid search on a Dask cluster that loses a worker: what it gives in one process."""

from __future__ import annotations

import joblib
import numpy as np
import pytest
from clusters import failing_cluster
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import graphnn as gn

GRID = {"hidden_layer_sizes": [(4,), (8, 4)], "alpha": [1e-4, 0.1], "solver": [gn.Adam(0.01)]}


def search() -> GridSearchCV:
    """Return a search that is done."""
    X, y = load_iris(return_X_y=True)
    classifier = gn.GraphClassifier(
        max_iter=400, n_iter_no_change=10**6, batch_size=8, random_state=0, engine="native"
    )
    return GridSearchCV(classifier, GRID, cv=4).fit(X / 4 - 1, y)


@pytest.mark.filterwarnings("ignore:the optimization has not converged")
def test_a_grid_on_a_cluster_that_loses_a_worker_is_the_grid_of_one_process() -> None:
    expected = search()
    with failing_cluster("batch"), joblib.parallel_config(backend="dask"):
        found = search()
    for name in ("mean_test_score", "split0_test_score", "split3_test_score", "rank_test_score"):
        assert np.array_equal(found.cv_results_[name], expected.cv_results_[name])
    assert found.best_params_ == expected.best_params_
    for one, other in zip(
        found.best_estimator_.coefs_, expected.best_estimator_.coefs_, strict=True
    ):
        assert np.array_equal(one, other)
