"""`save` and `load`: a network as versioned JSON, its weights exact to the last bit.

A file is UTF-8 JSON: `format` and `version`; `layers`, each with the numbers of its neurons and,
from layer 1 on, one activation name for all of them or one for each; `preprocessing`, or null; and
`edges`, each `[t, i, j, weight]` for (t-1, i) -> (t, j), one a line, so that a change of one weight
is a change of one line. Weights are written as the shortest decimal that reads back to the same
bits. A layer's `labels`, if it has any, are pairs `[j, label]`; an edge that is frozen or shares
its weight ends with `{"trainable": ..., "shared": ...}`. Version 2, which has neither, and version
1, which differs in `preprocessing` too, are read as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphnn.collector import paused
from graphnn.errors import FormatError
from graphnn.files import write_atomically
from graphnn.formats.content import as_text, naming, read_bytes
from graphnn.formats.graphs import FORMAT, VERSION
from graphnn.formats.parts import parsed, require_list, require_object, shallow, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.formats.records import (
    MOST_BYTES,
    EdgeRecord,
    NeuronRecord,
    built,
    edge_records,
    known_activations,
    neuron_records,
)
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

__all__ = ["FORMAT", "VERSION", "load", "save"]


def save(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network to a JSON file, atomically.

    Args:
        network: The network, preprocessing included.
        path: The file; an existing one is replaced, and stays as it was if anything fails.

    Raises:
        CompileError: If a weight or activation was replaced through networkx by something wrong.
        FormatError: If two different activations have one name.
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load(save(net, folder + "/net.json")) == net
        True
    """
    return write_atomically(path, to_text(network).encode())


def load(
    path: str | os.PathLike[str],
    activations: Iterable[Activation] = (),
    *,
    max_bytes: int = MOST_BYTES,
) -> Network:
    """Read a network from a JSON file, checking every rule.

    Args:
        path: The file.
        activations: Your own activations that the network uses; they are found by name.
        max_bytes: A larger file is refused unread.

    Raises:
        FormatError: If the file is truncated, too large, of a newer version, or not what `save`
            writes; the message says where.
        OSError: If it cannot be read.
    """
    with naming(path):
        return from_text(as_text(read_bytes(path, max_bytes)), activations)


@paused()
def to_text(network: Network) -> str:
    """Return a network as JSON text."""
    layers = _layers(network)
    lines = [_line(edge) for edge in edge_records(network)]
    head = [
        f'"format": {json.dumps(FORMAT)}',
        f'"version": {VERSION}',
        '"layers": [\n  ' + ",\n  ".join(map(json.dumps, layers)) + "\n ]",
        f'"preprocessing": {json.dumps(to_content(network.preprocessing))}',
        '"edges": [' + ("\n  " + ",\n  ".join(lines) + "\n " if lines else "") + "]",
    ]
    return "{\n " + ",\n ".join(head) + "\n}\n"


