"""`compare` on the native engine: equal from end to end, and what is broken is found and named."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from engines.native.agreement import Interpreted

import graphnn as gn
from graphnn.comparison.report import Verdict
from graphnn.engines import matrix
from graphnn.engines.batches import Batches
from graphnn.engines.native import compiler, engine, kernel
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.types import Neuron

QUANTITIES = ["a", "v", "loss", "delta", "gradient", "step", "step 2", "steps"]
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
TARGETS = {
    "hinge": np.sign(Y),
    "binary_cross_entropy": np.abs(Y) % 1,
    "softmax_cross_entropy": np.array([0, 1, 1, 0, 1]),
}
OUTPUTS = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "identity"}

OPTIMIZERS: list[gn.Optimizer] = [
    gn.SGD(), gn.Momentum(), gn.Nesterov(), gn.Adagrad(), gn.RMSprop(), gn.Adam(), gn.AMSGrad(),
    gn.AdamW(), gn.Rprop(),
]  # fmt: skip

native = partial(gn.compare, engines=("native",))
Change = Callable[[engine.Pass], None]


def network(present: float = 1.0, activation: object = "tanh", *, hidden: int = 4) -> gn.Network:
    """Return a 3-hidden-2 network with a share of all edges."""
    rng = np.random.default_rng(1)
    masks = [rng.random(shape) < present for shape in ((4, hidden), (hidden + 1, 2))]
    weights = [rng.normal(size=mask.shape) for mask in masks]
    return gn.Network.from_matrices(weights, masks, activation)  # type: ignore[arg-type]


def sparse() -> gn.Network:
    """Return a network with few edges and every activation, which the engine runs as lists."""
    net = network(0.25, hidden=16)
    for k, neuron in enumerate(net.neurons(1)):
        net.set_activation(sorted(gn.ACTIVATIONS)[k % len(gn.ACTIVATIONS)], neuron=neuron)
    assert gn.compile(net).loops == "edges"
    return net


def dense() -> gn.Network:
    net = network()
    assert gn.compile(net).loops == "dense"
    return net


def masked() -> gn.Network:
    net = network(0.7, ["softplus", "identity"])
    assert gn.compile(net).loops == "dense"
    assert net.graph.number_of_edges() < 26
    return net


def assert_equal(report: gn.ComparisonReport) -> None:
    """Assert that every number of the native engine equals the node engine's."""
    checks = [check for check in report.checks if check.engine == "native"]
    assert [check.quantity for check in checks] == QUANTITIES
    assert {check.verdict for check in checks} == {gn.Verdict.EQUAL}, str(report)
    assert report.ok, str(report)


def different(report: gn.ComparisonReport) -> dict[str, set[object]]:
    """Return the native engine's quantities that differ, and where."""
    found: dict[str, set[object]] = {}
    for check in report.checks:
        if check.engine == "native" and check.verdict is gn.Verdict.DIFFERENT:
            numbers = (n for n in check.numbers if n.verdict is gn.Verdict.DIFFERENT)
            found[check.quantity] = {number.place for number in numbers}
    return found


