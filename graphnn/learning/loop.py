"""`train`: the lecture's training loop, a thin shell around runs of an engine.

Pick samples, forward, backward, update, until converged: the loop draws the order of the samples,
an engine does the rest, and rules look at the history after each epoch.

Source: lecture, "Backpropagation Algorithm" and its notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from graphnn.checks import cast, check_inputs, check_targets, generator, require_object
from graphnn.errors import TrainingError
from graphnn.functions.choice import unknown_name
from graphnn.functions.losses import AnyLoss, require_output, resolve_loss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.optimizers import SGD
from graphnn.learning.progress import ProgressBar
from graphnn.learning.result import Outcome, TrainingResult
from graphnn.learning.runners import MatrixRunner, NodeRunner, Runner, penalty
from graphnn.learning.stopping import MaxIterations, Record, StoppingRule
from graphnn.program.lower import compile, store
from graphnn.program.program import Program
from graphnn.types import IntArray

__all__ = ["Order", "train"]

Order: TypeAlias = Literal["shuffled", "random", "given"]

CHUNK = 256
"""Updates between two looks at the keyboard and the weights; no result depends on it."""


def train(
    network: Network,
    X: ArrayLike,
    y: ArrayLike,
    loss: str | AnyLoss = "squared",
    optimizer: SGD | None = None,
    regularizer: L2 | None = None,
    *,
    batch_size: int = 1,
    epochs: int = 100,
    stop: StoppingRule | Sequence[StoppingRule] = (),
    order: Order = "shuffled",
    seed: int | np.random.Generator = 0,
    engine: str = "auto",
    dtype: DTypeLike = np.float64,
    progress: bool | None = None,
) -> TrainingResult:
    """Train a network from its present weights; at the end its edges hold the trained ones.

    Args:
        network: The network; changed once, at the end (also after Ctrl-C).
        X: Inputs as the network takes them, shape (m, d^(0)): stored preprocessing is not applied.
        y: Targets, shape (m,) or (m, d^(T)); class numbers for softmax_cross_entropy.
        loss: A loss or its name.
        optimizer: Default `SGD(eta=0.1)`.
        regularizer: Default none.
        batch_size: Samples per update, 1..m; the last batch of an epoch may be smaller.
        epochs: How often m samples are picked, at most.
        stop: Rules, any of which ends the run.
        order: "shuffled" runs through the samples in a new random order each epoch; "random" picks
            each one at random, as the lecture writes it; "given" takes them as they come.
        seed: Seed or generator of the order. The same seed gives the same weights, bit for bit; the
            matrix engine's also depend on NumPy's BLAS and its number of threads.
        engine: "node", "matrix", or "auto", which takes the matrix engine.
        dtype: float64, or float32 for the matrix engine.
        progress: Whether a bar is shown; default on a terminal only.

    Returns:
        The frozen result; not having converged is an outcome, not an error.

    Raises:
        DataError: If X or y do not fit.
        CompileError: If the network cannot be compiled or the loss needs another output.
        TrainingError: If an activation has no gradient (sign), there is no edge, or the run
            diverges; then `.result` and the network hold the last finite weights.
        ValueError: If an option is unknown or out of range.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network.dense([1, 1], activation="identity", seed=0)
        >>> result = gn.train(net, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=200)
        >>> [round(w, 3) for w in result.program.theta.tolist()]  # y = 1 + 2 x
        [1.0, 2.0]
    """
    program = compile(network, dtype)
    chosen = resolve_loss(loss)
    _require_gradient(program)
    require_output(chosen, zip(program.neurons[-1], program.layers[-1].activations, strict=True))
    inputs = check_inputs(X, len(program.neurons[0]))
    targets = check_targets(y, chosen.targets, len(inputs), len(program.neurons[-1]))
    rules = _rules(stop)
    plan = _Plan(len(inputs), batch_size, epochs, order, generator(seed), rules)
    sgd = SGD() if optimizer is None else optimizer
    require_object("optimizer", sgd, "update_array", "gn.SGD(eta=0.1)")
    if regularizer is not None:
        require_object("regularizer", regularizer, "derivative", "gn.L2(1e-3)")
    runner: Runner
    if engine == "node":
        if program.theta.dtype != np.float64:
            raise ValueError("the node engine computes in float64; dtype float32 needs 'matrix'")
        runner = NodeRunner(network, inputs, targets, chosen, sgd, regularizer)
    elif engine in ("matrix", "auto"):
        kind = program.theta.dtype
        runner = MatrixRunner(
            cast(inputs, kind, "X"), cast(targets, kind, "y"), chosen, sgd, regularizer
        )
    else:
        raise unknown_name("engine", engine, ["auto", "matrix", "node"])
    with ProgressBar(plan.iterations, shown=progress) as bar:
        run = _Run(program, runner, regularizer, plan, bar)
        outcome, words = run.go()
    name = "node" if engine == "node" else "matrix"
    trained = store(run.program, network)
    result = TrainingResult(trained, tuple(run.history), outcome, words, name)
    if outcome is Outcome.DIVERGED and not _began(result):
        raise TrainingError(
            f"training cannot begin: {words}. Standardised inputs or smaller first weights usually "
            "help",
            result=result,
        )
    if outcome is Outcome.DIVERGED:
        raise TrainingError(
            f"training diverged: {words}, with learning rate {sgd.eta:g}; the last finite weights "
            "were kept. A smaller learning rate, or standardised inputs and targets, usually help",
            result=result,
        )
    return result


def _began(result: TrainingResult) -> bool:
    return bool(np.isfinite(result.history[0].loss + result.history[0].penalty))


def _rules(stop: StoppingRule | Sequence[StoppingRule]) -> list[StoppingRule]:
    rules = list(stop) if isinstance(stop, Sequence) else [stop]
    for rule in rules:
        require_object("stop", rule, "reason", "gn.SmallError(0.01), or a list of such rules")
    return rules


@dataclass(frozen=True)
class _Plan:
    """How many samples are picked, in what order and batches."""

    samples: int
    batch_size: int
    epochs: int
    order: Order
    rng: np.random.Generator
    rules: list[StoppingRule]

    def __post_init__(self) -> None:
        if not _is_whole(self.batch_size) or not 1 <= self.batch_size <= self.samples:
            raise ValueError(
                f"batch_size must be a whole number from 1 to the number of samples, "
                f"{self.samples}, not {self.batch_size!r}"
            )
        if not _is_whole(self.epochs) or self.epochs < 1:
            raise ValueError(f"epochs must be a whole number of at least 1, not {self.epochs!r}")
        if self.order not in get_args(Order):
            raise unknown_name("order", self.order, get_args(Order))

    @property
    def iterations(self) -> int:
        """The largest number of updates."""
        bounds = [rule.iterations for rule in self.rules if isinstance(rule, MaxIterations)]
        return min([self.epochs * -(-self.samples // self.batch_size), *bounds])

    def epoch(self) -> list[IntArray]:
        """Draw the next epoch's batches of row numbers."""
        if self.order == "shuffled":
            rows = self.rng.permutation(self.samples)
        elif self.order == "random":
            rows = self.rng.integers(0, self.samples, size=self.samples)
        else:
            rows = np.arange(self.samples)
        return [rows[k : k + self.batch_size] for k in range(0, self.samples, self.batch_size)]


