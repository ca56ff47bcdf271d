"""Estimators among scikit-learn's tools: pipelines, searches, copies, and data frames."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

import graphnn as gn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NET = gn.Network.dense([4, 3, 3], activation=["tanh", "identity"], seed=0)

MODELS = [
    gn.GraphClassifier(5, "tanh", solver="lbfgs", alpha=0.1, random_state=0),
    gn.GraphClassifier(5, solver=gn.Nesterov(0.1), regularizer=[gn.MaxNorm(3.0)], random_state=0),
    gn.GraphClassifier(network=NET, solver=gn.Adam(gn.Cosine(0.05, 200)), random_state=0),
]


@pytest.mark.parametrize("model", MODELS, ids=["lbfgs", "nesterov", "network"])
class TestTools:
    def test_pipelines_and_cross_validation(self, model: Any) -> None:
        X, y = load_iris(return_X_y=True)
        pipeline = make_pipeline(StandardScaler(), model)
        assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
        assert accuracy_score(y, cross_val_predict(pipeline, X, y, cv=3)) > 0.9

    def test_clones_have_the_parameters_and_fit_the_same(self, model: Any, several: Any) -> None:
        one, other = clone(model), clone(model)
        assert not hasattr(one, "network_")
        assert repr(one.get_params()) == repr(model.get_params())
        first, second = one.fit(*several), other.fit(*several)
        assert first.network_ == second.network_

    def test_copies_predict_the_same(self, model: Any, several: Any, tmp_path: Path) -> None:
        X, y = several
        fitted = clone(model).fit(X, y)
        joblib.dump(fitted, tmp_path / "model.joblib")
        expected = fitted.predict_proba(X).tolist()
        for other in (
            pickle.loads(pickle.dumps(fitted)),
            joblib.load(tmp_path / "model.joblib"),
            copy.deepcopy(fitted),
        ):
            assert other.predict_proba(X).tolist() == expected
            assert other.network_ == fitted.network_
            assert str(other.result_) == str(fitted.result_)
            assert other.fit(X, y).predict_proba(X).tolist() == expected


class TestSearches:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_over_sizes_decays_and_solvers(self, several: Any, jobs: int) -> None:
        solvers = ["lbfgs", gn.Rprop(0.05), gn.Nesterov(0.1)]
        grid = {"hidden_layer_sizes": [(), (4,), (3, 3)], "alpha": [1e-3, 1.0], "solver": solvers}
        model = gn.GraphClassifier(max_iter=10, random_state=0)
        search = GridSearchCV(model, grid, cv=2, n_jobs=jobs).fit(*several)
        assert len(search.cv_results_["params"]) == 18
        assert search.best_score_ > 0.6
        assert search.best_estimator_.solver in solvers

    def test_over_the_steps_of_a_pipeline(self, numbers: Any) -> None:
        pipeline = make_pipeline(StandardScaler(), gn.GraphRegressor(3, max_iter=5))
        search = GridSearchCV(pipeline, {"graphregressor__activation": ["tanh", "relu"]}, cv=2)
        assert search.fit(*numbers).best_params_["graphregressor__activation"] in ("tanh", "relu")

    def test_sample_weights_pass_through(self, several: Any) -> None:
        X, y = several
        search = GridSearchCV(gn.GraphClassifier(3, max_iter=3), {"alpha": [0.1, 1.0]}, cv=2)
        search.fit(X, y, sample_weight=np.linspace(0, 1, 60))
        assert search.best_estimator_.n_iter_ == 3


class TestOthers:
    def test_targets_are_scaled_around_it(self, numbers: Any) -> None:
        X, y = numbers
        inner = gn.GraphRegressor(8, "tanh", solver="lbfgs", random_state=0)
        model = TransformedTargetRegressor(inner, transformer=StandardScaler())
        assert model.fit(X, 1e6 * y).score(X, 1e6 * y) > 0.95

    def test_probabilities_are_calibrated(self, binary: Any) -> None:
        model = CalibratedClassifierCV(gn.GraphClassifier(3, max_iter=5), cv=2).fit(*binary)
        assert model.predict_proba(binary[0]).shape == (60, 2)

    def test_several_outputs_of_classes(self, several: Any) -> None:
        X, y = several
        model = MultiOutputClassifier(gn.GraphClassifier(3, max_iter=3))
        assert model.fit(X, np.column_stack([y, -y])).predict(X).shape == (60, 2)

    def test_tags_say_what_they_take(self) -> None:
        classifier, regressor = get_tags(gn.GraphClassifier()), get_tags(gn.GraphRegressor())
        assert classifier.classifier_tags.multi_label
        assert classifier.classifier_tags.multi_class
        assert regressor.target_tags.multi_output
        assert not classifier.input_tags.sparse


class TestFrames:
    @pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
    def test_names_of_columns_are_remembered(self, frame: Any, several: Any) -> None:
        X, y = several
        columns = {name: X[:, k] for k, name in enumerate(["a", "b", "c", "d"])}
        table = frame(columns)
        labels = (pd.Series if frame is pd.DataFrame else pl.Series)(y.astype(str).tolist())
        model = gn.GraphClassifier(3, max_iter=5, random_state=0).fit(table, labels)
        assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
        assert model.classes_.tolist() == ["10", "20", "30"]
        plain = gn.GraphClassifier(3, max_iter=5, random_state=0).fit(X, y.astype(str))
        assert model.predict_proba(table).tolist() == plain.predict_proba(X).tolist()
        assert model.predict(table).tolist() == plain.predict(X).tolist()
        with pytest.raises(ValueError, match="feature names should match"):
            model.predict(frame(dict(reversed(columns.items()))))
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            model.predict(X)
        model.partial_fit(table, labels)

    @pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
    def test_targets_and_weights_may_be_frames(self, frame: Any, pairs: Any, labels: Any) -> None:
        series = pd.Series if frame is pd.DataFrame else pl.Series
        weights = np.linspace(1, 2, 60)
        for kind, (X, y) in ((gn.GraphRegressor, pairs), (gn.GraphClassifier, labels)):
            table = frame({str(j): y[:, j] for j in range(y.shape[1])})
            model = kind(3, max_iter=4, random_state=0)
            one = model.fit(X, table, sample_weight=series(weights)).predict(X)
            assert one.tolist() == model.fit(X, y, sample_weight=weights).predict(X).tolist()

    def test_labels_may_be_lists_and_columns(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(3, max_iter=3, random_state=0)
        expected = model.fit(X, y).predict(X).tolist()
        assert model.fit(X.tolist(), y.tolist()).predict(X.tolist()).tolist() == expected
        with pytest.warns(UserWarning, match="column-vector y was passed"):
            model.fit(X, y.reshape(-1, 1))
        assert model.predict(X).tolist() == expected

    def test_truth_values_are_classes(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(3, max_iter=3).fit(X, y == 20)
        assert model.classes_.tolist() == [False, True]
        assert model.predict(X).dtype == bool
