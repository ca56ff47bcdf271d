"""The node engine: forward and backward propagation, one neuron and one edge at a time.

This is the specification that every other engine is compared with. Its loops run along the edges of
the graph itself, in one fixed order: incoming edges by ascending i, outgoing edges by ascending k,
every sum from 0 and from left to right, all sensitivities before any weight moves.

Source: lecture, "Forward Propagation Algorithm" and "Backpropagation Algorithm".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from graphnn.checks import check_sample, check_targets
from graphnn.engines.trace import Trace
from graphnn.engines.wiring import Unit, Wiring, wire
from graphnn.functions.losses import AnyLoss, VectorLoss, require_output, resolve_loss
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.types import Edge, Neuron

__all__ = ["backward", "forward", "losses", "mean_loss", "run"]


class UpdateRule(Protocol):
    """The scalar update of one weight."""

    def update(self, weight: float, gradient: float) -> float:
        """Return the new weight."""
        ...


def forward(network: Network, x: Sequence[float]) -> Trace:
    """Propagate one sample forward along the edges.

    Args:
        network: The network.
        x: The input, shape (d^(0),).

    Returns:
        The trace: `trace.a[t, j]`, `trace.v[t, j]`, `trace.output`.

    Raises:
        DataError: If x has another shape or is not finite.

    Example:
        >>> net = Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> forward(net, [3.0]).output
        (6.5,)
    """
    wiring = wire(network)
    a, v = propagate_forward(wiring, check_sample(x, len(wiring.inputs)))
    return _trace(wiring, a, v)


def backward(
    network: Network, x: Sequence[float], y: object, loss: str | AnyLoss = "squared"
) -> Trace:
    """Propagate one sample forward and its sensitivities backward along the edges.

    Args:
        network: The network.
        x: The input, shape (d^(0),).
        y: The target, shape (d^(T),); a number for one output, a class number for
            softmax_cross_entropy.
        loss: A loss or its name.

    Returns:
        The trace, with `trace.delta[t, j]`, `trace.gradient[(t-1, i), (t, j)]`, `trace.loss` too.

    Raises:
        DataError: If x or y do not fit.
        CompileError: If the loss needs another output activation.

    Example:
        >>> net = Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> backward(net, [3.0], 6.0).gradient
        {((0, 0), (1, 1)): 0.5, ((0, 1), (1, 1)): 1.5}
    """
    wiring, chosen = wire(network), resolve_loss(loss)
    last = wiring.layers[-1]
    require_output(chosen, [(unit.neuron, unit.activation) for unit in last])
    target = check_targets(y, chosen.targets, 1, len(last))[0].tolist()
    a, v = propagate_forward(wiring, check_sample(x, len(wiring.inputs)))
    delta = propagate_backward(wiring, a, v, target, chosen)
    gradient = {(i, j): delta[j] * v[i] for i, j, _ in wiring.edges}
    return _trace(
        wiring,
        a,
        v,
        delta,
        gradient,
        chosen,
        tuple(target),
        sample_loss(wiring, a, v, target, chosen),
    )


def pre_activation(unit: Unit, v: dict[Neuron, float]) -> float:
    """a_{t,j} = sum_i w_ij^(t) v_{t-1,i}, i ascending over the edges that exist."""
    a = 0.0
    for i, edge in unit.incoming:
        a = a + edge["weight"] * v[i]
    return a


def propagate_forward(
    wiring: Wiring, x: Sequence[float]
) -> tuple[dict[Neuron, float], dict[Neuron, float]]:
    """Return a and v of every neuron: v_{t,j} = sigma(a_{t,j})."""
    a: dict[Neuron, float] = {}
    v: dict[Neuron, float] = dict.fromkeys(wiring.constants, 1.0)
    v.update(zip(wiring.inputs, x, strict=True))
    for layer in wiring.layers:
        for unit in layer:
            a[unit.neuron] = pre_activation(unit, v)
            v[unit.neuron] = unit.activation.value(a[unit.neuron])
    return a, v


def output_sensitivities(
    units: Sequence[Unit], a: Sequence[float], v: Sequence[float], y: Sequence[float], loss: AnyLoss
) -> list[float]:
    """delta_j^(T) = dl/da_{T,j}: where the loss enters."""
    if isinstance(loss, VectorLoss):
        delta = [0.0] * len(y)
        loss.sensitivities(a, v, y, delta)
        return delta
    return [
        unit.activation.derivative(a[j], v[j]) * loss.derivative(v[j], y[j])
        for j, unit in enumerate(units)
    ]


def hidden_sensitivity(unit: Unit, a: float, v: float, delta: dict[Neuron, float]) -> float:
    """delta_j^(t) = sigma'(a_{t,j}) sum_k w_jk^(t+1) delta_k^(t+1), k ascending."""
    s = 0.0
    for k, edge in unit.outgoing:
        s = s + edge["weight"] * delta[k]
    return unit.activation.derivative(a, v) * s


