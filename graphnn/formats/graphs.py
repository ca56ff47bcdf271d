"""A network as the nodes and edges of a plain graph, as formats for graphs write it, and back.

Nodes are the neurons, the constant ones among them, each with its `layer`, `activation` and
`label`; edges have `weight` and, where they are not as by default, `trainable` and `shared`. The
graph itself says `format`, `version` and `preprocessing` (as JSON text). A graph that says no such
format is any directed acyclic graph, which `Network.from_networkx` reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from graphnn.errors import DataError, FormatError, NetworkError
from graphnn.formats.parts import cut, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.formats.records import (
    LONGEST,
    MOST_NEURONS,
    NeuronRecord,
    built,
    edge_records,
    neuron_records,
)
from graphnn.functions.activations import Activation
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.dag import from_dag
from graphnn.graph.network import Network
from graphnn.types import Neuron

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "FORMAT",
    "VERSION",
    "of_graph",
    "of_layered",
    "preprocessing_of",
    "says_layered",
    "to_graph",
]

FORMAT = "graphnn-network"
VERSION = 3
Nodes: TypeAlias = Iterable[tuple[Any, Mapping[str, Any]]]
Edges: TypeAlias = Iterable[tuple[Any, Any, Mapping[str, Any]]]


def to_graph(network: Network, name: Callable[[Neuron], Any]) -> nx.DiGraph[Any]:
    """Return a network as a plain graph whose nodes are called as a format can write them.

    Raises:
        FormatError: If a label or activation is none that a file can hold.
        NetworkError: If an attribute was replaced through networkx by something wrong.
    """
    import networkx as nx

    neurons, edges = neuron_records(network), edge_records(network)
    graph: nx.DiGraph[Any] = nx.DiGraph(format=FORMAT, version=VERSION)
    if network.preprocessing is not None:
        graph.graph["preprocessing"] = json.dumps(to_content(network.preprocessing))
    graph.add_nodes_from((name((t, 0)), {"layer": t}) for t in range(network.depth))
    for neuron, activation, label in neurons:
        node = name(neuron)
        graph.add_node(node, layer=neuron[0])
        if activation is not None:
            graph.nodes[node]["activation"] = activation
        if label is not None:
            graph.nodes[node]["label"] = label
    graph.add_edges_from((name(one.u), name(one.v), one.attributes()) for one in edges)
    return graph


def says_layered(header: Mapping[str, Any]) -> bool:
    """Return whether a graph says that it is a network as `to_graph` writes it.

    Raises:
        FormatError: If it is one of a newer version.
    """
    if header.get("format") != FORMAT:
        return False
    version = header.get("version")
    if type(version) is not int or not 3 <= version <= VERSION:
        raise FormatError(
            f"it is of version {short(version)}, and this graphnn reads version {VERSION}: "
            "python -m pip install --upgrade graphnn"
        )
    return True


def of_layered(
    header: Mapping[str, Any],
    nodes: Nodes,
    edges: Edges,
    known: Mapping[str, Activation],
    place: Callable[[int], str] | None = None,
) -> Network:
    """Return the network of nodes `(t, j)` and edges as `to_graph` writes them.

    The k-th edge stands at `place(k)` of the file, for messages.

    Raises:
        FormatError: If it is none; the message names the neuron or edge.
    """
    records = []
    for neuron, attributes in nodes:
        found = attributes.get("activation"), attributes.get("label")
        records.append(NeuronRecord(neuron, *found))
    each = (
        (u, v, data.get("weight"), data.get("trainable", True), data.get("shared"))
        for u, v, data in edges
    )
    return built(records, each, known, preprocessing_of(header), place)


def of_graph(graph: nx.DiGraph[Any], known: Mapping[str, Activation]) -> Network:
    """Return the network of any directed acyclic graph.

    Raises:
        FormatError: If it has a cycle, or an attribute is wrong.
    """
    try:
        for node, attributes in graph.nodes(data=True):
            name = attributes.get("activation")
            if name is not None and (not isinstance(name, str) or name not in known):
                raise FormatError(
                    f"node {short(node)} has the activation {short(name)}, expected one of "
                    f"{sorted(known)}; your own go into activations=[...]"
                )
            if name is not None:
                attributes["activation"] = known[name]
        return from_dag(graph, None, None, "sigmoid", relays=True, most=MOST_NEURONS)
    except (NetworkError, DataError) as error:
        raise FormatError(cut(str(error), LONGEST)) from None


def preprocessing_of(header: Mapping[Any, Any]) -> Preprocessing | None:
    """Return the preprocessing that stands as JSON text in a graph's or table's attributes.

    Raises:
        FormatError: If it is none.
    """
    text = header.get("preprocessing")
    if text is None:
        return None
    try:
        return of_content(json.loads(text), 2)
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(cut(f"preprocessing is {short(text)}: {error}", LONGEST)) from None
