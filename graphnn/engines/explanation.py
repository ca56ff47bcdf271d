"""`explain`: one neuron's formulas with the numbers put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from graphnn.engines.node import backward, forward
from graphnn.engines.numbers import Number
from graphnn.errors import NetworkError
from graphnn.functions.losses import AnyLoss
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["explain"]


def explain(
    network: Network,
    x: Sequence[Any],
    y: object = None,
    *,
    neuron: Neuron,
    loss: str | AnyLoss = "squared",
    number: Number | None = None,
    file: IO[str] | None = None,
) -> None:
    """Print one neuron's formulas with the numbers of one sample put in, forward and backward.

    Args:
        network: The network.
        x: The input, shape (d^(0),).
        y: The target, as for `backward`; without it only the forward pass is explained.
        neuron: A neuron of layers 1..T. `Trace.explain` gives the same as text.
        loss: A loss or its name.
        number: What weights and inputs become, as for `forward`.
        file: Where to print; default standard output.

    Raises:
        NetworkError: If the neuron does not exist or is an input or a constant.
        DataError: If x or y do not fit.

    Example:
        >>> net = Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> explain(net, [3.0], neuron=(1, 1))
        neuron (1, 1), identity
        <BLANKLINE>
        forward:
          a_1,1 = w_0,1^(1) v_0,0 + w_1,1^(1) v_0,1
              = 0.5 x 1
              + 2 x 3
              = 6.5
          v_1,1 = identity(6.5) = 6.5
    """
    try:
        network.activation(neuron)
    except NetworkError as error:
        raise NetworkError(f"cannot explain it: {error}", node=error.node) from None
    if y is None:
        trace = forward(network, x, number=number)
    else:
        trace = backward(network, x, y, loss, number=number)
    print(trace.explain(neuron), file=file)
