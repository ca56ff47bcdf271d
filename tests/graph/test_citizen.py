"""`net.graph` among networkx's own: its layouts, matrices, paths, centralities, isomorphisms."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from strategies import networks

import graphnn as gn


@given(networks())
def test_columns_of_multipartite_layout_are_layers(net: gn.Network) -> None:
    positions = nx.multipartite_layout(net.graph, subset_key="layer")
    columns: dict[int, set[float]] = {}
    for (t, _), (x, _) in positions.items():
        columns.setdefault(t, set()).add(round(float(x), 9))
    assert all(len(places) == 1 for places in columns.values())
    assert len({min(places) for places in columns.values()}) == len(columns)


@given(networks())
def test_the_adjacency_matrix_holds_the_compiled_ones(net: gn.Network) -> None:
    neurons = [n for t in range(net.depth + 1)
               for n in ([(t, 0)] if t < net.depth else []) + list(net.neurons(t))]  # fmt: skip
    whole = nx.to_scipy_sparse_array(net.graph, nodelist=neurons, weight="weight", format="coo")
    # An edge of weight 0 is a stored entry: it stays an edge.
    assert whole.nnz == len(net.edges)
    at = {neuron: k for k, neuron in enumerate(neurons)}
    dense = whole.toarray()
    for t, matrix in enumerate(gn.compile(net).matrices(), start=1):
        rows = [at[n] for n in ((t - 1, 0), *net.neurons(t - 1))]
        columns = [at[n] for n in net.neurons(t)]
        assert np.array_equal(dense[np.ix_(rows, columns)], matrix)


@given(networks(min_edges=1))
def test_it_is_acyclic_and_sorted_by_layers(net: gn.Network) -> None:
    assert nx.is_directed_acyclic_graph(net.graph)
    place = {neuron: k for k, neuron in enumerate(nx.topological_sort(net.graph))}
    assert all(place[u] < place[v] for u, v in net.graph.edges)
    longest = nx.dag_longest_path(net.graph, weight=None)
    assert len(longest) - 1 <= net.depth
    assert [t for t, _ in longest] == list(range(longest[0][0], longest[0][0] + len(longest)))


def test_shortest_and_longest_paths_by_weight() -> None:
    net = gn.Network([1, 2, 1], activation="identity")
    net.add_weighted_edges_from(
        [((0, 1), (1, 1), 1.0), ((0, 1), (1, 2), 2.0), ((1, 1), (2, 1), 5.0), ((1, 2), (2, 1), 1.0)]
    )
    ends = (0, 1), (2, 1)
    assert nx.shortest_path(net.graph, *ends, weight="weight") == [(0, 1), (1, 2), (2, 1)]
    assert nx.shortest_path_length(net.graph, *ends, weight="weight") == 3
    assert nx.dag_longest_path(net.graph, weight="weight") == [(0, 1), (1, 1), (2, 1)]
    assert nx.has_path(net.graph, *ends)
    assert len(list(nx.all_simple_paths(net.graph, *ends))) == 2


def test_centralities_are_those_of_the_structure() -> None:
    graph = gn.Network.dense([2, 3, 1], seed=0).graph
    assert nx.degree_centrality(graph)[1, 1] == pytest.approx(4 / 7)
    assert nx.in_degree_centrality(graph)[2, 1] == pytest.approx(4 / 7)
    # Each of the 3 hidden neurons is on a third of the paths from 3 sources to the output.
    assert nx.betweenness_centrality(graph, normalized=False)[1, 2] == pytest.approx(1.0)
    assert sum(nx.pagerank(graph).values()) == pytest.approx(1.0)


def test_isomorphism_with_and_without_attributes() -> None:
    net = gn.Network.dense([2, 3, 1], "tanh", seed=0)
    turned = gn.Network([2, 3, 1], "tanh")
    order = {1: 2, 2: 3, 3: 1}  # the hidden neurons in another order
    for u, v, weight in net.graph.edges(data="weight"):
        ends = [(t, order[j]) if t == 1 and j else (t, j) for t, j in (u, v)]
        turned.add_edge(ends[0], ends[1], weight)
    same_weight = nx.algorithms.isomorphism.numerical_edge_match("weight", 0.0)
    same_layer = nx.algorithms.isomorphism.categorical_node_match("layer", None)
    assert net != turned
    assert nx.is_isomorphic(net.graph, turned.graph, same_layer, same_weight)
    turned.set_weight((0, 1), (1, 1), 9.0)
    assert not nx.is_isomorphic(net.graph, turned.graph, same_layer, same_weight)
    assert nx.is_isomorphic(net.graph, turned.graph, same_layer)
    assert not nx.is_isomorphic(net.graph, gn.Network.dense([2, 3, 2]).graph)


def test_networkx_draws_it() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    net = gn.Network.dense([2, 3, 1], seed=0)
    figure, axes = plt.subplots()
    nx.draw(net.graph, nx.multipartite_layout(net.graph, subset_key="layer"), ax=axes)
    assert len(axes.collections[0].get_offsets()) == len(net.graph)
    assert len(axes.patches) == len(net.edges)
    plt.close(figure)


def test_node_link_and_copies_work_on_the_view() -> None:
    net = gn.Network.dense([2, 2], seed=0)
    data: Any = nx.node_link_data(net.graph, edges="edges")
    for node in data["nodes"]:
        node.pop("activation", None)  # an object, which JSON has no word for
    back = nx.node_link_graph(json.loads(json.dumps(data)), edges="edges")
    assert set(back.edges) == set(net.graph.edges)
    copied = nx.DiGraph(net.graph)
    copied.remove_node((0, 1))
    assert (0, 1) in net.graph
    assert nx.reverse(net.graph).has_edge((1, 1), (0, 1))


class TestZeros:
    """An edge of weight 0 is an edge: it stays one, and it learns."""

    @pytest.fixture
    def net(self) -> gn.Network:
        net = gn.Network([2, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 0.0)
        return net

    def test_it_is_there_in_every_form(self, net: gn.Network) -> None:
        assert net.graph.has_edge((0, 1), (1, 1))
        assert nx.to_scipy_sparse_array(net.graph, weight="weight").nnz == 1
        assert gn.compile(net).sparse()[0].nnz == 1
        assert len(gn.compile(net).theta) == 1

    def test_it_learns_and_what_is_absent_does_not(self, net: gn.Network, engine: str) -> None:
        gn.train(net, [[1.0, 1.0]], [1.0], optimizer=gn.SGD(0.5), epochs=1, engine=engine)
        assert net.edges[(0, 1), (1, 1)]["weight"] == 0.5
        assert set(net.edges) == {((0, 1), (1, 1))}

    def test_a_weight_that_becomes_0_stays_an_edge(self, net: gn.Network, engine: str) -> None:
        net.set_weight((0, 1), (1, 1), 0.5)
        gn.train(net, [[1.0, 0.0]], [0.0], optimizer=gn.SGD(1.0), epochs=1, engine=engine)
        assert net.edges[(0, 1), (1, 1)]["weight"] == 0.0
        assert len(gn.compile(net).theta) == 1
