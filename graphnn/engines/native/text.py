"""Pieces of generated Python source: blocks, sections, and how scalar functions are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import indent
from typing import Literal, TypeAlias

__all__ = ["Kind", "Precision", "block", "join", "section", "select"]

Kind: TypeAlias = Literal["int", "int64*", "int32*", "float64*", "real*", "float64[]"]
"""What an argument of compiled code is: a whole number, where an array begins, or an array."""


@dataclass(frozen=True)
class Precision:
    """How numbers are written in float64 and in float32.

    Numbers are stored and summed in the precision; scalar functions take and return float64.
    """

    name: Literal["float64", "float32"]

    def rounded(self, expression: str) -> str:
        """Write a float64 expression rounded to the precision."""
        return expression if self.name == "float64" else f"float32({expression})"

    def wide(self, expression: str) -> str:
        """Write an expression of the precision as float64."""
        return expression if self.name == "float64" else f"float64({expression})"

    @property
    def zero(self) -> str:
        """Zero."""
        return self.rounded("0.0")


def select(moved: float, moves: float, stays: float) -> float:
    """Return one number where a weight is moved (`moves` is 1), else another.

    Both are there before one is chosen, so LLVM chooses among several at once. A product would do
    the same until an update overflows: infinity times 0 is NaN.
    """
    return moved if moves != 0 else stays


def block(head: str, *lines: str) -> str:
    """Return lines indented under a head such as `for j in range(8):`."""
    return "\n".join([head, *(indent(line, "    ") for line in lines if line)])


def join(*lines: str | Iterable[str]) -> str:
    """Return lines, or lists of lines, one under the other; empty ones are left out."""
    flat: list[str] = []
    for line in lines:
        flat.extend([line] if isinstance(line, str) else line)
    return "\n".join(line for line in flat if line)


def section(comment: str, *lines: str | Iterable[str]) -> str:
    """Return lines under a comment."""
    return join(f"# {comment}", *lines)
