"""`save` and `load`: a network as versioned JSON, its weights exact to the last bit.

A file is UTF-8 JSON: `format` and `version`; `layers`, each with the numbers of its neurons and,
from layer 1 on, one activation name for all of them or one for each; `preprocessing`, or null; and
`edges`, each `[t, i, j, weight]` for (t-1, i) -> (t, j), one a line, so that a change of one weight
is a change of one line. Weights are written as the shortest decimal that reads back to the same
bits. Version 1, which differs in `preprocessing` alone, is read too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphnn.errors import DataError, FormatError, NetworkError
from graphnn.files import write_atomically
from graphnn.formats.parts import require_list, require_object, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.functions.activations import ACTIVATIONS, Activation, resolve_activation
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["FORMAT", "VERSION", "load", "save"]

FORMAT = "graphnn-network"
VERSION = 2
MOST_BYTES = 2**26
MOST_NEURONS = 1_000_000
"""What is read by default: read and built, such files take one to two gigabytes of memory."""


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
    with open(path, "rb") as file:
        data = file.read(max_bytes + 1)
    try:
        if len(data) > max_bytes:
            raise FormatError(f"it has more than {max_bytes} bytes; max_bytes= allows more")
        return from_text(data.decode("utf-8"), activations)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: it is no UTF-8 text: {error}") from None
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def to_text(network: Network) -> str:
    """Return a network as JSON text."""
    from graphnn.program.lower import compile

    compile(network)  # Checks what networkx's attribute dictionaries let through.
    _require_different_names(network)
    layers = [_layer(network, t) for t in range(network.depth + 1)]
    edges: list[tuple[Neuron, Neuron, float]] = sorted(network.graph.edges(data="weight"))
    lines = [json.dumps([v[0], u[1], v[1], float(weight)]) for u, v, weight in edges]
    head = [
        f'"format": {json.dumps(FORMAT)}',
        f'"version": {VERSION}',
        '"layers": [\n  ' + ",\n  ".join(map(json.dumps, layers)) + "\n ]",
        f'"preprocessing": {json.dumps(to_content(network.preprocessing))}',
        '"edges": [' + ("\n  " + ",\n  ".join(lines) + "\n " if lines else "") + "]",
    ]
    return "{\n " + ",\n ".join(head) + "\n}\n"


def from_text(text: str, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of JSON text.

    Raises:
        FormatError: If the text is not what `to_text` writes.
    """
    try:
        found = json.loads(
            text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise FormatError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        truncated = "; is the file truncated?" if at_end else ""
        raise FormatError(f"it is no JSON ({error}){truncated}") from None
    except ValueError as error:
        raise FormatError(f"it is no JSON ({error})") from None
    version = _version(found)
    content = require_object(
        found, "the file", ("format", "version", "layers", "preprocessing", "edges")
    )
    known = {**ACTIVATIONS, **{resolve_activation(one).name: one for one in activations}}
    try:
        net = _network(require_list(content["layers"], "layers"), known)
        net.add_weighted_edges_from(_edges(require_list(content["edges"], "edges")))
        net.preprocessing = of_content(content["preprocessing"], version)
    except (NetworkError, DataError) as error:
        raise FormatError(str(error)) from None
    return net


def _require_different_names(network: Network) -> None:
    """Raise if two different activations have one name, by which a reader could not tell them."""
    names: dict[str, Activation] = {}
    for t in range(1, network.depth + 1):
        for neuron in network.neurons(t):
            one = network.activation(neuron)
            if names.setdefault(one.name, one) != one:
                raise FormatError(
                    f"neuron {neuron} has another activation named {one.name!r} than the neurons "
                    "before it: give different activations different names"
                )


def _version(found: Any) -> int:
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


def _layer(network: Network, t: int) -> dict[str, Any]:
    neurons = network.neurons(t)
    layer: dict[str, Any] = {"neurons": [j for _, j in neurons]}
    if t > 0:
        names = [network.activation(neuron).name for neuron in neurons]
        layer["activation"] = names[0] if len(set(names)) == 1 else names
    return layer


def _network(layers: Sequence[Any], known: Mapping[str, Activation]) -> Network:
    """Build the neurons, numbered as they are in the file."""
    if len(layers) < 2:
        raise FormatError(f"found {len(layers)} layers, expected at least two")
    numbers: list[list[int]] = []
    activations: list[list[Activation]] = []
    for t, found in enumerate(layers):
        keys = ("neurons",) if t == 0 else ("neurons", "activation")
        layer = require_object(found, f"layer {t}", keys)
        numbers.append(require_list(layer["neurons"], f"the neurons of layer {t}"))
        activations.append([])
        if t > 0:
            names = layer["activation"]
            names = names if isinstance(names, list) else [names] * len(numbers[t])
            if len(names) != len(numbers[t]):
                raise FormatError(
                    f"layer {t} has {len(names)} activations for {len(numbers[t])} neurons"
                )
            activations[t] = [_activation(name, t, known) for name in names]
    if sum(map(len, numbers)) > MOST_NEURONS:
        raise FormatError(
            f"found {sum(map(len, numbers))} neurons, expected at most {MOST_NEURONS}"
        )
    return Network.numbered(numbers, activations)


def _activation(name: Any, t: int, known: Mapping[str, Activation]) -> Activation:
    if not isinstance(name, str) or name not in known:
        raise FormatError(
            f"layer {t} uses the activation {short(name)}, expected one of {sorted(known)}; give "
            "your own to load(path, activations=[...])"
        )
    return known[name]


def _edges(edges: Sequence[Any]) -> Iterable[tuple[tuple[int, int], tuple[int, int], float]]:
    for number, edge in enumerate(edges):
        if not isinstance(edge, list) or [type(part) for part in edge[:3]] != [int] * 3:
            raise FormatError(f"edge {number} is {short(edge)}, expected [t, i, j, weight]")
        if len(edge) != 4 or type(edge[3]) not in (float, int):
            raise FormatError(f"edge {number} is {short(edge)}, expected [t, i, j, weight]")
        t, i, j, weight = edge
        yield (t - 1, i), (t, j), weight


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("an object has a key twice")
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
