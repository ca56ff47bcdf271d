"""The content of files that somebody else may have written: bounded, and named in errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from graphnn.errors import FormatError

__all__ = ["as_text", "naming", "read_bytes"]


def read_bytes(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """Return the content of a file, which is refused if it is larger.

    Raises:
        FormatError: If it is.
        OSError: If it cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise FormatError(f"it has more than {max_bytes} bytes; max_bytes= allows more")
    return data


def as_text(data: bytes) -> str:
    """Return bytes as text.

    Raises:
        FormatError: If they are no UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"it is no UTF-8 text: {error}") from None


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file in a `FormatError` from within."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
