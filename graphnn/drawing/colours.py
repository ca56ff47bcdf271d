"""`Theme`: the colours of a picture, light or dark, told apart by the colour-blind.

Blue is above zero and red below, as in ColorBrewer's diverging scheme RdBu, which Harrower and
Brewer, "ColorBrewer.org" (2003), found to be told apart by people with any common colour blindness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphnn.functions.choice import unknown_name

__all__ = ["DARK", "LIGHT", "THEMES", "Theme", "blend", "theme_named"]


@dataclass(frozen=True)
class Theme:
    """The colours of a picture, each as "#rrggbb".

    Attributes:
        background: Behind everything.
        ink: Of text in neurons, and of notes.
        faint: Of headings and the legend.
        positive: Of edges above zero.
        negative: Of edges below zero.
        zero: Of edges at zero and of relays.
        constant: Fill and line of constant neurons.
        input: Likewise of the inputs,
        hidden: of hidden neurons,
        output: and of the outputs.
        low: A neuron's fill at the lowest number of the scale,
        middle: at zero,
        high: and at the highest.
        path: What marks a path.
    """

    background: str
    ink: str
    faint: str
    positive: str
    negative: str
    zero: str
    constant: tuple[str, str]
    input: tuple[str, str]
    hidden: tuple[str, str]
    output: tuple[str, str]
    low: str
    middle: str
    high: str
    path: str

    def edge(self, number: float) -> str:
        """Return the colour of an edge with this number."""
        return self.positive if number > 0 else self.negative if number < 0 else self.zero

    def fill(self, share: float) -> str:
        """Return the fill of a neuron whose number is that share, -1 to 1, of the largest."""
        return blend(self.middle, self.high if share > 0 else self.low, min(abs(share), 1.0))


LIGHT = Theme(
    background="#ffffff",
    ink="#000000",
    faint="#444444",
    positive="#2166ac",
    negative="#c0392b",
    zero="#888888",
    constant=("#f2f2f2", "#888888"),
    input=("#fdf0d5", "#b08a2e"),
    hidden=("#e3edf9", "#3a6ea5"),
    output=("#e0f2e0", "#3f8f47"),
    low="#ef8a62",
    middle="#f7f7f7",
    high="#67a9cf",
    path="#e69f00",
)
DARK = Theme(
    background="#15181d",
    ink="#f2f2f2",
    faint="#b8bec7",
    positive="#6db3f2",
    negative="#ff8f73",
    zero="#8a9099",
    constant=("#2b2f36", "#8a9099"),
    input=("#3d3420", "#d9b55b"),
    hidden=("#1f3349", "#6fa8dc"),
    output=("#1f3a26", "#78c285"),
    low="#a8482b",
    middle="#2b2f36",
    high="#2a6f9f",
    path="#f5c542",
)
THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})


def theme_named(theme: str | Theme) -> Theme:
    """Return a theme by its name, or as it is.

    Raises:
        ValueError: If the name is unknown.

    Example:
        >>> theme_named("dark").background
        '#15181d'
    """
    if isinstance(theme, Theme):
        return theme
    if not isinstance(theme, str) or theme not in THEMES:
        raise unknown_name("theme", theme, THEMES, "a Theme")
    return THEMES[theme]


def blend(first: str, second: str, share: float) -> str:
    """Return the colour at that share of the way from one colour to another.

    Example:
        >>> blend("#000000", "#ff0080", 0.5)
        '#800040'
    """
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "#" + bytes(round(a + share * (b - a)) for a, b in pairs).hex()