class TestEqual:
    @pytest.mark.parametrize("make", [dense, masked, sparse])
    def test_every_number_equals_the_node_engine_s(self, make: Callable[[], gn.Network]) -> None:
        assert_equal(native(make(), X, Y))

    @pytest.mark.parametrize("loss", sorted(gn.LOSSES))
    def test_with_every_loss(self, loss: str) -> None:
        net = gn.Network.dense([3, 2], activation=OUTPUTS.get(loss, "tanh"), seed=1)
        assert_equal(native(net, X, TARGETS.get(loss, Y), loss))

    @pytest.mark.parametrize(("make", "constants"), [(masked, False), (sparse, True)])
    def test_with_weight_decay(self, make: Callable[[], gn.Network], constants: bool) -> None:
        decay = gn.L2(0.3, constants=constants)
        assert_equal(native(make(), X, Y, optimizer=gn.SGD(0.5), regularizer=decay))

    @pytest.mark.parametrize("regularizer", [None, gn.ElasticNet(0.1), gn.MaxNorm(0.9)], ids=str)
    @pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
    def test_with_every_optimizer(
        self, rule: gn.Optimizer, regularizer: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "kernel", Interpreted)  # the source itself
        for net in (masked(), sparse()):
            assert_equal(native(net, X, Y, optimizer=rule, regularizer=regularizer))

    def test_one_sample_will_do(self) -> None:
        assert_equal(native(dense(), X[0], Y[0]))

    def test_every_neuron_and_edge_is_compared(self) -> None:
        report, net = native(dense(), X, Y), dense()
        neurons = {n for n in net.nodes if n[0] > 0 and n[1] > 0}
        places = {q: {n.place for n in report.check("native", q).numbers} for q in QUANTITIES}
        edges = set(net.edges)
        assert [places[quantity] for quantity in ("a", "v", "delta")] == [neurons] * 3
        assert [places[quantity] for quantity in QUANTITIES[4:]] == [edges] * 4

    def test_forward_alone_without_targets(self) -> None:
        report = native(dense(), X)
        assert [(c.engine, c.quantity) for c in report.checks] == [("native", "a"), ("native", "v")]
        assert {check.verdict for check in report.checks} == {gn.Verdict.EQUAL}

    def test_a_users_functions_are_compiled_and_compared(self) -> None:
        own = gn.Activation(
            "own", lambda a: a / (1 + abs(a)), lambda a, v: 1 / ((1 + abs(a)) * (1 + abs(a)))
        )
        loss = gn.Loss("own", lambda v, y: (v - y) * (v - y), lambda v, y: 2 * (v - y))
        assert_equal(native(network(activation=own), X, Y, loss))


class TestEngines:
    def test_both_are_compared_in_the_order_that_was_asked_for(self) -> None:
        matrix = [("matrix", quantity) for quantity in QUANTITIES[:-1]]
        own = [("native", quantity) for quantity in QUANTITIES]
        for engines, first, second in (
            ({}, matrix, own),
            ({"engines": ["native", "matrix"]}, own, matrix),
        ):
            report = gn.compare(dense(), X, Y, **engines)  # type: ignore[arg-type]
            found = [(check.engine, check.quantity) for check in report.checks]
            assert found == [*first, *second, ("central", "gradient")]
            assert str(report).splitlines()[-1] == "ok: 5 samples, 16 checks"

    def test_none_leaves_the_central_differences(self) -> None:
        report = gn.compare(dense(), X, Y, engines=())
        assert [(c.engine, c.quantity) for c in report.checks] == [("central", "gradient")]

    @pytest.mark.parametrize("engines", [("matrix", "gpu"), ("node",), "node"])
    def test_an_unknown_one_is_refused_with_the_choices(
        self, engines: str | tuple[str, ...]
    ) -> None:
        last = engines if isinstance(engines, str) else engines[-1]
        words = rf"unknown engine: '{last}' (must be one of ['matrix', 'native'])"
        with pytest.raises(ValueError, match=re.escape(words)):
            gn.compare(dense(), X, Y, engines=engines)

    def test_the_matrix_engine_stays_away_unless_asked_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*arguments: object) -> None:
            raise AssertionError

        for name in ("forward", "sensitivities", "run", "public_gradient"):
            monkeypatch.setattr(f"graphnn.engines.matrix.{name}", fails)
        assert_equal(native(dense(), X, Y))

    def test_the_table_fits_80_columns(self) -> None:
        lines = str(gn.compare(dense(), X, Y)).splitlines()
        assert max(map(len, lines)) <= 80


def up(numbers: np.ndarray, *at: int) -> None:
    """Move one number to the next float."""
    numbers[at] = math.nextafter(numbers[at], math.inf)


