"""Which functions are written out: those whose numbers are the C library's, where it pays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from graphnn.engines.native import inlining
from graphnn.engines.native.inlining import (
    DIGESTS,
    arguments,
    calls,
    digest,
    inlined,
    replaced,
    ways,
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


class TestWays:
    WRITABLE = ("exp", "tanh")

    @pytest.mark.parametrize(
        ("function", "columns", "expected"),
        [
            (lambda a: math.exp(a), 8, ("exp",)),  # noqa: PLW0108
            (lambda a: math.exp(a), 7, ("exp_alone",)),  # noqa: PLW0108
            (lambda a: math.tanh(a), 2, ("tanh",)),  # noqa: PLW0108
            (lambda a: math.tanh(a), 1, ()),  # noqa: PLW0108
            (lambda a: math.exp(a) + math.tanh(a), 9, ("exp", "tanh")),
            (lambda a: math.exp(a) + math.tanh(a), 3, ("exp_alone", "tanh")),
            (lambda a: math.exp(a) + math.log(a), 9, ()),
            (lambda a: a + 1, 9, ()),
        ],
    )
    def test_they_follow_the_number_of_neurons(
        self, function: object, columns: int, expected: tuple[str, ...]
    ) -> None:
        assert ways(function, columns, self.WRITABLE) == expected

    def test_what_may_not_be_written_out_is_called(self) -> None:
        assert ways(lambda a: math.exp(a), 9, ()) == ()  # noqa: PLW0108
        assert ways(lambda a: math.exp(a), 9, ("tanh",)) == ()  # noqa: PLW0108


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

    def test_what_cannot_be_written_out_has_other_names(self) -> None:
        inner = numba.njit(lambda a: math.tanh(a))  # noqa: PLW0108

        @dataclass(frozen=True)
        class Scaled:
            scale: float

            def __call__(self, a: float) -> float:
                return self.scale * math.tanh(a)

        for function in (lambda a: inner(a), lambda a: np.tanh(a), Scaled(2.0), [].append):  # noqa: PLW0108
            assert calls(function)
            assert not calls(function) & {"exp", "tanh"}
        both = calls(lambda a: math.exp(-a) + np.tanh(a))
        assert {"exp", "numpy.tanh"} <= both

    def test_a_closure_may_be_empty_yet(self) -> None:
        def outer() -> object:
            def function(a: float) -> float:
                return later * math.exp(a)

            found = calls(function)
            later = 2.0
            return found

        assert outer() == {"exp"}

    def test_one_that_calls_itself_ends(self) -> None:
        def again(a: float) -> float:
            return again(a - 1) if a > 0 else math.exp(a)

        assert calls(again) == {"exp"}

    def test_plain_arithmetic_calls_nothing(self) -> None:
        assert calls(lambda a: a * math.pi) == set()
        assert calls("no function") == set()
