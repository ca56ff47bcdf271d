"""Schedules: against their formulas or PyTorch, and in a run of every engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.learning.schedules import Schedule

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))

EVERY = [
    gn.InverseTime(0.5, decay=0.25),
    gn.InverseScaling(0.5, power=0.75),
    gn.StepDecay(0.5, every=2, factor=0.5),
    gn.Exponential(0.5, factor=0.75),
    gn.Cosine(0.5, steps=3, lowest=0.125),
    gn.WarmUp(0.5, steps=2),
    gn.WarmUp(gn.Exponential(0.5), steps=2),
]


def named(schedule: object) -> str:
    return type(schedule).__name__


class TestFormulas:
    def test_inverse_time_is_the_fraction(self) -> None:
        rates = [gn.InverseTime(0.5, decay=0.25).rate(t) for t in range(50)]
        expected = [float(Fraction(1, 2) / (1 + Fraction(t, 4))) for t in range(50)]
        assert np.allclose(rates, expected, rtol=1e-15)

    def test_inverse_scaling_is_the_power(self) -> None:
        rates = [gn.InverseScaling(0.5, power=0.75).rate(t) for t in range(50)]
        assert np.allclose(rates, [0.5 / math.sqrt(math.sqrt((t + 1) ** 3)) for t in range(50)])

    def test_steps_halve(self) -> None:
        rates = [gn.StepDecay(1.0, every=3, factor=0.5).rate(t) for t in range(8)]
        assert rates == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]

    def test_exponential_multiplies(self) -> None:
        assert [gn.Exponential(1.0, factor=0.5).rate(t) for t in range(4)] == [1, 0.5, 0.25, 0.125]

    def test_cosine_has_its_known_values(self) -> None:
        rates = [gn.Cosine(1.0, steps=6, lowest=0.5).rate(t) for t in (0, 2, 3, 4, 6, 7)]
        assert np.allclose(rates, [1.0, 0.875, 0.75, 0.625, 0.5, 0.5], rtol=1e-15)

    def test_warm_up_rises_in_equal_steps_to_what_follows(self) -> None:
        rates = [gn.WarmUp(gn.Exponential(1.0, factor=0.5), steps=3).rate(t) for t in range(6)]
        assert rates == [0.25, 0.5, 0.75, 1.0, 0.5, 0.25]

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            (gn.StepDecay(0.1, every=3, factor=0.3), ("StepLR", {"step_size": 3, "gamma": 0.3})),
            (gn.Exponential(0.1, factor=0.9), ("ExponentialLR", {"gamma": 0.9})),
            (
                gn.Cosine(0.1, steps=9, lowest=0.01),
                ("CosineAnnealingLR", {"T_max": 9, "eta_min": 0.01}),
            ),
        ],
        ids=named,
    )  # fmt: skip
    def test_pytorch_s(self, ours: Schedule, theirs: tuple[str, dict[str, float]]) -> None:
        torch = pytest.importorskip("torch")
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        name, options = theirs
        scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
        for t in range(10):
            assert math.isclose(optimizer.param_groups[0]["lr"], ours.rate(t), rel_tol=1e-12)
            optimizer.step()
            scheduler.step()


class TestPlateau:
    OBJECTIVES = (5.0, 4.0, 4.0, 4.0, 3.9999, 3.0, 3.0, 3.0, 3.0, 2.9, 2.9, 2.9, 2.9, 2.9, 2.9, 2.9)

    def test_rates_by_hand(self) -> None:
        plateau = gn.Plateau(1.0, factor=0.5, patience=2, tol=1e-3, lowest=0.3)
        watch, rates = plateau.begin(), []
        for objective in self.OBJECTIVES:
            watch = plateau.seen(watch, objective)
            rates.append(watch.eta)
        # 4.0 stays for three more, of which 3.9999 is no improvement of a thousandth: halved then.
        assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3] + [0.3] * 4

    def test_pytorch_s(self) -> None:
        torch = pytest.importorskip("torch")
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=0.5, patience=2, threshold=1e-3, min_lr=0.3
        )
        plateau = gn.Plateau(1.0, factor=0.5, patience=2, tol=1e-3, lowest=0.3)
        watch = plateau.begin()
        for objective in self.OBJECTIVES:
            theirs.step(objective)
            watch = plateau.seen(watch, objective)
            assert optimizer.param_groups[0]["lr"] == watch.eta

    def test_it_lowers_the_rate_in_a_run_and_all_engines_do_so_alike(
        self, small: gn.Network, updates_at_a_time: Callable[[int], None]
    ) -> None:
        plateau = gn.Plateau(0.5, factor=0.5, patience=1, tol=0.05)
        found = {}
        for engine, updates in (("node", 2), ("native", 2), ("native", 600), ("matrix", 2)):
            net, rng = small.copy(), np.random.default_rng(0)
            updates_at_a_time(updates)
            optimizer = gn.Momentum(plateau, mu=0.5)
            result = gn.train(net, X, Y, optimizer=optimizer, epochs=40, engine=engine, seed=rng)
            found[engine, updates] = weights_of(net), result.history, rng.bit_generator.state
        etas = [record.eta for record in found["node", 2][1]]
        assert etas[0] is None
        assert etas[1] == 0.5
        assert len(set(etas[1:])) > 3
        assert found["node", 2] == found["native", 2] == found["native", 600]
        assert [record.eta for record in found["matrix", 2][1]] == etas


@pytest.mark.parametrize("schedule", EVERY, ids=named)
@pytest.mark.parametrize("per", ["epoch", "iteration"])
def test_a_run_moves_by_the_schedule_s_rates(
    small: gn.Network, engine: str, schedule: Schedule, per: str
) -> None:
    changes: dict[str, object] = {"per": per}
    if isinstance(schedule, gn.WarmUp) and isinstance(schedule.then, Schedule):
        changes["then"] = replace(schedule.then, per=per)  # type: ignore[type-var]
    timed = replace(schedule, **changes)  # type: ignore[type-var]
    twin = small.copy()
    options = {"batch_size": 4, "order": "given", "engine": engine}
    result = gn.train(small, X, Y, optimizer=gn.SGD(timed), epochs=4, **options)  # type: ignore[arg-type]
    # Epochs, or steps, one by one, each with its own constant rate.
    if per == "epoch":
        etas = [timed.rate(t) for t in range(4)]
        for eta in etas:
            gn.train(twin, X, Y, optimizer=gn.SGD(eta), epochs=1, **options)  # type: ignore[arg-type]
    else:
        etas = [timed.rate(t) for t in range(8)]
        for t, eta in enumerate(etas):
            rows = slice(0, 4) if t % 2 == 0 else slice(4, 6)
            gn.train(
                twin, X[rows], Y[rows], optimizer=gn.SGD(eta), epochs=1, order="given",
                batch_size=None, engine=engine,
            )  # fmt: skip
        etas = etas[1::2]
    assert weights_of(small) == weights_of(twin)
    assert [record.eta for record in result.history] == [None, *etas]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gn.InverseTime(0.0), "eta must be positive"),
        (lambda: gn.InverseTime(0.1, decay=-1), "decay must be finite and at least 0"),
        (lambda: gn.InverseScaling(0.1, power=0), "power must be positive"),
        (lambda: gn.StepDecay(0.1, every=0), "every must be a whole number"),
        (lambda: gn.StepDecay(0.1, every=5, factor=0.0), "factor must be positive and finite"),
        (lambda: gn.Exponential(0.1, factor=1.5), "factor must be more than 0 and at most 1"),
        (lambda: gn.Cosine(0.1, steps=0), "steps must be a whole number"),
        (lambda: gn.Cosine(0.1, steps=5, lowest=0.2), "lowest must be at least 0 and at most eta"),
        (lambda: gn.WarmUp(0.1, steps=0), "steps must be a whole number"),
        (lambda: gn.WarmUp(-0.1, steps=5), "then must be positive"),
        (lambda: gn.WarmUp(gn.Exponential(0.1), steps=5, per="iteration"), "give both the same"),
        (lambda: gn.WarmUp(gn.Plateau(0.1), steps=5), "cannot follow a warm-up"),
        (lambda: gn.Plateau(0.1, factor=1.0), "factor must be more than 0 and less than 1"),
        (lambda: gn.Plateau(0.1, patience=-1), "patience must be a whole number"),
        (lambda: gn.Plateau(0.1, tol=1.0), "tol must be at least 0"),
        (lambda: gn.Cosine(0.1, steps=5, per="step"), "unknown per: 'step'"),
    ],
)
def test_numbers_out_of_range_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
