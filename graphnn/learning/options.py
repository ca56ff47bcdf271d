"""The options of `train`, checked and sorted: what a run goes by, and what it picks."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from graphnn.checks import check_inputs, check_sample_weights, check_targets, require_object
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import AnyLoss
from graphnn.functions.regularizers import ClipNorm, Dropout, MaxNorm
from graphnn.learning.checkpoint import Checkpoint, Marks, digest
from graphnn.learning.journal import Course
from graphnn.learning.lbfgs import LBFGS, Gradient
from graphnn.learning.optimizers import Optimizer
from graphnn.learning.picks import MaskLaw, Order, Picks, is_whole
from graphnn.learning.result import Memory
from graphnn.learning.runners import Setting
from graphnn.learning.schedules import Plateau
from graphnn.learning.stopping import Patience, StoppingRule, mentions
from graphnn.learning.streams import Source, StreamPicks, is_stream
from graphnn.learning.validation import HeldOut
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = [
    "check_weights",
    "course_of",
    "data_of",
    "file_of",
    "marks",
    "require_fit",
    "require_whole",
    "state_of",
]

METHODS = ("derivative", "clip", "gradient_factor", "proximal", "weight_factor")
"""A regulariser has at least one of them, or is Dropout."""


def course_of(
    method: Any,
    regularizer: Any,
    epochs: int,
    stop: StoppingRule | Sequence[StoppingRule],
    held: HeldOut | None,
    callbacks: Any,
) -> Course:
    """Return what a run goes by.

    Raises:
        TypeError: If something is not what it should be.
        ValueError: If it is, but out of range, or needs what is not given.
    """
    require_whole("epochs", epochs)
    stops = list(stop) if isinstance(stop, Sequence) else [stop]
    for rule in stops:
        require_object("stop", rule, "reason", "gn.SmallError(0.01), or a list of such rules")
        if held is None and mentions(rule, Patience):
            raise ValueError(f"{rule} looks at held-out data: give train validation=(X, y)")
    several = callbacks if isinstance(callbacks, Sequence) else [callbacks]
    for one in several:
        if not callable(one):
            raise TypeError(f"callbacks has {one!r}, expected functions that take a Moment")
    rules = _rules(method, regularizer)
    eta = getattr(rules.optimizer, "eta", None)
    plateau = eta if isinstance(eta, Plateau) else None
    return Course(rules, int(epochs), stops, held, several, plateau)


def _rules(method: Any, regularizer: Any) -> Rules:
    optimizer: Optimizer = Gradient() if isinstance(method, LBFGS) else method
    require_object("optimizer", optimizer, "update", "gn.SGD(eta=0.1)")
    rules = Rules.of(optimizer, regularizer)
    for one in rules.regularizers:
        known = isinstance(one, Dropout) or any(hasattr(one, name) for name in METHODS)
        if isinstance(one, type) or not known:
            raise TypeError(
                f"regularizer is {one!r}, expected an object such as gn.L2(1e-3), or several"
            )
    for kind in (Dropout, MaxNorm, ClipNorm):
        if sum(isinstance(one, kind) for one in rules.regularizers) > 1:
            raise ValueError(f"regularizer has {kind.__name__} more than once")
    return rules


def data_of(
    X: Any,
    y: Any,
    program: Program,
    loss: AnyLoss,
    course: Course,
    *,
    batch_size: int | None,
    order: Order,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, Picks | StreamPicks]:
    """Return inputs and targets, of a stream those of its first batch, and what picks them.

    Raises:
        DataError: If they do not fit.
        ValueError: If an option is out of range, or does not go with a stream.
    """
    optimizer: Any = course.rules.optimizer
    law, kind = _mask_law(program, course.rules), program.theta.dtype
    if is_stream(X, y):
        if batch_size not in (1, None) or order == "random":
            raise ValueError(
                "a stream has its own batches and order: leave batch_size and order out, not "
                f"{batch_size!r} and {order!r}"
            )
        source = Source(X, program, loss)
        sizes, (inputs, targets) = source.count()
        return inputs, targets, StreamPicks(source, tuple(sizes), rng, optimizer.eta, law)
    inputs = check_inputs(X, len(program.neurons[0]), kind)
    width = len(program.neurons[-1])
    targets = check_targets(y, loss.targets, len(inputs), width, kind)
    size = len(inputs) if batch_size is None else batch_size
    return inputs, targets, Picks(len(inputs), size, order, rng, optimizer.eta, law)


def _mask_law(program: Program, rules: Rules) -> MaskLaw | None:
    """Return the law of dropout, None where nothing is dropped."""
    layers = rules.masked_layers(program.depth)
    if rules.dropout is None or not layers:
        return None
    rates = [rules.dropout.rate if t else rules.dropout.inputs for t in layers]
    stay = np.repeat(1 - np.array(rates), [len(program.neurons[t]) for t in layers])
    return MaskLaw(stay, program.theta.dtype)


def require_fit(
    method: Any, course: Course, picks: Picks | StreamPicks, kind: np.dtype[Any]
) -> None:
    """Raise if an optimiser does not go with the other options.

    Raises:
        ValueError: It names both, and the fix.
    """
    name, rules = type(method).__name__, course.rules
    order = "given" if isinstance(picks, StreamPicks) else picks.order
    whole = picks.batch_size == picks.samples and order != "random"
    if isinstance(method, LBFGS) and isinstance(picks, StreamPicks):
        words = "LBFGS needs all samples at once: give it arrays, not a stream"
        raise ValueError(words)  # noqa: TRY004 - a source of data, but one that does not go with it
    needs = isinstance(method, LBFGS) or getattr(method, "needs_all_samples", False)
    if needs and not (whole and rules.dropout is None):
        raise ValueError(
            f"{name} takes the gradient of one function, over all samples and neurons: give it "
            f"batch_size=None, order 'shuffled' or 'given', and no Dropout; batch_size is "
            f"{picks.batch_size} of {picks.samples} samples, order {order!r}"
        )
    if isinstance(method, LBFGS):
        for one in rules.regularizers:
            if not hasattr(one, "derivative") or hasattr(one, "proximal"):
                raise ValueError(f"LBFGS minimises a smooth objective: it goes with L2, not {one}")
        if kind != np.float64:
            raise ValueError(f"LBFGS computes in float64, and dtype is {kind}")


def check_weights(weights: object, samples: int, kind: np.dtype[Any]) -> FloatArray | None:
    """Return the samples' weights scaled to a mean of 1, or None."""
    if weights is None:
        return None
    found = check_sample_weights(weights, samples)
    # Scaled by the largest first, so that the sum does not overflow.
    shares = found / found.max()
    scaled: FloatArray = (shares * (samples / shares.sum())).astype(kind)
    return scaled


