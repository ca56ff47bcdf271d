"""`Run`: several epochs in one call of the engine are what they are one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.learning import runners

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))


class AfterEpoch:
    """A rule that ends a run after some epochs."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def reason(self, history: Sequence[object]) -> str | None:
        return "enough" if len(history) > self.epoch else None


@pytest.mark.parametrize("stop", [1, 2, 3, 7])
def test_a_rule_ends_the_run_within_several_epochs(
    small: gn.Network, stop: int, updates_at_a_time: Callable[[int], None]
) -> None:
    twin, rng, other = small.copy(), np.random.default_rng(3), np.random.default_rng(3)
    updates_at_a_time(6 * 5)
    leaping = gn.train(small, X, Y, stop=AfterEpoch(stop), seed=rng, engine="native")
    updates_at_a_time(1)
    walking = gn.train(twin, X, Y, stop=AfterEpoch(stop), seed=other, engine="native")
    assert weights_of(small) == weights_of(twin)
    assert leaping.history == walking.history
    assert leaping.stopped_by == "enough"
    assert rng.bit_generator.state == other.bit_generator.state


@pytest.mark.parametrize("bound", [1, 6, 29, 30, 31, 45])
def test_a_bound_on_iterations_is_kept_to_the_step(
    small: gn.Network, bound: int, updates_at_a_time: Callable[[int], None]
) -> None:
    twin = small.copy()
    updates_at_a_time(6 * 4)
    stop = gn.MaxIterations(bound)
    result = gn.train(small, X, Y, stop=stop, engine="native", regularizer=gn.L2(0.01))
    node = gn.train(twin, X, Y, stop=stop, engine="node", regularizer=gn.L2(0.01))
    assert result.history == node.history
    assert result.history[-1].iteration == bound
    assert weights_of(small) == weights_of(twin)


@pytest.mark.parametrize("records", [0, 1, 3])
def test_ctrl_c_while_epochs_are_recorded_keeps_the_weights_of_the_last_record(
    small: gn.Network,
    records: int,
    monkeypatch: pytest.MonkeyPatch,
    updates_at_a_time: Callable[[int], None],
) -> None:
    class Interrupting:
        """A rule during whose question Ctrl-C comes, once."""

        pressed = False

        def reason(self, history: Sequence[object]) -> str | None:
            if len(history) == records + 1 and not self.pressed:
                self.pressed = True
                raise KeyboardInterrupt
            return None

    updates_at_a_time(6 * 5)
    twin = small.copy()
    result = gn.train(small, X, Y, stop=Interrupting(), engine="native")  # type: ignore[arg-type]
    assert result.outcome is gn.Outcome.INTERRUPTED
    assert result.history[-1].epoch == records
    if records:
        gn.train(twin, X, Y, epochs=records, engine="node")
    assert weights_of(small) == weights_of(twin)


def test_divergence_within_several_epochs_is_found_at_its_step(
    updates_at_a_time: Callable[[int], None],
) -> None:
    def diverge(engine: str) -> tuple[str, list[float]]:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        with pytest.raises(gn.TrainingError) as caught:
            gn.train(
                net, [[1.0], [10.0]], [0.0, 0.0], optimizer=gn.SGD(10.0), epochs=500, engine=engine
            )
        return str(caught.value), list(weights_of(net).values())

    updates_at_a_time(100)
    assert diverge("native") == diverge("node")


def test_several_epochs_are_one_call(
    small: gn.Network, monkeypatch: pytest.MonkeyPatch, updates_at_a_time: Callable[[int], None]
) -> None:
    calls = []
    original = runners.NativeRunner.epochs

    def counted(runner: runners.NativeRunner, program: gn.Program, epochs: list) -> object:
        calls.append(len(epochs))
        return original(runner, program, epochs)

    monkeypatch.setattr(runners.NativeRunner, "epochs", counted)
    updates_at_a_time(6 * 8)
    gn.train(small, X, Y, epochs=20, engine="native")
    assert calls == [8, 8, 4]