def propagate_backward(
    wiring: Wiring,
    a: dict[Neuron, float],
    v: dict[Neuron, float],
    y: Sequence[float],
    loss: AnyLoss,
) -> dict[Neuron, float]:
    """Return delta of every neuron of layers T, T-1, ..., 1."""
    last = wiring.layers[-1]
    outputs = [unit.neuron for unit in last]
    found = output_sensitivities(last, [a[n] for n in outputs], [v[n] for n in outputs], y, loss)
    delta = dict(zip(outputs, found, strict=True))
    for layer in reversed(wiring.layers[:-1]):
        for unit in layer:
            n = unit.neuron
            delta[n] = hidden_sensitivity(unit, a[n], v[n], delta)
    return delta


def sample_loss(
    wiring: Wiring,
    a: dict[Neuron, float],
    v: dict[Neuron, float],
    y: Sequence[float],
    loss: AnyLoss,
) -> float:
    """Return l(h, (x, y)): the outputs' losses added in ascending order."""
    outputs = [unit.neuron for unit in wiring.layers[-1]]
    if isinstance(loss, VectorLoss):
        return loss.value([a[n] for n in outputs], [v[n] for n in outputs], y)
    total = 0.0
    for n, target in zip(outputs, y, strict=True):
        total = total + loss.value(v[n], target)
    return total


def losses(
    wiring: Wiring, samples: Iterable[tuple[Sequence[float], Sequence[float]]], loss: AnyLoss
) -> list[float]:
    """Return l(h, (x_k, y_k)) of every sample."""
    return [sample_loss(wiring, *propagate_forward(wiring, x), y, loss) for x, y in samples]


def mean_loss(
    wiring: Wiring, samples: Iterable[tuple[Sequence[float], Sequence[float]]], loss: AnyLoss
) -> float:
    """Return L_S(h) = 1/m sum_k l(h, (x_k, y_k)), the samples added in order."""
    total, found = 0.0, losses(wiring, samples, loss)
    for one in found:
        total = total + one
    return total / len(found)


def run(
    wiring: Wiring,
    samples: Sequence[tuple[Sequence[float], Sequence[float]]],
    batches: Iterable[Sequence[int]],
    loss: AnyLoss,
    optimizer: UpdateRule,
    regularizer: L2 | None = None,
) -> None:
    """The lecture's backpropagation algorithm: forward, backward and update for each batch.

    The weights on the wiring's edges are changed in place.
    """
    for batch in batches:
        total = [0.0] * len(wiring.edges)
        for k in batch:
            x, y = samples[k]
            a, v = propagate_forward(wiring, x)
            delta = propagate_backward(wiring, a, v, y, loss)
            total = [g + delta[j] * v[i] for g, (i, j, _) in zip(total, wiring.edges, strict=True)]
        for g, (i, _, edge) in zip(total, wiring.edges, strict=True):
            mean = g / len(batch)
            if regularizer is not None and (regularizer.constants or i[1] != 0):
                mean = mean + regularizer.derivative(edge["weight"])
            edge["weight"] = optimizer.update(edge["weight"], mean)


def _trace(
    wiring: Wiring,
    a: dict[Neuron, float],
    v: dict[Neuron, float],
    delta: dict[Neuron, float] | None = None,
    gradient: dict[Edge, float] | None = None,
    loss: AnyLoss | None = None,
    target: tuple[float, ...] | None = None,
    value: float | None = None,
) -> Trace:
    weights = {(i, j): edge["weight"] for i, j, edge in wiring.edges}
    activations = {unit.neuron: unit.activation for layer in wiring.layers for unit in layer}
    return Trace(a, v, weights, activations, delta or {}, gradient or {}, loss, target, value)
