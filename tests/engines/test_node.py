"""The node engine against worked examples, exact arithmetic and complex steps."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import oracles
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import SMOOTH, Case, cases, networks, quarters

import graphnn as gn
from graphnn.engines import node


class TestWorkedExamples:
    """Mazur (2015), "A Step by Step Backpropagation Example"; Goodfellow et al. (2016), 6.1."""

    def test_mazur_s_forward_pass(self, mazur: gn.Network) -> None:
        trace = gn.forward(mazur, [0.05, 0.10])
        assert math.isclose(trace.a[1, 1], 0.3775, abs_tol=1e-12)
        assert math.isclose(trace.v[1, 1], 0.593269992, abs_tol=1e-9)
        assert math.isclose(trace.v[1, 2], 0.596884378, abs_tol=1e-9)
        assert math.isclose(trace.a[2, 1], 1.105905967, abs_tol=1e-9)
        assert math.isclose(trace.output[0], 0.75136507, abs_tol=1e-8)
        assert math.isclose(trace.output[1], 0.772928465, abs_tol=1e-9)

    def test_mazur_s_total_error(self, mazur: gn.Network) -> None:
        trace = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99])
        assert trace.loss is not None
        assert math.isclose(trace.loss, 0.298371109, abs_tol=1e-9)

    def test_mazur_s_sensitivities_and_gradients(self, mazur: gn.Network) -> None:
        trace = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99])
        assert math.isclose(trace.delta[2, 1], 0.138498562, abs_tol=1e-9)
        assert math.isclose(trace.gradient[(1, 1), (2, 1)], 0.082167041, abs_tol=1e-9)
        assert math.isclose(trace.gradient[(0, 1), (1, 1)], 0.000438568, abs_tol=1e-9)

    @pytest.mark.parametrize("edge", oracles.MAZUR_TRAINED)
    def test_mazur_s_weights_after_one_step(self, mazur: gn.Network, edge: tuple) -> None:
        trace = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99])
        moved, _ = gn.SGD().update(trace.weights[edge], trace.gradient[edge], (), (0.5,))
        assert math.isclose(moved, oracles.MAZUR_TRAINED[edge], abs_tol=6e-9)

    @pytest.mark.parametrize(("x", "y"), [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)])
    def test_goodfellow_s_xor_network(self, x: list[float], y: float) -> None:
        net = gn.Network.from_matrices(
            [[[0, -1], [1, 1], [1, 1]], [[0], [1], [-2]]], activation=["relu", "identity"]
        )
        assert gn.forward(net, x).output == (y,)

    def test_a_chain_by_hand(self) -> None:
        # a = 2 * 3 = 6, b = a^2 = 36, out = 5 b + 1 = 181; y = 180: delta = 1,
        # dl/dw5 = b = 36, dl/dw2 = 1 * 5 * 2a * 3 = 180.
        square = gn.Activation("square", lambda a: a * a, lambda a, v: 2 * a)
        net = gn.Network([1, 1, 1], activation=[square, "identity"])
        net.add_weighted_edges_from(
            [((0, 1), (1, 1), 2.0), ((1, 0), (2, 1), 1.0), ((1, 1), (2, 1), 5.0)]
        )
        trace = gn.backward(net, [3.0], 180.0)
        assert trace.output == (181.0,)
        assert trace.loss == 0.5
        assert trace.delta == {(2, 1): 1.0, (1, 1): 60.0}
        assert trace.gradient == {
            ((0, 1), (1, 1)): 180.0, ((1, 0), (2, 1)): 1.0, ((1, 1), (2, 1)): 36.0,
        }  # fmt: skip


class TestExactArithmetic:
    """Short numbers, whose sums and products a float holds exactly, against fractions."""

    @given(networks(("identity", "relu"), weights=quarters()), st.data())
    def test_forward_is_exact(self, net: gn.Network, data: st.DataObject) -> None:
        x = data.draw(st.lists(quarters(), min_size=net.layers[0], max_size=net.layers[0]))
        trace = gn.forward(net, x)
        a, v = oracles.exact_forward(net, x)
        assert trace.a == a
        assert trace.v == v

    @given(networks(("identity", "relu"), weights=quarters()), st.data())
    def test_backward_is_exact(self, net: gn.Network, data: st.DataObject) -> None:
        x = data.draw(st.lists(quarters(), min_size=net.layers[0], max_size=net.layers[0]))
        y = data.draw(st.lists(quarters(), min_size=net.layers[-1], max_size=net.layers[-1]))
        trace = gn.backward(net, x, y)
        delta = oracles.exact_sensitivities(net, x, y)
        _, v = oracles.exact_forward(net, x)
        assert trace.delta == delta
        assert trace.gradient == {(i, j): delta[j] * v[i] for i, j in net.edges}
        outputs = zip(oracles.neurons_of(net, net.depth), y, strict=True)
        assert trace.loss == sum((v[n] - Fraction(t)) ** 2 for n, t in outputs) / 2


class TestGradient:
    @given(cases(("squared", "binary_cross_entropy", "softmax_cross_entropy"), SMOOTH))
    def test_it_is_the_complex_step_derivative_of_the_loss(self, case: Case) -> None:
        assert_gradient(case)

    @given(cases())
    def test_it_is_so_away_from_kinks_for_every_activation_and_loss(self, case: Case) -> None:
        assume(away_from_kinks(case))
        assert_gradient(case)

    @given(cases(("squared", "softmax_cross_entropy"), SMOOTH, max_layers=3))
    def test_it_is_the_central_difference_of_the_node_engine_s_own_loss(self, case: Case) -> None:
        x, y = case.X[0].tolist(), case.y[:1] if case.net.layers[-1] > 1 else case.y[0]
        trace = gn.backward(case.net, x, y, case.loss)
        size = 1 + max(abs(v) for v in trace.v.values()) ** 2
        for (u, v), weight in oracles.weights_of(case.net).items():
            losses = []
            for h in (2.0**-17, -(2.0**-17)):
                moved = case.net.copy()
                moved.set_weight(u, v, weight + h)
                losses.append(gn.backward(moved, x, y, case.loss).loss)
            estimate = (losses[0] - losses[1]) / 2.0**-16  # type: ignore[operator]
            bound = 1e-6 * (size * (1 + abs(trace.loss or 0.0)) + abs(trace.gradient[u, v]))
            assert abs(trace.gradient[u, v] - estimate) <= bound

    @given(cases())
    def test_it_is_delta_times_v_at_every_edge_bit_for_bit(self, case: Case) -> None:
        trace = gn.backward(case.net, case.X[0], case.y[0], case.loss)
        assert trace.gradient == {(i, j): trace.delta[j] * trace.v[i] for i, j in case.net.edges}


def assert_gradient(case: Case) -> None:
    """Compare every edge's gradient, the mean over samples, with complex steps."""
    expected = oracles.gradient(case.net, case.X, case.y, case.loss)
    traces = [gn.backward(case.net, x, y, case.loss) for x, y in zip(case.X, case.y, strict=True)]
    size = max((abs(g) for g in expected.values()), default=0.0)
    size = max([size, 1.0, *(abs(v) for trace in traces for v in trace.v.values())])
    for edge, exact in expected.items():
        found = sum(trace.gradient[edge] for trace in traces) / len(traces)
        assert math.isclose(found, exact, rel_tol=1e-9, abs_tol=1e-10 * size)


