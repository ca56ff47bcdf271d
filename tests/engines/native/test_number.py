"""Arithmetic that writes instructions: each operation against Python's."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from graphnn.engines.native.number import Number

numba = pytest.importorskip("numba")

X = [0.0, -0.0, 1.5, -2.25, 1e300, 5e-324, -7.5, math.inf]


def compiled(written: Callable[[Number, Number], Number]) -> Callable[[float, float], float]:
    """Compile a function of two numbers that is written with `Number`."""
    from numba.extending import intrinsic

    def typed(context: object, x: object, y: object) -> object:
        def code(context: object, builder: object, signature: object, taken: list) -> object:
            return written(Number(builder, taken[0]), Number(builder, taken[1])).value

        return numba.float64(numba.float64, numba.float64), code

    function = intrinsic(typed)
    return numba.njit(lambda x, y: function(x, y))  # type: ignore[no-any-return]  # noqa: PLW0108


def bits(x: float) -> int:
    return int.from_bytes(struct.pack("<d", x), "little")


def number(whole: int) -> float:
    return float(struct.unpack("<d", (whole % 2**64).to_bytes(8, "little"))[0])


CASES: list[tuple[Callable, Callable]] = [
    (lambda x, y: x + y, lambda x, y: x + y),
    (lambda x, y: x - y, lambda x, y: x - y),
    (lambda x, y: 1.0 - y, lambda x, y: 1.0 - y),
    (lambda x, y: x * 3.0, lambda x, y: x * 3.0),
    (lambda x, y: -x, lambda x, y: -x),
    (lambda x, y: abs(x), lambda x, y: abs(x)),
    (lambda x, y: x.signed(y), math.copysign),
    (lambda x, y: x.choose(x < y, 1.0, y), lambda x, y: 1.0 if x < y else y),
    (lambda x, y: x.choose(x > 1.0, x, 0.5), lambda x, y: x if x > 1.0 else 0.5),
    (lambda x, y: x.choose(x >= 1.5, x, y), lambda x, y: x if x >= 1.5 else y),
    (lambda x, y: (x.bits() + 1).number(), lambda x, y: number(bits(x) + 1)),
    (lambda x, y: (7 - x.bits()).number(), lambda x, y: number(7 - bits(x))),
    (
        lambda x, y: ((x.bits() & 1023) << 52).number(),
        lambda x, y: number((bits(x) & 1023) << 52),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)))
def test_it_is_what_python_computes(case: int) -> None:
    written, python = CASES[case]
    function = compiled(written)
    for x in X:
        for y in X:
            with np.errstate(all="ignore"):
                expected = python(np.float64(x), np.float64(y))
            found = function(x, y)
            assert (math.isnan(found) and math.isnan(expected)) or bits(found) == bits(expected)


def test_a_branch_computes_one_of_its_ways() -> None:
    function = compiled(lambda x, y: x.branch(x < y, lambda: x + 1.0, lambda: y * 2.0))
    assert [function(1.0, 2.0), function(3.0, 2.0), function(math.nan, 2.0)] == [2.0, 4.0, 4.0]


def test_division_is_rounded_once() -> None:
    assert compiled(lambda x, y: x / y)(1.0, 3.0) == 1.0 / 3.0


@pytest.mark.parametrize("x", [0.1, 1e16 + 2, 3.0000000000000004])
def test_fused_it_is_rounded_once(x: float) -> None:
    found = compiled(lambda a, b: a.fused(b, -1.0))(x, 0.3)
    assert found == float(Fraction(x) * Fraction(0.3) - 1)


@pytest.mark.parametrize("x", [1.5, -1.5, 2.0, 1e17, -0.25])
def test_floor_is_the_whole_number_below(x: float) -> None:
    assert compiled(lambda a, b: a.floor())(x, 0.0) == math.floor(x)


def test_nan_fulfils_no_condition() -> None:
    for written in (lambda x, y: x.choose(x < 1.0, 1.0, 0.0),
                    lambda x, y: x.choose(x > 1.0, 1.0, 0.0),
                    lambda x, y: x.choose(x >= 1.0, 1.0, 0.0)):  # fmt: skip
        assert compiled(written)(math.nan, 0.0) == 0.0


def test_a_table_is_read_by_place() -> None:
    table = (bits(2.5), bits(-1.0), bits(7.0))
    function = compiled(lambda x, y: (x.bits() & 3).entry("a_table", table).number())
    tiny = [number(k) for k in range(3)]
    assert [function(x, 0.0) for x in tiny] == [2.5, -1.0, 7.0]
