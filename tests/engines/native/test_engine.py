"""The native engine as it is called: long runs, float32, users' own functions, refusals."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest
from engines.native.agreement import (
    Interpreted,
    Lesson,
    assert_trains_alike,
    lowered,
    random_batches,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.descent import Memory
from graphnn.engines.native import engine
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.sample import Sample
from graphnn.engines.state import State
from graphnn.engines.wiring import wire
from graphnn.functions.losses import AnyLoss, VectorLoss, resolve_loss

LOOPS = ["dense", "edges"]


def tiny_network() -> gn.Network:
    return gn.Network.dense([2, 4, 1], activation="tanh", init=gn.Uniform(0.7), seed=2)


def sparse_network() -> gn.Network:
    rng = np.random.default_rng(8)
    shapes = [(7, 5), (6, 3)]
    masks = [rng.random(shape) < 0.25 for shape in shapes]
    return gn.Network.from_matrices(
        [rng.normal(size=shape) for shape in shapes], masks, activation=["tanh", "sigmoid"]
    )


class TestLongRuns:
    STEPS = 100_000

    @pytest.mark.parametrize(
        ("net", "loops", "rule"),
        [
            (tiny_network(), "dense", gn.SGD()),
            (sparse_network(), "edges", gn.SGD()),
            (tiny_network(), "dense", gn.Adam()),
        ],
        ids=["2-4-1 over matrices", "6-5-3 along edges", "2-4-1 with Adam"],
    )
    def test_100_000_steps_in_one_call_or_in_pieces_equal_the_node_engine_s(
        self, net: gn.Network, loops: str, rule: gn.Optimizer
    ) -> None:
        program = lowered(net, loops)
        rng = np.random.default_rng(0)
        X = rng.normal(size=(20, net.layers[0]))
        y = np.abs(np.sin(X[:, :1] * 2 + X[:, 1:2])) * np.ones(net.layers[-1])
        rows = rng.integers(0, 20, self.STEPS)
        loss, rules = gn.LOSSES["squared"], Rules(rule)
        wiring = wire(net.copy())
        samples = [Sample(*pair) for pair in zip(X.tolist(), y.tolist(), strict=True)]
        steps = (([row], 0.05, ()) for row in rows.tolist())
        node.run(wiring, samples, steps, loss, rules, Memory.first(wiring, rules))
        batches = Batches.of_size(rows, 1, 0.05)
        trainer, state = engine.Trainer(program, X, y, loss, rules), State.first(program, rule)
        assert trainer.run(state, batches).program.theta.tolist() == wiring.weights()
        pieces = state
        cuts = [0, 1, 2, 1000, 1000, 33_333, 99_999, self.STEPS]
        for begin, end in pairwise(cuts):
            pieces = trainer.run(pieces, batches[begin:end])
        assert pieces.program.theta.tolist() == wiring.weights()
        assert trainer.loss(pieces.program, X, y) / 20 == node.mean_loss(wiring, samples, loss)
        _, _, kept = trainer.epochs(state, Epochs(batches, np.array([60_000, self.STEPS])))
        assert kept[1].tolist() == wiring.weights()


class SinglePrecision:
    """The node engine's loops in float32, written out.

    Every product and sum is rounded to float32; a scalar function takes and returns float64, and
    its result is rounded.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.lesson, self.loss = lesson, resolve_loss(lesson.loss)
        self.wiring = wire(lesson.net.copy())
        self.w = [np.float32(weight) for weight in self.wiring.weights()]
        self.slots = [list(map(np.float32, lesson.rule.slots().values())) for _ in self.w]
        self.counters = tuple(lesson.rule.counters().values())
        self.place = {(i, j): k for k, (i, j, _) in enumerate(self.wiring.edges)}

    def forward(self, x: np.ndarray) -> tuple[dict, dict]:
        a: dict = {}
        v: dict = dict.fromkeys(self.wiring.constants, np.float32(1))
        v.update(zip(self.wiring.inputs, x, strict=True))
        for layer in self.wiring.layers:
            for unit in layer:
                j = unit.neuron
                a[j] = np.float32(0)
                for i, _ in unit.incoming:
                    a[j] = a[j] + self.w[self.place[i, j]] * v[i]
                v[j] = np.float32(unit.activation.value(float(a[j])))
        return a, v

    def outputs(self, a: dict, v: dict, y: np.ndarray) -> tuple[list, list, list]:
        last = [unit.neuron for unit in self.wiring.layers[-1]]
        return [float(a[j]) for j in last], [float(v[j]) for j in last], y.astype(float).tolist()

    def sensitivities(self, a: dict, v: dict, y: np.ndarray) -> dict:
        delta: dict = {}
        last = self.wiring.layers[-1]
        if isinstance(self.loss, VectorLoss):
            found = [0.0] * len(y)
            self.loss.sensitivities(*self.outputs(a, v, y), found)
            delta |= {unit.neuron: np.float32(d) for unit, d in zip(last, found, strict=True)}
        else:
            for unit, target in zip(last, y, strict=True):
                j = unit.neuron
                slope = np.float32(unit.activation.derivative(float(a[j]), float(v[j])))
                delta[j] = slope * np.float32(self.loss.derivative(float(v[j]), float(target)))
        for layer in reversed(self.wiring.layers[:-1]):
            for unit in layer:
                j, s = unit.neuron, np.float32(0)
                for k, _ in unit.outgoing:
                    s = s + self.w[self.place[j, k]] * delta[k]
                delta[j] = np.float32(unit.activation.derivative(float(a[j]), float(v[j]))) * s
        return delta

    def loss_of(self, x: np.ndarray, y: np.ndarray) -> float:
        a, v, targets = self.outputs(*self.forward(x), y)
        if isinstance(self.loss, VectorLoss):
            return self.loss.value(a, v, targets)
        total = 0.0
        for one, target in zip(v, targets, strict=True):
            total = total + self.loss.value(one, target)
        return total

    def gradient(self, rows: np.ndarray) -> list:
        total = [np.float32(0)] * len(self.w)
        for k in rows:
            a, v = self.forward(self.lesson.X[k])
            delta = self.sensitivities(a, v, self.lesson.y[k])
            edges = self.wiring.edges
            total = [g + delta[j] * v[i] for g, (i, j, _) in zip(total, edges, strict=True)]
        return [g / np.float32(len(rows)) for g in total]

    def step(self, rows: np.ndarray, eta: float) -> None:
        rule, more = self.lesson.rule, self.lesson.regularizer
        self.counters = rule.tick(self.counters)
        for k, mean in enumerate(self.gradient(rows)):
            g, weight, slots = mean, float(self.w[k]), tuple(map(float, self.slots[k]))
            counts = more is not None and (more.constants or self.wiring.edges[k][0][1] > 0)
            if counts and hasattr(more, "derivative"):
                g = mean + np.float32(more.derivative(weight))
            moved, found = rule.update(weight, float(g), slots, (eta, *self.counters))
            self.w[k], self.slots[k] = np.float32(moved), list(map(np.float32, found))
            if counts and hasattr(more, "proximal"):
                self.w[k] = np.float32(more.proximal(float(self.w[k]), eta))


