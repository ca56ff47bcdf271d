"""Restarts: independent runs, equal to single ones, the best of which is kept."""

from __future__ import annotations

import threading
from threading import Event

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.learning import restarts, runs

X = np.random.default_rng(1).normal(size=(12, 2))
Y = np.sign(X[:, :1] * X[:, 1:])


def net() -> gn.Network:
    return gn.Network.dense([2, 3, 1], ["tanh", "tanh"], seed=0)


def single(r: int, runs: int, engine: str, init: gn.Initializer | None = None) -> gn.TrainingResult:
    """Return what run r is by itself: its weights and then its order from one generator."""
    one, rng = net(), np.random.default_rng(7)
    if r:
        rng = rng.spawn(runs - 1)[r - 1]
        one.initialize(init, seed=rng)
    return gn.train(one, X, Y, epochs=20, seed=rng, engine=engine)


def test_each_run_is_the_single_run_of_its_own_stream(engine: str) -> None:
    result = gn.train(net(), X, Y, epochs=20, restarts=4, seed=7, engine=engine)
    for r, run in enumerate(result.runs):
        alone = single(r, 4, engine)
        assert run.program.theta.tolist() == alone.program.theta.tolist()
        assert run.history == alone.history


def test_the_weights_are_drawn_from_init_as_a_network_draws_them() -> None:
    init = gn.He()
    result = gn.train(net(), X, Y, epochs=20, restarts=3, init=init, seed=7, engine="matrix")
    expected = single(2, 3, "matrix", init)
    assert result.runs[2].program.theta.tolist() == expected.program.theta.tolist()


def test_a_sparse_network_draws_by_the_edges_that_it_has(small: gn.Network) -> None:
    class Fans(gn.Uniform):
        """What it is asked for is what it draws."""

        def draw(self, rng: object, fan_in: np.ndarray, fan_out: np.ndarray) -> np.ndarray:
            return fan_in + 10.0 * fan_out

    rng = np.random.default_rng(0)
    found = restarts.drawn(gn.compile(small), Fans(), rng).theta.tolist()
    small.initialize(Fans())
    assert found == list(weights_of(small).values())


def test_the_number_of_threads_changes_nothing(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = gn.train(net(), X, Y, epochs=10, restarts=5, engine=engine)
    monkeypatch.setattr(restarts, "workers", lambda: 1)
    one = gn.train(net(), X, Y, epochs=10, restarts=5, engine=engine)
    assert [run.losses for run in many.runs] == [run.losses for run in one.runs]


def test_the_network_gets_the_best_run_s_weights() -> None:
    trained = net()
    result = gn.train(trained, X, Y, epochs=20, restarts=6, engine="native")
    finals = [run.loss for run in result.runs]
    assert len(set(finals)) == 6
    assert result.loss == min(finals)
    best = result.runs[finals.index(min(finals))]
    assert list(weights_of(trained).values()) == best.program.theta.tolist()
    assert result.program.version == trained.version
    assert f"best of 6 runs: losses {min(finals):.6g}" in str(result)


def test_without_restarts_there_is_the_one_run() -> None:
    assert gn.train(net(), X, Y, epochs=2).runs == ()


def test_a_run_that_diverges_is_no_error_while_another_does_not() -> None:
    straight = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
    data, targets = [[1.0], [1e160]], [0.0, 0.0]
    init = gn.Uniform(1e-170)  # so small that its loss, (1e160 w)^2 / 2, is next to nothing
    tiny = gn.SGD(1e-320)
    options = {"restarts": 2, "init": init, "engine": "matrix", "optimizer": tiny}
    with pytest.raises(gn.TrainingError):
        gn.train(straight.copy(), data, targets, engine="matrix", optimizer=tiny)
    result = gn.train(straight, data, targets, **options)  # type: ignore[arg-type]
    outcomes = [run.outcome for run in result.runs]
    assert outcomes == [gn.Outcome.DIVERGED, gn.Outcome.EPOCHS]
    assert result.loss < 1e-10


def test_if_all_diverge_the_first_is_reported() -> None:
    options = {"optimizer": gn.SGD(1e200), "restarts": 3, "engine": "matrix"}
    linear = gn.Network.dense([2, 3, 1], "identity", seed=0)
    with pytest.raises(gn.TrainingError, match="training diverged") as caught:
        gn.train(linear, X, Y, **options)  # type: ignore[arg-type]
    result = caught.value.result
    assert isinstance(result, gn.TrainingResult)
    assert len(result.runs) == 3


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "2"])
def test_another_number_of_restarts_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="restarts must be a whole number of at least 1"):
        gn.train(net(), X, Y, restarts=number)  # type: ignore[arg-type]


def test_ctrl_c_ends_every_run_and_keeps_what_was_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Event()

    def interrupted(futures: object, wait: object = restarts.wait, **options: object) -> object:
        monkeypatch.setattr(restarts, "wait", wait)
        started.wait(10)
        raise KeyboardInterrupt

    original = runs.Run.go

    def go(run: runs.Run) -> object:
        started.set()
        return original(run)

    monkeypatch.setattr(restarts, "wait", interrupted)
    monkeypatch.setattr(runs.Run, "go", go)
    before = threading.active_count()
    result = gn.train(net(), X, Y, epochs=10**7, restarts=3, engine="native")
    assert {run.outcome for run in result.runs} == {gn.Outcome.INTERRUPTED}
    assert threading.active_count() == before
