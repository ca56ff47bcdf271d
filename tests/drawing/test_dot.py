"""DOT text: every neuron, every weight, pinned; nothing is run."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from graphnn.drawing.dot import NEGATIVE, POSITIVE, ZERO, Picture, subscript, to_dot
from graphnn.types import Neuron

COLUMNS: list[list[Neuron]] = [[(0, 0), (0, 1)], [(1, 1)]]
TEXTS = {(0, 0): ["1"], (0, 1): ["x₁", "0.50"], (1, 1): ["y₁", "-1.25"]}


def line(source: str, start: str) -> str:
    return next(text for text in source.splitlines() if text.strip().startswith(start))


def picture(first: float, second: float) -> Picture:
    weights = {((0, 0), (1, 1)): first, ((0, 1), (1, 1)): second}
    return Picture(COLUMNS, ["input", "output"], weights, TEXTS)


def test_sign_is_colour_and_size_is_width() -> None:
    source = to_dot(picture(0.25, -1.0))
    assert POSITIVE in line(source, '"0,0" -> "1,1"')
    assert NEGATIVE in line(source, '"0,1" -> "1,1"')
    assert "penwidth=1.38" in line(source, '"0,0" -> "1,1"')  # 0.5 + 3.5 * 0.25
    assert "penwidth=4.00" in line(source, '"0,1" -> "1,1"')
    assert ZERO in line(to_dot(picture(0.0, 0.0)), '"0,0" -> "1,1"')


@pytest.mark.parametrize(
    ("weight", "label"),
    [(0.35, "+0.35"), (-1.5, "-1.50"), (0.0, "+0.00"), (1e-9, "+1e-9"), (-12345.0, "-1.2e4")],
)
def test_weights_are_written_on_the_edges(weight: float, label: str) -> None:
    assert label in line(to_dot(picture(weight, 1.0)), '"0,0 to 1,1"')


def test_positions_are_pinned_and_values_are_in_the_neurons() -> None:
    source = to_dot(picture(1.0, 1.0))
    neuron = line(source, '"1,1" [')
    assert 'pos="180.00,0.00!"' in neuron
    assert r"y₁\n-1.25" in neuron
    assert "dashed" in line(source, '"0,0" [')


def test_text_that_means_something_to_graphviz_is_escaped() -> None:
    hostile = Picture(COLUMNS, ['a"];evil[', r"\N \G <b>"], {}, TEXTS)
    source = to_dot(hostile)
    assert r'"a\"];evil["' in source
    assert r"\\N \\G <b>" in source


def test_making_text_runs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr(subprocess, "Popen", never)
    assert to_dot(picture(1.0, 2.0)).startswith("digraph")


def test_subscripts_have_every_digit() -> None:
    assert subscript(9876543210) == "₉₈₇₆₅₄₃₂₁₀"


class TestTies:
    """Edges that are frozen or share a weight, and relays."""

    EDGES = (((0, 0), (1, 1)), ((0, 1), (1, 1)))

    def test_frozen_edges_are_dashed(self) -> None:
        one = picture(0.5, 1.0)
        source = to_dot(replace(one, frozen={self.EDGES[0]}))
        assert "style=dashed" in line(source, '"0,0" -> "1,1"')
        assert "style" not in line(source, '"0,1" -> "1,1"')

    def test_the_shared_name_stands_behind_the_weight(self) -> None:
        one = picture(0.5, 1.0)
        source = to_dot(replace(one, marks={self.EDGES[0]: 'k"];evil['}))
        assert r'"+0.50 k\"];evil["' in line(source, '"0,0 to 1,1"')
        assert "evil" not in line(source, '"0,1 to 1,1"')

    def test_a_relay_is_a_dot_that_a_thin_line_leads_to(self) -> None:
        source = to_dot(replace(picture(0.5, 1.0), relays={(1, 1)}))
        assert "width=0.0972" in line(source, '"1,1" [')
        assert "y₁" not in source
        assert "arrowhead=none" in line(source, '"0,1" -> "1,1"')
        assert "to 1,1" not in source
