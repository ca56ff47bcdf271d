"""Whether the native engine equals the node engine, from which every expected number comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.native import engine
from graphnn.engines.native.compiler import namespace
from graphnn.engines.native.plan import Plan
from graphnn.engines.wiring import wire
from graphnn.functions.losses import AnyLoss, resolve_loss
from graphnn.program.program import Program

BOUND = 1e20
"""Weights beyond it end a run: what follows may overflow, and no engine promises anything then."""

STEPS = 40


class Rule(Protocol):
    """The scalar update of one weight."""

    def update(self, weight: float, gradient: float) -> float:
        """Return the new weight."""
        ...


@dataclass(frozen=True)
class Fading:
    """A rule under which a weight moves although its gradient is zero."""

    eta: float

    def update(self, weight: float, gradient: float) -> float:
        """Return the new weight."""
        return weight * 0.99 - self.eta * gradient


@dataclass(frozen=True)
class Lesson:
    """What a network is trained on, and how."""

    net: gn.Network
    X: np.ndarray
    y: np.ndarray
    loss: str | AnyLoss
    rule: Rule = gn.SGD(0.1)  # noqa: RUF009 - frozen
    regularizer: gn.L2 | None = None

    def trained(self, batches: Batches) -> list[list[float]]:
        """Return the node engine's weights at first and after each batch, while moderate."""
        wiring = wire(self.net.copy())
        samples = list(zip(self.X.tolist(), self.y.tolist(), strict=True))
        found, loss = [wiring.weights()], resolve_loss(self.loss)
        for batch in batches:
            node.run(wiring, samples, [batch.tolist()], loss, self.rule, self.regularizer)
            if not all(abs(w) < BOUND for w in wiring.weights()):
                break
            found.append(wiring.weights())
        return found

    def total_loss(self, weights: list[float]) -> float:
        """Return the node engine's losses with other weights, added up in order."""
        wiring = wire(self.net.copy())
        wiring.place(weights)
        samples, total = zip(self.X.tolist(), self.y.tolist(), strict=True), 0.0
        for one in node.losses(wiring, samples, resolve_loss(self.loss)):
            total = total + one
        return total


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
            array[:] = taken[name]


def lowered(net: gn.Network, loops: str, dtype: type = np.float64) -> Program:
    """Return a program that the native engine lowers to a form, whatever the network's density."""
    program = gn.compile(net, dtype)
    program.__dict__["loops"] = loops
    return program


def random_batches(samples: int, size: int, seed: int) -> Batches:
    """Return batches of rows drawn with repetition, a smaller one at the end."""
    rng = np.random.default_rng(seed)
    count = STEPS if size == 1 else STEPS // 2 * size - int(rng.integers(0, size))
    return Batches.of_size(rng.integers(0, samples, count), size)


def assert_trains_alike(lesson: Lesson, batches: Batches, loops: str) -> None:
    """Assert that weights after a run, and weights and losses after three epochs, are ==."""
    program, loss = lowered(lesson.net, loops), resolve_loss(lesson.loss)
    rest = lesson.rule, lesson.regularizer
    expected = lesson.trained(batches)
    count = len(expected) - 1
    if not count:
        return
    once = engine.run(program, lesson.X, lesson.y, batches[:count], loss, *rest)
    assert np.array_equal(once.theta, expected[count])
    assert np.array_equal(program.theta, expected[0])
    trainer = engine.Trainer(program, lesson.X, lesson.y, loss, *rest, batch=batches.largest)
    cuts = [0, count // 3, count // 2, count]
    losses, kept = trainer.epochs(program, Epochs(batches[:count], np.array(cuts[1:])))
    assert np.array_equal(kept, [expected[cut] for cut in cuts[1:]])
    m = len(lesson.X)
    assert losses.tolist() == [lesson.total_loss(expected[cut]) / m for cut in cuts[1:]]
    some, total = (m + 1) // 2, lesson.total_loss(expected[count])
    assert trainer.loss(once, lesson.X, lesson.y) == total
    first = trainer.loss(once, lesson.X[:some], lesson.y[:some])
    assert trainer.loss(once, lesson.X[some:], lesson.y[some:], first) == total


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
    wiring = wire(net.copy())
    total = [0.0] * len(wiring.edges)
    for trace in traces:
        total = [g + d for g, d in zip(total, trace.gradient.values(), strict=True)]
    assert found.gradient.tolist() == [g / len(traces) for g in total]
    mean = 0.0
    for one_loss in losses:
        assert one_loss is not None
        mean = mean + one_loss
    assert found.loss == mean / len(losses)
