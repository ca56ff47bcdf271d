"""Batches in chunks and groups of samples: the node engine's numbers for every size of either.

Over matrices; along edges what is particular to them is in `test_edge_chunks`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from engines.native.agreement import (
    Fading,
    Interpreted,
    Lesson,
    assert_trains_alike,
    lowered,
    random_batches,
)
from engines.native.structures import SIZED, Sized
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import chunks, engine, vectors
from graphnn.engines.native.chunks import group_of
from graphnn.engines.native.plan import plan
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss

LOOPS = ["dense", "edges"]
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 20, 33]


class TestGroups:
    @pytest.mark.parametrize("batch", range(1, 300))
    def test_a_group_wastes_little(self, batch: int) -> None:
        group = group_of(batch)
        assert group in (1, 2, 4, 8)
        assert -(-batch // group) * group <= 1.25 * batch

    @pytest.mark.parametrize("batch", [8, 16, 32, 64, 100, 256, 1000])
    def test_usual_batches_take_eight(self, batch: int) -> None:
        assert group_of(batch) == 8


@pytest.fixture(scope="class")
def interpreted() -> Iterator[None]:
    """Kernels are the generated source itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "kernel", Interpreted)
        yield


WAYS: dict[str, dict[tuple[object, str], object]] = {
    "as it is": {},
    "chunks of few": {(engine, "CHUNK"): 8},
    "matrices in blocks, long sums": {
        (chunks, "BLOCK_ENTRIES"): 1,
        (chunks, "BLOCK_ROWS"): 4,
        (chunks, "LONG"): 1,
        (chunks, "TERMS"): 2,
        (engine, "CHUNK"): 16,
    },
    "wide vectors": {
        (vectors, "WIDE_COLUMNS"): 1,
        (vectors, "NARROW"): 1,
        (vectors, "_has_wide_vectors"): lambda: True,
    },
    "nothing filled up": {(vectors, "FILLED_ENTRIES"): 0},
}


@pytest.fixture(scope="class", params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """As small and large nets, and different processors, have it."""
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in WAYS[request.param].items():
            patch.setattr(module, name, value)
        yield


@pytest.mark.usefixtures("interpreted", "way")
class TestSource:
    @given(cases(), st.sampled_from(SIZES), st.sampled_from([0.1, 1.0]), st.booleans())
    def test_it_equals_the_node_engine(
        self, case: Case, size: int, eta: float, decays: bool
    ) -> None:
        decay = gn.L2(0.1, constants=False) if decays else None
        lesson = Lesson(case.net, case.X, case.y, case.loss, gn.SGD(eta), decay)
        assert_trains_alike(lesson, random_batches(len(case.X), size, 0, eta), "dense")

    @pytest.mark.parametrize("loops", LOOPS)
    @given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.sampled_from(SIZES))
    def test_batches_of_any_sizes_may_follow_each_other(
        self, loops: str, sizes: list[int], planned: int
    ) -> None:
        net = gn.Network.dense([3, 5, 2], activation="tanh", seed=0)
        rng = np.random.default_rng(0)
        lesson = Lesson(net, rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), "squared")
        batches = Batches.of([rng.integers(0, 9, size) for size in sizes], 0.1)
        rest = (gn.LOSSES["squared"], lesson.rules)
        state = State.first(lowered(net, loops), lesson.rule)
        data = state.program, lesson.X, lesson.y
        trainer = engine.Trainer(*data, *rest, batch=max(2, planned))
        found = trainer.run(state, batches).program.theta
        assert found.tolist() == lesson.trained(batches)[-1]

    def test_a_rule_that_moves_weights_without_a_gradient(self) -> None:
        rng = np.random.default_rng(0)
        net = gn.Network.dense([3, 5, 2], activation="relu", seed=0)
        rule = Fading(0.1)
        lesson = Lesson(net, rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), "squared", rule)
        assert_trains_alike(lesson, random_batches(9, 8, 0), "dense")


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("regularizer", [None, gn.L2(0.1)], ids=["", "L2"])
@pytest.mark.parametrize("sized", SIZED, ids=str)
def test_compiled_it_equals_the_node_engine(
    sized: Sized, regularizer: gn.L2 | None, loops: str
) -> None:
    lesson = sized.structure.lesson()
    lesson = Lesson(lesson.net, lesson.X, lesson.y, lesson.loss, gn.SGD(0.01), regularizer)
    batches = random_batches(len(lesson.X), sized.size, 0, 0.01)[:6]
    assert len(lesson.trained(batches)) == len(batches) + 1, "the node engine overflowed"
    assert_trains_alike(lesson, batches, loops)


@pytest.mark.parametrize("sized", SIZED[1:3], ids=str)
def test_fused_it_stays_close(sized: Sized) -> None:
    lesson = sized.structure.lesson()
    batches = random_batches(len(lesson.X), sized.size, 0, 0.01)[:6]
    loss, rules = resolve_loss(lesson.loss), Rules(gn.SGD())
    state = State.first(lowered(lesson.net, "dense"), rules.optimizer)
    assert plan(state.program, loss, "batches", rules, fastmath=True).fused
    given = state, lesson.X, lesson.y, batches, loss, rules
    found, exact = (engine.run(*given, fastmath=fast).program.theta for fast in (True, False))
    assert np.allclose(found, exact, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("size", [2, 8])
def test_a_batch_without_samples_is_refused(size: int) -> None:
    trainer, state = two_by_two(size)
    rows = np.array([], dtype=np.intp)
    with pytest.raises(ValueError, match="would never end"):
        trainer.run(state, Batches.of([rows], 0.1))


def test_what_was_planned_for_steps_takes_no_batch() -> None:
    trainer, state = two_by_two(1)
    with pytest.raises(ValueError, match="is no step"):
        trainer.run(state, Batches.of([np.array([0, 1])], 0.1))


def two_by_two(size: int) -> tuple[engine.Trainer, State]:
    program = lowered(gn.Network.dense([2, 2], seed=0), "dense")
    rules, data = Rules(gn.SGD()), np.ones((3, 2))
    trainer = engine.Trainer(program, data, data, gn.LOSSES["squared"], rules, batch=size)
    return trainer, State.first(program, rules.optimizer)
