"""The node engine: forward and backward propagation, one neuron and one edge at a time.

This is the specification that every other engine is compared with. Its loops run along the edges of
the graph itself, in one fixed order: incoming edges by ascending i, outgoing edges by ascending k,
every sum from 0 and from left to right, all sensitivities before any weight moves.

Source: lecture, "Forward Propagation Algorithm" and "Backpropagation Algorithm".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphnn.engines.descent import Memory, descend
from graphnn.engines.numbers import Number, enter, enter_target
from graphnn.engines.rules import Rules
from graphnn.engines.sample import NO_MASKS, Masks, Sample, passed_on
from graphnn.engines.trace import Trace, traced
from graphnn.engines.wiring import Unit, Wiring
from graphnn.functions.losses import AnyLoss, VectorLoss, resolve_loss
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["backward", "forward", "losses", "mean_loss", "run"]


def forward(network: Network, x: Sequence[Any], *, number: Number | None = None) -> Trace:
    """Propagate one sample forward along the edges.

    Args:
        network: The network.
        x: The input, shape (d^(0),).
        number: What weights and inputs become, default floats: `fractions.Fraction`, `mpmath.mpf`,
            `symbols(network)` or any callable that makes a number of a float.

    Returns:
        The trace: `trace.a[t, j]`, `trace.v[t, j]`, `trace.output`.

    Raises:
        DataError: If x has another shape or is not finite.
        CompileError: If an activation cannot be worked out with such numbers.

    Example:
        >>> net = Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> forward(net, [3.0]).output
        (6.5,)
    """
    wiring, given = enter(network, x, number)
    return traced(wiring, *propagate_forward(wiring, given))


def backward(
    network: Network,
    x: Sequence[Any],
    y: object,
    loss: str | AnyLoss = "squared",
    *,
    number: Number | None = None,
) -> Trace:
    """Propagate one sample forward and its sensitivities backward along the edges.

    Args:
        network: The network.
        x: The input, shape (d^(0),).
        y: The target, shape (d^(T),); a number for one output, a class number for
            softmax_cross_entropy.
        loss: A loss or its name.
        number: As for `forward`.

    Returns:
        The trace, with `trace.delta[t, j]`, `trace.gradient[(t-1, i), (t, j)]`, `trace.loss` too.

    Raises:
        DataError: If x or y do not fit.
        CompileError: If the loss needs another output activation or other numbers.

    Example:
        >>> net = Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> backward(net, [3.0], 6.0).gradient
        {((0, 0), (1, 1)): 0.5, ((0, 1), (1, 1)): 1.5}
    """
    wiring, given = enter(network, x, number)
    target, chosen = enter_target(wiring, y, resolve_loss(loss), number)
    a, v = propagate_forward(wiring, given)
    delta = propagate_backward(wiring, a, v, Sample(given, target, wiring.one), chosen)
    return replace(
        traced(wiring, a, v),
        delta=delta,
        gradient=wiring.by_edge(gradients(wiring, delta, v)),
        loss_function=chosen,
        target=tuple(target),
        loss=sample_loss(wiring, a, v, target, chosen),
    )


def pre_activation(unit: Unit, v: Mapping[Neuron, float]) -> float:
    """a_{t,j} = sum_i w_ij^(t) v_{t-1,i}, i ascending over the edges that exist."""
    a = unit.zero
    for i, edge in unit.incoming:
        a = a + edge["weight"] * v[i]
    return a


def propagate_forward(
    wiring: Wiring, x: Sequence[float], masks: Masks = NO_MASKS
) -> tuple[dict[Neuron, float], dict[Neuron, float]]:
    """Return a and v of every neuron: v_{t,j} = sigma(a_{t,j})."""
    a: dict[Neuron, float] = {}
    v: dict[Neuron, float] = dict.fromkeys(wiring.constants, wiring.one)
    v.update(zip(wiring.inputs, x, strict=True))
    passed = passed_on(v, masks)
    for layer in wiring.layers:
        for unit in layer:
            n = unit.neuron
            a[n] = pre_activation(unit, passed)
            v[n] = unit.activation.value(a[n])
            passed[n] = v[n] * masks[n] if n in masks else v[n]
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


def hidden_sensitivity(
    unit: Unit, a: float, v: float, delta: dict[Neuron, float], masks: Masks = NO_MASKS
) -> float:
    """delta_j^(t) = sigma'(a_{t,j}) sum_k w_jk^(t+1) delta_k^(t+1), k ascending."""
    s = unit.zero
    for k, edge in unit.outgoing:
        s = s + edge["weight"] * delta[k]
    if unit.neuron in masks:
        s = s * masks[unit.neuron]
    return unit.activation.derivative(a, v) * s


