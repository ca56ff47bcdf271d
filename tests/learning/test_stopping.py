"""Stopping rules on histories written by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

import graphnn as gn
from graphnn.learning.history import History


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


class TestNoImprovement:
    def test_it_waits_for_as_many_epochs_as_it_looks_at(self) -> None:
        rule = gn.NoImprovement(tol=1.0, epochs=3)
        assert rule.reason(history([1.0, 1.0, 1.0])) is None
        assert rule.reason(history([1.0, 1.0, 1.0, 1.0])) is not None

    def test_a_gain_of_exactly_tol_goes_on(self) -> None:
        rule = gn.NoImprovement(tol=0.25, epochs=2)
        assert rule.reason(history([1.0, 0.75, 0.75])) is None
        assert rule.reason(history([1.0, 0.8125, 0.75])) == (
            "no improvement of 0.25 in each of the last 2 epochs on the best, 0.75"
        )
        assert gn.NoImprovement(tol=0.25, epochs=1).reason(history([1.0, 1.5])) == (
            "no improvement of 0.25 in the last epoch on the best, 1"
        )

    def test_small_gains_that_add_up_end_the_run_all_the_same(self) -> None:
        losses = [1.0, 0.875, 0.75, 0.625]
        assert gn.NoImprovement(tol=0.25, epochs=3).reason(history(losses)) is not None
        assert gn.SmallImprovement(tol=0.25, epochs=3).reason(history(losses)) is None

    def test_one_large_gain_among_them_goes_on(self) -> None:
        rule = gn.NoImprovement(tol=0.25, epochs=3)
        assert rule.reason(history([1.0, 1.0, 0.75, 0.75])) is None
        assert rule.reason(history([1.0, 1.0, 0.75, 0.75, 0.75])) is None
        assert rule.reason(history([1.0, 1.0, 0.75, 0.75, 0.75, 0.75])) is not None

    def test_a_gain_is_one_on_the_best_not_on_the_last(self) -> None:
        rule = gn.NoImprovement(tol=0.25, epochs=2)
        assert rule.reason(history([1.0, 5.0, 1.0])) is not None

    def test_the_penalty_counts(self) -> None:
        records = [gn.Record(k, k, 1.0, penalty, 2.0 - k) for k, penalty in enumerate((1.0, 0.0))]
        assert gn.NoImprovement(tol=0.25, epochs=1).reason(records) is None

    def test_it_counts_as_scikit_learn_does(self) -> None:
        rng = np.random.default_rng(0)
        for _ in range(50):
            losses = np.cumsum(rng.normal(-0.05, 0.2, size=40)).tolist()
            count, best, stopped = 0, losses[0], None
            for k, loss in enumerate(losses[1:], start=1):
                count = count + 1 if loss > best - 0.1 else 0
                best = min(best, loss)
                if count >= 5:
                    stopped = k
                    break
            rule = gn.NoImprovement(tol=0.1, epochs=5)
            found = (k for k in range(40) if rule.reason(history(losses[: k + 1])))
            assert next(found, None) == stopped

    def test_out_of_range(self) -> None:
        with pytest.raises(ValueError, match="tol must be finite and at least 0, not -1"):
            gn.NoImprovement(tol=-1)
        with pytest.raises(ValueError, match="epochs must be a whole number of at least 1, not 0"):
            gn.NoImprovement(epochs=0)


class TestMaxIterations:
    def test_it_stops_at_its_number(self) -> None:
        rule = gn.MaxIterations(20)
        assert rule.reason(history([1.0, 1.0])) is None
        assert rule.reason(history([1.0, 1.0, 1.0])) == "bound on iterations: 20"


class TestMaxEpochs:
    def test_it_stops_at_its_number(self) -> None:
        rule = gn.MaxEpochs(2)
        assert rule.reason(history([1.0, 1.0])) is None
        assert rule.reason(history([1.0, 1.0, 1.0])) == "bound on epochs: 2"


class TestMaxTime:
    def test_it_stops_once_the_time_has_passed(self) -> None:
        rule, past = gn.MaxTime(2.0), History(history([1.0]), seconds=1.5)
        assert rule.reason(past) is None
        past.seconds = 2.5
        assert rule.reason(past) == "bound on time: 2.5 s >= 2 s"

    def test_it_ends_a_run_within_an_epoch(self, small: gn.Network, engine: str) -> None:
        X = np.random.default_rng(0).normal(size=(40_000, 2))
        result = gn.train(small, X, X, epochs=10**6, stop=gn.MaxTime(0.2), engine=engine)
        assert result.stopped_by.startswith("bound on time: 0.")
        assert result.history[-1].iteration < 10**9


class TestCombinations:
    SMALL, LATE = gn.SmallError(0.5), gn.MaxEpochs(2)

    def test_either(self) -> None:
        rule = self.SMALL | self.LATE
        assert rule.reason(history([1.0, 1.0])) is None
        assert rule.reason(history([1.0, 0.25])) == "small training error: 0.25 <= 0.5"
        assert rule.reason(history([1.0, 1.0, 1.0])) == "bound on epochs: 2"
        assert rule.reason(history([1.0, 1.0, 0.25])) == "small training error: 0.25 <= 0.5"

    def test_both(self) -> None:
        rule = self.SMALL & self.LATE
        assert rule.reason(history([1.0, 0.25])) is None
        assert rule.reason(history([1.0, 1.0, 1.0])) is None
        expected = "small training error: 0.25 <= 0.5 and bound on epochs: 2"
        assert rule.reason(history([1.0, 1.0, 0.25])) == expected

    def test_and_binds_closer_than_or(self) -> None:
        rule = gn.MaxIterations(30) | self.SMALL & self.LATE
        assert rule.reason(history([1.0, 0.25])) is None
        assert rule.reason(history([1.0, 1.0, 0.25])) is not None
        assert rule.reason(history([1.0, 1.0, 1.0, 1.0])) == "bound on iterations: 30"

    def test_an_own_rule_can_stand_on_either_side(self) -> None:
        class Own:
            def reason(self, history: Sequence[gn.Record]) -> str | None:
                return "mine"

        assert (Own() | self.LATE).reason(history([1.0])) == "mine"
        assert (self.LATE | Own()).reason(history([1.0])) == "mine"
        assert (Own() & self.LATE).reason(history([1.0])) is None
        assert (self.LATE & Own()).reason(history([1.0] * 3)) == "bound on epochs: 2 and mine"

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (gn.MaxIterations(7) | gn.SmallError(0.0), 7),
            (gn.MaxIterations(7) | gn.MaxIterations(3), 3),
            (gn.MaxIterations(7) & gn.MaxIterations(9), 9),
            ([gn.SmallError(0.0), gn.MaxIterations(8) | gn.MaxEpochs(900)], 8),
        ],
    )
    def test_bounds_on_iterations_are_exact_in_combinations(
        self, small: gn.Network, engine: str, rule: gn.MaxIterations, expected: int
    ) -> None:
        X = np.random.default_rng(0).normal(size=(5, 2))
        result = gn.train(small, X, X, stop=rule, engine=engine)
        assert result.history[-1].iteration == expected
        assert result.outcome is gn.Outcome.STOPPED

    def test_a_bound_that_is_not_enough_by_itself_bounds_nothing(
        self, small: gn.Network, engine: str
    ) -> None:
        X = np.random.default_rng(0).normal(size=(5, 2))
        rule = gn.MaxIterations(7) & gn.MaxEpochs(3)
        result = gn.train(small, X, X, stop=rule, engine=engine)
        assert result.history[-1].iteration == 15
        assert result.stopped_by == "bound on iterations: 7 and bound on epochs: 3"


@pytest.mark.parametrize("bad", [-1e-9, math.nan, math.inf])
def test_thresholds_must_be_at_least_0(bad: float) -> None:
    with pytest.raises(ValueError, match="threshold must be finite and at least 0"):
        gn.SmallError(bad)
    with pytest.raises(ValueError, match="tol must be finite and at least 0"):
        gn.SmallImprovement(tol=bad)
    with pytest.raises(ValueError, match="seconds must be finite and at least 0"):
        gn.MaxTime(bad)
    with pytest.raises(ValueError, match="tol must be finite and at least 0"):
        gn.Patience(3, tol=bad)


@pytest.mark.parametrize("bad", [0, -1])
def test_numbers_must_be_at_least_1(bad: int) -> None:
    with pytest.raises(ValueError, match="iterations must be a whole number of at least 1"):
        gn.MaxIterations(bad)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        gn.SmallImprovement(epochs=bad)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        gn.MaxEpochs(bad)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        gn.Patience(bad)
