"""`train`: the lecture's training loop, a thin shell around runs of an engine.

Pick samples, forward, backward, update, until converged: the loop draws the order of the samples,
an engine does the rest, and rules look at the history after each epoch.

Source: lecture, "Backpropagation Algorithm" and its notes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from graphnn.checks import cast, check_inputs, check_targets, generator, require_object
from graphnn.errors import TrainingError
from graphnn.functions.initializers import Initializer, Uniform
from graphnn.functions.losses import AnyLoss, require_output, resolve_loss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.engines import Choice, choose
from graphnn.learning.optimizers import SGD
from graphnn.learning.picks import Order, Picks, is_whole
from graphnn.learning.progress import ProgressBar
from graphnn.learning.restarts import starts, together
from graphnn.learning.result import Outcome, TrainingResult
from graphnn.learning.run import Run
from graphnn.learning.runners import Runner, Setting, runners
from graphnn.learning.stopping import StoppingRule
from graphnn.program.lower import compile, store
from graphnn.program.program import Program

__all__ = ["train"]


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
    restarts: int = 1,
    init: Initializer | None = None,
    seed: int | np.random.Generator = 0,
    engine: str = "auto",
    dtype: DTypeLike = np.float64,
    fastmath: bool = False,
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
        restarts: How many independent runs to make, at once in threads; the network gets the
            weights of the one with the smallest final objective, `result.runs` has them all.
        init: What the runs after the first draw their weights from; default `Uniform(0.7)`. The
            first starts from the present weights.
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

    Returns:
        The frozen result; not having converged is an outcome, not an error.

    Raises:
        DataError: If X or y do not fit.
        CompileError: If the network cannot be compiled or the loss needs another output.
        TrainingError: If an activation has no gradient (sign), there is no edge, or the run
            diverges; then `.result` and the network hold the last finite weights.
        EngineUnavailable: If the native engine is asked for and Numba is not installed.
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
    rng = generator(seed)
    picks = Picks(len(inputs), batch_size, epochs, order, rng, rules)
    sgd = SGD() if optimizer is None else optimizer
    require_object("optimizer", sgd, "update_array", "gn.SGD(eta=0.1)")
    if regularizer is not None:
        require_object("regularizer", regularizer, "derivative", "gn.L2(1e-3)")
    init = Uniform() if init is None else init
    require_object("init", init, "draw", "gn.Uniform(0.7)")
    if not is_whole(restarts) or restarts < 1:
        raise ValueError(f"restarts must be a whole number of at least 1, not {restarts!r}")
    kind = program.theta.dtype
    setting = Setting(
        network,
        program,
        cast(inputs, kind, "X"),
        cast(targets, kind, "y"),
        chosen,
        sgd,
        regularizer,
        batch_size=batch_size,
        fastmath=fastmath,
    )
    updates = picks.iterations * int(restarts)
    choice, make = runners(_choice(engine, program, picks, updates, fastmath=fastmath), setting)
    cancel = Event()
    with ProgressBar(updates, shown=progress) as bar:
        acts: list[Callable[[], TrainingResult]] = []
        for first, one in starts(program, init, rng, int(restarts)):
            own = replace(picks, rng=one)
            acts.append(partial(_run, first, make, setting, own, bar.part(), cancel, choice))
        results = together(acts, cancel)
    return _best(results, network, sgd)


def _choice(engine: str, program: Program, picks: Picks, updates: int, *, fastmath: bool) -> Choice:
    choice = choose(engine, program, int(picks.batch_size), updates)
    if fastmath and choice.name != "native":
        if not choice.why:
            raise ValueError(f"fastmath needs the native engine, and engine is {engine!r}")
        return choose("native", program, int(picks.batch_size), updates)
    return choice


def _run(
    program: Program,
    make: Callable[[], Runner],
    setting: Setting,
    picks: Picks,
    show: Callable[[int, int, float], None],
    cancel: Event,
    choice: Choice,
) -> TrainingResult:
    """Make one run and return what it came to."""
    run = Run(program, make(), setting.regularizer, picks, show, cancel.is_set)
    outcome, words = run.go()
    return TrainingResult(run.program, tuple(run.history), outcome, words, str(choice))


def _best(results: Sequence[TrainingResult], network: Network, optimizer: SGD) -> TrainingResult:
    """Store the run that ended with the smallest objective; raise if every run diverged."""
    finite = [one for one in results if one.outcome is not Outcome.DIVERGED]
    best = min(finite or results[:1], key=lambda one: one.history[-1].objective)
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
        f"training diverged: {words}, with learning rate {optimizer.eta:g}; the last finite "
        "weights were kept. A smaller learning rate, or standardised inputs and targets, usually "
        "help",
        result=result,
    )


def _began(result: TrainingResult) -> bool:
    return bool(np.isfinite(result.history[0].loss + result.history[0].penalty))


def _rules(stop: StoppingRule | Sequence[StoppingRule]) -> list[StoppingRule]:
    rules = list(stop) if isinstance(stop, Sequence) else [stop]
    for rule in rules:
        require_object("stop", rule, "reason", "gn.SmallError(0.01), or a list of such rules")
    return rules


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
