"""`compare`: the engines against the specification, neuron by neuron and edge by edge.

The node engine is the specification. The native engine keeps its order of operations, so each of
its finite numbers must equal (==) the node engine's from end to end, a step of training included.
The matrix engine sums in another order, so it is judged where that matters and no further: each of
its numbers is computed again by the node engine's own loops *from the matrix engine's own inputs to
that layer*, and must lie within the rounding bound. Its differences from end to end are printed,
not judged: they grow through layers, and a kink can flip. What all engines share, the mathematics,
is checked by central differences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from graphnn.checks import cast, check_inputs, check_targets
from graphnn.comparison.backward import BackwardCase
from graphnn.comparison.bounds import FLOAT32
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.native import NativeCase
from graphnn.comparison.report import Check, ComparisonReport
from graphnn.comparison.step import StepCase
from graphnn.engines.rounded import numbers, rounded_wiring
from graphnn.engines.rules import Rules
from graphnn.engines.wiring import wire
from graphnn.functions.choice import unknown_name
from graphnn.functions.losses import AnyLoss, require_output, resolve_loss
from graphnn.graph.network import Network
from graphnn.learning.optimizers import SGD, Optimizer
from graphnn.learning.schedules import rate_at
from graphnn.program.lower import compile
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["compare"]


def compare(
    network: Network,
    X: ArrayLike,
    y: ArrayLike | None = None,
    loss: str | AnyLoss = "squared",
    *,
    optimizer: Optimizer | None = None,
    regularizer: Any = None,
    engines: str | Sequence[str] = ("matrix", "native"),
    dtype: DTypeLike = np.float64,
) -> ComparisonReport:
    """Compare the engines on samples: values, sensitivities, gradients and a training step.

    Args:
        network: The network; it is only read.
        X: Inputs, shape (m, d^(0)), or one sample of shape (d^(0),). The node engine crosses every
            edge for every sample: a few samples tell as much as many.
        y: Targets; without them only the forward pass is compared.
        loss: A loss or its name.
        optimizer: Of the training steps, at its first learning rate; default `SGD(eta=0.1)`.
        regularizer: Of the training steps, one or several, but no Dropout; default none.
        engines: Which engine, or engines in this order, are compared with the node engine:
            "matrix" and "native". The native engine compiles a network when it first meets one like
            it, which takes some seconds. An engine that cannot run is reported as not run, which is
            no difference.
        dtype: float64, or float32: then all engines store and sum in float32 (node and native
            engine evaluate scalar functions in float64 and round), the native engine must equal
            the node engine all the same, and the matrix engine's rounding bounds are float32's.
            Central differences are taken in float64.

    Returns:
        The report; `.ok` says whether every promise held in the engines that ran,
        `print(report)` shows the table.

    Raises:
        ValueError: If an engine's name is unknown, or Dropout, which is chance, is given.
        DataError: If X or y do not fit.
        CompileError: If the network cannot be compiled or the loss needs another output.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> report = compare(net, [[0.0, 1.0], [1.0, 1.0]], [1.0, 0.0])
        >>> report.ok
        True
        >>> report.check("native", "gradient").verdict.value
        'equal'
    """
    engines = (engines,) if isinstance(engines, str) else engines
    for name in engines:
        if name not in CHECKS:
            raise unknown_name("engine", name, CHECKS)
    rule = optimizer or SGD()
    rules = Rules.of(rule, regularizer)
    if rules.dropout is not None:
        raise ValueError("compare makes the same step in every engine: leave Dropout out")
    program = compile(network, dtype)
    inputs = check_inputs(X, len(program.neurons[0]))
    chosen = resolve_loss(loss)
    outputs = program.neurons[-1]
    targets = None
    if y is not None:
        require_output(chosen, zip(outputs, program.layers[-1].activations, strict=True))
        targets = check_targets(y, chosen.targets, len(inputs), len(outputs))
    # What overflows becomes infinite in every engine, and is compared like any other number.
    with np.errstate(all="ignore"):
        case = _forward(network, program, inputs)
        steps = central = None
        if targets is not None:
            backward = BackwardCase(case, cast(targets, program.theta.dtype, "y"), chosen)
            steps, central = StepCase(backward, rules, rate_at(rule.eta, 0)), backward
            if case.bounds is FLOAT32:
                wide = _forward(network, compile(network), inputs)
                central = BackwardCase(wide, targets, chosen)
        checks = [one for name in engines for one in CHECKS[name](case, steps)]
        if central is not None:
            checks.append(central.central_check())
    return ComparisonReport(tuple(checks), len(inputs))


def _forward(network: Network, program: Program, inputs: FloatArray) -> ForwardCase:
    kind, wiring = program.theta.dtype, wire(network.copy())
    if kind == np.float32:
        wiring = rounded_wiring(wiring)
        wiring.place(numbers(program.theta))
    return ForwardCase(program, wiring, cast(inputs, kind, "X"))


def _matrix_checks(case: ForwardCase, steps: StepCase | None) -> list[Check]:
    if steps is None:
        return case.checks()
    return [*case.checks(), *steps.backward.checks(), *steps.checks()]


def _native_checks(case: ForwardCase, steps: StepCase | None) -> list[Check]:
    return NativeCase(case, steps).checks()


CHECKS: Mapping[str, Callable[[ForwardCase, StepCase | None], list[Check]]] = {
    "matrix": _matrix_checks,
    "native": _native_checks,
}
"""What is compared of each engine."""