def file_of(path: str | os.PathLike[str], every: float, number: int, marks: Marks) -> Checkpoint:
    """Return the checkpoint of a restart.

    Raises:
        ValueError: If `every` is no number of seconds.
    """
    if not isinstance(every, Real) or not 0 <= every < math.inf:
        raise ValueError(f"every must be a number of seconds, finite and at least 0, not {every!r}")
    name = os.fspath(path) + (f".{number}" if number else "")
    return Checkpoint(Path(name), float(every), marks)


def marks(
    setting: Setting,
    course: Course,
    picks: Picks | StreamPicks,
    method: Any,
    first: Program,
    seed: object,
) -> Marks:
    """Return what tells a run from others.

    Raises:
        ValueError: If the optimiser cannot go on from a file.
    """
    if isinstance(method, LBFGS):
        words = "LBFGS keeps its state within SciPy: train it without a checkpoint"
        raise ValueError(words)  # noqa: TRY004 - an optimiser, but one that does not go with it
    layers = [
        (layer.sources, layer.targets, layer.parameters, layer.activations)
        for layer in first.layers
    ]
    held = setting.held
    return {
        "the network": digest(*(part for layer in layers for part in layer)),
        "the weights of the network": digest(first.theta),
        "the data": digest(setting.X, setting.y),
        "sample_weight": digest(setting.sample_weights),
        "the validation data": digest(*(() if held is None else (held.X, held.y))),
        "the loss": repr(setting.loss),
        "the optimizer": repr(method),
        "the regularizer": repr(course.rules.regularizers),
        "batch_size": str(picks.batch_size),
        "order": picks.order if isinstance(picks, Picks) else str(picks.sizes),
        "fastmath": str(setting.fastmath),
        "seed": str(seed) if is_whole(seed) else type(picks.rng.bit_generator).__name__,
    }


def state_of(program: Program, rules: Rules, memory: Memory | None) -> State:
    """Return where a run starts.

    Raises:
        ValueError: If the memory is not the optimiser's, or another network's.
    """
    first = State.first(program, rules.optimizer)
    if memory is None:
        return first
    slots, counters = memory
    shapes = [np.shape(slot) for slot in slots]
    if len(slots) != len(first.slots) or len(counters) != len(first.counters):
        raise ValueError(
            f"memory has {len(slots)} arrays and {len(counters)} numbers, and "
            f"{type(rules.optimizer).__name__} remembers {len(first.slots)} and "
            f"{len(first.counters)}: give the memory of a run with the same optimizer"
        )
    if any(shape != program.theta.shape for shape in shapes):
        raise ValueError(
            f"memory has arrays of shapes {shapes}, expected {program.theta.shape}: give the "
            "memory of a run of the same network"
        )
    kind = program.theta.dtype
    return State(program, tuple(np.array(slot, dtype=kind) for slot in slots), tuple(counters))


def require_whole(name: str, found: object) -> None:
    """Raise unless something is a whole number of at least 1.

    Raises:
        ValueError: It shows what was found.
    """
    if not is_whole(found) or found < 1:  # type: ignore[operator]
        raise ValueError(f"{name} must be a whole number of at least 1, not {found!r}")
