"""Losses against high precision and each other's definitions."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.functions.losses import require_output, resolve_loss

LOGITS = st.lists(st.floats(-700, 700), min_size=1, max_size=6)
MODERATE = st.floats(-1e6, 1e6)


def cross_entropy(a: list[float], y: list[float]) -> Fraction:
    """Softmax cross-entropy by its definition, at a precision that exp(-1400) needs."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 700, 10**6, -(10**6)
        e = [Decimal(number).exp() for number in a]
        norm = sum(e, Decimal(0))
        terms = (Decimal(yj) * (ej / norm).ln() for yj, ej in zip(y, e, strict=True))
        return Fraction(-sum(terms, Decimal(0)))


def softmax(a: list[float]) -> list[Fraction]:
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 60, 10**6, -(10**6)
        e = [Decimal(number).exp() for number in a]
        norm = sum(e, Decimal(0))
        return [Fraction(one / norm) for one in e]


def log_cosh(e: float) -> Fraction:
    """log cosh e, by its series where cosh e - 1 would have few digits."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 60, 10**6, -(10**6)
        x = abs(Decimal(e))
        if x < Decimal("1e-10"):
            return Fraction(x * x / 2 - x * x * x * x / 12)
        return Fraction(((x.exp() + (-x).exp()) / 2).ln())


def vector(name: str) -> gn.VectorLoss:
    loss = gn.LOSSES[name]
    assert isinstance(loss, gn.VectorLoss)
    return loss


def elementwise(name: str) -> gn.Loss:
    loss = gn.LOSSES[name]
    assert isinstance(loss, gn.Loss)
    return loss


class TestSquared:
    @pytest.mark.parametrize("scale", [0.5, 1.0, 0.25, 3.0])
    @given(v=st.integers(-1000, 1000), y=st.integers(-1000, 1000))
    def test_value_and_derivative_are_exact_on_whole_numbers(
        self, scale: float, v: int, y: int
    ) -> None:
        loss = gn.Squared(scale)
        assert loss.value(v, y) == Fraction(scale) * (v - y) ** 2
        assert loss.derivative(v, y) == 2 * Fraction(scale) * (v - y)

    def test_the_default_has_the_half(self) -> None:
        assert elementwise("squared").value(3.0, 1.0) == 2.0
        assert elementwise("squared").derivative(3.0, 1.0) == 2.0
        assert gn.Squared().value(3.0, 1.0) == 2.0

    def test_the_name_tells_the_scale(self) -> None:
        assert gn.Squared().name == "squared"
        assert gn.Squared(1.0).name == "squared(scale=1)"

    @pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
    def test_a_scale_that_is_not_positive_and_finite_is_refused(self, scale: float) -> None:
        with pytest.raises(ValueError, match="scale must be positive and finite"):
            gn.Squared(scale)


class TestAbsolute:
    @given(v=MODERATE, y=MODERATE)
    def test_it_is_the_distance_and_its_sign(self, v: float, y: float) -> None:
        loss = elementwise("absolute")
        assert loss.value(v, y) == float(abs(Fraction(v) - Fraction(y)))
        assert loss.derivative(v, y) == (Fraction(v) > Fraction(y)) - (Fraction(v) < Fraction(y))


class TestHuber:
    @pytest.mark.parametrize("delta", [1.0, 0.5, 3.0, 7])
    @given(v=st.integers(-1000, 1000), y=st.integers(-1000, 1000))
    def test_value_and_derivative_are_exact_on_whole_numbers(
        self, delta: float, v: int, y: int
    ) -> None:
        # Huber (1964): e^2 / 2 for |e| <= k, else k |e| - k^2 / 2.
        loss, e, k = gn.Huber(delta), Fraction(v - y), Fraction(delta)
        small = abs(e) <= k
        assert loss.value(v, y) == (e * e / 2 if small else k * abs(e) - k * k / 2)
        assert loss.derivative(v, y) == (e if small else (k if e > 0 else -k))

    @given(v=MODERATE, delta=st.floats(1e-3, 1e3))
    def test_the_value_is_the_formula_s_to_rounding(self, v: float, delta: float) -> None:
        e, k = abs(Fraction(v)), Fraction(delta)
        exact = e * e / 2 if e <= k else k * e - k * k / 2
        found = Fraction(gn.Huber(delta).value(v, 0.0))
        assert abs(found - exact) <= Fraction(3, 2**53) * exact + Fraction(1, 2**1074)

    @pytest.mark.parametrize(
        ("delta", "e", "value", "derivative"),
        [
            (1.0, 0.25, 0.03125, 0.25),
            (1.0, -2.0, 1.5, -1.0),
            (0.5, 1.0, 0.375, 0.5),
            (0.5, 10.0, 4.875, 0.5),
            (3.0, -2.0, 2.0, -2.0),
            (3.0, 10.0, 25.5, 3.0),
        ],
    )
    def test_it_is_pytorch_s(self, delta: float, e: float, value: float, derivative: float) -> None:
        # PyTorch 2.13 in float64: huber_loss(e, 0, delta=delta) and its gradient.
        loss = gn.Huber(delta)
        assert (loss.value(e, 0.0), loss.derivative(e, 0.0)) == (value, derivative)

    @pytest.mark.parametrize("delta", [0.1, 1.0, 2.5])
    def test_the_cases_meet_at_delta(self, delta: float) -> None:
        loss, beyond = gn.Huber(delta), math.nextafter(delta, math.inf)
        assert math.isclose(loss.value(delta, 0.0), loss.value(beyond, 0.0), rel_tol=1e-15)
        assert loss.derivative(delta, 0.0) == loss.derivative(beyond, 0.0) == delta
        assert loss.derivative(-delta, 0.0) == loss.derivative(-beyond, 0.0) == -delta

    def test_far_out_it_is_finite_and_nan_stays_nan(self) -> None:
        for v in (1.7e308, -1.7e308):
            assert gn.Huber().value(v, 0.0) == 1.7e308
            assert gn.Huber().derivative(v, 0.0) == math.copysign(1.0, v)
        assert math.isnan(gn.Huber().value(math.nan, 0.0))
        assert math.isnan(gn.Huber().derivative(math.nan, 0.0))

    def test_the_name_tells_delta(self) -> None:
        assert gn.Huber().name == gn.Huber(1).name == "huber"
        assert gn.Huber(0.5).name == "huber(delta=0.5)"

    def test_losses_of_one_delta_are_equal(self) -> None:
        assert gn.Huber() == gn.Huber(1.0) == gn.LOSSES["huber"]
        assert gn.Huber(2.0) == gn.Huber(delta=2.0) != gn.Huber(2.5)
        assert pickle.loads(pickle.dumps(gn.Huber(2.0))) == gn.Huber(2.0)

    @pytest.mark.parametrize("kind", [int, np.float32, np.float64])
    def test_a_delta_of_any_kind_gives_floats(self, kind: type) -> None:
        loss = gn.Huber(kind(2))
        assert loss == gn.Huber(2.0)
        assert type(loss.value(9.0, 0.0)) is type(loss.derivative(9.0, 0.0)) is float

    @pytest.mark.parametrize("delta", [0.0, -1.0, math.nan, math.inf])
    def test_a_delta_that_is_not_positive_and_finite_is_refused(self, delta: float) -> None:
        with pytest.raises(ValueError, match="delta must be positive and finite"):
            gn.Huber(delta)


class TestLogCosh:
    @pytest.mark.parametrize("sign", [1, -1])
    @given(
        e=st.one_of(
            st.floats(1e-150, 700),
            st.floats(1e-9, 4),
            st.floats(4, 40),
            st.sampled_from([1e-20, 1e-8, 1.0, 2.0, 20.0, math.nextafter(20.0, 0.0), 1e3, 1e6]),
        )
    )
    def test_the_value_is_the_formula_s_within_6_ulps(self, sign: int, e: float) -> None:
        found = elementwise("log_cosh").value(sign * e, 0.0)
        exact = log_cosh(e)
        assert abs(Fraction(found) - exact) <= 6 * Fraction(math.ulp(float(exact)))

    @pytest.mark.parametrize(
        ("v", "y", "value", "derivative"),
        [
            (0.5, 0.25, 0.030929803620161386, 0.24491866240370913),
            (1.0, 0.0, 0.4337808304830271, 0.761594155955765),
            (1.0, 3.0, 1.3250027473578645, -0.964027580075817),
            (10.0, 0.0, 9.306852821501208, 0.9999999958776927),
        ],
    )
    def test_it_is_pytorch_s(self, v: float, y: float, value: float, derivative: float) -> None:
        # PyTorch 2.13 in float64: log(cosh(v - y)) and its gradient.
        loss = elementwise("log_cosh")
        assert math.isclose(loss.value(v, y), value, rel_tol=4e-15)
        assert math.isclose(loss.derivative(v, y), derivative, rel_tol=1e-15)

    @given(v=MODERATE, y=MODERATE)
    def test_it_is_even_and_between_its_neighbours(self, v: float, y: float) -> None:
        loss, e = elementwise("log_cosh"), abs(v - y)
        value = loss.value(v, y)
        assert value == loss.value(y, v)
        assert loss.derivative(v, y) == -loss.derivative(y, v) == math.tanh(v - y)
        # e - log 2 <= log cosh e <= e^2 / 2 and <= e, but for rounding.
        assert (e - math.log(2)) * (1 - 1e-15) <= value
        assert value <= min(e, e * e / 2) * (1 + 1e-15) + 5e-324

    def test_far_out_it_is_finite_and_nan_stays_nan(self) -> None:
        loss = elementwise("log_cosh")
        for v in (1.7e308, -1.7e308):
            assert loss.value(v, 0.0) == 1.7e308
            assert loss.derivative(v, 0.0) == math.copysign(1.0, v)
        assert loss.value(0.0, -0.0) == loss.derivative(0.0, -0.0) == 0
        assert math.isnan(loss.value(math.nan, 0.0))
        assert math.isnan(loss.derivative(math.nan, 0.0))


class TestHinge:
    @pytest.mark.parametrize(
        ("v", "y", "value", "derivative"),
        [
            (0.0, 1.0, 1.0, -1.0),
            (0.0, -1.0, 1.0, 1.0),
            (0.5, 1.0, 0.5, -1.0),
            (2.0, -1.0, 3.0, 1.0),
            (2.0, 1.0, 0.0, 0.0),
            (-3.0, -1.0, 0.0, 0.0),
            (1.0, 1.0, 0.0, 0.0),  # at the kink
            (-1.0, -1.0, 0.0, 0.0),
        ],
    )
    def test_it_is_the_missing_margin(
        self, v: float, y: float, value: float, derivative: float
    ) -> None:
        loss = elementwise("hinge")
        assert (loss.value(v, y), loss.derivative(v, y)) == (value, derivative)

    def test_its_targets_are_signs(self) -> None:
        assert elementwise("hinge").targets == "signs"


class TestBinaryCrossEntropy:
    @given(a=st.lists(st.tuples(st.floats(-700, 700), st.sampled_from([0.0, 1.0, 0.25]))))
    def test_the_value_is_the_definition_s(self, a: list[tuple[float, float]]) -> None:
        logits, y = [pair[0] for pair in a], [pair[1] for pair in a]
        exact = sum(
            (
                # A sigmoid is a softmax of two logits, one of which is 0.
                cross_entropy([logit, 0.0], [target, 1 - target])
                for logit, target in zip(logits, y, strict=True)
            ),
            Fraction(0),
        )
        v = [gn.ACTIVATIONS["sigmoid"].value(logit) for logit in logits]
        found = vector("binary_cross_entropy").value(logits, v, y)
        # a - a y cancels; so the rounding is that of the largest term.
        size = float(exact) + sum(abs(logit) for logit in logits)
        assert abs(Fraction(found) - exact) <= 2.0**-50 * size + 1e-300

    @given(a=LOGITS)
    def test_delta_is_v_minus_y(self, a: list[float]) -> None:
        v = [gn.ACTIVATIONS["sigmoid"].value(logit) for logit in a]
        delta = [math.nan] * len(a)
        vector("binary_cross_entropy").sensitivities(a, v, [1.0] * len(a), delta)
        assert delta == [float(Fraction(vj) - 1) for vj in v]

    @pytest.mark.parametrize("a", [1000.0, -1000.0, 1e308, -1e308])
    @pytest.mark.parametrize("y", [0.0, 1.0, 0.5])
    def test_it_is_finite_on_a_saturated_output(self, a: float, y: float) -> None:
        v = gn.ACTIVATIONS["sigmoid"].value(a)
        found = vector("binary_cross_entropy").value([a], [v], [y])
        assert found == (1 - y) * a if a > 0 else found == -y * a


class TestSoftmaxCrossEntropy:
    @given(a=LOGITS, k=st.integers(0, 5))
    def test_the_value_is_the_definition_s(self, a: list[float], k: int) -> None:
        y = [float(j == k % len(a)) for j in range(len(a))]
        found = vector("softmax_cross_entropy").value(a, a, y)
        exact = cross_entropy(a, y)
        assert abs(Fraction(found) - exact) <= (float(exact) + 1) * 2.0**-50

    @given(a=LOGITS)
    def test_the_sensitivities_are_softmax_minus_y(self, a: list[float]) -> None:
        y = [1.0, *[0.0] * (len(a) - 1)]
        delta = [math.nan] * len(a)
        vector("softmax_cross_entropy").sensitivities(a, a, y, delta)
        for found, p, target in zip(delta, softmax(a), y, strict=True):
            assert abs(Fraction(found) - (p - Fraction(target))) <= 2.0**-49

    def test_equal_logits_give_the_logarithm_of_the_number_of_classes(self) -> None:
        found = vector("softmax_cross_entropy").value([2.0] * 4, [2.0] * 4, [0.0, 1.0, 0.0, 0.0])
        assert math.isclose(found, math.log(4), rel_tol=1e-15)

    @pytest.mark.parametrize("big", [1e3, 1e300, 1.7e308])
    def test_it_is_finite_where_it_truly_is(self, big: float) -> None:
        # The probability of class 0 is 1 to the last bit, so its loss is 0, whatever a_1 is.
        assert vector("softmax_cross_entropy").value([big, -big], [big, -big], [1.0, 0.0]) == 0.0
        delta = [math.nan, math.nan]
        vector("softmax_cross_entropy").sensitivities([big, -big], [big, -big], [1.0, 0.0], delta)
        assert delta == [0.0, 0.0]

    def test_scikit_learn_s_log_loss_is_the_mean_of_it(self) -> None:
        metrics = pytest.importorskip("sklearn.metrics")
        rng = np.random.default_rng(0)
        a, classes = rng.normal(0, 3, (20, 4)), np.arange(20) % 4
        p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
        loss = vector("softmax_cross_entropy")
        ours = [loss.value(row, row, np.eye(4)[k]) for row, k in zip(a, classes, strict=True)]
        assert math.isclose(np.mean(ours), metrics.log_loss(classes, p), rel_tol=1e-12)


class TestResolve:
    @pytest.mark.parametrize("name", gn.LOSSES)
    def test_a_name_gives_the_builtin_of_that_name(self, name: str) -> None:
        assert resolve_loss(name) is gn.LOSSES[name]
        assert gn.LOSSES[name].name == name

    def test_a_loss_gives_itself(self) -> None:
        own = gn.Loss("own", lambda v, y: v, lambda v, y: 1.0)
        assert resolve_loss(own) is own

    @pytest.mark.parametrize("bad", ["mse", "", None, 3])
    def test_an_unknown_name_gets_the_choices(self, bad: object) -> None:
        with pytest.raises(ValueError, match=r"unknown loss.*'hinge'.*'squared'.*gn.Loss"):
            resolve_loss(bad)  # type: ignore[arg-type]

    def test_the_table_is_read_only(self) -> None:
        with pytest.raises(TypeError):
            gn.LOSSES["squared"] = gn.Squared()  # type: ignore[index]

    @pytest.mark.parametrize("name", gn.LOSSES)
    def test_a_builtin_can_be_pickled(self, name: str) -> None:
        again = pickle.loads(pickle.dumps(gn.LOSSES[name]))
        assert (again.name, again.targets) == (name, gn.LOSSES[name].targets)


class TestRequiredOutput:
    @pytest.mark.parametrize(
        ("loss", "needed"),
        [("softmax_cross_entropy", "identity"), ("binary_cross_entropy", "sigmoid")],
    )
    def test_a_vector_loss_refuses_another_output_and_names_the_neuron(
        self, loss: str, needed: str
    ) -> None:
        fine, tanh = gn.ACTIVATIONS[needed], gn.ACTIVATIONS["tanh"]
        require_output(gn.LOSSES[loss], [((2, 1), fine), ((2, 3), fine)])
        with pytest.raises(
            gn.CompileError, match=rf"\(2, 3\).*'tanh'.*{needed}.*set_act"
        ) as caught:
            require_output(gn.LOSSES[loss], [((2, 1), fine), ((2, 3), tanh)])
        assert caught.value.node == (2, 3)

    @pytest.mark.parametrize("loss", ["squared", "absolute", "huber", "log_cosh", "hinge"])
    @pytest.mark.parametrize("name", gn.ACTIVATIONS)
    def test_an_elementwise_loss_takes_any_output(self, loss: str, name: str) -> None:
        net = gn.Network([1, 1], activation=name)
        trace = gn.backward(net, [0.0], 1.0, loss)
        assert trace.loss == elementwise(loss).value(trace.output[0], 1.0)