class _Run:
    """One run: the program that moves, and its history."""

    def __init__(
        self,
        program: Program,
        runner: Runner,
        regularizer: L2 | None,
        plan: _Plan,
        bar: ProgressBar,
    ) -> None:
        self.program, self.history = program, list[Record]()
        self._runner, self._regularizer, self._plan, self._bar = runner, regularizer, plan, bar
        self._iteration = 0
        self._why = ""

    def go(self) -> tuple[Outcome, str]:
        """Run until a rule, the last epoch, Ctrl-C or divergence ends it."""
        try:
            if not self._record(0):
                return Outcome.DIVERGED, f"the loss of the first weights is not finite{self._why}"
            for epoch in range(1, self._plan.epochs + 1):
                reason = self._reason()
                if reason is not None:
                    return Outcome.STOPPED, reason
                start, batches = self.program, self._plan.epoch()
                batches = batches[: self._plan.iterations - self._iteration]
                if not (self._advance(batches, epoch) and self._record(epoch)):
                    words = self._first_divergence(start, batches, epoch)
                    return Outcome.DIVERGED, words + self._why
        except KeyboardInterrupt:
            if not self.history or self.history[-1].iteration < self._iteration:
                self._record(len(self.history))
            return Outcome.INTERRUPTED, f"Ctrl-C after {self._iteration} iterations"
        reason = self._reason()
        if reason is not None:
            return Outcome.STOPPED, reason
        return Outcome.EPOCHS, f"bound on epochs: {self._plan.epochs}"

    def _reason(self) -> str | None:
        reasons = (rule.reason(self.history) for rule in self._plan.rules)
        return next((reason for reason in reasons if reason is not None), None)

    def _advance(self, batches: list[IntArray], epoch: int) -> bool:
        """Run an epoch's batches; False as soon as a weight is not finite."""
        for chunk in _chunks(batches):
            moved = self._moved(chunk)
            if moved is None:
                return False
            self.program = moved
            self._iteration += len(chunk)
            self._bar.show(self._iteration, epoch, self.history[-1].loss)
        return True

    def _record(self, epoch: int) -> bool:
        """Append the state to the history; False, and nothing, if a later loss is not finite."""
        loss = self._loss()
        cost = penalty(self.program, self._regularizer)
        finite = bool(np.isfinite(loss + cost))
        if self.history and not finite:
            return False
        best = min([loss + cost, *(record.best for record in self.history[-1:])])
        self.history.append(Record(epoch, self._iteration, loss, cost, best))
        self._bar.show(self._iteration, epoch, loss)
        return finite

    def _moved(self, batches: list[IntArray]) -> Program | None:
        """Return the program after some batches, or None if a weight is no longer finite."""
        try:
            moved = self._runner.run(self.program, batches)
        except (ArithmeticError, ValueError) as error:
            # A user's function may raise where a weight or value has become infinite.
            self._why = f" ({type(error).__name__}: {error})"
            return None
        return moved if np.isfinite(moved.theta).all() else None

    def _loss(self, rows: IntArray | None = None) -> float:
        try:
            return self._runner.loss(self.program, rows)
        except (ArithmeticError, ValueError) as error:
            self._why = f" ({type(error).__name__}: {error})"
            return float("nan")

    def _first_divergence(self, start: Program, batches: list[IntArray], epoch: int) -> str:
        """Replay an epoch up to the first step that goes wrong; keep the weights before it."""
        self.program = start
        self._iteration = self.history[-1].iteration
        for batch in batches:
            step = f"at iteration {self._iteration + 1} (epoch {epoch})"
            if not np.isfinite(self._loss(batch)):
                return f"{step} the loss is not finite"
            moved = self._moved([batch])
            if moved is None:
                return f"{step} a weight is not finite"
            self.program = moved
            self._iteration += 1
        return f"after iteration {self._iteration} (epoch {epoch}) the training error is not finite"


def _is_whole(number: object) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool)


def _chunks(batches: list[IntArray]) -> Iterator[list[IntArray]]:
    for k in range(0, len(batches), CHUNK):
        yield batches[k : k + CHUNK]


def _require_gradient(program: Program) -> None:
    if not len(program.theta):
        raise TrainingError("the network has no edge, so there is nothing to train: add_edge first")
    for neurons, layer in zip(program.neurons[1:], program.layers, strict=True):
        for activation, columns in layer.groups:
            if activation.is_flat:
                neuron = neurons[np.arange(len(neurons))[columns][0]]
                raise TrainingError(
                    f"neuron {neuron} has the activation {activation.name!r}, whose derivative is "
                    "zero everywhere: no gradient passes, so training would change nothing. Train "
                    "with tanh or sigmoid instead and set it afterwards with set_activation; "
                    "forward runs it as it is"
                )
