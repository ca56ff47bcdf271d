"""The node engine's update: its order, by numbers that a float holds exactly, worked by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

import graphnn as gn
from graphnn.engines.descent import Memory, descend
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.wiring import Wiring, wire


def neuron(*weights: float) -> Wiring:
    """Return one neuron; the first weight is that of the constant neuron's edge."""
    net = gn.Network([len(weights) - 1, 1], activation="identity")
    net.add_weighted_edges_from(((0, i), (1, 1), w) for i, w in enumerate(weights))
    return wire(net)


def moved(
    weights: Sequence[float],
    gradient: Sequence[float],
    eta: float,
    regularizer: Any = None,
    rule: gn.Optimizer = gn.SGD(),  # noqa: B008 - frozen
) -> list[float]:
    """Return the weights of one neuron after one update."""
    return after(neuron(*weights), gradient, eta, regularizer, rule)


def after(
    wiring: Wiring,
    gradient: Sequence[float],
    eta: float,
    regularizer: Any = None,
    rule: gn.Optimizer = gn.SGD(),  # noqa: B008 - frozen
) -> list[float]:
    """Update a network once and return its weights."""
    rules = Rules.of(rule, regularizer)
    descend(wiring, gradient, eta, rules, Memory.first(wiring, rules))
    return wiring.weights()


class TestOrder:
    WEIGHTS = (3.75, 5.0, 1.625)
    GRADIENT = (0.125, 0.5, 6.1875)
    EVERY = (gn.L2(0.5), gn.ClipValue(6.0), gn.ClipNorm(3.5), gn.L1(0.5), gn.MaxNorm(2.5))

    def test_penalty_clip_factor_optimizer_proximal_step_norm(self) -> None:
        # L2 adds w/2: (2, 3, 7); no more than 6: (2, 3, 6), whose norm is 7; half of it:
        # (1, 1.5, 3); times eta = 1/2 from the weights: (3.25, 4.25, 0.125); nearer to 0 by
        # eta/2: (3, 4, 0), whose norm is 5; half of it.
        assert moved(self.WEIGHTS, self.GRADIENT, 0.5, self.EVERY) == [1.5, 2.0, 0.0]

    def test_it_is_so_in_whatever_order_regularizers_are_given(self) -> None:
        for regularizers in permutations(self.EVERY):
            assert moved(self.WEIGHTS, self.GRADIENT, 0.5, regularizers) == [1.5, 2.0, 0.0]

    @pytest.mark.parametrize(
        ("left_out", "expected"),
        [
            # (0.125, 0.5, 6) has the norm sqrt(36.265625): 6.0221...
            (gn.L2(0.5), None),
            # (2, 3, 7) has the norm sqrt(62).
            (gn.ClipValue(6.0), None),
            # Without halving: (1, 1.5, 3) from (3.75, 5, 1.625), then 1/4: (2.5, 3.25, -1.125).
            (gn.ClipNorm(3.5), None),
            # (3.25, 4.25, 0.125) has the norm sqrt(28.640625).
            (gn.L1(0.5), None),
            (gn.MaxNorm(2.5), [3.0, 4.0, 0.0]),
        ],
    )
    def test_each_of_them_takes_part(self, left_out: object, expected: list[float] | None) -> None:
        some = [one for one in self.EVERY if one != left_out]
        assert len(some) == 4
        found = moved(self.WEIGHTS, self.GRADIENT, 0.5, some)
        assert found == expected if expected else found != [1.5, 2.0, 0.0]

    def test_several_penalties_are_added_in_the_user_s_order_to_the_gradient(self) -> None:
        # -1e16 + 1e16 + 1 is 1, and -1e16 + 1 + 1e16 is 0: a 1 is lost beside 1e16.
        large, small = gn.L2(1e16), gn.L2(1.0)
        assert moved([1.0, 1.0], [0.0, -1e16], 1.0, [large, small])[1] == 0.0
        assert moved([1.0, 1.0], [0.0, -1e16], 1.0, [small, large])[1] == 1.0

    def test_the_penalty_s_derivative_is_taken_before_any_weight_moves(self) -> None:
        # Were it taken after w - 1, it would be 1/4 of 7.
        assert moved([0.0, 8.0], [0.0, 4.0], 0.25, gn.L2(0.25)) == [0.0, 6.5]

    def test_an_optimizer_is_given_the_changed_gradient(self) -> None:
        # (3, 4) is halved; u <- u/2 - eta g.
        wiring, rules = neuron(1.0, 1.0), Rules.of(gn.Momentum(mu=0.5), gn.ClipNorm(2.5))
        memory = Memory.first(wiring, rules)
        descend(wiring, [3.0, 4.0], 0.5, rules, memory)
        assert memory.slots == [(-0.75,), (-1.0,)]
        assert wiring.weights() == [0.25, 0.0]
        descend(wiring, [0.0, 0.0], 0.25, rules, memory)
        assert memory.slots == [(-0.375,), (-0.5,)]
        assert wiring.weights() == [-0.125, -0.5]


