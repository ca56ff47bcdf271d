"""The generated source of both forms, run as plain Python, against the node engine."""

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
    lowered,
    random_batches,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.descent import Memory
from graphnn.engines.native import dense, engine
from graphnn.engines.rules import Rules
from graphnn.engines.sample import Sample
from graphnn.engines.state import State
from graphnn.engines.wiring import wire
from graphnn.program.program import Program

LOOPS = ["dense", "edges"]
REGULARIZERS = st.one_of(
    st.none(), st.builds(gn.L2, st.sampled_from([0.0, 0.01, 0.3]), constants=st.booleans())
)
RULES = st.sampled_from([0.003, 0.1, 1.0]).map(gn.SGD)
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module", autouse=True)
def no_compiler() -> Iterator[None]:
    """Kernels are the generated source itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "kernel", Interpreted)
        yield


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "as if it were large"])
def large(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether rows of zeros are left out and hidden sums made four at a time, as in large ones."""
    with pytest.MonkeyPatch.context() as patch:
        for threshold in ("SKIP_ENTRIES", "SKIP_COLUMNS", "LONG") if request.param else ():
            patch.setattr(dense, threshold, 1)
        yield request.param


@given(cases(), st.integers(1, 3), RULES, REGULARIZERS, SEEDS)
def test_training_over_matrices_equals_the_node_engine(
    large: bool, case: Case, size: int, rule: gn.SGD, regularizer: gn.L2 | None, seed: int
) -> None:
    lesson = Lesson(case.net, case.X, case.y, case.loss, rule, regularizer)
    assert_trains_alike(lesson, random_batches(len(case.X), size, seed, rule.first_eta), "dense")


@given(cases(), st.integers(1, 3), RULES, REGULARIZERS, SEEDS)
def test_training_along_edges_equals_the_node_engine(
    case: Case, size: int, rule: gn.SGD, regularizer: gn.L2 | None, seed: int
) -> None:
    lesson = Lesson(case.net, case.X, case.y, case.loss, rule, regularizer)
    assert_trains_alike(lesson, random_batches(len(case.X), size, seed, rule.first_eta), "edges")


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("rule", [gn.SGD(0.1), Fading(0.1)])
@pytest.mark.parametrize("regularizer", [None, gn.L2(0.1), gn.L2(0.1, constants=False)])
def test_zeros_among_inputs_and_values_stop_no_weight_that_moves(
    large: bool, loops: str, size: int, rule: gn.SGD | Fading, regularizer: gn.L2 | None
) -> None:
    rng = np.random.default_rng(0)
    masks = [rng.random(shape) < 0.7 for shape in ((7, 6), (7, 4), (5, 2))]
    net = gn.Network.from_matrices(
        [rng.normal(size=mask.shape) for mask in masks], masks, activation=["relu", "relu", "tanh"]
    )
    X = rng.normal(size=(6, 6)) * (rng.random((6, 6)) < 0.5)
    lesson = Lesson(net, X, rng.normal(size=(6, 2)), "squared", rule, regularizer)
    assert not all(v for n, v in gn.forward(net, X[0]).v.items() if 0 < n[0] < net.depth)
    assert_trains_alike(lesson, random_batches(6, size, 0), loops)


@pytest.mark.parametrize("loops", LOOPS)
@given(cases(), st.sampled_from([1.0, 1e-160, 1e30]))
def test_every_number_of_a_pass_equals_the_node_engine_s(
    loops: str, case: Case, scale: float
) -> None:
    assert_propagates_alike(case.net, case.X * scale, case.y, case.loss, loops)


def first_state(program: Program) -> State:
    return State.first(program, gn.SGD())


