"""What files of a million edges take: written and read, in every format; peak memory of reading.

Run on an otherwise idle machine: `python tests/benchmarks/formats.py [edges]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from machine import describe
from timing import Prepare, always, measure, medians, verdict

import graphnn as gn
from graphnn.formats.files import read, write
from graphnn.tables import text_table

EDGES = 1_000_000
LIMITS = {".nodelink.json": 10.0, ".npz": 2.0}
"""Seconds for a million edges, each way."""
ENDINGS = (".npz", ".edges", ".json", ".nodelink.json")
SLOWER = (".graphml",)
"""Measured with a tenth of the edges."""
MAX_BYTES = 2**31


def network(edges: int, tied: bool = False) -> gn.Network:
    """Return a dense network of two layers; `tied`: with frozen and shared edges."""
    outputs = round(edges**0.5)
    net = gn.Network.dense([edges // outputs - 1, outputs], seed=0)
    if tied:
        for k, (u, v) in enumerate(sorted(net.edges)):
            if k % 3 == 0:
                net.set_trainable(False, edge=(u, v))
            elif k % 3 == 1:
                net.set_weight(u, v, 0.5)
                net.set_shared(u, v, f"kernel {k % 100}")
    return net


def reading(path: Path) -> Prepare:
    """Prepare the reading of a file."""
    act: Callable[[], object] = partial(read, path, max_bytes=MAX_BYTES)
    return always(act)


def peak(path: Path) -> int:
    """Return the peak memory, in megabytes, of a process that reads a file (Linux)."""
    # Not getrusage, which counts the parent's memory, shared until the program starts, too.
    program = (
        "import re, sys\n"
        "from graphnn.formats.files import read\n"
        f"net = read(sys.argv[1], max_bytes={MAX_BYTES})\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) // 1024


def rows(
    net: gn.Network, name: str, folder: Path, endings: tuple[str, ...], rounds: int = 3
) -> list[list[str]]:
    """Return the table's rows about one network."""
    paths = {ending: folder / f"{name}{ending}" for ending in endings}
    prepared: dict[str, Prepare] = {}
    for ending, path in paths.items():
        prepared[f"write {ending}"] = always(partial(write, net, path))
        prepared[f"read {ending}"] = reading(path)
    seconds = medians(measure(prepared, rounds))
    found = []
    for ending, path in paths.items():
        times = [seconds[f"{act} {ending}"] for act in ("write", "read")]
        limit = LIMITS.get(ending)
        held = "" if limit is None else f"{limit:g} s: {verdict(max(times), limit)}"
        size = path.stat().st_size / len(net.edges)
        found.append(
            [f"{name} {ending}", *(f"{time:.2f} s" for time in times), f"{size:.0f} B",
             f"{peak(path):,} MB", held]
        )  # fmt: skip
    return found


def main() -> None:
    """Print the table."""
    edges = int(sys.argv[1]) if len(sys.argv) > 1 else EDGES
    load = os.getloadavg()
    here = describe()
    print(f"{edges:,} edges; {here['processor']}, {here['cores']} cores, Python {here['python']}")
    print(f"load of the machine before: {load[0]:.1f}, {load[1]:.1f}, {load[2]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder:
        header = ["format", "write", "read", "an edge", "peak", "limit"]
        table = rows(network(edges), "plain", Path(folder), ENDINGS)
        table += rows(network(edges, tied=True), "tied", Path(folder), ENDINGS)
        table += rows(network(edges // 10), "a tenth", Path(folder), SLOWER)
        print(text_table(header, table))


if __name__ == "__main__":
    main()
