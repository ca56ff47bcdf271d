"""Text tables: whole, aligned, and read as written."""

from __future__ import annotations

from graphnn.tables import text_table


def test_no_cell_is_cut_and_numbers_are_set_right() -> None:
    table = text_table(["name", "number"], [["a" * 200, "1"], ["b", "-12.5"]])
    lines = table.splitlines()
    assert len(lines) == 4
    assert "a" * 200 in lines[2]
    assert lines[2].endswith("     1")
    assert lines[3].endswith(" -12.5")


def test_square_brackets_are_text_and_no_markup() -> None:
    assert "[red]x[/red]" in text_table(["a"], [["[red]x[/red]"]])
