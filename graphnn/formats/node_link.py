"""Node-link JSON, as networkx's `node_link_data` and D3 have it.

Written with `edges="edges"`; files that say `links` are read, too. `networkx.node_link_graph(data,
edges="edges")` gives a graph with the nodes `(t, j)` of `net.graph`.

Source: networkx, "JSON" in its reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphnn.collector import paused
from graphnn.errors import FormatError
from graphnn.formats.graphs import of_graph, of_layered, says_layered, to_graph
from graphnn.formats.parts import parsed, require_list, shallow, short
from graphnn.formats.records import known_activations
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

__all__ = ["from_node_link", "from_text", "to_node_link", "to_text"]


@paused()
def to_node_link(network: Network) -> dict[str, Any]:
    """Return a network as node-link data: plain dictionaries, lists, texts and numbers.

    Args:
        network: The network; it is only read.

    Raises:
        FormatError: If a label or activation is none that a file can hold.

    Example:
        >>> net = Network([1, 1])
        >>> net.add_edge((0, 1), (1, 1), 0.5)
        >>> to_node_link(net)["edges"]
        [{'weight': 0.5, 'source': (0, 1), 'target': (1, 1)}]
    """
    import networkx as nx

    data: dict[str, Any] = nx.node_link_data(to_graph(network, lambda n: n), edges="edges")
    return data


@paused()
@shallow()
def from_node_link(data: Any, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of node-link data, or of any directed acyclic graph written so.

    Args:
        data: What `to_node_link` returns, or what `json.load` reads.
        activations: Your own activations that the network uses; they are found by name.

    Raises:
        FormatError: If it is none; the message names the node or edge.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> from_node_link(to_node_link(net)) == net
        True
    """
    if not isinstance(data, dict):
        raise FormatError(f"found {short(data)}, expected an object with nodes and edges")
    if data.get("directed") is not True or data.get("multigraph", False) is not False:
        raise FormatError("the graph is undirected or a multigraph, expected a directed graph")
    header = data.get("graph", {})
    if not isinstance(header, dict):
        raise FormatError(f"graph is {short(header)}, expected an object")
    known = known_activations(activations)
    word = "edges" if "edges" in data else "links"
    nodes = [_node(one) for one in require_list(data.get("nodes"), "nodes")]
    edges = [_edge(one) for one in require_list(data.get(word), word)]
    if says_layered(header):
        return of_layered(header, nodes, edges, known)
    import networkx as nx

    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from((node, dict(attributes)) for node, attributes in nodes)
    for u, v, attributes in edges:
        if u not in graph or v not in graph:
            raise FormatError(f"edge {short(u)} -> {short(v)} has an end that is no node")
        graph.add_edge(u, v, **{str(key): value for key, value in attributes.items()})
    graph.graph |= {key: _ends(header[key]) for key in ("inputs", "outputs") if key in header}
    return of_graph(graph, known)


def to_text(network: Network) -> str:
    """Return node-link JSON text."""
    return json.dumps(to_node_link(network), allow_nan=False)


@shallow()
def from_text(text: str, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of node-link JSON text; of a key that stands twice the last one counts.

    Raises:
        FormatError: If the text is none.
    """
    return from_node_link(parsed(text, repeats=True), activations)


def _node(found: Any) -> tuple[Any, dict[str, Any]]:
    if not isinstance(found, dict) or "id" not in found:
        raise FormatError(f"found the node {short(found)}, expected an object with an id")
    return _name(found["id"]), found


def _edge(found: Any) -> tuple[Any, Any, dict[str, Any]]:
    if not isinstance(found, dict) or not {"source", "target"} <= found.keys():
        raise FormatError(f"found the edge {short(found)}, expected an object with source, target")
    return _name(found["source"]), _name(found["target"]), found


def _name(found: Any) -> Any:
    """Return what a node is called: lists become tuples, which networkx writes as lists."""
    if type(found) is list and len(found) == 2 and type(found[0]) is type(found[1]) is int:
        return (found[0], found[1])
    if isinstance(found, list | tuple):
        return tuple(_name(part) for part in found)
    if found is None or isinstance(found, dict):
        raise FormatError(f"found a node called {short(found)}, expected text, a number or a list")
    return found


def _ends(found: Any) -> list[Any]:
    return [_name(one) for one in require_list(found, "inputs or outputs")]
