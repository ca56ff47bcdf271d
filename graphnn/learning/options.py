"""The options of `train`, checked and sorted: what a run goes by, and what it picks."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any, Literal

import numpy as np

from graphnn.checks import check_inputs, check_sample_weights, check_targets, require_object
from graphnn.engines.layer_masks import mask_widths
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.errors import DataError
from graphnn.functions.losses import AnyLoss
from graphnn.functions.regularizers import ClipNorm, Dropout, MaxNorm
from graphnn.learning.checkpoint import WEIGHTS, Checkpoint, Marks, digest
from graphnn.learning.journal import Course
from graphnn.learning.lbfgs import LBFGS, Gradient
from graphnn.learning.optimizers import Optimizer, needs_all_samples
from graphnn.learning.picks import MaskLaw, Order, Picks
from graphnn.learning.result import Memory
from graphnn.learning.runners import Setting
from graphnn.learning.schedules import Plateau
from graphnn.learning.stopping import Patience, StoppingRule, mentions
from graphnn.learning.streams import Source, StreamPicks, is_stream
from graphnn.learning.validation import HeldOut
from graphnn.program.program import Program
from graphnn.ranges import is_whole, whole
from graphnn.types import FloatArray

__all__ = [
    "check_weights",
    "course_of",
    "data_of",
    "file_of",
    "marks",
    "require_fit",
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
    stops = list(stop) if isinstance(stop, Sequence) else [stop]
    for rule in stops:
        require_object("stop", rule, "reason", "gn.SmallError(0.01), or a list of such rules")
        if held is None and mentions(rule, Patience):
            raise ValueError(f"{rule} looks at held-out data: give train validation=(X, y)")
    alone = not isinstance(callbacks, Sequence) or isinstance(callbacks, str)
    several = [callbacks] if alone else callbacks
    for one in several:
        if not callable(one):
            raise TypeError(f"callbacks has {one!r}, expected functions that take a Moment")
    rules = _rules(method, regularizer)
    eta = getattr(rules.optimizer, "eta", None)
    plateau = eta if isinstance(eta, Plateau) else None
    return Course(rules, whole("epochs", epochs), stops, held, several, plateau)


def _rules(method: Any, regularizer: Any) -> Rules:
    optimizer: Optimizer = Gradient() if isinstance(method, LBFGS) else method
    require_optimizer(optimizer)
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


def require_optimizer(optimizer: Any) -> None:
    """Raise unless something is an optimiser, whose update returns what it is to.

    Raises:
        TypeError: It says what is missing or wrong.
    """
    require_object("optimizer", optimizer, "update", "gn.SGD(eta=0.1)")
    name = type(optimizer).__name__
    for part in ("eta", "slots", "counters", "tick"):
        if not hasattr(optimizer, part):
            raise TypeError(f"optimizer {name} has no {part}: make it a subclass of gn.Optimizer")
    slots = tuple(optimizer.slots().values())
    counters = optimizer.tick(tuple(optimizer.counters().values()))
    try:
        found = optimizer.update(0.5, 0.25, slots, (0.1, *counters))
    except NotImplementedError:
        raise TypeError(f"optimizer {name} has no update(weight, gradient, slots, step)") from None
    except (ArithmeticError, ValueError):
        return  # a run will tell
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], tuple):
        raise TypeError(
            f"optimizer {name}: update must return (weight, slots), slots a tuple, not {found!r}"
        )
    if len(found[1]) != len(slots):
        raise TypeError(
            f"optimizer {name}: update returns {len(found[1])} slots, and slots() names "
            f"{len(slots)}"
        )


def data_of(
    X: Any,
    y: Any,
    program: Program,
    loss: AnyLoss,
    course: Course,
    *,
    batch_size: int | Literal["auto"] | None,
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
        wrong = [f"order={order!r}"] if order == "random" else []
        wrong += [f"batch_size={batch_size!r}"] if batch_size not in (1, "auto", None) else []
        if wrong:
            raise ValueError(f"a stream has its own batches: leave {' and '.join(wrong)} out")
        source = Source(X, program, loss)
        sizes, (inputs, targets) = source.count()
        return inputs, targets, StreamPicks(source, tuple(sizes), rng, optimizer.eta, law)
    if y is None:
        raise DataError("y is missing: give targets, or a stream of pairs (X, y) in the place of X")
    inputs = check_inputs(X, len(program.neurons[0]), kind)
    width = len(program.neurons[-1])
    targets = check_targets(y, loss.targets, len(inputs), width, kind)
    size = len(inputs) if batch_size is None else batch_size
    if size == "auto":
        size = len(inputs) if needs_all_samples(optimizer) else 1
    return inputs, targets, Picks(len(inputs), size, order, rng, optimizer.eta, law)


def _mask_law(program: Program, rules: Rules) -> MaskLaw | None:
    """Return the law of dropout, None where nothing is dropped."""
    layers = rules.masked_layers(program.depth)
    if rules.dropout is None or not layers:
        return None
    rates = [rules.dropout.rate if t else rules.dropout.inputs for t in layers]
    stay = np.repeat(1 - np.array(rates), list(mask_widths(program, rules).values()))
    # A relay hands on what its source does: only who has a value of its own is dropped.
    stay[_relays(program, layers)] = 1
    return MaskLaw(stay, program.theta.dtype)


def _relays(program: Program, layers: range) -> list[int]:
    """Return the places of relays among the neurons of some layers."""
    found, first = list[int](), 0
    for t in layers:
        found += [first + column for column in (program.layers[t - 1].relays if t else ())]
        first += len(program.neurons[t])
    return found


def require_fit(
    method: Any, course: Course, picks: Picks | StreamPicks, kind: np.dtype[Any]
) -> None:
    """Raise if an optimiser does not go with the other options.

    Raises:
        ValueError: It names both, and the fix.
    """
    name, rules = type(method).__name__, course.rules
    if isinstance(method, LBFGS):
        _require_smooth(rules, picks, kind)
    if needs_all_samples(method):
        _require_all_samples(name, rules, picks)
    if rules.dropout is not None and picks.law is None:
        raise ValueError(
            f"{rules.dropout} drops nothing here: the network has no hidden layer; inputs=... "
            "drops inputs"
        )


def _require_all_samples(name: str, rules: Rules, picks: Picks | StreamPicks) -> None:
    """Raise unless each update has the gradient over all samples and neurons."""
    if picks.batch_size != picks.samples:
        raise ValueError(
            f"{name} needs all samples in each update: leave batch_size out, which is "
            f"{picks.batch_size} of {picks.samples}"
        )
    if isinstance(picks, Picks) and picks.order == "random":
        raise ValueError(
            f"{name} needs all samples in each update: order 'random' picks some twice and others "
            "not at all; leave it out"
        )
    if rules.dropout is not None:
        raise ValueError(
            f"{name} follows one function, and {rules.dropout} makes it another each time: leave "
            "it out, or take gn.Adam()"
        )


def _require_smooth(rules: Rules, picks: Picks | StreamPicks, kind: np.dtype[Any]) -> None:
    """Raise for what L-BFGS does not go with."""
    if isinstance(picks, StreamPicks):
        words = "LBFGS needs all samples at once: give it arrays, not a stream"
        raise ValueError(words)  # noqa: TRY004 - a source of data, but one that does not go with it
    for one in rules.regularizers:
        smooth = hasattr(one, "derivative") and hasattr(one, "term")
        if not isinstance(one, Dropout) and (not smooth or hasattr(one, "proximal")):
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


def file_of(
    path: str | os.PathLike[str], every: float, number: int, first: Program, marks: Marks
) -> Checkpoint:
    """Return the checkpoint of a restart, which begins with a program's weights.

    Raises:
        ValueError: If `every` is no number of seconds.
    """
    if not isinstance(every, Real) or not 0 <= every < math.inf:
        raise ValueError(f"every must be a number of seconds, finite and at least 0, not {every!r}")
    name = os.fspath(path) + (f".{number}" if number else "")
    return Checkpoint(Path(name), float(every), {**marks, WEIGHTS: digest(first.theta)})


def marks(
    setting: Setting,
    course: Course,
    picks: Picks | StreamPicks,
    method: Any,
    seed: object,
) -> Marks:
    """Return what tells a training from others; its restarts begin with weights of their own.

    Raises:
        ValueError: If the optimiser cannot go on from a file, or something cannot be told from
            others by how it is written.
    """
    if isinstance(method, LBFGS):
        words = "LBFGS keeps its state within SciPy: train it without a checkpoint"
        raise ValueError(words)  # noqa: TRY004 - an optimiser, but one that does not go with it
    for name, one in (("optimizer", method), ("regularizer", course.rules.regularizers)):
        if " at 0x" in repr(one):
            raise ValueError(
                f"{name} is {one!r}, which another process would write otherwise, so that the run "
                "could not go on there: make its class a dataclass"
            )
    layers = [
        (layer.sources, layer.targets, layer.parameters, layer.activations)
        for layer in setting.program.layers
    ]
    held = setting.held
    return {
        "the network": digest(*(part for layer in layers for part in layer)),
        "the data": digest(setting.X, setting.y),
        "sample_weight": digest(setting.sample_weights),
        "the validation data": digest(*(() if held is None else (held.X, held.y))),
        "the score": str(held is not None and held.score is not None),
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
    if not isinstance(memory, Memory):
        raise TypeError(f"memory is of type {type(memory).__name__}, expected result.memory")
    optimizer = rules.optimizer
    found = [*memory.slots, *memory.counters]
    expected = [*optimizer.slots(), *optimizer.counters()]
    if found != expected or isinstance(optimizer, Gradient):
        raise ValueError(
            f"memory has {found}, and {type(optimizer).__name__} remembers {expected}: give the "
            "memory of a run with the same optimizer, and none to LBFGS"
        )
    slots = [np.array(slot, dtype=program.theta.dtype) for slot in memory.slots.values()]
    if any(slot.shape != program.theta.shape for slot in slots):
        raise ValueError(
            f"memory has arrays of shapes {[slot.shape for slot in slots]}, expected "
            f"{program.theta.shape}: give the memory of a run of the same network"
        )
    return State(program, tuple(slots), tuple(memory.counters.values()))
