"""The node engine on fractions, on many digits, and on NumPy's and Decimal's numbers."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SMOOTH, Case, cases, networks
from ties import tied

import graphnn as gn
from graphnn.engines.numbers import Kind
from graphnn.types import Edge

PIECEWISE_LINEAR = ("identity", "relu", "leaky_relu", "sign")
FRACTIONS = st.fractions(-3, 3, max_denominator=50)


def fractions(draw: st.DataObject, count: int) -> list[Fraction]:
    numbers: list[Fraction] = draw.draw(st.lists(FRACTIONS, min_size=count, max_size=count))
    return numbers


class TestFractions:
    def test_a_chain_by_hand(self) -> None:
        # a = 1/2 + 1/4 * 1/3 = 7/12, v = 7/12, out = -2 v = -7/6, y = 1: delta = -13/6,
        # dl/dw2 = -13/6 * 7/12, delta_1 = -2 * -13/6 = 13/3, dl/dw1 = 13/3 * 1/3.
        net = gn.Network([1, 1, 1], activation=["relu", "identity"])
        net.add_weighted_edges_from(
            [((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 0.25), ((1, 1), (2, 1), -2.0)]
        )
        trace = gn.backward(net, [Fraction(1, 3)], 1, number=Fraction)
        assert trace.a == {(1, 1): Fraction(7, 12), (2, 1): Fraction(-7, 6)}
        assert trace.output == (Fraction(-7, 6),)
        assert trace.loss == Fraction(169, 72)
        assert trace.delta == {(2, 1): Fraction(-13, 6), (1, 1): Fraction(13, 3)}
        assert trace.gradient == {
            ((0, 0), (1, 1)): Fraction(13, 3),
            ((0, 1), (1, 1)): Fraction(13, 9),
            ((1, 1), (2, 1)): Fraction(-91, 72),
        }

    @given(networks(("identity", "relu")), st.data())
    def test_any_rational_network_is_exact(self, net: gn.Network, data: st.DataObject) -> None:
        x, y = fractions(data, net.layers[0]), fractions(data, net.layers[-1])
        trace = gn.backward(net, x, y, number=Fraction)
        a, v = oracles.exact_forward(net, x)
        delta = oracles.exact_sensitivities(net, x, y)
        assert (trace.a, trace.v, trace.delta) == (a, v, delta)
        assert trace.gradient == {(i, j): delta[j] * v[i] for i, j in net.edges}
        outputs = zip(oracles.neurons_of(net, net.depth), y, strict=True)
        assert trace.loss == sum((v[n] - t) ** 2 for n, t in outputs) / 2

    @given(networks(PIECEWISE_LINEAR), st.data())
    def test_the_gradient_is_the_exact_central_difference(
        self, net: gn.Network, data: st.DataObject
    ) -> None:
        """Between kinks the loss is a parabola of each weight, whose difference has no error."""
        x, y = fractions(data, net.layers[0]), fractions(data, net.layers[-1])
        trace = gn.backward(net, x, y, number=Fraction)
        h = Fraction(1, 10**600)  # nearer than any kink that such floats can have, but 0 itself
        kinks = {n for n, a in trace.a.items() if a == 0 and net.activation(n).name != "identity"}
        for edge, weight in trace.weights.items():
            if not kinks & {edge[1], *nx.descendants(net.graph, edge[1])}:
                losses = [
                    gn.backward(net, x, y, number=Kind(Fraction, {edge: weight + step})).loss
                    for step in (h, -h)
                ]
                assert (losses[0] - losses[1]) / (2 * h) == trace.gradient[edge]  # type: ignore[operator]

    @given(networks(PIECEWISE_LINEAR), st.data(), st.integers(0, 2**32 - 1))
    def test_every_number_is_a_fraction(
        self, net: gn.Network, data: st.DataObject, seed: int
    ) -> None:
        net = tied(net, np.random.default_rng(seed), relays=1)
        x, y = fractions(data, net.layers[0]), fractions(data, net.layers[-1])
        for loss in ("squared", "absolute", "huber"):
            trace = gn.backward(net, x, y, loss, number=Fraction)
            tables = (trace.a, trace.v, trace.weights, trace.delta, trace.gradient)
            numbers = [*(one for table in tables for one in table.values()), trace.loss]
            assert {type(one) for one in [*numbers, *trace.target]} == {Fraction}  # type: ignore[misc]

    def test_a_shared_weight_receives_the_exact_sum(self) -> None:
        net = gn.Network([2, 1], activation="identity")
        net.add_edges_from([((0, i), (1, 1)) for i in (1, 2)], weight=0.5, shared="twin")
        trace = gn.backward(net, [Fraction(1, 3), Fraction(1, 7)], 0, number=Fraction)
        # a = 1/2 (1/3 + 1/7) = 5/21 = delta; 5/21 * 10/21 = 50/441.
        assert set(trace.gradient.values()) == {Fraction(50, 441)}

    def test_floats_stand_for_their_exact_values_unless_said_otherwise(self) -> None:
        net = gn.Network.from_matrices([[[0.1], [0.1]]], activation="identity")
        exact = gn.forward(net, [0.5], number=Fraction).output[0]
        assert exact == Fraction(0.1) * Fraction(3, 2)
        assert exact != Fraction(3, 20)
        decimal = gn.forward(net, [0.5], number=lambda w: Fraction(str(w))).output[0]
        assert decimal == Fraction(3, 20)

    def test_an_own_activation_in_arithmetic_is_exact_constants_too(self) -> None:
        third = 1 / 3

        def value(a: float, scale: float = 0.1) -> float:
            return scale * a * a + third * a + 2 / 7

        square = gn.Activation("square", value, lambda a, v: 0.1 * 2 * a + third)
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation=square)
        trace = gn.backward(net, [Fraction(1, 2)], 0, number=Fraction)
        v = Fraction(1, 40) + Fraction(1, 6) + Fraction(2, 7)
        assert trace.output == (v,)
        assert trace.delta[1, 1] == (Fraction(1, 10) + Fraction(1, 3)) * v

    def test_losses_have_exact_constants(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        x = [Fraction(10, 3)]
        assert gn.backward(net, x, 0, gn.Huber(0.1), number=Fraction).loss == Fraction(
            1, 10
        ) * Fraction(10, 3) - Fraction(1, 200)
        assert gn.backward(net, x, 0, gn.Squared(0.3), number=Fraction).loss == Fraction(10, 3)

    def test_hinge_takes_signs(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        trace = gn.backward(net, [Fraction(1, 3)], -1, "hinge", number=Fraction)
        assert (trace.loss, trace.delta[1, 1]) == (Fraction(4, 3), 1)

    @pytest.mark.parametrize("name", ["sigmoid", "tanh", "elu", "softplus", "gelu", "silu"])
    def test_what_needs_an_exp_is_refused_by_neuron_with_the_fix(self, name: str) -> None:
        net = gn.Network.dense([1, 2, 1], activation="identity", seed=0)
        net.set_activation(name, neuron=(1, 2))
        net.set_weight((0, 0), (1, 2), -9.0)
        with pytest.raises(
            gn.CompileError,
            match=rf"neuron \(1, 2\): the activation '{name}' needs math\.\w+, which Fraction has "
            r"not; number=mpmath\.mpf",
        ) as caught:
            gn.forward(net, [Fraction(1, 3)], number=Fraction)
        assert caught.value.node == (1, 2)

    def test_a_loss_that_needs_a_log_is_refused(self) -> None:
        net = gn.Network.dense([1, 2], activation="identity", seed=0)
        with pytest.raises(
            gn.CompileError, match=r"the loss 'softmax_cross_entropy' needs math\.exp"
        ):
            gn.backward(net, [1], 0, "softmax_cross_entropy", number=Fraction)

    def test_an_activation_that_rounds_to_floats_is_refused(self) -> None:
        net = gn.Network.dense([1, 1], seed=0)
        net.set_activation(gn.Activation("half", lambda a: float(a) / 2, lambda a, v: 0.5), layer=1)
        with pytest.raises(gn.CompileError, match=r"neuron \(1, 1\): .*'half' gave the float"):
            gn.forward(net, [1], number=Fraction)

    def test_an_activation_of_numpy_s_is_refused(self) -> None:
        net = gn.Network.dense([1, 1], seed=0)
        net.set_activation(gn.Activation("sine", np.sin, lambda a, v: np.cos(a)), layer=1)
        with pytest.raises(gn.CompileError, match=r"'sine' cannot be worked out"):
            gn.forward(net, [1], number=Fraction)

    def test_the_network_keeps_its_floats(self) -> None:
        net = gn.Network.dense([2, 2, 1], activation="relu", seed=0)
        before = net.copy()
        gn.backward(net, [1, 2], 3, number=Fraction)
        assert net == before
        assert {type(w) for _, _, w in net.edges(data="weight")} == {float}
        assert net.version == before.version

    def test_the_trace_can_be_pickled(self) -> None:
        net = gn.Network.dense([2, 2, 1], activation="leaky_relu", seed=0)
        trace = gn.backward(net, [1, 2], 3, "huber", number=Fraction)
        twin = pickle.loads(pickle.dumps(trace))
        assert twin == trace
        assert twin.steps == trace.steps
        assert twin.explain((1, 1)) == trace.explain((1, 1))


VALUES: Mapping[str, Callable[[Any, Any], Any]] = {
    "sigmoid": lambda mp, a: 1 / (1 + mp.exp(-a)),
    "tanh": lambda mp, a: mp.sinh(a) / mp.cosh(a),
    "elu": lambda mp, a: a if a > 0 else mp.exp(a) - 1,
    "softplus": lambda mp, a: mp.log(1 + mp.exp(a)),
    "silu": lambda mp, a: a / (1 + mp.exp(-a)),
    "leaky_relu": lambda mp, a: a if a > 0 else a / 100,
}
"""Activations in mpmath's words."""


