"""How wide vectors are, and how long the rows of matrices."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from engines.native.agreement import lowered

import graphnn as gn
from graphnn.engines.native import vectors
from graphnn.engines.native.vectors import lanes, widths


def program(*sizes: int, loops: str = "dense") -> gn.Program:
    return lowered(gn.Network.dense(sizes, seed=0), loops)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Pretend to have wide vectors, or not."""

    def have(wide: bool) -> None:
        monkeypatch.setattr(vectors, "_has_wide_vectors", lambda: wide)

    return have


def test_wide_vectors_are_for_wide_layers_where_the_processor_has_them(
    processor: Callable[[bool], None],
) -> None:
    processor(True)
    assert lanes(program(4, 16, 3)) == 8
    assert lanes(program(4, 15, 30)) == 4
    assert lanes(program(4, 16, 3, loops="edges")) == 4
    processor(False)
    assert lanes(program(4, 16, 3)) == 4


def test_rows_are_filled_up_to_whole_vectors(processor: Callable[[bool], None]) -> None:
    processor(False)
    assert widths(program(2, 3, 4, 5, 8, 10)) == [3, 4, 8, 8, 12]
    processor(True)
    assert widths(program(64, 32, 10, 17)) == [32, 16, 24]


def test_those_of_a_large_matrix_are_not(processor: Callable[[bool], None]) -> None:
    processor(True)
    assert widths(program(681, 18)) == [24]  # 682 rows of 24: 16,368
    assert widths(program(682, 18)) == [18]


@pytest.mark.parametrize(("feature", "wide"), [("avx512vbmi2", True), ("avx512f", False)])
def test_only_a_processor_that_does_not_slow_down_counts(
    feature: str, wide: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    binding = SimpleNamespace(get_host_cpu_features=lambda: {feature: True})
    monkeypatch.setattr(vectors, "find_spec", lambda name: object())
    monkeypatch.setattr(vectors, "import_module", lambda name: binding)
    monkeypatch.delenv("NUMBA_CPU_NAME", raising=False)
    vectors._features.cache_clear()
    assert vectors._has_wide_vectors() is wide
    vectors._features.cache_clear()


def test_without_llvm_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "llvmlite.binding", raising=False)
    vectors._features.cache_clear()
    assert vectors._has_wide_vectors() is False
    vectors._features.cache_clear()


@pytest.mark.parametrize("name", vectors.CHOSEN)
def test_of_a_processor_that_numba_is_told_to_compile_for_nothing_is_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphnn.engines.native.inlining import writable

    monkeypatch.setenv(name, "generic")
    vectors._features.cache_clear()
    assert vectors._has_wide_vectors() is False
    if vectors.platform.machine() in ("x86_64", "AMD64"):
        assert writable() == writable(fastmath=True) == ()
    vectors._features.cache_clear()
