"""Many edges at once: the same rules and the same network as edge by edge, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

import graphnn as gn
from graphnn.types import Neuron

COLUMNS: dict[str, list[Any]] = {
    "sources": [(0, 0), (0, 1), (0, 2), (1, 0)],
    "targets": [(1, 1), (1, 1), (1, 2), (2, 1)],
    "weights": [0.5, -0.25, 0.5, 1.0],
    "trainable": [True, False, True, True],
    "shared": ["pair", None, "pair", None],
}


def state(net: gn.Network) -> object:
    edges = sorted((u, v, sorted(data.items(), key=str)) for u, v, data in net.edges(data=True))
    backwards = sorted((u, v) for v in net.nodes for u in net.graph.pred[v])
    return edges, backwards, net.version, net.shared("pair")


@given(networks(), st.randoms())
def test_columns_make_the_network_that_single_edges_make(net: gn.Network, chance: Any) -> None:
    rows = [(u, v, w, chance.random() < 0.5, chance.choice([None, "s", "z"]))
            for u, v, w in net.edges(data="weight")]  # fmt: skip
    # Edges of one name agree.
    rows = [(u, v, 0.5, True, name) if name else (u, v, w, free, name)
            for u, v, w, free, name in rows]  # fmt: skip
    one, many = net.copy(), net.copy()
    for empty in (one, many):
        for u, v, *_ in rows:
            empty.remove_edge(u, v)
    for row in rows:
        one.add_edge(*row)
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    many.add_edge_columns(*columns)
    assert state(many) == state(one)
    assert many == one
    for name in ("s", "z"):
        assert many.shared(name) == one.shared(name)


@pytest.mark.parametrize(
    ("column", "found", "message"),
    [
        ("sources", (0, 7), r"no neuron \(0, 7\)"),
        ("sources", [0, 1], r"no neuron \[0, 1\]"),
        ("sources", None, "no neuron None"),
        ("sources", (0, 2), r"\(0, 2\) -> \(2, 1\) skips layer 1"),
        ("targets", (1, 0), r"\(1, 0\) -> \(1, 0\) runs into a constant"),
        ("targets", (1, 2), r"\(1, 0\) -> \(1, 2\) stays in layer 1"),
        ("weights", float("nan"), r"\(1, 0\) -> \(2, 1\) has the weight nan"),
        ("weights", float("inf"), r"\(1, 0\) -> \(2, 1\) has the weight inf"),
        ("weights", 10**400, r"\(1, 0\) -> \(2, 1\) has the weight inf"),
        ("weights", "1", r"\(1, 0\) -> \(2, 1\) has the weight '1' of type str"),
        ("weights", True, r"\(1, 0\) -> \(2, 1\) has the weight True of type bool"),
        ("trainable", 1, r"\(1, 0\) -> \(2, 1\) has trainable 1"),
        ("shared", "", r"\(1, 0\) -> \(2, 1\) has shared ''"),
        ("shared", "pair", r"\(1, 0\) -> \(2, 1\) has weight 1.0 and edge \(0, 0\) -> \(1, 1\)"),
    ],
)
def test_an_edge_that_breaks_a_rule_is_named_and_none_stays(
    column: str, found: object, message: str
) -> None:
    net = gn.Network([2, 2, 1])
    net.add_edge((1, 1), (2, 1), 0.125)
    before = state(net)
    with pytest.raises(gn.NetworkError, match=message):
        net.add_edge_columns(**{**COLUMNS, column: [*COLUMNS[column][:3], found]})
    assert state(net) == before
    net.add_edge_columns(**COLUMNS)
    assert net.shared("pair") == (((0, 0), (1, 1)), ((0, 2), (1, 2)))
    assert net.edges[(0, 1), (1, 1)] == {"weight": -0.25, "trainable": False, "shared": None}


@pytest.mark.parametrize("again", [((0, 0), (1, 1)), ((1, 1), (2, 1))])
def test_an_edge_twice_is_refused_whether_it_was_there_or_came_along(again: Any) -> None:
    net = gn.Network([2, 2, 1])
    net.add_edge((1, 1), (2, 1), 0.125)
    before = state(net)
    sources, targets = [*COLUMNS["sources"], again[0]], [*COLUMNS["targets"], again[1]]
    with pytest.raises(gn.NetworkError, match="exists already"):
        net.add_edge_columns(sources, targets, [0.0] * 5)
    assert state(net) == before


def test_columns_of_different_lengths_are_refused() -> None:
    net = gn.Network([2, 2, 1])
    for name, column in COLUMNS.items():
        if name != "sources":
            with pytest.raises(gn.NetworkError, match=f"4 sources and 3 {name}"):
                net.add_edge_columns(**{**COLUMNS, name: column[:3]})
    assert not net.edges


def test_an_interruption_leaves_nothing() -> None:
    net = gn.Network([2, 2, 1])

    class Rows(list[Neuron]):
        def __iter__(self) -> Iterator[Neuron]:
            yield from list.__iter__(self)
            raise KeyboardInterrupt

    before = state(net)
    with pytest.raises(KeyboardInterrupt):
        net.add_edge_columns(Rows([(0, 0), (0, 1)]), [(1, 1), (1, 1)], [1.0, 2.0])
    assert state(net) == before


def test_what_networkx_keeps_for_the_graph_is_cleared() -> None:
    net = gn.Network([2, 2, 1])
    assert not nx.has_path(net.graph, (0, 0), (2, 1))
    cache = getattr(net._graph, "__networkx_cache__", {})
    cache["kept"] = 1
    net.add_edge_columns([(0, 0), (1, 1)], [(1, 1), (2, 1)], [1.0, 2.0])
    assert not cache
    assert nx.has_path(net.graph, (0, 0), (2, 1))
    assert net.graph.number_of_edges() == 2
