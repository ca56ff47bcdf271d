"""Relays: neurons that hand on another neuron's value to the next layer, for edges that skip some.

A relay is known by what it is, not by a mark: a neuron with the identity activation and without a
label, whose one incoming edge leads from a neuron that is not constant, has the weight 1, is not
trainable and shares its weight with no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphnn.functions.activations import ACTIVATIONS
from graphnn.types import Neuron

if TYPE_CHECKING:
    from graphnn.graph.network import Network

__all__ = ["relays"]


def relays(network: Network) -> dict[Neuron, Neuron]:
    """Return every relay with the neuron whose value it hands on, itself no relay.

    Example:
        >>> import networkx as nx
        >>> from graphnn.graph.network import Network
        >>> dag = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
        >>> relays(Network.from_networkx(dag, ["x"], ["y"]))
        {(1, 2): (0, 1)}
    """
    found: dict[Neuron, Neuron] = {}
    graph, identity = network.graph, ACTIVATIONS["identity"]
    attributes_of, below = graph.nodes, dict(graph.pred.items())
    for t in range(1, network.depth + 1):
        for neuron in network.neurons(t):
            attributes = attributes_of[neuron]
            if len(below[neuron]) != 1 or attributes.get("label") is not None:
                continue
            ((source, edge),) = below[neuron].items()
            hands_on = edge.get("weight") == 1 and edge.get("trainable") is False
            alone = edge.get("shared") is None and source[1] != 0
            if hands_on and alone and attributes.get("activation") == identity:
                found[neuron] = found.get(source, source)
    return found
