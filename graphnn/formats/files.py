"""Files of every format by their endings: `read` and `write`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from graphnn.errors import FormatError
from graphnn.files import write_atomically
from graphnn.formats.content import as_text, naming, read_bytes
from graphnn.formats.graphs import FORMAT, VERSION
from graphnn.formats.parts import parsed
from graphnn.formats.records import MOST_BYTES
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

__all__ = ["READ", "WRITTEN", "kind", "read", "write"]


class Format(NamedTuple):
    """Where the functions of a format are.

    Attributes:
        words: What it is called.
        module: The functions' module, imported when it is needed.
        writer: The function that makes text, bytes or an ONNX model of a network.
        reader: The one that makes a network of text (`from_text`) or of bytes.
    """

    words: str
    module: str
    writer: str = "to_text"
    reader: str | None = "from_text"


FORMATS = {
    ".nodelink.json": Format("node-link JSON", "node_link"),
    ".json": Format("graphnn's JSON", "json"),
    ".graphml": Format("GraphML", "graphml"),
    ".edges": Format("a weighted edge list", "edge_list"),
    ".npz": Format("NumPy arrays", "npz", "to_bytes", "from_bytes"),
    ".onnx": Format("ONNX", "onnx", "to_onnx", "from_onnx"),
    ".c": Format("C source", "c", "to_c", None),
    ".py": Format("Python source", "python", "to_python", None),
}
"""By ending; the longer ones come first."""
WRITTEN = tuple(FORMATS)
READ = tuple(ending for ending, one in FORMATS.items() if one.reader)


def read(
    path: str | os.PathLike[str],
    activations: Iterable[Activation] = (),
    *,
    max_bytes: int = MOST_BYTES,
) -> Network:
    """Read a network from a file, whose ending says the format.

    Args:
        path: The file: .json (graphnn's own, as `load`), .nodelink.json, .graphml, .edges, .npz or
            .onnx.
        activations: Your own activations that the network uses; they are found by name.
        max_bytes: A larger file is refused unread.

    Raises:
        FormatError: If the ending is unknown or the file is not what it should be.
        OSError: If it cannot be read.
    """
    one = _format(path, READ, "read")
    function: Callable[..., Network] = getattr(_module(one), one.reader or "")
    with naming(path):
        data = read_bytes(path, max_bytes)
        if one.reader == "from_onnx":  # it has no words for activations of one's own
            return function(data)
        return function(data if one.reader == "from_bytes" else as_text(data), activations)


def kind(path: str | os.PathLike[str], *, max_bytes: int = MOST_BYTES) -> str:
    """Return what a file is, in words: the format, and the version of graphnn's own.

    Raises:
        FormatError: If the ending is unknown, or the file is no JSON where it should be.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     kind(write(Network([1, 1]), folder + "/net.json"))
        "graphnn's JSON, version 3"
    """
    one = _format(path, READ, "read")
    with naming(path):
        data = read_bytes(path, max_bytes)
        if one.module == "json":
            from graphnn.formats.json import version_of

            return f"{one.words}, version {version_of(parsed(as_text(data)))}"
    own = one.module == "npz" or FORMAT.encode() in data
    return f"{one.words}, version {VERSION}" if own else f"{one.words} of another program"


def write(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network to a file, whose ending says the format, atomically.

    Args:
        network: The network; it is only read.
        path: The file, of an ending as `read` has them, or .c or .py for source code; an
            existing one is replaced, and stays as it was if anything fails.

    Raises:
        FormatError: If the ending is unknown, or the format cannot hold what the network has; the
            neuron or edge is named.
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     read(write(net, folder + "/net.graphml")) == net
        True
    """
    one = _format(path, WRITTEN, "written")
    content = getattr(_module(one), one.writer)(network)
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = content.SerializeToString()
    return write_atomically(path, content)


def _format(path: str | os.PathLike[str], endings: tuple[str, ...], act: str) -> Format:
    name = os.fspath(path).lower()
    for ending in endings:
        if name.endswith(ending):
            return FORMATS[ending]
    raise FormatError(
        f"{path} has an ending that is not {act}, expected one of {', '.join(endings)}"
    )


def _module(one: Format) -> object:
    return import_module(f"graphnn.formats.{one.module}")
