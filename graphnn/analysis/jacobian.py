"""The derivatives of outputs by inputs, along the edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphnn.engines.node import forward
from graphnn.graph.network import Network
from graphnn.types import FloatArray, Neuron

__all__ = ["jacobian"]


def jacobian(network: Network, x: Sequence[float]) -> FloatArray:
    """Return d v_{T,j} / d x_i for one sample.

    Args:
        network: The network; it is only read.
        x: The input, shape (d^(0),).

    Returns:
        Shape (d^(T), d^(0)). At a kink the slope is the activation's own, such as 0 for relu at 0.

    Raises:
        DataError: If x has another shape or is not finite.

    Example:
        >>> net = Network.from_matrices([[[0.0], [2.0], [-3.0]]], activation="identity")
        >>> jacobian(net, [1.0, 1.0])
        array([[ 2., -3.]])

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 5.3.4.
    """
    trace = forward(network, x)
    graph = network.graph
    rows = []
    for output in network.neurons(network.depth):
        slope = trace.activations[output].derivative(trace.a[output], trace.v[output])
        by: dict[Neuron, float] = {output: slope}
        for t in range(network.depth - 1, -1, -1):
            for neuron in network.neurons(t):
                total = 0.0
                for k in sorted(graph.succ[neuron]):
                    if k in by:
                        total = total + trace.weights[neuron, k] * by[k]
                if t > 0:
                    one = trace.activations[neuron]
                    total = one.derivative(trace.a[neuron], trace.v[neuron]) * total
                by[neuron] = total
        rows.append([by[neuron] for neuron in network.neurons(0)])
    return np.array(rows)
