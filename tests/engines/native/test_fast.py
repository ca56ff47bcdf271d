"""The fast sigmoid and tanh: within a few units in the last place, and finite everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from engines.native.agreement import Lesson, lowered, random_batches
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.engines.native import engine, fast
from graphnn.functions.losses import resolve_loss

ULPS = 4
PAIRS = [(fast.sigmoid, gn.ACTIVATIONS["sigmoid"].value), (fast.tanh, math.tanh)]


def arguments() -> list[float]:
    rng = np.random.default_rng(0)
    wide = 10.0 ** rng.uniform(-18, 2.8, 5000) * rng.choice([-1.0, 1.0], 5000)
    near = rng.normal(0, 3, 5000)
    ends = [0.0, -0.0, 5e-324, -5e-324, 1.0, -1.0, 36.7, -36.7, 707.9, -707.9, 0.34657359027997264]
    return [*wide.tolist(), *near.tolist(), *ends]


@pytest.mark.parametrize(("ours", "exact"), PAIRS, ids=["sigmoid", "tanh"])
def test_it_is_within_4_ulps_of_the_library_s(
    ours: Callable[[float], float], exact: Callable[[float], float]
) -> None:
    for a in arguments():
        assert abs(ours(a) - exact(a)) <= ULPS * math.ulp(exact(a)), a


@given(st.floats(allow_nan=False))
def test_it_stays_in_range_for_every_argument(a: float) -> None:
    assert 0 <= fast.sigmoid(a) <= 1
    assert -1 <= fast.tanh(a) <= 1


@pytest.mark.parametrize("function", [fast.sigmoid, fast.tanh])
def test_nan_stays_nan(function: Callable[[float], float]) -> None:
    assert math.isnan(function(math.nan))


def test_weights_that_are_nan_have_no_number_as_their_loss() -> None:
    net = gn.Network.dense([2, 3, 1], activation="sigmoid", seed=0)
    program, X, y = gn.compile(net), np.ones((2, 2)), np.ones((2, 1))
    trainer = engine.Trainer(program, X, y, gn.LOSSES["squared"], gn.SGD(0.1), fastmath=True)
    diverged = program.with_theta(np.full(len(program.theta), math.nan))
    assert math.isnan(trainer.loss(diverged, X, y))


@given(st.integers(-1022, 1023))
def test_a_power_of_two_is_exact(n: int) -> None:
    assert fast.power_of_two(n + fast.ROUND) == 2.0**n


@pytest.mark.parametrize(
    ("loops", "loss"), [("dense", "squared"), ("edges", "binary_cross_entropy")]
)
def test_training_with_it_stays_close_to_the_node_engine(loops: str, loss: str) -> None:
    net = gn.Network.dense([3, 9, 2], activation=["tanh", "sigmoid"], seed=0)
    rng = np.random.default_rng(0)
    lesson = Lesson(net, rng.normal(size=(6, 3)), rng.random(size=(6, 2)), loss)
    batches = random_batches(6, 1, 0)
    program = lowered(net, loops)
    found = engine.run(
        program, lesson.X, lesson.y, batches, resolve_loss(loss), lesson.rule, fastmath=True
    )
    assert np.allclose(found.theta, lesson.trained(batches)[-1], rtol=1e-12, atol=1e-13)
