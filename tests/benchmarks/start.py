"""What `import graphnn` costs in a fresh process, beside the two libraries that it stands on."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from timing import verdict

from graphnn.tables import text_table

ROUNDS = 15
LIMIT = 0.3
STARTS = {
    "import graphnn": "import graphnn",
    # networkx comes with the first network, so a reader should see that price too.
    "... and a first network": "import graphnn; graphnn.Network([1, 1])",
    "import numpy, networkx": "import numpy, networkx",
    "import numpy": "import numpy",
}

PROGRAM = """
from time import perf_counter
start = perf_counter()
{statements}
print(perf_counter() - start)
"""


def start(statements: str) -> tuple[float, float]:
    """Return the seconds of statements in a new process, and those of the whole process."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(statements=statements)],
        capture_output=True,
        check=True,
        text=True,
    )
    return float(done.stdout), time.perf_counter() - begin


def main() -> None:
    """Print the table."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STARTS}
    for k in range(ROUNDS + 1):
        for name, statements in STARTS.items():
            seconds = start(statements)
            # The first round writes the byte code and fills the disk's cache.
            if k:
                found[name].append(seconds)
    rows = []
    for name, pairs in found.items():
        begun, process = median(one for one, _ in pairs), median(one for _, one in pairs)
        held = [f"{LIMIT} s", verdict(begun, LIMIT)] if name == "import graphnn" else ["", ""]
        by = median(
            one[0] / other[0] for one, other in zip(pairs, found["import numpy"], strict=True)
        )
        rows.append([name, f"{begun:.3f} s", f"{process:.3f} s", f"{by:.2f}", *held])
    print(text_table(["in a new process", "start", "process", "by numpy", "limit", ""], rows))


if __name__ == "__main__":
    main()