def away_from_kinks(case: Case) -> bool:
    """Whether no sum lies within rounding of a kink, where the derivative is a convention."""
    for x, y in zip(case.X, case.y, strict=True):
        trace = gn.backward(case.net, x, y, case.loss)
        for n, edges in trace.incoming.items():
            size = sum(abs(trace.weights[e] * trace.v[e[0]]) for e in edges)
            kinked = trace.activations[n].name in ("leaky_relu", "relu", "sign")
            if kinked and edges and abs(trace.a[n]) <= 1e-9 * size:
                return False
        gaps = [v - t for v, t in zip(trace.output, y, strict=True)]
        if case.loss == "absolute" and min(map(abs, gaps)) < 1e-9:
            return False
        margins = [1 - v * t for v, t in zip(trace.output, y, strict=True)]
        if case.loss == "hinge" and min(map(abs, margins)) < 1e-9:
            return False
    return True


class TestForward:
    @given(networks(), st.data())
    def test_every_neuron_has_a_value_constants_are_1(
        self, net: gn.Network, data: st.DataObject
    ) -> None:
        x = data.draw(st.lists(quarters(), min_size=net.layers[0], max_size=net.layers[0]))
        trace = gn.forward(net, x)
        assert set(trace.v) == set(net.nodes)
        assert set(trace.a) == {n for n in net.nodes if n[0] > 0 and n[1] > 0}
        assert all(trace.v[t, 0] == 1.0 for t in range(net.depth))
        assert [trace.v[n] for n in net.neurons(0)] == x
        assert trace.output == tuple(trace.v[n] for n in net.neurons(net.depth))

    @pytest.mark.parametrize("name", gn.ACTIVATIONS)
    def test_a_neuron_that_nothing_reaches_has_the_empty_sum(self, name: str) -> None:
        net = gn.Network([1, 1], activation=name)
        trace = gn.backward(net, [5.0], 1.0)
        assert trace.a[1, 1] == 0.0
        assert trace.output == (gn.ACTIVATIONS[name].value(0.0),)
        assert trace.gradient == {}

    def test_a_neuron_that_leads_nowhere_has_no_sensitivity(self) -> None:
        net = gn.Network([1, 2, 1], activation="tanh")
        net.add_weighted_edges_from([((0, 1), (1, 1), 1.0), ((1, 2), (2, 1), 1.0)])
        trace = gn.backward(net, [5.0], 1.0)
        assert trace.delta[1, 1] == 0.0
        assert trace.gradient[(0, 1), (1, 1)] == 0.0

    def test_sums_run_by_ascending_i_from_the_left(self) -> None:
        # In float64 a 1 that is added to 1e16 is lost, and one that is added at the end stays.
        for weights, expected in [((1.0, 1e16, -1e16), 0.0), ((1e16, -1e16, 1.0), 1.0)]:
            net = gn.Network([2, 1], activation="identity")
            edges = [((0, i), (1, 1), w) for i, w in enumerate(weights)]
            net.add_weighted_edges_from(reversed(edges))
            assert gn.forward(net, [1.0, 1.0]).output == (expected,)

    def test_back_sums_run_by_ascending_k_from_the_left(self) -> None:
        for weights, expected in [((1.0, 1e16, -1e16), 0.0), ((1e16, -1e16, 1.0), 1.0)]:
            net = gn.Network([1, 1, 3], activation="identity")
            edges = [((1, 1), (2, k), w) for k, w in enumerate(weights, start=1)]
            net.add_weighted_edges_from(reversed(edges))
            # The values are 0, so each delta is 0 - (-1) = 1.
            assert gn.backward(net, [1.0], [-1.0] * 3).delta[1, 1] == expected

    def test_sign_runs_forward(self) -> None:
        net = gn.Network.from_matrices([[[0.5], [1.0]]], activation="sign")
        assert [gn.forward(net, [x]).output for x in (-2.0, -0.5, 3.0)] == [(-1,), (0,), (1,)]

    def test_an_own_activation_and_loss_are_called_as_they_are(self) -> None:
        cube = gn.Activation("cube", lambda a: a * a * a, lambda a, v: 3 * a * a)
        quartic = gn.Loss(
            "quartic", lambda v, y: (v - y) * (v - y) * (v - y) * (v - y) / 4,
            lambda v, y: (v - y) * (v - y) * (v - y),
        )  # fmt: skip
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation=cube)
        trace = gn.backward(net, [2.0], 6.0, loss=quartic)
        # v = 8, l = 2^4 / 4, delta = 3 * 2^2 * 2^3, gradients delta and 2 delta.
        assert (trace.output, trace.loss, trace.delta) == ((8.0,), 4.0, {(1, 1): 96.0})
        assert list(trace.gradient.values()) == [96.0, 192.0]


