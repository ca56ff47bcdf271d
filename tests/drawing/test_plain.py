"""Plain graphs beside networks."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from drawing.pictures import SVG, texts

import graphnn as gn
from graphnn.drawing.plain import OKABE_ITO, beside, plain_graph

POSITIONS = {"a": (0.0, 0.0), "b": (1.0, 1.0), "<b>": (-1.0, 0.5)}


def test_vertices_have_their_colours_and_places() -> None:
    svg = plain_graph(POSITIONS, [("a", "b")], {"a": 1, "b": 9, "<b>": None}, title="t & u")
    root = ET.fromstring(svg)
    circles = list(root.iter(f"{SVG}circle"))
    assert [c.get("fill") for c in circles] == [OKABE_ITO[1], OKABE_ITO[1], "#ffffff"]
    assert circles[0].get("cx") == circles[0].get("cy") == "154.00"
    assert float(circles[1].get("cx") or 0) > 154 > float(circles[1].get("cy") or 0)
    assert len(list(root.iter(f"{SVG}path"))) == 1
    assert texts(svg) == ["a", "b", "<b>"]
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert titles == [
        "t & u",
        "vertex a, colour 1",
        "vertex b, colour 9",
        "vertex <b>, not coloured",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_stand_side_by_side(theme: str) -> None:
    left = plain_graph(POSITIONS, [], dict.fromkeys(POSITIONS, 0), theme=theme)
    right = gn.draw(gn.Network.dense([3, 8, 2]), theme=theme, renderer="own").svg
    whole, one, two = (
        ET.fromstring(svg) for svg in (beside(left, right, theme=theme), left, right)
    )
    inner = whole.findall(f"{SVG}svg")
    assert [i.get("viewBox") for i in inner] == [one.get("viewBox"), two.get("viewBox")]
    assert float(inner[1].get("x") or 0) == pytest.approx(float((one.get("width") or "")[:-2]))
    width = sum(float((e.get("width") or "")[:-2]) for e in (one, two))
    assert float((whole.get("width") or "")[:-2]) == pytest.approx(width, abs=0.02)
