"""`engine="auto"`: which engine runs, and what the result says of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphnn as gn
from graphnn.engines.native import compiler
from graphnn.engines.native.kernel import kernel
from graphnn.learning import engines
from graphnn.learning.engines import choose

X = np.random.default_rng(1).normal(size=(20, 2))
Y = X[:, :1] * X[:, 1:]


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SECONDS", 0.0)


def train(net: gn.Network, **options: object) -> gn.TrainingResult:
    return gn.train(net, X, Y, epochs=2, **options)  # type: ignore[arg-type]


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense([2, 3, 1], ["tanh", "identity"], seed=0)


@pytest.mark.parametrize("name", ["node", "matrix", "native"])
def test_an_engine_that_is_asked_for_runs(net: gn.Network, name: str) -> None:
    result = train(net, engine=name)
    assert result.engine == name
    assert str(result).startswith(f"{name} engine, 2 epochs")
    assert "chosen" not in str(result)


def test_single_samples_go_to_the_native_engine(net: gn.Network) -> None:
    result = train(net)
    assert result.engine == "native (auto: one sample an update)"
    assert str(result).endswith("engine chosen by auto: one sample an update")


def test_large_batches_go_to_the_matrix_engine() -> None:
    program = gn.compile(gn.Network.dense([2, 300, 1], seed=0))  # 1201 weights
    assert choose("auto", program, 11_656, 1000) == ("native", "batches of 11656")
    assert choose("auto", program, 11_657, 1000) == ("matrix", "batches of 11657")


def test_small_batches_go_to_the_native_engine_however_large_the_net() -> None:
    program = gn.compile(gn.Network.dense([999, 900, 2], seed=0))  # 901,802 weights
    assert choose("auto", program, 16, 1000) == ("native", "batches of 16")
    assert choose("auto", program, 17, 1000) == ("matrix", "batches of 17")


def test_little_work_goes_to_the_matrix_engine(
    net: gn.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SECONDS", 1.0)
    assert train(net).engine == "matrix (auto: too little work to compile for)"


def test_without_numba_it_is_the_matrix_engine(
    net: gn.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    monkeypatch.setattr(compiler, "find_spec", lambda name: None)
    kernel.cache_clear()
    assert train(net).engine == "matrix (auto: Numba is not installed)"
    with pytest.raises(gn.EngineUnavailable, match="python -m pip install numba"):
        train(net, engine="native")


def test_a_function_that_cannot_be_compiled_is_said_and_passed_to_the_matrix_engine(
    net: gn.Network,
) -> None:
    table = {"one": 1.0}
    own = gn.Activation("looked up", lambda a: a * table["one"], lambda a, v: 1.0)
    net.set_activation(own, layer=1)
    result = train(net)
    assert result.engine.startswith(
        "matrix (auto: activation 'looked up': value cannot be compiled"
    )
    assert "table is a dict" in result.engine
    with pytest.raises(gn.CompileError, match="'looked up': value cannot be compiled"):
        train(net, engine="native")


def test_layers_that_are_mostly_sparse_go_to_the_native_engine(
    sparse_from_10_000: None,
) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(101, 200)) * (rng.random((101, 200)) < 0.05)
    masks = [weights != 0]
    program = gn.compile(gn.Network.from_matrices([weights], masks=masks, activation="tanh"))
    assert program.layers[0].form == "sparse"
    assert choose("auto", program, 10_000, 1000).name == "native"


def test_an_unknown_engine_is_refused(net: gn.Network) -> None:
    with pytest.raises(ValueError, match=r"unknown engine: 'gpu' \(must be one of .*'native'"):
        train(net, engine="gpu")


class TestFastmath:
    """fastmath gives up the bits and nothing else."""

    @pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus"])
    def test_it_stays_close(self, activation: str) -> None:
        net = gn.Network.dense([2, 5, 1], [activation, "identity"], seed=0)
        twin = net.copy()
        fast = train(net, engine="native", fastmath=True)
        exact = train(twin, engine="native")
        assert np.allclose(fast.program.theta, exact.program.theta, rtol=1e-12, atol=1e-14)

    def test_auto_takes_the_native_engine_for_it(
        self, net: gn.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engines, "WEIGHTS", 0)
        assert train(net, batch_size=20, fastmath=True).engine == "native"

    @pytest.mark.parametrize("name", ["node", "matrix"])
    def test_other_engines_refuse_it(self, net: gn.Network, name: str) -> None:
        with pytest.raises(ValueError, match=f"fastmath needs the native engine.*{name}"):
            train(net, engine=name, fastmath=True)

    def test_a_run_that_diverges_is_seen(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        with pytest.raises(gn.TrainingError, match="diverged"):
            gn.train(
                net,
                [[1.0], [10.0]],
                [0.0, 0.0],
                optimizer=gn.SGD(1e3),
                epochs=1000,
                engine="native",
                fastmath=True,
            )
        assert all(math.isfinite(w) for _, _, w in net.graph.edges(data="weight"))
