"""Arrays between a program's parameters and a kernel: what goes in comes out."""

from __future__ import annotations

import numpy as np
import pytest
from engines.native.agreement import lowered
from hypothesis import given
from strategies import networks

import graphnn as gn
from graphnn.engines.native.buffers import buffers
from graphnn.engines.native.plan import plan

LOOPS = ["dense", "edges"]


@pytest.mark.parametrize("loops", LOOPS)
@given(networks())
def test_parameters_and_gradients_come_out_as_they_went_in(loops: str, net: gn.Network) -> None:
    program = lowered(net, loops)
    made = buffers(program, gradients=True)
    made.place(program.theta)
    assert np.array_equal(made.take("w"), program.theta)
    other = np.arange(1.0, len(program.theta) + 1)
    made.place(other)
    assert np.array_equal(made.take("w"), other)
    assert not made.take("gradient").any()


@pytest.mark.parametrize("loops", LOOPS)
@given(networks())
def test_what_epochs_kept_comes_out_as_parameters(loops: str, net: gn.Network) -> None:
    program = lowered(net, loops)
    made = buffers(program, gradients=False)
    rows = []
    thetas = [program.theta, np.arange(1.0, len(program.theta) + 1)]
    for theta in thetas:
        made.place(theta)
        weights = sorted(name for name in made.arrays if name[0] == "w")
        rows.append(np.concatenate([made.arrays[name] for name in weights]))
    assert made.entries == len(rows[0])
    assert np.array_equal(made.kept(np.array(rows)), thetas)


@given(networks())
def test_where_no_edge_is_matrices_hold_zero(net: gn.Network) -> None:
    program = lowered(net, "dense")
    made = buffers(program, gradients=False)
    for array in made.arrays.values():
        if isinstance(array, np.ndarray) and array.dtype == np.float64:
            array[:] = np.where(array == 0, 7.0, array) if array.size else array
    made.place(program.theta)
    for t, matrix in enumerate(program.matrices(), start=1):
        rows, columns = matrix.shape
        laid_out = made.arrays[f"w{t}"].reshape(rows, -1)
        assert np.array_equal(laid_out[:, :columns], matrix)
        assert not laid_out[:, columns:].any()


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("task", ["steps", "batches", "propagate"])
@pytest.mark.parametrize("loss", ["squared", "softmax_cross_entropy"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_array_that_the_source_names_is_there_in_its_kind(
    loops: str, task: str, loss: str, dtype: type
) -> None:
    net = gn.Network.dense([3, 4, 2], activation=["tanh", "identity"], seed=0)
    net.remove_edge((0, 1), (1, 2))
    program = lowered(net, loops, dtype)
    rule = None if task == "propagate" else gn.SGD()
    kinds = plan(program, gn.LOSSES[loss], task, rule).kinds  # type: ignore[arg-type]
    made = buffers(program, gradients=task != "steps")
    made.place(program.theta)
    made.records(5)
    expected = {"real*": dtype, "float64[]": float, "int64*": np.int64, "int32*": np.int32}
    calls = {"epochs", "ends", "bounds", "picked", "samples", "X", "Y", "numbers", "losses",
             "keeps", "kept", "backwards"}  # fmt: skip
    for name, kind in kinds:
        if name not in calls and kind != "int":
            assert made.arrays[name].dtype == expected[kind], name
            assert made.arrays[name].flags.c_contiguous, name


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_begin_a_line_of_the_processor_s_cache(loops: str, dtype: type) -> None:
    program = lowered(gn.Network.dense([3, 5, 2], seed=0), loops, dtype)
    made = buffers(program, gradients=True)
    made.place(program.theta)
    names = ["w", "gradient"] if loops == "edges" else ["w1", "gradient1", "gradient2"]
    assert all(made.arrays[name].ctypes.data % 64 == 0 for name in names)
