"""Everything at its place: labels apart, nothing outside of the canvas, what colours mean."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import networkx as nx
import pytest
from drawing.pictures import EDGES, drawn_networks, picture
from hypothesis import given

import graphnn as gn
from graphnn.drawing.colours import LIGHT
from graphnn.drawing.scene import Letters, Scene, scene_of


def box(one: Letters) -> tuple[float, float, float, float]:
    return one.left, one.at[1] - one.size / 2, one.left + one.width, one.at[1] + one.size / 2


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def small_network(seed: int) -> tuple[gn.Network, dict[str, Any]]:
    """Return a network whose layers have all labels, in a form drawn by chance."""
    rng = random.Random(seed)
    widths = [rng.randint(1, 8) for _ in range(rng.randint(2, 4))]
    widths = [d if rng.random() < 0.8 else rng.choice([1, 12]) for d in widths]
    widths = [min(d, 8) if t % 2 else d for t, d in enumerate(widths)]
    init = gn.Normal(10 ** rng.uniform(-4, 4))
    net = gn.Network.dense(widths, rng.choice(["tanh", "relu"]), init=init, seed=seed)
    for u, v in sorted(net.edges):
        if rng.random() < 0.2:
            net.remove_edge(u, v)
        elif rng.random() < 0.05:
            net.set_shared(u, v, f"shared {u} {v}")
    options: dict[str, Any] = {"down": rng.random() < 0.5}
    if rng.random() < 0.5:
        trace = gn.backward(net, [1.0] * widths[0], [0.0] * widths[-1])
        options |= {"edges": {"weight": trace.weights, "gradient": trace.gradient}, "trace": trace}
        options["neurons"] = {"a": trace.a, "v": trace.v, "delta": trace.delta}
    return net, options


def all_labelled(net: gn.Network) -> bool:
    pairs = zip(net.layers[:-1], net.layers[1:], strict=True)
    return all(min(n + 1, m) <= 8 for n, m in pairs)


@pytest.mark.parametrize("block", range(20))
def test_no_two_labels_overlap_nor_run_into_a_neuron(block: int) -> None:
    done = 0
    for seed in range(block * 1000, (block + 1) * 1000):
        net, options = small_network(seed)
        if not all_labelled(net):
            continue
        scene = gn.draw(net, **options).scene
        labels = [one for one in scene.letters if one.edge is not None]
        assert len(labels) == len(net.edges)
        boxes = sorted(map(box, labels))
        for a, b in combinations(boxes, 2):
            assert not overlap(a, b), (seed, a, b)
        discs = [(d.at[0], d.at[1], d.diameter / 2) for d in scene.discs]
        for left, low, right, high in boxes:
            for x, y, r in discs:
                away = (x - min(max(x, left), right), y - min(max(y, low), high))
                assert away[0] ** 2 + away[1] ** 2 > r**2, (seed, left, low)
        assert_inside(scene)
        done += 1
        if done == 10:  # 200 networks in all
            return
    raise AssertionError("too few networks")


@pytest.mark.parametrize("seed", range(30))
def test_labels_stay_apart_where_a_part_is_shown(seed: int) -> None:
    rng = random.Random(seed)
    net = gn.Network.dense([30, 20, 12], seed=seed)
    shown = rng.sample(sorted(net.nodes), rng.randint(1, 12))
    scene = gn.draw(net, show=shown, down=seed % 2 == 1).scene
    boxes = sorted(box(one) for one in scene.letters if one.edge is not None)
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2))
    marks = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), w, h, *_ in scene.marks]
    for x, y, r in [(*disc.at, disc.diameter / 2) for disc in scene.discs]:
        assert not any(overlap((x - r, y - r, x + r, y + r), mark) for mark in marks)
    assert_inside(scene)


def assert_inside(scene: Scene) -> None:
    left, low, right, high = scene.box
    for disc in scene.discs:
        (x, y), r = disc.at, disc.diameter / 2
        assert left < x - r < x + r < right
        assert low < y - r < y + r < high
    for one in scene.letters:
        a, b, c, d = box(one)
        assert left < a < c + 1e-9 < right
        assert low < b < d < high


@given(drawn_networks())
def test_nothing_leaves_the_canvas(case: tuple[gn.Network, dict[str, Any]]) -> None:
    net, options = case
    assert_inside(gn.draw(net, **options).scene)


def test_sign_is_colour_and_size_is_width() -> None:
    first, second = scene_of(picture(0.25, -1.0), LIGHT).lines
    assert (first.edge, first.colour, first.width) == (EDGES[0], LIGHT.positive, 0.5 + 3.5 * 0.25)
    assert (second.edge, second.colour, second.width) == (EDGES[1], LIGHT.negative, 4.0)
    zero = scene_of(picture(0.0, 0.0), LIGHT).lines[0]
    assert (zero.colour, zero.width) == (LIGHT.zero, 0.5)


def test_the_largest_stand_in_front() -> None:
    net = gn.Network.dense([5, 9, 9], seed=0)
    lines = gn.draw(net).scene.lines
    sizes = [abs(net.edges[line.edge]["weight"]) for line in lines if line.edge]
    assert sizes == sorted(sizes)
    assert lines[0].opacity < 0.5 < lines[len(sizes) - 1].opacity == 1.0


def test_lines_run_from_border_to_border() -> None:
    scene = scene_of(picture(), LIGHT)
    discs = {disc.neuron: disc for disc in scene.discs}
    for line in scene.lines:
        assert line.edge is not None
        for at, neuron in zip((line.start, line.end), line.edge, strict=True):
            disc = discs[neuron]
            distance = sum((a - b) ** 2 for a, b in zip(at, disc.at, strict=True)) ** 0.5
            assert distance == pytest.approx(disc.diameter / 2)


class TestTies:
    """Edges that are frozen or share a weight, and relays."""

    def test_frozen_edges_are_dashed(self) -> None:
        lines = {one.edge: one for one in scene_of(picture(frozen={EDGES[0]}), LIGHT).lines}
        assert lines[EDGES[0]].dashed
        assert not lines[EDGES[1]].dashed

    def test_a_relay_is_a_dot_that_a_thin_line_leads_to(self) -> None:
        dag = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
        net = gn.Network.from_networkx(dag)
        scene = gn.draw(net).scene
        disc = next(one for one in scene.discs if one.neuron == (1, 2))
        assert (disc.diameter, disc.texts) == (7.0, ())
        line = next(one for one in scene.lines if one.edge == ((0, 1), (1, 2)))
        assert (line.colour, line.width, line.dashed, line.arrow) == (LIGHT.zero, 1, True, False)
        assert ((0, 1), (1, 2)) not in [one.edge for one in scene.letters]


class TestLegend:
    def words(self, **options: Any) -> list[str]:
        net = gn.Network.from_matrices([[[0.0], [0.5], [-2.0]]], activation="tanh")
        net.set_trainable(False, edge=((0, 1), (1, 1)))
        trace = gn.backward(net, [1.0, 1.0], 0.0)
        options = {k: v(trace) if callable(v) else v for k, v in options.items()}
        letters = gn.draw(net, **options).scene.letters
        return [one.text for one in letters if one.anchor == "start"]

    def test_it_says_what_colours_and_widths_mean_with_the_scale(self) -> None:
        assert self.words() == []
        words = self.words(legend=True)
        assert words == ["edges: weight", "-2", "0", "+2", "not trained"]
        words = self.words(neurons=lambda trace: {"delta": {(1, 1): -0.25}})
        assert words[4:7] == ["neurons: delta", "-0.25", "+0.25"]
        assert self.words(neurons=lambda trace: {"delta": trace.delta}, legend=False) == []

    def test_it_is_there_where_weights_are_not_written(self) -> None:
        letters = gn.draw(gn.Network.dense([12, 12], seed=0)).scene.letters
        assert "edges: weight" in [one.text for one in letters]

    def test_colours_of_neurons_run_from_low_to_high(self) -> None:
        net = gn.Network.dense([1, 3], seed=0)
        numbers = {(1, 1): -2.0, (1, 2): 0.0, (1, 3): 2.0}
        discs = gn.draw(net, neurons={"n": numbers}).scene.discs
        fills = {disc.neuron: disc.fill for disc in discs}
        assert [fills[1, j] for j in (1, 2, 3)] == [LIGHT.low, LIGHT.middle, LIGHT.high]
        assert fills[0, 1] == LIGHT.input[0]


def test_a_path_stands_out() -> None:
    net = gn.Network.dense([2, 2, 1], seed=0)
    scene = gn.draw(net, highlight=[(0, 1), (1, 2), (2, 1)]).scene
    bright = {one.edge for one in scene.lines if one.edge and one.opacity == 1}
    assert bright == {((0, 1), (1, 2)), ((1, 2), (2, 1))}
    assert all(one.opacity < 0.2 for one in scene.lines if one.edge and one.edge not in bright)
    assert {d.neuron for d in scene.discs if d.line == LIGHT.path} == {(0, 1), (1, 2), (2, 1)}
