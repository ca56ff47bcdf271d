"""Runners: the engines behind one small interface, as the training loop uses them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from graphnn.engines import matrix, node
from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.native import engine as native
from graphnn.engines.rounded import numbers, rounded_loss, rounded_rules, rounded_wiring
from graphnn.engines.wiring import wire
from graphnn.errors import CompileError
from graphnn.functions.losses import AnyLoss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.engines import Choice
from graphnn.learning.optimizers import SGD
from graphnn.learning.pace import Pace
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["MatrixRunner", "NativeRunner", "NodeRunner", "Runner", "Setting", "penalty", "runners"]


class Runner(Protocol):
    """Programs in, programs out.

    Attributes:
        pace: How many updates it makes in a twentieth of a second.
    """

    pace: Pace

    def run(self, program: Program, batches: Batches) -> Program:
        """Return the program after one update for each batch of row numbers."""
        ...

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss over some rows of the training data, or all."""
        ...


@dataclass(frozen=True)
class Setting:
    """What a run is given: checked data of the program's dtype, a loss and an update rule.

    Attributes:
        network: The network.
        program: Its program.
        X: Inputs, shape (m, d^(0)).
        y: Targets, shape (m, d^(T)).
        loss: The loss.
        optimizer: The update rule.
        regularizer: The penalty or None.
        batch_size: The samples of a batch.
        fastmath: Whether the native engine may give other numbers than the node engine's.
    """

    network: Network
    program: Program
    X: FloatArray
    y: FloatArray
    loss: AnyLoss
    optimizer: SGD
    regularizer: L2 | None
    batch_size: int
    fastmath: bool


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
        setting.optimizer,
        setting.regularizer,
        batch=setting.batch_size,
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


class MatrixRunner:
    """The matrix engine."""

    def __init__(self, setting: Setting) -> None:
        self._setting, self.pace = setting, Pace()

    def run(self, program: Program, batches: Batches) -> Program:
        """Run `graphnn.engines.matrix.run`."""
        it = self._setting
        return matrix.run(program, it.X, it.y, batches, it.loss, it.optimizer, it.regularizer)

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss."""
        X, y = self._setting.X, self._setting.y
        if rows is not None:
            X, y = X[rows], y[rows]
        return matrix.mean_loss(program, X, y, self._setting.loss)


class NodeRunner:
    """The node engine, on a copy of the network that the program came from.

    In float32 its loops run on `numpy.float32` numbers.
    """

    def __init__(self, setting: Setting) -> None:
        self._wiring, self.pace = wire(setting.network.copy()), Pace()
        pairs = zip(setting.X, setting.y, strict=True)
        self._samples = [(numbers(x), numbers(y)) for x, y in pairs]
        self._loss = setting.loss
        self._rules: tuple[Any, Any] = (setting.optimizer, setting.regularizer)
        if setting.X.dtype == np.float32:
            self._wiring, self._loss = rounded_wiring(self._wiring), rounded_loss(self._loss)
            self._rules = rounded_rules(*self._rules)

    def run(self, program: Program, batches: Batches) -> Program:
        """Put the program's weights on the copy's edges and run `graphnn.engines.node.run`."""
        self._wiring.place(numbers(program.theta))
        rows = [batch.tolist() for batch in batches]
        with np.errstate(all="ignore"):
            node.run(self._wiring, self._samples, rows, self._loss, *self._rules)
        return program.with_theta(self._wiring.weights())

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss."""
        self._wiring.place(numbers(program.theta))
        chosen = range(len(self._samples)) if rows is None else rows.tolist()
        with np.errstate(all="ignore"):
            return node.mean_loss(self._wiring, [self._samples[k] for k in chosen], self._loss)


class NativeRunner:
    """The native engine; several short epochs may be one call."""

    def __init__(
        self, setting: Setting, trainer: native.Trainer, pace: Pace, loss_pace: Pace
    ) -> None:
        self._setting, self._trainer = setting, trainer
        self.pace, self._loss_pace = pace, loss_pace

    def run(self, program: Program, batches: Batches) -> Program:
        """Run `graphnn.engines.native`."""
        return self._trainer.run(program, batches)

    def loss(self, program: Program, rows: IntArray | None = None) -> float:
        """Return the mean loss, added up piece by piece: Ctrl-C is served in between."""
        X, y = self._setting.X, self._setting.y
        if rows is not None:
            X, y = X[rows], y[rows]
        total, done = 0.0, 0
        while done < len(X):
            piece = slice(done, done + self._loss_pace.updates)
            with self._loss_pace.timed(len(X[piece])):
                total = self._trainer.loss(program, X[piece], y[piece], total)
            done = piece.stop
        return total / len(X)

    def epochs(self, program: Program, epochs: Epochs) -> tuple[FloatArray, FloatArray]:
        """Return the mean loss after each epoch, and the parameters, a row an epoch."""
        return self._trainer.epochs(program, epochs)


def penalty(program: Program, theta: FloatArray, regularizer: L2 | None) -> float:
    """Return the penalty, its terms added over the parameters in ascending order."""
    if regularizer is None or not len(theta):
        return 0.0
    theta = theta.astype(np.float64)
    if not regularizer.constants:
        theta = theta[~program.from_constants]
    with np.errstate(over="ignore"):
        terms = np.asarray(regularizer.term(theta))  # type: ignore[arg-type]
    # cumsum adds one after the other; sum would add pairwise.
    return float(np.cumsum(terms)[-1]) if len(terms) else 0.0
