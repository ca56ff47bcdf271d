"""Letters: how wide a text is in Helvetica, and what of a text can be drawn at all.

Source: Adobe's font metrics of Helvetica, in thousandths of the font's size.
"""

from __future__ import annotations

import re

__all__ = ["one_line", "printable", "short_exponent", "subscript", "text_width"]

WIDTHS = dict.fromkeys("0123456789abdeghnopqu_#$?L", 556) | {
    **dict.fromkeys(" .,:;/!tfI|[]\\", 278),
    **dict.fromkeys("ijl'", 222),
    **dict.fromkeys("-()r`", 333),
    **dict.fromkeys("+<=>~", 584),
    **dict.fromkeys("ckszvxyJ", 500),
    **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉", 333),
}
WIDEST = 1000
"""Of signs of other scripts, which are about as wide as high."""
LETTER = 722

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is, in points, at a font size in points.

    Example:
        >>> round(text_width("+0.50", 10), 1)
        25.3
    """
    known = WIDTHS.get
    return size / 1000 * sum(known(c, LETTER if c < "\u1000" else WIDEST) for c in text)


def printable(text: str) -> str:
    """Return a text without what XML cannot hold, such as NUL: replaced by U+FFFD.

    Example:
        >>> printable("a" + chr(0) + "b")
        'a�b'
    """
    return NOT_XML.sub("\ufffd", text)


def one_line(text: str, most: int) -> str:
    """Return a text as one printable line of so many letters.

    Example:
        >>> one_line("a long name", 7)
        'a long…'
    """
    line = " ".join(printable(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def subscript(number: int) -> str:
    """Return a number in Unicode subscripts: not every build of Graphviz draws HTML labels.

    Example:
        >>> subscript(12)
        '₁₂'
    """
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def short_exponent(number: str) -> str:
    """Return a number that is written with an exponent without the exponent's plus and zeros.

    Example:
        >>> short_exponent("6.1e+05")
        '6.1e5'
    """
    digits, mark, exponent = number.partition("e")
    return f"{digits}e{int(exponent)}" if mark else digits  # inf and nan have none
