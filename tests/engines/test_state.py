"""States: what updates change is carried from one run to the next, in every engine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engines.native.agreement import Interpreted

import graphnn as gn
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.native import engine as native
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.learning.engines import Choice
from graphnn.learning.runners import NativeRunner, Runner, Setting, runners

OPTIMIZERS = [
    gn.SGD(), gn.Momentum(), gn.Nesterov(), gn.Adagrad(), gn.RMSprop(), gn.Adam(), gn.AMSGrad(),
    gn.AdamW(), gn.Rprop(),
]  # fmt: skip


def network() -> gn.Network:
    net = gn.Network.dense([3, 5, 2], activation=["tanh", "identity"], seed=1)
    net.remove_edge((0, 1), (1, 2))
    return net


def setting(rules: Rules, dtype: Any = np.float64, size: int = 2) -> Setting:
    net, rng = network(), np.random.default_rng(0)
    X, y = rng.normal(size=(7, 3)).astype(dtype), rng.normal(size=(7, 2)).astype(dtype)
    program, loss = gn.compile(net, dtype), gn.LOSSES["squared"]
    return Setting(net, program, X, y, loss, rules, batch_size=size, fastmath=False)


def batches(count: int, size: int = 2) -> Batches:
    """Return batches, each with a learning rate of its own."""
    rows = np.random.default_rng(1).integers(0, 7, count * size)
    return Batches.of_size(rows, size, 0.1 / np.arange(1, count + 1))


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels are the generated source itself."""
    monkeypatch.setattr(native, "kernel", Interpreted)


def runner(engine: str, given: Setting) -> Runner:
    return runners(Choice(engine), given)[1]()


def numbers(state: State) -> tuple[Any, ...]:
    slots = [slot.tolist() for slot in state.slots]
    return state.program.theta.tolist(), slots, state.counters


class TestFirst:
    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    @pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
    def test_slots_have_a_number_for_each_parameter_and_begin_as_the_optimizer_says(
        self, rule: gn.Optimizer, dtype: type
    ) -> None:
        program = gn.compile(network(), dtype)
        state = State.first(program, rule)
        assert state.program is program
        assert len(state.slots) == len(rule.slots())
        for slot, value in zip(state.slots, rule.slots().values(), strict=True):
            assert slot.shape == program.theta.shape
            assert slot.dtype == dtype
            assert (slot == dtype(value)).all()
        assert state.counters == tuple(rule.counters().values())
        assert all(type(counter) is float for counter in state.counters)

    def test_slots_are_arrays_of_their_own(self) -> None:
        state = State.first(gn.compile(network()), gn.Adam())
        assert not np.shares_memory(*state.slots)


class TestAfter:
    def test_weights_that_are_moved_are_copied(self) -> None:
        state = State.first(gn.compile(network()), gn.Momentum())
        theta, slot = np.ones_like(state.program.theta), np.zeros_like(state.program.theta)
        after = state.moved(theta, (slot,), (0.5,))
        theta[0] = 7.0
        assert after.program.theta.tolist() == [1.0] * len(theta)
        assert after.program.version == state.program.version
        assert (after.slots, after.counters) == ((slot,), (0.5,))

    def test_weights_that_are_handed_over_are_not(self) -> None:
        state = State.first(gn.compile(network()), gn.SGD())
        theta = np.ones_like(state.program.theta)
        assert state.handed(theta, (), ()).program.theta is theta


@pytest.mark.usefixtures("no_compiler")
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
class TestTwoRuns:
    @pytest.mark.parametrize("size", [1, 2])
    def test_two_runs_are_one(self, engine: str, rule: gn.Optimizer, size: int) -> None:
        given, rows = setting(Rules(rule), size=size), batches(12, size)
        one, start = runner(engine, given), State.first(given.program, rule)
        half = one.run(start, rows[:6])
        assert numbers(one.run(half, rows[6:])) == numbers(one.run(start, rows))
        # Without what was remembered it would be another run.
        bare = one.run(State.first(half.program, rule), rows[6:])
        remembers = bool(rule.slots() or rule.counters())
        assert (numbers(bare) != numbers(one.run(half, rows[6:]))) is remembers

    def test_pieces_of_any_length_are_one(self, engine: str, rule: gn.Optimizer) -> None:
        given, rows = setting(Rules(rule)), batches(10)
        one, state = runner(engine, given), State.first(given.program, rule)
        expected = one.run(state, rows)
        for begin, end in pairwise([0, 1, 1, 4, 10, 10]):
            state = one.run(state, rows[begin:end])
        assert numbers(state) == numbers(expected)

    def test_it_is_so_with_regularizers_and_masks_in_float32(
        self, engine: str, rule: gn.Optimizer
    ) -> None:
        several = [gn.ElasticNet(0.01), gn.MaxNorm(1.0), gn.ClipNorm(1.0), gn.Dropout(0.5)]
        given = setting(Rules.of(rule, several), np.float32)
        one, start = runner(engine, given), State.first(given.program, rule)
        plain = batches(12)
        masks = 2 * np.random.default_rng(2).integers(0, 2, (24, 5)).astype(np.float32)
        rows = Batches(plain.rows, plain.bounds, plain.rates, masks)
        half = one.run(start, rows[:5])
        assert numbers(one.run(half, rows[5:])) == numbers(one.run(start, rows))
        assert {half.program.theta.dtype, *(slot.dtype for slot in half.slots)} == {
            np.dtype(np.float32)
        }

    def test_a_run_leaves_the_state_that_it_began_with(
        self, engine: str, rule: gn.Optimizer
    ) -> None:
        given, rows = setting(Rules(rule)), batches(6)
        one, start = runner(engine, given), State.first(given.program, rule)
        first = numbers(start)
        half = one.run(start, rows[:3])
        middle = numbers(half)
        one.run(half, rows[3:])
        one.loss(given.program)
        assert numbers(start) == first
        assert numbers(half) == middle

    def test_an_epoch_after_the_other_is_one_run(self, rule: gn.Optimizer) -> None:
        given, rows = setting(Rules(rule)), batches(12)
        one, start = runner("native", given), State.first(given.program, rule)
        assert isinstance(one, NativeRunner)
        expected = one.run(start, rows)
        whole, _, kept = one.epochs(start, Epochs(rows, np.array([4, 8, 12])))
        assert numbers(whole) == numbers(expected)
        half, _, some = one.epochs(start, Epochs(rows[:4], np.array([4])))
        rest, _, more = one.epochs(half, Epochs(rows[4:], np.array([4, 8])))
        assert numbers(rest) == numbers(expected)
        assert np.array_equal(np.concatenate([some, more]), kept)


@pytest.mark.parametrize("size", [1, 2])
def test_two_runs_of_compiled_code_are_one(size: int) -> None:
    given, rows = setting(Rules(gn.AMSGrad()), size=size), batches(300, size)
    one, start = runner("native", given), State.first(given.program, gn.AMSGrad())
    half = one.run(start, rows[:100])
    assert numbers(one.run(half, rows[100:])) == numbers(one.run(start, rows))
    by_node = runner("node", given).run(start, rows)
    assert numbers(one.run(start, rows)) == numbers(by_node)
