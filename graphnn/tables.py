"""Text tables, drawn by rich, and numbers as strings: for traces, reports, the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from numbers import Rational
from typing import Any

__all__ = ["shown", "text_table"]

LONGEST_FRACTION = 12
"""Fractions of more letters are shown as decimals."""

NO_BRACES = str.maketrans("", "", "{}")
"""Symbols are named as in LaTeX."""


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as text without a trailing line end.

    Args:
        header: The columns' titles.
        rows: The cells.
        left: How many columns are set flush left; the others hold numbers and are set right.

    Example:
        >>> print(text_table(["neuron", "v"], [["(0, 1)", "0.5"]]))
        neuron    v
        ───────────
        (0, 1)  0.5
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for k, title in enumerate(header):
        table.add_column(Text(title), justify="left" if k < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    text = StringIO()
    # Wide enough that nothing is cut; a table takes only the width that it needs. In a notebook
    # rich would show the table and write nothing.
    Console(file=text, width=100_000, color_system=None, force_jupyter=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines() if line.strip())


def shown(number: Any, digits: int = 6) -> str:
    """Return a number of any kind in a few digits; short fractions and expressions as they are.

    Example:
        >>> from fractions import Fraction
        >>> shown(2 / 3), shown(Fraction(2, 3)), shown(Fraction(0.1))
        ('0.666667', '2/3', '0.1')
    """
    if isinstance(number, int | float):
        return f"{number:.{digits}g}"
    if isinstance(number, Rational):
        return _fraction(int(number.numerator), int(number.denominator), digits)
    if hasattr(getattr(number, "context", None), "nstr"):
        return str(number.context.nstr(number, digits)).removesuffix(".0")  # mpmath's
    try:
        return format(number, f".{digits}g")
    except (TypeError, ValueError):
        return str(number).translate(NO_BRACES)


def _fraction(over: int, under: int, digits: int) -> str:
    if over.bit_length() + under.bit_length() < 4 * LONGEST_FRACTION:
        text = str(over) if under == 1 else f"{over}/{under}"
        if len(text) <= LONGEST_FRACTION:
            return text
    try:
        decimal = over / under
    except OverflowError:
        decimal = math.inf
    if math.isfinite(decimal) and (decimal or not over):
        return f"{decimal:.{digits}g}"
    return f"{Decimal(over) / Decimal(under):.{digits}g}"  # what is beyond a float's range
