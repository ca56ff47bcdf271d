"""Runs by joblib: the results of threads, in processes and on a Dask cluster that fails."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from clusters import failing_cluster
from oracles import weights_of

import graphnn as gn

joblib = pytest.importorskip("joblib")

X = np.random.default_rng(1).normal(size=(12, 2))
Y = np.sign(X[:, :1] * X[:, 1:])


def net() -> gn.Network:
    return gn.Network.dense([2, 3, 1], ["tanh", "tanh"], seed=0)


def trained(**options: Any) -> tuple[gn.TrainingResult, dict, dict]:
    """Return the result, the network's weights, and the state of the generator."""
    one, rng = net(), np.random.default_rng(7)
    given: dict = {"optimizer": gn.Adam(0.02), "epochs": 15, "restarts": 4} | options
    result = gn.train(one, X, Y, seed=rng, **given)
    return result, weights_of(one), rng.bit_generator.state


def assert_same(found: Any, expected: Any) -> None:
    assert [run.history for run in found[0].runs] == [run.history for run in expected[0].runs]
    for one, other in zip(found[0].runs, expected[0].runs, strict=True):
        assert one.program.theta.tolist() == other.program.theta.tolist()
        assert one.stopped_by == other.stopped_by
    assert found[1:] == expected[1:]


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_processes_give_what_threads_give(engine: str, n_jobs: int) -> None:
    options: dict = {"engine": engine, "sample_weight": range(1, 13), "batch_size": 5}
    assert_same(trained(n_jobs=n_jobs, **options), trained(**options))


@pytest.mark.parametrize("backend", ["threading", "sequential"])
def test_a_backend_that_is_set_is_used(
    engine: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, seen = trained(engine=engine), []
    original = joblib.Parallel.__call__

    def watched(parallel: Any, tasks: Any) -> Any:
        seen.append(type(parallel._backend).__name__)
        return original(parallel, tasks)

    monkeypatch.setattr(joblib.Parallel, "__call__", watched)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        assert_same(trained(engine=engine), expected)
    assert seen == [f"{backend.capitalize()}Backend"]
    trained(engine=engine)
    assert len(seen) == 1


def test_functions_of_a_user_s_own_travel() -> None:
    own = gn.Activation("own", lambda a: a / (1 + abs(a)), lambda a, v: (1 - abs(v)) * (1 - abs(v)))

    def one(**options: Any) -> gn.TrainingResult:
        net = gn.Network.dense([2, 3, 1], own, seed=0)
        return gn.train(
            net, X, Y, epochs=3, restarts=2, engine="matrix", callbacks=lambda moment: None,
            **options,
        )  # fmt: skip

    assert [run.losses for run in one(n_jobs=2).runs] == [run.losses for run in one().runs]


def test_held_out_data_and_an_error_travel() -> None:
    options: dict = {"validation": (X[:4], Y[:4]), "engine": "matrix"}
    assert_same(trained(n_jobs=2, **options), trained(**options))
    with pytest.raises(gn.TrainingError, match="training diverged"):
        gn.train(
            gn.Network.dense([2, 1], "identity", seed=0), X * 100, Y, epochs=900,
            optimizer=gn.SGD(9.0), restarts=2, n_jobs=2, engine="matrix",
        )  # fmt: skip


def test_without_joblib_n_jobs_says_what_to_install() -> None:
    code = (
        "import sys, importlib.util as u; f = u.find_spec\n"
        "u.find_spec = lambda n, *r: None if n == 'joblib' else f(n, *r)\n"
        "import graphnn as gn\n"
        "net = gn.Network.dense([1, 1], seed=0)\n"
        "gn.train(net, [[0.0]], [0.0], epochs=1, restarts=2, engine='matrix')\n"
        "try: gn.train(net, [[0.0]], [0.0], epochs=1, restarts=2, n_jobs=2, engine='matrix')\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "n_jobs needs joblib: python -m pip install joblib"


def test_a_dask_cluster_that_loses_a_worker_gives_what_one_process_gives() -> None:
    expected = trained(engine="native", restarts=8, epochs=30_000)
    with failing_cluster("elsewhere"), joblib.parallel_config(backend="dask"):
        found = trained(engine="native", restarts=8, epochs=30_000)
    assert_same(found, expected)