def assert_single_precision(lesson: Lesson, batches: Batches, loops: str) -> None:
    """Assert that training and a pass in float32 give the numbers of the loops in float32."""
    oracle = SinglePrecision(lesson)
    expected, slots = [oracle.w[:]], oracle.slots[:]
    for rows, eta, _ in batches.each():
        oracle.step(rows, eta)
        if not all(abs(w) < 1e3 for w in oracle.w):
            break
        expected.append(oracle.w[:])
        slots = oracle.slots[:]
    count, loss = len(expected) - 1, resolve_loss(lesson.loss)
    program, rules = lowered(lesson.net, loops, np.float32), lesson.rules
    trainer = engine.Trainer(program, lesson.X, lesson.y, loss, rules, batch=batches.largest)
    after = trainer.run(State.first(program, lesson.rule), batches[:count])
    trained = after.program
    assert trained.theta.dtype == np.float32
    assert trained.theta.tolist() == expected[count]
    assert [list(one) for one in zip(*after.slots, strict=True)] == (slots if after.slots else [])
    oracle.w = expected[count]
    total = 0.0
    for x, y in zip(lesson.X, lesson.y, strict=True):
        total = total + oracle.loss_of(x, y)
    assert trainer.loss(trained, lesson.X, lesson.y) == total


