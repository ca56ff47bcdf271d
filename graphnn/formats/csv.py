"""`Table`: a CSV file with a header, its columns as numbers or labels."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import DataError

__all__ = ["Table", "is_number", "parse", "read"]


MISSING = frozenset({"", "na", "n/a", "nan", "null"})
"""What stands, in capitals or not, for a value that is missing."""


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Attributes:
        name: The file's name, for messages.
        header: The columns' names.
        rows: The cells as text, one tuple a row.
        lines: The line of the file that each row begins at.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """Return a column's cells as text.

        Raises:
            DataError: If there is no such column; the message lists those there are.
        """
        if name not in self.header:
            raise DataError(
                f"{self.name}: there is no column {name!r}; the columns are {list(self.header)}"
            )
        k = self.header.index(name)
        return [row[k] for row in self.rows]

    def numbers(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return columns as numbers, shape (m, len(names)).

        Raises:
            DataError: If a cell is no finite number; line and column are named.
        """
        columns = [self.column(name) for name in names]
        array = np.empty((len(self.rows), len(names)))
        for k, (name, cells) in enumerate(zip(names, columns, strict=True)):
            for row, cell in enumerate(cells):
                array[row, k] = self._number(cell, name, self.lines[row])
        return array

    def features(self, target: str) -> NDArray[np.float64]:
        """Return all columns but the target as numbers."""
        return self.numbers([name for name in self.header if name != target])

    def labels(self, name: str) -> list[str]:
        """Return a column as class labels.

        Raises:
            DataError: If a cell is empty or says that a value is missing (NA, NaN, null).
        """
        cells = self.column(name)
        for row, cell in enumerate(cells):
            if cell.lower() in MISSING:
                raise DataError(
                    f"{self.name}, line {self.lines[row]}: the cell in column {name!r} "
                    f"{_found(cell)}, expected a class label; remove the row or name the class"
                )
        return cells

    def _number(self, cell: str, name: str, line: int) -> float:
        if not is_number(cell):
            raise DataError(
                f"{self.name}, line {line}: the cell in column {name!r} {_found(cell)}, expected a "
                "finite number; remove or encode such columns and impute missing values first"
            )
        return float(cell)


def read(path: str | os.PathLike[str]) -> Table:
    """Read a CSV file with a header line, UTF-8.

    Raises:
        DataError: If it has no header or rows, or a row has another number of cells.
        OSError: If it cannot be read.
    """
    name = Path(path).name
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return parse(file.read(), name)
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: it is no UTF-8 text: {error}") from None


def parse(text: str, name: str = "data") -> Table:
    r"""Return the table of CSV text.

    Raises:
        DataError: As `read`.

    Example:
        >>> parse("x,y\n1,a\n2,b\n").labels("y")
        ['a', 'b']
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        start = 1
        for row in reader:
            if any(map(str.strip, row)):
                cells.append(tuple(map(str.strip, row)))
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: {error}") from None
    if len(cells) < 2:
        words = "1 line" if len(cells) == 1 else f"{len(cells)} lines"
        raise DataError(f"{name}: found {words}, expected a header and at least one row")
    header, rows = cells[0], tuple(cells[1:])
    other = next((mark for mark in (";", "\t", "|") if mark in "".join(header)), None)
    if len(header) == 1 and other is not None:
        raise DataError(
            f"{name}: the header is one cell, {header[0]!r}: it looks separated by {other!r}, "
            "expected commas"
        )
    _check_header(header, name)
    for line, found in zip(lines[1:], map(len, rows), strict=True):
        if found != len(header):
            raise DataError(
                f"{name}, line {line}: found {found} cells, expected {len(header)} as in the header"
            )
    return Table(name, header, rows, tuple(lines[1:]))


def _check_header(header: Sequence[str], name: str) -> None:
    repeated = [title for k, title in enumerate(header) if title in header[:k]]
    if repeated or not all(header):
        what = f"has the column {repeated[0]!r} twice" if repeated else "has a column without name"
        raise DataError(f"{name}: the header {what}: {list(header)}")
    if all(is_number(title) for title in header):
        raise DataError(
            f"{name}: the first line is {list(header)}, all numbers; expected the columns' names"
        )


def _found(cell: str) -> str:
    return f"holds {cell!r}" if cell else "is empty"


def is_number(cell: str) -> bool:
    """Return whether a cell is a finite number."""
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
