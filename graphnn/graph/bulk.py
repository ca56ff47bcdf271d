"""`insert_edges`: many edges at once, each held to the rules of a single one.

A network is built by millions of edges, and most of what `Network.add_edge` takes for one is the
way there and networkx's own: here one loop checks each edge and puts it into the graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any

from graphnn.graph import rules
from graphnn.graph.groups import Groups, checked_name, checked_switch, require_agreement
from graphnn.graph.neurons import Neurons
from graphnn.types import Edge, Neuron

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["insert_edges", "join_group"]


def insert_edges(  # noqa: C901 - a call for each edge would cost as much as all its checks
    graph: nx.DiGraph[Neuron],
    neurons: Neurons,
    groups: Groups,
    edges: Iterable[tuple[Any, Any, Any, Any, Any]],
) -> int:
    """Put edges into a graph: all of them, or none if one breaks a rule.

    Args:
        graph: The graph, changed in place.
        neurons: Its neurons.
        groups: Its groups of edges that share a weight, changed likewise.
        edges: Each as (u, v, weight, trainable, shared). What is raised while they are iterated
            over takes back those before it.

    Returns:
        How many there were.

    Raises:
        NetworkError: As `Network.add_edge`, for the first edge that breaks a rule.
    """
    # networkx's own dictionaries, which its edges are: add_edge takes thrice the time.
    below, above, plain = graph._succ, graph._pred, neurons.plain  # type: ignore[attr-defined]  # noqa: SLF001
    sources: list[Neuron] = []
    targets: list[Neuron] = []
    try:
        for u, v, weight, trainable, shared in edges:
            try:
                source, target = plain[u], plain[v]
            except (KeyError, TypeError):
                source, target = neurons.find(u), neurons.find(v)  # One of the two raises.
            if source[0] + 1 != target[0] or target[1] == 0:
                raise rules.wrong_layers(source, target)
            if type(weight) is not float:
                weight = rules.real_weight(source, target, weight)  # noqa: PLW2901
            if not isfinite(weight):
                raise rules.not_finite(source, target, weight)
            row = below[source]
            if target in row:
                raise rules.duplicate(source, target)
            attributes = {"weight": weight, "trainable": True, "shared": None}
            if trainable is not True or shared is not None:
                if trainable is not True:
                    attributes["trainable"] = checked_switch(source, target, trainable)
                if shared is not None:
                    name = checked_name(source, target, shared)
                    join_group(graph, groups, (source, target), attributes, name)
            # Noted before it is done, so that whatever happens between the two is undone.
            sources.append(source)
            targets.append(target)
            row[target] = above[target][source] = attributes
    except BaseException:
        _take_back(graph, groups, sources, targets)
        raise
    graph.add_edges_from(())  # Clears what networkx keeps for graphs that did not change.
    return len(targets)


def join_group(
    graph: nx.DiGraph[Neuron],
    groups: Groups,
    edge: Edge,
    attributes: dict[str, Any],
    name: str | None,
) -> None:
    """Let an edge take a shared name if the others of that name agree with it.

    Raises:
        NetworkError: If they do not.
    """
    other = groups.first(name)
    if other is not None:
        theirs: Any = graph.get_edge_data(*other)
        # Looked at first, since there may be millions of these.
        mine = attributes.get("weight"), attributes.get("trainable", True)
        if (theirs.get("weight"), theirs.get("trainable", True)) != mine:
            require_agreement(edge, attributes | {"shared": name}, other, theirs)
    attributes["shared"] = name
    if name is not None:
        groups.add(name, edge)


def _take_back(
    graph: nx.DiGraph[Neuron], groups: Groups, sources: list[Neuron], targets: list[Neuron]
) -> None:
    edges = list(zip(sources, targets, strict=False))
    below, above = graph._succ, graph._pred  # type: ignore[attr-defined]  # noqa: SLF001
    for u, v in edges:
        attributes = below[u].pop(v, None)
        above[v].pop(u, None)
        if attributes is not None:
            groups.remove(attributes["shared"], (u, v))
    graph.add_edges_from(())
