"""`Groups`: which edges share one weight, by the name that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphnn.errors import NetworkError
from graphnn.types import Edge, Neuron, edge_name

__all__ = ["Groups", "checked_name", "checked_switch", "require_agreement", "spelt_out"]


class Groups:
    """The edges of every shared name; a name without edges is none."""

    def __init__(self, edges: dict[str, dict[Edge, None]] | None = None) -> None:
        self._edges = edges or {}

    def edges(self, name: str) -> tuple[Edge, ...]:
        """Return the edges that carry a name, in the order in which they took it."""
        return tuple(self._edges.get(name, ()))

    def first(self, name: str | None) -> Edge | None:
        """Return the edge that took a name first, or None."""
        return next(iter(self._edges.get(name, ())), None) if name is not None else None

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(self._edges)

    def add(self, name: str, edge: Edge) -> None:
        """Note that an edge carries a name."""
        self._edges.setdefault(name, {})[edge] = None

    def remove(self, name: str | None, edge: Edge) -> None:
        """Note that an edge carries a name no longer."""
        edges = self._edges.get(name, {}) if name is not None else {}
        edges.pop(edge, None)
        if name is not None and not edges:
            self._edges.pop(name, None)

    def copy(self) -> Groups:
        """Return an independent copy."""
        return Groups({name: dict(edges) for name, edges in self._edges.items()})


def require_agreement(
    edge: Edge, attributes: Mapping[str, Any], other: Edge, others: Mapping[str, Any]
) -> None:
    """Raise if an edge and another of its group differ in weight or in being trainable.

    Raises:
        NetworkError: It names both edges.
    """
    for word in ("weight", "trainable"):
        mine, theirs = attributes.get(word, True), others.get(word, True)
        if mine != theirs:
            raise NetworkError(
                f"edge {edge_name(*edge)} has {word} {mine!r} and edge {edge_name(*other)}, which "
                f"shares {attributes['shared']!r} with it, has {theirs!r}: edges of one shared "
                f"name agree; set_{word} sets it for all of them",
                edge=edge,
            )


def spelt_out(edge: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edge's weight, and of the rest what is not as it is by default."""
    attributes: dict[str, Any] = {"weight": edge["weight"]}
    if not edge.get("trainable", True):
        attributes["trainable"] = False
    if edge.get("shared") is not None:
        attributes["shared"] = edge["shared"]
    return attributes


def checked_switch(u: Neuron, v: Neuron, trainable: object) -> bool:
    """Return whether an edge is trainable, as a plain bool."""
    if isinstance(trainable, bool):
        return trainable
    if type(trainable).__name__ == "bool" and hasattr(trainable, "item"):  # NumPy's
        return bool(trainable)
    raise NetworkError(
        f"edge {edge_name(u, v)} has trainable {trainable!r}, expected True or False", edge=(u, v)
    )


def checked_name(u: Neuron, v: Neuron, shared: object) -> str | None:
    """Return the name that an edge shares its weight by, or None."""
    if shared is None or (isinstance(shared, str) and shared):
        return None if shared is None else str(shared)
    raise NetworkError(
        f"edge {edge_name(u, v)} has shared {shared!r}, expected None or a name: all edges of one "
        "name carry one weight",
        edge=(u, v),
    )
