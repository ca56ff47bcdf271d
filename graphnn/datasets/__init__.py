"""The small real data sets that ship with graphnn."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphnn.formats.csv import Table

__all__ = ["load_iris"]


def load_iris() -> Table:
    """Return Fisher's iris data: 150 flowers, four measurements in centimetres, three species.

    Source and licence: `iris.md` beside the data.

    Example:
        >>> iris = load_iris()
        >>> iris.features("species").shape, iris.header[-1]
        ((150, 4), 'species')
    """
    from graphnn.formats.csv import parse

    text = files(__package__).joinpath("iris.csv").read_text(encoding="utf-8")
    return parse(text, "iris.csv")