def propagate_backward(
    wiring: Wiring,
    a: dict[Neuron, float],
    v: dict[Neuron, float],
    sample: Sample,
    loss: AnyLoss,
    masks: Masks = NO_MASKS,
) -> dict[Neuron, float]:
    """Return delta of every neuron of layers T, T-1, ..., 1."""
    last = wiring.layers[-1]
    outputs = [unit.neuron for unit in last]
    numbers = [a[n] for n in outputs], [v[n] for n in outputs]
    found = output_sensitivities(last, *numbers, sample.y, loss)
    delta = {n: d * sample.weight for n, d in zip(outputs, found, strict=True)}
    for layer in reversed(wiring.layers[:-1]):
        for unit in layer:
            n = unit.neuron
            delta[n] = hidden_sensitivity(unit, a[n], v[n], delta, masks)
    return delta


def gradients(
    wiring: Wiring, delta: Mapping[Neuron, float], v: Mapping[Neuron, float]
) -> list[float]:
    """dl/dw_ij^(t) = delta_j^(t) v_{t-1,i}, added over the edges that carry one weight."""
    found = []
    for parameter in wiring.parameters:
        g = wiring.zero
        for i, j, _ in parameter.edges:
            g = g + delta[j] * v[i]
        found.append(g)
    return found


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
    total = wiring.zero
    for n, target in zip(outputs, y, strict=True):
        total = total + loss.value(v[n], target)
    return total


def losses(wiring: Wiring, samples: Iterable[Sample], loss: AnyLoss) -> list[float]:
    """Return l(h, (x_k, y_k)) of every sample, times its weight."""
    return [
        sample_loss(wiring, *propagate_forward(wiring, one.x), one.y, loss) * one.weight
        for one in samples
    ]


def mean_loss(wiring: Wiring, samples: Iterable[Sample], loss: AnyLoss) -> float:
    """Return L_S(h) = 1/m sum_k l(h, (x_k, y_k)), the samples added in order."""
    total, found = 0.0, losses(wiring, samples, loss)
    for one in found:
        total = total + one
    return total / len(found)


def run(
    wiring: Wiring,
    samples: Sequence[Sample],
    batches: Iterable[tuple[Sequence[int], float, Sequence[Masks]]],
    loss: AnyLoss,
    rules: Rules,
    memory: Memory,
) -> None:
    """The lecture's backpropagation algorithm: forward, backward and update for each batch.

    The weights on the wiring's edges and the optimiser's memory are changed in place.

    Args:
        wiring: The neurons and edges.
        samples: The samples.
        batches: For each update the numbers of its samples, its learning rate and, with dropout,
            the factors of each sample's neurons.
        loss: The loss.
        rules: The optimiser and the regularisers.
        memory: What the optimiser remembers.
    """
    for rows, eta, masks in batches:
        total = [0.0] * len(wiring.parameters)
        for k, mask in zip(rows, masks or [NO_MASKS] * len(rows), strict=True):
            a, v = propagate_forward(wiring, samples[k].x, mask)
            delta = propagate_backward(wiring, a, v, samples[k], loss, mask)
            v = passed_on(v, mask)
            more = gradients(wiring, delta, v)
            total = [g + one for g, one in zip(total, more, strict=True)]
        descend(wiring, [g / len(rows) for g in total], eta, rules, memory)
