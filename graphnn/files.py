"""Files that are whole or not there: written aside, then moved into place."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

__all__ = ["remove_leftovers", "require_writable", "write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write `data` to `path` so that a crash leaves the old file or the new one.

    Args:
        path: The file; a symbolic link is followed. A device or a pipe is written to as it is.
        data: The whole content.

    Returns:
        The path that was given.

    Raises:
        OSError: If the folder is missing, not writable or full; the old file is untouched.
    """
    final = Path(os.path.realpath(path))
    try:
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            Path(path).write_bytes(data)
        else:
            _replace(final, data)
    except OSError as error:
        # The name that the caller knows, not that of the file aside.
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error
    return Path(path)


def require_writable(path: str | os.PathLike[str]) -> None:
    """Raise now if `write_atomically` could not write there later.

    Raises:
        OSError: If the folder is missing or not writable, or the path is a folder.
    """
    import tempfile

    final = Path(os.path.realpath(path))
    try:
        if final.is_dir():
            raise IsADirectoryError(errno.EISDIR, "Is a directory")
        if not os.path.exists(path) or final.is_file():
            with tempfile.TemporaryFile(dir=final.parent):
                pass
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove what processes that were killed while they wrote a file left beside it."""
    final = Path(os.path.realpath(path))
    for name in os.listdir(final.parent):
        if name.startswith(_aside(final)):
            with suppress(OSError):
                (final.parent / name).unlink()


def _aside(final: Path) -> str:
    """Return how the names of files aside begin."""
    name = hashlib.blake2b(os.fsencode(final.name), digest_size=8).hexdigest()
    return f".graphnn-{name}-"


def _replace(final: Path, data: bytes) -> None:
    import tempfile

    mode = final.stat().st_mode & 0o777 if final.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=_aside(final), dir=final.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, final)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    """Read the process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
