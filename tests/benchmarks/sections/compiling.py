"""What the native engine takes to begin: compiling at first, then the cache on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from statistics import median

from sections.row import Row, name_of

SECTION = "compiling"
NETS = ((2, 4, 1), (4, 8, 3), (64, 32, 10))
ROUNDS = 5
FIRST, REUSE = 1.5, 0.1
"""Limits in seconds."""

PROGRAM = """
import json, sys
from time import perf_counter
import numpy as np
import graphnn as gn
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.functions.losses import resolve_loss
widths = {widths!r}
program = gn.compile(gn.Network.dense(widths, seed=0))
X, y = np.zeros((1, widths[0])), np.zeros((1, widths[-1]))
begin = perf_counter()
if {first!r}:
    import numba
start = perf_counter()
Trainer(program, X, y, resolve_loss("squared"), Rules(gn.SGD()))
end = perf_counter()
print(json.dumps([start - begin, end - start, "numba" in sys.modules]))
"""


def rows(rounds: int) -> Iterator[Row]:
    """Yield two lines for each net."""
    for widths in NETS:
        first, reuse = zip(*(_pair(widths) for _ in range(ROUNDS)), strict=True)
        imports = median(one[0] for one in first)
        note = f"import numba: {imports:.2f} s more"
        yield _row(widths, "first time", [one[1] for one in first], FIRST, note)
        note = "imports numba" if any(one[2] for one in reuse) else "without importing numba"
        yield _row(widths, "from the disk", [one[1] for one in reuse], REUSE, note)


def _row(widths: tuple[int, ...], words: str, seconds: list[float], limit: float, note: str) -> Row:
    case = f"{name_of(widths)}, {words}"
    return Row(SECTION, case, "native", "", "s", median(seconds), limit=limit, note=note)


def _pair(widths: tuple[int, ...]) -> tuple[tuple[float, float, bool], tuple[float, float, bool]]:
    """Compile in a new process with an empty cache, then begin in another with that cache."""
    with tempfile.TemporaryDirectory() as folder:
        return _began(widths, folder, first=True), _began(widths, folder, first=False)


def _began(widths: tuple[int, ...], folder: str, *, first: bool) -> tuple[float, float, bool]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(widths=widths, first=first)],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": folder},
    )
    imports, seconds, numba = json.loads(done.stdout)
    return imports, seconds, numba
