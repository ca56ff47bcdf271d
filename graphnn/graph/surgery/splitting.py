"""An edge split by a neuron, and a layer put between two others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from graphnn.checks import generator
from graphnn.errors import NetworkError
from graphnn.functions.activations import ACTIVATIONS, Activation, resolve_activation
from graphnn.graph.builders.connector import Dense
from graphnn.graph.builders.layers import Connection, chosen_pairs
from graphnn.graph.network import Network
from graphnn.graph.relays import relays
from graphnn.graph.surgery.parts import Attributes, Parts, whole_number
from graphnn.types import Edge, Neuron

__all__ = ["insert_layer", "split_edge"]

NOT_NEGATIVE = ("relu", "sigmoid", "softplus")
"""Activations whose values are never negative."""

UNTOUCHED_BEHIND: Mapping[str, tuple[str, ...]] = {
    "relu": NOT_NEGATIVE,
    "leaky_relu": NOT_NEGATIVE,
    "elu": NOT_NEGATIVE,
    "sign": ("sign",),
}
"""Behind which activations sigma(v) = v for every value v; identity is so behind all of them."""


def split_edge(
    net: Network,
    u: Neuron,
    v: Neuron,
    activation: str | Activation = "identity",
    *,
    label: Hashable | None = None,
) -> Network:
    """Split an edge by a new neuron: u -> new with weight 1, new -> v with the edge's weight.

    The edge into the new neuron can be trained; the one out of it is trainable or not and shares
    its weight as the edge did. With the identity the network computes the same to the last bit; any
    other activation changes it.

    The new neuron needs a layer between those of u and v, and a layer is put there in which relays
    (identity, weight 1, not trainable) carry the other neurons' values; the layers behind move up
    by one, and neurons keep their numbers in them. No layer is needed where u is a relay: if the
    edge is the only one out of it the relay itself becomes the new neuron, else the new one stands
    last in the relay's layer (the sum into v then runs in another order, and may be rounded
    otherwise).

    Args:
        net: The network.
        u: The source of the edge, which may be a constant neuron.
        v: Its target.
        activation: Of the new neuron.
        label: Of the new neuron, by which `labels` finds it.

    Returns:
        The new network.

    Raises:
        NetworkError: If there is no such edge, or the label is taken.
        ValueError: If the activation is unknown.

    Example:
        >>> net = Network.dense([2, 1], activation="tanh", seed=0)
        >>> split = split_edge(net, (0, 2), (1, 1), "relu", label="new")
        >>> split, split.labels["new"]
        (Network(layers=[2, 2, 1], edges=5), (1, 2))

    Source: Stanley and Miikkulainen (2002), section 3.1: the mutation "add node" of NEAT.
    """
    new: Attributes = {"activation": resolve_activation(activation), "label": label}
    parts = Parts.of(net)
    u, v = edge = parts.edge(u, v)
    if u in relays(net):
        return _at_relay(parts, edge, new).network(net.preprocessing)
    split = parts.edges.pop(edge)
    t = v[0]
    parts, crossing = _opened(parts, t)
    carried = {source for source, _ in crossing} - {(t - 1, 0)}
    places: dict[Neuron, Neuron] = {(t - 1, 0): (t, 0)}
    number = 0
    for source in sorted({u} | carried):
        if source in carried:
            number += 1
            places[source] = (t, number)
            parts.neurons[t, number] = {"activation": ACTIVATIONS["identity"]}
            parts.edges[source, (t, number)] = {"weight": 1.0, "trainable": False}
        if source == u:  # Right behind its relay: the sum into v keeps its order.
            number += 1
            parts.neurons[t, number] = new
            parts.edges[u, (t, number)] = {"weight": 1.0}
            parts.edges[(t, number), (t + 1, v[1])] = split
    parts.edges |= {(places[i], j): attributes for (i, j), attributes in crossing.items()}
    return parts.network(net.preprocessing)


def _at_relay(parts: Parts, edge: Edge, new: Attributes) -> Parts:
    """Split an edge out of a relay: the relay, or a neuron beside it, becomes the new one."""
    relay, v = edge
    ((source, _),) = parts.into(relay[0])[relay]
    if len(parts.out_of(relay[0])[relay]) == 1:
        parts.neurons[relay] = parts.neurons[relay] | new
        parts.edges[source, relay] = parts.edges[source, relay] | {"trainable": True}
        return parts
    middle = parts.free(relay[0])
    parts.neurons[middle] = new
    parts.edges[source, middle] = {"weight": 1.0}
    parts.edges[middle, v] = parts.edges.pop(edge)
    return parts


def insert_layer(
    net: Network,
    t: int,
    activation: str | Activation = "identity",
    connect: Connection = Dense(),  # noqa: B008 - it is frozen
    *,
    bias: bool = True,
    seed: int | np.random.Generator = 0,
) -> Network:
    """Put a layer before layer t that hands on the values of layer t-1: Net2DeeperNet.

    The new layer has a neuron (t, i) for each neuron (t-1, i), with an edge of weight 1 between
    them; all other new edges have weight 0, and all can be trained. The layers from t on move up
    by one, and neurons keep their numbers in them. The network computes the same to the last bit.

    Args:
        net: The network.
        t: The number of the new layer, 1..T.
        activation: Of the new layer, one that leaves the values of layer t-1 as they are: identity
            always; relu, leaky_relu and elu behind relu, sigmoid and softplus; sign behind sign.
        connect: What chooses the edges of weight 0, as for `gn.build.layered`; `Banded(0)` adds
            none beside those of weight 1.
        bias: Whether the new neurons get edges of weight 0 from the constant neuron.
        seed: Of what the connector draws.

    Returns:
        The new network.

    Raises:
        NetworkError: If there is no such place, or the activation would change a value; it names
            the neuron.
        ValueError: If the activation is unknown.

    Example:
        >>> net = Network.dense([2, 3, 1], activation="relu", seed=0)
        >>> insert_layer(net, 2, "relu")
        Network(layers=[2, 3, 3, 1], edges=25)

    Source: Chen, Goodfellow and Shlens, "Net2Net" (2016), section 2.3.
    """
    chosen = resolve_activation(activation)
    parts = Parts.of(net)
    note = "the new layer stands behind the inputs and before the outputs"
    t = whole_number("t", t, 1, net.depth, note)
    below = net.neurons(t - 1)
    for neuron in below:
        _require_untouched(parts, neuron, chosen)
    rng = generator(seed)
    added = chosen_pairs(connect, len(below), len(below), rng)
    parts, crossing = _opened(parts, t)
    for source in below:
        parts.neurons[t, source[1]] = {"activation": chosen}
        parts.edges[source, (t, source[1])] = {"weight": 1.0}
    zeros = [((t - 1, 0), (t, j)) for _, j in below if bias]
    zeros += [(below[i - 1], (t, below[j - 1][1])) for i, j in added if i != j]
    parts.edges |= {edge: {"weight": 0.0} for edge in zeros}
    parts.edges |= {((t, i), v): attributes for ((_, i), v), attributes in crossing.items()}
    return parts.network(net.preprocessing)


def _require_untouched(parts: Parts, neuron: Neuron, chosen: Activation) -> None:
    """Raise unless an activation leaves every value of a neuron as it is."""
    identity = ACTIVATIONS["identity"]
    if chosen == identity:
        return
    behind = UNTOUCHED_BEHIND.get(chosen.name, ()) if chosen.name in ACTIVATIONS else ()
    if neuron[0] == 0:
        raise NetworkError(
            f"{chosen.name} would change values of the input {neuron}: behind the inputs the "
            "new layer's activation must be 'identity'",
            node=neuron,
        )
    found = parts.neurons[neuron]["activation"]
    if found not in [ACTIVATIONS[name] for name in behind]:
        raise NetworkError(
            f"{chosen.name} would change values of neuron {neuron}, which has {found.name}: "
            f"expected 'identity', or behind {' and '.join(behind) or 'nothing else'} "
            f"{chosen.name}; set_activation changes it afterwards",
            node=neuron,
        )


def _opened(parts: Parts, t: int) -> tuple[Parts, dict[Edge, Attributes]]:
    """Return the parts with room for a layer t, and the edges that lead over it."""
    moved = parts.moved(lambda neuron: (neuron[0] + (neuron[0] >= t), neuron[1]))
    moved.neurons[t, 0] = {}
    crossing = {(u, v): moved.edges[u, v] for u, v in moved.edges if v[0] - u[0] == 2}
    moved.edges = {edge: moved.edges[edge] for edge in moved.edges.keys() - crossing.keys()}
    return moved, crossing