def assert_pass_in_single_precision(lesson: Lesson, loops: str) -> None:
    oracle = SinglePrecision(lesson)
    loss, program = resolve_loss(lesson.loss), lowered(lesson.net, loops, np.float32)
    found = engine.propagate(program, lesson.X, lesson.y, loss)
    for k, (x, y) in enumerate(zip(lesson.X, lesson.y, strict=True)):
        a, v = oracle.forward(x)
        delta = oracle.sensitivities(a, v, y)
        for t in range(1, lesson.net.depth + 1):
            neurons = lesson.net.neurons(t)
            assert found.a[t - 1][k].tolist() == [a[n] for n in neurons]
            assert found.v[t - 1][k].tolist() == [v[n] for n in neurons]
            assert found.delta[t - 1][k].tolist() == [delta[n] for n in neurons]
        assert found.losses[k] == oracle.loss_of(x, y)
    gradient = oracle.gradient(np.arange(len(lesson.X)))
    assert found.gradient.tolist() == gradient
    assert found.gradient.dtype == np.float32


class TestFloat32:
    @staticmethod
    def lesson(
        case: Case, rule: gn.Optimizer, regularizer: gn.L2 | gn.ElasticNet | None = None
    ) -> Lesson:
        X, y = case.X.astype(np.float32), case.y.astype(np.float32)
        return Lesson(case.net, X, y, case.loss, rule, regularizer)

    @pytest.mark.parametrize("loops", LOOPS)
    @given(
        cases(max_layers=3),
        st.sampled_from([1, 2, 3, 8]),
        st.sampled_from([gn.SGD(), gn.Momentum(), gn.AMSGrad()]),
        st.sampled_from(
            [None, gn.L2(0.01), gn.L2(0.3, constants=False), gn.ElasticNet(0.3, constants=False)]
        ),
        st.integers(0, 99),
    )
    def test_the_source_multiplies_and_adds_in_float32(
        self,
        loops: str,
        case: Case,
        size: int,
        rule: gn.Optimizer,
        regularizer: gn.L2 | gn.ElasticNet | None,
        seed: int,
    ) -> None:
        lesson = self.lesson(case, rule, regularizer)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "kernel", Interpreted)
            batches = random_batches(len(case.X), size, seed)[:12]
            assert_single_precision(lesson, batches, loops)
            assert_pass_in_single_precision(lesson, loops)

    @pytest.mark.parametrize(
        ("loops", "size", "loss", "rule", "regularizer"),
        [
            ("dense", 1, "squared", gn.SGD(), gn.L2(0.01)),
            ("dense", 1, "squared", gn.Adam(), None),
            ("edges", 1, "softmax_cross_entropy", gn.SGD(), None),
            ("edges", 8, "squared", gn.SGD(), gn.L2(0.05, constants=False)),
        ],
    )
    def test_compiled_code_does_so_too(
        self, loops: str, size: int, loss: str, rule: gn.Optimizer, regularizer: gn.L2 | None
    ) -> None:
        net = gn.Network.dense([3, 9, 2], activation=["tanh", "identity"], seed=3)
        net.remove_edge((0, 2), (1, 4))
        rng = np.random.default_rng(0)
        X = rng.normal(size=(6, 3)).astype(np.float32)
        y = rng.normal(size=(6, 2)).astype(np.float32)
        y = np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1, 0]] if loss.startswith("soft") else y
        lesson = Lesson(net, X, y, loss, rule, regularizer)
        assert_single_precision(lesson, random_batches(6, size, 0), loops)

    def test_a_compiled_pass_does_so_too(self) -> None:
        net = gn.Network.dense([3, 9, 2], activation=["softplus", "tanh"], seed=3)
        rng = np.random.default_rng(0)
        X = rng.normal(size=(6, 3)).astype(np.float32)
        y = rng.normal(size=(6, 2)).astype(np.float32)
        assert_pass_in_single_precision(Lesson(net, X, y, "squared"), "dense")


