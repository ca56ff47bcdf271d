"""Kernels: machine code that is called with arrays."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from engines.native.agreement import Lesson, random_batches

import graphnn as gn
from graphnn.engines.native import engine
from graphnn.engines.native.kernel import Kernel, kernel
from graphnn.engines.native.plan import plan
from graphnn.engines.state import State


def made() -> tuple[Kernel, gn.Network]:
    net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
    return kernel(plan(gn.compile(net), gn.LOSSES["squared"], "propagate")), net


def arguments(one: Kernel, net: gn.Network) -> dict[str, object]:
    from graphnn.engines.native.buffers import buffers

    arrays = buffers(gn.compile(net), gradients=True)
    arrays.place("w", gn.compile(net).theta)
    arrays.records(1)
    found: dict[str, object] = dict(arrays.arrays)
    found |= {"samples": 1, "backwards": 1, "losses": np.zeros(1)}
    return found | {"X": np.ones((1, 2)), "Y": np.ones((1, 1))}


def test_it_fills_the_arrays_that_it_is_given() -> None:
    one, net = made()
    taken = arguments(one, net)
    one(taken)
    trace = gn.backward(net, [1.0, 1.0], 1.0)
    assert taken["all_a1"].tolist() == [trace.a[1, j] for j in (1, 2, 3)]  # type: ignore[attr-defined]
    assert taken["losses"].tolist() == [trace.loss]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("X", np.ones((1, 2), np.float32)),
        ("X", np.ones((1, 4))[:, ::2]),
        ("losses", np.zeros(1, int)),
    ],
)
def test_an_array_of_another_kind_never_reaches_machine_code(name: str, wrong: np.ndarray) -> None:
    one, net = made()
    with pytest.raises(AssertionError, match=name):
        one(arguments(one, net) | {name: wrong})


def test_threads_with_arrays_of_their_own_share_one() -> None:
    net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(9, 2)), rng.normal(size=(9, 1))
    lesson, program = Lesson(net, X, y, "squared"), gn.compile(net)
    state = State.first(program, lesson.rule)
    first = engine.Trainer(program, X, y, gn.LOSSES["squared"], lesson.rules)
    trainers = [first, *(first.twin() for _ in range(3))]
    orders = [random_batches(9, 1, seed) for seed in range(4)]
    found: dict[int, list[float]] = {}

    def work(k: int) -> None:
        for _ in range(20):
            found[k] = trainers[k].run(state, orders[k]).program.theta.tolist()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: lesson.trained(orders[k])[-1] for k in range(4)}
