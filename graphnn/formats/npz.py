"""NumPy's `.npz`: a network as arrays, its weights bit for bit, without pickle.

`header` is JSON text with `format`, `version`, `activations` and `shared` (lists of names) and
`preprocessing`; `layers`, `numbers` and `activations` have an entry for each neuron but the
constant ones (-1: an input has no activation), and one for a constant neuron with a label; `labels`
is JSON text, a list of as many, if there are any; `sources` and `targets` are places in the list of
neurons, where -1-t stands for the constant neuron of layer t; `weights`, and, if not all are as by
default, `trainable` and `shared` (-1: none).

Source: NumPy, "numpy.lib.format" in its reference.
"""

from __future__ import annotations

import ast
import io
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.collector import paused
from graphnn.errors import FormatError
from graphnn.files import write_atomically
from graphnn.formats.content import naming, read_bytes
from graphnn.formats.graphs import FORMAT, VERSION, says_layered
from graphnn.formats.parts import parsed, require_list, require_object, shallow, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.formats.records import (
    MOST_BYTES,
    NeuronRecord,
    built,
    edge_records,
    known_activations,
    neuron_records,
)
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["from_npz", "to_npz"]

KINDS = {
    "header": "U", "layers": "i", "numbers": "i", "activations": "i", "labels": "U", "sources": "i",
    "targets": "i", "weights": "f", "trainable": "b", "shared": "i",
}  # fmt: skip
OPTIONAL = {"labels", "trainable", "shared"}


