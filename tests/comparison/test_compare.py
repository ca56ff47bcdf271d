"""`compare` on the matrix engine: it passes what is right, and finds what is broken and where."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from oracles import weights_of
from strategies import SMOOTH, Case, cases

import graphnn as gn
from graphnn.engines import matrix, vectorized
from graphnn.engines.batches import Batches
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.engines.weights import DenseWeights
from graphnn.types import Edge, FloatArray, Neuron

QUANTITIES = [
    ("matrix", "a"), ("matrix", "v"), ("matrix", "loss"), ("matrix", "delta"),
    ("matrix", "gradient"), ("matrix", "step"), ("matrix", "step 2"), ("central", "gradient"),
]  # fmt: skip
LAYERS = [3, 4, 2]
EDGES: list[Edge] = [
    ((t - 1, i), (t, j))
    for t in (1, 2)
    for i in range(LAYERS[t - 1] + 1)
    for j in range(1, LAYERS[t] + 1)
]
DATA = np.random.default_rng(3)
OPTIMIZERS: list[gn.Optimizer] = [
    gn.SGD(), gn.Momentum(), gn.Nesterov(), gn.Adagrad(), gn.RMSprop(), gn.Adam(), gn.AMSGrad(),
    gn.AdamW(), gn.Rprop(),
]  # fmt: skip
REGULARIZERS: list[object] = [
    None, gn.L1(0.1), gn.L1(0.1, constants=False), gn.L2(0.5), gn.L2(0.5, constants=False),
    gn.ElasticNet(0.3), gn.MaxNorm(0.7), gn.MaxNorm(0.7, constants=False), gn.ClipNorm(0.1),
    gn.ClipValue(0.01), [gn.L2(0.1), gn.L1(0.1), gn.ClipValue(0.05), gn.MaxNorm(0.7)],
]  # fmt: skip
compare = partial(gn.compare, engines=("matrix",))  # a native kernel takes a second to compile
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
        report = compare(case.net, case.X, case.y, case.loss)
        assert report.ok, str(report)
        assert different(report) == set()

    @given(cases(activations=SMOOTH))
    def test_forward_alone_is_ok_without_targets(self, case: Case) -> None:
        report = compare(case.net, case.X)
        assert report.ok
        assert [(c.engine, c.quantity) for c in report.checks] == QUANTITIES[:2]

    def test_every_quantity_is_compared_at_every_neuron_and_edge(self, net: gn.Network) -> None:
        report = compare(net, X, Y)
        assert [(c.engine, c.quantity) for c in report.checks] == QUANTITIES
        neurons = {n for n in net.nodes if n[0] > 0 and n[1] > 0}
        for quantity in ("a", "v", "delta"):
            assert {n.place for n in report.check("matrix", quantity).numbers} == neurons
        for quantity in ("gradient", "step"):
            assert {n.place for n in report.check("matrix", quantity).numbers} == set(net.edges)

    def test_smooth_edges_are_all_checked_by_central_differences(self, net: gn.Network) -> None:
        check = compare(net, X, Y).check("central", "gradient")
        assert {number.place for number in check.numbers} == set(net.edges)
        assert check.verdict is gn.Verdict.TOLERANCE
        assert check.note == "central differences at 26 of 26 edges"

    def test_short_numbers_are_equal_to_the_last_bit(self) -> None:
        net = gn.Network.from_matrices(
            [[[0.5, 1.0], [0.25, -1.0]], [[0.0], [2.0], [-0.5]]], activation=["relu", "identity"]
        )
        report = compare(net, [[2.0], [-4.0]], [1.0, 0.5], optimizer=gn.SGD(0.5))
        for quantity in ("a", "v", "delta", "gradient", "step", "loss"):
            assert report.check("matrix", quantity).verdict is gn.Verdict.EQUAL

    def test_numbers_are_those_of_the_engines(self, net: gn.Network) -> None:
        at = compare(net, X[:1], Y[:1]).at((1, 2))
        trace, program = gn.backward(net, X[0], Y[0]), gn.compile(net)
        assert at["matrix", "a"].node == trace.a[1, 2]
        assert at["matrix", "a"].other == program.forward(X[:1])[0][1][0, 1]  # type: ignore[index]
        assert at["matrix", "delta"].node == trace.delta[1, 2]
        assert at["matrix", "delta"].other == program.sensitivities(X[:1], Y[:1])[0][0, 1]

    def test_an_edge_s_numbers_are_those_of_the_engines(self, net: gn.Network) -> None:
        edge = ((0, 1), (1, 2))
        at = compare(net, X[:1], Y[:1], optimizer=gn.SGD(0.5)).at(edge)
        trace = gn.backward(net, X[0], Y[0])
        steps = {("matrix", "step"), ("matrix", "step 2")}
        assert set(at) == {("matrix", "gradient"), ("central", "gradient"), *steps}
        assert at["matrix", "gradient"].node == trace.gradient[edge]
        expected = trace.weights[edge] - 0.5 * trace.gradient[edge]
        assert at["matrix", "step"].node == expected
        assert math.isclose(at["central", "gradient"].other, trace.gradient[edge], rel_tol=1e-5)

    def test_it_only_reads(self, net: gn.Network) -> None:
        before = net.copy()
        compare(net, X, Y)
        assert net == before
        assert net.version == before.version

    def test_one_sample_may_be_flat(self, net: gn.Network) -> None:
        assert compare(net, X[0], Y[0]).samples == 1
        assert compare(net, X[0], Y[0]).ok

    @pytest.mark.parametrize("size", [1e6, 1e13, 1e100])
    def test_large_inputs_are_compared_without_an_error(self, net: gn.Network, size: float) -> None:
        assert compare(net, size * X, Y).ok


class TestBrokenMatrixEngine:
    @pytest.mark.parametrize("edge", EDGES, ids=str)
    def test_an_edge_left_out_forward_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change_product(monkeypatch, edge, -net.edges[edge]["weight"])
        report = compare(net, X, Y)
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
        report = compare(net, X)
        assert broken_places(report, "matrix", "a") == {edge[1]}
        assert report.check("matrix", "a").suspect == edge

    @pytest.mark.parametrize("edge", EDGES, ids=str)
    def test_a_gradient_off_by_a_billionth_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of_layer = [one for one in weights_of(net) if one[1][0] == edge[1][0]]
        original, number = DenseWeights.gradient, of_layer.index(edge)

        def scales(self: DenseWeights, v: FloatArray, delta: FloatArray, g: FloatArray) -> None:
            original(self, v, delta, g)
            if v.shape[1] == LAYERS[edge[0][0]]:
                g[number] *= 1 + 1e-9

        monkeypatch.setattr(DenseWeights, "gradient", scales)
        report = compare(net, X, Y, optimizer=gn.SGD(1.0))
        assert broken_places(report, "matrix", "gradient") == {edge}
        assert broken_places(report, "matrix", "step") == {edge}
        assert different(report) == {
            ("matrix", "gradient"),
            ("matrix", "step"),
            ("matrix", "step 2"),
        }
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
        report = compare(net, X, Y)
        assert broken_places(report, "matrix", "delta") == {edge[0]}
        assert broken_places(report, "matrix", "a") == set()

    @pytest.mark.parametrize("edge", EDGES[::5], ids=str)
    def test_an_update_that_misses_an_edge_is_named(
        self, net: gn.Network, edge: Edge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original, number = matrix.run, list(weights_of(net)).index(edge)

        def misses(state: State, *arguments: object) -> State:
            after = original(state, *arguments)  # type: ignore[arg-type]
            theta = after.program.theta.copy()
            theta[number] = state.program.theta[number]
            return after.moved(theta, after.slots, after.counters)

        monkeypatch.setattr(matrix, "run", misses)
        report = compare(net, X, Y)
        assert broken_places(report, "matrix", "step") == {edge}
        assert different(report) == {("matrix", "step"), ("matrix", "step 2")}

    @pytest.mark.parametrize("neuron", [(1, 1), (1, 4), (2, 2)])
    def test_a_value_off_in_its_last_digits_is_named(
        self, net: gn.Network, neuron: Neuron, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = vectorized.value

        def moves(activation: gn.Activation, a: FloatArray) -> FloatArray:
            v = original(activation, a)
            if v.shape == (len(X), LAYERS[neuron[0]]):
                v[2, neuron[1] - 1] *= 1 + 1e-14
            return v

        monkeypatch.setattr(vectorized, "value", moves)
        report = compare(net, X, Y)
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
            if slopes.shape == (len(X), LAYERS[neuron[0]]):
                slopes[2, neuron[1] - 1] *= 1 + 1e-13
            return slopes

        monkeypatch.setattr(vectorized, "derivative", moves)
        report = compare(net, X, Y)
        assert broken_places(report, "matrix", "delta") == {neuron}

    def test_a_loss_that_is_off_is_found(
        self, net: gn.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = vectorized.loss_values
        monkeypatch.setattr(
            vectorized, "loss_values", lambda *arguments: original(*arguments) * (1 + 1e-12)
        )
        report = compare(net, X, Y)
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
        report = compare(net, X)
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
        report = compare(net, X)
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
        report = compare(net, X, Y)
        assert different(report) == {("central", "gradient")}
        into = {((0, i), (1, 2)) for i in range(4)}
        assert broken_places(report, "central", "gradient") == into

    def test_a_wrong_derivative_of_an_own_loss_is_found(self, net: gn.Network) -> None:
        wrong = gn.Loss("wrong", lambda v, y: (v - y) * (v - y), lambda v, y: v - y)
        report = compare(net, X, Y, wrong)
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
        assert different(compare(net, X, abs(Y) % 1, own)) == {("central", "gradient")}

    def test_edges_at_a_kink_are_skipped_and_counted(self) -> None:
        net = gn.Network([1, 1, 1], activation=["relu", "identity"])
        net.add_weighted_edges_from([((0, 1), (1, 1), 0.0), ((1, 1), (2, 1), 1.0)])
        report = compare(net, [[1.0]], [5.0])
        assert report.ok
        check = report.check("central", "gradient")
        assert [number.place for number in check.numbers] == [((1, 1), (2, 1))]
        assert "1 skipped (kink, steep or overflow)" in check.note

    def test_kinks_of_two_samples_that_cancel_are_no_difference(self) -> None:
        # |relu(w) - 0| + |relu(-w) - 1| = 1 + w near w = 0: smooth with slope 1 there, though each
        # sample's loss has a kink, where the gradient is 0 by the convention for relu.
        net = gn.Network([1, 1], activation="relu")
        net.add_edge((0, 1), (1, 1), 0.0)
        report = compare(net, [[1.0], [-1.0]], [0.0, 1.0], "absolute")
        assert report.ok, str(report)


class TestReport:
    def test_it_prints_a_line_for_every_check_and_ok(self, net: gn.Network) -> None:
        lines = str(compare(net, X, Y)).splitlines()
        rows = [re.split(r"\s{2,}", line) for line in lines[2:10]]
        assert [tuple(row[:2]) for row in rows] == QUANTITIES
        assert lines[-1] == "ok: 6 samples, 8 checks"

    def test_it_prints_not_ok(self, net: gn.Network, monkeypatch: pytest.MonkeyPatch) -> None:
        change_product(monkeypatch, ((0, 0), (1, 1)), 1.0)
        text = str(compare(net, X[:1]))
        assert text.splitlines()[-1] == "NOT OK: 1 sample, 2 checks"
        assert "different" in text

    def test_a_check_that_is_not_there_is_an_error_with_those_that_are(
        self, net: gn.Network
    ) -> None:
        with pytest.raises(KeyError, match=r"no check of 'w' for 'matrix'; there are.*'a'"):
            compare(net, X).check("matrix", "w")

    def test_a_place_that_is_not_there_has_no_number(self, net: gn.Network) -> None:
        assert compare(net, X).at((9, 9)) == {}


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
            compare(net, X, y)  # type: ignore[arg-type]

    def test_a_loss_that_needs_another_output_is_refused(self, net: gn.Network) -> None:
        with pytest.raises(gn.CompileError, match=r"\(2, 1\) has the activation 'softplus'"):
            compare(net, X, [0, 1, 0, 1, 0, 1], "softmax_cross_entropy")

    def test_a_broken_weight_is_refused(self, net: gn.Network) -> None:
        net.graph.edges[(0, 1), (1, 1)]["weight"] = "x"
        with pytest.raises(gn.CompileError, match=r"\(0, 1\) -> \(1, 1\)"):
            compare(net, X)


class TestSteps:
    """Faults that only a second step, another batch size or a regulariser shows."""

    @staticmethod
    def report(**options: object) -> gn.ComparisonReport:
        rng = np.random.default_rng(0)
        mask = rng.random((4, 5)) < 0.7
        net = gn.Network.from_matrices(
            [rng.normal(size=(4, 5)), rng.normal(size=(6, 2))], [mask, np.ones((6, 2))], "tanh"
        )
        X, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
        return compare(net, X, y, **options)  # type: ignore[arg-type]

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("regularizer", REGULARIZERS, ids=str)
    @pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
    def test_a_right_engine_is_right_with_every_rule_and_regularizer(
        self, rule: gn.Optimizer, regularizer: object, dtype: str
    ) -> None:
        report = self.report(optimizer=rule, regularizer=regularizer, dtype=dtype)
        assert report.ok, str(report)

    def test_dropout_is_chance_and_is_refused(self) -> None:
        with pytest.raises(ValueError, match="leave Dropout out"):
            self.report(regularizer=[gn.L2(0.5), gn.Dropout(0.5)])

    def test_weights_that_are_not_refreshed_are_found(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refresh, calls = DenseWeights.refresh, []

        def first_only(self: DenseWeights, theta: np.ndarray) -> None:
            if id(self) not in calls:
                calls.append(id(self))
                kept.append(self)
                refresh(self, theta)

        kept: list[DenseWeights] = []
        monkeypatch.setattr(DenseWeights, "refresh", first_only)
        assert self.report().check("matrix", "step 2").verdict is gn.Verdict.DIFFERENT

    @pytest.mark.parametrize("rule", OPTIMIZERS[1:], ids=lambda rule: type(rule).__name__)
    def test_another_optimizer_is_found(
        self, rule: gn.Optimizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = matrix.run

        def wrong(state: State, *arguments: Any) -> State:
            first, rules = State.first(state.program, gn.SGD()), Rules(gn.SGD())
            after = run(first, *arguments[:4], rules)
            return State(after.program, state.slots, state.counters)

        monkeypatch.setattr(matrix, "run", wrong)
        report = self.report(optimizer=rule)
        assert report.check("matrix", "gradient").verdict is not gn.Verdict.DIFFERENT
        assert report.check("matrix", "step 2").verdict is gn.Verdict.DIFFERENT

    @pytest.mark.parametrize(
        "rule", [gn.Momentum(0.1), gn.Adam(0.1), gn.AMSGrad(0.1), gn.Adagrad(0.1)], ids=str
    )
    def test_what_is_not_remembered_is_found(
        self, rule: gn.Optimizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = matrix.run

        def forgets(state: State, X: Any, y: Any, batches: Batches, *more: Any) -> State:
            for k in range(len(batches)):
                state = run(State.first(state.program, rule), X, y, batches[k : k + 1], *more)
            return state

        monkeypatch.setattr(matrix, "run", forgets)
        report = self.report(optimizer=rule)
        assert report.check("matrix", "step").verdict is not gn.Verdict.DIFFERENT
        assert report.check("matrix", "step 2").verdict is gn.Verdict.DIFFERENT

    @pytest.mark.parametrize("wrong", [None, gn.L2(0.25), gn.L2(0.5, constants=False)])
    def test_another_regularizer_is_found(
        self, monkeypatch: pytest.MonkeyPatch, wrong: gn.L2 | None
    ) -> None:
        run, rules = matrix.run, Rules.of(gn.SGD(), wrong)
        monkeypatch.setattr(matrix, "run", lambda *arguments: run(*arguments[:5], rules))
        report = self.report(regularizer=gn.L2(0.5))
        assert report.check("matrix", "step").verdict is gn.Verdict.DIFFERENT

    def test_a_batch_that_is_divided_by_another_size_is_found(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = matrix.run

        def wrong(
            state: State,
            X: np.ndarray,
            y: np.ndarray,
            batches: Batches,
            loss: gn.Loss,
            rules: Rules,
        ) -> State:
            for batch, eta, _ in batches.each():
                scaled = Batches.of([batch], eta * len(batch) / len(X))
                state = run(state, X, y, scaled, loss, rules)
            return state

        monkeypatch.setattr(matrix, "run", wrong)
        report = self.report()
        assert report.check("matrix", "step").verdict is not gn.Verdict.DIFFERENT
        assert report.check("matrix", "step 2").verdict is gn.Verdict.DIFFERENT

    def test_a_wrong_public_gradient_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        public = matrix.public_gradient

        def doubled(*arguments: object) -> tuple[float, list[np.ndarray]]:
            loss, matrices = public(*arguments)  # type: ignore[arg-type]
            return loss, [2 * w for w in matrices]

        monkeypatch.setattr(matrix, "public_gradient", doubled)
        assert self.report().check("matrix", "gradient").verdict is gn.Verdict.DIFFERENT


class TestCorners:
    def test_an_infinite_number_that_both_engines_have_is_equal(self) -> None:
        net = gn.Network.dense([5, 6, 2], activation="identity", seed=0)
        X = np.vstack([np.ones((2, 5)), np.full((1, 5), 1.7e308)])
        report = compare(net, X)
        assert report.check("matrix", "v").verdict is not gn.Verdict.DIFFERENT

    def test_what_follows_from_an_overflow_is_not_judged(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(20):
            masks = [rng.random((4, 5)) < 0.5, rng.random((6, 3)) < 0.5]
            net = gn.Network.from_matrices(
                [1e100 * rng.normal(size=mask.shape) for mask in masks], masks, "softplus"
            )
            assert compare(net, 1e250 * rng.normal(size=(2, 3)), np.ones((2, 3))).ok

    def test_nan_of_a_relu_is_nan_in_both_engines(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1e308], [-1e308]]], activation="relu")
        assert compare(net, [[1e10, 1e10]]).ok
        assert math.isnan(gn.forward(net, [1e10, 1e10]).output[0])

    def test_denormal_steps_are_within_the_bound(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(50):
            net = gn.Network.from_matrices([np.zeros((4, 2))], activation="identity")
            X, y = 1e6 * rng.normal(size=(3, 3)), 1e-318 * rng.integers(1, 9, size=(3, 2))
            assert compare(net, X, y).check("matrix", "step").verdict is not gn.Verdict.DIFFERENT

    def test_what_judged_nothing_says_so(self) -> None:
        net = gn.Network.from_matrices([[[0.0], [1e300]]], activation="identity")
        report = compare(net, [[1e300]], [0.0])
        assert report.check("central", "gradient").verdict is gn.Verdict.UNCHECKED
        assert "not checked" in str(report)

    def test_an_invented_edge_is_suspected(self, monkeypatch: pytest.MonkeyPatch) -> None:
        net = gn.Network([2, 2], activation="identity")
        net.add_weighted_edges_from([((0, 1), (1, 1), 1.0), ((0, 2), (1, 1), 2.0)])
        product = DenseWeights.product

        def invents(self: DenseWeights, v: np.ndarray) -> np.ndarray:
            return product(self, v) + np.array([0.5, 0.0])

        monkeypatch.setattr(DenseWeights, "product", invents)
        rng = np.random.default_rng(0)
        suspect = compare(net, rng.normal(size=(5, 2))).check("matrix", "a").suspect
        assert suspect == ((0, 0), (1, 1))

    def test_a_users_vector_loss_may_set_some_entries_only(self) -> None:
        def sparse(a: object, v: list[float], y: list[float], delta: list[float]) -> None:
            if v[0] > y[0]:
                delta[0] = v[0] - y[0]

        def value(a: object, v: list[float], y: list[float]) -> float:
            return (v[0] - y[0]) * (v[0] - y[0]) / 2 if v[0] > y[0] else 0.0

        loss = gn.VectorLoss("first", value, sparse, output="identity", targets="numbers")
        net = gn.Network.dense([2, 3, 3], activation=["tanh", "identity"], seed=0)
        X, y = np.random.default_rng(1).normal(size=(2, 6, 3))
        assert compare(net, X[:, :2], y, loss).ok

    def test_a_users_function_that_reads_a_global_follows_it(self) -> None:
        scale = [1.0]
        own = gn.Activation("scaled", lambda a: scale[0] * a, lambda a, v: scale[0])
        net = gn.Network.dense([2, 2], activation=own, seed=0)
        assert compare(net, [1.0, 2.0], [0.0, 1.0]).ok
        scale[0] = 3.0
        assert compare(net, [1.0, 2.0], [0.0, 1.0]).ok
