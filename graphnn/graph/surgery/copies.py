"""Neurons doubled, so that a layer becomes wider and the network computes the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from numbers import Real

import numpy as np

from graphnn.checks import generator
from graphnn.errors import NetworkError
from graphnn.graph.network import Network
from graphnn.graph.relays import relays
from graphnn.graph.rules import MAX_NEURONS
from graphnn.graph.surgery.parts import Parts, whole_number
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["duplicate", "widen"]


def duplicate(
    net: Network,
    neuron: Neuron,
    copies: int = 1,
    *,
    noise: float = 0.0,
    seed: int | np.random.Generator = 0,
) -> Network:
    """Put copies of a hidden neuron beside it, and divide the weights out of it among them.

    A copy has the neuron's activation and edges; its edges are trainable or not and share their
    weights as the neuron's do. The weights out of the neuron and its copies are those out of the
    neuron, divided by their number, so the network computes the same up to rounding; where that
    number is a power of two the weights are exact. Copies stand last in the layer.

    Args:
        net: The network.
        neuron: A neuron of a hidden layer.
        copies: How many are added.
        noise: The standard deviation of what is added to the copies' incoming weights, those that
            are trainable and share their weight with no other. With 0 the copies get the same
            gradients and stay equal for ever; a little noise lets training tell them apart.
        seed: Of the noise.

    Returns:
        The new network.

    Raises:
        NetworkError: If it is no neuron of a hidden layer, or an edge out of it shares its weight,
            which cannot be divided for that edge alone.

    Example:
        >>> net = Network.dense([2, 1, 1], seed=0)
        >>> net.set_weight((1, 1), (2, 1), 0.5)
        >>> doubled = duplicate(net, (1, 1))
        >>> doubled, doubled.edges[(1, 2), (2, 1)]["weight"]
        (Network(layers=[2, 2, 1], edges=9), 0.25)

    Source: Chen, Goodfellow and Shlens, "Net2Net" (2016), section 2.2.
    """
    parts = Parts.of(net)
    original = parts.neuron(neuron)
    if original[1] == 0 or not 0 < original[0] < net.depth:
        raise NetworkError(
            f"neuron {original} is no neuron of a hidden layer: inputs, outputs and constant "
            "neurons are not copied",
            node=original,
        )
    copies = whole_number("copies", copies, 1, MAX_NEURONS, "the neurons that are added")
    tied = _tied(parts, original[0]).get(original)
    if tied is not None:
        raise _shared(parts, tied)
    _copy(parts, [original] * copies, _deviation(noise), generator(seed))
    return parts.network(net.preprocessing)


def widen(
    net: Network,
    layer: int,
    width: int,
    *,
    noise: float = 0.0,
    seed: int | np.random.Generator = 0,
) -> Network:
    """Make a hidden layer wider by copies of random ones of its neurons: Net2WiderNet.

    Each new neuron is a copy of one of the old ones, drawn with replacement, as `duplicate` makes
    them: the network computes the same up to rounding. Relays, and neurons that an edge leads out
    of whose weight is shared with others, are not drawn.

    Args:
        net: The network.
        layer: The hidden layer 1..T-1.
        width: Its new number of neurons.
        noise: As for `duplicate`.
        seed: Of what is drawn, and then of the noise.

    Returns:
        The new network.

    Raises:
        NetworkError: If it is no hidden layer, the width is smaller than it was, or no neuron can
            be copied.

    Example:
        >>> net = Network.dense([4, 8, 3], seed=0)
        >>> widen(net, 1, 12, noise=0.01, seed=1)
        Network(layers=[4, 12, 3], edges=99)

    Source: Chen, Goodfellow and Shlens, "Net2Net" (2016), section 2.2.
    """
    parts = Parts.of(net)
    if net.depth == 1:
        raise NetworkError("the network has no hidden layer to widen: insert_layer adds one")
    layer = whole_number("layer", layer, 1, net.depth - 1, "the hidden layers")
    before = net.layers[layer]
    note = f"layer {layer} has {before} neurons, and widen only adds some"
    width = whole_number("width", width, before, MAX_NEURONS, note)
    handing, tied = relays(net), _tied(parts, layer)
    chosen = [n for n in net.neurons(layer) if n not in handing and n not in tied]
    if not chosen and width > before:
        if tied:
            raise _shared(parts, next(iter(tied.values())))
        raise NetworkError(f"layer {layer} has only relays, and a copy of one adds nothing")
    rng = generator(seed)
    drawn = rng.integers(len(chosen), size=width - before).tolist() if chosen else []
    _copy(parts, [chosen[k] for k in drawn], _deviation(noise), rng)
    return parts.network(net.preprocessing)


def _copy(
    parts: Parts, originals: Sequence[Neuron], noise: float, rng: np.random.Generator
) -> None:
    """Add a copy of each of these neurons of one layer, which may be named several times."""
    if not originals:
        return
    t = originals[0][0]
    into, out_of = parts.into(t), parts.out_of(t)
    for original, copies in Counter(originals).items():
        for edge in out_of[original]:
            attributes = parts.edges[edge]
            attributes["weight"] = attributes["weight"] / (copies + 1)
    _, last = parts.free(t)
    for copy, original in enumerate(originals, start=last):
        neuron = parts.neurons[original]
        parts.neurons[t, copy] = {k: neuron[k] for k in neuron if k not in ("layer", "label")}
        for u, v in into[original]:
            attributes = dict(parts.edges[u, v])
            if noise and attributes.get("trainable", True) and attributes.get("shared") is None:
                attributes["weight"] += rng.normal(0.0, noise)
            parts.edges[u, (t, copy)] = attributes
        for u, v in out_of[original]:
            parts.edges[(t, copy), v] = dict(parts.edges[u, v])


def _tied(parts: Parts, t: int) -> dict[Neuron, Edge]:
    """Return the neurons of a layer whose outgoing weights cannot be divided, with such an edge."""
    names = [attributes.get("shared") for attributes in parts.edges.values()]
    uses = Counter(name for name in names if name is not None)
    found: dict[Neuron, Edge] = {}
    for edge in (edge for edges in parts.out_of(t).values() for edge in edges):
        if edge[0][1] > 0 and uses[parts.edges[edge].get("shared")] > 1:
            found.setdefault(edge[0], edge)
    return found


def _shared(parts: Parts, edge: Edge) -> NetworkError:
    name = parts.edges[edge]["shared"]
    return NetworkError(
        f"edge {edge_name(*edge)} shares its weight with others as {name!r}, and it would have to "
        f"be divided for this edge alone: set_shared({edge[0]}, {edge[1]}, None) makes it its own",
        edge=edge,
    )


def _deviation(noise: object) -> float:
    fine = isinstance(noise, Real) and not isinstance(noise, bool)
    if not fine or not 0 <= float(noise) < math.inf:  # type: ignore[arg-type]
        raise ValueError(f"noise is {noise!r}, expected a standard deviation of at least 0")
    return float(noise)  # type: ignore[arg-type]
