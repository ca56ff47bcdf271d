"""Which functions are written out: those whose numbers are the C library's, where it pays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphnn.engines.native import inlining
from graphnn.engines.native.inlining import (
    COLUMNS,
    DIGESTS,
    arguments,
    calls,
    digest,
    inlined,
    replaced,
)

numba = pytest.importorskip("numba")

NAMES = sorted(DIGESTS)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_last_place_elsewhere_gives_another_digest(name: str) -> None:
    numbers = [getattr(math, name)(x) for x in arguments(name)]
    places = [1, 2000, 4095]
    for k in places:
        other = list(numbers)
        other[k] = math.nextafter(other[k], math.inf)
        assert digest(other) != digest(numbers)


def test_a_c_library_with_other_numbers_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlining, "DIGESTS", dict.fromkeys(NAMES, "another"))
    inlined.cache_clear()
    assert inlined() == ()
    monkeypatch.undo()
    inlined.cache_clear()


def test_what_is_not_written_out_is_left_as_it_is() -> None:
    module = replaced(math, ("exp",))
    assert module.log is math.log
    assert module.tanh is math.tanh
    assert module.exp is not math.exp
    assert replaced(math.exp, ()) is math.exp
    assert replaced(math.exp, ("exp",)) is module.exp
    assert replaced(np, ("exp",)) is np
    assert replaced(max, ("exp",)) is max


def helper(a: float) -> float:
    return math.tanh(a)


class TestCalls:
    def test_functions_of_math_are_found_in_helpers_and_closures_too(self) -> None:
        from math import exp as exponential

        assert calls(lambda a: math.exp(-a)) == {"exp"}
        assert calls(lambda a: helper(a) + math.log(a)) == {"tanh", "log"}
        assert calls(lambda a: exponential(a)) == {"exp"}  # noqa: PLW0108
        assert calls(math.tanh) == {"tanh"}
        assert calls(numba.njit(helper)) == {"tanh"}

    def test_one_that_calls_itself_ends(self) -> None:
        def again(a: float) -> float:
            return again(a - 1) if a > 0 else math.exp(a)

        assert calls(again) == {"exp"}

    def test_plain_arithmetic_calls_nothing(self) -> None:
        assert calls(lambda a: a * math.pi) == set()
        assert calls(abs) == set()
        assert calls("no function") == set()


def test_it_pays_for_no_single_neuron() -> None:
    assert min(COLUMNS.values()) > 1
