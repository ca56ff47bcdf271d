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
class Rule(gn.Optimizer):
    switch: bool = False
    bound: int = 3


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
        taken = {"X", "update", "tick", "numbers", "now", "moved", "slots", "counters", "for"}
        assert not taken & set(found)

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
    def test_numbers_are_arguments_switches_are_source_and_eta_is_neither(self) -> None:
        record = Record("optimizer", Rule(0.5, True), "Rule")
        assert record.numbers == [3.0]
        assert record.made_from(2) == "optimizer = Rule(switch=True, bound=numbers[2])"

    def test_a_schedule_is_no_number_of_the_record(self) -> None:
        record = Record("optimizer", gn.Momentum(gn.Cosine(0.1, steps=5), mu=0.5), "Momentum")
        assert record.made_from(0) == "optimizer = Momentum(mu=numbers[0])"
        assert record.numbers == [0.5]

    def test_records_take_their_numbers_one_after_the_other(self) -> None:
        scalars = Scalars()
        scalars.record("optimizer", Rule(0.5, False))
        scalars.record("regularizer1", gn.L2(0.25))
        scalars.record("regularizer2", gn.L1(0.75, constants=False))
        assert scalars.setup() == [
            "optimizer = Rule(switch=False, bound=numbers[0])",
            "regularizer1 = L2(lambda_=numbers[1], constants=True)",
            "regularizer2 = L1(lambda_=numbers[2], constants=False)",
        ]

    def test_a_rule_keeps_its_record_and_has_its_methods_beside_it(self) -> None:
        scalars, net = Scalars(), gn.ElasticNet(0.5)
        record = scalars.record("regularizer1", net)
        assert scalars.record("regularizer1", net) is record
        scalars.method(record, "derivative", "derivative1", (None,))
        scalars.method(record, "proximal", "proximal1", (None, None))
        assert scalars.records == [record]
        functions = [method.function for method in scalars.methods]
        assert functions == [gn.ElasticNet.derivative, gn.ElasticNet.proximal]
        owners = [method.owner for method in scalars.methods]
        assert owners == [f"regularizer {net!r}: {one}" for one in ("derivative", "proximal")]

    def test_classes_of_one_name_are_told_apart_and_rules_of_one_class_are_not(self) -> None:
        def other() -> object:
            @dataclass(frozen=True)
            class L2:
                bound: float = 1.0

            return L2()

        scalars = Scalars()
        rules = [gn.L2(0.5), other(), gn.L2(0.25)]
        kinds = [scalars.record(f"regularizer{k}", one).kind for k, one in enumerate(rules)]
        assert kinds == ["L2", "L2_2", "L2"]

    @pytest.mark.parametrize("name", ["_own", "lower", "Übung", "update"])
    def test_the_name_of_a_class_is_an_identifier_that_begins_with_a_capital(
        self, name: str
    ) -> None:
        kind = Scalars().record("optimizer", dataclass(type(name, (), {}))()).kind
        assert kind.isidentifier()
        assert kind.isascii()
        assert kind[0].isupper()

    def test_what_is_no_dataclass_of_numbers_is_refused(self) -> None:
        @dataclass
        class Listed:
            past: list[float] = field(default_factory=list)

        for rule in (Listed(), object()):
            with pytest.raises(gn.CompileError, match=r"optimizer .*dataclass whose fields"):
                Record("optimizer", rule, "Rule")
            with pytest.raises(gn.CompileError, match=r"^regularizer .*dataclass whose fields"):
                Record("regularizer2", rule, "Rule")
