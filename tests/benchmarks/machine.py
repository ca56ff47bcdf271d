"""What a measurement was taken on: processor, caches, system, versions."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["caches", "cores", "describe", "pin"]

LIBRARIES = (
    *("graphnn", "numpy", "scipy", "networkx", "numba", "llvmlite"),
    *("jax", "jaxlib", "torch", "scikit-learn", "connex", "equinox"),
)


def cores() -> list[int]:
    """Return the numbers of the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(to: Sequence[int]) -> None:
    """Keep this process, and the threads that libraries will start, on some processors."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, to)
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(len(to))


def caches() -> dict[str, int]:
    """Return the sizes in bytes of the caches for data, the nearest first; empty if unknown."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    found: dict[str, int] = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level, kind, size = (
                (folder / name).read_text().strip() for name in ("level", "type", "size")
            )
        except OSError:
            continue
        if kind != "Instruction":
            found[f"L{level}"] = int(size[:-1]) * units[size[-1]]
    return found


def describe() -> dict[str, str]:
    """Return everything as words."""
    sizes = ", ".join(f"{name} {size // 2**10:,} KiB" for name, size in caches().items())
    return {
        "processor": _processor(),
        "cores": str(len(cores())),
        "caches": sizes or "unknown",
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": _first_line("gcc", "--version"),
        **{name: _version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not installed"
    return done.stdout.splitlines()[0]