def to_npz(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network to a file of NumPy arrays, atomically.

    Args:
        network: The network, preprocessing included.
        path: The file; an existing one is replaced, and stays as it was if anything fails.

    Raises:
        FormatError: If a label or activation is none that a file can hold.
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     from_npz(to_npz(net, folder + "/net.npz")) == net
        True
    """
    return write_atomically(path, to_bytes(network))


def from_npz(
    path: str | os.PathLike[str],
    activations: Iterable[Activation] = (),
    *,
    max_bytes: int = MOST_BYTES,
) -> Network:
    """Read a network from a file of NumPy arrays.

    Args:
        path: The file.
        activations: Your own activations that the network uses; they are found by name.
        max_bytes: A file that is larger, or would be when unpacked, is refused.

    Raises:
        FormatError: If it is none that `to_npz` writes.
        OSError: If it cannot be read.
    """
    with naming(path):
        return from_bytes(read_bytes(path, max_bytes), activations, max_bytes=max_bytes)


@paused()
def to_bytes(network: Network) -> bytes:
    """Return a network as the bytes of an npz file."""
    neurons, edges = neuron_records(network), edge_records(network)
    place = {neuron: k for k, (neuron, _, _) in enumerate(neurons)}
    place |= {(t, 0): -1 - t for t in range(network.depth)}
    names = sorted({one.activation for one in neurons if one.activation is not None})
    groups = sorted({edge.shared for edge in edges if edge.shared is not None})
    number: dict[str | None, int] = {None: -1, **{name: k for k, name in enumerate(names)}}
    group: dict[str | None, int] = {None: -1, **{name: k for k, name in enumerate(groups)}}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "activations": names,
        "shared": groups,
        "preprocessing": to_content(network.preprocessing),
    }
    arrays = {
        "header": np.array(json.dumps(header)),
        "layers": np.array([one.neuron[0] for one in neurons], dtype=np.int32),
        "numbers": np.array([one.neuron[1] for one in neurons], dtype=np.int64),
        "activations": np.array([number[one.activation] for one in neurons], dtype=np.int32),
        "sources": np.array([place[edge.u] for edge in edges], dtype=np.int32),
        "targets": np.array([place[edge.v] for edge in edges], dtype=np.int32),
        "weights": np.array([edge.weight for edge in edges], dtype=np.float64),
    }
    if any(one.label is not None for one in neurons):
        # One text: NumPy gives every text of an array the room of the longest.
        arrays["labels"] = np.array(json.dumps([one.label for one in neurons]))
    if not all(edge.trainable for edge in edges):
        arrays["trainable"] = np.array([edge.trainable for edge in edges])
    if groups:
        arrays["shared"] = np.array([group[edge.shared] for edge in edges], dtype=np.int32)
    target = io.BytesIO()
    np.savez(target, **arrays)  # type: ignore[arg-type]
    return target.getvalue()


@paused()
@shallow()
def from_bytes(
    data: bytes, activations: Iterable[Activation] = (), *, max_bytes: int = MOST_BYTES
) -> Network:
    """Return the network of the bytes of an npz file.

    Raises:
        FormatError: If they are none.
    """
    arrays = _arrays(data, max_bytes)
    found = parsed(_text(arrays["header"]))
    if not isinstance(found, dict) or not says_layered(found):
        raise FormatError(f"the header is {short(found)}, expected one of a {FORMAT}")
    keys = ("format", "version", "activations", "shared", "preprocessing")
    header = require_object(found, "the header", keys)
    preprocessing = of_content(header["preprocessing"], 2)
    neurons = _neurons(arrays, require_list(header["activations"], "activations"))
    edges = _edges(arrays, neurons, require_list(header["shared"], "shared"))
    return built(neurons, edges, known_activations(activations), preprocessing)


def _neurons(arrays: Mapping[str, NDArray[Any]], names: list[Any]) -> list[NeuronRecord]:
    layers, numbers, kinds = (
        arrays[name].tolist() for name in ("layers", "numbers", "activations")
    )
    labels = [None] * len(layers)
    if "labels" in arrays:
        labels = require_list(parsed(_text(arrays["labels"])), "labels")
    if not len(layers) == len(numbers) == len(kinds) == len(labels):
        raise FormatError("layers, numbers, activations and labels are of different lengths")
    if any(not -1 <= kind < len(names) for kind in kinds):
        raise FormatError(f"activations has a number beyond the header's {len(names)} names")
    each = zip(layers, numbers, kinds, labels, strict=True)
    return [
        NeuronRecord((t, j), None if kind < 0 else names[kind], label) for t, j, kind, label in each
    ]


def _edges(
    arrays: Mapping[str, NDArray[Any]], neurons: list[NeuronRecord], names: list[Any]
) -> Iterable[tuple[Any, ...]]:
    sources, targets, weights = (arrays[name] for name in ("sources", "targets", "weights"))
    m, n = len(weights), len(neurons)
    trainable, shared = arrays.get("trainable"), arrays.get("shared")
    lengths = {
        len(one) for one in (sources, targets, weights, trainable, shared) if one is not None
    }
    if len(lengths) != 1:
        raise FormatError("sources, targets, weights, trainable, shared are of different lengths")
    for name, places in ("sources", sources), ("targets", targets):
        if m and not (-1 - n <= places.min() and places.max() < n):
            raise FormatError(f"{name} has a place beyond the {n} neurons")
    if shared is not None and m and not (shared.min() >= -1 and shared.max() < len(names)):
        raise FormatError(f"shared has a number beyond the header's {len(names)} names")
    # The list is read from its end for the negative places of constant neurons.
    ends: list[Neuron] = [one.neuron for one in neurons]
    ends += [(t, 0) for t in reversed(range(n + 1))]
    us, vs = ([ends[k] for k in places.tolist()] for places in (sources, targets))
    if trainable is None and shared is None:
        return zip(us, vs, weights.tolist(), strict=True)
    switches = [True] * m if trainable is None else trainable.tolist()
    groups = (
        [None] * m if shared is None else [None if k < 0 else names[k] for k in shared.tolist()]
    )
    return zip(us, vs, weights.tolist(), switches, groups, strict=True)


# ---- arrays in a zip archive -------------------------------------------------------------------


def _arrays(data: bytes, max_bytes: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive, each of the kind and the number of dimensions it should be.

    Raises:
        FormatError: If one is missing, of another kind, or larger than it says.
    """
    if len(data) > max_bytes:
        raise FormatError(f"it has more than {max_bytes} bytes; max_bytes= allows more")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {one.filename.removesuffix(".npy"): one for one in archive.infolist()}
            if not KINDS.keys() - OPTIONAL <= members.keys() <= KINDS.keys():
                raise FormatError(
                    f"found the arrays {short(sorted(members)[:12])}, expected {list(KINDS)}"
                )
            size = sum(one.file_size for one in members.values())
            if size > max_bytes:
                raise FormatError(f"unpacked it has {size} bytes; max_bytes= allows more")
            return {name: _array(name, _unpacked(archive, one)) for name, one in members.items()}
    except (
        zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError,
        OverflowError, struct.error,
    ) as error:  # fmt: skip
        raise FormatError(f"it is no npz file: {short(str(error))}") from None
    except (
        ValueError, TypeError, SyntaxError, MemoryError, RecursionError, KeyError,
    ) as error:  # fmt: skip
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"an array is none of NumPy's: {short(str(error))}") from None


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes: no more than it says, whatever would come out."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError(f"{member.filename} is packed in a way that NumPy does not")
    with archive.open(member) as file:
        return file.read(member.file_size)


def _array(name: str, data: bytes) -> NDArray[Any]:
    """Return an array from the bytes of an npy file, whose header must agree with their number."""
    if data[:6] != b"\x93NUMPY" or data[6:7] not in (b"\x01", b"\x02"):
        raise FormatError(f"{name} is no array of NumPy's")
    length = 2 if data[6] == 1 else 4
    start = 8 + length + int.from_bytes(data[8 : 8 + length], "little")
    if start > min(len(data), 10_000):
        raise FormatError(f"{name} has a header that is cut off")
    header = ast.literal_eval(data[8 + length : start].decode("latin1"))
    dtype, shape = np.dtype(header["descr"]), header["shape"]
    if dtype.hasobject or dtype.kind != KINDS[name] or header["fortran_order"] is not False:
        raise FormatError(f"{name} is of type {short(str(dtype))}, expected {KINDS[name]!r}")
    if not isinstance(shape, tuple) or len(shape) != (KINDS[name] != "U"):
        raise FormatError(f"{name} has shape {short(shape)}, expected a row of numbers or a text")
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        raise FormatError(f"{name} has shape {short(shape)} and {len(data) - start} bytes")
    return np.frombuffer(data, dtype, offset=start).reshape(shape)


def _text(array: NDArray[Any]) -> str:
    return str(array[()])
