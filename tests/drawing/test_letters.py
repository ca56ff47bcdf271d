"""Letters: widths against Helvetica's metric twin, and texts that XML can hold."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnn.drawing.letters import one_line, printable, subscript, text_width


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [("+0.50", 584 + 278 + 3 * 556), ("-1.2e4", 333 + 278 + 4 * 556), ("hidden", 5 * 556 + 222)],
)
def test_widths_are_adobes(text: str, thousandths: int) -> None:
    assert text_width(text, 10) == pytest.approx(thousandths / 100)


@given(st.text())
def test_what_is_printable_can_stand_in_xml(text: str) -> None:
    root = ET.Element("a")
    root.text = printable(text)
    assert ET.fromstring(ET.tostring(root, encoding="unicode")).text or not text


@given(st.text(), st.integers(1, 12))
def test_one_line_is_one_line_of_so_many_letters(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1


def test_subscripts_have_every_digit() -> None:
    assert subscript(9876543210) == "₉₈₇₆₅₄₃₂₁₀"
