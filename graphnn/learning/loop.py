"""`train`: the lecture's training loop, a thin shell around runs of an engine.

Pick samples, forward, backward, update, until converged: the loop draws the order of the samples,
an engine does the rest, and rules look at the history after each epoch.

Source: lecture, "Backpropagation Algorithm" and its notes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from graphnn.checks import cast, generator, require_object
from graphnn.engines.state import State
from graphnn.errors import FormatError, TrainingError
from graphnn.functions.initializers import Initializer, Uniform
from graphnn.functions.losses import AnyLoss, require_output, resolve_loss
from graphnn.graph.network import Network
from graphnn.learning.engines import Choice, choose
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.moment import Callback
from graphnn.learning.optimizers import SGD, Optimizer
from graphnn.learning.options import (
    check_weights,
    course_of,
    data_of,
    file_of,
    marks,
    require_fit,
    state_of,
)
from graphnn.learning.picks import Order, Picks
from graphnn.learning.progress import ProgressBar
from graphnn.learning.restarts import starts
from graphnn.learning.result import Memory, Outcome, TrainingResult
from graphnn.learning.runners import Setting, runners
from graphnn.learning.runs import Task, elsewhere, here, is_elsewhere
from graphnn.learning.stopping import StoppingRule
from graphnn.learning.streams import StreamPicks
from graphnn.learning.validation import Validation, held_out
from graphnn.program.lower import compile, store
from graphnn.program.program import Program
from graphnn.ranges import whole

__all__ = ["train"]


def train(
    network: Network,
    X: ArrayLike | Iterable[Any],
    y: ArrayLike | None = None,
    loss: str | AnyLoss = "squared",
    optimizer: Optimizer | LBFGS | None = None,
    regularizer: Any = None,
    *,
    batch_size: int | Literal["auto"] | None = "auto",
    epochs: int = 100,
    stop: StoppingRule | Sequence[StoppingRule] = (),
    order: Order = "shuffled",
    restarts: int = 1,
    init: Initializer | None = None,
    seed: int | np.random.Generator = 0,
    engine: str = "auto",
    dtype: DTypeLike = np.float64,
    fastmath: bool = False,
    progress: bool | None = None,
    sample_weight: ArrayLike | None = None,
    validation: Validation | tuple[ArrayLike, ArrayLike] | None = None,
    callbacks: Callback | Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    every: float = 60.0,
    n_jobs: int | None = None,
    memory: Memory | None = None,
) -> TrainingResult:
    """Train a network from its present weights; at the end its edges hold the trained ones.

    Args:
        network: The network; changed once, at the end (also after Ctrl-C).
        X: Inputs as the network takes them, shape (m, d^(0)): stored preprocessing is not applied.
            A memory map of the right dtype is read where it is. Or, without y, a stream: a list,
            an object with `__iter__`, or a function that returns an iterator, of pairs (X, y), each
            the batch of an update. It is run through some twice an epoch, and must be the same each
            time: `train(net, lambda: (read(name) for name in files))`.
        y: Targets, shape (m,) or (m, d^(T)); class numbers for softmax_cross_entropy.
        loss: A loss or its name.
        optimizer: SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam, AMSGrad, AdamW, Rprop, LBFGS or
            your own (`Optimizer`); default `SGD(eta=0.1)`. eta may be a schedule: InverseTime,
            InverseScaling, StepDecay, Exponential, Cosine, WarmUp, Plateau.
        regularizer: One or several of L2, L1, ElasticNet, MaxNorm, Dropout, ClipNorm, ClipValue;
            default none.
        batch_size: Samples per update, 1..m, or None for all of them; the last batch of an epoch
            may be smaller. "auto" is 1, or all where the optimiser needs them (Rprop, LBFGS).
        epochs: How often m samples are picked, at most.
        stop: Rules, any of which ends the run; `|` and `&` combine them: SmallError,
            SmallImprovement, NoImprovement, Patience, MaxIterations, MaxEpochs, MaxTime.
        order: "shuffled" runs through the samples in a new random order each epoch; "random" picks
            each one at random, as the lecture writes it; "given" takes them as they come.
        restarts: How many independent runs to make, at once in threads; the network gets the
            weights of the best, by held-out data or else by the objective; `result.runs` has all.
        init: What the runs after the first draw their weights from; default `Uniform(0.7)`. The
            first starts from the present weights, which `network.initialize` draws.
        seed: Seed or generator of the order. The same seed gives the same weights, bit for bit; the
            matrix engine's also depend on NumPy's BLAS and its number of threads.
        engine: "node", "matrix", "native" (compiled; its weights equal the node engine's to the
            last bit), or "auto": native for single samples and for batches that are small or
            sparse, if there is work enough to compile for, else matrix. `result.engine` says which
            ran, and why.
        dtype: float64, or float32: numbers are stored and summed in float32, and scalar functions
            evaluated in float64 and rounded (the matrix engine computes all in float32).
        fastmath: Whether the native engine may give other numbers than the node engine's: products
            and sums of wide layers are fused, which is faster.
        progress: Whether a bar is shown; default on a terminal only.
        sample_weight: What each sample's loss counts, shape (m,), at least 0; scaled to a mean of
            1. The training error is the weighted mean.
        validation: Held-out data, (X, y) or `Validation`: after each epoch their error is taken,
            and the network gets the weights of the epoch where it, or a score, was best.
        callbacks: Called with a `Moment` before the first epoch and after each; a true answer ends
            the run. With restarts several threads call them. They must not edit the network.
        checkpoint: A file that the run is written to from time to time, and at its end. Where it
            is there already the run goes on from it: a process that was killed, and is started
            again with the same arguments, comes to the very weights that it would have had. More
            epochs or other rules go on from it too (after a run that ended within an epoch with the
            next one). Restart r > 0 has a file of its own, with ".r" added to the name.
        every: After how many seconds it is written.
        n_jobs: How many restarts joblib makes at once, -1 for as many as there are processors;
            then, and within `joblib.parallel_config`, joblib makes them, on a Dask cluster too.
            The default are threads of this process. The results are the same; callbacks are
            called where a run is made.
        memory: What the optimiser remembers of an earlier run, `result.memory`, at the end of its
            last epoch: two short runs are then one long one. Run 0 takes it up.

    Returns:
        The frozen result; not having converged is an outcome, not an error.

    Raises:
        DataError: If X or y do not fit.
        CompileError: If the network cannot be compiled or the loss needs another output.
        TrainingError: If an activation has no gradient (sign), there is no edge, or the run
            diverges; then `.result` and the network hold the last finite weights.
        EngineUnavailable: If the native engine is asked for and Numba is not installed.
        FormatError: If the checkpoint is damaged or that of another run; it is left as it is.
        ValueError: If an option is unknown or out of range, or two do not go together.

    Example:
        >>> import graphnn as gn
        >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
        >>> net = gn.Network.dense([2, 4, 1], ["tanh", "sigmoid"], seed=0)
        >>> result = gn.train(
        ...     net, X, y, "binary_cross_entropy", gn.Adam(0.05), gn.L2(1e-4), batch_size=2,
        ...     epochs=500, validation=(X, y), stop=gn.Patience(20) | gn.SmallError(0.01),
        ... )
        >>> (result.program.predict(X)[:, 0] > 0.5).tolist()
        [False, True, True, False]
        >>> net = gn.Network.dense([1, 1], activation="identity", seed=0)
        >>> result = gn.train(net, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=200)
        >>> [round(w, 3) for w in result.program.theta.tolist()]  # y = 1 + 2 x
        [1.0, 2.0]
    """
    program = compile(network, dtype)
    chosen = resolve_loss(loss)
    _require_gradient(program)
    require_output(chosen, zip(program.neurons[-1], program.layers[-1].activations, strict=True))
    kind, held = program.theta.dtype, held_out(validation, program, chosen)
    method = SGD() if optimizer is None else optimizer
    course = course_of(method, regularizer, epochs, stop, held, callbacks)
    inputs, targets, picks = data_of(
        X, y, program, chosen, course, batch_size=batch_size, order=order, rng=generator(seed)
    )
    if isinstance(picks, StreamPicks) and (restarts != 1 or sample_weight is not None):
        name = "restarts" if restarts != 1 else "sample_weight"
        raise ValueError(f"a stream goes with one run whose samples count alike: leave {name} out")
    require_fit(method, course, picks, kind)
    restarts = whole("restarts", restarts)
    if init is not None and restarts == 1:
        raise ValueError(
            f"init draws the weights of restarts, and restarts is 1: network.initialize({init}) "
            "draws the first weights"
        )
    init = Uniform() if init is None else init
    require_object("init", init, "draw", "gn.Uniform(0.7)")
    setting = Setting(
        network,
        program,
        cast(inputs, kind, "X"),
        cast(targets, kind, "y"),
        chosen,
        course.rules,
        batch_size=int(picks.batch_size),
        fastmath=fastmath,
        sample_weights=check_weights(sample_weight, len(inputs), kind),
        held=held,
    )
    updates = epochs if isinstance(method, LBFGS) else course.iterations(picks.updates)
    updates *= restarts
    tasks: list[Task] = []
    start = state_of(program, course.rules, memory)
    known_by = None if checkpoint is None else marks(setting, course, picks, method, seed)
    for number, (first, rng) in enumerate(starts(program, init, picks.rng, restarts)):
        state = State.first(first, course.rules.optimizer) if number else start
        task = Task(number, state, replace(picks, rng=rng), course, method)
        if checkpoint is not None and known_by is not None:
            file = file_of(checkpoint, every, number, first, known_by)
            task = replace(task, checkpoint=file, snapshot=file.read())
        tasks.append(task)
    known = next((task.snapshot.engine for task in tasks if task.snapshot is not None), None)
    choice = _choice(engine, program, picks, updates, known, fastmath=fastmath)
    choice, make = runners(choice, setting)
    if is_elsewhere(n_jobs) and len(tasks) > 1:
        return _best(elsewhere(tasks, setting, choice, n_jobs), network)
    with ProgressBar(updates, shown=progress) as bar:
        results = here(tasks, make, choice, bar)
    best = _best(results, network)
    if any(one.outcome is Outcome.INTERRUPTED for one in results):
        for task in tasks:
            if task.checkpoint is not None:
                task.checkpoint.hand(best.program.theta)
    return best


def _choice(
    engine: str,
    program: Program,
    picks: Picks | StreamPicks,
    updates: int,
    known: str | None,
    *,
    fastmath: bool,
) -> Choice:
    """Return the engine; `known` is the one of a run that goes on."""
    if known is not None:
        if engine == "auto":
            return Choice(known, "as in the checkpoint")
        if "matrix" in (engine, known) and engine != known:
            raise FormatError(
                f"the checkpoint is of the {known} engine, whose numbers are not those of the "
                f"{engine} engine: train with engine={known!r}, or delete it to begin anew"
            )
    choice = choose(engine, program, int(picks.batch_size), updates)
    if fastmath and choice.name != "native":
        if not choice.why:
            raise ValueError(f"fastmath needs the native engine, and engine is {engine!r}")
        return choose("native", program, int(picks.batch_size), updates)
    return choice


def _best(results: Sequence[TrainingResult], network: Network) -> TrainingResult:
    """Store the run that ended best; raise if every run diverged."""
    results = [one for one in results if one.history]
    if not results:  # Ctrl-C before there was a loss
        raise KeyboardInterrupt
    finite = [one for one in results if one.outcome is not Outcome.DIVERGED]
    best = max(finite or results[:1], key=lambda one: one.history[one.kept].merit)
    result = replace(best, program=store(best.program, network))
    if len(results) > 1:
        result = replace(result, runs=tuple(results))
    if finite:
        return result
    words = result.stopped_by
    if not _began(result):
        raise TrainingError(
            f"training cannot begin: {words}. Standardised inputs or smaller first weights usually "
            "help",
            result=result,
        )
    raise TrainingError(
        f"training diverged: {words}; the last finite weights were kept. A smaller learning rate, "
        "or standardised inputs and targets, usually help",
        result=result,
    )


def _began(result: TrainingResult) -> bool:
    return bool(np.isfinite(result.history[0].loss + result.history[0].penalty))


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
