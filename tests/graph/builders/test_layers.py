"""Layers joined by connectors, on new networks and on given ones."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import weights_of

import graphnn as gn
from graphnn.graph.builders import (
    Banded,
    Bipartite,
    Dense,
    FanIn,
    Grouped,
    Local,
    RandomSparse,
    connect,
    layered,
)


def places(net: gn.Network, t: int) -> set[tuple[int, int]]:
    """Return the edges into a layer, those of the constant neuron left out."""
    return {(u[1], v[1]) for u, v in net.edges if v[0] == t and u[1]}


class TestLayered:
    @given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(0, 99))
    def test_dense_layers_are_the_network_s_own(self, widths: list[int], seed: int) -> None:
        assert layered(widths, seed=seed) == gn.Network.dense(widths, seed=seed)

    def test_each_pair_of_layers_can_have_its_own(self) -> None:
        star = nx.complete_bipartite_graph(4, 2)
        net = layered(
            [6, 4, 4, 2, 3],
            connect=[Local(3), Banded(0), star, lambda n, m, rng: [(n, m), (1, 1)]],
            activation=["relu", "tanh", "sigmoid", "identity"],
            bias=False,
        )
        assert [len(places(net, t)) for t in (1, 2, 3, 4)] == [12, 4, 8, 2]
        assert places(net, 4) == {(1, 1), (2, 3)}
        assert len(net.edges) == 26
        assert net.activation((4, 1)).name == "identity"

    def test_every_neuron_gets_a_bias_or_none(self) -> None:
        for bias, count in (True, 5), (False, 0):
            net = layered([3, 3, 2], Banded(0), bias=bias)
            assert sum(u[1] == 0 for u, _ in net.edges) == count

    def test_the_weights_are_drawn_by_the_initialiser(self) -> None:
        net = layered([3, 3], Banded(0), bias=False, init=gn.Normal(0.01), seed=1)
        expected = np.random.default_rng(1).normal(0, 0.01, size=3)
        assert list(weights_of(net).values()) == expected.tolist()

    def test_the_same_seed_gives_the_same_network(self) -> None:
        made = [layered([9, 9, 9], RandomSparse(0.3), seed=seed) for seed in (4, 4, 5)]
        assert made[0] == made[1]
        assert set(made[0].edges) != set(made[2].edges)
        rng = np.random.default_rng(4)
        assert layered([9, 9, 9], RandomSparse(0.3), seed=rng) == made[0]

    def test_it_compiles_and_trains(self, engine: str) -> None:
        net = layered([6, 4, 2], [Grouped(2), RandomSparse(0.5)], activation="tanh")
        X = np.random.default_rng(0).normal(size=(12, 6))
        before = net.copy()
        result = gn.train(net, X, X[:, :2], epochs=5, engine=engine, seed=0)
        assert set(net.edges) == set(before.edges)
        assert result.history[-1].loss < result.history[0].loss

    @pytest.mark.parametrize(
        ("choice", "message", "kind"),
        [
            ([Dense()], "1 entries, expected 2", gn.NetworkError),
            ("dense", "the connector is 'dense'", TypeError),
            (Dense, "the connector is <class", TypeError),
            (3, "the connector is 3", TypeError),
            (FanIn(4), "FanIn.* finds 3 neurons below, expected at least 4", gn.NetworkError),
            (Grouped(2), "finds 3 neurons below, expected a multiple of 2", gn.NetworkError),
        ],
    )
    def test_what_does_not_fit_is_an_error(
        self, choice: object, message: str, kind: type[Exception]
    ) -> None:
        with pytest.raises(kind, match=message):
            layered([3, 3, 2], connect=choice)  # type: ignore[arg-type]


class TestConnect:
    def test_it_adds_edges_of_weight_0_between_two_layers(self) -> None:
        net = gn.Network([2, 2, 2])
        connect(net, 2, Dense())
        assert weights_of(net) == {((1, i), (2, j)): 0.0 for i in range(3) for j in (1, 2)}

    def test_places_are_counted_past_gaps(self, small: gn.Network) -> None:
        net = gn.Network([2, 3, 2])
        net.remove_neuron((1, 1))
        net.add_neuron(1, 9)
        connect(net, 1, lambda n, m, rng: [(1, 1), (2, 3)], bias=False)
        connect(net, 2, lambda n, m, rng: [(1, 2), (3, 1)], bias=False)
        assert set(net.edges) == {
            ((0, 1), (1, 2)), ((0, 2), (1, 9)), ((1, 2), (2, 2)), ((1, 9), (2, 1)),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("pairs", "message"),
        [
            ([(1, 1), (0, 1)], r"chose \(0, 1\), expected .* i in 1..2 and j in 1..3"),
            ([(1, 1), (1, 4)], r"chose \(1, 4\), expected"),
            ([(2, 1), (2, 1)], r"chose \(2, 1\) twice"),
            ([(1, 1), (1.5, 1)], "chose .*expected pairs"),
            ([(1, 1), 7], "chose 7, expected pairs"),
            ([(1, 1), (1, 2, 3)], "chose .*expected pairs"),
        ],
    )
    def test_pairs_that_are_none_change_nothing(self, pairs: list[object], message: str) -> None:
        net = gn.Network([2, 3])
        before = net.copy()
        with pytest.raises(gn.NetworkError, match=message):
            connect(net, 1, lambda n, m, rng: pairs)  # type: ignore[arg-type, return-value]
        assert net == before
        assert net.version == before.version

    def test_an_edge_that_exists_changes_nothing(self) -> None:
        net = gn.Network([2, 2])
        net.add_edge((0, 2), (1, 2), 0.5)
        before = net.copy()
        with pytest.raises(gn.NetworkError, match=r"\(0, 2\) -> \(1, 2\) exists already"):
            connect(net, 1, Dense())
        assert net == before

    @pytest.mark.parametrize("t", [0, 2, -1])
    def test_there_must_be_such_a_layer(self, t: int) -> None:
        with pytest.raises(gn.NetworkError, match="layer"):
            connect(gn.Network([2, 2]), t, Dense())


class TestBipartite:
    @pytest.mark.parametrize(
        "make",
        [
            lambda n, m, seed: nx.bipartite.random_graph(n, m, 0.4, seed=seed),
            lambda n, m, seed: nx.bipartite.gnmk_random_graph(n, m, 9, seed=seed),
            lambda n, m, seed: nx.bipartite.random_graph(n, m, 0.4, seed=seed, directed=False),
            lambda n, m, seed: nx.complete_bipartite_graph(n, m),
            lambda n, m, seed: nx.bipartite.havel_hakimi_graph(
                [2] * n, [n * 2 // m] * m, create_using=nx.Graph()
            ),
        ],
    )
    def test_any_generator_of_networkx_gives_its_edges(self, make: object) -> None:
        n, m = 6, 4
        net = layered([n, m], Bipartite(make), bias=False, seed=3)  # type: ignore[arg-type]
        graph = make(n, m, np.random.default_rng(3))  # type: ignore[operator]
        biadjacency = nx.bipartite.biadjacency_matrix(graph, range(n), range(n, n + m))
        rows, columns = biadjacency.nonzero()
        assert places(net, 1) == {(i + 1, j + 1) for i, j in zip(rows, columns, strict=True)}
        assert len(net.edges) > 0

    def test_a_graph_itself_will_do_with_any_names(self) -> None:
        women = nx.davis_southern_women_graph()
        net = layered([18, 14], women, bias=False)
        above = [node for node, side in women.nodes(data="bipartite") if side == 1]
        below = [node for node, side in women.nodes(data="bipartite") if side == 0]
        found = {(below[i - 1], above[j - 1]) for i, j in places(net, 1)}
        assert found == {(u, v) if u in set(below) else (v, u) for u, v in women.edges}
        assert len(net.edges) == 89

    def test_the_marks_count_and_not_which_nodes_come_first(self) -> None:
        graph = nx.Graph()
        graph.add_nodes_from("xyz", bipartite=1)
        graph.add_nodes_from("ab", bipartite=0)
        graph.add_edges_from([("x", "b"), ("a", "z")])
        assert places(layered([2, 3], graph), 1) == {(2, 1), (1, 3)}

    def test_a_directed_graph_leads_from_below_to_above(self) -> None:
        graph = nx.DiGraph()
        graph.add_nodes_from("ab", bipartite=0)
        graph.add_nodes_from("xy", bipartite=1)
        graph.add_edge("a", "y")
        assert places(layered([2, 2], graph), 1) == {(1, 2)}
        graph.add_edge("x", "b")
        with pytest.raises(gn.NetworkError, match="'x' -> 'b' of the graph does not lead"):
            layered([2, 2], graph)

    def test_what_is_no_bipartite_graph_of_the_layers_is_an_error(self) -> None:
        graph = nx.complete_bipartite_graph(2, 2)
        with pytest.raises(gn.NetworkError, match="has 2 and 2 nodes, and the layers have 2 and 3"):
            layered([2, 3], graph)
        with pytest.raises(gn.NetworkError, match="node 0 of the graph has bipartite=None"):
            layered([2, 2], nx.path_graph(4))
        graph.add_edge(0, 1)
        with pytest.raises(gn.NetworkError, match="edge 0 -> 1 of the graph does not lead"):
            layered([2, 2], graph)
        parallel = nx.MultiGraph(nx.complete_bipartite_graph(1, 1))
        parallel.add_edge(1, 0)
        with pytest.raises(gn.NetworkError, match=r"parallel edges 0 -> 1.*networkx\.Graph"):
            layered([1, 1], parallel)
        with pytest.raises(gn.NetworkError, match="found a int, expected a bipartite"):
            layered([1, 1], Bipartite(lambda n, m, seed: 3))  # type: ignore[arg-type, return-value]
