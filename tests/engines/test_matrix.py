"""The matrix engine: worked examples, all forms of layers, agreement with the node engine."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases, networks, quarters

import graphnn as gn
from graphnn.engines import weights


def assert_ok(report: gn.ComparisonReport) -> None:
    """Assert that a comparison found no difference, and show it if it did."""
    assert report.ok, str(report)


class TestWorkedExamples:
    def test_mazur_s_outputs_and_error(self, mazur: gn.Network) -> None:
        program = gn.compile(mazur)
        loss, _ = program.gradient([0.05, 0.10], [0.01, 0.99])
        assert np.allclose(program.predict([0.05, 0.10]), [0.75136507, 0.772928465], atol=6e-9)
        assert math.isclose(loss, 0.298371109, abs_tol=1e-9)

    def test_mazur_s_weights_after_one_step(self, mazur: gn.Network) -> None:
        program = gn.compile(mazur)
        _, gradients = program.gradient([0.05, 0.10], [0.01, 0.99])
        moved = [w - 0.5 * g for w, g in zip(program.matrices(), gradients, strict=True)]
        for ((t, i), (_, j)), weight in oracles.MAZUR_TRAINED.items():
            assert math.isclose(moved[t][i, j - 1], weight, abs_tol=6e-9)

    def test_goodfellow_s_xor_network(self) -> None:
        net = gn.Network.from_matrices(
            [[[0, -1], [1, 1], [1, 1]], [[0], [1], [-2]]], activation=["relu", "identity"]
        )
        X = [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert gn.compile(net).predict(X).ravel().tolist() == [0.0, 1.0, 1.0, 0.0]


class TestExactArithmetic:
    @given(networks(("identity", "relu"), weights=quarters()), st.data())
    def test_short_numbers_give_exact_values_and_sensitivities(
        self, net: gn.Network, data: st.DataObject
    ) -> None:
        x = data.draw(st.lists(quarters(), min_size=net.layers[0], max_size=net.layers[0]))
        y = data.draw(st.lists(quarters(), min_size=net.layers[-1], max_size=net.layers[-1]))
        program = gn.compile(net)
        a, v = oracles.exact_forward(net, x)
        delta = oracles.exact_sensitivities(net, x, y)
        found_a, found_v = program.forward([x])
        deltas = program.sensitivities([x], [y])
        for t in range(1, net.depth + 1):
            for k, n in enumerate(oracles.neurons_of(net, t)):
                assert found_a[t][0, k] == a[n]  # type: ignore[index]
                assert found_v[t][0, k] == v[n]
                assert deltas[t - 1][0, k] == delta[n]

    def test_a_batch_s_gradient_is_the_exact_mean(self) -> None:
        # One weight, v = w x, dl/dw = (w x - y) x: the mean of four samples by fractions.
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 0.5)
        X, y = [1.0, -2.0, 3.0, 0.5], [0.25, 1.0, -1.0, 2.0]
        pairs = [(Fraction(p), Fraction(q)) for p, q in zip(X, y, strict=True)]
        exact = sum((p / 2 - q) * p for p, q in pairs) / 4
        loss, (w,) = gn.compile(net).gradient(np.array(X)[:, None], y)
        assert w[1, 0] == exact
        assert loss == sum((p / 2 - q) ** 2 for p, q in pairs) / 8


class TestAgreesWithTheNodeEngine:
    @given(cases())
    def test_on_any_network_loss_and_data(self, case: Case) -> None:
        assert_ok(gn.compare(case.net, case.X, case.y, case.loss, engines=["matrix"]))

    @pytest.mark.parametrize("loss", gn.LOSSES)
    @pytest.mark.parametrize("name", gn.ACTIVATIONS)
    def test_with_every_hidden_activation_and_loss(self, name: str, loss: str) -> None:
        output = {"binary_cross_entropy": "sigmoid", "hinge": "tanh"}.get(loss, "identity")
        net = gn.Network.dense([3, 5, 4, 2], activation=[name, name, output], seed=3)
        rng = np.random.default_rng(1)
        y = rng.normal(size=(6, 2))
        if loss in ("hinge", "binary_cross_entropy"):
            y = np.where(y > 0, 1.0, -1.0 if loss == "hinge" else 0.0)
        if loss == "softmax_cross_entropy":
            y = np.arange(6) % 2
        assert_ok(gn.compare(net, rng.normal(size=(6, 3)), y, loss, engines=["matrix"]))

    @pytest.mark.usefixtures("sparse_from_10_000")
    def test_in_every_form_of_layer(self) -> None:
        rng = np.random.default_rng(0)
        shapes = [(121, 100), (101, 3), (4, 2)]
        masks = [rng.random(shapes[0]) < 0.03, rng.random(shapes[1]) < 0.5, np.ones(shapes[2])]
        net = gn.Network.from_matrices(
            [rng.normal(size=shape) for shape in shapes], masks, activation="tanh"
        )
        program = gn.compile(net)
        assert [layer.form for layer in program.layers] == ["sparse", "masked", "dense"]
        X, y = rng.normal(size=(4, 120)), rng.normal(size=(4, 2))
        assert_ok(gn.compare(net, X, y, engines=["matrix"]))
        expected = oracles.replay(net, X, y, "squared", [], 0.1)
        assert list(expected.values()) == program.theta.tolist()

    @pytest.mark.usefixtures("sparse_from_10_000")
    @pytest.mark.parametrize("density", [0.0, 0.02, 0.5])
    def test_a_sparse_layer_s_gradient_is_the_dense_formula_s_at_its_edges(
        self, density: float
    ) -> None:
        rng = np.random.default_rng(2)
        mask = rng.random((121, 100)) < density
        w = np.where(mask, rng.normal(size=mask.shape), 0.0)
        net = gn.Network.from_matrices([w], [mask], activation="identity")
        X, y = rng.normal(size=(7, 120)), rng.normal(size=(7, 100))
        ones = np.hstack([np.ones((7, 1)), X])
        expected = np.where(mask, ones.T @ (ones @ w - y) / 7, 0.0)
        program = gn.compile(net)
        loss, (found,) = program.gradient(X, y)
        assert program.layers[0].form == ("masked" if density > 0.1 else "sparse")
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
        assert math.isclose(loss, float(((ones @ w - y) ** 2).sum() / 14), rel_tol=1e-12)

    @pytest.mark.usefixtures("sparse_from_10_000")
    def test_a_sparse_layer_s_gradient_does_not_depend_on_the_piece(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = np.random.default_rng(2)
        mask = rng.random((121, 100)) < 0.05
        net = gn.Network.from_matrices([rng.normal(size=mask.shape)], [mask], activation="tanh")
        X, y = rng.normal(size=(7, 120)), rng.normal(size=(7, 100))
        whole = gn.compile(net).gradient(X, y)[1][0]
        monkeypatch.setattr(weights, "CHUNK", 50)
        assert np.array_equal(gn.compile(net).gradient(X, y)[1][0], whole)


class TestOwnFunctions:
    @staticmethod
    def network(value: object, slope: object) -> gn.Network:
        own = gn.Activation("own", value, slope)  # type: ignore[arg-type]
        net = gn.Network.dense([2, 3, 2], activation=own, seed=1)
        net.set_activation("tanh", neuron=(1, 2))
        return net

    def test_ones_that_numba_compiles_agree(self) -> None:
        net = self.network(
            lambda a: a / (1 + abs(a)), lambda a, v: 1 / ((1 + abs(a)) * (1 + abs(a)))
        )
        loss = gn.Loss(
            "cosh", lambda v, y: math.log(math.cosh(v - y)), lambda v, y: math.tanh(v - y)
        )
        X, y = [[0.5, -1.0], [2.0, 0.25]], [[0.0, 1.0], [1.0, 0.0]]
        assert_ok(gn.compare(net, X, y, loss, engines=["matrix"]))

    def test_ones_that_numba_cannot_compile_agree(self) -> None:
        table = random.Random(0)  # an object in the closure that compiled code cannot hold
        scale = [table.uniform(1, 2)]

        def value(a: float) -> float:
            assert isinstance(table, random.Random)
            return float(f"{math.atan(a) * scale[0]!r}")

        def slope(a: float, v: float) -> float:
            assert isinstance(table, random.Random)
            return scale[0] / (1 + a * a)

        net = self.network(value, slope)
        X, y = [[0.5, -1.0], [2.0, 0.25]], [[0.0, 1.0], [1.0, 0.0]]
        assert_ok(gn.compare(net, X, y, gn.Squared(2.0), engines=["matrix"]))

    def test_an_own_vector_loss_agrees_and_is_not_taken_for_the_builtin_of_its_name(self) -> None:
        def value(a: list[float], v: list[float], y: list[float]) -> float:
            return sum(3 * (p - q) * (p - q) for p, q in zip(v, y, strict=True))

        def sensitivities(a: list, v: list, y: list, delta: list) -> None:
            for j in range(len(v)):
                delta[j] = 6 * (v[j] - y[j])

        own = gn.VectorLoss("softmax_cross_entropy", value, sensitivities, "identity", "classes")
        net = gn.Network.dense([2, 3], activation="identity", seed=0)
        X, y = [[0.5, -1.0], [2.0, 0.25]], [2, 0]
        assert_ok(gn.compare(net, X, y, own, engines=["matrix"]))
        v, hot = gn.compile(net).predict(X), np.eye(3)[y]
        loss, _ = gn.compile(net).gradient(X, y, own)
        assert math.isclose(loss, 3 * ((v - hot) ** 2).sum() / 2, rel_tol=1e-13)


class TestFloat32:
    @given(cases(activations=("tanh", "sigmoid", "softplus"), max_layers=3))
    def test_every_array_is_float32_and_close_to_float64(self, case: Case) -> None:
        single, double = gn.compile(case.net, np.float32), gn.compile(case.net)
        a, v = single.forward(case.X)
        deltas = single.sensitivities(case.X, case.y, case.loss)
        _, gradients = single.gradient(case.X, case.y, case.loss)
        for arrays in (a[1:], v, deltas, gradients):
            assert {one.dtype for one in arrays if one is not None} == {np.dtype(np.float32)}
        exact = double.predict(case.X)
        assert np.allclose(single.predict(case.X), exact, rtol=1e-3, atol=1e-3)

    def test_inputs_beyond_its_range_are_refused_as_not_finite(self) -> None:
        program = gn.compile(gn.Network.dense([1, 1], seed=0), np.float32)
        with pytest.raises(gn.DataError, match="X"):
            program.predict([[1e300]])

    def test_own_functions_keep_the_dtype(self) -> None:
        own = gn.Activation(
            "soft", lambda a: a / (1 + abs(a)), lambda a, v: (1 - abs(v)) * (1 - abs(v))
        )
        loss = gn.Loss("own", lambda v, y: abs(v - y) * (v - y), lambda v, y: 2 * abs(v - y))
        program = gn.compile(gn.Network.dense([2, 2], activation=own, seed=0), np.float32)
        assert program.predict([[1.0, 2.0]]).dtype == np.float32
        assert program.gradient([[1.0, 2.0]], [[0.0, 0.0]], loss)[1][0].dtype == np.float32


class TestExtremes:
    @pytest.mark.parametrize("name", gn.ACTIVATIONS)
    @pytest.mark.parametrize("size", [1e3, 1e30, 1e150])
    def test_large_inputs_neither_warn_nor_differ_from_the_node_engine(
        self, name: str, size: float
    ) -> None:
        net = gn.Network.dense([2, 3, 1], activation=[name, "tanh"], seed=0)
        X = [[size, -size], [-size, size / 3]]
        assert_ok(gn.compare(net, X, [0.5, -0.5], engines=["matrix"]))

    def test_a_network_without_edges_runs_both_ways(self) -> None:
        net = gn.Network([2, 2, 1])
        assert_ok(gn.compare(net, [[1.0, 2.0]], [1.0], engines=["matrix"]))
        loss, gradients = gn.compile(net).gradient([[1.0, 2.0]], [1.0])
        assert loss == 0.125  # sigmoid(0) = 1/2
        assert not any(w.any() for w in gradients)

    @pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy"])
    def test_saturated_cross_entropies_stay_finite(self, loss: str) -> None:
        output = "identity" if loss.startswith("softmax") else "sigmoid"
        net = gn.Network.from_matrices([[[0.0, 0.0], [1000.0, -1000.0]]], activation=output)
        y = [[0.0, 1.0], [1.0, 0.0]]
        value, gradients = gn.compile(net).gradient([[1.0], [-1.0]], y, loss)
        # Every wrong logit is off by 1000 (binary) or by 2000 (softmax) in both samples.
        assert value == 2000.0
        assert np.array_equal(gradients[0][1], [1.0, -1.0])
