"""Callbacks: what they see, and how they end a run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))


@pytest.fixture(params=[2, 600])
def pace(request: pytest.FixtureRequest, updates_at_a_time: Callable[[int], None]) -> int:
    updates_at_a_time(request.param)
    return int(request.param)


def test_a_callback_sees_every_epoch_and_changes_nothing(
    small: gn.Network, engine: str, pace: int
) -> None:
    twin, moments = small.copy(), list[gn.Moment]()
    result = gn.train(small, X, Y, epochs=9, engine=engine, callbacks=moments.append)
    plain = gn.train(twin, X, Y, epochs=9, engine=engine)
    assert [moment.record for moment in moments] == list(result.history) == list(plain.history)
    assert [moment.epoch for moment in moments] == list(range(10))
    assert [moment.iteration for moment in moments] == [6 * k for k in range(10)]
    assert moments[-1].theta.tolist() == result.program.theta.tolist()
    assert {moment.run for moment in moments} == {0}
    assert weights_of(small) == weights_of(twin)


def test_norms_are_those_of_the_layers(small: gn.Network, engine: str, pace: int) -> None:
    moments = list[gn.Moment]()
    gn.train(small, X, Y, epochs=4, engine=engine, callbacks=[moments.append])
    last = gn.compile(small)
    expected = [float(np.linalg.norm(w)) for w in last.matrices()]
    assert np.allclose(moments[-1].weight_norms, expected, rtol=1e-12)
    gradient = [float(np.linalg.norm(g)) for g in last.gradient(X, Y)[1]]
    assert np.allclose(moments[-1].gradient_norms, gradient, rtol=1e-12)
    assert not np.allclose(moments[0].weight_norms, expected, rtol=1e-3)


def test_weights_of_samples_enter_the_gradient(small: gn.Network) -> None:
    moments = list[gn.Moment]()
    counts = [1, 0, 2, 0, 0, 3]
    gn.train(small, X, Y, epochs=1, engine="matrix", callbacks=moments.append, sample_weight=counts)
    rows = np.repeat(np.arange(6), counts)
    gradient = gn.compile(small).gradient(X[rows], Y[rows])[1]
    expected = [float(np.linalg.norm(g)) for g in gradient]
    assert np.allclose(moments[-1].gradient_norms, expected, rtol=1e-12)


@pytest.mark.parametrize(("answer", "words"), [(True, "callback enough"), ("that will do",) * 2])
def test_a_true_answer_ends_the_run(
    small: gn.Network, engine: str, pace: int, answer: object, words: str
) -> None:
    def enough(moment: gn.Moment) -> object:
        return answer if moment.epoch == 5 else None

    twin, rng, other = small.copy(), np.random.default_rng(0), np.random.default_rng(0)
    calls = list[int]()
    result = gn.train(
        small, X, Y, epochs=9, engine=engine, seed=rng, optimizer=gn.Adam(0.01),
        callbacks=[enough, lambda moment: calls.append(moment.epoch)],  # type: ignore[list-item]
    )  # fmt: skip
    assert (result.outcome, result.stopped_by) == (gn.Outcome.STOPPED, words)
    assert calls == list(range(6))
    gn.train(twin, X, Y, epochs=5, engine=engine, seed=other, optimizer=gn.Adam(0.01))
    assert weights_of(small) == weights_of(twin)
    assert rng.bit_generator.state == other.bit_generator.state


def test_an_error_in_a_callback_leaves_the_network_as_it_was(
    small: gn.Network, engine: str
) -> None:
    def fail(moment: gn.Moment) -> None:
        if moment.epoch == 3:
            raise RuntimeError("no")

    before = small.copy()
    with pytest.raises(RuntimeError, match="no"):
        gn.train(small, X, Y, epochs=9, engine=engine, callbacks=fail)
    assert small == before


def test_restarts_say_which_run_it_is() -> None:
    net = gn.Network.dense([2, 3, 2], "tanh", seed=0)
    seen = set()
    gn.train(
        net, X, Y, epochs=3, restarts=4, callbacks=lambda m: seen.add((m.run, m.epoch)),
        engine="matrix",
    )  # fmt: skip
    assert seen == {(run, epoch) for run in range(4) for epoch in range(4)}


def test_what_cannot_be_called_is_refused(small: gn.Network) -> None:
    with pytest.raises(TypeError, match="callbacks has 3"):
        gn.train(small, X, Y, callbacks=[3])  # type: ignore[list-item]