class TestManyDigits:
    @pytest.mark.parametrize("name", VALUES)
    @pytest.mark.parametrize("x", [-3.0, -0.1, 0.1, 2.5])
    def test_values_and_slopes_have_50_digits(self, name: str, x: float) -> None:
        mpmath = pytest.importorskip("mpmath")
        mp, value = mpmath.mp, VALUES[name]
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation=name)
        with mp.workdps(50):
            trace = gn.backward(net, [x], 0, number=mpmath.mpf)
            v = value(mp, mp.mpf(x))
            assert abs(trace.v[1, 1] - v) <= 1e-48 * abs(v)
            assert isinstance(trace.delta[1, 1], mpmath.mpf)
        with mp.workdps(110):
            slope = mp.diff(lambda a: value(mp, a), mp.mpf(x))
            assert abs(trace.delta[1, 1] - slope * v) <= 1e-47 * abs(slope * v)

    def test_gelu_has_the_digits_of_its_two_constants(self) -> None:
        mpmath = pytest.importorskip("mpmath")
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="gelu")
        with mpmath.mp.workdps(50):
            a = mpmath.mpf("0.7")
            found = gn.forward(net, [a], number=mpmath.mpf).output[0]
            exact = a / 2 * mpmath.erfc(-a / mpmath.sqrt(2))
            assert 0 < abs(found / exact - 1) < 1e-16

    @given(cases(activations=SMOOTH, max_layers=2))
    def test_a_layer_s_floats_are_these_numbers_rounded(self, case: Case) -> None:
        mpmath = pytest.importorskip("mpmath")
        x, y = case.X[0].tolist(), case.y[0].tolist()
        rounded = gn.backward(case.net, x, y, case.loss)
        with mpmath.mp.workdps(50):
            trace = gn.backward(case.net, x, y, case.loss, number=mpmath.mpf)
        for n, edges in trace.incoming.items():
            # Higham, chapter 3: n u / (1 - n u) times the sum of the terms' sizes.
            size = sum(abs(trace.weights[e] * trace.v[e[0]]) for e in edges)
            bound = 1e-15 * (len(edges) + 1) * (size + mpmath.mpf(10) ** -300)
            assert abs(trace.a[n] - rounded.a[n]) <= bound
            assert abs(trace.v[n] - rounded.v[n]) <= 2 * bound + 1e-15 * (1 + abs(trace.v[n]))

    def test_mazur_s_network_to_1e_15(self, mazur: gn.Network) -> None:
        mpmath = pytest.importorskip("mpmath")
        rounded = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99])
        with mpmath.mp.workdps(50):
            trace = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99], number=mpmath.mpf)
            for name in ("a", "v", "delta", "gradient"):
                for key, number in getattr(trace, name).items():
                    assert abs(getattr(rounded, name)[key] / number - 1) < 1e-15
            assert abs(rounded.loss / trace.loss - 1) < 1e-15  # type: ignore[operator]

    def test_digits_that_a_float_has_not_make_a_difference(self) -> None:
        mpmath = pytest.importorskip("mpmath")
        # 1e16 + 1 - 1e16: in floats the 1 is lost.
        net = gn.Network.from_matrices([[[1e16], [1.0], [-1e16]]], activation="identity")
        assert gn.forward(net, [1.0, 1.0]).output == (0.0,)
        with mpmath.mp.workdps(50):
            assert gn.forward(net, [1.0, 1.0], number=mpmath.mpf).output == (1,)

    def test_fractions_become_numbers_of_all_digits(self) -> None:
        mpmath = pytest.importorskip("mpmath")
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        with mpmath.mp.workdps(50):
            found = gn.forward(net, [Fraction(1, 3)], number=mpmath.mpf).output[0]
            assert abs(found * 3 - 1) < 1e-49


