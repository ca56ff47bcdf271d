"""L-BFGS: SciPy's own minimisation of an independent objective, in every engine."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from oracles import weights_of
from scipy.optimize import minimize

import graphnn as gn

X = np.random.default_rng(1).normal(size=(9, 2))
Y = np.random.default_rng(2).normal(size=(9, 2))


def train(net: gn.Network, engine: str, **options: object) -> gn.TrainingResult:
    given: dict = {"optimizer": gn.LBFGS(), "batch_size": None, "engine": engine} | options
    return gn.train(net, X, Y, **given)


def objective(net: gn.Network, lambda_: float) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return loss + penalty and its gradient by complex steps along the weights."""
    from oracles import mean_loss

    copy, edges = net.copy(), list(net.edges)

    def at(theta: np.ndarray) -> tuple[float, np.ndarray]:
        for edge, w in zip(edges, theta.tolist(), strict=True):
            copy.set_weight(*edge, w)
        value = mean_loss(copy, X, Y, "squared").real + lambda_ / 2 * float(theta @ theta)
        gradient = gn.compile(copy).gradient(X, Y)[1]
        flat = [gradient[v[0] - 1] for _, v in edges]
        program = gn.compile(copy)
        columns = [{n: k for k, n in enumerate(layer)} for layer in program.neurons]
        found = [
            g[0 if u[1] == 0 else 1 + columns[u[0]][u], columns[v[0]][v]]
            for g, (u, v) in zip(flat, edges, strict=True)
        ]
        return value, np.array(found) + lambda_ * theta

    return at


@pytest.mark.parametrize("lambda_", [0.02, 0.1])
def test_it_reaches_the_minimum_that_scipy_s_bfgs_reaches(
    small: gn.Network, engine: str, lambda_: float
) -> None:
    first = np.array(list(weights_of(small).values()))
    expected = minimize(objective(small, lambda_), first, jac=True, method="BFGS", tol=1e-9)
    result = train(small, engine, regularizer=gn.L2(lambda_), epochs=500)
    assert result.outcome is gn.Outcome.CONVERGED
    assert math.isclose(result.history[-1].objective, expected.fun, rel_tol=1e-8)
    assert "L-BFGS after" in result.stopped_by


def test_all_engines_walk_the_same_way(small: gn.Network) -> None:
    found = {}
    for engine in ("node", "native", "matrix"):
        net = small.copy()
        found[engine] = train(net, engine, epochs=12).losses, list(weights_of(net).values())
    assert found["node"] == found["native"]
    assert np.allclose(found["node"][0], found["matrix"][0], rtol=1e-9)


def test_the_loss_never_grows_and_each_iteration_is_an_epoch(
    small: gn.Network, engine: str
) -> None:
    result = train(small, engine, epochs=7)
    assert [record.epoch for record in result.history] == list(range(8))
    assert [record.iteration for record in result.history] == list(range(8))
    assert all(b <= a for a, b in zip(result.losses, result.losses[1:], strict=False))
    assert result.outcome is gn.Outcome.EPOCHS
    assert list(weights_of(small).values()) == result.program.theta.tolist()


def test_rules_callbacks_and_held_out_data_are_asked(small: gn.Network, engine: str) -> None:
    seen = []
    result = train(
        small, engine, epochs=50, stop=gn.MaxEpochs(5), validation=(X, -Y),
        callbacks=lambda moment: seen.append(moment.epoch),
    )  # fmt: skip
    assert seen == list(range(6))
    assert result.stopped_by == "bound on epochs: 5"
    errors = [record.validation for record in result.history]
    assert result.kept == int(np.argmin(errors))  # type: ignore[arg-type]
    assert result.loss == result.losses[result.kept]


def test_ctrl_c_keeps_the_weights_of_the_last_iteration(small: gn.Network, engine: str) -> None:
    def press(moment: gn.Moment) -> None:
        if moment.epoch == 4:
            raise KeyboardInterrupt

    twin = small.copy()
    result = train(small, engine, callbacks=press)
    assert result.outcome is gn.Outcome.INTERRUPTED
    train(twin, engine, epochs=4)
    assert weights_of(small) == weights_of(twin)


def test_a_loss_that_overflows_is_named(engine: str) -> None:
    net = gn.Network.from_matrices([[[0.0], [1e200]]], activation="identity")
    with pytest.raises(gn.TrainingError, match="the loss of the first weights is not finite"):
        gn.train(net, [[1e200]], [0.0], optimizer=gn.LBFGS(), batch_size=None, engine=engine)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 3}, "LBFGS needs all samples in each update: leave batch_size out"),
        ({"order": "random"}, "order 'random'"),
        ({"regularizer": gn.Dropout(0.5)}, "makes it another each time"),
        ({"regularizer": gn.L1(0.1)}, "it goes with L2, not L1"),
        ({"regularizer": gn.ElasticNet(0.1)}, "it goes with L2, not ElasticNet"),
        ({"regularizer": gn.MaxNorm(1.0)}, "not MaxNorm"),
        ({"regularizer": [gn.L2(0.1), gn.ClipNorm(1.0)]}, "not ClipNorm"),
        ({"dtype": np.float32}, "LBFGS computes in float64"),
    ],
)
def test_what_does_not_go_with_it_is_refused(
    small: gn.Network, engine: str, options: dict, words: str
) -> None:
    before = small.copy()
    with pytest.raises(ValueError, match=words):
        train(small, engine, **options)
    assert small == before


@pytest.mark.parametrize("bad", [{"memory": 0}, {"memory": 2.5}, {"tol": -1.0}, {"tol": math.nan}])
def test_numbers_out_of_range_are_refused(bad: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        gn.LBFGS(**bad)


def test_a_loss_that_raises_is_named() -> None:
    own = gn.Loss("odd", lambda v, y: 1 / (v - 2.0), lambda v, y: 1.0)
    net = gn.Network.from_matrices([[[2.0], [0.0]]], activation="identity")
    with pytest.raises(gn.TrainingError, match=r"first weights is not finite .*ZeroDivisionError"):
        gn.train(net, [[1.0]], [0.0], own, optimizer=gn.LBFGS(), engine="node")


def test_its_batch_is_all_samples_unless_it_is_told_otherwise(small: gn.Network) -> None:
    twin = small.copy()
    gn.train(small, X, Y, optimizer=gn.LBFGS(), epochs=3, engine="matrix")
    train(twin, "matrix", epochs=3)
    assert weights_of(small) == weights_of(twin)
