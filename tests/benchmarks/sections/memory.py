"""The most memory that a run on single samples takes beyond data and program, by the parameters'.

A fresh process makes program and data and loads the compiled code, then runs. `tracemalloc` sees
what Python and NumPy ask for, the system what the process really holds; each has its own process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from sections.row import Row, name_of

SECTION = "memory"
WIDTHS = (784, 1000, 10)
ROUNDS = 3
LIMIT = 2.0
WAYS = {"traced": "as tracemalloc sees it", "resident": "as the system sees it"}

PROGRAM = """
import json, sys
sys.path.insert(0, {folder!r})
from sections.memory import peak
print(json.dumps(peak({way!r})))
"""


def rows(rounds: int) -> Iterator[Row]:
    """Yield a line for each way to look."""
    _measured("traced")  # leaves the compiled code on disk
    for way, words in WAYS.items():
        found = [_measured(way) for _ in range(ROUNDS)]
        if found[0] is None:
            yield Row(SECTION, name_of(WIDTHS), "native", note=f"{words}: not on this system")
            continue
        units = median(one for one in found if one is not None)
        unit = "parameters' bytes"
        yield Row(
            SECTION, name_of(WIDTHS), "native", "", unit, round(units, 2), limit=LIMIT, note=words
        )


def _measured(way: str) -> float | None:
    code = PROGRAM.format(folder=sys.path[0], way=way)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    found: float | None = json.loads(done.stdout)
    return found


def peak(way: str) -> float | None:
    """Run in this process and return the most memory that it took, or None if nobody knows."""
    import numpy as np
    from programs import random_program

    import graphnn as gn
    from graphnn.engines.batches import Batches
    from graphnn.engines.native.engine import run
    from graphnn.engines.native.kernel import kernel
    from graphnn.engines.native.plan import plan
    from graphnn.engines.rules import Rules
    from graphnn.engines.state import State
    from graphnn.functions.losses import resolve_loss

    program = random_program(WIDTHS, 1.0)
    rng = np.random.default_rng(0)
    X, y = rng.uniform(size=(64, WIDTHS[0])), rng.uniform(size=(64, WIDTHS[-1]))
    batches = Batches.of_size(np.arange(64), 1, 0.01)
    given: Any = (State(program), X, y, batches, resolve_loss("squared"), Rules(gn.SGD()))
    kernel(plan(program, given[4], "steps", given[5]))
    size = program.theta.nbytes
    if way == "traced":
        return _traced(lambda: run(*given)) / size
    found = _resident(lambda: run(*given))
    return None if found is None else found / size


def _traced(act: Any) -> int:
    import tracemalloc

    tracemalloc.start()
    kept = act()
    used = tracemalloc.get_traced_memory()[1]
    del kept
    return used


def _resident(act: Any) -> int | None:
    """Return by how much the largest resident size rose, which Linux lets one set back first."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = _status("VmRSS")
        kept = act()
        after = _status("VmHWM")
    except OSError:
        return None
    del kept
    return after - before


def _status(name: str) -> int:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(name))
    return int(line.split()[1]) * 1024
