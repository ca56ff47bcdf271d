"""Functions carried over: the same code on other numbers, and nothing else is touched."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import exp

import pytest

from graphnn.engines.carrier import Carrier
from graphnn.engines.mathematics import Missing

TENTH = 0.1
HALF = Fraction(1, 2)


def shift(a: float) -> float:
    return a + TENTH


def twice_shifted(a: float, by: float = 0.25, *, again: float = 1 / 3) -> float:
    return shift(shift(a)) + by + again


def countdown(a: float) -> float:
    return a if a <= 0 else countdown(a - 0.5)


def exponential(a: float) -> float:
    return exp(a)


def half_of_pi(a: float) -> float:
    return math.pi / 2


@dataclass(frozen=True)
class Scaled:
    scale: float

    def __call__(self, a: float) -> float:
        return self.scale * a

    def method(self, a: float) -> float:
        return self.scale + a


def closure(scale: float) -> Callable[[float], float]:
    def scaled(a: float) -> float:
        def inner(b: float) -> float:
            return b * scale if b < 1 else scaled(b / 2.0)

        return inner(a)

    return scaled


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a: 0.1 * a, Fraction(1, 20)),
        (lambda a: a / 100 + 1 / 100, Fraction(3, 200)),
        (lambda a: a if a in (0.25, 0.5) else 0.75, HALF),
        (lambda a: [0.1 * b for b in (a, 1)][1], Fraction(1, 10)),
        (shift, Fraction(3, 5)),
        (twice_shifted, Fraction(7, 10) + Fraction(1, 4) + Fraction(1, 3)),
        (partial(twice_shifted, by=0.2), Fraction(7, 10) + Fraction(1, 5) + Fraction(1, 3)),
        (countdown, Fraction(0)),
        (closure(0.1), Fraction(1, 20)),
        (Scaled(0.3), Fraction(3, 20)),
        (Scaled(0.3).method, Fraction(4, 5)),
        (abs, HALF),
    ],
)
def test_constants_are_exact_wherever_they_stand(
    function: Callable[[Fraction], Fraction], expected: Fraction
) -> None:
    found = Carrier(Fraction).carry(function)(HALF)
    assert found == expected
    assert isinstance(found, Fraction)


def test_a_recursive_closure_finds_itself() -> None:
    assert Carrier(Fraction).carry(closure(0.1))(Fraction(3)) == Fraction(3, 40)


def test_the_original_stays_as_it_is() -> None:
    scaled = Scaled(0.3)
    before = twice_shifted.__code__, twice_shifted.__defaults__, twice_shifted.__kwdefaults__
    Carrier(Fraction).carry(twice_shifted)
    Carrier(Fraction).carry(scaled)
    assert before == (
        twice_shifted.__code__,
        twice_shifted.__defaults__,
        twice_shifted.__kwdefaults__,
    )
    assert type(twice_shifted(0.5)) is float
    assert scaled.scale == 0.3
    assert math.exp(0.0) == 1.0


@pytest.mark.parametrize(
    "function", [exponential, lambda a: math.exp(a) * 1, math.exp, partial(math.exp)]
)
def test_mathematics_is_asked_for_however_it_was_imported(
    function: Callable[[object], object],
) -> None:
    with pytest.raises(Missing, match=r"math\.exp of Fraction"):
        Carrier(Fraction).carry(function)(HALF)
    mpmath = pytest.importorskip("mpmath")
    with mpmath.mp.workdps(40):
        assert Carrier(mpmath.mpf).carry(function)(mpmath.mpf(2)) == mpmath.exp(2)


def test_pi_has_all_digits() -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.mp.workdps(40):
        assert Carrier(mpmath.mpf).carry(half_of_pi)(mpmath.mpf(0)) == mpmath.pi / 2
    assert Carrier(Fraction).carry(half_of_pi)(HALF) == Fraction(math.pi) / 2


def test_a_constant_that_no_simple_fraction_rounds_to_stands_for_its_value() -> None:
    assert Carrier(Fraction).carry(0.7071067811865476) == Fraction(0.7071067811865476)
    assert Carrier(Fraction).carry(2 / 3) == Fraction(2, 3)
    assert Carrier(Fraction).carry(-1e-5) == Fraction(-1, 10**5)
    assert Carrier(Fraction).carry(1e300) == Fraction(1e300)


def test_what_numba_compiled_is_taken_as_it_was_written() -> None:
    numba = pytest.importorskip("numba")
    assert Carrier(Fraction).carry(numba.njit(shift))(HALF) == Fraction(3, 5)
