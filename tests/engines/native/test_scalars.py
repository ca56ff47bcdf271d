"""Names for scalar functions: valid, unique, and one for each function."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.engines.native.scalars import Record, Scalars


def own(name: str) -> gn.Activation:
    return gn.Activation(name, lambda a: a, lambda a, v: 1)


def own_loss(name: str) -> gn.Loss:
    return gn.Loss(name, lambda v, y: v - y, lambda v, y: 1)


@dataclass(frozen=True)
class Rule:
    eta: float
    switch: bool
    bound: int = 3

    def update(self, weight: float, gradient: float) -> float:
        return weight


class TestNames:
    PRINTABLE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1).filter(
        str.isprintable
    )

    @given(st.lists(PRINTABLE, min_size=1, max_size=6))
    def test_any_names_become_identifiers_that_differ(self, names: list[str]) -> None:
        scalars = Scalars()
        activations = [own(name) for name in names]
        losses = [own_loss(name) for name in names]
        found = [scalars.value(one) for one in activations]
        found += [scalars.derivative(one) for one in activations]
        found += [scalars.loss(one) for one in losses]
        found += [scalars.loss_derivative(one) for one in losses]
        assert len(set(found)) == len(found)
        assert all(name.isidentifier() and name.isascii() for name in found)
        assert not any(keyword.iskeyword(name) for name in found)

    @pytest.mark.parametrize("name", ["my act!", "for", "2x", "X", "update", "numbers", "é"])
    def test_odd_names_become_identifiers(self, name: str) -> None:
        scalars = Scalars()
        found = [scalars.value(own(name)), scalars.loss_derivative(own_loss(name))]
        assert all(one.isidentifier() and not keyword.iskeyword(one) for one in found)
        assert not {"X", "update", "numbers", "penalty", "for", "range"} & set(found)

    def test_functions_of_one_name_are_told_apart(self) -> None:
        scalars = Scalars()
        activation, other, loss = own("same"), own("same"), own_loss("same")
        found = {scalars.value(activation), scalars.value(other), scalars.loss(loss)}
        assert len(found) == 3
        assert {item.function for item in scalars.items} == {
            activation.value, other.value, loss.value,
        }  # fmt: skip

    def test_a_function_keeps_its_name(self) -> None:
        scalars = Scalars()
        activation = own("mine")
        assert scalars.value(activation) == scalars.value(activation)
        assert scalars.loss(gn.Squared(0.75)) == scalars.loss(gn.Squared(0.75))
        assert scalars.loss(gn.Squared(0.75)) != scalars.loss(gn.Squared(2.0))
        assert len(scalars.items) == 3

    def test_a_vector_loss_takes_whole_layers(self) -> None:
        scalars = Scalars()
        scalars.loss(gn.LOSSES["softmax_cross_entropy"])
        scalars.loss_derivative(gn.LOSSES["softmax_cross_entropy"])
        names = ["softmax_cross_entropy_value", "softmax_cross_entropy_sensitivities"]
        assert [(item.name, item.arguments) for item in scalars.items] == [(n, 0) for n in names]

    def test_the_owner_is_named_as_users_know_it(self) -> None:
        scalars = Scalars()
        scalars.derivative(own("my act!"))
        assert scalars.items[0].owner == "activation 'my act!': derivative"


class TestRecord:
    def test_numbers_are_arguments_and_switches_are_source(self) -> None:
        record = Record("optimizer", Rule(0.5, True), "update", "update")
        assert record.numbers == [0.5, 3.0]
        assert record.made_from(2) == (
            "optimizer = Rule(eta=numbers[2], switch=True, bound=numbers[3])"
        )

    def test_records_take_their_numbers_one_after_the_other(self) -> None:
        scalars = Scalars()
        scalars.record("optimizer", Rule(0.5, False), "update", "update")
        scalars.record("regularizer", gn.L2(0.25), "derivative", "penalty")
        assert scalars.setup() == [
            "optimizer = Rule(eta=numbers[0], switch=False, bound=numbers[1])",
            "regularizer = L2(lambda_=numbers[2], constants=True)",
        ]

    def test_what_is_no_dataclass_of_numbers_is_refused(self) -> None:
        @dataclass
        class Listed:
            past: list[float] = field(default_factory=list)

        for rule in (Listed(), object()):
            with pytest.raises(gn.CompileError, match=r"optimizer .*dataclass whose fields"):
                Record("optimizer", rule, "update", "update")
