"""Graphs by name or from files: what the command line is given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from graphnn.errors import DataError, FormatError

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["graph_from"]

MOST_BYTES = 2**24
LONGEST, MOST = 200, 1000
WRONG = (ValueError, TypeError, LookupError, OverflowError)


def graph_from(text: str) -> nx.Graph[Any]:
    """Return a graph of a file (.edges, .edgelist, .txt, .graphml), or one of networkx's by name.

    Args:
        text: A path, or the name of a generator without "_graph", with numbers behind a colon:
            "petersen", "cycle:5", "complete:6", "grid_2d:3,4".

    Raises:
        DataError: If there is neither; or the generator takes other numbers.
        FormatError: If the file is no such graph.
        OSError: If it cannot be read.

    Example:
        >>> len(graph_from("petersen")), len(graph_from("cycle:5"))
        (10, 5)
    """
    if os.path.exists(text):
        return _read(Path(text))
    return _named(text)


def _read(path: Path) -> nx.Graph[Any]:
    import networkx as nx

    if path.stat().st_size > MOST_BYTES:
        raise FormatError(f"{path} has more than {MOST_BYTES:,} bytes")
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".graphml":
            if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
                raise ValueError("it has a document type")
            return nx.parse_graphml(text)
        return nx.parse_edgelist(text.splitlines(), data=False)
    except (*WRONG, nx.NetworkXException, ET.ParseError) as error:
        reason = " ".join(str(error).split())[:LONGEST] or type(error).__name__
        raise FormatError(f"{path} is no graph that networkx reads: {reason}") from None


def _named(text: str) -> nx.Graph[Any]:
    import networkx as nx

    name, _, rest = text.partition(":")
    make = getattr(nx, f"{name}_graph", None) if name.isidentifier() else None
    if not callable(make):
        raise DataError(
            f"{text!r} is neither a file nor the name of a graph of networkx, such as petersen, "
            "cycle:5 or complete:6"
        )
    try:
        numbers = [int(part) for part in rest.split(",")] if rest else []
        if any(number > MOST for number in numbers):
            raise ValueError(f"numbers are at most {MOST} here")
        found = make(*numbers)
    except (*WRONG, nx.NetworkXException) as error:
        reason = " ".join(str(error).split())[:LONGEST]
        raise DataError(f"networkx makes no graph of {text!r}: {reason}") from None
    if not isinstance(found, nx.Graph):
        raise DataError(f"networkx makes no graph of {text!r}")
    return found
