"""The shipped data against published facts about it."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from graphnn.datasets import load_iris


def test_iris_has_fishers_means() -> None:
    iris = load_iris()
    X, species = iris.features("species"), np.array(iris.labels("species"))
    # Fisher (1936), Table II, "Observed means for two species".
    assert X[species == "versicolor"].mean(axis=0) == pytest.approx([5.936, 2.770, 4.260, 1.326])
    assert X[species == "setosa"].mean(axis=0) == pytest.approx([5.006, 3.428, 1.462, 0.246])
    assert {name: int((species == name).sum()) for name in set(species)} == {
        "setosa": 50,
        "versicolor": 50,
        "virginica": 50,
    }


def test_iris_states_source_and_licence() -> None:
    text = files("graphnn.datasets").joinpath("iris.md").read_text(encoding="utf-8")
    assert "Fisher (1936)" in text
    assert "CC BY 4.0" in text
