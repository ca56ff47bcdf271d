"""`compare` in float32: the same promises, with the bounds of that precision."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.comparison.bounds import FLOAT32
from graphnn.comparison.report import Verdict
from graphnn.engines import matrix

QUANTITIES = {"a", "v", "loss", "delta", "gradient", "step", "step 2"}


def small_net() -> tuple[gn.Network, np.ndarray, np.ndarray]:
    net = gn.Network.dense([3, 8, 2], activation=["tanh", "sigmoid"], seed=0)
    rng = np.random.default_rng(0)
    return net, rng.normal(size=(6, 3)), rng.random((6, 2))


def test_native_and_node_are_equal_and_the_matrix_engine_is_within_its_bounds() -> None:
    report = gn.compare(*small_net(), regularizer=gn.L2(0.01), dtype="float32")
    assert report.ok, report
    for check in report.checks:
        if check.engine == "native":
            assert check.verdict is Verdict.EQUAL, check
        elif check.engine == "matrix":
            assert check.verdict in (Verdict.EQUAL, Verdict.WITHIN), check
    assert {check.quantity for check in report.checks if check.engine == "matrix"} == QUANTITIES


def test_the_numbers_are_float32_and_differ_from_those_of_float64() -> None:
    net, X, y = small_net()
    narrow, wide = (gn.compare(net, X, y, dtype=kind) for kind in (np.float32, np.float64))
    pairs = zip(
        narrow.check("native", "gradient").numbers,
        wide.check("native", "gradient").numbers,
        strict=True,
    )
    for one, other in pairs:
        assert one.node == np.float32(one.node)
        assert 0 < abs(one.node - other.node) < 1e-5 * max(1, abs(other.node))


@given(case=cases())
def test_it_holds_for_random_networks(case: Case) -> None:
    engines = ["matrix"]  # the native engine's equality has tests of its own
    report = gn.compare(case.net, case.X, case.y, case.loss, engines=engines, dtype=np.float32)
    ours = [check for check in report.checks if check.engine == "matrix"]
    assert all(check.verdict is not Verdict.DIFFERENT for check in ours), report


@pytest.mark.parametrize("relative", [1e-5, 1e-4])
def test_an_error_of_some_ulps_of_float32_is_seen(
    relative: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = matrix.forward

    def wrong(program: gn.Program, X: np.ndarray, *more: object) -> tuple[list, list]:
        a, v = original(program, X, *more)  # type: ignore[arg-type]
        a[1] = a[1] * np.float32(1 + relative)  # type: ignore[operator]
        return a, v

    monkeypatch.setattr(matrix, "forward", wrong)
    report = gn.compare(*small_net(), engines=["matrix"], dtype=np.float32)
    assert report.check("matrix", "a").verdict is Verdict.DIFFERENT
    assert not report.ok


@pytest.mark.parametrize("n", [1, 10, 1000])
def test_the_unit_is_two_to_the_minus_24(n: int) -> None:
    exact = Fraction(n, 2**24) / (1 - Fraction(n, 2**24))
    assert abs(Fraction(FLOAT32.gamma(n)) - exact) <= exact * Fraction(1, 2**50)


@given(st.floats(2**-100, 2**100, width=32))
def test_ulps_are_those_of_float32(x: float) -> None:
    assert float(FLOAT32.ulps(x, 1)) == math.ulp(x) * 2**29


@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3, width=32)] * 2), min_size=1, max_size=30))
def test_a_sum_in_float32_stays_within_the_bound(pairs: list[tuple[float, float]]) -> None:
    total = np.float32(0)
    for w, v in pairs:
        total = total + np.float32(w) * np.float32(v)
    exact = math.fsum(w * v for w, v in pairs)
    magnitudes = math.fsum(abs(w * v) for w, v in pairs)
    assert abs(float(total) - exact) <= float(FLOAT32.sum_bound(len(pairs), magnitudes))


def test_data_beyond_float32_is_refused() -> None:
    net, X, y = small_net()
    with pytest.raises(gn.DataError, match="float32"):
        gn.compare(net, X * 1e300, y, dtype=np.float32)
