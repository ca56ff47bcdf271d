"""DOT text: every neuron, every weight, pinned; nothing is run."""

from __future__ import annotations

import subprocess

import pytest
from drawing.pictures import EDGES, picture

import graphnn as gn
from graphnn.drawing.colours import LIGHT
from graphnn.drawing.dot import to_dot
from graphnn.drawing.picture import Picture
from graphnn.drawing.scene import scene_of


def line(source: str, start: str) -> str:
    return next(text for text in source.splitlines() if text.strip().startswith(start))


def dot(one: Picture) -> str:
    return to_dot(scene_of(one, LIGHT))


def test_sign_is_colour_and_size_is_width() -> None:
    source = dot(picture(0.25, -1.0))
    assert LIGHT.positive in line(source, '"0,0" -> "1,1"')
    assert LIGHT.negative in line(source, '"0,1" -> "1,1"')
    assert "penwidth=1.38" in line(source, '"0,0" -> "1,1"')  # 0.5 + 3.5 * 0.25
    assert "penwidth=4.00" in line(source, '"0,1" -> "1,1"')


def test_positions_are_pinned_and_values_are_in_the_neurons() -> None:
    source = dot(picture())
    neuron = line(source, '"1,1" [')
    assert 'pos="180.00,0.00!"' in neuron
    assert r"y₁\n-1.25" in neuron
    assert "dashed" in line(source, '"0,0" [')
    assert "+0.50" in line(source, '"0,0 to 1,1"')


def test_text_that_means_something_to_graphviz_is_escaped() -> None:
    texts = {(1, 1): [r"\N \G <b>"], (0, 1): ['a"];evil['], (0, 0): ["&lt;"]}
    source = dot(Picture([[(0, 0), (0, 1)], [(1, 1)]], ["<<b>x</b>>", "\\"], texts, {}))
    assert r'label="a\"];evil["' in source
    assert r'label="\\N \\G <b>"' in source
    assert 'label="&amp;lt;"' in source
    assert r'label="\\"' in source


def test_making_text_runs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr(subprocess, "Popen", never)
    assert dot(picture()).startswith("digraph")


def test_frozen_edges_are_dashed_and_relays_are_dots() -> None:
    source = dot(picture(frozen={EDGES[0]}))
    assert "style=dashed" in line(source, '"0,0" -> "1,1"')
    assert "style" not in line(source, '"0,1" -> "1,1"')
    source = dot(picture(relays={(1, 1)}))
    assert "width=0.0972" in line(source, '"1,1" [')
    assert "arrowhead=none" in line(source, '"0,1" -> "1,1"')


def test_users_get_the_text_with_the_options_of_draw() -> None:
    net = gn.Network.dense([2, 3, 1], seed=0)
    source = gn.to_dot(net, theme="dark", show=[(0, 1), (1, 2), (2, 1)])
    assert source == gn.draw(net, theme="dark", show=[(0, 1), (1, 2), (2, 1)]).source
    assert "#15181d" in source
    assert '"1,1"' not in source
    assert 'tooltip="(0, 1) -> (1, 2): weight ' in source
