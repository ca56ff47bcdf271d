"""Pictures for tests, by hand and at random, and what stands in an SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from hypothesis import strategies as st
from strategies import networks

import graphnn as gn
from graphnn.drawing.picture import Picture
from graphnn.types import Neuron

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS: list[list[Neuron]] = [[(0, 0), (0, 1)], [(1, 1)]]
TEXTS = {(0, 0): ["1"], (0, 1): ["x₁", "0.50"], (1, 1): ["y₁", "-1.25"]}
EDGES = (((0, 0), (1, 1)), ((0, 1), (1, 1)))


def picture(first: float = 0.5, second: float = 1.0, **more: Any) -> Picture:
    edges = dict(zip(EDGES, (first, second), strict=True))
    labels = {edge: f"{number:+.2f}" for edge, number in edges.items()}
    return Picture(COLUMNS, ["input", "output"], TEXTS, edges, **{"labels": labels} | more)


@st.composite
def drawn_networks(draw: st.DrawFn) -> tuple[gn.Network, dict[str, Any]]:
    """Draw a network with labels and names of all kinds, and how it is to be drawn."""
    net = draw(networks())
    for neuron in draw(st.lists(st.sampled_from(sorted(net.nodes)), max_size=3, unique=True)):
        label = draw(st.text(max_size=12))
        if label not in net.labels:
            net.set_label(neuron, label)
    edges = sorted(net.edges)
    for edge in draw(st.lists(st.sampled_from(edges), max_size=2, unique=True)) if edges else []:
        net.set_shared(*edge, draw(st.text(min_size=1, max_size=9)) + str(edge))
        net.set_trainable(False, edge=edge)
    x = [0.5] * net.layers[0]
    options: dict[str, Any] = {
        "down": draw(st.booleans()),
        "theme": draw(st.sampled_from(["light", "dark"])),
        "legend": draw(st.sampled_from([None, True, False])),
        "show": draw(st.sampled_from([None, "all"])),
    }
    if draw(st.booleans()):
        options["trace"] = gn.backward(net, x, [0.0] * net.layers[-1])
        options["neurons"] = {"v": options["trace"].v, "delta": options["trace"].delta}
        options["edges"] = {"weight": options["trace"].weights, "g": options["trace"].gradient}
        options["formula"] = (1, net.neurons(1)[0][1])
    return net, options


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def titles(svg: str) -> dict[str, str]:
    """Return the title of each neuron and edge."""
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        if group.get("class") in ("neuron", "edge"):
            place = group.get("data-neuron") or group.get("data-edge")
            assert place is not None
            title = group.find(f"{SVG}title")
            found[place] = "" if title is None else title.text or ""
    return found


def circles(svg: str) -> dict[str, tuple[float, float, float]]:
    """Return x, y (downwards, of the canvas) and radius of each neuron, whoever drew it."""
    root = ET.fromstring(svg)
    left, top, *_ = map(float, (root.get("viewBox") or "").split())
    moved = re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", svg)
    dx, dy = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    found = {}
    for group in root.iter(f"{SVG}g"):
        place = group.get("data-neuron")
        if place is not None:
            shape = group.find(f".//{SVG}circle")
            if shape is None:
                shape = group.find(f".//{SVG}ellipse")
            assert shape is not None
            x, y = float(shape.get("cx") or 0), float(shape.get("cy") or 0)
            radius = float(shape.get("r") or shape.get("rx") or 0)
            found[place] = (x + dx - left, y + dy - top, radius)
    return found
