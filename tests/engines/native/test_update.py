"""The moves of weights in generated code: every rule and regulariser, in every form.

The source run as plain Python meets all of them; a sample of each kind is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from engines.native.agreement import Fading, Interpreted, Lesson, assert_trains_alike, lowered
from rules import OPTIMIZERS, REGULARIZERS

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import engine
from graphnn.engines.native.plan import Plan, plan
from graphnn.engines.native.scalars import Scalars
from graphnn.engines.native.text import Precision
from graphnn.engines.native.update import Update
from graphnn.engines.rules import Rules

FORMS = {"matrices": ("dense", 1.0), "with absent edges": ("dense", 0.7), "edges": ("edges", 0.7)}


@dataclass(frozen=True)
class Way:
    """How a small network is trained.

    Attributes:
        form: The form of the source.
        dtype: The precision.
        size: The samples of a batch.
        weighted: Whether samples have weights.
        loss: The loss's name.
    """

    form: str
    dtype: str = "float64"
    size: int = 1
    weighted: bool = False
    loss: str = "squared"

    def __str__(self) -> str:
        words = [self.form, self.dtype, f"batches of {self.size}", "weighted" * self.weighted]
        return ", ".join(word for word in [*words, self.loss] if word)

    def assert_equals_the_node_engine(self, rule: gn.Optimizer, regularizer: Any) -> None:
        loops, present = FORMS[self.form]
        rng = np.random.default_rng(4)
        masks = [rng.random(shape) < present for shape in ((5, 6), (7, 3), (4, 2))]
        net = gn.Network.from_matrices(
            [rng.normal(size=mask.shape) for mask in masks],
            masks,
            activation=["relu", "tanh", "identity"],
        )
        X = rng.normal(size=(7, 4)) * (rng.random((7, 4)) < 0.7)
        y = rng.normal(size=(7, 2)) if self.loss == "squared" else np.eye(2)[np.arange(7) % 2]
        weights = rng.random(7) * 2
        weights[3] = 0.0
        X, y, weights = (array.astype(self.dtype) for array in (X, y, weights))
        given = weights if self.weighted else None
        lesson = Lesson(net, X, y, self.loss, rule, regularizer, given)
        count = 12 if self.size == 1 else 6
        rows = rng.integers(0, 7, count * self.size - self.size // 3)
        batches = Batches.of_size(rows, self.size, 0.02 + 0.2 * rng.random(count))
        assert len(lesson.trained(lesson.dropping(batches))) == count + 1, "it overflowed"
        assert_trains_alike(lesson, lesson.dropping(batches), loops)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: type(rule).__name__)
def test_the_source_equals_the_node_engine(
    form: str, regularizer: str, rule: gn.Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "kernel", Interpreted)
    # Each pair meets every size; precisions, weights and losses go round among the pairs.
    turn = OPTIMIZERS.index(rule) + list(REGULARIZERS).index(regularizer)
    for k, size in enumerate((1, 3, 7)):
        dtype = ("float64", "float32")[(turn + k) % 2]
        loss = ("squared", "softmax_cross_entropy")[(turn // 2 + k) % 2]
        way = Way(form, dtype, size, bool((turn // 4 + k) % 2), loss)
        way.assert_equals_the_node_engine(rule, REGULARIZERS[regularizer])


LARGE: dict[str, dict[str, object]] = {
    "rows of zeros left out, long sums": {
        "dense.SKIP_ENTRIES": 1, "dense.SKIP_COLUMNS": 1, "dense.LONG": 1,
    },
    "chunks of few, blocks of rows": {
        "engine.CHUNK": 8, "chunks.BLOCK_ENTRIES": 1, "chunks.BLOCK_ROWS": 4, "chunks.LONG": 1,
        "chunks.TERMS": 2,
    },
    "wide vectors": {
        "vectors.WIDE_COLUMNS": 1, "vectors.NARROW": 1, "vectors._has_wide_vectors": lambda: True,
    },
    "nothing filled up": {"vectors.FILLED_ENTRIES": 0},
}  # fmt: skip
"""What only large networks, or other processors, have."""

PAIRS = [(rule, name) for rule in OPTIMIZERS for name in list(REGULARIZERS)[-2:]]
PAIRS += [(OPTIMIZERS[0], name) for name in list(REGULARIZERS)[:-2]]


@pytest.mark.parametrize("large", LARGE)
@pytest.mark.parametrize("form", ["matrices", "with absent edges"])
@pytest.mark.parametrize(("rule", "regularizer"), PAIRS)
def test_it_does_so_as_if_the_network_were_large(
    large: str,
    form: str,
    rule: gn.Optimizer,
    regularizer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "kernel", Interpreted)
    for name, value in LARGE[large].items():
        monkeypatch.setattr(f"graphnn.engines.native.{name}", value)
    for size, dtype in ((1, "float64"), (3, "float32"), (20, "float64")):
        way = Way(form, dtype, size, weighted=size == 3)
        way.assert_equals_the_node_engine(rule, REGULARIZERS[regularizer])


COMPILED = [
    # Sample by sample: one sweep moves the weights and begins the next sum.
    (gn.Momentum(), "L1", Way("matrices")),
    (gn.Adagrad(), "none", Way("with absent edges", weighted=True)),
    (gn.Adam(), "ElasticNet but constants", Way("with absent edges", "float32")),
    (gn.AMSGrad(), "ClipValue", Way("edges", weighted=True, loss="softmax_cross_entropy")),
    (gn.Rprop(0.05), "none", Way("edges", "float32")),
    (gn.AdamW(), "L1 but constants", Way("edges")),
    # In batches.
    (gn.Nesterov(), "ElasticNet", Way("matrices", size=3, weighted=True)),
    (gn.RMSprop(), "ClipNorm", Way("matrices", size=7)),
    (gn.AMSGrad(), "Dropout of both", Way("with absent edges", size=3)),
    (
        gn.Adam(), "all but constants, Dropout",
        Way("with absent edges", "float32", 7, weighted=True),
    ),
    (gn.AdamW(), "MaxNorm", Way("matrices", size=1, loss="softmax_cross_entropy")),
    (gn.Rprop(0.05), "none", Way("matrices", size=7)),
    (gn.RMSprop(), "Dropout of inputs", Way("edges", size=3, weighted=True)),
    (gn.Momentum(), "MaxNorm but constants", Way("edges", "float32", 3)),
    (gn.Adagrad(), "all but constants, Dropout", Way("edges", size=7, weighted=True)),
    (gn.Nesterov(), "all", Way("edges", size=1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "regularizer", "way"),
    COMPILED,
    ids=lambda one: type(one).__name__ if isinstance(one, gn.Optimizer) else str(one),
)
def test_compiled_code_does_so_too(rule: gn.Optimizer, regularizer: str, way: Way) -> None:
    way.assert_equals_the_node_engine(rule, REGULARIZERS[regularizer])


def update_of(rule: gn.Optimizer, regularizer: Any = None, dtype: str = "float64") -> Update:
    return Update.of(Rules.of(rule, regularizer), Scalars(), Precision(dtype))  # type: ignore[arg-type]


class TestLines:
    def test_a_rule_that_remembers_nothing(self) -> None:
        update = update_of(gn.SGD())
        assert update.gradient("1[e]", "g") == "g"
        assert update.move("1[e]", "g") == [
            "moved = update(optimizer, w1[e], g, (), now)[0]",
            "weight = moved",
            "w1[e] = weight",
        ]
        assert update.tick("rates[step]") == ["now = (rates[step],)"]
        assert update.begin() == update.end() == []

    def test_a_rule_with_slots_and_counters(self) -> None:
        update = update_of(gn.Adam(), dtype="float32")
        slots = "(float64(slot_mean_[e]), float64(slot_square_[e]),)"
        assert update.move("[e]", "g") == [
            f"moved, slots = update(optimizer, float64(w[e]), float64(g), {slots}, now)",
            "slot_mean_[e] = float32(slots[0])",
            "slot_square_[e] = float32(slots[1])",
            "weight = float32(moved)",
            "w[e] = weight",
        ]
        assert update.tick("rates[batch]") == [
            "counters = tick(optimizer, counters)",
            "now = (rates[batch], counters[0], counters[1])",
        ]
        assert update.begin() == ["counters = (counting[0], counting[1],)"]
        assert update.end() == ["counting[0] = counters[0]", "counting[1] = counters[1]"]

    def test_regularizers_stand_where_they_take_part(self) -> None:
        several = [gn.L1(0.1, constants=False), gn.ClipValue(1.0), gn.L2(0.1), gn.L2(0.2)]
        update = update_of(gn.SGD(), several)
        penalties = "g + derivative3(regularizer3, w[e]) + derivative4(regularizer4, w[e])"
        assert update.gradient("[e]", "g") == f"clip2(regularizer2, {penalties})"
        (weight,) = (one for one in update.move("[e]", "g") if one.startswith("weight"))
        assert weight == "weight = proximal1(regularizer1, moved, now[0])"
        assert "weight = moved" in update.move("[e]", "g", constant=True)

    def test_where_there_may_be_no_edge_the_weight_is_chosen(self) -> None:
        lines = update_of(gn.SGD()).move("2[e]", "g", moves="moves2[e]")
        assert "weight = select(moved, moves2[e], w2[e])" in lines

    @pytest.mark.parametrize(
        ("regularizer", "in_parts"),
        [
            (None, False),
            ([gn.L1(0.1), gn.L2(0.1), gn.ClipValue(1.0), gn.Dropout(0.5)], False),
            (gn.ClipNorm(1.0), True),
            (gn.MaxNorm(1.0), True),
        ],
    )
    def test_factors_for_many_weights_need_the_update_in_parts(
        self, regularizer: Any, in_parts: bool
    ) -> None:
        assert update_of(gn.SGD(), regularizer).in_parts is in_parts


class TestStill:
    """Where a gradient of 0 moves no weight, weights may be passed over."""

    @pytest.mark.parametrize("rule", [gn.SGD(), gn.Adagrad()])
    @pytest.mark.parametrize("regularizer", [None, gn.ClipValue(1.0)])
    def test_some_rules_are(self, rule: gn.Optimizer, regularizer: Any) -> None:
        assert update_of(rule, regularizer).still

    @pytest.mark.parametrize(
        "rule", [*OPTIMIZERS[1:3], *OPTIMIZERS[4:], Fading()], ids=lambda rule: type(rule).__name__
    )
    def test_those_that_go_on_or_decay_are_not(self, rule: gn.Optimizer) -> None:
        assert not update_of(rule).still

    @pytest.mark.parametrize("regularizer", [gn.L1(0.1), gn.L2(0.1), gn.ElasticNet(0.1)])
    def test_nor_are_those_with_a_penalty(self, regularizer: Any) -> None:
        assert not update_of(gn.SGD(), regularizer).still

    def test_a_rule_that_raises_there_is_not(self) -> None:
        @dataclass(frozen=True)
        class Dividing(gn.Optimizer):
            def update(
                self, weight: float, gradient: float, slots: Any, step: Any
            ) -> tuple[float, Any]:
                return weight - step[0] / gradient, slots

        assert not update_of(Dividing()).still


class TestArguments:
    @staticmethod
    def planned(regularizer: Any, *, weighted: bool = False) -> Plan:
        program = lowered(gn.Network.dense([3, 4, 2], seed=0), "dense")
        rules = Rules.of(gn.Momentum(), regularizer)
        return plan(program, gn.LOSSES["squared"], "batches", rules, weighted=weighted)

    @pytest.mark.parametrize(
        ("regularizer", "weighted", "expected"),
        [
            (None, False, set()),
            (gn.L2(0.1), True, {"weights"}),
            (gn.Dropout(0.5), False, {"masks", "passed1"}),
            (gn.Dropout(0.5, inputs=0.5), True, {"weights", "masks", "passed0", "passed1"}),
            (gn.MaxNorm(1.0), False, {"norms"}),
        ],
    )
    def test_there_are_those_that_are_needed(
        self, regularizer: Any, weighted: bool, expected: set[str]
    ) -> None:
        names = dict(self.planned(regularizer, weighted=weighted).kinds)
        extra = {"weights", "masks", "passed0", "passed1", "passed2", "norms", "counting"}
        assert extra & set(names) == expected
        assert {"slot_velocity_1", "slot_velocity_2"} <= set(names)

    def test_the_learning_rate_is_each_batch_s_own(self) -> None:
        made = self.planned(None)
        assert "rates[batch]" in made.text
        assert "eta=" not in made.text
        assert dict(made.kinds)["rates"] == "float64*"
