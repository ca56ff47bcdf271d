"""What a sample brings along: the weight of its loss, and who is dropped."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import weights_of
from strategies import SMOOTH, Case, cases

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.descent import Memory
from graphnn.engines.rules import Rules
from graphnn.engines.sample import NO_MASKS, Masks, Sample, passed_on
from graphnn.engines.wiring import wire
from graphnn.functions.losses import resolve_loss
from graphnn.types import Edge, Neuron

SQUARED = gn.Squared()


def gradient(
    net: gn.Network,
    samples: list[Sample],
    masks: list[Masks] | None = None,
    loss: str | gn.Loss = SQUARED,
) -> dict[Edge, float]:
    """Return what an update subtracts from each weight, with a learning rate of 1."""
    wiring, rules = wire(net.copy()), Rules(gn.SGD())
    before, memory = wiring.weights(), Memory.first(wiring, rules)
    batches = [(list(range(len(samples))), 1.0, masks or ())]
    node.run(wiring, samples, batches, resolve_loss(loss), rules, memory)
    pairs = zip(wiring.edges, before, wiring.weights(), strict=True)
    return {(i, j): w - moved for (i, j, _), w, moved in pairs}


class TestDropout:
    @staticmethod
    def network() -> gn.Network:
        """Return x -> (3 x, 5 x) -> 7 v_1 + 11 v_2 + 1."""
        net = gn.Network([1, 2, 1], activation="identity")
        net.add_weighted_edges_from(
            [
                ((0, 0), (1, 1), 0.0), ((0, 0), (1, 2), 0.0),
                ((0, 1), (1, 1), 3.0), ((0, 1), (1, 2), 5.0),
                ((1, 0), (2, 1), 1.0), ((1, 1), (2, 1), 7.0), ((1, 2), (2, 1), 11.0),
            ]
        )  # fmt: skip
        return net

    MASKS: Masks = MappingProxyType({(1, 1): 0.0, (1, 2): 2.0})

    def test_a_neuron_passes_on_nothing_or_its_value_over_the_probability_to_stay(self) -> None:
        wiring = wire(self.network())
        a, v = node.propagate_forward(wiring, [2.0], self.MASKS)
        # The neurons' own values are as ever: 6 and 10; 0 and 20 go on to the output.
        assert (v[1, 1], v[1, 2]) == (6.0, 10.0)
        assert a[2, 1] == v[2, 1] == 1.0 + 11.0 * 20.0

    def test_a_dropped_neuron_has_no_sensitivity_and_one_that_stays_more(self) -> None:
        wiring, sample = wire(self.network()), Sample([2.0], [220.0])
        a, v = node.propagate_forward(wiring, sample.x, self.MASKS)
        delta = node.propagate_backward(wiring, a, v, sample, SQUARED, self.MASKS)
        assert delta == {(2, 1): 1.0, (1, 1): 0.0, (1, 2): 22.0}

    def test_edges_of_dropped_neurons_do_not_move(self) -> None:
        assert gradient(self.network(), [Sample([2.0], [220.0])], [self.MASKS]) == {
            ((0, 0), (1, 1)): 0.0, ((0, 0), (1, 2)): 22.0,
            ((0, 1), (1, 1)): 0.0, ((0, 1), (1, 2)): 44.0,
            ((1, 0), (2, 1)): 1.0, ((1, 1), (2, 1)): 0.0, ((1, 2), (2, 1)): 20.0,
        }  # fmt: skip

    def test_a_dropped_input_is_0_to_those_above(self) -> None:
        wiring = wire(self.network())
        a, _ = node.propagate_forward(wiring, [2.0], {(0, 1): 0.0})
        assert (a[1, 1], a[1, 2], a[2, 1]) == (0.0, 0.0, 1.0)
        found = gradient(self.network(), [Sample([2.0], [0.0])], [{(0, 1): 0.0}])
        assert found[(0, 1), (1, 1)] == found[(0, 1), (1, 2)] == 0.0
        assert found[(0, 0), (1, 1)] == 7.0

    def test_each_sample_has_masks_of_its_own(self) -> None:
        net = self.network()
        samples, other = [Sample([2.0], [220.0]), Sample([1.0], [3.0])], {(1, 1): 2.0, (1, 2): 0.0}
        found = gradient(net, samples, [self.MASKS, other])
        alone = [gradient(net, [s], [m]) for s, m in zip(samples, (self.MASKS, other), strict=True)]
        assert found == {edge: (alone[0][edge] + alone[1][edge]) / 2 for edge in found}
        assert found != gradient(net, samples, [other, self.MASKS])

    def test_the_loss_of_samples_knows_no_dropout(self) -> None:
        wiring = wire(self.network())
        _, v = node.propagate_forward(wiring, [2.0])
        assert v[2, 1] == 1.0 + 42.0 + 110.0
        assert node.losses(wiring, [Sample([2.0], [152.0])], SQUARED) == [0.5]


FACTORS = st.sampled_from([0.0, 0.0, 1.0, 2.0, 4.0])


@st.composite
def masked(draw: st.DrawFn, **words: Any) -> tuple[Case, Masks]:
    """Return a case and masks for some of its input and hidden neurons."""
    case = draw(cases(**words))
    neurons = [n for t in range(case.net.depth) for n in case.net.neurons(t)]
    return case, {n: draw(FACTORS) for n in neurons if draw(st.booleans())}


class TestMaskedNetwork:
    """A mask on a neuron is a factor of the weights that leave it."""

    @given(masked())
    def test_it_runs_as_one_whose_weights_have_the_factors(self, pair: tuple[Case, Masks]) -> None:
        # Factors are 0 or powers of two, so products round alike on either side.
        case, masks = pair
        scaled = case.net.copy()
        for (u, v), weight in weights_of(case.net).items():
            scaled.set_weight(u, v, weight * masks.get(u, 1.0))
        loss = resolve_loss(case.loss)
        wiring, sample = wire(case.net.copy()), Sample(case.X[0].tolist(), case.y[0].tolist())
        a, v = node.propagate_forward(wiring, sample.x, masks)
        delta = node.propagate_backward(wiring, a, v, sample, loss, masks)
        expected = wire(scaled)
        assert (a, v) == node.propagate_forward(expected, sample.x)
        assert delta == node.propagate_backward(expected, a, v, sample, loss)

    @given(masked(losses=("squared", "softmax_cross_entropy"), activations=SMOOTH, max_layers=3))
    def test_the_gradient_is_the_central_difference_of_its_loss(
        self, pair: tuple[Case, Masks]
    ) -> None:
        case, masks = pair
        sample = Sample(case.X[0].tolist(), case.y[0].tolist())
        found = gradient(case.net, [sample], [masks], case.loss)
        wiring = wire(case.net.copy())
        _, v = node.propagate_forward(wiring, sample.x, masks)
        size = 1 + max(abs(one) for one in passed_on(v, masks).values()) ** 4
        for i, j, edge in wiring.edges:
            weight, losses = edge["weight"], []
            for h in (2.0**-17, -(2.0**-17)):
                edge["weight"] = weight + h
                a, v = node.propagate_forward(wiring, sample.x, masks)
                losses.append(node.sample_loss(wiring, a, v, sample.y, resolve_loss(case.loss)))
            edge["weight"] = weight
            estimate = (losses[0] - losses[1]) / 2.0**-16
            bound = 1e-6 * (size * (1 + max(losses)) + abs(found[i, j]))
            assert abs(found[i, j] - estimate) <= bound


class TestPassedOn:
    def test_without_masks_values_are_passed_on_as_they_are(self) -> None:
        v: dict[Neuron, float] = {(0, 0): 1.0, (0, 1): 3.0}
        assert passed_on(v, NO_MASKS) is v

    def test_a_mask_is_a_factor_and_changes_no_value(self) -> None:
        v: dict[Neuron, float] = {(0, 0): 1.0, (0, 1): 3.0, (0, 2): 5.0}
        assert passed_on(v, {(0, 1): 0.0, (0, 2): 2.0}) == {(0, 0): 1.0, (0, 1): 0.0, (0, 2): 10.0}
        assert v == {(0, 0): 1.0, (0, 1): 3.0, (0, 2): 5.0}


class TestWeights:
    """The weight of a sample is a factor of its loss."""

    @staticmethod
    def samples(*weights: float) -> list[Sample]:
        return [Sample([1.0], [2.0], weights[0]), Sample([-2.0], [0.5], weights[1])]

    @staticmethod
    def line() -> gn.Network:
        return gn.Network.from_matrices([[[0.5], [1.0]]], activation="identity")

    def test_losses_are_multiplied(self) -> None:
        # The outputs are 1.5 and -1.5: losses 1/8 and 2.
        wiring = wire(self.line())
        assert node.losses(wiring, self.samples(1.0, 1.0), SQUARED) == [0.125, 2.0]
        assert node.losses(wiring, self.samples(2.0, 0.25), SQUARED) == [0.25, 0.5]
        assert node.mean_loss(wiring, self.samples(2.0, 0.25), SQUARED) == 0.375

    def test_output_sensitivities_and_so_gradients_are_multiplied(self) -> None:
        # delta is -1/2 and -2, times 2 and 1/4: -1 and -1/2; the mean of delta and of delta x.
        constant, first = gradient(self.line(), self.samples(2.0, 0.25)).values()
        assert (constant, first) == ((-1.0 - 0.5) / 2, (-1.0 + 1.0) / 2)

    def test_the_mean_is_over_their_number_not_their_weight(self) -> None:
        one, _ = self.samples(1.0, 1.0)
        assert gradient(self.line(), self.samples(2.0, 0.0)) == gradient(self.line(), [one])

    @given(cases(), st.sampled_from([0.0, 0.5, 4.0]))
    def test_all_that_follows_from_a_sample_is_multiplied(self, case: Case, weight: float) -> None:
        # Powers of two round nothing; kinks and slopes are where they were.
        rows = zip(case.X.tolist(), case.y.tolist(), strict=True)
        once = [Sample(x, y) for x, y in rows]
        heavy = [Sample(x, y, weight) for x, y, _ in once]
        wiring, loss = wire(case.net.copy()), resolve_loss(case.loss)
        pairs = zip(node.losses(wiring, once, loss), node.losses(wiring, heavy, loss), strict=True)
        assert all(other == one * weight for one, other in pairs)
        a, v = node.propagate_forward(wiring, once[0].x)
        light = node.propagate_backward(wiring, a, v, once[0], loss)
        found = node.propagate_backward(wiring, a, v, heavy[0], loss)
        assert found == {neuron: delta * weight for neuron, delta in light.items()}

    @pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy"])
    def test_a_loss_of_whole_layers_is_multiplied_too(self, loss: str) -> None:
        output = "identity" if loss.startswith("softmax") else "sigmoid"
        net = gn.Network.dense([2, 3, 2], activation=["tanh", output], seed=0)
        x, y = [0.5, -1.0], [1.0, 0.0]
        light, heavy = (gradient(net, [Sample(x, y, w)], loss=loss) for w in (1.0, 3.0))
        assert np.allclose([*heavy.values()], [3 * g for g in light.values()], rtol=1e-14)
