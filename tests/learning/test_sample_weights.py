"""Weights of samples: what counts twice is as if it were there twice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))
COUNTS = [1, 0, 2, 0, 0, 3]
ROWS = np.repeat(np.arange(6), COUNTS)


@pytest.mark.parametrize(
    "optimizer", [gn.SGD(0.3), gn.Adam(0.05), gn.LBFGS()], ids=lambda one: type(one).__name__
)
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e300])
def test_a_count_is_as_many_samples(
    small: gn.Network, engine: str, optimizer: Any, scale: float
) -> None:
    twin = small.copy()
    options: dict = {
        "optimizer": optimizer, "batch_size": None, "epochs": 8, "order": "given",
        "engine": engine, "regularizer": gn.L2(0.01),
    }  # fmt: skip
    weights = np.array(COUNTS) * scale
    weighted = gn.train(small, X, Y, sample_weight=weights, **options)
    repeated = gn.train(twin, X[ROWS], Y[ROWS], **options)
    assert np.allclose(weighted.losses, repeated.losses, rtol=1e-9)
    found, expected = weights_of(small), weights_of(twin)
    assert np.allclose(list(found.values()), list(expected.values()), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("loss", ["squared", "softmax_cross_entropy"])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_node_and_native_engine_have_the_same_bits(
    small: gn.Network, loss: str, batch_size: int
) -> None:
    small.set_activation("identity", layer=2)
    y: Any = Y if loss == "squared" else [0, 1, 1, 0, 1, 0]
    weights = np.random.default_rng(0).uniform(size=6)
    found = []
    for engine in ("node", "native"):
        for dtype in (np.float64, np.float32):
            net = small.copy()
            result = gn.train(
                net, X, y, loss, batch_size=batch_size, epochs=9, sample_weight=weights,
                engine=engine, dtype=dtype,
            )  # fmt: skip
            found.append((weights_of(net), result.losses))
    assert found[0] == found[2]
    assert found[1] == found[3]


def test_a_step_is_as_long_as_the_weight_by_hand(engine: str) -> None:
    # v = w x, l = (w x - y)^2 / 2 at w = 0: the gradient is -x y = -2; weights 1/2 and 3/2 of
    # mean 1 make steps of eta/2 * 2 and, from w = 1/4, eta 3/2 (2 - w).
    net = gn.Network([1, 1], activation="identity")
    net.add_edge((0, 1), (1, 1), 0.0)
    gn.train(
        net, [[1.0], [1.0]], [2.0, 2.0], optimizer=gn.SGD(0.25), epochs=1, order="given",
        sample_weight=[10.0, 30.0], engine=engine,
    )  # fmt: skip
    assert weights_of(net) == {((0, 1), (1, 1)): 0.25 + 0.375 * 1.75}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0] * 5, r"sample_weight has shape \(5,\), expected \(6,\)"),
        ([[1.0]] * 6, "sample_weight has shape"),
        ([0.0] * 6, "sample_weight is 0 for every sample"),
        ([1.0, -1.0] * 3, r"sample_weight\[1\] is -1: a weight must be at least 0"),
        ([1.0, math.nan] * 3, r"sample_weight\[1\] is nan"),
        (["a"] * 6, "sample_weight has dtype"),
    ],
)
def test_weights_that_do_not_fit_are_refused(small: gn.Network, weights: Any, words: str) -> None:
    before = small.copy()
    with pytest.raises(gn.DataError, match=words):
        gn.train(small, X, Y, sample_weight=weights)
    assert small == before