class TestOthers:
    @given(cases())
    def test_floats_are_what_they_are_by_default(self, case: Case) -> None:
        x, y = case.X[0], case.y[0]
        expected = gn.backward(case.net, x, y, case.loss)
        trace = gn.backward(case.net, x, y, case.loss, number=float)
        for name in ("a", "v", "delta", "gradient", "loss", "target", "weights"):
            assert getattr(trace, name) == getattr(expected, name)

    def test_float32_multiplies_and_adds_in_float32(self) -> None:
        net = gn.Network.dense([3, 2], activation="tanh", seed=0)
        x = [0.1, 0.7, -0.3]
        trace = gn.forward(net, x, number=np.float32)
        for j in (1, 2):
            a = np.float32(0)
            for i, value in enumerate([1.0, *x]):
                a = a + np.float32(net.edges[(0, i), (1, j)]["weight"]) * np.float32(value)
            assert trace.a[1, j] == a
            assert trace.v[1, j] == np.tanh(a)
            assert trace.v[1, j].dtype == np.float32

    def test_decimals_have_an_exp_of_their_own(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="sigmoid")
        found = gn.forward(net, [Decimal("0.5")], number=Decimal).output[0]
        assert found == 1 / (1 + Decimal("-0.5").exp())
        assert isinstance(found, Decimal)

    def test_a_type_of_one_s_own_is_asked_for_its_methods(self) -> None:
        class Dual:
            """A number and its derivative."""

            def __init__(self, value: Any, slope: float = 0.0) -> None:
                self.value, self.slope = float(value), slope

            def __add__(self, other: Any) -> Dual:
                other = other if isinstance(other, Dual) else Dual(other)
                return Dual(self.value + other.value, self.slope + other.slope)

            __radd__ = __add__

            def __mul__(self, other: Any) -> Dual:
                other = other if isinstance(other, Dual) else Dual(other)
                slope = self.slope * other.value + self.value * other.slope
                return Dual(self.value * other.value, slope)

            __rmul__ = __mul__

            def __sub__(self, other: Any) -> Dual:
                return self + -1 * (other if isinstance(other, Dual) else Dual(other))

            def __eq__(self, other: object) -> bool:
                return self.value == (other.value if isinstance(other, Dual) else other)

            __hash__ = None  # type: ignore[assignment]

            def tanh(self) -> Dual:
                v = math.tanh(self.value)
                return Dual(v, (1 - v * v) * self.slope)

        net = gn.Network.dense([1, 3, 1], activation=["tanh", "identity"], seed=0)
        edge = ((0, 1), (1, 2))
        weight = Dual(net.edges[edge]["weight"], 1.0)
        found = gn.forward(net, [0.7], number=Kind(Dual, {edge: weight})).output[0]
        # The derivative of the output by the weight, forward, is the gradient of v, backward.
        linear = gn.Loss("linear", lambda v, y: v, lambda v, y: 1)
        expected = gn.backward(net, [0.7], 0, linear)
        assert found.value == expected.output[0]
        assert math.isclose(found.slope, expected.gradient[edge], rel_tol=1e-14)


