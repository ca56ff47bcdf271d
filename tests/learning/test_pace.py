"""`Pace`: work is done for about a twentieth of a second at a time."""

from __future__ import annotations

import pytest

from graphnn.learning import pace


def clock(monkeypatch: pytest.MonkeyPatch, per_update: float) -> pace.Pace:
    """Return a pace after many pieces of work, each update of which takes that long."""
    now = [0.0]
    monkeypatch.setattr(pace.time, "perf_counter", lambda: now[0])
    made = pace.Pace()
    for _ in range(20):
        updates = made.updates
        with made.timed(updates):
            now[0] += updates * per_update
    return made


@pytest.mark.parametrize("per_update", [1e-7, 1e-5, 1e-3])
def test_it_finds_how_many_updates_take_a_twentieth_of_a_second(
    per_update: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = clock(monkeypatch, per_update).updates
    assert found == pytest.approx(0.05 / per_update, rel=0.05)


def test_an_update_that_takes_longer_is_made_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock(monkeypatch, 1.0).updates == 1


def test_a_clock_that_stands_still_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock(monkeypatch, 0.0).updates >= 1
