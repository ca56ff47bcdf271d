"""`compare`: it passes what is right, and finds what is broken and where."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from oracles import weights_of
from strategies import SMOOTH, Case, cases

import graphnn as gn
from graphnn.engines import matrix, vectorized
from graphnn.engines.weights import DenseWeights
from graphnn.types import Edge, FloatArray, Neuron

QUANTITIES = [
    ("matrix", "a"), ("matrix", "v"), ("matrix", "loss"), ("matrix", "delta"),
    ("matrix", "gradient"), ("matrix", "step"), ("central", "gradient"),
]  # fmt: skip
LAYERS = [3, 4, 2]
EDGES: list[Edge] = [
    ((t - 1, i), (t, j))
    for t in (1, 2)
    for i in range(LAYERS[t - 1] + 1)
    for j in range(1, LAYERS[t] + 1)
]
DATA = np.random.default_rng(3)
X, Y = DATA.normal(size=(6, 3)), DATA.normal(size=(6, 2))


@pytest.fixture
def net() -> gn.Network:
    return gn.Network.dense(LAYERS, activation=["tanh", "softplus"], seed=2)


def broken_places(report: gn.ComparisonReport, engine: str, quantity: str) -> set[object]:
    """Return the neurons or edges at which a quantity is found different."""
    numbers = report.check(engine, quantity).numbers
    return {number.place for number in numbers if number.verdict is gn.Verdict.DIFFERENT}


def different(report: gn.ComparisonReport) -> set[tuple[str, str]]:
    """Return the checks that found a difference."""
    checks = report.checks
    return {(c.engine, c.quantity) for c in checks if c.verdict is gn.Verdict.DIFFERENT}


def change_product(monkeypatch: pytest.MonkeyPatch, edge: Edge, change: float) -> None:
    """Make the matrix engine's forward pass use another weight at one edge."""
    (t, i), (_, j) = edge
    original = DenseWeights.product

    def changed(self: DenseWeights, v: FloatArray) -> FloatArray:
        a = original(self, v)
        if v.shape[1] == LAYERS[t]:
            a[:, j - 1] += change * (v[:, i - 1] if i else 1.0)
        return a

    monkeypatch.setattr(DenseWeights, "product", changed)


class TestRight:
    @given(cases())
    def test_any_network_loss_and_data_are_ok(self, case: Case) -> None:
        report = gn.compare(case.net, case.X, case.y, case.loss)
        assert report.ok, str(report)
        assert different(report) == set()

    @given(cases(activations=SMOOTH))
    def test_forward_alone_is_ok_without_targets(self, case: Case) -> None:
        report = gn.compare(case.net, case.X)
        assert report.ok
        assert [(c.engine, c.quantity) for c in report.checks] == QUANTITIES[:2]

    def test_every_quantity_is_compared_at_every_neuron_and_edge(self, net: gn.Network) -> None:
        report = gn.compare(net, X, Y)
        assert [(c.engine, c.quantity) for c in report.checks] == QUANTITIES
        neurons = {n for n in net.nodes if n[0] > 0 and n[1] > 0}
        for quantity in ("a", "v", "delta"):
            assert {n.place for n in report.check("matrix", quantity).numbers} == neurons
        for quantity in ("gradient", "step"):
            assert {n.place for n in report.check("matrix", quantity).numbers} == set(net.edges)

    def test_smooth_edges_are_all_checked_by_central_differences(self, net: gn.Network) -> None:
        check = gn.compare(net, X, Y).check("central", "gradient")
        assert {number.place for number in check.numbers} == set(net.edges)
        assert check.verdict is gn.Verdict.TOLERANCE
        assert check.note == "central differences at 26 of 26 edges"

    def test_short_numbers_are_equal_to_the_last_bit(self) -> None:
        net = gn.Network.from_matrices(
            [[[0.5, 1.0], [0.25, -1.0]], [[0.0], [2.0], [-0.5]]], activation=["relu", "identity"]
        )
        report = gn.compare(net, [[2.0], [-4.0]], [1.0, 0.5], optimizer=gn.SGD(0.5))
        for quantity in ("a", "v", "delta", "gradient", "step", "loss"):
            assert report.check("matrix", quantity).verdict is gn.Verdict.EQUAL

    def test_numbers_are_those_of_the_engines(self, net: gn.Network) -> None:
        at = gn.compare(net, X[:1], Y[:1]).at((1, 2))
        trace, program = gn.backward(net, X[0], Y[0]), gn.compile(net)
        assert at["matrix", "a"].node == trace.a[1, 2]
        assert at["matrix", "a"].other == program.forward(X[:1])[0][1][0, 1]  # type: ignore[index]
        assert at["matrix", "delta"].node == trace.delta[1, 2]
        assert at["matrix", "delta"].other == program.sensitivities(X[:1], Y[:1])[0][0, 1]

    def test_an_edge_s_numbers_are_those_of_the_engines(self, net: gn.Network) -> None:
        edge = ((0, 1), (1, 2))
        at = gn.compare(net, X[:1], Y[:1], optimizer=gn.SGD(0.5)).at(edge)
        trace = gn.backward(net, X[0], Y[0])
        assert set(at) == {("matrix", "gradient"), ("matrix", "step"), ("central", "gradient")}
        assert at["matrix", "gradient"].node == trace.gradient[edge]
        expected = trace.weights[edge] - 0.5 * trace.gradient[edge]
        assert at["matrix", "step"].node == expected
        assert math.isclose(at["central", "gradient"].other, trace.gradient[edge], rel_tol=1e-5)

    def test_it_only_reads(self, net: gn.Network) -> None:
        before = net.copy()
        gn.compare(net, X, Y)
        assert net == before
        assert net.version == before.version

    def test_one_sample_may_be_flat(self, net: gn.Network) -> None:
        assert gn.compare(net, X[0], Y[0]).samples == 1
        assert gn.compare(net, X[0], Y[0]).ok

    @pytest.mark.parametrize("size", [1e6, 1e13, 1e100])
    def test_large_inputs_are_compared_without_an_error(self, net: gn.Network, size: float) -> None:
        assert gn.compare(net, size * X, Y).ok