class TestBrokenNativeEngine:
    @staticmethod
    def spoil(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
        propagate = engine.propagate

        def wrong(*arguments: object) -> engine.Pass:
            found = propagate(*arguments)  # type: ignore[arg-type]
            change(found)
            return found

        monkeypatch.setattr(engine, "propagate", wrong)

    @pytest.mark.parametrize(
        ("quantity", "neuron", "change"),
        [
            ("a", (2, 1), lambda found: up(found.a[1], 3, 0)),
            ("v", (1, 4), lambda found: up(found.v[0], 3, 3)),
            ("delta", (1, 2), lambda found: up(found.delta[0], 3, 1)),
            ("delta", (2, 2), lambda found: up(found.delta[1], 3, 1)),
        ],
    )
    def test_a_neuron_s_last_bit_is_found_at_its_sample(
        self, monkeypatch: pytest.MonkeyPatch, quantity: str, neuron: Neuron, change: Change
    ) -> None:
        self.spoil(monkeypatch, change)
        report = native(dense(), X, Y)
        assert different(report) == {quantity: {neuron}}
        worst = report.check("native", quantity).worst
        assert worst is not None
        assert (worst.sample, worst.bound) == (3, 0.0)
        assert 0 < worst.error < 1e-15
        assert not report.ok
        assert f"native: {quantity} at {neuron}, sample 3 is {worst.other!r}, the" in str(report)

    @pytest.mark.parametrize("number", [0, 7, 16, 25])
    def test_an_edge_s_gradient_is_found(
        self, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        edge = list(dense().edges)[number]
        self.spoil(monkeypatch, lambda found: up(found.gradient, number))
        report = native(dense(), X, Y)
        assert different(report) == {"gradient": {edge}}
        assert not report.ok

    def test_a_loss_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spoil(monkeypatch, lambda found: found.losses.__setitem__(4, 1.0))
        report = native(dense(), X, Y)
        assert different(report) == {"loss": {None}}
        assert not report.ok
        assert "native: loss at the network is" in str(report)

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_a_number_that_is_not_finite_is_found(
        self, monkeypatch: pytest.MonkeyPatch, bad: float
    ) -> None:
        self.spoil(monkeypatch, lambda found: found.a[0].__setitem__((2, 1), bad))
        assert different(native(dense(), X, Y)) == {"a": {(1, 2)}}

    def test_a_zero_of_the_other_sign_is_equal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def negate(found: engine.Pass) -> None:
            zeros = found.v[0] == 0
            assert zeros.any()
            found.v[0][zeros] = -0.0

        self.spoil(monkeypatch, negate)
        assert_equal(native(sparse(), X, Y))

    @pytest.mark.parametrize(
        ("single", "quantities"), [(False, {"step", "step 2"}), (True, {"steps"})]
    )
    def test_a_weight_is_found_after_training(
        self, monkeypatch: pytest.MonkeyPatch, single: bool, quantities: set[str]
    ) -> None:
        run, edge = engine.run, list(dense().edges)[9]

        def wrong(
            state: State, X: np.ndarray, y: np.ndarray, batches: Batches, *more: object
        ) -> State:
            after = run(state, X, y, batches, *more)  # type: ignore[arg-type]
            if (len(batches[0]) == 1) is not single:
                return after
            theta = after.program.theta.copy()
            up(theta, 9)
            return after.moved(theta, after.slots, after.counters)

        monkeypatch.setattr(engine, "run", wrong)
        report = native(dense(), X, Y)
        assert different(report) == {quantity: {edge} for quantity in quantities}
        assert not report.ok

    @pytest.mark.parametrize("wrong", [None, gn.L2(0.25, constants=False)])
    def test_another_regularizer_is_found(
        self, monkeypatch: pytest.MonkeyPatch, wrong: gn.L2 | None
    ) -> None:
        run, rules = engine.run, Rules.of(gn.SGD(), wrong)
        monkeypatch.setattr(engine, "run", lambda *arguments: run(*arguments[:5], rules))
        report = native(masked(), X, Y, regularizer=gn.L2(0.3, constants=False))
        assert set(different(report)) == {"step", "step 2", "steps"}

    def test_what_is_not_remembered_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run, rule = engine.run, gn.Adam(0.1)

        def forgets(state: State, X: Any, y: Any, batches: Batches, *more: Any) -> State:
            for k in range(len(batches)):
                state = run(State.first(state.program, rule), X, y, batches[k : k + 1], *more)
            return state

        monkeypatch.setattr(engine, "kernel", Interpreted)
        monkeypatch.setattr(engine, "run", forgets)
        assert set(different(native(masked(), X, Y, optimizer=rule))) == {"step 2", "steps"}

    def test_samples_in_another_order_are_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = engine.run

        def backward(
            state: State, X: np.ndarray, y: np.ndarray, batches: Batches, *more: object
        ) -> State:
            turned = Batches.of(list(batches)[::-1], float(batches.rates[0]))
            return run(state, X, y, turned, *more)  # type: ignore[arg-type]

        monkeypatch.setattr(engine, "run", backward)
        assert set(different(native(dense(), X, Y))) == {"step 2", "steps"}


class TestUsersFunctions:
    def test_what_differs_from_python_is_remarked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        words = "activation 'tanh': compiled code and Python differ at 7 of 4,096 arguments"
        TestBrokenNativeEngine.spoil(
            monkeypatch, lambda found: setattr(found, "mismatches", (words, "loss 'x': too"))
        )
        report = native(dense(), X, Y)
        assert report.ok
        assert f"native: {words}; loss 'x': too" in str(report).splitlines()

    def test_a_power_that_is_rounded_otherwise_is_different(self) -> None:
        cube = gn.Activation("cube", lambda a: a**3, lambda a, v: 3 * a * a)
        many = np.random.default_rng(0).normal(size=(60, 3))
        report = native(network(activation=cube), many)
        assert not report.ok
        assert report.check("native", "v").verdict is gn.Verdict.DIFFERENT
        assert "native: activation 'cube': value: compiled code and Python differ" in str(report)


class TestNotRun:
    @staticmethod
    def assert_not_run(report: gn.ComparisonReport, words: str) -> None:
        """Assert that there is one row of the native engine, with the reason below the table."""
        (check,) = (check for check in report.checks if check.engine == "native")
        assert (check.quantity, check.verdict) == ("-", gn.Verdict.NOT_RUN)
        assert words in check.note
        lines = str(report).splitlines()
        assert [re.split(r"\s{2,}", line) for line in lines if line.startswith("native ")] == [
            ["native", "-", "not run"]
        ]
        assert f"native: {check.note}" in lines

    @pytest.fixture
    def no_numba(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compiler, "find_spec", lambda name: None)
        # Compiled code that is in memory already needs no Numba.
        monkeypatch.setattr(engine, "kernel", kernel.kernel.__wrapped__)

    @pytest.mark.usefixtures("no_numba")
    def test_without_numba(self) -> None:
        report = gn.compare(dense(), X, Y)
        self.assert_not_run(report, "the native engine needs Numba")
        assert report.ok
        assert str(report).splitlines()[-1] == "ok: 5 samples, 8 checks"

    @pytest.mark.usefixtures("no_numba")
    def test_it_makes_nothing_better(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("graphnn.engines.matrix.run", lambda state, *more: state)
        assert not gn.compare(dense(), X, Y).ok

    def test_a_function_that_cannot_be_compiled(self) -> None:
        table = {"slope": 1.0}
        own = gn.Activation("table", lambda a: table["slope"] * a, lambda a, v: table["slope"])
        report = gn.compare(network(activation=own), X, Y)
        self.assert_not_run(report, "activation 'table'")
        assert report.ok

    def test_what_ran_before_the_refusal_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuses(*arguments: object) -> None:
            raise gn.CompileError("optimizer: no")

        monkeypatch.setattr(engine, "run", refuses)
        TestBrokenNativeEngine.spoil(monkeypatch, lambda found: up(found.a[0], 0, 0))
        report = native(dense(), X, Y)
        assert [c.quantity for c in report.checks] == [*QUANTITIES[:5], "-", "gradient"]
        assert different(report) == {"a": {(1, 1)}}
        assert not report.ok


class TestOverflow:
    """The promise is about finite numbers."""

    def test_a_sample_that_overflows_leaves_the_others_judged(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = np.vstack([X, np.full((1, 3), 1.7e308)])
        net = masked()
        report = native(net, rows, np.vstack([Y, Y[:1]]))
        assert report.ok, str(report)
        assert not np.isfinite(gn.compile(net).predict(rows)[-1]).all()
        TestBrokenNativeEngine.spoil(monkeypatch, lambda found: up(found.a[1], 2, 1))
        assert different(native(net, rows)) == {"a": {(2, 2)}}

    def test_what_follows_from_an_overflow_is_not_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        net = masked()
        for u, v in net.edges:
            net.set_weight(u, v, 1e200)

        def change(found: engine.Pass) -> None:
            found.v[1].fill(2.0)
            found.delta[0].fill(3.0)

        TestBrokenNativeEngine.spoil(monkeypatch, change)
        report = native(net, 1e200 * np.abs(X), Y)
        assert report.ok
        for quantity in ("v", "delta"):
            assert report.check("native", quantity).verdict is gn.Verdict.UNCHECKED
        assert "not checked: an overflow came before" in str(report)

    def test_absent_edges_after_an_overflow(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(20):
            masks = [rng.random((4, 4)) < 0.7, rng.random((5, 2)) < 0.7]
            net = gn.Network.from_matrices(
                [1e100 * rng.normal(size=mask.shape) for mask in masks],
                masks,
                ["softplus", "identity"],
            )
            assert native(net, 1e250 * rng.normal(size=(2, 3)), np.ones((2, 2))).ok


@pytest.mark.parametrize("loops", ["dense", "edges"])
@pytest.mark.parametrize("loss", ["squared", "binary_cross_entropy"])
def test_fastmath_is_within_the_rounding_bounds(
    loops: str, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks of the matrix engine, with the native engine's fast numbers in its place."""
    rng = np.random.default_rng(0)
    net = gn.Network.dense([7, 16, 5, 3], ["tanh", "softplus", "sigmoid"], seed=0)
    X, y = rng.normal(size=(6, 7)), rng.uniform(size=(6, 3))
    chosen = resolve_loss(loss)

    def fast(program: gn.Program, X: np.ndarray, y: np.ndarray | None = None) -> engine.Pass:
        program.__dict__["loops"] = loops
        return engine.propagate(program, X, y, chosen, fastmath=True)

    def forward(program: gn.Program, X: np.ndarray) -> tuple[list, list]:
        found = fast(program, X)
        return [None, *found.a], [X, *found.v]

    def sensitivities(program: gn.Program, a: list, v: list, y: np.ndarray, _: object) -> list:
        return fast(program, v[0], y).delta

    def gradient(program: gn.Program, X: np.ndarray, y: np.ndarray, _: object) -> tuple:
        found = fast(program, X, y)
        depths = range(1, program.depth + 1)
        return found.loss, [program.scatter(found.gradient, t) for t in depths]

    def run(state: State, *rest: object) -> State:
        state.program.__dict__["loops"] = loops
        return engine.run(state, *rest, fastmath=True)  # type: ignore[arg-type]

    monkeypatch.setattr(matrix, "forward", forward)
    monkeypatch.setattr(matrix, "sensitivities", sensitivities)
    monkeypatch.setattr(gn.Program, "gradient", gradient)
    monkeypatch.setattr(matrix, "run", run)
    report = gn.compare(net, X, y, loss, engines=["matrix"])
    assert report.ok, report
    exact = [check.verdict is Verdict.EQUAL for check in report.checks if check.engine == "matrix"]
    assert not all(exact)  # it is the fast code that was judged
