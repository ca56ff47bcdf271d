"""Frozen edges and shared weights: what holds of them by definition, in every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules import OPTIMIZERS, REGULARIZERS
from strategies import SMOOTH, Case
from ties import tied, tied_cases

import graphnn as gn

NAMES = ("bias", "first", "second")


@pytest.fixture
def kernel() -> gn.Network:
    """A convolution with a kernel of two weights and a bias over four inputs, then a sum."""
    net = gn.Network([4, 3, 1], activation=["tanh", "identity"])
    for j in range(1, 4):
        net.add_edge((0, 0), (1, j), 0.1, shared="bias")
        net.add_edge((0, j), (1, j), 0.5, shared="first")
        net.add_edge((0, j + 1), (1, j), -0.25, shared="second")
        net.add_edge((1, j), (2, 1), 1.0, trainable=False)
    return net


def data(m: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(m, 4)), rng.normal(size=(m, 1))


def train(net: gn.Network, engine: str, **choices: Any) -> gn.TrainingResult:
    X, y = data()
    return gn.train(net, X, y, engine=engine, seed=0, epochs=3, **choices)


def weights(net: gn.Network) -> dict[Any, float]:
    return {(u, v): w for u, v, w in net.graph.edges(data="weight")}


def assert_groups_moved_as_one(net: gn.Network) -> None:
    found = {name: {net.edges[e]["weight"] for e in net.shared(name)} for name in NAMES}
    assert all(len(values) == 1 for values in found.values())
    assert all(net.edges[(1, j), (2, 1)]["weight"] == 1.0 for j in range(1, 4))
    assert found != {"bias": {0.1}, "first": {0.5}, "second": {-0.25}}


@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_groups_move_as_one_and_frozen_edges_not_at_all(
    kernel: gn.Network, engine: str, rule: gn.Optimizer, regularizer: str
) -> None:
    size = 6 if rule.needs_all_samples else 2
    if engine == "native" and regularizer not in ("none", "MaxNorm", "all"):
        pytest.skip("the source for the others is run without compiling it, in native/test_ties")
    if rule.needs_all_samples and "Dropout" in regularizer:
        pytest.skip("it follows one function")
    chosen = REGULARIZERS[regularizer]
    train(kernel, engine, optimizer=rule, regularizer=chosen, batch_size=size)
    assert_groups_moved_as_one(kernel)


@pytest.mark.parametrize("regularizer", [None, gn.L2(0.1)])
def test_so_they_do_under_a_quasi_newton_method(
    kernel: gn.Network, engine: str, regularizer: gn.L2 | None
) -> None:
    train(kernel, engine, optimizer=gn.LBFGS(), regularizer=regularizer)
    assert_groups_moved_as_one(kernel)


def test_a_step_moves_a_shared_weight_by_the_sum_of_central_differences(
    kernel: gn.Network, engine: str
) -> None:
    (x, *_), (target, *_) = data()
    h = 1e-5

    def loss_at(name: str, by: float) -> float:
        moved = kernel.copy()
        edge = moved.shared(name)[0]
        moved.set_weight(*edge, moved.edges[edge]["weight"] + by)
        return float((gn.forward(moved, x).output[0] - target[0]) ** 2 / 2)

    slopes = {name: (loss_at(name, h) - loss_at(name, -h)) / (2 * h) for name in NAMES}
    before = {name: kernel.edges[kernel.shared(name)[0]]["weight"] for name in NAMES}
    gn.train(kernel, [x], [target], optimizer=gn.SGD(0.1), batch_size=1, epochs=1, engine=engine)
    for name in NAMES:
        after = kernel.edges[kernel.shared(name)[0]]["weight"]
        assert after == pytest.approx(before[name] - 0.1 * slopes[name], abs=1e-9)


def test_an_l2_term_counts_a_shared_weight_once_and_a_frozen_one_not(
    kernel: gn.Network, engine: str
) -> None:
    before = {name: kernel.edges[kernel.shared(name)[0]]["weight"] for name in NAMES}
    plain, decayed = kernel.copy(), kernel.copy()
    X, y = data(1)
    for net, regularizer in (plain, None), (decayed, gn.L2(0.5)):
        gn.train(net, X, y, optimizer=gn.SGD(0.1), regularizer=regularizer, epochs=1, engine=engine)
    for name in NAMES:
        one, other = (net.edges[net.shared(name)[0]]["weight"] for net in (plain, decayed))
        assert one - other == pytest.approx(0.1 * 0.5 * before[name], abs=1e-12)


@pytest.mark.parametrize("regularizer", ["none", "all"])
@given(case=tied_cases(losses=("squared",), activations=SMOOTH), rule=st.sampled_from(OPTIMIZERS))
def test_the_matrix_engine_trains_as_the_node_engine(
    regularizer: str, case: Case, rule: gn.Optimizer
) -> None:
    nets = case.net, case.net.copy()
    choices: dict[str, Any] = {"batch_size": len(case.X), "epochs": 3, "seed": 1}
    choices |= {"optimizer": rule, "regularizer": REGULARIZERS[regularizer]}
    if len(gn.compile(case.net).theta) == 0:
        return
    for net, engine in zip(nets, ("node", "matrix"), strict=True):
        gn.train(net, case.X, case.y, engine=engine, **choices)
    one, other = map(weights, nets)
    # Rules that divide by a gradient's size turn a rounding error of a tiny one into a step.
    assert [*one.values()] == pytest.approx([*other.values()], rel=1e-3, abs=2 * 3 * rule.first_eta)
    if type(rule) in (gn.SGD, gn.Momentum, gn.Nesterov) and regularizer == "none":
        assert [*one.values()] == pytest.approx([*other.values()], rel=1e-6, abs=1e-6)


@settings(max_examples=15)
@given(case=tied_cases())
def test_compare_finds_all_engines_alike(case: Case) -> None:
    y = case.y.argmax(axis=1) if case.loss == "softmax_cross_entropy" else case.y
    report = gn.compare(case.net, case.X, y, case.loss, engines="matrix")
    assert report.ok, str(report)


def test_restarts_keep_frozen_edges_and_groups(kernel: gn.Network, engine: str) -> None:
    result = train(kernel, engine, restarts=3, batch_size=2)
    assert len(result.runs) == 3
    assert {kernel.edges[(1, j), (2, 1)]["weight"] for j in range(1, 4)} == {1.0}
    assert len({kernel.edges[edge]["weight"] for edge in kernel.shared("first")}) == 1


def test_float32_trains_groups_too(kernel: gn.Network, engine: str) -> None:
    if engine == "node":
        pytest.skip("float64 alone")
    single = kernel.copy()
    train(kernel, engine, batch_size=2, optimizer=gn.Adam())
    train(single, engine, batch_size=2, optimizer=gn.Adam(), dtype="float32")
    assert [*weights(single).values()] == pytest.approx([*weights(kernel).values()], abs=1e-4)
    assert {single.edges[(1, j), (2, 1)]["weight"] for j in range(1, 4)} == {1.0}


def test_dropout_leaves_relays_alone() -> None:
    net = tied(gn.Network.dense([3, 4, 2], seed=0), np.random.default_rng(0), frozen=0, shared=0)
    outputs = gn.Network([1, 1, 1], activation="identity")
    outputs.add_edge((0, 1), (1, 1), 1.0, trainable=False)
    outputs.add_edge((1, 1), (2, 1), 0.5)
    X = np.ones((50, 1))
    gn.train(outputs, X, np.ones(50), regularizer=gn.Dropout(0.9), epochs=1, optimizer=gn.SGD(0.1))
    undropped = 0.5
    for _ in range(50):
        undropped -= 0.1 * (undropped - 1)
    assert outputs.edges[(1, 1), (2, 1)]["weight"] == pytest.approx(undropped, abs=1e-12)
    assert net.layers == (3, 6, 2)