class TestConstants:
    """With `constants=False` the edges of constant neurons are left alone."""

    @pytest.mark.parametrize(
        ("kind", "values", "weights", "both", "others"),
        [
            (gn.L2, (0.5,), [2.0, 4.0], [1.5, 3.0], [2.0, 3.0]),
            (gn.L1, (0.5,), [2.0, 4.0], [1.75, 3.75], [2.0, 3.75]),
            (gn.ElasticNet, (1.0, 0.5), [2.0, 4.0], [1.25, 2.75], [2.0, 2.75]),
            (gn.MaxNorm, (3.5,), [2.0, 3.0, 6.0], [1.0, 1.5, 3.0], None),
            (gn.MaxNorm, (2.5,), [100.0, 3.0, 4.0], None, [100.0, 1.5, 2.0]),
        ],
    )
    def test_by_hand(
        self,
        kind: Any,
        values: tuple[float, ...],
        weights: list[float],
        both: list[float] | None,
        others: list[float] | None,
    ) -> None:
        for constants, expected in ((True, both), (False, others)):
            if expected is not None:
                rule = kind(*values, constants=constants)
                assert moved(weights, [0.0] * len(weights), 0.5, rule) == expected

    def test_every_layer_has_a_constant_neuron(self) -> None:
        net = gn.Network.from_matrices([[[1.0], [1.0]], [[1.0], [1.0]]], activation="identity")
        decay = gn.L2(1.0, constants=False)
        assert after(wire(net), [0.0] * 4, 0.5, decay) == [1.0, 0.5, 1.0, 0.5]

    def test_clipping_takes_them_in(self) -> None:
        assert moved([0.0, 0.0], [8.0, 0.5], 1.0, gn.ClipValue(2.0)) == [-2.0, -0.5]
        assert moved([0.0, 0.0], [3.0, 4.0], 1.0, gn.ClipNorm(2.5)) == [-1.5, -2.0]


class TestL1:
    def test_a_weight_becomes_0_and_leaves_it_only_for_a_steep_gradient(self) -> None:
        l1 = gn.L1(0.5)
        assert moved([0.0, 0.25, -0.25, 0.5, -0.5], [0.0] * 5, 1.0, l1) == [0.0] * 5
        assert moved([0.0, 0.0, 0.0], [0.5, -0.5, 0.0], 1.0, l1) == [0.0] * 3
        assert moved([0.0, 0.0, 0.0], [0.75, -0.75, 0.0], 1.0, l1) == [-0.25, 0.25, 0.0]

    def test_a_weight_of_0_stays_an_edge(self) -> None:
        net = gn.Network.from_matrices([[[0.25], [0.25]]], activation="identity")
        assert after(wire(net), [0.0, 0.0], 0.5, gn.L1(1.0)) == [0.0, 0.0]
        assert net.graph.number_of_edges() == 2

    @pytest.mark.parametrize("engine", ["node", "matrix"])
    def test_trained_weights_become_0_exactly_and_stay_edges(self, engine: str) -> None:
        # The second input has nothing to do with y.
        X = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]
        net = gn.Network.from_matrices([[[0.5], [0.5], [0.3]]], activation="identity")
        gn.train(
            net, X, [2.0, 2.0, -2.0, -2.0], regularizer=gn.L1(0.25), batch_size=None, epochs=200,
            engine=engine,
        )  # fmt: skip
        constant, first, second = (net.edges[(0, i), (1, 1)]["weight"] for i in range(3))
        assert (constant, second) == (0.0, 0.0)
        # The minimum of (w - 2)^2 / 2 + |w| / 4.
        assert math.isclose(first, 1.75, rel_tol=1e-8)
        assert net.graph.number_of_edges() == 3