# ---- users' own functions ------------------------------------------------------------------

SLOPE = 0.25
TABLE = {"slope": 0.25}
SLOPES = [0.25]
settings = ModuleType("settings")
settings.slope = 0.25  # type: ignore[attr-defined]


def gentle(a: float) -> float:
    """A helper function that reads a module's constant."""
    return SLOPE * a


def bent(a: float) -> float:
    return a if a > 0 else gentle(a)


def bent_slope(a: float, v: float) -> float:
    return 1 if a > 0 else SLOPE


def twice_bent(a: float) -> float:
    return bent(bent(a))


@dataclass(frozen=True)
class Scaled:
    """tanh of another height."""

    height: float

    def __call__(self, a: float) -> float:
        return self.height * math.tanh(a)


@dataclass(frozen=True)
class ScaledSlope:
    height: float

    def __call__(self, a: float, v: float) -> float:
        return self.height * (1 - math.tanh(a) * math.tanh(a))


def steep(k: float) -> gn.Activation:
    """An activation made of closures, one over a function."""

    def value(a: float) -> float:
        return a / (k + abs(a))

    def slope(a: float, v: float) -> float:
        return k / ((k + abs(a)) * (k + abs(a))) + 0 * value(a)

    return gn.Activation("steep", value, slope)


def reads_a_module(a: float) -> float:
    slope: float = settings.slope
    return slope * a


def stepped(a: float, height: float = 0.5) -> float:
    return height * a if a > 0 else a / 8


LAMBDAS = gn.Activation(
    "my act!", lambda a: a / (1 + abs(a)), lambda a, v: (1 - abs(v)) * (1 - abs(v))
)
BENT = gn.Activation("bent", bent, bent_slope)
OWN = {
    "lambdas, math.tanh itself, closures": [
        LAMBDAS,
        gn.Activation("2x", math.tanh, lambda a, v: 1 - v * v),
        steep(2.0),
    ],
    "a helper and a module's constant, a helper's helper, truth values": [
        BENT,
        gn.Activation("twice bent", twice_bent, lambda a, v: 1 if a > 0 else 0),
        gn.Activation("for", lambda a: a > 0, lambda a, v: 1),
    ],
    "dataclasses": [gn.Activation("scaled", Scaled(1.5), ScaledSlope(1.5))],
    "a default": [gn.Activation("stepped", stepped, lambda a, v: 0.5 if a > 0 else 1 / 8)],
}


class TestOwnFunctions:
    @staticmethod
    def lesson(*activations: gn.Activation, loss: str | AnyLoss = "squared") -> Lesson:
        net = gn.Network.dense([2, *(3 for _ in activations), 2], activation="tanh", seed=1)
        for t, activation in enumerate(activations, start=1):
            net.set_activation(activation, layer=t)
        rng = np.random.default_rng(0)
        return Lesson(net, rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), loss)

    @pytest.mark.parametrize("own", OWN.values(), ids=OWN.keys())
    def test_activations_equal_the_node_engine(self, own: list[gn.Activation]) -> None:
        lesson = self.lesson(*own)
        assert_trains_alike(lesson, random_batches(5, 1, 0, 0.05), "dense")

    def test_a_loss_equals_the_node_engine(self) -> None:
        own = gn.Loss(
            "my act!", lambda v, y: math.log1p((v - y) * (v - y)),
            lambda v, y: 2 * (v - y) / (1 + (v - y) * (v - y)),
        )  # fmt: skip
        assert_trains_alike(self.lesson(LAMBDAS, loss=own), random_batches(5, 2, 0, 0.05), "edges")

    def test_a_loss_of_whole_layers_equals_the_node_engine(self) -> None:
        def value(a: list[float], v: list[float], y: list[float]) -> float:
            total = 0.0
            for j in range(len(v)):
                total = total + (v[j] - y[j]) * (v[j] - y[j])
            return total

        def sensitivities(
            a: list[float], v: list[float], y: list[float], delta: list[float]
        ) -> None:
            for j in range(len(v)):
                delta[j] = 2 * (v[j] - y[j])

        own = gn.VectorLoss("own", value, sensitivities, "identity", "probabilities")
        net = gn.Network.dense([2, 3, 2], activation=["tanh", "identity"], seed=1)
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(5, 2)), rng.random(size=(5, 2))
        assert_trains_alike(Lesson(net, X, y, own), random_batches(5, 1, 0), "dense")

    def test_an_update_rule_with_numbers_and_a_switch_equals_the_node_engine(self) -> None:
        lesson = self.lesson(LAMBDAS)
        rule = Clipped(0.5, 2, halved=True)
        assert_trains_alike(
            Lesson(lesson.net, lesson.X, lesson.y, "squared", rule, gn.L2(0.01)),
            random_batches(5, 2, 0, 0.5),
            "dense",
        )

    def test_an_update_rule_with_a_helper_equals_the_node_engine(self) -> None:
        lesson = self.lesson(LAMBDAS)
        bending = Lesson(lesson.net, lesson.X, lesson.y, "squared", Bending(0.1))
        assert_trains_alike(bending, random_batches(5, 1, 0), "dense")


