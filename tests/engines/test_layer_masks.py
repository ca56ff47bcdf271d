"""The factors of dropout for a batch, one array a layer."""

from __future__ import annotations

import numpy as np
import pytest

import graphnn as gn
from graphnn.engines.layer_masks import NO_MASKS, layer_masks, mask_widths
from graphnn.engines.rules import Rules

NET = gn.Network.dense([3, 4, 2, 1], seed=0)
NET.remove_neuron((1, 2))


MASKED: list[tuple[gn.Dropout | None, dict[int, int]]] = [
    (gn.Dropout(0.5), {1: 3, 2: 2}),
    (gn.Dropout(0.5, inputs=0.5), {0: 3, 1: 3, 2: 2}),
    (gn.Dropout(0.0, inputs=0.5), {0: 3}),
]


@pytest.mark.parametrize(("dropout", "widths"), [*MASKED, (None, {}), (gn.Dropout(0.0), {})])
def test_widths_count_the_neurons_of_the_layers_that_dropout_takes_in(
    dropout: gn.Dropout | None, widths: dict[int, int]
) -> None:
    rules = Rules.of(gn.SGD(), dropout)
    assert mask_widths(gn.compile(NET), rules) == widths
    assert layer_masks(gn.compile(NET), rules, None) is NO_MASKS


@pytest.mark.parametrize(("dropout", "widths"), MASKED)
def test_a_row_s_factors_go_to_the_layers_one_after_the_other(
    dropout: gn.Dropout | None, widths: dict[int, int]
) -> None:
    rules, total = Rules.of(gn.SGD(), dropout), sum(widths.values())
    factors = np.arange(5.0 * total).reshape(5, total)
    found = layer_masks(gn.compile(NET), rules, factors)
    assert {t: mask.shape[1] for t, mask in found.items()} == widths
    assert np.array_equal(np.hstack([found[t] for t in sorted(found)]), factors)


def test_a_network_without_a_hidden_layer_may_drop_inputs() -> None:
    program = gn.compile(gn.Network.dense([3, 2], seed=0))
    rules = Rules.of(gn.SGD(), gn.Dropout(0.5, inputs=0.5))
    assert mask_widths(program, rules) == {0: 3}
    assert layer_masks(program, rules, np.ones((2, 3)))[0].shape == (2, 3)
