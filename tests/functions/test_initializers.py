"""Initialisers: their distributions, their fans, their seeds."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.functions.initializers import Initializer

MANY = 20_000
RANDOM: list[Initializer] = [gn.Uniform(0.7), gn.Normal(0.1), gn.Glorot(), gn.He()]


def draw(init: Initializer, fan_in: int = 1, fan_out: int = 1, seed: int = 0) -> np.ndarray:
    """Draw many weights of edges that all have the same fans."""
    rng = np.random.default_rng(seed)
    return init.draw(rng, np.full(MANY, fan_in), np.full(MANY, fan_out))


# A sample mean of n draws of deviation s is within 5 s / sqrt(n) of the mean but once in 10^6.
@pytest.mark.parametrize(
    ("init", "fans", "deviation"),
    [
        (gn.Uniform(), (1, 1), 0.7 / math.sqrt(3)),
        (gn.Uniform(2.0), (1, 1), 2.0 / math.sqrt(3)),
        (gn.Normal(), (1, 1), 0.1),
        (gn.Normal(0.5), (1, 1), 0.5),
        (gn.Glorot(), (3, 5), math.sqrt(6 / 8) / math.sqrt(3)),
        (gn.He(), (8, 5), math.sqrt(2 / 8)),
    ],
    ids=repr,
)
def test_mean_and_deviation_are_the_distribution_s(
    init: Initializer, fans: tuple[int, int], deviation: float
) -> None:
    drawn = draw(init, *fans)
    assert abs(drawn.mean()) <= 5 * deviation / math.sqrt(MANY)
    assert abs(drawn.std() / deviation - 1) <= 5 / math.sqrt(2 * MANY)


@pytest.mark.parametrize(
    ("init", "r"), [(gn.Uniform(), 0.7), (gn.Uniform(0.1), 0.1), (gn.Glorot(), math.sqrt(6 / 8))]
)
def test_a_uniform_one_stays_in_its_range_and_fills_it(init: Initializer, r: float) -> None:
    drawn = draw(init, 3, 5)
    assert np.abs(drawn).max() <= r
    assert drawn.max() > 0.99 * r
    assert drawn.min() < -0.99 * r


@pytest.mark.parametrize("init", RANDOM, ids=repr)
def test_a_seed_decides_every_bit(init: Initializer) -> None:
    assert np.array_equal(draw(init, 3, 4, seed=1), draw(init, 3, 4, seed=1))
    assert not np.array_equal(draw(init, 3, 4, seed=1), draw(init, 3, 4, seed=2))


@pytest.mark.parametrize("bad", [0.0, -0.7, math.nan, math.inf])
def test_a_width_that_is_not_positive_and_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="r must be positive and finite"):
        gn.Uniform(bad)
    with pytest.raises(ValueError, match="sd must be positive and finite"):
        gn.Normal(bad)


def test_zeros_warns_that_neurons_stay_equal() -> None:
    with pytest.warns(UserWarning, match="stay equal for ever"):
        net = gn.Network.dense([2, 3, 1], init=gn.Zeros())
    assert set(weights_of(net).values()) == {0.0}


@pytest.mark.parametrize("init", RANDOM, ids=repr)
def test_only_zeros_warns(init: Initializer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = gn.Network.dense([2, 3, 1], init=init)
    assert len(set(weights_of(net).values())) == 13


def test_the_fans_are_counted_on_the_edges_that_exist() -> None:
    seen: dict[str, list[int]] = {}

    class Spy:
        def draw(
            self, rng: np.random.Generator, fan_in: np.ndarray, fan_out: np.ndarray
        ) -> np.ndarray:
            seen["in"], seen["out"] = fan_in.tolist(), fan_out.tolist()
            return np.arange(len(fan_in), dtype=float)

    net = gn.Network([2, 2])
    net.add_weighted_edges_from(
        [((0, 2), (1, 1), 9.0), ((0, 1), (1, 1), 9.0), ((0, 0), (1, 2), 9.0), ((0, 0), (1, 1), 9.0)]
    )
    net.initialize(Spy())
    # In (t, i, j) order: (0,0)->(1,1), (0,0)->(1,2), (0,1)->(1,1), (0,2)->(1,1).
    assert list(weights_of(net).values()) == [0.0, 1.0, 2.0, 3.0]
    # Two neurons and the constant reach (1, 1), only the constant (1, 2), which counts as 1.
    assert seen["in"] == [2, 1, 2, 2]
    assert seen["out"] == [2, 2, 1, 1]
