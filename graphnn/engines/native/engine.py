"""The native engine: generated code, compiled by Numba, run on whole epochs in one call.

Its order of operations is the node engine's, so its numbers are equal (==) to the node engine's.
That holds for finite numbers and the library's scalar functions; zeros may differ in sign. A user's
own functions are compared with their Python form at 4,096 arguments when they are compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.native.buffers import Buffers, buffers
from graphnn.engines.native.chunks import group_of
from graphnn.engines.native.kernel import Kernel, kernel
from graphnn.engines.native.loops import Task
from graphnn.engines.native.plan import UpdateRule, plan
from graphnn.functions.losses import AnyLoss
from graphnn.functions.regularizers import L2
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["Pass", "Trainer", "propagate", "run"]

CHUNK = 64
"""The most samples of a batch that go forward before they go backward: for all of them the weights
are read once, and their numbers (784-256-10: 400 KiB) stay in the second cache."""


class Trainer:
    """A program's training loop, compiled, with the arrays that it works on.

    Args:
        program: The program; its parameters are read by each run.
        X: Inputs, shape (m, d^(0)), of the program's dtype.
        y: Targets, shape (m, d^(T)), of the program's dtype.
        loss: The loss.
        optimizer: The update rule.
        regularizer: The penalty or None.
        batch: How many samples the largest batch has.
        fastmath: Whether other numbers than the node engine's are allowed.
    """

    def __init__(
        self,
        program: Program,
        X: FloatArray,
        y: FloatArray,
        loss: AnyLoss,
        optimizer: UpdateRule,
        regularizer: L2 | None = None,
        *,
        batch: int = 1,
        fastmath: bool = False,
    ) -> None:
        task: Task = "steps" if batch == 1 else "batches"
        made = plan(program, loss, task, optimizer, regularizer, batch=batch, fastmath=fastmath)
        self.kernel: Kernel = kernel(made)
        self._program, self._chunk, self._batched = program, (1, 1), batch > 1
        if program.loops == "dense":
            group = group_of(batch)
            self._chunk = min(-(-batch // group) * group, CHUNK), group
        self._buffers = self._new_buffers()
        numbers = [number for record in made.records for number in record.numbers]
        self._data = {"X": np.ascontiguousarray(X), "Y": np.ascontiguousarray(y)}
        self._data["numbers"] = np.array(numbers, dtype=np.float64)

    def twin(self) -> Trainer:
        """Return one that shares the code and the data, with arrays of its own for a thread."""
        other = copy(self)
        other._buffers = self._new_buffers()  # noqa: SLF001
        return other

    def _new_buffers(self) -> Buffers:
        return buffers(self._program, *self._chunk, gradients=self._batched)

    def run(self, program: Program, batches: Batches) -> Program:
        """Return the program after one update for each batch."""
        self._train(program, batches, [len(batches)], self._data)
        return replace(program, theta=self._buffers.take("w"))

    def loss(self, program: Program, X: FloatArray, y: FloatArray, total: float = 0.0) -> float:
        """Add the losses of samples, which may be others than those trained on, to a sum."""
        data = self._data | {"X": np.ascontiguousarray(X), "Y": np.ascontiguousarray(y)}
        totals, _ = self._train(program, Batches.of([]), [0], data, samples=len(X), total=total)
        return float(totals[0])

    def epochs(self, program: Program, epochs: Epochs) -> tuple[FloatArray, FloatArray]:
        """Run several epochs from a program's parameters on.

        Returns:
            The mean loss over all samples after each epoch, and the parameters, a row an epoch.
        """
        samples = len(self._data["X"])
        totals, kept = self._train(
            program, epochs.batches, epochs.ends, self._data, samples=samples, keeps=True
        )
        return totals / samples, self._buffers.kept(kept)

    def _train(
        self,
        program: Program,
        batches: Batches,
        ends: Sequence[int] | IntArray,
        data: dict[str, FloatArray],
        *,
        samples: int = 0,
        total: float = 0.0,
        keeps: bool = False,
    ) -> tuple[FloatArray, FloatArray]:
        """Run epochs that end after so many batches; return sums of losses and kept weights."""
        self._buffers.place(program.theta)
        bounds = self._bounds(batches)
        losses = np.full(len(ends), total)
        kept = np.zeros((len(ends) if keeps else 0, self._buffers.entries), program.theta.dtype)
        call = {
            "epochs": len(ends),
            "ends": np.array([bounds[end - 1] if end else 0 for end in ends], dtype=np.int64),
            "bounds": bounds,
            "picked": np.ascontiguousarray(batches.rows, dtype=np.int64),
            "samples": samples,
            "losses": losses,
            "keeps": int(keeps),
            "kept": kept,
        }
        self.kernel(self._buffers.arrays | data | call)
        return losses, kept

    def _bounds(self, batches: Batches) -> IntArray:
        """Return where each batch ends.

        Raises:
            ValueError: If a batch has no sample, or several where each is to be a step.
        """
        bounds: IntArray = np.ascontiguousarray(batches.bounds, dtype=np.int64)
        if not self._batched and len(bounds) != len(batches.rows):
            raise ValueError("a batch of several samples is no step: give Trainer its size")
        if self._batched and np.diff(bounds, prepend=0).min(initial=1) < 1:
            raise ValueError("a batch without samples would never end")
        return bounds


def run(
    program: Program,
    X: FloatArray,
    y: FloatArray,
    batches: Iterable[IntArray],
    loss: AnyLoss,
    optimizer: UpdateRule,
    regularizer: L2 | None = None,
    *,
    fastmath: bool = False,
) -> Program:
    """Run gradient descent over batches of row numbers and return the program with new weights.

    Nothing is checked on the way: a run that overflows returns weights that are not finite.

    Raises:
        EngineUnavailable: If Numba is not installed.
        CompileError: If a scalar function cannot be compiled; it is named.
        ArithmeticError: If a user's function raises.
    """
    all_batches = Batches.of(batches)
    trainer = Trainer(
        program, X, y, loss, optimizer, regularizer, batch=all_batches.largest, fastmath=fastmath
    )
    return trainer.run(program, all_batches)


class Pass:
    """What samples came to in one pass: every number of every neuron.

    Attributes:
        a: Pre-activations of layers 1..T, each (m, d^(t)).
        v: Values of layers 1..T, each (m, d^(t)).
        delta: Sensitivities of layers 1..T, each (m, d^(t)); without targets 0.
        gradient: The mean over the samples for each parameter, shape (parameters,).
        losses: Each sample's loss, shape (m,).
        mismatches: Scalar functions that gave other numbers than Python, in words.
    """

    def __init__(
        self,
        program: Program,
        X: FloatArray,
        y: FloatArray | None,
        loss: AnyLoss,
        *,
        fastmath: bool = False,
    ) -> None:
        compiled = kernel(plan(program, loss, "propagate", fastmath=fastmath))
        made = buffers(program, gradients=True)
        made.place(program.theta)
        made.records(len(X))
        targets = np.zeros((1, 1), X.dtype) if y is None else np.ascontiguousarray(y)
        self.losses: FloatArray = np.zeros(len(X))
        data = {"samples": len(X), "backwards": int(y is not None), "losses": self.losses}
        compiled(made.arrays | data | {"X": np.ascontiguousarray(X), "Y": targets})
        self.a, self.v, self.delta = (made.recorded(name) for name in ("a", "v", "delta"))
        self.gradient: FloatArray = made.take("gradient") / program.theta.dtype.type(len(X))
        self.mismatches = compiled.mismatches

    @property
    def loss(self) -> float:
        """The mean loss, the samples added in order."""
        total = 0.0
        for one in self.losses.tolist():
            total = total + one
        return total / len(self.losses)


def propagate(
    program: Program,
    X: FloatArray,
    y: FloatArray | None,
    loss: AnyLoss,
    *,
    fastmath: bool = False,
) -> Pass:
    """Run samples forward, and backward too if there are targets; nothing is checked."""
    return Pass(program, X, y, loss, fastmath=fastmath)
