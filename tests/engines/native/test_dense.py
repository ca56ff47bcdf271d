"""The form over whole matrices, compiled, against the node engine on structures of every kind."""

from __future__ import annotations

import pytest
from engines.native.agreement import (
    Fading,
    assert_propagates_alike,
    assert_trains_alike,
    lowered,
    random_batches,
)
from engines.native.structures import DECAY, NO_CONSTANTS, Structure

import graphnn as gn
from graphnn.engines.native import dense
from graphnn.engines.native.plan import plan
from graphnn.engines.rules import Rules


def assert_equals_the_node_engine(structure: Structure) -> None:
    lesson = structure.lesson()
    if structure.task == "propagate":
        assert_propagates_alike(lesson.net, lesson.X, lesson.y, lesson.loss, "dense")
    else:
        size = 1 if structure.task == "steps" else 3
        batches = random_batches(len(lesson.X), size, 0, structure.rule.first_eta)
        assert len(lesson.trained(batches)) == len(batches) + 1, "the node engine overflowed"
        assert_trains_alike(lesson, batches, "dense")


STRUCTURES = [
    # Layers of 1 to 13 rows: four at a time, then the rest, one by one or in a loop.
    Structure([1, 1], ["identity"], "squared"),
    Structure([2, 1], ["sigmoid"], "binary_cross_entropy"),
    Structure([3, 2], ["identity"], "softmax_cross_entropy", "steps", DECAY),
    Structure([4, 3], ["tanh"], "hinge"),
    Structure([5, 1], ["tanh"], "squared", "steps", NO_CONSTANTS),
    Structure([8, 3], ["identity"], "softmax_cross_entropy", "batches"),
    Structure([13, 2], ["elu"], "absolute", "batches", DECAY),
    # Several layers, several runs of activations in each.
    Structure([4, 8, 3], ["tanh", "identity"], "softmax_cross_entropy"),
    Structure([2, 4, 1], ["sigmoid relu tanh", "tanh"], "hinge", "batches"),
    Structure([1, 6, 1], ["softplus elu", "sigmoid"], "absolute", "steps", NO_CONSTANTS),
    Structure([5, 9, 6, 3], ["tanh", "relu", "sigmoid tanh"], "squared", "steps", DECAY),
    Structure([3, 5, 4, 2], ["leaky_relu", "tanh sign", "sigmoid"], "binary_cross_entropy"),
    Structure([2, 3, 2, 3, 1], ["tanh", "elu", "identity tanh", "identity"], "squared", "batches"),
    Structure([3, 9, 4, 2], ["gelu silu", "silu", "identity"], "huber", "steps", DECAY),
    Structure([4, 5, 3], ["silu gelu", "gelu"], "log_cosh", "batches"),
    Structure([2, 8, 1], ["silu", "gelu"], "log_cosh", "propagate"),
    Structure([3, 17, 16], ["softplus", "tanh elu identity"], "absolute", "propagate"),
    Structure([2, 7, 5, 6, 2], ["tanh relu", "elu", "tanh", "identity"], "hinge", "propagate"),
    # Layers with edges that are not there.
    Structure([6, 7, 3], ["tanh", "identity"], "squared", "steps", None, [0.5, 0.3]),
    Structure([8, 8, 8, 2], ["tanh", "relu tanh", "identity"], "softmax_cross_entropy", "batches",
              DECAY, [0.6, 0.0, 0.4]),
    Structure([4, 5, 3], ["elu sigmoid", "sigmoid"], "binary_cross_entropy", "propagate", None,
              [0.0, 0.6]),
    Structure([5, 3, 4], ["tanh", "identity"], "absolute", "steps", NO_CONSTANTS, [0.7, 0.0]),
]  # fmt: skip

WITH_ZEROS = [
    Structure([9, 4, 2], ["tanh", "identity"], "squared", zeros=0.6),
    Structure([13, 3], ["identity"], "softmax_cross_entropy", "steps", DECAY, zeros=0.8),
    Structure([10, 5, 2], ["relu", "tanh"], "hinge", zeros=0.7, rule=Fading(0.1)),
    Structure([7, 6, 1], ["tanh", "tanh"], "squared", "steps", None, [0.5, 0.0], zeros=0.6),
    Structure([5, 2], ["tanh"], "absolute", "propagate", zeros=0.5),
]


@pytest.mark.parametrize("structure", STRUCTURES, ids=str)
def test_it_equals_the_node_engine(structure: Structure) -> None:
    assert_equals_the_node_engine(structure)


@pytest.mark.parametrize("structure", WITH_ZEROS, ids=str)
def test_it_does_so_where_rows_of_zeros_are_left_out(
    structure: Structure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "SKIP_ENTRIES", 1)
    monkeypatch.setattr(dense, "SKIP_COLUMNS", 1)
    assert_equals_the_node_engine(structure)


def test_it_does_so_with_a_rule_that_moves_weights_without_a_gradient() -> None:
    assert_equals_the_node_engine(Structure([3, 4, 2], ["relu", "tanh"], "squared", rule=Fading(1)))


class TestSource:
    @staticmethod
    def text(rows: int, columns: int, **words: object) -> str:
        net = gn.Network.dense([rows, columns], activation="tanh", seed=0)
        rule = words.get("rule", gn.SGD(0.1))
        decay = words.get("regularizer")
        assert isinstance(rule, gn.SGD | Fading)
        assert decay is None or isinstance(decay, gn.L2)
        program = lowered(net, "dense")
        return plan(program, gn.LOSSES["squared"], "steps", Rules.of(rule, decay)).text

    def test_a_large_first_layer_leaves_rows_of_zeros_out(self) -> None:
        assert "active" in self.text(512, 32)
        assert "active" not in self.text(510, 32)
        assert "active" not in self.text(1024, 31)

    @pytest.mark.parametrize("words", [{"rule": Fading(0.1)}, {"regularizer": DECAY}])
    def test_an_update_passes_over_no_row_whose_weights_move_without_a_gradient(
        self, words: dict[str, object]
    ) -> None:
        assert self.text(512, 32).count("found = 0") == 2
        assert self.text(512, 32, **words).count("found = 0") == 1  # in the forward sum

    def test_sizes_are_written_into_it(self) -> None:
        assert "range(11)" in self.text(3, 11)
        assert self.text(3, 11) != self.text(4, 11)
