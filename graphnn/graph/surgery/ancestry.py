"""The part of a network that feeds some of its neurons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from graphnn.errors import NetworkError
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.network import Network
from graphnn.graph.surgery.parts import Parts
from graphnn.types import Neuron

__all__ = ["subnetwork"]


def subnetwork(net: Network, outputs: Neuron | Iterable[Neuron]) -> Network:
    """Return the network of what feeds one or several neurons, which become the outputs.

    All inputs stay, so that the same data fit; other neurons keep their numbers. A layer needs a
    neuron: where nothing is of use its first one stays, without edges. The outputs' values are the
    same as in the network to the last bit.

    Of the preprocessing the inputs' part stays, and the outputs' part if all outputs of the network
    were chosen.

    Args:
        net: The network.
        outputs: A neuron `(t, j)`, or several of one layer t >= 1; a hidden layer's will do.

    Returns:
        The new network, of depth t.

    Raises:
        NetworkError: If a neuron does not exist or is an input or a constant, or they are of
            several layers.

    Example:
        >>> net = Network([2, 2, 2])
        >>> net.add_edges_from([((0, 1), (1, 1)), ((1, 1), (2, 1)), ((1, 2), (2, 2))])
        >>> subnetwork(net, (2, 1)).nodes
        NodeView(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 1)))
    """
    parts = Parts.of(net)
    chosen = _chosen(parts, outputs)
    t = chosen[0][0]
    kept = set(chosen)
    for layer in range(t, 0, -1):
        for neuron, edges in parts.into(layer).items():
            if neuron in kept:
                kept |= {u for u, _ in edges}
    parts.neurons = {n: parts.neurons[n] for n in parts.neurons if n[0] < t or n in kept}
    parts.depth = t
    whole = set(chosen) == set(net.neurons(net.depth))
    kept |= set(parts.layer(0))
    return parts.only(kept).network(_preprocessing(net.preprocessing, whole))


def _chosen(parts: Parts, outputs: Neuron | Iterable[Neuron]) -> list[Neuron]:
    """Return the neurons that become the outputs, checked."""
    found: list[Any] = list(outputs)
    if len(found) == 2 and not any(isinstance(part, tuple) for part in found):
        found = [(found[0], found[1])]  # A single neuron, which is a pair.
    if not found:
        raise NetworkError("outputs is empty, expected at least one neuron (t, j)")
    chosen = [parts.neuron(neuron) for neuron in found]
    for neuron in chosen:
        if neuron[0] == 0 or neuron[1] == 0:
            raise NetworkError(
                f"neuron {neuron} is an input or a constant, and nothing feeds it", node=neuron
            )
        if neuron[0] != chosen[0][0]:
            raise NetworkError(
                f"neurons {chosen[0]} and {neuron} are of two layers, expected outputs of one",
                node=neuron,
            )
    return chosen


def _preprocessing(preprocessing: Preprocessing | None, whole: bool) -> Preprocessing | None:
    if preprocessing is None or whole:
        return preprocessing
    return replace(preprocessing, labels=None, target=None, outputs=None)
