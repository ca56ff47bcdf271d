"""Pieces of source: blocks, sections, and how numbers are written in both precisions."""

from __future__ import annotations

import math

from graphnn.engines.native.text import Precision, block, join, section, select


def test_a_block_indents_what_is_under_its_head() -> None:
    inner = block("for k in range(2):", "x = k", "", "y = x")
    assert block("if found:", inner, "z = 1") == (
        "if found:\n    for k in range(2):\n        x = k\n        y = x\n    z = 1"
    )


def test_lines_and_lists_of_lines_are_joined_and_empty_ones_left_out() -> None:
    assert join("a", ["b", ""], "", ("c",), (line for line in "de")) == "a\nb\nc\nd\ne"


def test_a_section_is_under_its_comment() -> None:
    assert section("Add.", "a = 1", ["b = 2"]) == "# Add.\na = 1\nb = 2"


def test_what_stays_is_selected_whatever_the_weight_would_have_become() -> None:
    assert select(-2.5, 1.0, 7.0) == -2.5
    moved = (1.0, math.inf, -math.inf, math.nan)
    assert [select(weight, 0.0, 7.0) for weight in moved] == [7.0] * 4


def test_float64_is_written_as_it_is() -> None:
    double = Precision("float64")
    assert (double.rounded("a + b"), double.wide("a"), double.zero) == ("a + b", "a", "0.0")


def test_float32_is_rounded_and_widened() -> None:
    single = Precision("float32")
    assert single.rounded("a + b") == "float32(a + b)"
    assert (single.wide("a"), single.zero) == ("float64(a)", "float32(0.0)")
