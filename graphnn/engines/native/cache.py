"""`Cache`: machine code kept on disk, so that a new process need not compile.

A file is named by everything that enters the code: the source, the scalar functions, the versions
of Python, Numba and LLVM, and the processor. Its folder belongs to the user alone, since what is in
it will be run; a folder that another user owns or may write to is not used. Files are moved into
place whole and carry a checksum, so processes may share the folder and none reads half a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import stat
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from graphnn.engines.native.compiler import require_numba
from graphnn.engines.native.library import MachineCode
from graphnn.engines.native.plan import Plan
from graphnn.engines.native.vectors import CHOSEN
from graphnn.files import write_atomically

__all__ = ["Cache"]

FILES = 512
"""When a folder holds more files than that, the least recently used half goes."""


@dataclass(frozen=True)
class Cache:
    """A folder of compiled code.

    Attributes:
        folder: Where; it is made when the first file is written.
    """

    folder: Path

    @classmethod
    def of_user(cls) -> Cache:
        """Return the user's: `graphnn` in the cache folder that the system has for each user."""
        platformdirs: Any = import_module("platformdirs")
        return cls(Path(platformdirs.user_cache_path("graphnn", appauthor=False)))

    def path(self, plan: Plan) -> Path:
        """Return the file of a plan."""
        name = hashlib.sha256(f"{plan.key} {_machine()}".encode()).hexdigest()
        return self.folder / f"{name}.kernel"

    def read(self, plan: Plan) -> MachineCode | None:
        """Return the machine code of a plan, or None if it is not there whole and trusted."""
        require_numba()
        path = self.path(plan)
        try:
            if not path.exists() or not self._trusted():
                return None
            data = path.read_bytes()
        except OSError:  # the folder may not even be entered
            return None
        with suppress(OSError):  # read-only
            os.utime(path)
        return _unpack(data)

    def write(self, plan: Plan, code: MachineCode) -> None:
        """Keep the machine code of a plan; a folder that cannot be written to is warned of once."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._trusted():
                path = self.path(plan)
                write_atomically(path, _pack(code))
                path.chmod(0o600)
                self._prune()
        except OSError as error:
            _warn_once(
                f"the folder {self.folder} cannot be written to ({error.strerror}): compiled code "
                "is kept in memory only, and compiled again by the next process"
            )

    def _trusted(self) -> bool:
        """Whether nobody else may have put a file there."""
        if not hasattr(os, "getuid"):
            return True  # Windows: the folder is in the user's own profile.
        status = os.lstat(self.folder)
        if (
            stat.S_ISDIR(status.st_mode)
            and status.st_uid == os.getuid()
            and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            return True
        _warn_once(
            f"the folder {self.folder} is not used: it belongs to another user or others may write "
            "to it, and code in it would be run; make it yours with mode 0700, or remove it"
        )
        return False

    def _prune(self) -> None:
        files = list(self.folder.glob("*.kernel"))
        if len(files) > FILES:
            with suppress(FileNotFoundError):  # another process does the same
                files.sort(key=lambda path: path.stat().st_mtime)
                for path in files[: len(files) // 2]:
                    path.unlink(missing_ok=True)


def _pack(code: MachineCode) -> bytes:
    head = {"name": code.name, "symbols": code.symbols, "mismatches": code.mismatches}
    data = json.dumps(head).encode() + b"\n" + code.object
    return hashlib.sha256(data).hexdigest().encode() + b"\n" + data


def _unpack(data: bytes) -> MachineCode | None:
    checksum, _, rest = data.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        return None
    line, _, machine_code = rest.partition(b"\n")
    head = json.loads(line)
    return MachineCode(
        machine_code, head["name"], tuple(head["symbols"]), tuple(head["mismatches"])
    )


@lru_cache(maxsize=1)
def _machine() -> str:
    """Return what, besides a plan, enters machine code."""
    llvm: Any = import_module("llvmlite.binding")
    parts = [
        sys.version,
        platform.platform(),
        *(version(name) for name in ("numba", "llvmlite", "numpy")),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        *(os.environ.get(name, "") for name in CHOSEN),
    ]
    return " ".join(parts)


@lru_cache(maxsize=8)
def _warn_once(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=2)
