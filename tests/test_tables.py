"""Text tables: whole, aligned, and read as written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from graphnn.tables import shown, text_table


def test_no_cell_is_cut_and_numbers_are_set_right() -> None:
    table = text_table(["name", "number"], [["a" * 200, "1"], ["b", "-12.5"]])
    lines = table.splitlines()
    assert len(lines) == 4
    assert "a" * 200 in lines[2]
    assert lines[2].endswith("     1")
    assert lines[3].endswith(" -12.5")


def test_square_brackets_are_text_and_no_markup() -> None:
    assert "[red]x[/red]" in text_table(["a"], [["[red]x[/red]"]])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2 / 3, "0.666667"),
        (1e-10, "1e-10"),
        (3, "3"),
        (True, "1"),
        (-0.0, "-0"),
        (Fraction(-2, 3), "-2/3"),
        (Fraction(4, 2), "2"),
        (Fraction(0.1), "0.1"),
        (Fraction(1, 10**12), "1e-12"),
        (Fraction(10**5000, 3), "3.33333e+4999"),
        (Fraction(-1, 3 * 10**5000), "-3.33333e-5001"),
        (Decimal("0.123456789"), "0.123457"),
    ],
)
def test_a_number_is_shown_in_six_digits_a_short_fraction_as_it_is(number: Any, text: str) -> None:
    assert shown(number) == text


def test_more_digits_where_they_are_asked_for() -> None:
    assert shown(2 / 3, 10) == "0.6666666667"
    assert shown(Fraction(10**9, 3**20), 10) == "0.2867971991"


def test_numbers_of_mpmath_s_are_cut_to_as_many_digits() -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.mp.workdps(50):
        assert shown(mpmath.mpf(2) / 3) == "0.666667"
        assert shown(mpmath.mpf(2)) == "2"


def test_expressions_are_shown_whole_without_latex_s_braces() -> None:
    sympy = pytest.importorskip("sympy")
    assert shown(sympy.Symbol("w_{0,1}^{(1)}") + 1) == "w_0,1^(1) + 1"
    assert shown(sympy.Rational(1, 3)) == "1/3"