@dataclass(frozen=True)
class Clipped(gn.Optimizer):
    bound: int = 1
    halved: bool = False

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        if self.halved:
            gradient = gradient / 2
        bounded = max(-1.0 * self.bound, min(1.0 * self.bound, gradient))
        return weight - step[0] * bounded, slots


@dataclass(frozen=True)
class Bending(gn.Optimizer):
    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return weight - step[0] * gentle(gradient), slots


@dataclass(frozen=True)
class Listed(gn.Optimizer):
    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return weight - step[0] * gradient * SLOPES[0], slots


@dataclass(frozen=True)
class Spelt(gn.Optimizer):
    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return weight - step[0] * float(f"{gradient}"), slots


@dataclass(frozen=True)
class Remembering(gn.Optimizer):
    past: tuple[float, ...] = ()

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return weight - step[0] * gradient, slots


def one_neuron(value: Callable[[float], float], name: str = "mine") -> gn.Network:
    net = gn.Network([1, 1], activation=gn.Activation(name, value, lambda a, v: 1))
    net.add_edge((0, 1), (1, 1), 1.0)
    return net


def run_once(
    net: gn.Network,
    rule: gn.Optimizer = gn.SGD(0.1),  # noqa: B008 - frozen
    regularizer: object = None,
) -> np.ndarray:
    X, y = np.array([[3.5]]), np.array([[1.0]])
    rules, batches = Rules.of(rule, regularizer), Batches.of([np.array([0])], 0.1)
    state = State.first(gn.compile(net), rule)
    return engine.run(state, X, y, batches, gn.LOSSES["squared"], rules).program.theta


def spelt(a: float) -> float:
    return float(str(a))


def opened(a: float) -> float:
    if a == 123.0:
        open("/nowhere")  # noqa: SIM115
    return a


def looked_up(a: float) -> float:
    return TABLE["slope"] * a


