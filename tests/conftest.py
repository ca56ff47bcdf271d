"""Fixtures and Hypothesis profiles that all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from oracles import MAZUR_EDGES

import graphnn as gn
from graphnn.learning import pace, runners
from graphnn.program import program

pytest.register_assert_rewrite("engines.native.agreement")

CACHE = pytest.StashKey[tuple[pytest.MonkeyPatch, TemporaryDirectory[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Compiled code of tests and of examples in docstrings goes to a folder of the run."""
    patch, folder = pytest.MonkeyPatch(), TemporaryDirectory()
    patch.setenv("XDG_CACHE_HOME", folder.name)
    config.stash[CACHE] = patch, folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder."""
    patch, folder = config.stash[CACHE]
    patch.undo()
    folder.cleanup()


_QUIET = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", max_examples=40, derandomize=True, **_QUIET)
settings.register_profile("thorough", max_examples=1000, **_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(params=["node", "matrix", "native"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engines that train: what holds of one holds of the other."""
    name: str = request.param
    return name


@pytest.fixture
def updates_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set how many updates an engine makes before the loop looks up."""

    class Fixed(pace.Pace):
        """A pace that time does not change."""

        count = 2

        @property
        def updates(self) -> int:
            return self.count

    def fix(count: int) -> None:
        monkeypatch.setattr(Fixed, "count", count)
        monkeypatch.setattr(runners, "Pace", Fixed)

    return fix


@pytest.fixture
def sparse_from_10_000(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers of 10,000 entries, a tenth of them edges, go to sparse matrices, however tuned."""
    monkeypatch.setattr(program, "SPARSE_ENTRIES", 10_000)
    monkeypatch.setattr(program, "SPARSE_DENSITY", 0.1)


@pytest.fixture
def mazur() -> gn.Network:
    """The 2-2-2 sigmoid network of Mazur, "A Step by Step Backpropagation Example" (2015)."""
    net = gn.Network([2, 2, 2], activation="sigmoid")
    net.add_weighted_edges_from((u, v, weight) for (u, v), weight in MAZUR_EDGES.items())
    return net


@pytest.fixture
def small() -> gn.Network:
    """A sparse network, activations mixed, with a gap and a neuron that nothing reaches."""
    net = gn.Network([2, 3, 2], activation=["tanh", "sigmoid"])
    net.remove_neuron((1, 2))
    net.set_activation("softplus", neuron=(1, 3))
    net.add_neuron(1, 7)  # no edge reaches (1, 7); it takes softplus from (1, 3)
    net.add_weighted_edges_from(
        [
            ((0, 0), (1, 1), 0.25),
            ((0, 1), (1, 1), -0.5),
            ((0, 2), (1, 1), 0.75),
            ((0, 2), (1, 3), 1.5),
            ((1, 0), (2, 1), 0.125),
            ((1, 1), (2, 1), -1.25),
            ((1, 3), (2, 1), 0.0),
            ((1, 7), (2, 1), 0.5),
            ((1, 1), (2, 2), 2.0),
            ((1, 7), (2, 2), -0.75),
        ]
    )
    return net
