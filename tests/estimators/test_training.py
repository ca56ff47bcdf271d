"""Fits and partial fits: chance, memory, warm starts, early stopping, and what failures leave."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.utils.estimator_checks import set_random_state

import graphnn as gn
from graphnn.estimators.chance import Chance
from graphnn.estimators.samples import Samples, hold_out
from graphnn.learning.journal import Journal

QUIET = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def theta(model: Any) -> list[float]:
    weights: list[float] = gn.compile(model.network_).theta.tolist()
    return weights


@QUIET
class TestChance:
    def test_one_number_gives_the_same_weights(self, several: Any) -> None:
        make = {"max_iter": 5, "batch_size": 7}
        fits = [theta(gn.GraphClassifier(4, random_state=s, **make).fit(*several)) for s in (3, 3)]
        assert fits[0] == fits[1]
        assert fits[0] != theta(gn.GraphClassifier(4, random_state=4, **make).fit(*several))

    def test_a_state_is_drawn_from(self, several: Any) -> None:
        state = np.random.RandomState(3)
        model = gn.GraphClassifier(4, random_state=state, max_iter=2, batch_size=7)
        one, other = theta(model.fit(*several)), theta(model.fit(*several))
        assert one != other
        model.set_params(random_state=np.random.RandomState(3))
        assert theta(model.fit(*several)) == one
        assert theta(model.fit(*several)) == other

    def test_none_is_numpys_own_state(self, several: Any) -> None:
        model = gn.GraphClassifier(4, max_iter=2)
        before = np.random.get_state()  # noqa: NPY002 - the state that None stands for
        np.random.seed(11)  # noqa: NPY002
        one, other = theta(model.fit(*several)), theta(model.fit(*several))
        np.random.seed(11)  # noqa: NPY002
        assert theta(model.fit(*several)) == one != other
        np.random.set_state(before)  # noqa: NPY002

    @pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs", gn.Rprop()])
    def test_in_one_batch_the_order_of_rows_makes_no_difference(
        self, several: Any, solver: Any
    ) -> None:
        X, y = several
        rows = np.random.default_rng(0).permutation(len(X))
        model = gn.GraphClassifier(4, solver=solver, max_iter=20, random_state=0)
        assert theta(model.fit(X, y)) == theta(model.fit(X[rows], y[rows]))

    @pytest.mark.parametrize("early", [False, True])
    @pytest.mark.parametrize("solver", ["adam", "lbfgs"])
    def test_a_weight_is_a_repetition_to_the_last_bit(
        self, binary: Any, numbers: Any, solver: str, early: bool
    ) -> None:
        times = np.random.default_rng(0).integers(0, 4, size=60)
        options = {"solver": solver, "early_stopping": early, "max_iter": 20, "random_state": 0}
        for model, (X, y) in (
            (gn.GraphClassifier(4, **options), binary),
            (gn.GraphRegressor(4, **options), numbers),
        ):
            weighted = theta(model.fit(X, y, sample_weight=times))
            repeated = model.fit(np.repeat(X, times, axis=0), np.repeat(y, times))
            assert weighted == theta(repeated)

    def test_shuffling_is_what_chance_orders(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 3, 1], activation=["tanh", "identity"], seed=0)
        model = gn.GraphRegressor(network=net, batch_size=7, max_iter=3, shuffle=False)
        assert theta(model.fit(*numbers)) == theta(model.fit(*numbers))
        model.set_params(shuffle=True)
        assert theta(model.fit(*numbers)) != theta(model.fit(*numbers))

    @pytest.mark.parametrize("engine", ["matrix", "native", "node"])
    def test_every_engine_trains(self, numbers: Any, engine: str) -> None:
        options = {"max_iter": 3, "batch_size": 7, "random_state": 0}
        model = gn.GraphRegressor(2, "tanh", engine=engine, **options).fit(*numbers)
        assert model.result_.engine == engine
        other = gn.GraphRegressor(2, "tanh", engine="node", **options).fit(*numbers)
        np.testing.assert_allclose(theta(model), theta(other), rtol=1e-12)


class TestPartialFit:
    @QUIET
    @pytest.mark.parametrize(
        ("solver", "engine"),
        [
            ("adam", "matrix"),
            ("sgd", "matrix"),
            (gn.Adagrad(0.1), "matrix"),
            (gn.AMSGrad(0.01), "matrix"),
            (gn.Nesterov(gn.InverseTime(0.1, decay=0.5)), "matrix"),
            (gn.SGD(gn.Exponential(0.1, factor=0.9, per="iteration")), "matrix"),
            ("adam", "native"),
            (gn.Nesterov(gn.InverseTime(0.1, decay=0.5)), "native"),
        ],
        ids=str,
    )
    def test_many_are_one_fit_bit_for_bit(self, several: Any, solver: Any, engine: str) -> None:
        X, y = several
        options = {"solver": solver, "batch_size": 13, "random_state": 5, "engine": engine}
        options |= {"n_iter_no_change": np.inf, "alpha": 0.5}
        whole = gn.GraphClassifier(3, "tanh", max_iter=4, **options).fit(X, y)
        pieces = gn.GraphClassifier(3, "tanh", **options)
        for _ in range(4):
            pieces.partial_fit(X, y, classes=[10, 20, 30])
        assert theta(pieces) == theta(whole)
        assert pieces.loss_curve_ == whole.loss_curve_
        assert (pieces.n_iter_, whole.n_iter_) == (1, 4)
        half = gn.GraphClassifier(3, "tanh", max_iter=2, **options).fit(X, y)
        assert theta(half.partial_fit(X, y).partial_fit(X, y)) == theta(whole)

    def test_it_survives_pickling(self, numbers: Any) -> None:
        one = gn.GraphRegressor(3, solver="sgd", batch_size=9, random_state=0)
        one.partial_fit(*numbers)
        other = copy.deepcopy(one)
        assert theta(one.partial_fit(*numbers)) == theta(other.partial_fit(*numbers))

    def test_chunks_may_lack_classes(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(8, solver=gn.Adam(0.03), random_state=0)
        for _ in range(40):
            for label in (20, 10, 30):
                model.partial_fit(X[y == label], y[y == label], classes=np.array([30, 10, 20]))
        assert model.classes_.tolist() == [10, 20, 30]
        assert model.predict_proba(X[:2]).shape == (2, 3)

    def test_several_labels_need_no_classes(self, labels: Any) -> None:
        X, y = labels
        model = gn.GraphClassifier(8, random_state=0).partial_fit(X, y)
        assert model.classes_.tolist() == [0, 1, 2]
        model.partial_fit(X[:1], y[:1], classes=[0, 1, 2])

    def test_another_rate_keeps_the_memory_and_another_optimiser_does_not(
        self, numbers: Any
    ) -> None:
        first = gn.GraphRegressor(3, solver=gn.Momentum(0.01), random_state=0)
        first.partial_fit(*numbers)
        runs = {}
        for solver in (gn.Momentum(0.01), gn.Momentum(0.02), gn.Nesterov(0.01), gn.SGD(0.01)):
            model = copy.deepcopy(first).set_params(solver=solver).partial_fit(*numbers)
            runs[str(solver)] = model
            fresh = gn.GraphRegressor(network=first.network_, solver=solver, random_state=0)
            anew = theta(fresh.partial_fit(*numbers)) == theta(model)
            assert anew == (not isinstance(solver, gn.Momentum) or type(solver) is gn.Nesterov)
        assert len({tuple(theta(model)) for model in runs.values()}) >= 3

    def test_it_goes_on_from_an_edited_network(self, numbers: Any) -> None:
        model = gn.GraphRegressor(3, "tanh", solver="sgd", random_state=0).partial_fit(*numbers)
        before = model.predict(numbers[0])
        neuron = model.network_.add_neuron(1)
        model.network_.add_edge((0, 1), neuron, weight=0.5)
        np.testing.assert_allclose(model.predict(numbers[0]), before, rtol=1e-12)
        model.network_.add_edge(neuron, (2, 1), weight=0.25)
        assert np.abs(model.predict(numbers[0]) - before).max() > 1e-3
        model.partial_fit(*numbers)
        assert model.coefs_[0].shape == (4, 4)
        assert model.coefs_[0][1:, 3].tolist() == [0.0, 0.0, 0.0]
        assert model.network_.edges[neuron, (2, 1)]["weight"] != 0.25


@QUIET
class TestWarmStart:
    def test_it_goes_on_from_the_weights(self, numbers: Any) -> None:
        options = {"solver": gn.SGD(0.05), "n_iter_no_change": np.inf, "random_state": 0}
        whole = gn.GraphRegressor(3, max_iter=6, **options).fit(*numbers)
        model = gn.GraphRegressor(3, max_iter=3, warm_start=True, **options)
        model.fit(*numbers).fit(*numbers)
        np.testing.assert_allclose(theta(model), theta(whole), rtol=1e-12)
        assert len(model.loss_curve_) == 6
        assert model.n_iter_ == 3
        assert theta(model.set_params(warm_start=False, max_iter=6).fit(*numbers)) == theta(whole)

    def test_it_holds_out_the_same_samples(self, numbers: Any) -> None:
        X, y = numbers
        model = gn.GraphRegressor(
            3, max_iter=2, warm_start=True, early_stopping=True, random_state=0
        )
        model.fit(X, y)
        best = model.best_validation_score_
        model.fit(X, y)
        assert model.result_.history[0].score == best

    def test_it_refuses_other_classes_and_other_layers(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(3, max_iter=2, warm_start=True).fit(X, y)
        before = theta(model)
        with pytest.raises(ValueError, match=r"classes of the last fit, \[10, 20, 30\]: y has \["):
            model.fit(X, y + 1)
        with pytest.raises(ValueError, match=r"y has several labels a sample, and had one class"):
            model.fit(X, np.eye(3, dtype=int)[y // 10 - 1])
        with pytest.raises(ValueError, match=r"X has 3 features, but .* is expecting 4"):
            model.fit(X[:, :3], y)
        with pytest.raises(ValueError, match=r"hidden_layer_sizes is \(5,\) and was \(3,\) when"):
            model.set_params(hidden_layer_sizes=5).fit(X, y)
        with pytest.raises(ValueError, match=r"activation is .*'tanh'.* and was .*'relu'"):
            model.set_params(hidden_layer_sizes=3, activation="tanh").fit(X, y)
        assert theta(model) == before
        assert model.set_params(activation="relu").fit(X, y).n_features_in_ == 4


class TestEarlyStopping:
    def test_the_best_weights_are_kept(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(
            20, "tanh", solver=gn.Adam(0.03), early_stopping=True, validation_fraction=0.3,
            n_iter_no_change=5, max_iter=300, random_state=0,
        ).fit(X, y)  # fmt: skip
        scores = model.validation_scores_
        assert len(scores) == len(model.validation_loss_curve_) == model.n_iter_ < 300
        assert model.best_validation_score_ == max(scores)
        assert model.result_.kept == 1 + scores.index(max(scores))
        assert model.n_iter_ == model.result_.kept + 5
        assert model.best_loss_ is None
        assert model.loss_ == model.loss_curve_[model.result_.kept - 1]

    def test_scores_are_accuracy_and_r2_of_samples_not_trained_on(
        self, several: Any, numbers: Any
    ) -> None:
        options = {"early_stopping": True, "validation_fraction": 0.25, "random_state": 0}
        options |= {"solver": gn.SGD(0.02), "n_iter_no_change": 3, "max_iter": 500}
        classifier = gn.GraphClassifier(5, **options).fit(*several)
        count = sum(round(0.25 * n) for n in np.bincount(several[1]))
        assert {round(score * count, 9) % 1 for score in classifier.validation_scores_} == {0.0}
        regressor = gn.GraphRegressor(5, **options).fit(*numbers)
        X, y = numbers
        samples = Samples(X, y.reshape(-1, 1))
        train, held = hold_out(samples, None, 0.25, Chance.of(0).split)
        assert len(held) == 15
        best = regressor.best_validation_score_
        assert r2_score(y[held], regressor.predict(X[held])) == pytest.approx(best)
        error = np.mean((regressor.predict(X[train]) - y[train]) ** 2) / 2
        assert regressor.result_.loss == pytest.approx(error)

    def test_each_class_is_held_out_alike(self) -> None:
        codes = np.repeat([0, 1, 2], [50, 30, 4])
        samples = Samples(np.arange(84.0).reshape(-1, 1), codes.reshape(-1, 1).astype(float))
        train, held = hold_out(samples, codes, 0.1, np.random.default_rng(0))
        assert np.bincount(codes[held]).tolist() == [5, 3, 1]
        assert sorted([*train, *held]) == list(range(84))

    def test_equal_samples_stay_together(self) -> None:
        X = np.repeat(np.arange(10.0), 7).reshape(-1, 1)
        samples = Samples(X, np.zeros((70, 1)))
        train, held = hold_out(samples, None, 0.3, np.random.default_rng(0))
        assert len(held) == 21
        assert not set(X[train, 0]) & set(X[held, 0])

    def test_too_few_samples(self) -> None:
        model = gn.GraphRegressor(early_stopping=True)
        with pytest.raises(ValueError, match=r"needs three that differ: found 2 .* n_samples = 4"):
            model.fit([[0.0], [0.0], [1.0], [1.0]], [0.0, 0.0, 1.0, 1.0])
        classifier = gn.GraphClassifier(early_stopping=True)
        with pytest.raises(ValueError, match="needs two of a class that differ: found 2"):
            classifier.fit([[0.0], [0.0], [1.0]], [0, 0, 1])


class TestConvergence:
    def test_reaching_max_iter_warns(self, numbers: Any) -> None:
        with pytest.warns(ConvergenceWarning, match="not converged: bound on epochs: 3; more max_"):
            gn.GraphRegressor(3, max_iter=3).fit(*numbers)
        with pytest.warns(ConvergenceWarning, match="not converged: bound on epochs: 3"):
            gn.GraphRegressor(3, solver="lbfgs", max_iter=3).fit(*numbers)

    def test_a_warning_that_is_an_error_leaves_a_fitted_estimator(self, numbers: Any) -> None:
        model = gn.GraphRegressor(3, max_iter=3)
        with pytest.raises(ConvergenceWarning):
            model.fit(*numbers)
        assert model.n_iter_ == 3

    def test_it_stops_after_epochs_that_gain_less_than_tol(self, numbers: Any) -> None:
        model = gn.GraphRegressor(
            3, solver=gn.SGD(0.02), tol=1e-2, n_iter_no_change=4, max_iter=10_000, random_state=0
        ).fit(*numbers)
        assert "no improvement of 0.01 in each of the last 4 epochs" in model.result_.stopped_by
        curve = model.loss_curve_
        gains = [min(curve[:k]) - curve[k] for k in range(1, len(curve))]
        assert all(gain < 1e-2 for gain in gains[-4:])
        assert gains[-5] >= 1e-2
        whole = gains[-4] + gains[-3] + gains[-2] + gains[-1]
        assert whole > 1e-2  # SmallImprovement would have gone on

    def test_ctrl_c_keeps_what_was_learnt(
        self, numbers: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(self: Journal) -> None:
            if self.epoch == 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(Journal, "reason", interrupt)
        model = gn.GraphRegressor(3, max_iter=10)
        with pytest.warns(UserWarning, match=r"Training interrupted by user\."):
            model.fit(*numbers)
        assert model.n_iter_ == 3

    def test_a_progress_bar_is_shown_only_if_asked_for(
        self, numbers: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gn.GraphRegressor((), solver="lbfgs").fit(*numbers)
        assert capsys.readouterr().err == ""
        gn.GraphRegressor((), solver="lbfgs", verbose=True).fit(*numbers)
        assert capsys.readouterr().err != ""


class TestFailures:
    @QUIET
    def test_a_failing_fit_leaves_an_estimator_as_it_was(self, several: Any) -> None:
        X, y = several
        model = gn.GraphClassifier(3, max_iter=3, random_state=0)
        with pytest.raises(ValueError, match="NaN"):
            model.fit(np.full_like(X, np.nan), y)
        assert not [name for name in vars(model) if name.endswith("_")]
        model.fit(X, y)
        before = vars(model).copy()
        weights = theta(model)
        with pytest.raises(ValueError, match="one class"):
            model.fit(X[:, :2], np.zeros(60))
        with pytest.raises(ValueError, match="solver"):
            model.set_params(solver="newton").fit(X[:, :2], y)
        model.set_params(solver="adam")
        assert vars(model).keys() == before.keys()
        assert all(vars(model)[name] is before[name] for name in before if name.endswith("_"))
        assert theta(model) == weights

    @QUIET
    def test_so_does_one_that_diverges(self, numbers: Any) -> None:
        X, y = numbers
        model = gn.GraphRegressor(3, max_iter=3, random_state=0, warm_start=True).fit(X, y)
        weights, rounds = theta(model), model.n_iter_
        model.set_params(solver=gn.SGD(1e200))
        for act in (model.fit, model.partial_fit):
            with pytest.raises(gn.TrainingError, match="diverged"):
                act(X, y)
            assert theta(model) == weights
            assert model.n_iter_ == rounds
        model.set_params(solver="adam")
        assert theta(model.partial_fit(X, y)) != weights

    def test_parameters_are_looked_at_by_fit_not_before(self) -> None:
        model = gn.GraphClassifier(hidden_layer_sizes=-1, solver=None, network=7)
        set_random_state(model)
        assert model.get_params()["network"] == 7
