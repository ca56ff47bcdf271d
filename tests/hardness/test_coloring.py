"""Colourings as networks and back, with an AND and with a free output."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hardness.graphs import GRAPHS, small_graphs
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.hardness import (
    coloring_from_network,
    most_colors,
    network_from_coloring,
    sample_from_graph,
)


def proper(graph: nx.Graph, coloring: dict[Any, int]) -> bool:
    return set(coloring) == set(graph) and all(coloring[u] != coloring[v] for u, v in graph.edges)


@given(small_graphs(7), st.sampled_from(["and", "free"]))
def test_a_colouring_becomes_a_network_without_errors_and_comes_back(
    graph: nx.Graph, output: Any
) -> None:
    coloring = nx.greedy_color(graph)
    net = network_from_coloring(graph, coloring, output)
    sample = sample_from_graph(graph)
    for x, y in zip(sample.X, sample.y, strict=True):
        trace = gn.forward(net, x.tolist())
        assert trace.output == (y,)
        assert all(abs(trace.a[1, j]) >= 0.1 - 1e-12 for _, j in net.neurons(1))
    back = coloring_from_network(net, graph)
    assert proper(graph, back)
    assert max(back.values()) < most_colors(net.layers[1], output)
    if output == "and":
        assert back == coloring


def test_the_witness_with_an_and_is_the_book_s() -> None:
    net = network_from_coloring(nx.path_graph(3), {0: 0, 1: 1, 2: 0})
    w = gn.compile(net).matrices()
    assert w[0].tolist() == [[0.6, 0.6], [-1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]
    assert w[1].tolist() == [[-1.0], [1.0], [1.0]]
    assert net.labels == {0: (0, 1), 1: (0, 2), 2: (0, 3)}


@pytest.mark.parametrize(("k", "colors"), [(1, 1), (2, 2), (3, 3), (4, 6), (5, 10)])
def test_a_free_output_tells_sperner_s_number_of_colours(k: int, colors: int) -> None:
    graph = nx.complete_graph(colors)
    net = network_from_coloring(graph, {v: v for v in graph}, "free")
    assert net.layers[1] == k
    sample = sample_from_graph(graph)
    assert (gn.compile(net).predict(sample.X)[:, 0] == sample.y).all()
    more = nx.complete_graph(colors + 1)
    with pytest.raises(ValueError, match=rf"{k} hidden neurons tell {colors} colours"):
        network_from_coloring(more, {v: v for v in more}, "free", k=k)


def test_more_neurons_than_needed_do_no_harm() -> None:
    graph = nx.cycle_graph(4)
    for output in ("and", "free"):
        net = network_from_coloring(graph, nx.greedy_color(graph), output, k=4)  # type: ignore[arg-type]
        assert proper(graph, coloring_from_network(net, graph))


def test_the_sample_of_a_graph() -> None:
    sample = sample_from_graph(nx.Graph([("a", "b"), ("b", "c")]))
    assert sample.vertices == ("a", "b", "c")
    assert sample.X.tolist() == [*np.eye(3).tolist(), [0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]
    assert sample.y.tolist() == [-1, -1, -1, 1, 1]
    assert sorted(sample.middles) == [(3, 0, 1), (4, 1, 2)]


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph([(0, 1)]), "is directed, expected an undirected one"),
        (nx.MultiGraph([(0, 1)]), "may have parallel edges"),
        (nx.Graph([(0, 0)]), "vertex 0 has an edge to itself"),
        (nx.Graph(), "the graph is empty"),
        ([(0, 1)], "found a list, expected a networkx.Graph"),
    ],
)
def test_graphs_that_are_none_are_refused(graph: Any, message: str) -> None:
    for act in (
        sample_from_graph,
        lambda one: network_from_coloring(one, {}),
        lambda one: coloring_from_network(gn.Network([1, 1, 1], "sign"), one),
    ):
        with pytest.raises(gn.DataError, match=message):
            act(graph)


def test_colourings_that_are_none_are_refused() -> None:
    graph = GRAPHS["triangle"]
    with pytest.raises(gn.DataError, match="vertex 2 has no colour"):
        network_from_coloring(graph, {0: 0, 1: 1})
    with pytest.raises(gn.DataError, match="adjacent vertices 0 and 1 have the same colour"):
        network_from_coloring(graph, {0: 0, 1: 0, 2: 1})
    with pytest.raises(ValueError, match="the colour of 0 must be a whole number"):
        network_from_coloring(graph, {0: -1, 1: 0, 2: 1})
    with pytest.raises(ValueError, match="2 hidden neurons tell 2 colours"):
        network_from_coloring(graph, {0: 0, 1: 1, 2: 2}, k=2)


def test_networks_with_errors_are_no_colourings() -> None:
    graph = nx.path_graph(2)
    net = network_from_coloring(graph, {0: 0, 1: 1})
    net.set_weight((0, 1), (1, 1), 1.0)
    with pytest.raises(gn.DataError, match="the network says 1 at vertex 0, expected -1"):
        coloring_from_network(net, graph)
    net = network_from_coloring(graph, {0: 0, 1: 1})
    net.set_weight((1, 0), (2, 1), -3.0)
    with pytest.raises(gn.DataError, match=r"says -1 at edge \[0, 1\], expected 1"):
        coloring_from_network(net, graph)
    with pytest.raises(gn.NetworkError, match=r"has layers \[3, 1\], expected \[2, k, 1\]"):
        coloring_from_network(gn.Network([3, 1], "sign"), graph)
