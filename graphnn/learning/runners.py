"""Runners: the engines behind one small interface, as the training loop uses them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graphnn.engines import matrix, node
from graphnn.engines.array_descent import array_form
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.descent import Memory
from graphnn.engines.native import engine as native
from graphnn.engines.rounded import numbers, rounded_loss, rounded_rules, rounded_wiring
from graphnn.engines.rules import Rules, takes_constants
from graphnn.engines.sample import Masks, Sample
from graphnn.engines.state import State
from graphnn.engines.wiring import wire
from graphnn.errors import CompileError
from graphnn.functions.losses import AnyLoss
from graphnn.graph.network import Network
from graphnn.learning.engines import Choice
from graphnn.learning.pace import Pace
from graphnn.learning.validation import HeldOut
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["MatrixRunner", "NativeRunner", "NodeRunner", "Runner", "Setting", "penalty", "runners"]


class Runner(Protocol):
    """States in, states out.

    Attributes:
        pace: How many updates it makes in a twentieth of a second.
    """

    pace: Pace

    def run(self, state: State, batches: Batches) -> State:
        """Return the state after one update for each batch."""
        ...

    def loss(self, program: Program, batch: Batches | None = None) -> float:
        """Return the mean loss over a batch, or over all training data."""
        ...

    def held_out(self, program: Program) -> float:
        """Return the mean loss over the held-out data."""
        ...

    def gradient(self, program: Program, batch: Batches | None = None) -> FloatArray:
        """Return the gradient of `loss`, for the eye: no weight moves by it."""
        ...


@dataclass(frozen=True)
class Setting:
    """What a run is given: checked data of the program's dtype, a loss and rules.

    Attributes:
        network: The network.
        program: Its program.
        X: Inputs, shape (m, d^(0)).
        y: Targets, shape (m, d^(T)).
        loss: The loss.
        rules: The optimiser and the regularisers.
        batch_size: The samples of a batch.
        fastmath: Whether the native engine may give other numbers than the node engine's.
        sample_weights: What each sample's loss is multiplied by, of mean 1, or None.
        held: Held-out data or None.
    """

    network: Network
    program: Program
    X: FloatArray
    y: FloatArray
    loss: AnyLoss
    rules: Rules
    batch_size: int
    fastmath: bool
    sample_weights: FloatArray | None = None
    held: HeldOut | None = None

    def of(self, batch: Batches | None) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        """Return inputs, targets and weights of a batch, or of all training data."""
        if batch is None:
            return self.X, self.y, self.sample_weights
        if batch.data is not None:
            return batch.data[0][batch.rows], batch.data[1][batch.rows], None
        weights = None if self.sample_weights is None else self.sample_weights[batch.rows]
        return self.X[batch.rows], self.y[batch.rows], weights

    @property
    def others(self) -> tuple[FloatArray, FloatArray]:
        """Inputs and targets of the held-out data."""
        assert self.held is not None
        return self.held.X, self.held.y


def runners(choice: Choice, setting: Setting) -> tuple[Choice, Callable[[], Runner]]:
    """Return what makes a runner for each run; what is the same for all of them is done here.

    Returns:
        The choice, which is another one if "auto" had to fall back, and the maker.

    Raises:
        EngineUnavailable: If Numba is not installed.
        CompileError: If the native engine was asked for and cannot compile a function.
    """
    if choice.name == "native":
        try:
            trainer = _trainer(setting)
        except CompileError as error:
            if not choice.why:
                raise
            return Choice("matrix", str(error).split("; train with")[0]), _matrix(setting)
        paces = Pace(), Pace()  # what one run finds of the speed, the next ones need not find
        return choice, lambda: NativeRunner(setting, trainer.twin(), *paces)
    if choice.name == "node":
        return choice, lambda: NodeRunner(setting)
    return choice, _matrix(setting)


def _trainer(setting: Setting) -> native.Trainer:
    trainer = native.Trainer(
        setting.program,
        setting.X,
        setting.y,
        setting.loss,
        setting.rules,
        batch=setting.batch_size,
        sample_weights=setting.sample_weights,
        fastmath=setting.fastmath,
    )
    for words in trainer.kernel.mismatches:
        warnings.warn(
            f"{words}: the native engine's results will not equal the node engine's; see compare",
            RuntimeWarning,
            stacklevel=4,
        )
    return trainer


def _matrix(setting: Setting) -> Callable[[], Runner]:
    return lambda: MatrixRunner(setting)


class OfSetting:
    """What all runners have: the setting, and the gradient for the eye, by the matrix engine."""

    def __init__(self, setting: Setting, pace: Pace) -> None:
        self._setting, self.pace = setting, pace

    def gradient(self, program: Program, batch: Batches | None = None) -> FloatArray:
        """Return the gradient of the loss over a batch, or over all training data."""
        X, y, weights = self._setting.of(batch)
        return matrix.mean_gradient(program, X, y, self._setting.loss, weights)


class MatrixRunner(OfSetting):
    """The matrix engine."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, Pace())

    def run(self, state: State, batches: Batches) -> State:
        """Run `graphnn.engines.matrix.run`."""
        it = self._setting
        X, y = batches.data or (it.X, it.y)
        return matrix.run(state, X, y, batches, it.loss, it.rules, it.sample_weights)

    def loss(self, program: Program, batch: Batches | None = None) -> float:
        """Return the mean loss."""
        X, y, weights = self._setting.of(batch)
        return matrix.mean_loss(program, X, y, self._setting.loss, weights)

    def held_out(self, program: Program) -> float:
        """Return the mean loss over the held-out data."""
        return matrix.mean_loss(program, *self._setting.others, self._setting.loss)