class TestBrokenMatrixEngine:
    @pytest.mark.parametrize("edge", EDGES, ids=str)
    def test_an_edge_left_out_forward_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change_product(monkeypatch, edge, -net.edges[edge]["weight"])
        report = gn.compare(net, X, Y)
        assert not report.ok
        check = report.check("matrix", "a")
        assert broken_places(report, "matrix", "a") == {edge[1]}
        assert check.worst is not None
        assert check.worst.place == edge[1]
        assert check.suspect == edge
        assert f"the edge {edge[0]} -> {edge[1]} explains it best" in str(report)

    @pytest.mark.parametrize("edge", EDGES[::3], ids=str)
    def test_an_edge_of_a_slightly_other_weight_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change_product(monkeypatch, edge, 1e-9)
        report = gn.compare(net, X)
        assert broken_places(report, "matrix", "a") == {edge[1]}
        assert report.check("matrix", "a").suspect == edge

    @pytest.mark.parametrize("edge", EDGES, ids=str)
    def test_a_gradient_off_by_a_billionth_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original, number = DenseWeights.gradient, list(weights_of(net)).index(edge)

        def scales(self: DenseWeights, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
            original(self, v, delta, g)
            if v.shape[1] == LAYERS[edge[0][0]]:
                g[number] *= 1 + 1e-9

        monkeypatch.setattr(DenseWeights, "gradient", scales)
        report = gn.compare(net, X, Y, optimizer=gn.SGD(1.0))
        assert broken_places(report, "matrix", "gradient") == {edge}
        assert broken_places(report, "matrix", "step") == {edge}
        assert different(report) == {("matrix", "gradient"), ("matrix", "step")}
        assert f"gradient at {edge[0]} -> {edge[1]} is" in str(report)

    @pytest.mark.parametrize("edge", [e for e in EDGES if e[0][0] == 1 and e[0][1] > 0], ids=str)
    def test_an_edge_left_out_backward_is_found_at_its_source(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (_, i), (_, j) = edge
        original, weight = DenseWeights.back, net.edges[edge]["weight"]

        def leaves_out(self: DenseWeights, delta: FloatArray) -> FloatArray:
            s = original(self, delta)
            s[:, i - 1] -= weight * delta[:, j - 1]
            return s

        monkeypatch.setattr(DenseWeights, "back", leaves_out)
        report = gn.compare(net, X, Y)
        assert broken_places(report, "matrix", "delta") == {edge[0]}
        assert broken_places(report, "matrix", "a") == set()

    @pytest.mark.parametrize("edge", EDGES[::5], ids=str)
    def test_an_update_that_misses_an_edge_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original, number = matrix.run, list(weights_of(net)).index(edge)

        def misses(program: gn.Program, *arguments: object) -> gn.Program:
            theta = original(program, *arguments).theta.copy()  # type: ignore[arg-type]
            theta[number] = program.theta[number]
            return program.with_theta(theta)

        monkeypatch.setattr(matrix, "run", misses)
        report = gn.compare(net, X, Y)
        assert broken_places(report, "matrix", "step") == {edge}
        assert different(report) == {("matrix", "step")}

    @pytest.mark.parametrize("neuron", [(1, 1), (1, 4), (2, 2)])
    def test_a_value_off_in_its_last_digits_is_named(
        self, net: gn.Network, neuron: Neuron, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = vectorized.value

        def moves(activation: gn.Activation, a: FloatArray) -> FloatArray:
            v = original(activation, a)
            if v.shape[1] == LAYERS[neuron[0]]:
                v[2, neuron[1] - 1] *= 1 + 1e-14
            return v

        monkeypatch.setattr(vectorized, "value", moves)
        report = gn.compare(net, X, Y)
        assert broken_places(report, "matrix", "v") == {neuron}
        assert broken_places(report, "matrix", "a") == set()
        worst = report.check("matrix", "v").worst
        assert worst is not None
        assert (worst.place, worst.sample) == (neuron, 2)
        assert f"v at {neuron}, sample 2 is" in str(report)

    @pytest.mark.parametrize("neuron", [(1, 3), (2, 1)])
    def test_a_slope_off_in_its_last_digits_is_named(
        self, net: gn.Network, neuron: Neuron, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = vectorized.derivative

        def moves(activation: gn.Activation, a: FloatArray, v: FloatArray) -> FloatArray:
            slopes = original(activation, a, v)
            if slopes.shape[1] == LAYERS[neuron[0]]:
                slopes[2, neuron[1] - 1] *= 1 + 1e-13
            return slopes

        monkeypatch.setattr(vectorized, "derivative", moves)
        report = gn.compare(net, X, Y)
        assert broken_places(report, "matrix", "delta") == {neuron}

    def test_a_loss_that_is_off_is_found(
        self, net: gn.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = vectorized.loss_values
        monkeypatch.setattr(
            vectorized, "loss_values", lambda *arguments: original(*arguments) * (1 + 1e-12)
        )
        report = gn.compare(net, X, Y)
        assert different(report) == {("matrix", "loss")}
        assert "loss at the network is" in str(report)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_a_number_that_is_not_finite_is_found(
        self, net: gn.Network, bad: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = DenseWeights.product

        def spoils(self: DenseWeights, v: FloatArray) -> FloatArray:
            a = original(self, v)
            if v.shape[1] == LAYERS[1]:
                a[0, 1] = bad
            return a

        monkeypatch.setattr(DenseWeights, "product", spoils)
        report = gn.compare(net, X)
        assert not report.ok
        assert broken_places(report, "matrix", "a") == {(2, 2)}

    def test_a_summing_order_of_its_own_is_not_broken(
        self, net: gn.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        matrices = {w.shape[0] - 1: w for w in gn.compile(net).matrices()}

        def backwards(self: DenseWeights, v: FloatArray) -> FloatArray:
            w = matrices[v.shape[1]]
            a = np.zeros((len(v), w.shape[1]))
            for i in range(v.shape[1] - 1, -1, -1):
                a = a + v[:, [i]] * w[i + 1]
            return a + w[0]

        monkeypatch.setattr(DenseWeights, "product", backwards)
        report = gn.compare(net, X)
        assert report.ok, str(report)
        assert report.check("matrix", "a").verdict is gn.Verdict.WITHIN


class TestWrongMathematics:
    """What both engines share is checked by central differences."""

    @pytest.mark.parametrize(
        "slope", [lambda a, v: 1 - v, lambda a, v: 1 + v * v, lambda a, v: 1.001 * (1 - v * v)]
    )
    def test_a_wrong_derivative_of_an_own_activation_is_found(
        self, net: gn.Network, slope: Callable[[float, float], float]
    ) -> None:
        net.set_activation(gn.Activation("wrong", math.tanh, slope), neuron=(1, 2))
        report = gn.compare(net, X, Y)
        assert different(report) == {("central", "gradient")}
        into = {((0, i), (1, 2)) for i in range(4)}
        assert broken_places(report, "central", "gradient") == into

    def test_a_wrong_derivative_of_an_own_loss_is_found(self, net: gn.Network) -> None:
        wrong = gn.Loss("wrong", lambda v, y: (v - y) * (v - y), lambda v, y: v - y)
        report = gn.compare(net, X, Y, wrong)
        assert different(report) == {("central", "gradient")}
        assert len(broken_places(report, "central", "gradient")) == len(EDGES)

    def test_a_wrong_sensitivity_of_an_own_vector_loss_is_found(self) -> None:
        def sensitivities(a: list, v: list, y: list, delta: list) -> None:
            for j in range(len(v)):
                delta[j] = y[j] - v[j]

        own = gn.VectorLoss(
            "own", lambda a, v, y: 0.5 * sum((p - q) * (p - q) for p, q in zip(v, y, strict=True)),
            sensitivities, "identity", "probabilities",
        )  # fmt: skip
        net = gn.Network.dense([3, 2], activation="identity", seed=0)
        assert different(gn.compare(net, X, abs(Y) % 1, own)) == {("central", "gradient")}

    def test_edges_at_a_kink_are_skipped_and_counted(self) -> None:
        net = gn.Network([1, 1, 1], activation=["relu", "identity"])
        net.add_weighted_edges_from([((0, 1), (1, 1), 0.0), ((1, 1), (2, 1), 1.0)])
        report = gn.compare(net, [[1.0]], [5.0])
        assert report.ok
        check = report.check("central", "gradient")
        assert [number.place for number in check.numbers] == [((1, 1), (2, 1))]
        assert "1 skipped (a kink, or too steep)" in check.note

    def test_kinks_of_two_samples_that_cancel_are_no_difference(self) -> None:
        # |relu(w) - 0| + |relu(-w) - 1| = 1 + w near w = 0: smooth with slope 1 there, though each
        # sample's loss has a kink, where the gradient is 0 by the convention for relu.
        net = gn.Network([1, 1], activation="relu")
        net.add_edge((0, 1), (1, 1), 0.0)
        report = gn.compare(net, [[1.0], [-1.0]], [0.0, 1.0], "absolute")
        assert report.ok, str(report)


class TestReport:
    def test_it_prints_a_line_for_every_check_and_ok(self, net: gn.Network) -> None:
        lines = str(gn.compare(net, X, Y)).splitlines()
        assert [tuple(line.split()[:2]) for line in lines[2:9]] == QUANTITIES
        assert lines[-1] == "ok: 6 samples, 7 checks"

    def test_it_prints_not_ok(self, net: gn.Network, monkeypatch: pytest.MonkeyPatch) -> None:
        change_product(monkeypatch, ((0, 0), (1, 1)), 1.0)
        text = str(gn.compare(net, X[:1]))
        assert text.splitlines()[-1] == "NOT OK: 1 sample, 2 checks"
        assert "different" in text

    def test_a_check_that_is_not_there_is_an_error_with_those_that_are(
        self, net: gn.Network
    ) -> None:
        with pytest.raises(KeyError, match=r"no check of 'w' for 'matrix'; there are.*'a'"):
            gn.compare(net, X).check("matrix", "w")

    def test_a_place_that_is_not_there_has_no_number(self, net: gn.Network) -> None:
        assert gn.compare(net, X).at((9, 9)) == {}


class TestBadInput:
    @pytest.mark.parametrize(
        ("X", "y", "words"),
        [
            ([[1.0]], None, r"X has shape \(1, 1\)"),
            ([[1.0, 2.0, math.nan]], None, r"X\[0, 2\] is nan"),
            (np.empty((0, 3)), None, "no sample"),
            ([[1.0, 2.0, 3.0]], [[1.0]], r"y has shape \(1, 1\)"),
        ],
    )
    def test_data_that_do_not_fit_are_refused(
        self, net: gn.Network, X: object, y: object, words: str
    ) -> None:
        with pytest.raises(gn.DataError, match=words):
            gn.compare(net, X, y)  # type: ignore[arg-type]

    def test_a_loss_that_needs_another_output_is_refused(self, net: gn.Network) -> None:
        with pytest.raises(gn.CompileError, match=r"\(2, 1\) has the activation 'softplus'"):
            gn.compare(net, X, [0, 1, 0, 1, 0, 1], "softmax_cross_entropy")

    def test_a_broken_weight_is_refused(self, net: gn.Network) -> None:
        net.graph.edges[(0, 1), (1, 1)]["weight"] = "x"
        with pytest.raises(gn.CompileError, match=r"\(0, 1\) -> \(1, 1\)"):
            gn.compare(net, X)
