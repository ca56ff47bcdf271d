"""Batches along lists of edges, several samples at once: the node engine's numbers for any size.

Compiled, and with batches of changing sizes, it is tested in `test_chunks`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from engines.native.agreement import (
    Fading,
    Interpreted,
    Lesson,
    assert_trains_alike,
    random_batches,
)
from hypothesis import given
from hypothesis import strategies as st
from rules import REGULARIZERS
from strategies import Case, cases

import graphnn as gn
from graphnn.engines.native import engine
from graphnn.engines.native.edge_chunks import TOGETHER

SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 20, 33]


@pytest.fixture(scope="class")
def interpreted() -> Iterator[None]:
    """Kernels are the generated source itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "kernel", Interpreted)
        yield


@pytest.mark.usefixtures("interpreted")
class TestSource:
    @given(cases(), st.sampled_from(SIZES), st.sampled_from([0.1, 1.0]), st.booleans())
    def test_it_equals_the_node_engine(
        self, case: Case, size: int, eta: float, decays: bool
    ) -> None:
        decay = gn.L2(0.1, constants=False) if decays else None
        lesson = Lesson(case.net, case.X, case.y, case.loss, gn.SGD(eta), decay)
        assert_trains_alike(lesson, random_batches(len(case.X), size, 0, eta), "edges")

    @pytest.mark.parametrize("width", range(1, 2 * TOGETHER + 2))
    def test_rows_of_any_length_are_added_up(self, width: int) -> None:
        rng = np.random.default_rng(width)
        net = gn.Network.dense([2, width, width], activation="tanh", seed=0)
        lesson = Lesson(net, rng.normal(size=(9, 2)), rng.normal(size=(9, width)), "squared")
        assert_trains_alike(lesson, random_batches(9, 8, 0), "edges")

    @pytest.mark.parametrize("rule", [Fading(0.1), gn.Adam()], ids=["Fading", "Adam"])
    @pytest.mark.parametrize("regularizer", REGULARIZERS)
    def test_values_of_0_stop_no_weight_that_moves(
        self, rule: gn.Optimizer, regularizer: str
    ) -> None:
        rng = np.random.default_rng(0)
        net = gn.Network.dense([3, 5, 2], activation="relu", seed=0)
        X = rng.normal(size=(9, 3)) * (rng.random((9, 3)) < 0.5)
        lesson = Lesson(net, X, rng.normal(size=(9, 2)), "squared", rule, REGULARIZERS[regularizer])
        assert_trains_alike(lesson, lesson.dropping(random_batches(9, 8, 0, 0.1)), "edges")
