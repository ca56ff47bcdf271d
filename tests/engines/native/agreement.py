"""Whether the native engine equals the node engine, from which every expected number comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.descent import Memory
from graphnn.engines.native import engine
from graphnn.engines.native.compiler import namespace
from graphnn.engines.native.plan import Plan
from graphnn.engines.rounded import numbers, rounded_loss, rounded_rules, rounded_wiring
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.sample import Sample
from graphnn.engines.state import State
from graphnn.engines.wiring import Wiring, wire
from graphnn.functions.losses import AnyLoss, resolve_loss
from graphnn.program.program import Program
from graphnn.types import Neuron

BOUND = 1e20
"""Weights beyond it end a run: what follows may overflow, and no engine promises anything then."""

STEPS = 40


@dataclass(frozen=True)
class Fading(gn.Optimizer):
    """A rule under which a weight moves although its gradient is zero."""

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight."""
        return weight * 0.99 - step[0] * gradient, slots


class Moment(NamedTuple):
    """The node engine's numbers between two updates.

    Attributes:
        weights: In (t, i, j) order.
        slots: For each number that the rule remembers of a weight a list, in the same order.
        counters: What it remembers of the run.
    """

    weights: list[float]
    slots: list[list[float]]
    counters: Numbers


@dataclass(frozen=True)
class Lesson:
    """What a network is trained on, and how; data of float32 are for training in float32.

    Attributes:
        net: The network.
        X: Inputs.
        y: Targets, shape (m, d^(T)).
        loss: The loss or its name.
        rule: The update rule; the learning rate is the batches'.
        regularizer: One, several or None.
        weights: What each sample's loss is multiplied by, or None.
    """

    net: gn.Network
    X: np.ndarray
    y: np.ndarray
    loss: str | AnyLoss
    rule: gn.Optimizer = gn.SGD(0.1)  # noqa: RUF009 - frozen
    regularizer: Any = None
    weights: np.ndarray | None = None

    @property
    def rules(self) -> Rules:
        """The rule and the regularisers."""
        return Rules.of(self.rule, self.regularizer)

    @property
    def samples(self) -> list[Sample]:
        """The data as the node engine takes them."""
        weights = np.ones(len(self.X)) if self.weights is None else self.weights
        rows = zip(self.X, self.y, weights.tolist(), strict=True)
        return [Sample(numbers(x), numbers(y), weight) for x, y, weight in rows]

    @property
    def dropped(self) -> list[Neuron]:
        """The neurons that dropout takes in, in the order of a row of masks."""
        layers = self.rules.masked_layers(self.net.depth)
        return [neuron for t in layers for neuron in self.net.neurons(t)]

    def dropping(self, batches: Batches, seed: int = 0) -> Batches:
        """Return batches with masks that drop about a third of the neurons, if any are dropped."""
        if not self.dropped:
            return batches
        shape = (len(batches.rows), len(self.dropped))
        stays = np.random.default_rng(seed).random(shape) < 2 / 3
        masks = np.where(stays, 1.5, 0.0).astype(self.X.dtype)
        return Batches(batches.rows, batches.bounds, batches.rates, masks)

    def course(self, batches: Batches) -> list[Moment]:
        """Return the node engine's numbers at first and after each batch, while moderate."""
        wiring, loss = self._taught()
        rules = rounded_rules(self.rules) if self._is_single else self.rules
        memory = Memory.first(wiring, rules)
        found, some, samples = [_moment(wiring, memory)], self.dropped, self.samples
        for batch, eta, masks in batches.each():
            rows = () if masks is None else masks
            each = [dict(zip(some, numbers(row), strict=True)) for row in rows]
            given = [(batch.tolist(), eta, each)]
            node.run(wiring, samples, given, loss, rules, memory)
            if not all(abs(w) < BOUND for w in wiring.weights()):
                break
            found.append(_moment(wiring, memory))
        return found

    def trained(self, batches: Batches) -> list[list[float]]:
        """Return the node engine's weights at first and after each batch, while moderate."""
        return [moment.weights for moment in self.course(batches)]

    def total_loss(self, weights: list[float]) -> float:
        """Return the node engine's losses with other weights, added up in order."""
        wiring, loss = self._taught()
        wiring.place(weights)
        total = 0.0
        for one in node.losses(wiring, self.samples, loss):
            total = total + one
        return total

    @property
    def _is_single(self) -> bool:
        return bool(self.X.dtype == np.float32)

    def _taught(self) -> tuple[Wiring, AnyLoss]:
        """Return wiring and loss, which in float32 round what they compute."""
        wiring, loss = wire(self.net.copy()), resolve_loss(self.loss)
        if not self._is_single:
            return wiring, loss
        wiring.place(numbers(np.array(wiring.weights(), dtype=np.float32)))
        return rounded_wiring(wiring), rounded_loss(loss)


def _moment(wiring: Wiring, memory: Memory) -> Moment:
    slots = [list(slot) for slot in zip(*memory.slots, strict=True)]
    return Moment(wiring.weights(), slots, memory.counters)


