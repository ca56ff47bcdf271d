"""exp and tanh written out: the bits of the C library, or not used."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from graphnn.engines.native import libm
from graphnn.engines.native.libm import (
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
ENDS = [0.0, 5e-324, 1e-300, 2.0**-55, 2.0**-54, 1e-8, libm.HALF_LN2 / 2, 0.55, 1.0, 19.1, 22.0,
        40.0, 512.0, 708.4, 709.782712893384, 709.7827128933841, 745.2, 746.5, 1e5, 1e300,
        math.inf]  # fmt: skip


def written_out(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that compiled code uses, for arrays."""
    math_module = replaced(math, tuple(NAMES))
    function = getattr(math_module, name)

    @numba.njit(error_model="numpy")
    def over(x: np.ndarray, out: np.ndarray) -> None:
        for k in range(len(x)):
            out[k] = function(x[k])

    def called(x: np.ndarray) -> np.ndarray:
        out = np.empty_like(x)
        over(x, out)
        return out

    return called


def python(name: str, x: float) -> float:
    try:
        return float(getattr(math, name)(x))
    except OverflowError:
        return math.inf


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def many(name: str, count: int) -> np.ndarray:
    """Return arguments of all sizes, many where something changes."""
    rng, low, high = np.random.default_rng(0), *libm.RANGES[name]
    sizes = np.exp(rng.uniform(-90, 7, count)) * rng.choice([-1.0, 1.0], count)
    wide = rng.uniform(low - 10, high + 10, count)
    near = rng.normal(0, 1, count)
    ends = np.array(ENDS)
    return np.concatenate([sizes, wide, near, ends, -ends, np.nextafter(ends, 0)])


def test_written_out_code_has_the_digest(name: str) -> None:
    assert digest(written_out(name)(np.array(arguments(name))).tolist()) == DIGESTS[name]


def test_where_it_is_used_it_has_the_bits_of_the_c_library(name: str) -> None:
    if name not in inlined():
        pytest.skip("the C library computes it in another way here")
    x = many(name, 50_000)
    expected = np.array([python(name, one) for one in x.tolist()])
    assert written_out(name)(x).tobytes() == expected.tobytes()  # signs of zeros too


def test_it_is_within_an_ulp_or_two_whatever_the_c_library_does(name: str) -> None:
    x = many(name, 3000)
    expected = np.array([python(name, one) for one in x.tolist()])
    found = written_out(name)(x)
    finite = np.isfinite(expected)
    assert np.array_equal(found[~finite], expected[~finite])
    apart = np.abs(found[finite] - expected[finite])
    assert np.all(apart <= 2 * np.spacing(np.abs(expected[finite])))


def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(written_out(name)(np.array([math.nan]))).all()


def test_a_last_place_elsewhere_gives_another_digest(name: str) -> None:
    numbers = [python(name, x) for x in arguments(name)]
    places = [1, 2000, 4095]
    for k in places:
        other = list(numbers)
        other[k] = math.nextafter(other[k], math.inf)
        assert digest(other) != digest(numbers)


def test_a_c_library_with_other_numbers_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libm, "DIGESTS", dict.fromkeys(NAMES, "another"))
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
