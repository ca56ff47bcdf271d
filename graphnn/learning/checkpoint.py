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
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import FormatError
from graphnn.files import remove_leftovers, require_writable, write_atomically
from graphnn.learning.history import Record
from graphnn.types import FloatArray

__all__ = ["WEIGHTS", "Checkpoint", "Marks", "Snapshot", "digest"]

VERSION = 1

DAMAGE = (
    ValueError, KeyError, TypeError, EOFError, OSError, NotImplementedError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What reading bytes that are no whole checkpoint may raise."""

WEIGHTS = "the weights of the network"
"""The mark of the first weights, as messages call it."""

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
        engine: Which engine runs.
        handed: The weights that the network got when the run was interrupted, or None.
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
    engine: str
    handed: FloatArray | None = None

    @property
    def thetas(self) -> list[FloatArray]:
        """All the weights in it: the run's, those of the best epoch, those handed over."""
        others = [None if self.kept is None else self.kept[1], self.handed]
        return [self.theta, *(one for one in others if one is not None)]


class Table:
    """Records as arrays; a history only grows, so what is there already is not made again."""

    def __init__(self) -> None:
        width = len(Record._fields)
        self._numbers, self._known = np.zeros((0, width)), np.zeros((0, width), dtype=np.bool_)

    def of(self, records: Sequence[Record]) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return the numbers, 0 for None, and where they are known, a row a record."""
        new = records[len(self._numbers) :]
        if new:
            numbers = [[0.0 if one is None else one for one in record] for record in new]
            known = [[one is not None for one in record] for record in new]
            self._numbers = np.concatenate([self._numbers, np.array(numbers, dtype=np.float64)])
            self._known = np.concatenate([self._known, np.array(known, dtype=np.bool_)])
        return self._numbers[: len(records)], self._known[: len(records)]


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
    _table: Table = field(default_factory=Table, init=False)

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
            version = int(meta["version"])
            found = _snapshot(content, meta) if version == VERSION else None
            marks = {str(name): str(mark) for name, mark in dict(meta["marks"]).items()}
        except DAMAGE as error:
            what = "" if "pickle" in str(error) else f" ({type(error).__name__}: {error})"
            raise FormatError(
                f"{self.path} is no whole checkpoint{what}: delete it to begin anew, or give "
                "another path"
            ) from None
        if found is None:
            raise FormatError(
                f"{self.path} was written by another version of graphnn, in format {version} and "
                f"not {VERSION}: delete it to begin anew, or give another path"
            )
        self._require_same(marks, found)
        return found

    def _require_same(self, marks: dict[str, str], found: Snapshot) -> None:
        """Raise if a file is another run's; `marks` are those in it."""
        # After Ctrl-C the network holds weights of the run, and it goes on all the same.
        if self.marks[WEIGHTS] in map(digest, found.thetas):
            marks[WEIGHTS] = self.marks[WEIGHTS]
        names = [*self.marks, *(name for name in marks if name not in self.marks)]
        different = [name for name in names if marks.get(name) != self.marks.get(name)]
        if different:
            verb = "differs" if len(different) == 1 else "differ"
            raise FormatError(
                f"{self.path} is the checkpoint of another run: {', '.join(different)} {verb}; "
                "delete it to begin anew, or give another path"
            )

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() - self._written >= self.every

    def hand(self, theta: FloatArray) -> None:
        """Note weights that the network was given, so that a run that goes on knows them."""
        snapshot = self.read()
        if snapshot is not None:
            self.write(replace(snapshot, handed=theta))

    def write(self, snapshot: Snapshot) -> None:
        """Write; where that fails the old file stays, a warning says so, and the run goes on."""
        try:
            write_atomically(self.path, _bytes(snapshot, self.marks, self._table))
        except OSError as error:
            words = f"no checkpoint was written: {error}; the run goes on"
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        self._written = time.monotonic()


def digest(*things: Any) -> str:
    """Return a text that is equal for equal arrays and texts.

    Of an array of more than 16 MiB 4,096 rows are looked at.
    """
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


def _bytes(snapshot: Snapshot, marks: Marks, table: Table) -> bytes:
    arrays: dict[str, Any] = {"theta": snapshot.theta}
    arrays |= {f"slot{k}": slot for k, slot in enumerate(snapshot.slots)}
    if snapshot.kept is not None:
        arrays["kept"] = snapshot.kept[1]
    if snapshot.handed is not None:
        arrays["handed"] = snapshot.handed
    arrays["records"], arrays["known"] = table.of(snapshot.records)
    meta = {
        "version": VERSION,
        "marks": dict(marks),
        "slots": len(snapshot.slots),
        "kept": None if snapshot.kept is None else snapshot.kept[0],
        "chance": _plain(snapshot.chance),
    }
    names = ("counters", "iteration", "eta", "done", "seconds", "watch", "engine")
    meta |= {name: getattr(snapshot, name) for name in names}
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _snapshot(content: dict[str, Any], meta: dict[str, Any]) -> Snapshot:
    rows = zip(content["records"].tolist(), content["known"].tolist(), strict=True)
    found = Snapshot(
        theta=content["theta"],
        slots=tuple(content[f"slot{k}"] for k in range(meta["slots"])),
        counters=tuple(meta["counters"]),
        iteration=meta["iteration"],
        eta=meta["eta"],
        done=meta["done"],
        chance=_arrays(meta["chance"]),
        records=tuple(_record(numbers, known) for numbers, known in rows),
        seconds=meta["seconds"],
        watch=None if meta["watch"] is None else tuple(meta["watch"]),
        kept=None if meta["kept"] is None else (int(meta["kept"]), content["kept"]),
        engine=meta["engine"],
        handed=content.get("handed"),
    )
    if any(one.shape != (found.theta.size,) for one in (*found.thetas, *found.slots)):
        raise ValueError("its arrays are of different lengths")
    return found


WHOLE = ("epoch", "iteration", "best_epoch")


def _record(numbers: list[float], known: list[bool]) -> Record:
    cells = zip(Record._fields, numbers, known, strict=True)
    kept = {name: int(one) if name in WHOLE else one for name, one, there in cells if there}
    return Record(**kept)  # type: ignore[arg-type]


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
