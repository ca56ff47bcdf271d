"""Held-out data: their error and score, patience, and the weights that are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import oracles
import pytest
from oracles import weights_of

import graphnn as gn

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))
HELD = np.random.default_rng(3).normal(size=(4, 2)), np.random.default_rng(4).normal(size=(4, 2))


def spread(outputs: np.ndarray, y: Any) -> float:
    """A score that has its best in the middle of a run: nearness of the outputs' spread to 0.4."""
    return -abs(float(np.ptp(outputs)) - 0.4)


@pytest.fixture(params=[2, 600])
def pace(request: pytest.FixtureRequest, updates_at_a_time: Callable[[int], None]) -> int:
    updates_at_a_time(request.param)
    return int(request.param)


def test_the_error_is_that_of_the_held_out_data(small: gn.Network, engine: str, pace: int) -> None:
    first = oracles.mean_loss(small, *HELD, "squared").real
    result = gn.train(small, X, Y, epochs=3, validation=HELD, engine=engine)
    assert math.isclose(result.history[0].validation, first, rel_tol=1e-12)  # type: ignore[arg-type]
    kept = oracles.mean_loss(small, *HELD, "squared").real
    assert math.isclose(result.history[result.kept].validation, kept, rel_tol=1e-12)  # type: ignore[arg-type]


def test_the_weights_of_the_best_epoch_are_kept(small: gn.Network, engine: str, pace: int) -> None:
    twin = small.copy()
    held = gn.Validation(*HELD, score=spread)
    result = gn.train(small, X, Y, epochs=30, validation=held, engine=engine)
    scores = [record.score for record in result.history]
    assert result.kept == int(np.argmax(scores))  # type: ignore[arg-type]
    assert 0 < result.kept < 30
    assert [record.best_epoch for record in result.history][-1] == result.kept
    gn.train(twin, X, Y, epochs=result.kept, engine=engine)
    assert weights_of(small) == weights_of(twin)
    assert result.loss == result.losses[result.kept]
    assert f"the weights are those of epoch {result.kept}" in str(result)


def test_all_engines_keep_the_same_epoch(small: gn.Network) -> None:
    found = []
    for engine in ("node", "native"):
        net = small.copy()
        result = gn.train(net, X, Y, epochs=30, validation=HELD, engine=engine)
        found.append((result.history, result.kept, weights_of(net)))
    assert found[0] == found[1]


def test_patience_ends_the_run_so_long_after_the_best(
    small: gn.Network, engine: str, pace: int
) -> None:
    held = gn.Validation(*HELD, score=spread)
    whole = gn.train(small.copy(), X, Y, epochs=60, validation=held, engine=engine)
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    result = gn.train(
        small, X, Y, epochs=60, validation=held, stop=gn.Patience(7), engine=engine, seed=rng
    )
    expected = next(
        k
        for k, record in enumerate(whole.history)
        if record.best_epoch is not None and k - record.best_epoch == 7
    )
    assert len(result.history) == expected + 1
    assert result.history == whole.history[: expected + 1]
    assert result.stopped_by.startswith("no better score in the last 7 epochs than -")
    gn.train(small.copy(), X, Y, epochs=expected, engine=engine, seed=other)
    assert rng.bit_generator.state == other.bit_generator.state


def test_a_tolerance_wants_more(small: gn.Network) -> None:
    result = gn.train(
        small, X, Y, epochs=60, validation=HELD, stop=gn.Patience(1, tol=1e9), engine="matrix"
    )
    assert result.history[-1].epoch == 1
    assert "no better validation error in the last epoch than" in result.stopped_by


def test_the_best_of_several_runs_is_that_on_held_out_data() -> None:
    net = gn.Network.dense([2, 3, 2], "tanh", seed=0)
    result = gn.train(net, X, Y, epochs=20, validation=HELD, restarts=5, engine="matrix")
    errors = [run.history[run.kept].validation for run in result.runs]
    assert result.history == result.runs[int(np.argmin(errors))].history  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("validation", "error", "words"),
    [
        ((X[:, :1], Y), gn.DataError, "validation data: X has shape"),
        ((X, Y[:3]), gn.DataError, "validation data: y has shape"),
        ((X * math.nan, Y), gn.DataError, "validation data: X.* is nan"),
        (X, TypeError, "validation is of type ndarray, expected"),
        (3, TypeError, "validation is of type int"),
    ],
)
def test_data_that_do_not_fit_are_refused(
    small: gn.Network, validation: Any, error: type[Exception], words: str
) -> None:
    before = small.copy()
    with pytest.raises(error, match=words):
        gn.train(small, X, Y, validation=validation)
    assert small == before


def test_patience_without_held_out_data_is_refused(small: gn.Network) -> None:
    for stop in (gn.Patience(3), gn.SmallError(0.1) & gn.Patience(3)):
        with pytest.raises(ValueError, match="give train validation="):
            gn.train(small, X, Y, stop=stop)


def test_scores_have_names(small: gn.Network) -> None:
    result = gn.train(
        small, X, Y, epochs=2, validation=gn.Validation(*HELD, score="r2"), engine="matrix"
    )
    left = ((small_outputs(result) - HELD[1]) ** 2).sum(axis=0)
    expected = np.mean(1 - left / ((HELD[1] - HELD[1].mean(axis=0)) ** 2).sum(axis=0))
    assert math.isclose(result.history[result.kept].score, expected, rel_tol=1e-12)  # type: ignore[arg-type]


def small_outputs(result: gn.TrainingResult) -> np.ndarray:
    return np.asarray(result.program.predict(HELD[0]))


@pytest.mark.parametrize(
    ("activation", "loss", "y"),
    [
        ("sigmoid", "binary_cross_entropy", [0, 1, 1, 0]),
        ("tanh", "hinge", [-1, 1, 1, -1]),
        ("identity", "softmax_cross_entropy", [0, 2, 1, 2]),
    ],
)
def test_accuracy_is_the_share_of_classes_said_rightly(activation: str, loss: str, y: list) -> None:
    net = gn.Network.dense([2, 3 if max(y) > 1 else 1], activation, seed=0)
    held = gn.Validation(HELD[0], y, score="accuracy")
    result = gn.train(net, HELD[0], y, loss, epochs=1, validation=held, engine="matrix")
    outputs = small_outputs(result)
    middle = 0.5 if activation == "sigmoid" else 0.0
    said = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > middle) * 1
    truth = np.array(y) if min(y) == 0 else (np.array(y) + 1) // 2
    assert result.history[result.kept].score == np.mean(said == truth)


def test_a_score_that_is_none_is_refused(small: gn.Network) -> None:
    with pytest.raises(ValueError, match="unknown score: 'f1'"):
        gn.Validation(X, Y, score="f1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="score is 3, expected a function"):
        gn.Validation(X, Y, score=3)  # type: ignore[arg-type]
    held = gn.Validation(X, Y, score=lambda outputs, y: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="the score returned None, expected a number"):
        gn.train(small, X, Y, validation=held, engine="matrix")