class NodeRunner(OfSetting):
    """The node engine, on a copy of the network that the program came from.

    In float32 its loops run on `numpy.float32` numbers.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, Pace())
        self._wiring = wire(setting.network.copy())
        self._samples = samples_of(setting.X, setting.y, setting.sample_weights)
        self._held = [] if setting.held is None else samples_of(*setting.others)
        self._loss, self._rules = setting.loss, setting.rules
        layers = setting.rules.masked_layers(setting.program.depth)
        self._masked = [neuron for t in layers for neuron in setting.program.neurons[t]]
        if setting.X.dtype == np.float32:
            self._wiring, self._loss = rounded_wiring(self._wiring), rounded_loss(self._loss)
            self._rules = rounded_rules(self._rules)

    def run(self, state: State, batches: Batches) -> State:
        """Put the program's weights on the copy's edges and run `graphnn.engines.node.run`."""
        self._wiring.place(numbers(state.program.theta))
        slots = list(zip(*map(numbers, state.slots), strict=True))
        memory = Memory(slots or [()] * len(self._wiring.parameters), state.counters)
        with np.errstate(all="ignore"):
            given = (self._given(*one) for one in batches.each())
            samples = self._samples if batches.data is None else samples_of(*batches.data)
            node.run(self._wiring, samples, given, self._loss, self._rules, memory)
        kind = state.program.theta.dtype
        arrays = tuple(np.array(slot, dtype=kind) for slot in zip(*memory.slots, strict=True))
        return state.moved(self._wiring.weights(), arrays, memory.counters)

    def _given(
        self, rows: IntArray, rate: float, masks: FloatArray | None
    ) -> tuple[list[int], float, list[Masks]]:
        """Return a batch as the node engine takes it."""
        factors = () if masks is None else masks
        each: list[Masks] = [dict(zip(self._masked, numbers(row), strict=True)) for row in factors]
        return rows.tolist(), rate, each

    def loss(self, program: Program, batch: Batches | None = None) -> float:
        """Return the mean loss."""
        if batch is None:
            return self._mean_loss(program, self._samples)
        return self._mean_loss(program, samples_of(*self._setting.of(batch)))

    def held_out(self, program: Program) -> float:
        """Return the mean loss over the held-out data."""
        return self._mean_loss(program, self._held)

    def _mean_loss(self, program: Program, samples: list[Sample]) -> float:
        self._wiring.place(numbers(program.theta))
        with np.errstate(all="ignore"):
            return node.mean_loss(self._wiring, samples, self._loss)


def samples_of(X: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> list[Sample]:
    """Return data as the node engine takes them."""
    ones = [1.0] * len(X) if weights is None else weights.tolist()
    rows = zip(X, y, ones, strict=True)
    return [Sample(numbers(x), numbers(target), weight) for x, target, weight in rows]


class NativeRunner(OfSetting):
    """The native engine; several short epochs may be one call."""

    def __init__(
        self, setting: Setting, trainer: native.Trainer, pace: Pace, loss_pace: Pace
    ) -> None:
        super().__init__(setting, pace)
        self._trainer, self._loss_pace = trainer, loss_pace

    def run(self, state: State, batches: Batches) -> State:
        """Run `graphnn.engines.native`."""
        return self._trainer.run(state, batches)

    def loss(self, program: Program, batch: Batches | None = None) -> float:
        """Return the mean loss."""
        return self._mean_loss(program, *self._setting.of(batch))

    def held_out(self, program: Program) -> float:
        """Return the mean loss over the held-out data."""
        return self._mean_loss(program, *self._setting.others)

    def _mean_loss(
        self, program: Program, X: FloatArray, y: FloatArray, weights: FloatArray | None = None
    ) -> float:
        """Add the losses up piece by piece: Ctrl-C is served in between."""
        total, done = 0.0, 0
        while done < len(X):
            piece = slice(done, done + self._loss_pace.updates)
            some = None if weights is None else weights[piece]
            with self._loss_pace.timed(len(X[piece])):
                total = self._trainer.loss(program, X[piece], y[piece], total, some)
            done = piece.stop
        return total / len(X)

    def epochs(self, state: State, epochs: Epochs) -> tuple[State, FloatArray, FloatArray]:
        """Return the state, and the mean loss and the parameters after each epoch."""
        return self._trainer.epochs(state, epochs)


def penalty(program: Program, theta: FloatArray, rules: Rules) -> float:
    """Return the penalties: terms added over the trained parameters, ascending, rule by rule."""
    total = 0.0
    for rule in rules.regularizers:
        if not hasattr(rule, "term") or not len(theta):
            continue
        counts = program.trainable
        if not takes_constants(rule):
            counts = counts & ~program.from_constants
        counted = theta.astype(np.float64)[counts]
        with np.errstate(over="ignore"):
            terms = array_form(rule, "term")(counted)
        # cumsum adds one after the other; sum would add pairwise.
        total += float(np.cumsum(terms)[-1]) if len(terms) else 0.0
    return total
