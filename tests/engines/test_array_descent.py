"""The matrix engine's update of all weights at once, beside the node engine's edge by edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from engines.native.agreement import Lesson
from rules import OPTIMIZERS, REGULARIZERS

import graphnn as gn
from graphnn.engines import matrix
from graphnn.engines.array_descent import Descent, array_form
from graphnn.engines.batches import Batches
from graphnn.engines.descent import Memory, descend
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.state import State
from graphnn.engines.wiring import wire


def network() -> gn.Network:
    """Return a network with a full layer, one with few edges and one that lacks some."""
    rng = np.random.default_rng(0)
    masks = [np.ones((4, 12)), rng.random((13, 12)) < 0.1, rng.random((13, 2)) < 0.8]
    masks[1][0] = rng.random(12) < 0.3
    weights = [rng.normal(size=mask.shape) / 2 for mask in masks]
    return gn.Network.from_matrices(weights, masks, activation=["tanh", "sigmoid", "identity"])


@pytest.fixture
def every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three layers of `network` are held in the three forms."""
    monkeypatch.setattr("graphnn.program.program.SPARSE_ENTRIES", 100)
    monkeypatch.setattr("graphnn.program.program.SPARSE_DENSITY", 0.3)
    assert [one.form for one in gn.compile(network()).layers] == ["dense", "sparse", "masked"]


