"""Files that are whole or not there: written aside, then moved into place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write `data` to `path` so that a crash leaves the old file or the new one.

    Args:
        path: The file; a symbolic link is followed.
        data: The whole content.

    Returns:
        The path that was given.

    Raises:
        OSError: If the folder is missing, not writable or full; the old file is untouched.
    """
    final = Path(os.path.realpath(path))
    mode = final.stat().st_mode & 0o777 if final.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=".graphnn-", dir=final.parent)
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
    return Path(path)


def _umask() -> int:
    """Read the process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
