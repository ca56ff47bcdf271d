"""Reading tables: by name, with the line of what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphnn.errors import DataError
from graphnn.formats.csv import parse, read


def test_columns_are_numbers_or_labels() -> None:
    table = parse("a, b ,c\n1, 2.5,x\n\n-3,4e2,y\n")
    assert table.header == ("a", "b", "c")
    assert np.array_equal(table.numbers(["b", "a"]), [[2.5, 1], [400, -3]])
    assert np.array_equal(table.features("c"), [[1, 2.5], [-3, 400]])
    assert table.labels("c") == ["x", "y"]


def test_quoted_cells_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes('\ufeffname,x\r\n"Doe, Jane",1\r\n'.encode())
    table = read(path)
    assert table.header == ("name", "x")
    assert table.labels("name") == ["Doe, Jane"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 lines"),
        ("a,b\n", "1 line,"),
        ("a,b\n1,2\n3\n", "line 3: found 1 cells, expected 2"),
        ("a,a\n1,2\n", "'a' twice"),
        ("a,\n1,2\n", "without name"),
        ("1,2\n3,4\n", "all numbers"),
        ('a,b\n"1,2\n', "line"),
    ],
)
def test_a_bad_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse(text, "data.csv")


@pytest.mark.parametrize(("cell", "found"), [("", "is empty"), ("x", "'x'"), ("nan", "'nan'")])
def test_a_cell_that_is_no_number_is_named(cell: str, found: str) -> None:
    table = parse(f"a,b\n1,2\n3,{cell}\n", "data.csv")
    with pytest.raises(DataError, match=f"data.csv, line 3: the cell in column 'b' .*{found}"):
        table.numbers(["a", "b"])


def test_an_unknown_column_lists_those_there_are() -> None:
    with pytest.raises(DataError, match=r"no column 'z'.*\['a', 'b'\]"):
        parse("a,b\n1,2\n").column("z")


@pytest.mark.parametrize(("cell", "found"), [("", "is empty"), ("NaN", "'NaN'"), ("na", "'na'")])
def test_a_missing_label_is_named(cell: str, found: str) -> None:
    with pytest.raises(DataError, match=f"line 2: the cell in column 'b' .*{found}"):
        parse(f"a,b\n1,{cell}\n").labels("b")


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator_is_guessed(mark: str) -> None:
    with pytest.raises(DataError, match="expected commas"):
        parse(f"a{mark}b\n1{mark}2\n")


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes("a,größe\n1,2\n".encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        read(path)
