"""`compare`: the engines against the specification, neuron by neuron and edge by edge.

The node engine is the specification. The matrix engine sums in another order, so it is judged
where that matters and no further: each of its numbers is computed again by the node engine's own
loops *from the matrix engine's own inputs to that layer*, and must lie within the rounding bound.
Differences from end to end are printed, not judged: they grow through layers, and a kink can flip.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import check_inputs, check_targets
from graphnn.comparison.backward import BackwardCase
from graphnn.comparison.forward import ForwardCase
from graphnn.comparison.report import ComparisonReport
from graphnn.comparison.step import StepCase
from graphnn.engines.wiring import wire
from graphnn.functions.losses import AnyLoss, require_output, resolve_loss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.optimizers import SGD
from graphnn.program.lower import compile

__all__ = ["compare"]


def compare(
    network: Network,
    X: ArrayLike,
    y: ArrayLike | None = None,
    loss: str | AnyLoss = "squared",
    *,
    optimizer: SGD | None = None,
    regularizer: L2 | None = None,
) -> ComparisonReport:
    """Compare the engines on samples: values, sensitivities, gradients and a training step.

    Args:
        network: The network; it is only read.
        X: Inputs, shape (m, d^(0)), or one sample of shape (d^(0),). The node engine crosses every
            edge for every sample: a few samples tell as much as many.
        y: Targets; without them only the forward pass is compared.
        loss: A loss or its name.
        optimizer: Of the training steps; default `SGD(eta=0.1)`.
        regularizer: Of the training steps; default none.

    Returns:
        The report; `.ok` says whether every promise held, `print(report)` shows the table.

    Raises:
        DataError: If X or y do not fit.
        CompileError: If the network cannot be compiled or the loss needs another output.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> compare(net, [[0.0, 1.0], [1.0, 1.0]], [1.0, 0.0]).ok
        True
    """
    program = compile(network)
    inputs = check_inputs(X, len(program.neurons[0]))
    chosen = resolve_loss(loss)
    outputs = program.neurons[-1]
    targets = None
    if y is not None:
        require_output(chosen, zip(outputs, program.layers[-1].activations, strict=True))
        targets = check_targets(y, chosen.targets, len(inputs), len(outputs))
    # What overflows becomes infinite in every engine, and is compared like any other number.
    with np.errstate(all="ignore"):
        case = ForwardCase(program, wire(network.copy()), inputs)
        checks = case.forward_checks()
        if targets is not None:
            backward = BackwardCase(case, targets, chosen)
            steps = StepCase(backward, optimizer or SGD(), regularizer)
            checks += [*backward.checks(), *steps.checks(), backward.central_check()]
    return ComparisonReport(tuple(checks), len(inputs))
