"""Edges of small weight taken away."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Literal

from graphnn.errors import NetworkError
from graphnn.functions.choice import unknown_name
from graphnn.graph.network import Network
from graphnn.graph.surgery.parts import Parts
from graphnn.types import Edge

__all__ = ["prune"]

Scope = Literal["network", "layer"]


def prune(
    net: Network,
    fraction: float | None = None,
    *,
    threshold: float | None = None,
    scope: Scope = "network",
    constants: bool = True,
) -> Network:
    """Remove the edges whose weights are smallest in magnitude; neurons stay.

    Edges that are not trainable stay, those of relays among them. Edges that share a weight go
    together or stay together, and count once. `remove_dead` then removes neurons that are left
    without use.

    Args:
        net: The network.
        fraction: The share of the weights that go, rounded to a whole number of them; of equal
            ones those of the first edges in (t, i, j) order. Or
        threshold: Weights smaller than that in magnitude go.
        scope: What a fraction is taken of: all weights of the "network" together, or those of each
            "layer" by themselves (a shared weight belongs to its first edge's).
        constants: Whether edges from constant neurons may go, too.

    Returns:
        The new network.

    Raises:
        NetworkError: If the fraction is not from 0 to 1, or the threshold negative.
        ValueError: If not exactly one of the two is given, or the scope is unknown.

    Example:
        >>> net = Network.dense([4, 8, 3], seed=0)
        >>> prune(net, 0.5)
        Network(layers=[4, 8, 3], edges=33)

    Source: Han, Pool, Tran and Dally, "Learning both Weights and Connections" (2015).
    """
    if (fraction is None) == (threshold is None):
        raise ValueError("prune needs either fraction or threshold=")
    if scope not in ("network", "layer"):
        raise unknown_name("scope", scope, ["network", "layer"])
    parts = Parts.of(net)
    weights = _weights(parts, constants)
    if threshold is not None:
        least = _number("threshold", threshold, math.inf)
        gone = [edges for edges in weights if _size(parts, edges) < least]
    else:
        gone = list(_smallest(parts, weights, _number("fraction", fraction, 1.0), scope))
    for edges in gone:
        for edge in edges:
            del parts.edges[edge]
    return parts.network(net.preprocessing)


def _weights(parts: Parts, constants: bool) -> list[list[Edge]]:
    """Return the edges of each weight that may go, in (t, i, j) order of its first edge."""
    weights: dict[object, list[Edge]] = {}
    kept = set[object]()
    for edge in sorted(parts.edges):
        attributes = parts.edges[edge]
        name = attributes.get("shared")
        weight = edge if name is None else name
        weights.setdefault(weight, []).append(edge)
        if not attributes.get("trainable", True) or (edge[0][1] == 0 and not constants):
            kept.add(weight)
    return [edges for weight, edges in weights.items() if weight not in kept]


def _smallest(
    parts: Parts, weights: Iterable[list[Edge]], fraction: float, scope: Scope
) -> Iterable[list[Edge]]:
    """Yield the edges of the smallest weights."""
    groups: dict[int, list[list[Edge]]] = {}
    for edges in weights:
        groups.setdefault(edges[0][1][0] if scope == "layer" else 0, []).append(edges)
    for group in groups.values():
        ranked = sorted(group, key=lambda edges: _size(parts, edges))
        yield from ranked[: round(fraction * len(ranked))]


def _size(parts: Parts, edges: list[Edge]) -> float:
    return abs(float(parts.edges[edges[0]]["weight"]))


def _number(name: str, number: object, most: float) -> float:
    fine = isinstance(number, Real) and not isinstance(number, bool)
    if not fine or not 0 <= float(number) <= most:  # type: ignore[arg-type]
        wanted = f"a number from 0 to {most:g}" if most < math.inf else "a number of at least 0"
        raise NetworkError(f"{name} is {number!r}, expected {wanted}")
    return float(number)  # type: ignore[arg-type]
