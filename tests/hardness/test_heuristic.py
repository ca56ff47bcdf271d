"""Gradient descent against the certified optimum."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from hardness.graphs import FEWEST, GRAPHS

import graphnn as gn
from graphnn.hardness import learn, sample_from_graph, scaling
from graphnn.hardness.coloring import and_output


@pytest.mark.parametrize(("name", "k"), [("triangle", 2), ("C5", 3), ("K4", 3), ("K6", 2)])
def test_restarts_never_beat_the_optimum_and_find_it_on_small_graphs(name: str, k: int) -> None:
    sample = sample_from_graph(GRAPHS[name])
    found = learn(sample, k, restarts=12)
    optimum = FEWEST[name][k - 1]
    assert min(found.errors) == found.best == optimum
    assert found.rate(optimum) == found.errors.count(optimum) / 12 > 0
    outputs = [gn.forward(found.network, x.tolist()).output[0] for x in sample.X]
    assert sum(v != y for v, y in zip(outputs, sample.y, strict=True)) == found.best
    assert {found.network.activation((t, 1)).name for t in (1, 2)} == {"sign"}


def test_the_output_stays_an_and_or_is_learnt() -> None:
    sample = sample_from_graph(GRAPHS["C5"])
    fixed = gn.compile(learn(sample, 3, restarts=2).network).matrices()[1][:, 0]
    assert fixed.tolist() == [and_output(3), 1.0, 1.0, 1.0]
    free = gn.compile(learn(sample, 3, "free", restarts=2).network).matrices()[1][:, 0]
    assert len(set(abs(free))) > 2


def test_the_same_seed_gives_the_same_and_processes_change_nothing() -> None:
    pytest.importorskip("joblib")
    sample = sample_from_graph(GRAPHS["C5"])
    one, two = (learn(sample, 2, restarts=4, seed=7, n_jobs=n) for n in (None, 2))
    assert one.errors == two.errors
    assert one.network == two.network
    other = learn(sample, 2, restarts=4, seed=8)
    assert other.network != one.network


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be a whole number"),
        ({"restarts": 0}, "restarts must be a whole number"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"eta": 0}, "eta must be positive"),
        ({"output": "or"}, "unknown output"),
        ({"engine": "fast"}, "unknown engine"),
    ],
)
def test_what_makes_no_sense_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        learn(**{"sample": sample_from_graph(nx.path_graph(2)), "k": 1} | options)


def test_it_says_that_nothing_is_proven() -> None:
    found = learn(sample_from_graph(nx.path_graph(2)), 1, restarts=3)
    assert str(found).startswith("3 restarts of SGD in ")
    assert str(found).endswith("nothing is proven")


def test_scaling_measures_both_and_fits_the_growth() -> None:
    found = scaling([3, 5], k=2, graphs=2, restarts=2, seed=1)
    assert [point.n for point in found.points] == [3, 3, 5, 5]
    assert all(point.optimal and point.best >= point.errors for point in found.points)
    lines = str(found).splitlines()
    assert lines[0].split() == [
        "n", "edges", "exact", "certified", "errors", "SGD", "its", "best", "at", "optimum",
    ]  # fmt: skip
    assert "2 of 2" in lines[2]
    assert lines[-1].startswith("exact time ~ 2^(")
    assert max(map(len, lines)) <= 80
    with pytest.raises(gn.DataError, match="sizes needs two different numbers"):
        scaling([4, 4])