class TestWeights:
    EDGE: Edge = ((0, 1), (1, 1))

    def test_weights_that_no_float_is(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [9.0]]], activation="identity")
        third = Kind(Fraction, {self.EDGE: Fraction(1, 3)})
        assert gn.forward(net, [1], number=third).output == (Fraction(1, 3),)

    def test_one_for_all_that_share_it(self) -> None:
        net = gn.Network([1, 2], activation="identity")
        net.add_edges_from([((0, 1), (1, j)) for j in (1, 2)], shared="twin")
        third = Kind(Fraction, {self.EDGE: Fraction(1, 3)})
        assert gn.forward(net, [1], number=third).output == (Fraction(1, 3),) * 2
        two = Kind(Fraction, {self.EDGE: Fraction(1, 3), ((0, 1), (1, 2)): Fraction(1, 4)})
        with pytest.raises(gn.NetworkError, match="one weight for all"):
            gn.forward(net, [1], number=two)

    def test_a_weight_of_no_edge_is_refused(self) -> None:
        net = gn.Network.dense([1, 1])
        with pytest.raises(gn.NetworkError, match="which is no edge"):
            gn.forward(net, [1], number=Kind(Fraction, {((0, 5), (1, 1)): Fraction(1)}))


class TestBadInput:
    @pytest.mark.parametrize("number", [3, "float", Fraction(1)])
    def test_what_makes_no_numbers_is_refused(self, number: Any) -> None:
        with pytest.raises(TypeError, match="expected what makes numbers of floats"):
            gn.forward(gn.Network.dense([1, 1]), [1], number=number)

    @pytest.mark.parametrize(
        ("x", "words"),
        [
            ([1], r"x has shape \(1,\), expected \(2,\)"),
            ([[1, 2]], r"x has shape \(1, 2\), expected \(2,\)"),
            (3, r"x has shape \(\), expected \(2,\)"),
            ([[1], [1, 2]], r"x\[0\] is \[1\], expected a number"),
            ([np.ones((2, 2)), np.ones((2, 3))], "x is no rectangular array"),
            ([1, "1/2"], r"x\[1\] is '1/2', expected a number"),
            ([1, None], r"x\[1\] is None, expected a number"),
            ([1, float("nan")], r"x\[1\] is nan"),
            ([float("inf"), 1], r"x\[0\] is inf"),
        ],
    )
    def test_an_input_that_does_not_fit_is_refused(self, x: Any, words: str) -> None:
        net = gn.Network.dense([2, 1], activation="relu")
        with pytest.raises(gn.DataError, match=words):
            gn.forward(net, x, number=Fraction)

    def test_a_number_that_is_not_finite_is_refused(self) -> None:
        net = gn.Network.dense([1, 1])
        with pytest.raises(gn.DataError, match=r"x\[0\] is NaN"):
            gn.forward(net, [1], number=lambda one: Decimal("nan"))

    @pytest.mark.parametrize("y", [[], [1], [1, 2, 3], ["a", "b"], None, [1, float("nan")]])
    def test_a_target_that_does_not_fit_is_refused(self, y: Any) -> None:
        net = gn.Network.dense([1, 2], activation="relu")
        with pytest.raises(gn.DataError, match="y"):
            gn.backward(net, [1], y, number=Fraction)

    @pytest.mark.parametrize(
        ("loss", "y"),
        [
            ("hinge", Fraction(1, 2)),
            ("binary_cross_entropy", Fraction(3, 2)),
            ("binary_cross_entropy", Fraction(10**400)),
        ],
    )
    def test_a_target_outside_the_loss_s_range_is_refused(self, loss: str, y: Fraction) -> None:
        net = gn.Network.dense([1, 1], activation="sigmoid")
        with pytest.raises(gn.DataError, match=r"y\[0"):
            gn.backward(net, [1], y, loss, number=Fraction)

    def test_a_class_number_is_a_target_of_softmax(self) -> None:
        mpmath = pytest.importorskip("mpmath")
        net = gn.Network.dense([1, 3], activation="identity", seed=0)
        loss = "softmax_cross_entropy"
        one = gn.backward(net, [1], 2, loss, number=mpmath.mpf)
        rows = gn.backward(net, [1], [0, 0, 1], loss, number=mpmath.mpf)
        assert one.delta == rows.delta
        assert {type(target) for target in one.target or ()} == {mpmath.mpf}
        with pytest.raises(gn.DataError, match="expected a class number"):
            gn.backward(net, [1], 3, loss, number=mpmath.mpf)
        with pytest.raises(gn.CompileError, match="needs 'identity'"):
            gn.backward(gn.Network.dense([1, 3]), [1], 2, loss, number=mpmath.mpf)
