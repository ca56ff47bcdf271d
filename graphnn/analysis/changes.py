"""What training did to the weights."""

from __future__ import annotations

from graphnn.errors import NetworkError
from graphnn.graph.network import Network
from graphnn.types import Edge, edge_name

__all__ = ["weight_changes"]


def weight_changes(before: Network, after: Network) -> dict[Edge, float]:
    """Return how much the weight of each edge changed from one network to another.

    Args:
        before: A network; it is only read.
        after: One of the same edges, such as a copy that was trained.

    Raises:
        NetworkError: If their edges differ; one that only one has is named.

    Example:
        >>> before = Network.from_matrices([[[0.5], [2.0]]])
        >>> after = before.copy()
        >>> after.set_weight((0, 1), (1, 1), 2.25)
        >>> weight_changes(before, after)
        {((0, 0), (1, 1)): 0.0, ((0, 1), (1, 1)): 0.25}
    """
    weights = [_weights(before), _weights(after)]
    for edge in sorted(weights[0].keys() ^ weights[1].keys()):
        which = "first" if edge in weights[0] else "second"
        raise NetworkError(
            f"only the {which} network has the edge {edge_name(*edge)}, expected the same edges",
            edge=edge,
        )
    return {edge: weights[1][edge] - weight for edge, weight in sorted(weights[0].items())}


def _weights(network: Network) -> dict[Edge, float]:
    edges = network.graph.edges(data=True)
    return {(u, v): float(attributes["weight"]) for u, v, attributes in edges}
