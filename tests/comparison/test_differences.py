"""Central differences of functions whose derivatives are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import weights_of

import graphnn as gn
from graphnn.comparison.differences import central_differences, chosen_edges, differentiate
from graphnn.engines.sample import Sample
from graphnn.engines.wiring import wire

H = 2.0**-13
SMOOTH: list[tuple[Callable[[float], float], Callable[[float], float]]] = [
    (lambda w: 3.0, lambda w: 0.0),
    (lambda w: 2 * w - 5, lambda w: 2.0),
    (lambda w: w * w, lambda w: 2 * w),
    (lambda w: w * w * w - w, lambda w: 3 * w * w - 1),
    (math.exp, math.exp),
    (math.sin, math.cos),
    (math.tanh, lambda w: 1 / math.cosh(w) ** 2),
    (lambda w: 1e6 + math.sin(w), math.cos),
    (lambda w: 1e-6 * math.sin(w), lambda w: 1e-6 * math.cos(w)),
]


@pytest.mark.parametrize("pair", SMOOTH)
@given(w=st.floats(-3, 3))
def test_a_smooth_function_s_derivative_is_within_the_tolerance(
    pair: tuple[Callable[[float], float], Callable[[float], float]], w: float
) -> None:
    estimate = differentiate(pair[0], w, H)
    assert estimate.smooth
    assert abs(estimate.value - pair[1](w)) <= estimate.tolerance


@pytest.mark.parametrize("pair", SMOOTH)
def test_the_tolerance_is_small(
    pair: tuple[Callable[[float], float], Callable[[float], float]],
) -> None:
    estimate = differentiate(pair[0], 0.7, H)
    assert estimate.tolerance <= 1e-5 * abs(pair[1](0.7)) + 1e-8 * max(1.0, abs(pair[0](0.7)))


@pytest.mark.parametrize(
    "kinked",
    [
        abs,
        lambda w: max(w, 0.0),
        lambda w: w if w > 0 else w / 100,
        lambda w: 5 + abs(w) + w * w,
        lambda w: 1.0 if w > 0 else 0.0,
        lambda w: math.copysign(1.0, w),
    ],
)
@pytest.mark.parametrize("shift", [0.0, H / 8, -H / 3, 0.7 * H])
def test_a_kink_or_a_jump_within_the_step_is_found(
    kinked: Callable[[float], float], shift: float
) -> None:
    assert not differentiate(lambda w: kinked(w - 0.5), 0.5 + shift, H).smooth


@pytest.mark.parametrize("shift", [2 * H, -2 * H, 1.0])
def test_a_kink_outside_the_step_does_no_harm(shift: float) -> None:
    estimate = differentiate(abs, shift, H)
    assert estimate.smooth
    assert abs(estimate.value - math.copysign(1, shift)) <= estimate.tolerance


@pytest.mark.parametrize("w", [0.0, 1.0, -1e3, 1e10, 1e100])
@pytest.mark.parametrize("h", [H, 1e-20, 1e-200])
def test_a_step_below_the_weight_s_last_digit_is_no_error(w: float, h: float) -> None:
    estimate = differentiate(lambda x: x, w, h)
    assert not estimate.smooth or abs(estimate.value - 1) <= estimate.tolerance


class TestChosenEdges:
    @pytest.mark.parametrize(("edges", "samples"), [(1, 1), (5, 3), (200, 1)])
    def test_a_few_edges_are_all_chosen(self, edges: int, samples: int) -> None:
        assert chosen_edges(edges, samples) == list(range(edges))

    @pytest.mark.parametrize(
        ("edges", "samples", "count"), [(1000, 1, 200), (10**5, 1, 12), (10**6, 1000, 5)]
    )
    def test_many_are_sampled_so_that_the_work_is_bounded(
        self, edges: int, samples: int, count: int
    ) -> None:
        chosen = chosen_edges(edges, samples)
        assert len(chosen) == len(set(chosen)) == count
        assert chosen == sorted(chosen)
        assert 0 <= chosen[0] <= chosen[-1] < edges

    def test_a_seed_decides(self) -> None:
        assert chosen_edges(1000, 1, seed=1) == chosen_edges(1000, 1, seed=1)
        assert chosen_edges(1000, 1, seed=1) != chosen_edges(1000, 1, seed=2)

    def test_no_edge_gives_none(self) -> None:
        assert chosen_edges(0, 5) == []


def test_weights_are_put_back(small: gn.Network) -> None:
    wiring, before = wire(small), weights_of(small)
    samples = [Sample([1.0, 2.0], [0.0, 1.0])]
    edges = list(range(len(wiring.edges)))
    estimates = central_differences(
        wiring, samples, gn.Squared(), edges, dict.fromkeys(small.graph, 1.0)
    )
    assert weights_of(small) == before
    assert list(estimates) == list(before)


def test_weights_are_put_back_after_an_error(small: gn.Network) -> None:
    def fails(v: float, y: float) -> float:
        if v in (0.25, 0.5, 0.75):
            return 0.0  # what it is probed with when it is made a loss
        raise RuntimeError("loss")

    wiring, before = wire(small), weights_of(small)
    with pytest.raises(RuntimeError, match="loss"):
        central_differences(
            wiring,
            [Sample([1.0, 2.0], [0.0, 1.0])],
            gn.Loss("fails", fails, fails),
            [0],
            dict.fromkeys(small.graph, 1.0),
        )
    assert weights_of(small) == before
