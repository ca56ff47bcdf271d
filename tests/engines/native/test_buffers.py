"""Arrays between a program's parameters and a kernel: what goes in comes out."""

from __future__ import annotations

import numpy as np
import pytest
from engines.native.agreement import lowered
from hypothesis import given
from strategies import networks

import graphnn as gn
from graphnn.engines.native.buffers import buffers
from graphnn.engines.native.loops import Task
from graphnn.engines.native.plan import plan
from graphnn.engines.rules import Rules

LOOPS = ["dense", "edges"]


@pytest.mark.parametrize("loops", LOOPS)
@given(networks())
def test_parameters_slots_and_gradients_come_out_as_they_went_in(
    loops: str, net: gn.Network
) -> None:
    program = lowered(net, loops)
    made = buffers(program, gradients=True)
    made.place("w", program.theta)
    assert np.array_equal(made.take("w"), program.theta)
    other = np.arange(1.0, len(program.theta) + 1)
    made.place("w", other)
    made.place("slot_mean_", -other)
    made.place("slot_square_", 2 * other)
    assert np.array_equal(made.take("w"), other)
    assert np.array_equal(made.take("slot_mean_"), -other)
    assert np.array_equal(made.take("slot_square_"), 2 * other)
    assert not made.take("gradient").any()


@pytest.mark.parametrize("loops", LOOPS)
@given(networks())
def test_what_was_taken_does_not_change_when_other_numbers_are_placed(
    loops: str, net: gn.Network
) -> None:
    program = lowered(net, loops)
    made = buffers(program, gradients=False)
    first = np.arange(1.0, len(program.theta) + 1)
    for name in ("w", "slot_mean_"):
        made.place(name, first)
        taken = made.take(name)
        made.place(name, -first)
        assert np.array_equal(taken, first)
        assert np.array_equal(made.take(name), -first)
    assert np.array_equal(first, np.arange(1.0, len(program.theta) + 1))


@pytest.mark.parametrize("loops", LOOPS)
@given(networks())
def test_what_epochs_kept_comes_out_as_parameters(loops: str, net: gn.Network) -> None:
    program = lowered(net, loops)
    made = buffers(program, gradients=False)
    rows = []
    thetas = [program.theta, np.arange(1.0, len(program.theta) + 1)]
    for theta in thetas:
        made.place("w", theta)
        weights = sorted(name for name in made.arrays if name[0] == "w")
        rows.append(np.concatenate([made.arrays[name] for name in weights]))
    assert made.entries == len(rows[0])
    assert np.array_equal(made.kept(np.array(rows)), thetas)


@given(networks())
def test_where_no_edge_is_matrices_hold_zero(net: gn.Network) -> None:
    program = lowered(net, "dense")
    made = buffers(program, gradients=False)
    made.place("slot_mean_", program.theta)
    for array in made.arrays.values():
        if isinstance(array, np.ndarray) and array.dtype == np.float64:
            array[:] = np.where(array == 0, 7.0, array) if array.size else array
    for name in ("w", "slot_mean_"):
        made.place(name, program.theta)
        for t, matrix in enumerate(program.matrices(), start=1):
            rows, columns = matrix.shape
            laid_out = made.arrays[f"{name}{t}"].reshape(rows, -1)
            assert np.array_equal(laid_out[:, :columns], matrix)
            assert not laid_out[:, columns:].any()


MANY = [gn.ElasticNet(0.1), gn.MaxNorm(1.0), gn.ClipNorm(1.0), gn.Dropout(0.5, inputs=0.5)]


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("task", ["steps", "batches", "propagate"])
@pytest.mark.parametrize("loss", ["squared", "softmax_cross_entropy"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_array_that_the_source_names_is_there_in_its_kind(
    loops: str, task: Task, loss: str, dtype: type
) -> None:
    net = gn.Network.dense([3, 4, 2], activation=["tanh", "identity"], seed=0)
    net.remove_edge((0, 1), (1, 2))
    program = lowered(net, loops, dtype)
    for rules in (Rules(gn.SGD()), Rules.of(gn.AMSGrad(), MANY if task == "batches" else None)):
        given = None if task == "propagate" else rules
        kinds = plan(program, gn.LOSSES[loss], task, given, weighted=True).kinds
        masked = rules.masked_layers(program.depth)
        made = buffers(program, masked=masked, gradients=task != "steps")
        for name in ("w", *(f"slot_{slot}_" for slot in rules.optimizer.slots())):
            made.place(name, program.theta)
        made.records(5)
        assert_are_there(kinds, made.arrays, dtype)


def assert_are_there(kinds: tuple[tuple[str, str], ...], arrays: dict, dtype: type) -> None:
    expected = {"real*": dtype, "float64[]": float, "int64*": np.int64, "int32*": np.int32}
    calls = {"epochs", "ends", "bounds", "picked", "samples", "X", "Y", "rates", "numbers",
             "losses", "keeps", "kept", "backwards", "weights", "masks", "counting"}  # fmt: skip
    for name, kind in kinds:
        if name not in calls and kind != "int":
            assert arrays[name].dtype == expected[kind], name
            assert arrays[name].flags.c_contiguous, name


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_begin_a_line_of_the_processor_s_cache(loops: str, dtype: type) -> None:
    program = lowered(gn.Network.dense([3, 5, 2], seed=0), loops, dtype)
    made = buffers(program, gradients=True)
    made.place("w", program.theta)
    made.place("slot_mean_", program.theta)
    names = ["w1", "gradient1", "gradient2", "slot_mean_1"]
    names = ["w", "gradient", "slot_mean_"] if loops == "edges" else names
    assert all(made.arrays[name].ctypes.data % 64 == 0 for name in names)
