"""Object files: what is in them, and by which passes."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from engines.native.agreement import lowered

import graphnn as gn
from graphnn.engines.native import inlining, vectors
from graphnn.engines.native.compiler import compile_plan
from graphnn.engines.native.kernel import Kernel
from graphnn.engines.native.plan import Plan, plan

pytest.importorskip("numba")

SQUARED = gn.LOSSES["squared"]


def planned(*sizes: int, activation: str = "sigmoid", fastmath: bool = False) -> Plan:
    program = lowered(gn.Network.dense(sizes, activation=activation, seed=0), "dense")
    return plan(program, SQUARED, "propagate", fastmath=fastmath)


def called(plan: Plan) -> set[str]:
    """Return which functions of the C library an object file names."""
    code = compile_plan(plan)
    return {name for name in ("exp", "log1p", "tanh") if f"\0{name}\0".encode() in code.object}


@pytest.mark.skipif(sys.platform != "linux", reason="names are written otherwise elsewhere")
class TestCalls:
    """What is written out is not called."""

    @pytest.mark.parametrize(
        ("activation", "columns", "names"),
        [
            ("sigmoid", 7, {"exp"}),
            ("sigmoid", 8, set()),
            ("tanh", 1, {"tanh"}),
            ("tanh", 2, set()),
            ("softplus", 20, {"exp", "log1p"}),
            ("relu", 20, set()),
        ],
    )
    def test_where_it_pays_and_the_c_library_allows_it(
        self, activation: str, columns: int, names: set[str]
    ) -> None:
        from graphnn.engines.native.inlining import inlined

        if set(inlined()) != {"exp", "tanh"}:
            pytest.skip("the C library computes them in another way here")
        assert called(planned(3, columns, activation=activation)) == names

    def test_another_c_library_is_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(inlining, "inlined", tuple)
        assert called(planned(3, 20)) == {"exp"}
        assert called(planned(3, 20, fastmath=True)) == set()


class TestPlans:
    def test_small_layers_without_written_out_functions_are_not_packed(self) -> None:
        assert not planned(2, 4, 1).packed
        assert planned(2, 8, 1).packed
        assert planned(2, 4, 1, activation="tanh").packed

    def test_only_wide_layers_are_fused(self) -> None:
        assert planned(2, 16, fastmath=True).fused
        assert not planned(2, 15, fastmath=True).fused
        assert not planned(2, 16).fused

    @pytest.mark.parametrize("change", [{"packed": False}, {"lanes": 4}, {"fused": True}])
    def test_every_way_of_compiling_has_a_key_of_its_own(self, change: dict[str, object]) -> None:
        one = replace(planned(3, 20), lanes=8)
        assert replace(one, **change).key != one.key  # type: ignore[arg-type]

    def test_readers_are_told_what_is_written_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(inlining, "inlined", lambda: ("exp", "tanh"))
        words = "# inlined_sigmoid_value: graphnn.functions.activations._sigmoid, exp written out"
        assert words in planned(3, 20).source


@pytest.mark.parametrize("lanes", [4, 8])
@pytest.mark.parametrize("packed", [False, True])
def test_no_way_of_compiling_changes_a_number(
    lanes: int, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_has_wide_vectors", lambda: lanes == 8)
    net = gn.Network.dense([5, 17, 3], ["sigmoid", "tanh"], seed=0)
    program, rng = lowered(net, "dense"), np.random.default_rng(0)
    X, y = rng.normal(size=(4, 5)), rng.normal(size=(4, 3))
    made = replace(plan(program, SQUARED, "propagate"), packed=packed)
    from graphnn.engines.native import engine

    monkeypatch.setattr(engine, "kernel", lambda _: Kernel(made, compile_plan(made)))
    found = engine.propagate(program, X, y, SQUARED)
    traces = [gn.backward(net, *pair) for pair in zip(X, y, strict=True)]
    assert made.lanes == lanes
    assert found.a[1].tolist() == [[t.a[n] for n in net.neurons(2)] for t in traces]
    assert found.delta[0].tolist() == [[t.delta[n] for n in net.neurons(1)] for t in traces]
