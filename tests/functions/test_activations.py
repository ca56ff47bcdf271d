"""Activations against high precision, and what an own one must be."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import decimal

import graphnn as gn
from graphnn.functions.activations import resolve_activation


def _log_1_plus(e: Decimal) -> Decimal:
    """ln(1 + e), by its series where 1 + e would lose the digits of e."""
    if e > Decimal("1e-12"):
        return (1 + e).ln()
    return e - e * e / 2 + e * e * e / 3 - e * e * e * e / 4


PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899863"
)


def _density(a: Decimal) -> Decimal:
    """The normal density."""
    return (-a * a / 2).exp() / (2 * PI).sqrt()


def _share_below(a: Decimal) -> Decimal:
    """The normal distribution function Phi(a): Abramowitz and Stegun (1964), chapter 26.

    For |a| < 6 by the series 26.2.11, whose terms are all positive, else by the continued fraction
    26.2.14. Below -40 it is 1e-350, which is 0 in a float.
    """
    if abs(a) < 6:
        term = total = a
        for n in range(3, 300, 2):
            term *= a * a / n
            total += term
        return Decimal("0.5") + _density(a) * total
    if a > 0:
        return 1 - _share_below(-a)
    if a < -40:
        return Decimal(0)
    fraction = -a
    for n in range(300, 0, -1):
        fraction = -a + n / fraction
    return _density(a) / fraction


FORMULAS: dict[str, Callable[[Decimal], Decimal]] = {
    "identity": lambda a: a,
    "sigmoid": lambda a: 1 / (1 + (-a).exp()),
    "tanh": lambda a: 1 - 2 / ((2 * a).exp() + 1),
    "relu": lambda a: max(a, Decimal(0)),
    "leaky_relu": lambda a: max(a, a / 100),
    "elu": lambda a: a if a > 0 else a.exp() - 1,
    "softplus": lambda a: _log_1_plus(a.exp()),
    "gelu": lambda a: a * _share_below(a),
    "silu": lambda a: a / (1 + (-a).exp()),
    "sign": lambda a: Decimal(0) if a == 0 else Decimal(1).copy_sign(a),
}
DERIVATIVES: dict[str, Callable[[Decimal], Decimal]] = {
    "identity": lambda a: Decimal(1),
    "sigmoid": lambda a: (-a).exp() / (1 + (-a).exp()) / (1 + (-a).exp()),
    "tanh": lambda a: 4 * (2 * a).exp() / ((2 * a).exp() + 1) / ((2 * a).exp() + 1),
    "relu": lambda a: Decimal(int(a > 0)),
    "leaky_relu": lambda a: Decimal(1) if a > 0 else Decimal(1) / 100,
    "elu": lambda a: Decimal(1) if a > 0 else a.exp(),
    "softplus": lambda a: 1 / (1 + (-a).exp()),
    "gelu": lambda a: _share_below(a) + a * _density(a),
    "silu": lambda a: (1 + (1 + a) * (-a).exp()) / (1 + (-a).exp()) / (1 + (-a).exp()),
    "sign": lambda a: Decimal(0),
}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -30.0, 30.0, 36.7, -36.7, 700.0, -700.0, 1000.0, -1000.0]
EXTREME = [
    5e-324,
    -5e-324,
    1e-310,
    -1e-310,
    1e308,
    -1e308,
    1.7e308,
    -1.7e308,
    math.ulp(1.0),
    -math.ulp(1.0),
]

# At 60 digits 1 - 2 / (e^2a + 1) keeps 40 of them down to 1e-15.
ARGUMENTS = st.one_of(st.sampled_from(SPECIAL), st.floats(1e-15, 700), st.floats(-700, -1e-15))


def off_by_ulps(found: float, exact: Fraction) -> float:
    """Return how many units in the last place a number is off."""
    return float(abs(Fraction(found) - exact) / Fraction(math.ulp(float(exact))))


def test_the_tables_of_this_file_have_every_builtin() -> None:
    assert set(FORMULAS) == set(DERIVATIVES) == set(gn.ACTIVATIONS)


@pytest.mark.parametrize("name", FORMULAS)
@given(a=ARGUMENTS)
def test_the_value_is_the_formula_s_within_3_ulps(name: str, a: float) -> None:
    found = gn.ACTIVATIONS[name].value(a)
    # The rounding of erfc's argument x moves erfc(x) by a factor of exp(2 x dx).
    steep = 2 * a * a if name == "gelu" and a < 0 else 0
    assert off_by_ulps(found, decimal(FORMULAS[name], a)) <= 3 + steep


@pytest.mark.parametrize("name", FORMULAS)
@given(a=ARGUMENTS)
def test_the_derivative_is_the_formula_s_within_the_rounding_of_v(name: str, a: float) -> None:
    activation = gn.ACTIVATIONS[name]
    v = activation.value(a)
    found = activation.derivative(a, v)
    # sigmoid and tanh compute it from v, which is rounded near 1: absolute, not relative. silu has
    # a - v in it, where v may be large.
    exact = decimal(DERIVATIVES[name], a)
    size = max(1, abs(v)) if name == "silu" else 1
    assert abs(Fraction(found) - exact) <= 8 * Fraction(size) * Fraction(1, 2**53)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("a", SPECIAL + EXTREME)
def test_value_and_derivative_neither_raise_nor_overflow(name: str, a: float) -> None:
    activation = gn.ACTIVATIONS[name]
    v = activation.value(a)
    assert math.isfinite(v)
    assert math.isfinite(activation.derivative(a, v))


@pytest.mark.parametrize(
    ("name", "value", "derivative"),
    [
        ("relu", 0, 0),
        ("leaky_relu", 0, 1 / 100),
        ("sign", 0, 0),
        ("elu", 0, 1),
        ("sigmoid", 1 / 2, 1 / 4),
        ("tanh", 0, 1),
        ("softplus", math.log(2), 1 / 2),
        ("gelu", 0, 1 / 2),
        ("silu", 0, 1 / 2),
        ("identity", 0, 1),
    ],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_at_zero_the_documented_side_of_a_kink_is_taken(
    name: str, value: float, derivative: float, zero: float
) -> None:
    activation = gn.ACTIVATIONS[name]
    assert activation.value(zero) == value
    assert activation.derivative(zero, activation.value(zero)) == derivative


@given(a=st.floats(-1000, 1000))
def test_sigmoid_is_symmetric(a: float) -> None:
    value = gn.ACTIVATIONS["sigmoid"].value
    assert math.isclose(value(a) + value(-a), 1.0, abs_tol=2.0**-52)


def test_sigmoid_of_log_odds_is_the_probability() -> None:
    # sigma(ln(p / (1 - p))) = p: Bishop (2006), equation 4.60.
    value = gn.ACTIVATIONS["sigmoid"].value
    for numerator in range(1, 10):
        p = numerator / 10
        assert math.isclose(value(math.log(p / (1 - p))), p, rel_tol=1e-15)


@pytest.mark.parametrize(
    ("name", "a", "value", "derivative"),
    [
        ("gelu", -3.0, -0.00404969409489031, -0.01194564720418392),
        ("gelu", -1.0, -0.15865525393145702, -0.08331547058768635),
        ("gelu", -0.5, -0.15426876936299344, 0.13250487534383712),
        ("gelu", 0.5, 0.34573123063700656, 0.8674951246561629),
        ("gelu", 1.0, 0.841344746068543, 1.0833154705876864),
        ("gelu", 3.0, 2.99595030590511, 1.011945647204184),
        ("silu", -3.0, -0.14227761953270035, -0.08810410601516962),
        ("silu", -1.0, -0.2689414213699951, 0.07232948812851325),
        ("silu", -0.5, -0.1887703343990727, 0.2600388126973482),
        ("silu", 0.5, 0.3112296656009273, 0.7399611873026519),
        ("silu", 1.0, 0.7310585786300049, 0.9276705118714869),
        ("silu", 3.0, 2.8577223804672998, 1.0881041060151693),
    ],
)
def test_gelu_and_silu_are_pytorch_s(name: str, a: float, value: float, derivative: float) -> None:
    # PyTorch 2.13 in float64: gelu(a), which uses 1 + erf, and silu(a), with their gradients.
    activation = gn.ACTIVATIONS[name]
    v = activation.value(a)
    assert math.isclose(v, value, rel_tol=1e-15, abs_tol=1e-16 * abs(a))
    assert math.isclose(activation.derivative(a, v), derivative, abs_tol=5e-16)


@pytest.mark.parametrize(
    ("a", "share"), [(1, 0.841344746068543), (2, 0.977249868051821), (3, 0.998650101968370)]
)
def test_gelu_has_the_tabulated_normal_distribution(a: int, share: float) -> None:
    # Abramowitz and Stegun (1964), table 26.1: P(x) to fifteen places.
    value = gn.ACTIVATIONS["gelu"].value
    assert abs(value(a) / a - share) <= 6e-16
    assert abs(value(-a) / -a - (1 - share)) <= 6e-16


@pytest.mark.parametrize(
    ("name", "lowest", "at"),
    # silu's is -W(1/e) with Lambert's W, at -1 - W(1/e), and is named in Elfwing et al. (2018).
    [
        ("gelu", -0.169971207479903, -0.751791524693564),
        ("silu", -0.278464542761074, -1.27846454276107),
    ],
)
def test_they_fall_to_their_minimum_and_rise(name: str, lowest: float, at: float) -> None:
    activation = gn.ACTIVATIONS[name]
    assert math.isclose(activation.value(at), lowest, rel_tol=1e-14)
    assert abs(activation.derivative(at, activation.value(at))) < 1e-14
    left, right = ([activation.value(at + sign * k / 8) for k in range(60)] for sign in (-1, 1))
    assert left == sorted(left)
    assert right == sorted(right)
    assert min(activation.derivative(k / 64, activation.value(k / 64)) for k in range(-640, 0)) < 0


@pytest.mark.parametrize("name", FORMULAS)
def test_nan_stays_nan(name: str) -> None:
    assert math.isnan(gn.ACTIVATIONS[name].value(math.nan))


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_the_derivative_is_1_or_0_far_out_and_a_half_next_to_0(name: str) -> None:
    activation = gn.ACTIVATIONS[name]

    def slope(a: float) -> float:
        return activation.derivative(a, activation.value(a))

    assert [slope(a) for a in (45.0, 1e10, 1.7e308)] == [1, 1, 1]
    assert all(abs(slope(-a)) < 1e-300 for a in (700.0, 1e10, 1.7e308))
    assert [slope(a) for a in (5e-324, -5e-324, 1e-310, -1e-30, 1e-19)] == [1 / 2] * 5
    assert math.isnan(activation.derivative(math.nan, math.nan))


def test_erfc_has_python_s_very_bits_in_compiled_code() -> None:
    numba = pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    wide = 10.0 ** rng.uniform(-320, 308, 20_000) * rng.choice([-1.0, 1.0], 20_000)
    x = np.concatenate([wide, rng.uniform(-7, 28, 20_000), rng.normal(size=20_000)])
    compiled = numba.vectorize(["float64(float64)"])(lambda x: math.erfc(x))  # noqa: PLW0108
    assert np.array_equal(compiled(x), [math.erfc(one) for one in x.tolist()])


def test_a_builtin_is_named_as_its_key() -> None:
    assert all(activation.name == name for name, activation in gn.ACTIVATIONS.items())


def test_the_table_of_builtins_is_read_only() -> None:
    with pytest.raises(TypeError):
        gn.ACTIVATIONS["tanh"] = gn.ACTIVATIONS["relu"]  # type: ignore[index]


@pytest.mark.parametrize("name", FORMULAS)
def test_only_sign_is_flat(name: str) -> None:
    assert gn.ACTIVATIONS[name].is_flat == (name == "sign")


@pytest.mark.parametrize("name", FORMULAS)
def test_a_pickled_builtin_is_equal_to_itself(name: str) -> None:
    assert pickle.loads(pickle.dumps(gn.ACTIVATIONS[name])) == gn.ACTIVATIONS[name]


class TestOwn:
    def test_a_good_one_is_kept_as_it_is(self) -> None:
        value, slope = (lambda a: a * a), (lambda a, v: 2 * a)
        own = gn.Activation("square", value, slope)
        assert (own.name, own.value, own.derivative) == ("square", value, slope)
        assert repr(own) == "Activation('square')"
        assert not own.is_flat

    def test_it_is_frozen(self) -> None:
        own = gn.Activation("own", lambda a: a, lambda a, v: 1.0)
        with pytest.raises(AttributeError):
            own.name = "other"  # type: ignore[misc]

    def test_a_value_that_raises_is_refused_with_its_argument_and_the_reason(self) -> None:
        with pytest.raises(ValueError, match=r"'naive': value\(-1000\.0\) raised OverflowError"):
            gn.Activation("naive", lambda a: 1 / (1 + math.exp(-a)), lambda a, v: v * (1 - v))

    def test_a_derivative_that_raises_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"derivative\(0\.0, 0\.0\) raised ZeroDivisionError"):
            gn.Activation("root", lambda a: math.sqrt(abs(a)), lambda a, v: 1 / (2 * v))

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_a_result_that_is_not_finite_is_refused(self, bad: float) -> None:
        with pytest.raises(ValueError, match="expected a finite number"):
            gn.Activation("bad", lambda a: bad if a > 100 else a, lambda a, v: 1.0)
        with pytest.raises(ValueError, match=r"derivative\(.*\) is .*, expected a finite number"):
            gn.Activation("bad", lambda a: a, lambda a, v: bad if a < -100 else 1.0)

    @pytest.mark.parametrize("bad", [None, "text", 1j, (1.0, 2.0)])
    def test_a_result_that_is_no_number_is_refused(self, bad: object) -> None:
        with pytest.raises(ValueError, match="value"):
            gn.Activation("bad", lambda a: bad, lambda a, v: 1.0)  # type: ignore[arg-type, return-value]

    @pytest.mark.parametrize("name", ["", None, 3])
    def test_a_name_that_is_no_text_is_refused(self, name: object) -> None:
        with pytest.raises(ValueError, match="non-empty string"):
            gn.Activation(name, lambda a: a, lambda a, v: 1.0)  # type: ignore[arg-type]

    def test_a_builtin_s_name_is_refused_where_it_is_used(self) -> None:
        own = gn.Activation("tanh", lambda a: a, lambda a, v: 1.0)
        with pytest.raises(ValueError, match="'tanh' is a built-in's"):
            resolve_activation(own)
        with pytest.raises(ValueError, match="'tanh' is a built-in's"):
            gn.Network([1, 1], activation=own)


class TestResolve:
    def test_a_name_gives_the_builtin(self) -> None:
        assert resolve_activation("elu") is gn.ACTIVATIONS["elu"]

    def test_an_activation_gives_itself(self) -> None:
        own = gn.Activation("own", lambda a: a, lambda a, v: 1.0)
        assert resolve_activation(own) is own

    @pytest.mark.parametrize("bad", ["Tanh", "", None, 3, math.tanh])
    def test_an_unknown_name_gets_the_choices(self, bad: object) -> None:
        with pytest.raises(ValueError, match=r"unknown activation.*'relu'.*'tanh'") as caught:
            resolve_activation(bad)  # type: ignore[arg-type]
        assert "gn.Activation(name, value, derivative)" in str(caught.value)
