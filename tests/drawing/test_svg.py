"""SVG: our own writer's and Graphviz's have the same places, groups, titles and texts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from shutil import which
from typing import Any

import pytest
from drawing.pictures import SVG, circles, drawn_networks, texts, titles
from hypothesis import given

import graphnn as gn
from graphnn.drawing.render import render

RENDERERS = ["wasm", "own"]
RENDERERS += [
    name for name, program in {"dot": "dot", "pure": "graphviz-pure"}.items() if which(program)
]
OTHERS = [name for name in RENDERERS if name != "own"]


@pytest.mark.parametrize("renderer", OTHERS)
@given(case=drawn_networks())
def test_graphviz_draws_everything_at_our_places(
    renderer: str, case: tuple[gn.Network, dict[str, Any]]
) -> None:
    net, options = case
    scene = gn.draw(net, **options).scene
    ours, theirs = (render(scene, "svg", one).decode() for one in ("own", renderer))
    assert circles(ours).keys() == circles(theirs).keys()
    for place, expected in circles(ours).items():
        # Graphviz writes two decimals, and canvases in whole points.
        assert circles(theirs)[place] == pytest.approx(expected, abs=1.0), place
    assert titles(ours) == titles(theirs)


@pytest.mark.parametrize("renderer", RENDERERS)
class TestGroups:
    @pytest.fixture
    def svg(self, renderer: str) -> str:
        net = gn.Network.from_matrices([[[0.0], [0.5], [-2.0]]], activation="tanh")
        net.set_shared((0, 1), (1, 1), "kernel")
        trace = gn.backward(net, [1.0, -1.0], 0.0)
        return gn.draw(net, trace=trace, renderer=renderer).svg

    def test_neurons_and_edges_are_addressed_and_say_what_they_are(self, svg: str) -> None:
        found = titles(svg)
        assert set(found) == {"0,0", "0,1", "0,2", "1,1", *(f"0,{i} 1,1" for i in range(3))}
        assert found["0,0"] == "constant neuron (0, 0): v = 1"
        assert found["1,1"].startswith("neuron (1, 1), tanh: a = 2.5, v = 0.986614, delta = ")
        assert found["0,1 1,1"].startswith("(0, 1) -> (1, 1): weight 0.5, shared as kernel, grad")

    def test_the_picture_and_its_parts_are_described(self, svg: str) -> None:
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        said = [element.text or "" for element in root.iter(f"{SVG}title")]
        assert "network of 2, 1 neurons" in said
        described = [element.text or "" for element in root.iter(f"{SVG}desc")]
        assert any(text.startswith("A layered network of depth 1") for text in described)
        assert "output layer; 3 edges in, 0 out" in described

    def test_labels_of_edges_can_be_addressed(self, svg: str) -> None:
        groups = [g for g in ET.fromstring(svg).iter(f"{SVG}g") if g.get("class") == "label"]
        assert {g.get("data-edge") for g in groups} == {f"0,{i} 1,1" for i in range(3)}

    def test_texts_are_all_there(self, svg: str) -> None:
        expected = {"input", "output (tanh)", "x₁", "x₂", "y₁", "+0.50 kernel", "-2.00", "0.99"}
        assert expected <= set(texts(svg))


HOSTILE = [
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;",
    '" onload="alert(1)',
    '"]; evil [label="',
    r"\N\G\L\"",
    "$(touch /tmp/x) `id` ; rm -rf /",
    "]]> <!-- ",
    "\x00\x1b[31m\ud800\uffff",
    "a\nb\tc",
    "<b>bold</b>",
    "\u202eabc",
]


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_injects_nothing(renderer: str, text: str) -> None:
    name = text if text.isprintable() else "plain"
    own = gn.Activation(name, lambda a: a, lambda a, v: 1.0)
    net = gn.Network([1, 2, 1], activation=own)
    net.set_label((0, 1), text)
    net.set_label((1, 2), (text, 1))
    net.add_edge((0, 1), (1, 1), 0.5, shared=text)
    net.add_edge((1, 1), (2, 1), 1.0)
    number = {(1, 1): 0.5}
    svg = gn.draw(net, neurons={text: number}, renderer=renderer, legend=True).svg
    root = ET.fromstring(svg)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    known = {"svg", "g", "title", "desc", "path", "circle", "ellipse", "polygon", "text", "rect"}
    assert names <= known
    for element in root.iter():
        assert not [name for name in element.keys() if name.startswith("on")]  # noqa: SIM118
    assert len(titles(svg)) == 6 + 2  # two constant neurons, four others, two edges


def test_the_text_is_shown_as_it_is() -> None:
    net = gn.Network([1, 1])
    net.set_label((0, 1), "&lt;b>")
    for renderer in RENDERERS:
        assert "&lt;b>" in texts(gn.draw(net, renderer=renderer).svg)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_same_network_gives_the_same_bytes(renderer: str) -> None:
    drawn = [gn.draw(gn.Network.dense([3, 4, 2], seed=5), renderer=renderer) for _ in range(2)]
    assert drawn[0].bytes("svg") == drawn[1].bytes("svg")