class TestBadInput:
    @pytest.mark.parametrize(
        ("x", "words"),
        [
            ([1.0], r"x has shape \(1,\), expected \(2,\)"),
            ([[1.0, 2.0]], "for many samples at once use program.forward"),
            ([1.0, math.nan], r"x\[1\] is nan"),
            ([math.inf, 1.0], r"x\[0\] is inf"),
            (["a", "b"], "x has dtype"),
        ],
    )
    def test_an_input_that_does_not_fit_is_refused(
        self, small: gn.Network, x: list, words: str
    ) -> None:
        with pytest.raises(gn.DataError, match=words):
            gn.forward(small, x)
        with pytest.raises(gn.DataError, match=words):
            gn.backward(small, x, [0.0, 0.0])

    @pytest.mark.parametrize("y", [1.0, [1.0], [1.0, 2.0, 3.0], [1.0, math.nan], ["a", "b"], None])
    def test_a_target_that_does_not_fit_is_refused(self, small: gn.Network, y: object) -> None:
        with pytest.raises(gn.DataError, match="y"):
            gn.backward(small, [1.0, 2.0], y)

    @pytest.mark.parametrize(("y", "loss"), [(3, "softmax_cross_entropy"), (0.0, "hinge")])
    def test_a_target_outside_the_loss_s_range_is_refused(self, y: float, loss: str) -> None:
        net = gn.Network.dense([1, 3 if loss.startswith("softmax") else 1], activation="identity")
        with pytest.raises(gn.DataError, match=r"y\[0"):
            gn.backward(net, [1.0], y, loss)

    def test_a_class_number_is_a_target_of_softmax(self) -> None:
        net = gn.Network.dense([1, 3], activation="identity", seed=0)
        one = gn.backward(net, [1.0], 2, "softmax_cross_entropy")
        rows = gn.backward(net, [1.0], [0, 0, 1], "softmax_cross_entropy")
        assert one == rows

    def test_a_loss_that_needs_another_output_is_refused(self, small: gn.Network) -> None:
        with pytest.raises(gn.CompileError, match=r"neuron \(2, 1\).*'sigmoid'.*'identity'"):
            gn.backward(small, [1.0, 2.0], [0.0, 1.0], "softmax_cross_entropy")

    def test_an_unknown_loss_is_refused(self, small: gn.Network) -> None:
        with pytest.raises(ValueError, match="unknown loss: 'mse'"):
            gn.backward(small, [1.0, 2.0], [0.0, 1.0], "mse")