class TestNorms:
    @staticmethod
    def two_layers() -> Wiring:
        """Return neurons (1, 1), (1, 2) and (2, 1), whose weights have the norms 5, 10 and 5."""
        return wire(
            gn.Network.from_matrices(
                [[[3.0, 6.0], [4.0, 8.0]], [[0.0], [3.0], [4.0]]], activation="identity"
            )
        )

    def test_max_norm_is_each_neuron_s_own(self) -> None:
        found = after(self.two_layers(), [0.0] * 7, 0.5, gn.MaxNorm(5.0))
        assert found == [3.0, 3.0, 4.0, 4.0, 0.0, 3.0, 4.0]

    def test_two_bounds_follow_each_other(self) -> None:
        several = [gn.MaxNorm(5.0), gn.MaxNorm(2.5, constants=False)]
        found = after(self.two_layers(), [0.0] * 7, 0.5, several)
        assert found == [3.0, 3.0, 2.5, 2.5, 0.0, 1.5, 2.0]

    def test_clip_norm_is_that_of_all_layers(self) -> None:
        wiring, gradient = self.two_layers(), [2.0, 0.0, 0.0, 3.0, 0.0, 6.0, 0.0]
        pairs = zip(wiring.weights(), after(wiring, gradient, 1.0, gn.ClipNorm(3.5)), strict=True)
        changes = [before - weight for before, weight in pairs]
        assert changes == [1.0, 0.0, 0.0, 1.5, 0.0, 3.0, 0.0]

    def test_a_short_gradient_and_small_weights_stay(self) -> None:
        assert moved([0.0, 0.0], [3.0, 4.0], 1.0, gn.ClipNorm(5.0)) == [-3.0, -4.0]
        assert moved([3.0, 4.0], [0.0, 0.0], 1.0, gn.MaxNorm(5.0)) == [3.0, 4.0]

    def test_a_neuron_that_nothing_reaches_has_no_norm(self) -> None:
        net = gn.Network([1, 2], activation="identity")
        net.add_edge((0, 1), (1, 2), 4.0)
        assert after(wire(net), [0.0], 1.0, gn.MaxNorm(2.0)) == [2.0]


@dataclass(frozen=True)
class Counting(gn.Optimizer):
    """Moves every weight to 100 times the updates so far, plus the visits of this weight."""

    def slots(self) -> dict[str, float]:
        return {"visits": 0.0, "unused": 7.0}

    def counters(self) -> dict[str, float]:
        return {"updates": 0.0, "twice": 1.0}

    def tick(self, counters: Numbers) -> Numbers:
        return counters[0] + 1, counters[1] * 2

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        visits = slots[0] + 1
        return 100 * step[1] + visits, (visits, slots[1])


class TestMemory:
    def test_at_first_each_edge_has_the_first_values(self) -> None:
        wiring, rules = neuron(1.0, 2.0), Rules(Counting())
        first = Memory.first(wiring, rules)
        assert first.slots == [(0.0, 7.0), (0.0, 7.0)]
        assert first.counters == (0.0, 1.0)

    def test_counters_move_once_an_update_before_the_weights_and_slots_with_each_weight(
        self,
    ) -> None:
        wiring, rules = neuron(1.0, 2.0), Rules(Counting())
        kept = Memory.first(wiring, rules)
        for k in (1, 2, 3):
            descend(wiring, [0.0, 0.0], 0.5, rules, kept)
            assert wiring.weights() == [101.0 * k, 101.0 * k]
        assert kept.slots == [(3.0, 7.0), (3.0, 7.0)]
        assert kept.counters == (3.0, 8.0)

    def test_the_step_begins_with_the_learning_rate(self) -> None:
        steps: list[Numbers] = []

        class Watching(Counting):
            def update(
                self, weight: float, gradient: float, slots: Numbers, step: Numbers
            ) -> tuple[float, Numbers]:
                steps.append(step)
                return weight, slots

        rules = Rules(Watching())
        wiring = neuron(1.0, 2.0)
        descend(wiring, [0.0, 0.0], 0.25, rules, Memory.first(wiring, rules))
        assert steps == [(0.25, 1.0, 2.0)] * 2