class Interpreted:
    """Stands for a kernel: the generated source run as plain Python, on lists instead of arrays."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.mismatches = ()
        names = namespace(plan)
        exec(plan.text, names)
        self._function: Callable[..., int] = names[plan.name]

    def __call__(self, arguments: Mapping[str, Any]) -> None:
        taken = {name: arguments[name] for name, _ in self.plan.kinds}
        arrays = {n: one.reshape(-1) for n, one in taken.items() if isinstance(one, np.ndarray)}
        # NumPy's numbers stay float32 in sums and products, Python's are float64.
        single = self.plan.precision.name == "float32"
        taken |= {n: one if single else one.tolist() for n, one in arrays.items()}
        assert self._function(**taken) == 0
        for name, array in arrays.items():
            if array.flags.writeable:
                array[:] = taken[name]
            else:
                assert np.array_equal(array, taken[name], equal_nan=True), name


def lowered(net: gn.Network, loops: str, dtype: type = np.float64) -> Program:
    """Return a program that the native engine lowers to a form, whatever the network's density."""
    program = gn.compile(net, dtype)
    program.__dict__["loops"] = loops
    return program


def random_batches(samples: int, size: int, seed: int, rate: float = 0.1) -> Batches:
    """Return batches of rows drawn with repetition, a smaller one at the end."""
    rng = np.random.default_rng(seed)
    count = STEPS if size == 1 else STEPS // 2 * size - int(rng.integers(0, size))
    return Batches.of_size(rng.integers(0, samples, count), size, rate)


def assert_trains_alike(lesson: Lesson, batches: Batches, loops: str) -> None:
    """Assert that all numbers after a run, and weights and losses after three epochs, are ==."""
    program = lowered(lesson.net, loops, lesson.X.dtype.type)
    state, loss = State.first(program, lesson.rule), resolve_loss(lesson.loss)
    course = lesson.course(batches)
    expected, count = [moment.weights for moment in course], len(course) - 1
    if not count:
        return
    weights, size = lesson.weights, batches.largest
    given = lesson.X, lesson.y, batches[:count], loss, lesson.rules
    once = engine.run(state, *given, sample_weights=weights)
    assert_is_moment(once, course[count])
    assert np.array_equal(program.theta, expected[0])
    trainer = engine.Trainer(
        program, lesson.X, lesson.y, loss, lesson.rules, batch=size, sample_weights=weights
    )
    cuts = [0, count // 3, count // 2, count]
    after, losses, kept = trainer.epochs(state, Epochs(batches[:count], np.array(cuts[1:])))
    assert_is_moment(after, course[count])
    assert np.array_equal(kept, [expected[cut] for cut in cuts[1:]])
    m = len(lesson.X)
    assert losses.tolist() == [lesson.total_loss(expected[cut]) / m for cut in cuts[1:]]
    some, total = (m + 1) // 2, lesson.total_loss(expected[count])
    first, rest = slice(some), slice(some, m)
    parts = [None, None, None] if weights is None else [weights, weights[first], weights[rest]]
    trained = once.program
    assert trainer.loss(trained, lesson.X, lesson.y, weights=parts[0]) == total
    begun = trainer.loss(trained, lesson.X[first], lesson.y[first], weights=parts[1])
    assert trainer.loss(trained, lesson.X[rest], lesson.y[rest], begun, parts[2]) == total


def assert_is_moment(state: State, moment: Moment) -> None:
    """Assert that an engine's weights, slots and counters are == to the node engine's."""
    assert state.program.theta.tolist() == moment.weights
    assert [slot.tolist() for slot in state.slots] == moment.slots
    assert state.counters == moment.counters
    assert {slot.dtype for slot in state.slots} <= {state.program.theta.dtype}


def assert_propagates_alike(
    net: gn.Network, X: np.ndarray, y: np.ndarray, loss: str | AnyLoss, loops: str
) -> None:
    """Assert that a, v, delta, the mean gradient and the losses are ==, and a and v without y."""
    program, resolved = lowered(net, loops), resolve_loss(loss)
    found = engine.propagate(program, X, y, resolved)
    alone = engine.propagate(program, X, None, resolved)
    traces = [gn.backward(net, row, target, loss) for row, target in zip(X, y, strict=True)]
    for t in range(1, net.depth + 1):
        neurons = net.neurons(t)
        for one in (found, alone):
            assert one.a[t - 1].tolist() == [[trace.a[n] for n in neurons] for trace in traces]
            assert one.v[t - 1].tolist() == [[trace.v[n] for n in neurons] for trace in traces]
        deltas = [[trace.delta[n] for n in neurons] for trace in traces]
        assert found.delta[t - 1].tolist() == deltas
        assert not alone.delta[t - 1].any()
    assert found.mismatches == ()
    losses = [trace.loss for trace in traces]
    assert found.losses.tolist() == losses
    firsts = [parameter.edges[0][:2] for parameter in wire(net.copy()).parameters]
    total = [0.0] * len(firsts)
    for trace in traces:
        total = [g + trace.gradient[edge] for g, edge in zip(total, firsts, strict=True)]
    assert found.gradient.tolist() == [g / len(traces) for g in total]
    mean = 0.0
    for one_loss in losses:
        assert one_loss is not None
        mean = mean + one_loss
    assert found.loss == mean / len(losses)
