"""Stopping rules on histories written by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

import graphnn as gn


def history(losses: Sequence[float], penalty: float = 0.0, per_epoch: int = 10) -> list[gn.Record]:
    """Return the history of a run with these losses."""
    best = [min(losses[: k + 1]) + penalty for k in range(len(losses))]
    return [gn.Record(k, k * per_epoch, loss, penalty, best[k]) for k, loss in enumerate(losses)]


class TestSmallError:
    def test_it_stops_at_its_threshold_and_below(self) -> None:
        rule = gn.SmallError(0.5)
        assert rule.reason(history([1.0, 0.75])) is None
        assert rule.reason(history([1.0, 0.5])) == "small training error: 0.5 <= 0.5"
        assert rule.reason(history([0.25])) == "small training error: 0.25 <= 0.5"

    def test_it_looks_at_the_error_without_the_penalty(self) -> None:
        assert gn.SmallError(0.5).reason(history([0.25], penalty=9.0)) is not None

    def test_it_looks_at_the_last_error_not_the_best(self) -> None:
        assert gn.SmallError(0.5).reason(history([0.1, 0.9])) is None


class TestSmallImprovement:
    def test_it_waits_for_as_many_epochs_as_it_looks_at(self) -> None:
        rule = gn.SmallImprovement(tol=1.0, epochs=3)
        assert rule.reason(history([1.0, 1.0, 1.0])) is None
        assert rule.reason(history([1.0, 1.0, 1.0, 1.0])) is not None

    def test_a_gain_of_exactly_tol_goes_on(self) -> None:
        assert gn.SmallImprovement(tol=0.25, epochs=1).reason(history([1.0, 0.75])) is None
        assert gn.SmallImprovement(tol=0.25, epochs=1).reason(history([1.0, 0.8125])) == (
            "small marginal improvement: 0.1875 < 0.25 in the last epoch"
        )

    def test_a_worse_last_epoch_is_no_improvement_but_the_best_counts(self) -> None:
        rule = gn.SmallImprovement(tol=0.25, epochs=2)
        assert rule.reason(history([1.0, 0.25, 5.0])) is None
        assert rule.reason(history([1.0, 0.25, 5.0, 5.0])) is not None


class TestMaxIterations:
    def test_it_stops_at_its_number(self) -> None:
        rule = gn.MaxIterations(20)
        assert rule.reason(history([1.0, 1.0])) is None
        assert rule.reason(history([1.0, 1.0, 1.0])) == "bound on iterations: 20"


@pytest.mark.parametrize("bad", [-1e-9, math.nan, math.inf])
def test_thresholds_must_be_at_least_0(bad: float) -> None:
    with pytest.raises(ValueError, match="threshold must be finite and at least 0"):
        gn.SmallError(bad)
    with pytest.raises(ValueError, match="tol must be finite and at least 0"):
        gn.SmallImprovement(tol=bad)


@pytest.mark.parametrize("bad", [0, -1])
def test_numbers_must_be_at_least_1(bad: int) -> None:
    with pytest.raises(ValueError, match="iterations must be a whole number of at least 1"):
        gn.MaxIterations(bad)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        gn.SmallImprovement(epochs=bad)
