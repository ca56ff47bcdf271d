"""Files of every format by their endings: `read` and `write`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from graphnn.errors import FormatError
from graphnn.files import write_atomically
from graphnn.formats.records import MOST_BYTES
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

__all__ = ["READ", "WRITTEN", "read", "write"]


class Format(NamedTuple):
    """Where the functions of a format are: `to_text` and `from_text`, or `to_bytes`, `from_bytes`.

    Attributes:
        module: Their module, imported when it is needed.
        content: Text or bytes.
        both: Whether it is read, too.
    """

    module: str
    content: str = "text"
    both: bool = True


FORMATS = {
    ".nodelink.json": Format("node_link"),
    ".json": Format("json"),
    ".graphml": Format("graphml"),
    ".edges": Format("edge_list"),
    ".npz": Format("npz", "bytes"),
}
"""By ending; the longer ones come first."""
WRITTEN = tuple(FORMATS)
READ = tuple(ending for ending, one in FORMATS.items() if one.both)


def read(
    path: str | os.PathLike[str],
    activations: Iterable[Activation] = (),
    *,
    max_bytes: int = MOST_BYTES,
) -> Network:
    """Read a network from a file, whose ending says the format.

    Args:
        path: The file: .json (graphnn's own, as `load`), .nodelink.json, .graphml, .edges or .npz.
        activations: Your own activations that the network uses; they are found by name.
        max_bytes: A larger file is refused unread.

    Raises:
        FormatError: If the ending is unknown or the file is not what it should be.
        OSError: If it cannot be read.
    """
    function: Callable[..., Network]
    one = _format(path, READ)
    with open(path, "rb") as file:
        data = file.read(max_bytes + 1)
    function = getattr(_module(one), f"from_{one.content}")
    try:
        if len(data) > max_bytes:
            raise FormatError(f"it has more than {max_bytes} bytes; max_bytes= allows more")
        return function(data.decode() if one.content == "text" else data, activations)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: it is no UTF-8 text: {error}") from None
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def write(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write a network to a file, whose ending says the format, atomically.

    Args:
        network: The network; it is only read.
        path: The file; an existing one is replaced, and stays as it was if anything fails.

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
    one = _format(path, WRITTEN)
    content = getattr(_module(one), f"to_{one.content}")(network)
    return write_atomically(path, content.encode() if one.content == "text" else content)


def _format(path: str | os.PathLike[str], endings: tuple[str, ...]) -> Format:
    name = os.fspath(path).lower()
    for ending in endings:
        if name.endswith(ending):
            return FORMATS[ending]
    raise FormatError(f"{path} has an unknown ending, expected one of {', '.join(endings)}")


def _module(one: Format) -> object:
    return import_module(f"graphnn.formats.{one.module}")
