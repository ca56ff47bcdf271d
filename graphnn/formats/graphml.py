"""GraphML: XML that networkx, Gephi, yEd, Cytoscape and igraph read.

Nodes are called `t,j`. Files with a document type, and so all entities of their own, are refused
before anything is built.

Source: Brandes, Eiglsperger, Lerner and Pich, "Graph Markup Language (GraphML)" (2013).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from graphnn.errors import FormatError
from graphnn.formats.graphs import of_graph, of_layered, says_layered, to_graph
from graphnn.formats.parts import parsed, shallow, short
from graphnn.formats.records import known_activations
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["Neurons", "from_text", "to_text"]

DEEPEST = 16
"""GraphML's elements nest five deep; nested graphs, which are none of ours, more."""
NAME = re.compile(r"(0|[1-9]\d{0,8}),(0|[1-9]\d{0,8})")


class Neurons(dict[str, Neuron]):
    """The neuron of each name: looked at once, however many edges it has.

    Example:
        >>> Neurons()["1,2"]
        (1, 2)
    """

    def __missing__(self, name: str) -> Neuron:
        found = NAME.fullmatch(name) if isinstance(name, str) else None
        if found is None:
            raise FormatError(f"found the node {short(name)}, expected a neuron as 1,2")
        neuron = self[name] = int(found[1]), int(found[2])
        return neuron


def to_text(network: Network) -> str:
    """Return a network as GraphML text.

    A label or shared name that is no text of XML or number, such as a tuple, stands as JSON in
    `label_json` or `shared_json`.

    Raises:
        FormatError: If a label is none that a file can hold, or XML has not the characters of an
            activation's name.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> from_text(to_text(net)) == net
        True
    """
    import networkx as nx

    graph = to_graph(network, lambda neuron: f"{neuron[0]},{neuron[1]}")
    for node, attributes in graph.nodes(data=True):
        if not _is_of_xml(attributes.get("activation", "none")):
            name = short(attributes["activation"])
            raise FormatError(f"neuron {node} has the activation {name}, which XML cannot hold")
        _encode(attributes, "label")
    for _, _, attributes in graph.edges(data=True):
        _encode(attributes, "shared")
    target = io.BytesIO()
    nx.write_graphml_xml(graph, target)
    return target.getvalue().decode()


@shallow()
def from_text(text: str, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of GraphML text, or of any directed acyclic graph written so.

    Raises:
        FormatError: If it is none, has a document type, or breaks a rule.
    """
    import networkx as nx

    _require_harmless(text)
    try:
        graph: Any = nx.parse_graphml(text, force_multigraph=False)
    except (
        nx.NetworkXException, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
        SyntaxError,  # ElementTree's ParseError is one.
    ) as error:  # fmt: skip
        raise FormatError(f"it is no GraphML: {short(str(error))}") from None
    if not graph.is_directed() or graph.is_multigraph():
        raise FormatError("the graph is undirected or a multigraph, expected a directed graph")
    # networkx keeps the defaults of keys aside.
    for name, each in (("node_default", graph.nodes), ("edge_default", graph.edges)):
        default = graph.graph.pop(name, {})
        for one in each if default else ():
            each[one].update({**default, **each[one]})
    known = known_activations(activations)
    if not says_layered(graph.graph):
        return of_graph(graph, known)
    neurons = Neurons()
    nodes = ((neurons[node], _decoded(data, "label")) for node, data in graph.nodes(data=True))
    edges = ((neurons[u], neurons[v], _decoded(d, "shared")) for u, v, d in graph.edges(data=True))
    return of_layered(graph.graph, nodes, edges, known)


def _encode(attributes: dict[str, Any], name: str) -> None:
    """Write an attribute as JSON if GraphML has not its like."""
    found = attributes.get(name, "none")
    whole = isinstance(found, int) and abs(found) < 2**63
    if not (whole or isinstance(found, float) or (isinstance(found, str) and _is_of_xml(found))):
        attributes[f"{name}_json"] = json.dumps(attributes.pop(name))


def _decoded(attributes: dict[str, Any], name: str) -> dict[str, Any]:
    """Return attributes whose one that was written as JSON is what it was."""
    text = attributes.get(f"{name}_json")
    if text is None:
        return attributes
    if not isinstance(text, str) or name in attributes:
        raise FormatError(f"found {name}_json as {short(text)}, expected JSON text and no {name}")
    return {**attributes, name: parsed(text)}


def _is_of_xml(text: str) -> bool:
    """Return whether XML 1.0 has all the characters, and gives them back as they are."""
    return not re.search(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text) and (
        text == text.strip() != ""
    )


def _require_harmless(text: str) -> None:
    """Raise if XML has a document type, nests deeply, or has a key of no type.

    Raises:
        FormatError: It says where.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise FormatError(f"line {parser.CurrentLineNumber}: elements nest too deeply")
        if (
            name.rpartition(" ")[2] == "key"
            and not {"attr.type", "yfiles.type"} & attributes.keys()
        ):
            raise FormatError(
                f"line {parser.CurrentLineNumber}: the key {short(attributes.get('id'))} has no "
                "attr.type, expected boolean, int, long, float, double or string"
            )

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise FormatError(
            f"line {parser.CurrentLineNumber}: it has a document type (DOCTYPE), which is not read"
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        raise FormatError(f"it is no XML: {error}") from None
