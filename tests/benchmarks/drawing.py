"""What a picture takes: time to SVG by everything that draws one, and the memory of a process.

Warm: the first picture of each is thrown away. `python tests/benchmarks/drawing.py`
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

from machine import describe
from timing import Prepare, always, measure, medians, verdict

import graphnn as gn
from graphnn.drawing.render import RENDERERS
from graphnn.tables import text_table

NETWORKS: dict[str, tuple[list[int], str | None, float]] = {
    "3-4-2, all labels": ([3, 4, 2], None, 0.020),
    "64-32-10, whole": ([64, 32, 10], "all", 0.150),
    "784-128-10, collapsed": ([784, 128, 10], None, 0.300),
}
"""Layers, what is shown, and the limit in seconds; our own writer must be five times as fast."""
OWN, MEGABYTES, ROUNDS = 5.0, 300.0, 15
PROGRAMS = {"dot": "dot", "pure": "graphviz-pure"}


def draw(net: gn.Network, show: str | None, renderer: str) -> object:
    """Draw from the network on."""
    return gn.draw(net, show=show, renderer=renderer).bytes(format_of(renderer))


def format_of(renderer: str) -> str:
    """Return the format that is timed."""
    return "png" if renderer == "matplotlib" else "svg"


def peak(name: str, renderer: str) -> float:
    """Return the peak memory, in megabytes, of a process that draws, or of a program it runs."""
    program = (
        "import re, resource, sys\n"
        "import drawing\n"
        "layers, show, _ = drawing.NETWORKS[sys.argv[1]]\n"
        "net = drawing.gn.Network.dense(layers, seed=0)\n"
        "drawing.draw(net, show, sys.argv[2])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, name, renderer],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    return max(int(number) for number in re.findall(r"\d+", done.stdout)) / 1024


def main() -> None:
    """Print the table."""
    print(describe())
    installed = [r for r in RENDERERS if r not in PROGRAMS or which(PROGRAMS[r])]
    rows = []
    for name, (layers, show, limit) in NETWORKS.items():
        net = gn.Network.dense(layers, seed=0)
        acts: dict[str, Callable[[], Any]] = {r: partial(draw, net, show, r) for r in installed}
        prepared: dict[str, Prepare] = {r: always(act) for r, act in acts.items()}
        for renderer, seconds in medians(measure(prepared, ROUNDS)).items():
            least = limit / OWN if renderer == "own" else limit
            timed = format_of(renderer) == "svg"
            memory = peak(name, renderer)
            cells = [name, renderer, format_of(renderer), f"{seconds * 1e3:.1f} ms"]
            cells += [f"{least * 1e3:.0f} ms", verdict(seconds, least)] if timed else ["", ""]
            rows.append([*cells, f"{memory:.0f} MB", verdict(memory, MEGABYTES)])
    header = ["network", "by", "as", "time", "limit", "", "memory", f"{MEGABYTES:.0f} MB"]
    print(text_table(header, rows, left=3))


if __name__ == "__main__":
    main()
