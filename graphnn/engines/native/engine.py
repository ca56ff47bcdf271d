"""The native engine: generated code, compiled by Numba, run on whole epochs in one call.

Its order of operations is the node engine's, so its numbers are equal (==) to the node engine's.
That holds for finite numbers and the library's scalar functions; zeros may differ in sign. A user's
own functions are compared with their Python form at 4,096 arguments when they are compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np

from graphnn.engines.batches import Batches, Epochs
from graphnn.engines.native.buffers import Buffers, buffers
from graphnn.engines.native.chunks import group_of
from graphnn.engines.native.kernel import Kernel, kernel
from graphnn.engines.native.loops import Task
from graphnn.engines.native.plan import plan
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import AnyLoss
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
        rules: The update rule and the regularisers.
        batch: How many samples the largest batch has.
        sample_weights: What each sample's loss is multiplied by, shape (m,), of the program's
            dtype, or None.
        fastmath: Whether other numbers than the node engine's are allowed.
    """

    def __init__(
        self,
        program: Program,
        X: FloatArray,
        y: FloatArray,
        loss: AnyLoss,
        rules: Rules,
        *,
        batch: int = 1,
        sample_weights: FloatArray | None = None,
        fastmath: bool = False,
    ) -> None:
        # Step by step the update and the next forward pass share a sweep, which some rules forbid.
        # A shared weight's gradient is whole only when the sample has gone all the way back.
        self._batched = batch > 1 or rules.needs_batches or program.shares
        task: Task = "batches" if self._batched else "steps"
        weighted = sample_weights is not None
        made = plan(program, loss, task, rules, batch=batch, weighted=weighted, fastmath=fastmath)
        self.kernel: Kernel = kernel(made)
        self._program, self._rules, self._chunk = program, rules, (1, 1)
        self._slots = [f"slot_{name}_" for name in rules.optimizer.slots()]
        group = group_of(batch)
        most = CHUNK if program.loops == "dense" else group
        self._chunk = min(-(-batch // group) * group, most), group
        self._buffers = self._new_buffers()
        numbers = [number for record in made.records for number in record.numbers]
        self._data = {"X": np.ascontiguousarray(X), "Y": np.ascontiguousarray(y)}
        if sample_weights is not None:
            self._data["weights"] = np.ascontiguousarray(sample_weights)
        self._data["numbers"] = np.array(numbers, dtype=np.float64)

    def twin(self) -> Trainer:
        """Return one that shares the code and the data, with arrays of its own for a thread."""
        other = copy(self)
        other._buffers = self._new_buffers()  # noqa: SLF001
        return other

    def _new_buffers(self) -> Buffers:
        masked = self._rules.masked_layers(self._program.depth)
        return buffers(self._program, *self._chunk, masked, gradients=self._batched)

    def run(self, state: State, batches: Batches) -> State:
        """Return the state after one update for each batch."""
        data = self._data
        if batches.data is not None:
            X, y = map(np.ascontiguousarray, batches.data)
            data = data | {"X": X, "Y": y}
        return self._train(state, batches, [len(batches)], data)[0]

    def loss(
        self,
        program: Program,
        X: FloatArray,
        y: FloatArray,
        total: float = 0.0,
        weights: FloatArray | None = None,
    ) -> float:
        """Add the losses of samples, which may be others than those trained on, to a sum."""
        data = self._data | {"X": np.ascontiguousarray(X), "Y": np.ascontiguousarray(y)}
        if "weights" in data:
            data["weights"] = np.ones(len(X), X.dtype) if weights is None else weights
        state = State.first(program, self._rules.optimizer)
        _, totals, _ = self._train(state, Batches.of([]), [0], data, samples=len(X), total=total)
        return float(totals[0])

    def epochs(self, state: State, epochs: Epochs) -> tuple[State, FloatArray, FloatArray]:
        """Run several epochs from a state on.

        Returns:
            The state after them, the mean loss over all samples after each epoch, and the
            parameters, a row an epoch.
        """
        samples = len(self._data["X"])
        after, totals, kept = self._train(
            state, epochs.batches, epochs.ends, self._data, samples=samples, keeps=True
        )
        return after, totals / samples, self._buffers.kept(kept)

    def _train(
        self,
        state: State,
        batches: Batches,
        ends: Sequence[int] | IntArray,
        data: dict[str, FloatArray],
        *,
        samples: int = 0,
        total: float = 0.0,
        keeps: bool = False,
    ) -> tuple[State, FloatArray, FloatArray]:
        """Run epochs that end after so many batches; return sums of losses and kept weights too."""
        kind = state.program.theta.dtype
        self._buffers.place("w", state.program.theta)
        for name, numbers in zip(self._slots, state.slots, strict=True):
            self._buffers.place(name, numbers)
        bounds = self._bounds(batches)
        losses = np.full(len(ends), total)
        kept = np.zeros((len(ends) if keeps else 0, self._buffers.entries), kind)
        counting = np.array(state.counters, dtype=np.float64)
        masks = np.zeros(0, kind) if batches.masks is None else batches.masks
        call = {
            "epochs": len(ends),
            "ends": np.array([bounds[end - 1] if end else 0 for end in ends], dtype=np.int64),
            "bounds": bounds,
            "picked": np.ascontiguousarray(batches.rows, dtype=np.int64),
            "rates": np.ascontiguousarray(batches.rates, dtype=np.float64),
            "masks": np.ascontiguousarray(masks),
            "samples": samples,
            "losses": losses,
            "keeps": int(keeps),
            "kept": kept,
            "counting": counting,
        }
        self.kernel(self._buffers.arrays | data | call)
        slots = tuple(self._buffers.take(name) for name in self._slots)
        if state.program.live is not None:
            # In a matrix a frozen weight's slots are moved with the others', in vain.
            pairs = zip(slots, state.slots, strict=True)
            slots = tuple(np.where(state.program.trainable, *pair) for pair in pairs)
        after = state.handed(self._buffers.take("w"), slots, tuple(counting.tolist()))
        return after, losses, kept

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
    state: State,
    X: FloatArray,
    y: FloatArray,
    batches: Batches,
    loss: AnyLoss,
    rules: Rules,
    *,
    sample_weights: FloatArray | None = None,
    fastmath: bool = False,
) -> State:
    """Run gradient descent over batches of row numbers and return the state after it.

    Nothing is checked on the way: a run that overflows returns weights that are not finite.

    Raises:
        EngineUnavailable: If Numba is not installed.
        CompileError: If a scalar function cannot be compiled; it is named.
        ArithmeticError: If a user's function raises.
    """
    trainer = Trainer(
        state.program,
        X,
        y,
        loss,
        rules,
        batch=batches.largest,
        sample_weights=sample_weights,
        fastmath=fastmath,
    )
    return trainer.run(state, batches)


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
        made.place("w", program.theta)
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
