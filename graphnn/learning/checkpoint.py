"""`Checkpoint`: a run on disk, from which it goes on as if nothing had happened.

The file is NumPy's `.npz` (a zip file, whose checksums tell damage), written aside and moved into
place, so a process killed at any instant leaves the last whole one.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphnn.errors import FormatError
from graphnn.files import remove_leftovers, require_writable, write_atomically
from graphnn.learning.history import Record
from graphnn.types import FloatArray

__all__ = ["Checkpoint", "Marks", "Snapshot", "digest"]

VERSION = 1

Marks = Mapping[str, str]
"""What tells runs apart: for each thing, as messages call it, a text that is equal if it is."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything that a run needs to go on.

    Attributes:
        theta: The weights.
        slots: What the optimiser remembers of each weight.
        counters: What it remembers of the run.
        iteration: Updates so far.
        eta: The learning rate of the last update.
        done: The updates made of the epoch that is running.
        chance: The generator's state before that epoch was drawn.
        records: The history.
        seconds: How long the run has taken.
        watch: What a plateau remembers, (eta, best, waited), or None.
        kept: The best epoch so far and its weights, or None.
        asked: Why a callback ends the run, or None.
        engine: Which engine runs.
    """

    theta: FloatArray
    slots: tuple[FloatArray, ...]
    counters: tuple[float, ...]
    iteration: int
    eta: float | None
    done: int
    chance: dict[str, Any]
    records: tuple[Record, ...]
    seconds: float
    watch: tuple[float, float, int] | None
    kept: tuple[int, FloatArray] | None
    asked: str | None
    engine: str


@dataclass
class Checkpoint:
    """The file of a run.

    Attributes:
        path: Where it is.
        every: After how many seconds it is written again.
        marks: What tells the run from others.
    """

    path: Path
    every: float
    marks: Marks
    _written: float = field(default_factory=time.monotonic, init=False)

    def read(self) -> Snapshot | None:
        """Return what the file holds, None if there is no file.

        Raises:
            FormatError: If it is no whole checkpoint, or that of another run; it is left as it is.
        """
        if self.path.parent.is_dir():
            remove_leftovers(self.path)
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            require_writable(self.path)
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                content = {name: arrays[name] for name in arrays.files}
            meta = json.loads(content["meta"].tobytes())
            found = _snapshot(content, meta)
        except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise FormatError(
                f"{self.path} is no whole checkpoint ({type(error).__name__}: {error}): delete it "
                "to begin anew, or give another path"
            ) from None
        if meta["version"] != VERSION:
            raise FormatError(f"{self.path} has version {meta['version']}, expected {VERSION}")
        self._require_same(meta["marks"], found)
        return found

    def _require_same(self, marks: Any, found: Snapshot) -> None:
        own = dict(self.marks)
        weights = own.pop("the weights of the network")
        # After Ctrl-C the network holds the weights of the run, and it goes on all the same.
        after = [found.theta] if found.kept is None else [found.theta, found.kept[1]]
        if weights not in [marks.pop("the weights of the network"), *map(digest, after)]:
            own["the weights of the network"] = weights
        different = [name for name, mark in own.items() if marks.get(name) != mark]
        if different or set(marks) - set(own):
            names = ", ".join(different or sorted(set(marks) - set(own)))
            raise FormatError(
                f"{self.path} is the checkpoint of another run: {names} differ; delete it to begin "
                "anew, or give another path"
            )

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() - self._written >= self.every

    def write(self, snapshot: Snapshot) -> None:
        """Write; where that fails the old file stays, a warning says so, and the run goes on."""
        try:
            write_atomically(self.path, _bytes(snapshot, self.marks))
        except OSError as error:
            words = f"no checkpoint was written: {error}; the run goes on"
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        self._written = time.monotonic()


def digest(*things: Any) -> str:
    """Return a text that is equal for equal arrays and texts."""
    found = hashlib.blake2b(digest_size=16)
    for thing in things:
        if isinstance(thing, np.ndarray):
            found.update(f"{thing.dtype} {thing.shape} ".encode())
            # All of an array that fits a memory cache; of a larger one, rows evenly spread.
            rows = thing if thing.nbytes <= 2**24 else thing[:: max(1, len(thing) // 4096)]
            found.update(np.ascontiguousarray(rows).tobytes())
        else:
            found.update(repr(thing).encode())
    return found.hexdigest()


def _bytes(snapshot: Snapshot, marks: Marks) -> bytes:
    arrays: dict[str, Any] = {"theta": snapshot.theta}
    arrays |= {f"slot{k}": slot for k, slot in enumerate(snapshot.slots)}
    if snapshot.kept is not None:
        arrays["kept"] = snapshot.kept[1]
    # None is written as NaN, which no number of a record is.
    rows = [[np.nan if one is None else one for one in record] for record in snapshot.records]
    arrays["records"] = np.array(rows, dtype=np.float64).reshape(-1, len(Record._fields))
    meta = {
        "version": VERSION,
        "marks": dict(marks),
        "slots": len(snapshot.slots),
        "kept": None if snapshot.kept is None else snapshot.kept[0],
        "chance": _plain(snapshot.chance),
    }
    names = ("counters", "iteration", "eta", "done", "seconds", "watch", "asked", "engine")
    meta |= {name: getattr(snapshot, name) for name in names}
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _snapshot(content: dict[str, Any], meta: dict[str, Any]) -> Snapshot:
    kept = None if meta["kept"] is None else (int(meta["kept"]), content["kept"])
    return Snapshot(
        content["theta"],
        tuple(content[f"slot{k}"] for k in range(meta["slots"])),
        tuple(meta["counters"]),
        meta["iteration"],
        meta["eta"],
        meta["done"],
        _arrays(meta["chance"]),
        tuple(_record(row) for row in content["records"].tolist()),
        meta["seconds"],
        None if meta["watch"] is None else tuple(meta["watch"]),
        kept,
        meta["asked"],
        meta["engine"],
    )


def _record(row: list[float]) -> Record:
    epoch, iteration, loss, penalty, best, *others = row
    eta, validation, score, best_epoch = (None if one != one else one for one in others)
    whole = None if best_epoch is None else int(best_epoch)
    numbers = (int(epoch), int(iteration), loss, penalty, best)
    return Record(*numbers, eta, validation, score, whole)


def _plain(state: Any) -> Any:
    """Return a generator's state without arrays."""
    if isinstance(state, dict):
        return {name: _plain(value) for name, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": state.tolist(), "dtype": str(state.dtype)}
    return state.item() if isinstance(state, np.generic) else state


def _arrays(state: Any) -> Any:
    """Return a generator's state with its arrays."""
    if not isinstance(state, dict):
        return state
    if set(state) == {"array", "dtype"}:
        return np.array(state["array"], dtype=state["dtype"])
    return {name: _arrays(value) for name, value in state.items()}
