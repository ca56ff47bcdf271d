"""Text tables, drawn by rich, as strings: for traces, reports and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

__all__ = ["text_table"]


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
    # Wide enough that nothing is cut; a table takes only the width that it needs.
    Console(file=text, width=100_000, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines() if line.strip())