@paused()
@shallow()
def from_text(text: str, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of JSON text.

    Raises:
        FormatError: If the text is not what `to_text` writes.
    """
    found = parsed(text)
    version = version_of(found)
    content = require_object(
        found, "the file", ("format", "version", "layers", "preprocessing", "edges")
    )
    known = known_activations(activations)
    neurons = _neurons(require_list(content["layers"], "layers"), known)
    edges = _edges(require_list(content["edges"], "edges"))
    preprocessing = of_content(content["preprocessing"], min(version, 2))
    return built(neurons, edges, known, preprocessing, "edge {}".format)


def version_of(found: Any) -> int:
    """Return the version; raise if this is another format or a newer one, of other keys."""
    header = found if isinstance(found, dict) else {}
    if header.get("format") != FORMAT:
        raise FormatError(f"format is {short(header.get('format'))}, expected {FORMAT!r}")
    version = header.get("version")
    if type(version) is not int or version < 1:
        raise FormatError(f"version is {short(version)}, expected {VERSION}")
    if version > VERSION:
        raise FormatError(
            f"it is of version {short(version)}, and this graphnn reads up to version {VERSION}: "
            "python -m pip install --upgrade graphnn"
        )
    return version


def _layers(network: Network) -> list[dict[str, Any]]:
    records = neuron_records(network)
    layers: list[dict[str, Any]] = [{"neurons": []} for _ in range(network.depth + 1)]
    for (t, j), activation, label in records:
        layer = layers[t]
        if j > 0:
            layer["neurons"].append(j)
        if t > 0 < j:
            layer.setdefault("activation", []).append(activation)
        if label is not None:
            layer.setdefault("labels", []).append([j, label])
    for layer in layers[1:]:
        names = layer["activation"]
        layer["activation"] = names[0] if len(set(names)) == 1 else names
    return layers


def _line(edge: EdgeRecord) -> str:
    (_, i), (t, j), weight, trainable, shared = edge
    ties = [] if trainable and shared is None else [{"trainable": trainable, "shared": shared}]
    return json.dumps([t, i, j, weight, *ties])


def _neurons(layers: Sequence[Any], known: Mapping[str, Activation]) -> list[NeuronRecord]:
    """Return the neurons, numbered as they are in the file."""
    if len(layers) < 2:
        raise FormatError(f"found {len(layers)} layers, expected at least two")
    records: list[NeuronRecord] = []
    for t, found in enumerate(layers):
        keys = ("neurons",) if t == 0 else ("neurons", "activation")
        labelled = isinstance(found, dict) and "labels" in found
        layer = require_object(found, f"layer {t}", (*keys, "labels") if labelled else keys)
        numbers = require_list(layer["neurons"], f"the neurons of layer {t}")
        names: Any = [None] * len(numbers)
        if t > 0:
            names = layer["activation"]
            names = names if isinstance(names, list) else [names] * len(numbers)
            if len(names) != len(numbers):
                raise FormatError(
                    f"layer {t} has {len(names)} activations for {len(numbers)} neurons"
                )
            names = [_activation(name, t, known) for name in names]
        labels = _labels(layer.get("labels", []), t, numbers)
        if 0 in labels:
            records.append(NeuronRecord((t, 0), None, labels[0]))
        records += [
            NeuronRecord((t, j), name, labels.get(j) if type(j) is int else None)
            for j, name in zip(numbers, names, strict=True)
        ]
    return records


def _labels(found: Any, t: int, numbers: Sequence[Any]) -> dict[int, Any]:
    """Return the labels of a layer's neurons by their numbers."""
    labels: dict[int, Any] = {}
    there = {0, *(j for j in numbers if type(j) is int)}
    for pair in require_list(found, f"the labels of layer {t}"):
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not int:
            raise FormatError(f"layer {t} has the label {short(pair)}, expected [j, label]")
        if pair[0] not in there or pair[0] in labels:
            raise FormatError(f"layer {t} has a label of {short(pair[0])}: no neuron, or twice")
        labels[pair[0]] = pair[1]
    return labels


def _activation(name: Any, t: int, known: Mapping[str, Activation]) -> str:
    if not isinstance(name, str) or name not in known:
        raise FormatError(
            f"layer {t} uses the activation {short(name)}, expected one of {sorted(known)}; give "
            "your own to load(path, activations=[...])"
        )
    return name


def _edges(edges: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    for number, edge in enumerate(edges):
        if not isinstance(edge, list) or [type(part) for part in edge[:3]] != [int] * 3:
            raise FormatError(f"edge {number} is {short(edge)}, expected [t, i, j, weight]")
        if len(edge) not in (4, 5) or type(edge[3]) not in (float, int):
            raise FormatError(f"edge {number} is {short(edge)}, expected [t, i, j, weight]")
        t, i, j, weight, *ties = edge
        if not ties:
            yield (t - 1, i), (t, j), weight
            continue
        more = require_object(ties[0], f"edge {number}", ("trainable", "shared"))
        yield (t - 1, i), (t, j), weight, more["trainable"], more["shared"]