def trainer_of(lesson: Lesson, program: Program, size: int) -> engine.Trainer:
    loss = gn.LOSSES["squared"]
    return engine.Trainer(program, lesson.X, lesson.y, loss, lesson.rules, batch=size)


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("size", [1, 2])
class TestEpochs:
    @staticmethod
    def lesson() -> Lesson:
        net = gn.Network.dense([2, 3, 2], activation=["tanh", "identity"], seed=0)
        net.remove_edge((0, 1), (1, 2))
        rng = np.random.default_rng(0)
        return Lesson(net, rng.normal(size=(6, 2)), rng.normal(size=(6, 2)), "squared")

    def test_an_epoch_without_a_batch_leaves_the_weights_and_has_their_loss(
        self, loops: str, size: int
    ) -> None:
        lesson = self.lesson()
        batches = random_batches(6, size, 0)
        expected = lesson.trained(batches[:4])
        program = lowered(lesson.net, loops)
        trainer = trainer_of(lesson, program, size)
        cuts = [(0, 0), (0, 3), (3, 3), (3, 4), (4, 4)]
        taken = Batches.of([batch for begin, end in cuts for batch in batches[begin:end]], 0.1)
        ends = np.cumsum([end - begin for begin, end in cuts])
        _, losses, kept = trainer.epochs(first_state(program), Epochs(taken, ends))
        assert np.array_equal(kept, [expected[end] for _, end in cuts])
        assert losses.tolist() == [lesson.total_loss(expected[end]) / 6 for _, end in cuts]

    def test_what_was_trained_before_leaves_no_trace(self, loops: str, size: int) -> None:
        lesson = self.lesson()
        batches = random_batches(6, size, 0)
        program = lowered(lesson.net, loops)
        trainer = trainer_of(lesson, program, size)
        orders = [batches[:7], batches[3:], batches[:7]]
        found = []
        for rows in orders:
            found.append(trainer.run(first_state(program), rows).program)
            initial = lesson.total_loss(program.theta.tolist())
            assert trainer.loss(program, lesson.X, lesson.y) == initial
        # The first programs must not have changed with the later runs.
        expected = [lesson.trained(rows)[-1] for rows in orders]
        assert [one.theta.tolist() for one in found] == expected

    def test_a_run_that_overflowed_leaves_no_trace(self, loops: str, size: int) -> None:
        lesson = self.lesson()
        program = lowered(lesson.net, loops)
        steep = Lesson(lesson.net, lesson.X, lesson.y, "squared", gn.SGD(1000.0))
        trainer = trainer_of(steep, program, size)
        rows = np.zeros(500 * size, dtype=np.intp)
        state = first_state(program)
        overflowed = trainer.run(state, Batches.of_size(rows, size, 1000.0)).program
        assert not np.isfinite(overflowed.theta).all()
        batches = random_batches(6, size, 0, 1000.0)[:1]
        assert trainer.run(state, batches).program.theta.tolist() == steep.trained(batches)[-1]
        initial = lesson.total_loss(program.theta.tolist())
        assert trainer.loss(program, lesson.X, lesson.y) == initial

    def test_a_twin_has_arrays_of_its_own(self, loops: str, size: int) -> None:
        lesson = self.lesson()
        batches = random_batches(6, size, 0)
        program = lowered(lesson.net, loops)
        trainer = trainer_of(lesson, program, size)
        state = first_state(program)
        first = trainer.run(state, batches[:5])
        second = trainer.twin().run(state, batches)
        expected = lesson.trained(batches)
        assert first.program.theta.tolist() == expected[5]
        assert second.program.theta.tolist() == expected[-1]
        assert trainer.run(state, batches).program.theta.tolist() == expected[-1]


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("size", [1, 2])
def test_an_absent_edge_takes_no_part_even_where_its_gradient_would_overflow(
    loops: str, size: int
) -> None:
    net = gn.Network([2, 2], activation="identity")
    net.add_weighted_edges_from(
        [((0, 0), (1, 1), 0.0), ((0, 1), (1, 1), 0.0), ((0, 1), (1, 2), 0.0)]
    )
    # delta of (1, 1) is -1e200 and the input (0, 2), from which no edge leads there, is 1e200.
    wiring = wire(net.copy())
    rows = np.zeros(size, dtype=np.intp)
    loss, rules = gn.LOSSES["squared"], Rules(gn.SGD())
    samples = [Sample([1.0, 1e200], [1e200, 0.0])]
    memory = Memory.first(wiring, rules)
    node.run(wiring, samples, [(rows.tolist(), 0.1, ())], loss, rules, memory)
    assert np.isfinite(wiring.weights()).all()
    X, y = np.array([[1.0, 1e200]]), np.array([[1e200, 0.0]])
    state = first_state(lowered(net, loops))
    found = engine.run(state, X, y, Batches.of([rows], 0.1), loss, rules)
    assert found.program.theta.tolist() == wiring.weights()
