"""Frozen edges, shared weights and relays in both forms of native code, against the node engine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from engines.native.agreement import (
    Fading,
    Interpreted,
    Lesson,
    assert_propagates_alike,
    assert_trains_alike,
    random_batches,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from rules import OPTIMIZERS, REGULARIZERS
from strategies import Case
from ties import tied, tied_cases

import graphnn as gn
from graphnn.engines.native import dense, engine

SEEDS = st.integers(0, 2**32 - 1)
RULES = st.sampled_from([*OPTIMIZERS, Fading(0.1)])


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kernels are the generated source itself, as if matrices were large."""
    monkeypatch.setattr(engine, "kernel", Interpreted)
    for threshold in ("SKIP_ENTRIES", "SKIP_COLUMNS", "LONG"):
        monkeypatch.setattr(dense, threshold, 1)
    return


def assert_equals(
    case: Case, rule: gn.Optimizer, regularizer: str, size: int, seed: int, loops: str
) -> None:
    lesson = Lesson(case.net, case.X, case.y, case.loss, rule, REGULARIZERS[regularizer])
    batches = random_batches(len(case.X), size, seed, rule.first_eta)
    assert_trains_alike(lesson, lesson.dropping(batches, seed), loops)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("regularizer", REGULARIZERS)
class TestSource:
    @settings(max_examples=12)
    @given(tied_cases(), RULES, st.sampled_from([1, 2, 3, 8]), SEEDS)
    def test_along_edges_training_equals_the_node_engine(
        self, regularizer: str, case: Case, rule: gn.Optimizer, size: int, seed: int
    ) -> None:
        assert_equals(case, rule, regularizer, size, seed, "edges")

    @settings(max_examples=12)
    @given(tied_cases(shared=0.0), RULES, st.integers(1, 3), SEEDS)
    def test_over_matrices_frozen_edges_stay(
        self, regularizer: str, case: Case, rule: gn.Optimizer, size: int, seed: int
    ) -> None:
        assert_equals(case, rule, regularizer, size, seed, "dense")


@pytest.mark.usefixtures("interpreted")
@given(tied_cases(), st.sampled_from([1.0, 1e-160, 1e30]))
def test_along_edges_every_number_of_a_pass_equals_the_node_engine_s(
    case: Case, scale: float
) -> None:
    assert_propagates_alike(case.net, case.X * scale, case.y, case.loss, "edges")


@pytest.mark.usefixtures("interpreted")
@given(tied_cases(shared=0.0))
def test_over_matrices_every_number_of_a_pass_equals_the_node_engine_s(case: Case) -> None:
    assert_propagates_alike(case.net, case.X, case.y, case.loss, "dense")


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize("regularizer", ["none", "all", "all but constants, Dropout"])
@pytest.mark.parametrize("rule", [gn.SGD(), gn.Adam()], ids=["SGD", "Adam"])
def test_compiled_it_equals_the_node_engine(
    rule: gn.Optimizer, regularizer: str, size: int
) -> None:
    rng = np.random.default_rng(size)
    plain = gn.Network.dense([5, 8, 6, 3], ["tanh", "relu", "sigmoid"], seed=1)
    X, y = rng.normal(size=(12, 5)), rng.random((12, 3))
    for net, loops in (tied(plain, rng), "edges"), (tied(plain, rng, shared=0.0), "dense"):
        assert_equals(Case(net, "squared", X, y), rule, regularizer, size, 3, loops)


def test_a_network_that_shares_weights_is_lowered_to_edges() -> None:
    net = gn.Network.dense([3, 4, 2], seed=0)
    assert gn.compile(net).loops == "dense"
    net.set_trainable(False, layer=1)
    assert gn.compile(net).loops == "dense"
    net.set_weight((1, 1), (2, 1), 0.5)
    net.set_weight((1, 2), (2, 2), 0.5)
    net.set_shared((1, 1), (2, 1), "twin")
    net.set_shared((1, 2), (2, 2), "twin")
    assert gn.compile(net).loops == "edges"
