"""graphnn's engines beside what others offer for the same training, in one table.

Each section runs in a process of its own, kept on one processor before any library starts threads,
or on all of them. Who is compared is measured in turn, and the ratios are medians over the rounds.
A ratio is our time by theirs; a limit of 1/4 asks for four times as fast.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import cores, describe, pin

if TYPE_CHECKING:
    from sections.row import Row


@dataclass(frozen=True)
class Section:
    """A part of the comparison.

    Attributes:
        module: The module whose `rows` measures.
        words: What it is about.
        everywhere: On one processor (False), on all (True), or on one and then on all (None).
        rounds: How many measurements of each.
    """

    module: str
    words: str
    everywhere: bool | None = False
    rounds: int = 9


SECTIONS = {
    "steps": Section("steps", "steps on single samples", rounds=7),
    "sparse": Section("sparse_steps", "the same where most edges are missing", rounds=7),
    "edges": Section("edges", "what an edge costs", rounds=7),
    "batches": Section("batches", "mini-batches", everywhere=None, rounds=7),
    "restarts": Section("restarts", "many runs at once", everywhere=True),
    "memory": Section("memory", "memory beyond data and program"),
    "compiling": Section("compiling", "how long the native engine takes to begin"),
}


def main() -> None:
    """Measure, print the table and write it."""
    options = arguments()
    if options.worker:
        worker(options)
        return
    date, machine = datetime.now(UTC).isoformat(timespec="seconds"), describe()
    print("\n".join(f"{name}: {words}" for name, words in machine.items()), flush=True)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sections:
            rows += measured(name, folder, options.rounds)
    print(table(rows))
    if options.json:
        text = json.dumps({"date": date, "machine": machine, "rows": rows}, indent=1)
        Path(options.json).write_text(text + "\n")


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    words = "; ".join(f"{name}: {one.words}" for name, one in SECTIONS.items())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS), help=words
    )
    parser.add_argument("--json", metavar="FILE", help="write everything there")
    parser.add_argument("--rounds", type=int, help="measurements of each, instead of the section's")
    for name in ("worker", "cores", "output"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(name: str, folder: str, rounds: int | None) -> list[dict[str, Any]]:
    """Return the rows of a section, measured in processes of its own."""
    section = SECTIONS[name]
    available = cores()
    # The last one: the system's own work tends to be on the first.
    places = {False: [available[-1:]], True: [available], None: [available[-1:], available]}
    rows: list[dict[str, Any]] = []
    for some in places[section.everywhere][: 1 if len(available) == 1 else 2]:
        start = time.perf_counter()
        rows += _worked(name, some, folder, rounds or section.rounds)
        words = f"{name} on {len(some)} of {len(available)} cores"
        print(f"{words}: {time.perf_counter() - start:.0f} s", flush=True)
    return rows


def _worked(name: str, some: list[int], folder: str, rounds: int) -> list[dict[str, Any]]:
    """Start a worker; its compiled code is kept apart, so that nothing old is run."""
    output = Path(folder) / "rows.json"
    output.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--worker", name, "--output", str(output)]
    command += ["--rounds", str(rounds), "--cores", ",".join(map(str, some))]
    done = subprocess.run(command, check=False, env=os.environ | {"XDG_CACHE_HOME": folder})
    rows: list[dict[str, Any]] = json.loads(output.read_text()) if output.exists() else []
    if done.returncode:
        why = f"ended early, with status {done.returncode}"
        rows.append({"section": name, "case": why, "verdict": "MISSED"})
    return rows


def worker(options: argparse.Namespace) -> None:
    """Measure one section in this process, and write its rows after each."""
    pin([int(core) for core in options.cores.split(",")])
    sys.path[:0] = [str(Path(__file__).parent)]
    module = importlib.import_module(f"sections.{SECTIONS[options.worker].module}")
    rows: list[dict[str, Any]] = []
    found: Iterator[Row] = module.rows(options.rounds)
    for row in found:
        rows.append(row.record())
        Path(options.output).write_text(json.dumps(rows))


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table."""
    from sections.row import HEADER, Row

    from graphnn.tables import text_table

    lines = []
    for row in rows:
        some = {name: value for name, value in row.items() if name != "verdict"}
        line = Row(**({"ours": ""} | some))
        lines.append(line.cells())
    return text_table(HEADER, lines, left=3)


if __name__ == "__main__":
    main()
