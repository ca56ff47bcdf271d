"""exp and tanh written out: the bits of the C library wherever they are used."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from graphnn.engines.native import inlining, libm
from graphnn.engines.native.inlining import DIGESTS, arguments, digest, inlined, replaced

numba = pytest.importorskip("numba")

NAMES = sorted(DIGESTS)
ENDS = [0.0, 5e-324, 1e-300, 2.0**-55, 2.0**-54, 1e-8, libm.HALF_LN2 / 2, 0.55, 1.0, 19.1, 22.0,
        40.0, 512.0, 708.4, 709.782712893384, 709.7827128933841, 745.2, 746.5, 1e5, 1e300,
        math.inf]  # fmt: skip


def written_out(name: str, way: str = "") -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that compiled code uses, for arrays."""
    math_module = replaced(math, (way,) if way else tuple(NAMES))
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
    rng, low, high = np.random.default_rng(0), *inlining.RANGES[name]
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


def test_exp_of_one_number_has_the_bits_of_the_c_library_too() -> None:
    if "exp" not in inlined():
        pytest.skip("the C library computes it in another way here")
    x = many("exp", 50_000)
    expected = np.array([python("exp", one) for one in x.tolist()])
    assert written_out("exp", "exp_alone")(x).tobytes() == expected.tobytes()
    assert np.isnan(written_out("exp", "exp_alone")(np.array([math.nan]))).all()


def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(written_out(name)(np.array([math.nan]))).all()