class TestRefusals:
    def test_a_function_of_no_module_is_compiled_too(self) -> None:
        own = gn.Activation("mine", eval("lambda a: a / 2", {}), lambda a, v: 0.5)
        net = gn.Network.dense([2, 2], activation=own, seed=0)
        X, y = np.array([[0.5, -1.0]]), np.array([[0.0, 1.0]])
        found = engine.propagate(gn.compile(net), X, y, gn.LOSSES["squared"])
        assert found.v[0][0].tolist() == list(gn.forward(net, [0.5, -1.0]).output)

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (spelt, "activation 'mine': value cannot be compiled by Numba"),
            (opened, "activation 'mine': value cannot be compiled by Numba.*open"),
            (looked_up, "activation 'mine': value cannot be compiled: TABLE is a dict"),
        ],
    )
    def test_a_function_that_cannot_be_compiled_is_named(
        self, value: Callable[[float], float], words: str
    ) -> None:
        with pytest.raises(gn.CompileError, match=words):
            run_once(one_neuron(value))

    def test_a_loss_that_cannot_be_compiled_is_named(self) -> None:
        own = gn.Loss("mine", lambda v, y: v - y, lambda v, y: float(f"{v}"))
        net = gn.Network.dense([1, 1], activation="tanh", seed=0)
        with pytest.raises(gn.CompileError, match="loss 'mine': derivative cannot be compiled"):
            engine.propagate(gn.compile(net), np.array([[1.0]]), np.array([[1.0]]), own)

    @pytest.mark.parametrize("rule", [Listed(0.1), Spelt(0.1), Remembering(0.1)])
    def test_an_update_rule_that_cannot_be_compiled_is_named(self, rule: gn.Optimizer) -> None:
        net = gn.Network.dense([1, 1], activation="tanh", seed=0)
        with pytest.raises(gn.CompileError, match=rf"{type(rule).__name__}|optimizer"):
            run_once(net, rule)

    def test_a_function_that_raises_stops_the_run_as_an_arithmetic_error(self) -> None:
        def value(a: float) -> float:
            if 3 < a < 4:
                raise ValueError("nothing between 3 and 4")
            return a

        net = one_neuron(value)
        with pytest.raises(ArithmeticError, match="scalar function raised"):
            run_once(net)
        with pytest.raises(ArithmeticError, match="scalar function raised"):
            engine.propagate(
                gn.compile(net), np.array([[3.5]]), np.array([[1.0]]), gn.LOSSES["squared"]
            )

    def test_it_runs_again_after_that(self) -> None:
        def value(a: float) -> float:
            if 3 < a < 4:
                raise ValueError("nothing between 3 and 4")
            return a

        net, loss = one_neuron(value), gn.LOSSES["squared"]
        X, y = np.array([[3.5], [2.0]]), np.array([[1.0], [1.0]])
        program = gn.compile(net)
        trainer, state = engine.Trainer(program, X, y, loss, Rules(gn.SGD())), State(program)
        with pytest.raises(ArithmeticError):
            trainer.run(state, Batches.of([np.array([0])], 0.25))
        # a = 2, delta = 1, gradient 2: the weight 1 - 0.25 * 2.
        after = trainer.run(state, Batches.of([np.array([1])], 0.25))
        assert after.program.theta.tolist() == [0.5]

    @pytest.mark.parametrize("loops", LOOPS)
    def test_half_a_batch_before_that_leaves_no_gradient(self, loops: str) -> None:
        def value(a: float) -> float:
            if 3 < a < 4:
                raise ValueError("nothing between 3 and 4")
            return a

        loss, program = gn.LOSSES["squared"], lowered(one_neuron(value), loops)
        X, y = np.array([[3.5], [2.0]]), np.array([[1.0], [1.0]])
        trainer = engine.Trainer(program, X, y, loss, Rules(gn.SGD()), batch=2)
        state = State(program)
        with pytest.raises(ArithmeticError):
            trainer.run(state, Batches.of([np.array([1, 0])], 0.25))
        after = trainer.run(state, Batches.of([np.array([1, 1])], 0.25))
        assert after.program.theta.tolist() == [0.5]


class TestStale:
    """What a function reads is read anew by each run, never what it was when compiled."""

    def test_another_value_of_a_global_gives_other_numbers(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lesson = TestOwnFunctions.lesson(BENT)
        for slope in (0.25, 0.5):
            monkeypatch.setattr(sys.modules[__name__], "SLOPE", slope)
            assert_trains_alike(lesson, random_batches(5, 1, 0, 0.05), "dense")

    def test_another_value_in_a_module_gives_other_numbers_or_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = gn.Activation("set", reads_a_module, lambda a, v: 0.1)
        for slope in (0.25, 0.5):
            monkeypatch.setattr(settings, "slope", slope)
            lesson = TestOwnFunctions.lesson(own)
            try:
                assert_trains_alike(lesson, random_batches(5, 1, 0, 0.05), "dense")
            except gn.CompileError as error:
                assert "settings" in str(error)  # noqa: PT017 - either is right
