"""Weighted edge lists: a line `u v weight` for each edge, as many tools read and write them.

Neurons are called `t,j`. What such a line cannot say stands in comments, which other readers skip:
`# graphnn-network 3`, then `# edges` with their number, by which a file that was cut off is known,
`# neuron [t, j, activation, label]`, `# edge [[t, i], [t, j], trainable, shared]` for edges that
are frozen or share a weight, and `# preprocessing {...}`. A file without the first comment is any
directed acyclic graph.

Source: networkx, `write_weighted_edgelist` and `read_weighted_edgelist`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphnn.collector import paused
from graphnn.errors import FormatError
from graphnn.formats.graphml import Neurons
from graphnn.formats.graphs import FORMAT, VERSION, of_graph, of_layered, says_layered
from graphnn.formats.parts import parsed, shallow, short
from graphnn.formats.preprocessing import to_content
from graphnn.formats.records import (
    as_edge,
    edge_records,
    known_activations,
    neuron_records,
)
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["from_text", "to_text"]


@paused()
def to_text(network: Network) -> str:
    """Return a network as the text of a weighted edge list.

    Example:
        >>> net = Network([1, 1], activation="tanh")
        >>> net.add_edge((0, 1), (1, 1), 0.5)
        >>> print(to_text(net), end="")
        # graphnn-network 3
        # edges 1
        # neuron [0, 1, null, null]
        # neuron [1, 1, "tanh", null]
        0,1 1,1 0.5
    """
    neurons, edges = neuron_records(network), edge_records(network)
    lines = [f"# {FORMAT} {VERSION}", f"# edges {len(edges)}"]
    if network.preprocessing is not None:
        lines.append(f"# preprocessing {json.dumps(to_content(network.preprocessing))}")
    for neuron, activation, label in neurons:
        lines.append(f"# neuron {json.dumps([*neuron, activation, label])}")
    for u, v, _, trainable, shared in edges:
        if not trainable or shared is not None:
            lines.append(f"# edge {json.dumps([u, v, trainable, shared])}")
    lines += [f"{u[0]},{u[1]} {v[0]},{v[1]} {weight!r}" for u, v, weight, _, _ in edges]
    return "\n".join(lines) + "\n"


@paused()
@shallow()
def from_text(text: str, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of an edge list, or of any directed acyclic graph written so.

    Raises:
        FormatError: If it is none; the message says in which line.
    """
    import networkx as nx

    header: dict[str, Any] = {}
    nodes: list[tuple[Any, dict[str, Any]]] = []
    ties: dict[Any, dict[str, Any]] = {}
    edges: list[tuple[str, str, dict[str, Any]]] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"line {number}"
        if line.startswith("#"):
            _comment(line[1:].strip(), place, header, nodes, ties)
            continue
        parts = line.split("#")[0].split()
        if parts:
            edges.append(_edge(parts, place))
            lines.append(number)
    known = known_activations(activations)
    if not says_layered(header):
        graph: nx.DiGraph[Any] = nx.DiGraph()
        graph.add_edges_from(edges)
        if len(graph.edges) != len(edges):
            raise FormatError("the file has an edge twice")
        return of_graph(graph, known)
    _require_whole(text, header, len(edges))
    placed = _placed(edges, lines)
    for u, v, data in placed:
        data.update(ties.pop((u, v), {}) if ties else {})
    if ties:
        raise FormatError(f"a comment is on the edge {short(next(iter(ties)))}, which is absent")
    return of_layered(header, nodes, placed, known, lambda k: f"line {lines[k]}")


def _require_whole(text: str, header: dict[str, Any], edges: int) -> None:
    """Raise if a file whose head says how many edges there are has been cut off."""
    expected = header.get("edges")
    if expected is None:
        return
    if expected != str(edges):
        raise FormatError(
            f"the line '# edges' says {short(expected)}, found {edges} edges: the file was cut "
            "off, or changed without this number"
        )
    if not text.endswith("\n"):
        raise FormatError("the last line has no end: the file was cut off")


def _placed(
    edges: list[tuple[str, str, dict[str, Any]]], lines: list[int]
) -> list[tuple[Neuron, Neuron, dict[str, Any]]]:
    """Return edges with their ends as neurons."""
    neurons = Neurons()
    placed = []
    for number, (u, v, data) in zip(lines, edges, strict=True):
        try:
            placed.append((neurons[u], neurons[v], data))
        except FormatError as error:
            raise FormatError(f"line {number}: {error}") from None
    return placed


def _comment(
    words: str,
    place: str,
    header: dict[str, Any],
    nodes: list[tuple[Any, dict[str, Any]]],
    ties: dict[Any, dict[str, Any]],
) -> None:
    """Take in a comment that means something; others mean nothing."""
    word, _, rest = words.partition(" ")
    if word == FORMAT:
        version = rest[:9]
        header |= {"format": FORMAT, "version": int(version) if version.isdecimal() else version}
    if "format" not in header or word not in ("preprocessing", "edges", "neuron", "edge"):
        return
    if word in ("preprocessing", "edges"):
        header[word] = rest
        return
    try:
        found = parsed(rest)
    except FormatError as error:
        raise FormatError(f"{place}: {error}") from None
    if not isinstance(found, list) or len(found) != 4:
        raise FormatError(f"{place}: found {short(found)}, expected a list of four")
    if word == "neuron":
        t, j, activation, label = found
        nodes.append(((t, j), {"activation": activation, "label": label}))
        return
    u, v, trainable, shared = found
    try:
        ties[as_edge(u, v)] = {"trainable": trainable, "shared": shared}
    except TypeError:
        raise FormatError(f"{place}: found {short(found)}, expected an edge") from None


def _edge(parts: list[str], place: str) -> tuple[str, str, dict[str, Any]]:
    if len(parts) not in (2, 3):
        raise FormatError(f"{place}: found {len(parts)} words, expected u v weight")
    try:
        weight = float(parts[2]) if len(parts) == 3 else 1.0
    except ValueError:
        raise FormatError(
            f"{place}: found the weight {short(parts[2])}, expected a number"
        ) from None
    return parts[0], parts[1], {"weight": weight}
