"""`TrainingResult`: where runs ended, and its history as a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import graphnn as gn
from graphnn.learning.result import Minimum

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))


@pytest.fixture
def result(small: gn.Network) -> gn.TrainingResult:
    return gn.train(small, X, Y, epochs=3, validation=(X, -Y), engine="matrix")


def ending(result: gn.TrainingResult, losses: list[float]) -> gn.TrainingResult:
    """Return a result whose runs ended with these losses."""
    runs = [
        replace(result, history=(gn.Record(0, 0, loss, 0.0, loss),), kept=-1) for loss in losses
    ]
    return replace(result, runs=tuple(runs))


def test_minima_begin_anew_where_losses_leave_a_gap(result: gn.TrainingResult) -> None:
    found = ending(result, [0.5, 0.1, 0.11, 0.52, 0.115, 2.0]).minima
    assert found == (Minimum(0.1, 3), Minimum(0.5, 2), Minimum(2.0, 1))


def test_losses_that_are_all_but_zero_are_one_minimum(result: gn.TrainingResult) -> None:
    assert ending(result, [0.0, 1e-30, 1e-12]).minima == (Minimum(0.0, 3),)


def test_one_run_is_one_minimum(result: gn.TrainingResult) -> None:
    assert result.minima == (Minimum(result.loss, 1),)


def test_the_summary_names_them_and_no_more_than_fit(result: gn.TrainingResult) -> None:
    text = str(ending(result, [0.1, 0.1, 0.5]))
    assert "they ended near 0.1 (2 runs), 0.5 (1 run)" in text
    assert str(ending(result, [2.0**k for k in range(9)])).endswith("16 (1 run), ...")


def test_the_history_is_a_table(result: gn.TrainingResult) -> None:
    pandas = pytest.importorskip("pandas")
    frame = result.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.index.tolist() == [0, 1, 2, 3]
    assert frame["loss"].tolist() == list(result.losses)
    assert frame["validation"].tolist() == [record.validation for record in result.history]
    # A column with nothing in it, that of scores here, is left out.
    names = [name for name in gn.Record._fields if name not in ("epoch", "score")]
    assert list(frame.columns) == names
