"""From generated source to machine code."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np
import pytest
from engines.native.agreement import lowered

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import compiler, engine
from graphnn.engines.native.cache import Cache
from graphnn.engines.native.kernel import kernel
from graphnn.engines.native.plan import plan
from graphnn.engines.rules import Rules
from graphnn.engines.state import State

SQUARED = gn.LOSSES["squared"]
RULES = Rules(gn.SGD())


class TestWithoutNumba:
    @pytest.fixture(autouse=True)
    def missing(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        find = importlib.util.find_spec
        monkeypatch.setattr(
            compiler, "find_spec", lambda name: None if name == "numba" else find(name)
        )
        kernel.cache_clear()
        yield
        kernel.cache_clear()

    def test_it_is_said_what_to_install(self) -> None:
        net = gn.Network.dense([1, 1], seed=0)
        program, X, y = gn.compile(net), np.ones((1, 1)), np.ones((1, 1))
        words = "native engine needs Numba: python -m pip install numba"
        with pytest.raises(gn.EngineUnavailable, match=words):
            engine.run(State(program), X, y, Batches.of([np.array([0])], 0.1), SQUARED, RULES)
        with pytest.raises(gn.EngineUnavailable, match=words):
            engine.propagate(program, X, y, SQUARED)
        with pytest.raises(gn.EngineUnavailable, match=words):
            compiler.compile_plan(plan(program, SQUARED, "propagate"))

    def test_it_is_an_import_error_too(self) -> None:
        with pytest.raises(ImportError):
            compiler.require_numba()

    def test_plans_and_their_source_need_no_numba(self) -> None:
        program = gn.compile(gn.Network.dense([1, 1], seed=0))
        assert "def train(" in plan(program, SQUARED, "steps", RULES).source


class TestMachineCode:
    def test_it_needs_no_fused_operation_and_names_what_it_calls(self) -> None:
        net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
        code = compiler.compile_plan(plan(gn.compile(net), SQUARED, "propagate"))
        assert code.symbols == ("tanh",)
        assert code.mismatches == ()
        assert code.object[:4] == b"\x7fELF" or not compiler.__file__.startswith("/")

    @pytest.mark.parametrize("loops", ["dense", "edges"])
    def test_the_same_plan_gives_a_kernel_that_was_not_compiled_twice(self, loops: str) -> None:
        net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
        made = plan(lowered(net, loops), SQUARED, "steps", RULES)
        kernel(made)
        code = Cache.of_user().read(made)
        assert code is not None
        assert code.object


class TestNamespace:
    def test_it_holds_the_scalar_functions_themselves(self) -> None:
        net = gn.Network.dense([2, 1], activation="tanh", seed=0)
        rules = Rules.of(gn.Momentum(), gn.L2(0.1))
        made = plan(gn.compile(net), SQUARED, "steps", rules)
        names = compiler.namespace(made)
        assert names["tanh_value"] is gn.ACTIVATIONS["tanh"].value
        assert names["update"] is gn.Momentum.update
        assert names["derivative1"] is gn.L2.derivative
        momentum = names["Momentum"](mu=0.5)
        assert names["update"](momentum, 1.0, 2.0, (1.0,), (0.25,)) == (1.0, (0.0,))