class TestRun:
    def test_the_file_stays_under_250_lines(self) -> None:
        assert len(Path(node.__file__).read_text(encoding="utf-8").splitlines()) < 250

    def test_training_follows_the_documented_order_of_operations_bit_for_bit(self) -> None:
        """Design: every sum from 0 and ascending, all sensitivities before any weight moves."""
        draw = random.Random(4)
        w1 = [[draw.uniform(-1, 1) for _ in range(3)] for _ in range(3)]
        w2 = [[draw.uniform(-1, 1)] for _ in range(4)]
        X = [[draw.uniform(-2, 2) for _ in range(2)] for _ in range(7)]
        y = [draw.uniform(-1, 1) for _ in range(7)]
        net = gn.Network.from_matrices([w1, w2], activation=["tanh", "identity"])
        eta, lambda_ = 0.3, 0.01
        gn.train(
            net, X, y, optimizer=gn.SGD(eta), regularizer=gn.L2(lambda_), batch_size=3, epochs=5,
            order="given", engine="node",
        )  # fmt: skip
        for _ in range(5):
            for rows in ([0, 1, 2], [3, 4, 5], [6]):
                plain_step(w1, w2, [X[k] for k in rows], [y[k] for k in rows], eta, lambda_)
        expected = [w for row in w1 for w in row] + [row[0] for row in w2]
        assert list(oracles.weights_of(net).values()) == expected


def plain_step(
    w1: list[list[float]],
    w2: list[list[float]],
    X: list[list[float]],
    y: list[float],
    eta: float,
    lambda_: float,
) -> None:
    """One step of a dense d-h-1 network, tanh and identity, in the design's order of operations."""
    g1 = [[0.0] * len(row) for row in w1]
    g2 = [[0.0] for _ in w2]
    for x, target in zip(X, y, strict=True):
        v0, v1 = [1.0, *x], [1.0]
        for j in range(len(w1[0])):
            a = 0.0
            for i, v in enumerate(v0):
                a = a + w1[i][j] * v
            v1.append(math.tanh(a))
        out = 0.0
        for i, v in enumerate(v1):
            out = out + w2[i][0] * v
        delta2 = 1 * (out - target)
        delta1 = []
        for j in range(len(w1[0])):
            s = 0.0 + w2[j + 1][0] * delta2
            delta1.append((1 - v1[j + 1] * v1[j + 1]) * s)
        for i, v in enumerate(v0):
            for j, delta in enumerate(delta1):
                g1[i][j] = g1[i][j] + delta * v
        for i, v in enumerate(v1):
            g2[i][0] = g2[i][0] + delta2 * v
    for w, g in ((w1, g1), (w2, g2)):
        for i, row in enumerate(w):
            for j in range(len(row)):
                row[j] = row[j] - eta * (g[i][j] / len(X) + lambda_ * row[j])


def test_scikit_learn_s_regressor_predicts_the_same() -> None:
    neural = pytest.importorskip("sklearn.neural_network")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    theirs = neural.MLPRegressor(
        hidden_layer_sizes=(5, 4), activation="tanh", random_state=0
    ).partial_fit(X, y)
    matrices = [np.vstack(pair) for pair in zip(theirs.intercepts_, theirs.coefs_, strict=True)]
    net = gn.Network.from_matrices(matrices, activation=["tanh", "tanh", "identity"])
    ours = [gn.forward(net, x).output[0] for x in X]
    assert np.allclose(ours, theirs.predict(X), rtol=1e-12, atol=1e-13)
