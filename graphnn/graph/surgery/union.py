"""Two networks made one: side by side, or one behind the other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeAlias

from graphnn.errors import NetworkError
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.network import Network, require_network
from graphnn.graph.surgery.parts import Attributes, Parts
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["beside", "in_series"]

Rename: TypeAlias = tuple[str | None, str | None]
"""What is put before the labels and shared names of the first and the second network."""


def beside(
    a: Network, b: Network, *, share_inputs: bool = False, rename: Rename = (None, None)
) -> Network:
    """Put two networks side by side: the outputs are a's, then b's.

    Neurons of `a` keep their numbers, those of `b` follow them in each layer. In the shallower
    network the inputs' values first go through layers of relays (identity, weight 1, not
    trainable), so that its outputs stand in the last layer, too. Both parts compute the same as
    before to the last bit.

    Args:
        a: A network.
        b: Another one, or the same.
        share_inputs: Whether both have the same inputs; else b's follow a's.
        rename: Prefixes for the labels and shared names of `a` and `b`, as networkx's `union` has
            them; a label that is no string becomes one.

    Returns:
        The new network.

    Raises:
        NetworkError: If both have a label or a shared name (the two sets of edges would be tied
            without a word; an input that is shared may have one label in both), inputs that are
            shared differ in number, or a network has preprocessing, which is fitted to its own
            columns.

    Example:
        >>> a, b = Network.dense([2, 3, 1]), Network.dense([2, 4, 4, 2])
        >>> beside(a, b, share_inputs=True).layers
        (2, 6, 7, 3)
    """
    first, second = _both(a, b, rename)
    depth = max(first.depth, second.depth)
    first, second = _deeper(first, depth), _deeper(second, depth)
    if share_inputs:
        _require_as_many(a.layers[0], b.layers[0], "inputs")
    inputs = dict(zip(second.layer(0), first.layer(0), strict=False)) if share_inputs else {}
    behind = [first.free(t)[1] - 1 for t in range(depth + 1)]

    def place(neuron: Neuron) -> Neuron:
        t, j = neuron
        return inputs.get(neuron, (t, j + behind[t] if j else 0))

    return _joined(first, second.moved(place))


def in_series(a: Network, b: Network, *, rename: Rename = (None, None)) -> Network:
    """Put one network behind another: the outputs of `a` are the inputs of `b`.

    The neurons of `a` keep their places, those of `b` keep their numbers in layers that follow.
    The outputs of `a` keep their activations; they keep their labels, or take those of the inputs
    of `b` where they have none. The network computes b(a(x)) to the last bit.

    Args:
        a: A network.
        b: A network with as many inputs as `a` has outputs.
        rename: As for `beside`.

    Returns:
        The new network.

    Raises:
        NetworkError: If the numbers do not fit, or as for `beside`.

    Example:
        >>> in_series(Network.dense([4, 2]), Network.dense([2, 5, 1])).layers
        (4, 2, 5, 1)
    """
    first, second = _both(a, b, rename)
    _require_as_many(
        a.layers[-1], b.layers[0], "outputs of the first and inputs of the second network"
    )
    joint = dict(zip(second.layer(0), first.layer(first.depth), strict=True))

    def place(neuron: Neuron) -> Neuron:
        return joint.get(neuron, (neuron[0] + first.depth, neuron[1]))

    return _joined(first, second.moved(place))


def _both(a: Network, b: Network, rename: Rename) -> tuple[Parts, Parts]:
    for word, net in ("first", a), ("second", b):
        require_network(net)
        if net.preprocessing is not None:
            raise NetworkError(
                f"the {word} network has preprocessing, which is fitted to its own inputs and "
                "outputs: join a copy with net.preprocessing = None"
            )
    first, second = rename
    return _renamed(Parts.of(a), first), _renamed(Parts.of(b), second)


def _renamed(parts: Parts, prefix: str | None) -> Parts:
    if prefix is not None:
        for attributes in parts.neurons.values():
            if attributes.get("label") is not None:
                attributes["label"] = f"{prefix}{attributes['label']}"
        for attributes in parts.edges.values():
            if attributes.get("shared") is not None:
                attributes["shared"] = f"{prefix}{attributes['shared']}"
    return parts


def _deeper(parts: Parts, depth: int) -> Parts:
    """Return the parts moved up to a depth, the inputs' values led there by relays."""
    steps = depth - parts.depth
    if not steps:
        return parts
    moved = parts.moved(lambda neuron: (neuron[0] + steps, neuron[1]))
    used = {u for u, _ in parts.edges}
    for _, j in parts.layer(0):
        del moved.neurons[steps, j]
        moved.neurons[0, j] = parts.neurons[0, j]
        for t in range(1, steps + 1) if (0, j) in used else ():
            moved.neurons[t, j] = {"activation": ACTIVATIONS["identity"]}
            moved.edges[(t - 1, j), (t, j)] = {"weight": 1.0, "trainable": False}
    for t in range(steps):
        moved.neurons[t, 0] = {}
    return moved


def _joined(first: Parts, second: Parts) -> Network:
    """Return the network of two parts; neurons that are in both are one."""
    neurons = dict(second.neurons)
    for neuron, attributes in first.neurons.items():
        own = {word: value for word, value in attributes.items() if value is not None}
        neurons[neuron] = neurons.get(neuron, {}) | own
    edges = second.edges | first.edges
    _require_labels_apart(first.neurons, neurons)
    _require_names_apart(first.edges, second.edges)
    depth = max(first.depth, second.depth)
    return Parts(depth, neurons, edges, second.graph | first.graph).network()


ADVICE = "rename=('a ', 'b ') puts a prefix before the labels and shared names of each"


def _require_labels_apart(
    first: Mapping[Neuron, Attributes], neurons: Mapping[Neuron, Attributes]
) -> None:
    taken: dict[Hashable, Neuron] = {}
    for neuron in [*first, *(neuron for neuron in neurons if neuron not in first)]:
        label = neurons[neuron].get("label")
        if label is not None and taken.setdefault(label, neuron) != neuron:
            raise NetworkError(
                f"neuron {taken[label]} has the label {label!r}, and so has one of the second "
                f"network, which would become {neuron}: {ADVICE}",
                node=taken[label],
            )


def _require_names_apart(
    first: Mapping[Edge, Attributes], second: Mapping[Edge, Attributes]
) -> None:
    taken = {edge["shared"]: ends for ends, edge in first.items() if edge.get("shared") is not None}
    for edge in second.values():
        ends = taken.get(edge.get("shared"))
        if ends is not None:
            raise NetworkError(
                f"edge {edge_name(*ends)} shares its weight as {edge['shared']!r}, and so do edges "
                f"of the second network, which would be tied to it: {ADVICE}",
                edge=ends,
            )


def _require_as_many(a: int, b: int, what: str) -> None:
    if a != b:
        raise NetworkError(f"found {a} and {b} {what}, expected as many of both")
