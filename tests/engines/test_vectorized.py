"""Each NumPy form against its scalar function, over all magnitudes."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import graphnn as gn
from graphnn.engines import vectorized

SPECIAL = [0.0, -0.0, 5e-324, -5e-324, 1e-310, -1e-310, 2.0**-1022, 1.0, -1.0, 36.7, -36.7]
SPECIAL += [700.0, -700.0, 740.0, -740.0, 745.2, -745.2, 1000.0, -1000.0, 1e300, -1e300]
ULPS = 4


def arguments(count: int = 20_000, seed: int = 0) -> np.ndarray:
    """Numbers of every magnitude from subnormal to 1000, of both signs, and special ones."""
    rng = np.random.default_rng(seed)
    wide = 10.0 ** rng.uniform(-320, 3, count) * rng.choice([-1.0, 1.0], count)
    return np.concatenate([wide, rng.normal(0, 3, count), rng.uniform(-750, 750, count), SPECIAL])


def off_by_ulps(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference in units in the last place of the expected numbers."""
    assert np.isfinite(found).all()
    return float((np.abs(found - expected) / np.spacing(np.abs(expected))).max())


def looped(function: Callable[..., float], *arrays: np.ndarray) -> np.ndarray:
    rows = zip(*(array.tolist() for array in arrays), strict=True)
    return np.array([float(function(*row)) for row in rows])


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_a_value_is_within_4_ulps_of_the_scalar_function(name: str) -> None:
    activation, a = gn.ACTIVATIONS[name], arguments()
    found = vectorized.value(activation, a)
    assert off_by_ulps(found, looped(activation.value, a)) <= ULPS


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_a_derivative_is_within_4_ulps_of_the_scalar_function(name: str) -> None:
    activation, a = gn.ACTIVATIONS[name], arguments()
    v = looped(activation.value, a)
    found = vectorized.derivative(activation, a, v)
    assert off_by_ulps(found, looped(activation.derivative, a, v)) <= ULPS


ELEMENTWISE = [one for one in gn.LOSSES.values() if isinstance(one, gn.Loss)]
ELEMENTWISE += [gn.Squared(3.0), gn.Huber(0.1), gn.Huber(np.float64(30.0))]


@pytest.mark.parametrize("loss", ELEMENTWISE, ids=lambda loss: loss.name)
def test_an_elementwise_loss_is_within_4_ulps_of_the_scalar_function(loss: gn.Loss) -> None:
    v = arguments()
    v = v[np.abs(v) < 1e100]
    y = np.random.default_rng(1).permutation(v)
    if loss.name == "hinge":
        y = np.where(y > 0, 1.0, -1.0)
    found = vectorized.loss_values(loss, v[:, None], v[:, None], y[:, None])
    assert off_by_ulps(found, looped(loss.value, v, y)) <= ULPS
    slopes = vectorized.loss_derivative(loss, v, y)
    assert off_by_ulps(slopes, looped(loss.derivative, v, y)) <= ULPS


@pytest.mark.parametrize("width", [1, 2, 7])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy"])
@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1.0, 30.0, 1000.0, 1e200])
def test_a_vector_loss_is_the_scalar_function_s_to_rounding(
    name: str, width: int, scale: float
) -> None:
    loss, rng = gn.LOSSES[name], np.random.default_rng(0)
    assert isinstance(loss, gn.VectorLoss)
    a = scale * rng.normal(size=(200, width))
    v = vectorized.value(gn.ACTIVATIONS["sigmoid"], a)
    y = np.eye(width)[rng.integers(0, width, 200)]
    found = vectorized.loss_values(loss, a, v, y)
    deltas = vectorized.loss_sensitivities(loss, a, v, y)
    for k in range(200):
        row = a[k].tolist(), v[k].tolist(), y[k].tolist()
        expected, size = loss.value(*row), 1e-15 * (width + np.abs(a[k]).sum())
        assert math.isclose(found[k], expected, rel_tol=1e-14, abs_tol=size)
        delta = [math.nan] * width
        loss.sensitivities(*row, delta)
        assert np.allclose(deltas[k], delta, rtol=0, atol=4e-16 * width)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_forms_keep_shape_and_dtype_and_change_no_argument(name: str, dtype: type) -> None:
    activation = gn.ACTIVATIONS[name]
    a = np.array([[-2.0, -0.0, 0.5], [1.0, 0.0, -30.0]], dtype=dtype)
    before = a.copy()
    v = vectorized.value(activation, a)
    slope = vectorized.derivative(activation, a, v)
    for result in (v, slope):
        assert (result.shape, result.dtype) == (a.shape, a.dtype)
        assert not np.shares_memory(result, a)
    assert np.array_equal(a, before)


