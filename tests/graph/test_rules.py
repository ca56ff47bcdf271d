"""The rules of the graph where networkx is called past `Network`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import graphnn as gn

ACTS: list[tuple[Callable[[Any], None], str]] = [
    (lambda g: nx.DiGraph.add_edge(g, (0, 1), (2, 1), weight=1.0), "skips layer 1"),
    (lambda g: nx.DiGraph.add_edge(g, (2, 1), (1, 1), weight=1.0), "runs backwards"),
    (lambda g: nx.DiGraph.add_edge(g, (0, 1), (1, 0), weight=1.0), "constant neuron"),
    (lambda g: nx.DiGraph.add_edge(g, (1, 1), (1, 2), weight=1.0), "stays in layer 1"),
    (lambda g: nx.DiGraph.remove_node(g, (1, 1)), r"neuron \(1, 1\) was added or removed"),
    (lambda g: nx.DiGraph.add_node(g, (1, 9)), r"neuron \(1, 9\) was added or removed"),
    (lambda g: nx.DiGraph.add_node(g, "x"), "neuron x was added or removed"),
]
USES: list[Callable[[gn.Network, Path], Any]] = [
    lambda net, path: gn.forward(net, [1.0, 2.0]),
    lambda net, path: gn.backward(net, [1.0, 2.0], [0.0]),
    lambda net, path: gn.compile(net),
    lambda net, path: gn.save(net, path / "net.json"),
    lambda net, path: gn.draw(net, path / "net.svg"),
    lambda net, path: gn.compare(net, [1.0, 2.0]),
    lambda net, path: gn.train(net, [[1.0, 2.0]], [0.0]),
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("act", "message"), ACTS)
def test_a_structure_broken_past_network_is_refused_wherever_it_is_used(
    act: Callable[[Any], None], message: str, use: Callable[[gn.Network, Path], Any], tmp_path: Path
) -> None:
    net = gn.Network.dense([2, 3, 1], seed=0)
    act(net.graph)
    with pytest.raises(gn.NetworkError, match=message):
        use(net, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"trainable": "no"}, "trainable 'no', expected True or False"),
        ({"trainable": 1}, "trainable 1, expected True or False"),
        ({"shared": 7}, "shared 7, expected None or a name"),
        ({"shared": ""}, "shared '', expected None or a name"),
        ({"shared": "a", "weight": 0.5}, "agree; set_weight sets it for all of them"),
        ({"shared": "a", "trainable": False}, "agree; set_trainable sets it for all of them"),
    ],
)
def test_attributes_that_break_a_rule_past_network_are_refused_by_every_engine(
    attributes: dict[str, Any], words: str
) -> None:
    net = gn.Network([2, 1])
    net.add_edge((0, 1), (1, 1), 0.25, shared="a")
    net.add_edge((0, 2), (1, 1), 0.25)
    net.edges[(0, 2), (1, 1)].update(attributes)
    for act in (gn.compile, lambda net: gn.forward(net, [1.0, 2.0])):
        with pytest.raises(gn.NetworkError, match=words) as caught:
            act(net)
        assert caught.value.edge == ((0, 2), (1, 1))


def test_nodes_and_edges_hand_out_no_graph_that_can_be_edited() -> None:
    net = gn.Network.dense([2, 1])
    for view in (net.nodes, net.edges):
        graph = getattr(view, "_graph", None)
        if graph is not None:
            with pytest.raises(nx.NetworkXError, match="Frozen"):
                graph.add_edge((0, 1), (0, 2))


def test_a_generator_that_edits_the_network_and_fails_leaves_no_stale_program() -> None:
    net = gn.Network.dense([2, 3, 1], seed=0)
    net.remove_edge((0, 1), (1, 1))
    program = gn.compile(net)

    def edges() -> Any:
        yield (0, 1), (1, 1), 0.5
        net.set_weight((0, 2), (1, 1), 42.0)
        yield (0, 1), (2, 1), 0.5

    with pytest.raises(gn.NetworkError, match="skips layer 1"):
        net.add_weighted_edges_from(edges())
    assert ((0, 1), (1, 1)) not in net.edges
    with pytest.raises(gn.CompileError, match="edited since"):
        gn.store(program, net)
    assert net.edges[(0, 2), (1, 1)]["weight"] == 42.0
