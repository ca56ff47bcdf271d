"""Exact ERM against exhaustive computation of colourings, and against each other."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hardness.graphs import FEWEST, GRAPHS, fewest_errors, small_graphs
from hypothesis import given, settings
from hypothesis import strategies as st

import graphnn as gn
from graphnn.hardness import Certificate, Sample, coloring_from_network, erm, sample_from_graph
from graphnn.hardness.coloring import most_colors

CASES = [(name, k) for name in GRAPHS for k in (1, 2, 3, 4)]


@pytest.mark.parametrize(("name", "k"), CASES)
def test_milp_certifies_the_table(name: str, k: int) -> None:
    sample = sample_from_graph(GRAPHS[name])
    found = erm(sample, k)
    assert found.optimal
    assert found.errors == found.lower_bound == FEWEST[name][k - 1]
    assert found.proviso == ""
    assert count_by_hand(found.network, sample) == found.errors


def count_by_hand(net: gn.Network, sample: Sample) -> int:
    outputs = [gn.forward(net, x.tolist()).output[0] for x in sample.X]
    return sum(v != y for v, y in zip(outputs, sample.y.tolist(), strict=True))


@pytest.mark.parametrize("name", ["triangle", "C5", "K4"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_enumeration_certifies_the_same(name: str, k: int) -> None:
    found = erm(sample_from_graph(GRAPHS[name]), k, method="enumeration")
    assert found.optimal
    assert found.errors == FEWEST[name][k - 1]
    assert count_by_hand(found.network, sample_from_graph(GRAPHS[name])) == found.errors


@given(small_graphs(), st.integers(1, 3))
@settings(max_examples=25)
def test_and_needs_as_many_errors_as_colouring_needs_vertices(graph: nx.Graph[Any], k: int) -> None:
    expected = fewest_errors(graph, k)
    for method in ("milp", "enumeration"):
        found = erm(sample_from_graph(graph), k, method=method)  # type: ignore[arg-type]
        assert (found.errors, found.optimal) == (expected, True)
    if expected == 0:
        coloring = coloring_from_network(found.network, graph)
        assert all(coloring[u] != coloring[v] for u, v in graph.edges)
        assert set(coloring.values()) <= set(range(k))


@given(small_graphs(4), st.integers(1, 2))
@settings(max_examples=15)
def test_a_free_output_needs_as_many_as_sperner_says(graph: nx.Graph[Any], k: int) -> None:
    expected = fewest_errors(graph, most_colors(k, "free"))
    for method in ("milp", "enumeration"):
        found = erm(sample_from_graph(graph), k, "free", method=method)  # type: ignore[arg-type]
        assert (found.errors, found.optimal) == (expected, True)
    if expected == 0:
        coloring = coloring_from_network(found.network, graph)
        assert all(coloring[u] != coloring[v] for u, v in graph.edges)
        assert set(coloring.values()) <= set(range(most_colors(k, "free")))


def test_four_hidden_neurons_with_a_free_output_learn_k6() -> None:
    found = erm(sample_from_graph(GRAPHS["K6"]), 4, "free")
    assert (found.errors, found.optimal) == (0, True)
    coloring = coloring_from_network(found.network, GRAPHS["K6"])
    assert sorted(coloring.values()) == [0, 1, 2, 3, 4, 5]


class TestSamples:
    """Any points with labels."""

    XOR = Sample([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1])

    @pytest.mark.parametrize("method", ["milp", "enumeration"])
    def test_xor_is_an_intersection_of_two_halfspaces_and_not_one(self, method: Any) -> None:
        one, two = (erm(self.XOR, k, method=method) for k in (1, 2))
        assert (one.errors, two.errors) == (1, 0)
        assert one.optimal
        assert two.optimal

    def test_what_the_proof_supposes_is_said(self) -> None:
        words = "for halfspaces with weights in [-1, 1] that keep a margin of 0.1"
        assert erm(self.XOR, 1).proviso == words
        assert f"proven {words}" in str(erm(self.XOR, 1))
        assert erm(self.XOR, 1, method="enumeration").proviso == ""
        strict = erm(sample_from_graph(nx.path_graph(2)), 1, margin=0.3)
        assert "a margin of 0.3" in strict.proviso

    @given(st.integers(0, 1000))
    @settings(max_examples=15)
    def test_both_methods_agree_on_random_points(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sample = Sample(rng.integers(-3, 4, size=(7, 2)), rng.choice([-1, 1], size=7))
        looked = erm(sample, 2, method="enumeration")
        solved = erm(sample, 2, margin=0.001)
        # The program's margin can only leave out networks.
        assert looked.errors <= solved.errors
        assert solved.optimal
        assert count_by_hand(looked.network, sample) == looked.errors
        assert count_by_hand(solved.network, sample) == solved.errors

    def test_a_pair_of_arrays_is_a_sample(self) -> None:
        found = erm((self.XOR.X, self.XOR.y), 2)
        assert found.errors == 0

    def test_equal_points_with_other_labels_cannot_both_be_right(self) -> None:
        for method in ("milp", "enumeration"):
            found = erm(([[1.0], [1.0], [2.0]], [-1, 1, 1]), 1, method=method)  # type: ignore[arg-type]
            assert (found.errors, found.optimal) == (1, True)


class TestCertificate:
    def net(self) -> gn.Network:
        return erm(sample_from_graph(nx.path_graph(2)), 1).network

    def test_what_is_not_proven_cannot_be_mistaken(self) -> None:
        proven = Certificate(2, self.net(), 2, "", "milp", 1.0)
        open_ = Certificate(2, self.net(), 1, "", "milp", 1.0)
        assert proven.optimal
        assert "OPTIMAL, no network of the class makes fewer" in str(proven)
        assert (open_.optimal, open_.gap) == (False, 1)
        assert "NOT PROVEN optimal, the fewest are 1 to 2" in str(open_)

    def test_a_time_limit_gives_the_best_so_far_and_the_gap(self) -> None:
        sample = sample_from_graph(nx.mycielski_graph(5))
        try:
            found = erm(sample, 3, "free", time_limit=1.0)
        except gn.DataError as error:
            assert "found no network within 1 seconds" in str(error)  # noqa: PT017
            return
        assert found.lower_bound <= found.errors == count_by_hand(found.network, sample)
        assert found.optimal == (found.gap == 0)

    def test_a_solution_of_half_the_way_is_not_proven(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from graphnn.hardness.model import Model

        whole = Model.solve
        monkeypatch.setattr(Model, "solve", lambda *a: (whole(*a)[0], 0.5))
        found = erm(sample_from_graph(GRAPHS["K4"]), 2)
        assert (found.errors, found.lower_bound, found.optimal) == (2, 1, False)
        monkeypatch.setattr(Model, "solve", lambda *a: (None, -np.inf))
        with pytest.raises(gn.DataError, match=r"found no network within inf seconds \(at least 0"):
            erm(sample_from_graph(GRAPHS["K4"]), 2)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"k": 0}, ValueError, "k must be a whole number of at least 1"),
        ({"k": 1.5}, ValueError, "k must be a whole number"),
        ({"output": "or"}, ValueError, r"unknown output: 'or' \(must be one of \['and', 'free'\]"),
        ({"method": "guess"}, ValueError, "unknown method: 'guess'"),
        ({"time_limit": 0}, ValueError, "time_limit must be positive"),
        ({"time_limit": float("nan")}, ValueError, "time_limit must be positive"),
        ({"margin": -1}, ValueError, "margin must be positive"),
        ({"sample": 5}, gn.DataError, "found a int, expected a Sample"),
        ({"sample": ([[1.0]], [2])}, gn.DataError, r"y\[0\] is 2, expected -1 or 1"),
        ({"sample": ([[1.0]], [1, 1])}, gn.DataError, r"y has shape \(2,\), expected \(1,\)"),
        ({"sample": ([[float("nan")]], [1])}, gn.DataError, "X has a number that is not finite"),
        ({"sample": ([], [])}, gn.DataError, r"X has shape \(0,\)"),
        ({"sample": ([["a"]], [1])}, gn.DataError, "X is no rectangular array"),
    ],
)
def test_what_makes_no_sense_is_named(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    given_ = {"sample": TestSamples.XOR, "k": 1} | options
    with pytest.raises(kind, match=message):
        erm(**given_)


def test_too_much_to_enumerate_is_refused() -> None:
    with pytest.raises(gn.DataError, match="has 130 points, at most 60 are enumerated"):
        erm((np.zeros((130, 1)), np.ones(130)), 1, method="enumeration")


def test_progress_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    erm(TestSamples.XOR, 1, method="enumeration", progress=True)
    assert "4 of 4 points: 14 divisions" in capsys.readouterr().out