@pytest.mark.parametrize("loss", ELEMENTWISE, ids=lambda loss: loss.name)
def test_a_loss_in_float32_stays_there(loss: gn.Loss) -> None:
    v = np.array([[-2.0, 0.5], [1.0, 30.0]], dtype=np.float32)
    y = np.ones_like(v)
    assert vectorized.loss_values(loss, v, v, y).dtype == np.float32
    slopes = vectorized.loss_derivative(loss, v, y)
    assert (slopes.dtype, slopes.shape) == (np.float32, v.shape)


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_gelu_and_silu_in_float32_are_the_rounded_scalar_functions(name: str) -> None:
    activation, rng = gn.ACTIVATIONS[name], np.random.default_rng(0)
    a = np.concatenate([rng.uniform(-110, 110, 20_000), rng.normal(0, 3, 20_000), [1e38, -1e38]])
    a = a.astype(np.float32)
    v, expected = vectorized.value(activation, a), looped(activation.value, a).astype(np.float32)
    assert off_by_ulps(v, expected) <= ULPS
    slopes = vectorized.derivative(activation, a, v)
    exact = looped(activation.derivative, a, v).astype(np.float32)
    assert np.abs(slopes - exact).max() <= ULPS * np.spacing(np.float32(1))


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_nan_stays_nan(name: str) -> None:
    a = np.array([1.0, math.nan, -800.0, math.nan])
    assert np.isnan(vectorized.value(gn.ACTIVATIONS[name], a)).tolist() == [False, True] * 2


@pytest.mark.parametrize("size", [1e160, 1e300, 1.7e308])
@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_large_arguments_warn_of_nothing(name: str, size: float) -> None:
    # Many at a time, for which compiled code computes what its other branch needs as well.
    activation, a = gn.ACTIVATIONS[name], np.repeat([size, -size], 32)
    v = vectorized.value(activation, a)
    assert np.array_equal(v, looped(activation.value, a))
    assert np.isfinite(vectorized.derivative(activation, a, v)).all()


@pytest.mark.parametrize("size", [1e160, 1e300, 1.7e308])
def test_large_errors_overflow_in_neither_huber_nor_log_cosh(size: float) -> None:
    v = np.repeat([size, -size], 32)
    for loss in (gn.Huber(), gn.Huber(0.1), gn.LOSSES["log_cosh"]):
        assert isinstance(loss, gn.Loss)
        found = vectorized.loss_values(loss, v[:, None], v[:, None], np.zeros((64, 1)))
        assert np.array_equal(found, looped(loss.value, v, 0 * v))
        assert np.isfinite(vectorized.loss_derivative(loss, v, 0 * v)).all()


def test_a_built_in_without_a_form_is_the_scalar_function_with_and_without_numba(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gelu, a = gn.ACTIVATIONS["gelu"], arguments(2000)
    v, y = looped(gelu.value, a), np.random.default_rng(0).permutation(a)
    log_cosh = gn.LOSSES["log_cosh"].value
    cases = [(gelu.value, (a,)), (gelu.derivative, (a, v)), (log_cosh, (a, y))]
    for function, arrays in cases:
        assert function not in vectorized.FORMS
        expected = looped(function, *arrays)
        assert np.array_equal(vectorized.vectorized(function, len(arrays))(*arrays), expected)
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "numba", None)
            plain = vectorized.own.__wrapped__(function, len(arrays))
        assert np.array_equal(plain(*arrays), expected)


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_forms_take_empty_arrays(name: str) -> None:
    empty = np.empty((0, 3))
    v = vectorized.value(gn.ACTIVATIONS[name], empty)
    assert v.shape == (0, 3)
    assert vectorized.derivative(gn.ACTIVATIONS[name], empty, v).shape == (0, 3)


def test_outputs_losses_are_added_in_ascending_order() -> None:
    # In float64 adding 1 to 1e16 twice leaves 1e16, and adding 2 once does not.
    loss = gn.LOSSES["absolute"]
    v = np.array([[1e16, 1.0, 1.0], [1.0, 1.0, 1e16]])
    assert vectorized.loss_values(loss, v, v, np.zeros((2, 3))).tolist() == [1e16, 1e16 + 2]


class TestOwn:
    def test_a_function_is_applied_to_every_entry(self) -> None:
        form = vectorized.vectorized(lambda a: a * a + 1, 1)
        assert form(np.array([[1.0, 2.0], [3.0, -4.0]])).tolist() == [[2.0, 5.0], [10.0, 17.0]]

    def test_a_function_that_cannot_be_hashed_is_applied_too(self) -> None:
        class CallableValue:
            __hash__ = None  # type: ignore[assignment]

            def __call__(self, a: float) -> float:
                return 2 * a

        form = vectorized.vectorized(CallableValue(), 1)
        assert form(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]

    def test_a_partial_function_is_applied_too(self) -> None:
        form = vectorized.vectorized(partial(lambda a, k: k * a, k=3), 1)
        assert form(np.array([1.0, 2.0])).tolist() == [3.0, 6.0]

    def test_a_function_that_returns_whole_numbers_gives_floats(self) -> None:
        form = vectorized.vectorized(lambda a: 1 if a > 0 else 0, 1)
        result = form(np.array([-0.5, 0.5]))
        assert (result.tolist(), result.dtype) == ([0.0, 1.0], np.float64)

    def test_the_form_is_the_python_function_bit_for_bit_at_moderate_numbers(self) -> None:
        def mish(a: float) -> float:
            return a * math.tanh(math.log1p(math.exp(-abs(a))) + (a if a > 0 else 0))

        a = np.random.default_rng(0).normal(0, 5, 2000)
        assert np.array_equal(vectorized.vectorized(mish, 1)(a), looped(mish, a))