@pytest.mark.usefixtures("every_form")
@pytest.mark.parametrize("regularizer", REGULARIZERS.values(), ids=REGULARIZERS.keys())
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
class TestRun:
    UPDATES = 6

    @staticmethod
    def lesson(rule: gn.Optimizer, regularizer: Any, dtype: type = np.float64) -> Lesson:
        rng = np.random.default_rng(1)
        X, y, weights = rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.random(7) * 2
        data = X.astype(dtype), y.astype(dtype)
        return Lesson(network(), *data, "squared", rule, regularizer, weights.astype(dtype))

    def batches(self, lesson: Lesson, size: int) -> Batches:
        rng = np.random.default_rng(2)
        rates = 0.05 + 0.1 * rng.random(self.UPDATES)
        rows = rng.integers(0, 7, self.UPDATES * size)
        return lesson.dropping(Batches.of_size(rows, size, rates))

    def run(self, lesson: Lesson, batches: Batches) -> State:
        program = gn.compile(lesson.net, lesson.X.dtype)
        state, loss = State.first(program, lesson.rule), gn.LOSSES["squared"]
        data = lesson.X, lesson.y
        return matrix.run(state, *data, batches, loss, lesson.rules, lesson.weights)

    @pytest.mark.parametrize("size", [1, 3, 7])
    def test_it_stays_as_close_to_the_node_engine_as_rounding_allows(
        self, rule: gn.Optimizer, regularizer: Any, size: int
    ) -> None:
        lesson = self.lesson(rule, regularizer)
        batches = self.batches(lesson, size)
        found, expected = self.run(lesson, batches), lesson.course(batches)[-1]
        assert len(lesson.course(batches)) == self.UPDATES + 1
        close = {"rtol": 1e-12, "atol": 1e-12}
        assert np.allclose(found.program.theta, expected.weights, **close)
        for slot, numbers in zip(found.slots, expected.slots, strict=True):
            assert np.allclose(slot, numbers, **close)
        assert found.counters == expected.counters
        zeros = np.array(expected.weights) == 0
        assert not found.program.theta[zeros].any()  # exactly 0, as the proximal step leaves it

    def test_float32_stays_float32_and_close(self, rule: gn.Optimizer, regularizer: Any) -> None:
        lesson = self.lesson(rule, regularizer, np.float32)
        batches = self.batches(lesson, 3)
        found, expected = self.run(lesson, batches), lesson.course(batches)[-1]
        kinds = {found.program.theta.dtype, *(slot.dtype for slot in found.slots)}
        assert kinds == {np.dtype(np.float32)}
        assert np.allclose(found.program.theta, expected.weights, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("regularizer", REGULARIZERS.values(), ids=REGULARIZERS.keys())
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
def test_of_the_same_gradients_it_makes_the_same_bits(rule: gn.Optimizer, regularizer: Any) -> None:
    # But for the gradient's norm, whose squares BLAS adds in an order of its own.
    net, rules, rng = network(), Rules.of(rule, regularizer), np.random.default_rng(3)
    wiring, program = wire(net.copy()), gn.compile(net)
    memory, state = Memory.first(wiring, rules), State.first(program, rule)
    theta, slots, counters = program.theta.copy(), state.slots, state.counters
    descent = Descent(program, rules)
    for eta in (0.1, 0.25, 0.05, 0.1):
        gradient = rng.normal(size=len(theta)) * (rng.random(len(theta)) < 0.8)
        descend(wiring, gradient.tolist(), eta, rules, memory)
        counters = descent.move(theta, gradient, slots, eta, counters)
        if rules.scalings:
            assert np.allclose(theta, wiring.weights(), rtol=1e-13, atol=1e-15)
        else:
            assert theta.tolist() == wiring.weights()
            rows = zip(*memory.slots, strict=True)
            assert [slot.tolist() for slot in slots] == [list(row) for row in rows]
        assert counters == memory.counters


class TestArrayForm:
    def test_a_rule_s_own_form_is_taken(self) -> None:
        l2 = gn.L2(0.5)
        assert array_form(l2, "derivative") == l2.derivative_array

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_without_one_the_method_is_called_for_each_number(self, dtype: type) -> None:
        @dataclass(frozen=True)
        class Own:
            def derivative(self, w: float) -> float:
                return 1 if w > 0 else w / 2

            def proximal(self, w: float, eta: float) -> float:
                return w - eta

        w = np.array([3.0, -1.0, -0.5], dtype=dtype)
        found = array_form(Own(), "derivative")(w)
        assert (found.tolist(), found.dtype) == ([1.0, -0.5, -0.25], dtype)
        assert array_form(Own(), "proximal")(w, 0.5).tolist() == [2.5, -1.5, -1.0]
        assert w.tolist() == [3.0, -1.0, -0.5]
        assert array_form(Own(), "derivative")(w[:0]).tolist() == []


@dataclass(frozen=True)
class Own(gn.Optimizer):
    """Has no form for arrays."""

    def slots(self) -> dict[str, float]:
        return {"before": 0.0, "count": 0.0}

    def counters(self) -> dict[str, float]:
        return {"updates": 0.0}

    def tick(self, counters: Numbers) -> Numbers:
        return (counters[0] + 1,)

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        eta, updates = step
        moved = weight - eta * (gradient + slots[0]) / updates
        return moved, (gradient, slots[1] + 1)


@dataclass(frozen=True)
class Bare(gn.Optimizer):
    """Has none either, and remembers nothing."""

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return weight - step[0] * gradient / 3, slots


@pytest.mark.parametrize("make", [Own, Bare])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_an_optimizer_without_a_form_for_arrays_runs_number_by_number(
    make: Callable[[], gn.Optimizer], dtype: type
) -> None:
    program, rules = gn.compile(network(), dtype), Rules(make())
    state, rng = State.first(program, rules.optimizer), np.random.default_rng(0)
    theta, counters, slots = program.theta.copy(), state.counters, state.slots
    expected = [(w, tuple(0.0 for _ in slots)) for w in theta.tolist()]
    kept: Numbers = counters
    for eta in (0.5, 0.25):
        g = rng.normal(size=len(theta)).astype(dtype)
        kept = rules.optimizer.tick(kept)
        given = zip(expected, g.tolist(), strict=True)
        moved = [rules.optimizer.update(w, one, some, (eta, *kept)) for (w, some), one in given]
        expected = [(float(dtype(w)), tuple(float(dtype(s)) for s in some)) for w, some in moved]
        counters = Descent(program, rules).move(theta, g, slots, eta, counters)
    assert theta.tolist() == [w for w, _ in expected]
    assert [tuple(row) for row in zip(*(s.tolist() for s in slots), strict=True)] == [
        some for _, some in expected if some
    ]
    assert counters == kept
    assert {theta.dtype, *(slot.dtype for slot in slots)} == {np.dtype(dtype)}


def test_a_network_without_edges_has_nothing_to_move() -> None:
    program = gn.compile(gn.Network([2, 2, 1]))
    for regularizer in REGULARIZERS.values():
        rules = Rules.of(gn.Adam(), regularizer)
        state = State.first(program, rules.optimizer)
        theta, g = program.theta.copy(), np.zeros(0)
        assert Descent(program, rules).move(theta, g, state.slots, 0.1, state.counters)
        assert len(theta) == 0
