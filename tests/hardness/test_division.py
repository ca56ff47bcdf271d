"""Divisions by halfspaces: Cover's count, and those of the samples of graphs."""

from __future__ import annotations

from math import comb

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphnn as gn
from graphnn.hardness import dichotomies, sample_from_graph

DIAMOND = nx.complete_graph(4)
DIAMOND.remove_edge(0, 1)


@pytest.mark.parametrize(
    ("graph", "count"),
    [
        (nx.path_graph(3), 18),
        (nx.complete_graph(3), 26),
        (nx.cycle_graph(4), 78),
        (DIAMOND, 110),
        (nx.cycle_graph(5), 242),
        (nx.complete_graph(4), 150),
        (nx.complete_graph(5), 1082),
    ],
)
def test_numbers_of_divisions_of_samples_of_graphs(graph: nx.Graph, count: int) -> None:
    X = sample_from_graph(graph).X
    signs, weights = dichotomies(X)
    assert len(signs) == len(set(map(tuple, signs.tolist()))) == count
    a = np.hstack([np.ones((len(X), 1)), X]) @ weights.T
    assert (signs == np.sign(a).T).all()
    assert (np.abs(a) >= 1 - 1e-6).all()


@given(st.integers(1, 7), st.integers(1, 3), st.integers(0, 100))
@settings(max_examples=20)
def test_points_in_general_position_have_covers_number(m: int, d: int, seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(m, d))
    assert len(dichotomies(X)[0]) == 2 * sum(comb(m - 1, i) for i in range(d + 1))


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphnn.hardness.division.MOST", 10)
    with pytest.raises(gn.DataError, match="4 of 4 points have 14 divisions already, at most 10"):
        dichotomies(np.random.default_rng(0).normal(size=(4, 2)))
