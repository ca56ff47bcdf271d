"""A fingerprint changes with everything that compiled code of a function depends on."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import graphnn as gn
from graphnn.engines.native.fingerprint import fingerprint

FACTOR = 2.0
PAIR = (1, 2.5)
NAMES = {"factor": 2.0}
LIST = [2.0]
ARRAY = np.array([1.0, 2.0])
eta = [0.1, 0.2]
module = ModuleType("module")
module.factor = 2.0  # type: ignore[attr-defined]


def helper(a: float) -> float:
    return FACTOR * a


def reads_a_global(a: float) -> float:
    return FACTOR * a


def reads_a_pair(a: float) -> float:
    return PAIR[1] * a


def reads_an_array(a: float) -> float:
    return float(ARRAY[0]) * a


def reads_a_module(a: float) -> float:
    factor: float = module.factor
    return factor * a


def calls_a_helper(a: float) -> float:
    return helper(a) + 1


def calls_within(a: float) -> float:
    def inner(b: float) -> float:
        return FACTOR * b

    return inner(a)


def reads_a_dictionary(a: float) -> float:
    return NAMES["factor"] * a


def reads_a_list(a: float) -> float:
    return LIST[0] * a


def calls_what_reads_a_list(a: float) -> float:
    return reads_a_list(a)


def counts_down(a: float) -> float:
    return counts_down(a - 1) if a > 1 else a


def default(k: float) -> Callable[..., float]:
    def function(a: float, factor: float = k) -> float:
        return factor * a

    return function


def keyword(k: float) -> Callable[..., float]:
    def function(a: float, *, factor: float = k) -> float:
        return factor * a

    return function


def closure(k: object) -> Callable[..., float]:
    def function(a: float) -> float:
        return k * a  # type: ignore[operator, no-any-return]

    return function


def over_a_function(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda a: function(a) + 1


@dataclass(frozen=True)
class Scaled:
    factor: float

    def __call__(self, a: float) -> float:
        return self.factor * a


@dataclass(frozen=True)
class Shifted:
    factor: float

    def __call__(self, a: float) -> float:
        return self.factor + a


@dataclass(frozen=True)
class Rule:
    eta: float

    def update(self, weight: float, gradient: float) -> float:
        return weight - self.eta * gradient


class Plain:
    factor = 2.0

    def __call__(self, a: float) -> float:
        return self.factor * a

    def method(self, a: float) -> float:
        return self.factor * a


class TestEqual:
    @pytest.mark.parametrize("name", gn.ACTIVATIONS)
    def test_a_built_in_function_always_has_the_same(self, name: str) -> None:
        activation = gn.ACTIVATIONS[name]
        assert fingerprint(activation.value) == fingerprint(activation.value)
        assert fingerprint(activation.value) != fingerprint(activation.derivative)

    def test_functions_of_the_same_code_and_numbers_have_the_same(self) -> None:
        assert fingerprint(closure(2.0)) == fingerprint(closure(2.0))
        assert fingerprint(default(2.0)) == fingerprint(default(2.0))
        assert fingerprint(Scaled(2.0)) == fingerprint(Scaled(2.0))
        assert fingerprint(over_a_function(helper)) == fingerprint(over_a_function(helper))

    def test_a_function_that_calls_itself_has_one(self) -> None:
        assert fingerprint(counts_down) == fingerprint(counts_down)

    def test_a_function_that_numba_compiled_has_its_plain_form_s(self) -> None:
        numba = pytest.importorskip("numba")
        assert fingerprint(numba.njit(helper)) == fingerprint(helper)


class TestDifferent:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (lambda a: a + 1.0, lambda a: a + 2.0),
            (lambda a: a + 1.0, lambda a: a - 1.0),
            (lambda a: a + 1, lambda a: a + 1.0),
            (lambda a: 0.0 * a, lambda a: -0.0 * a),
            (lambda a: 2 * math.exp(a), lambda a: 2 * math.expm1(a)),
            (math.tanh, math.sin),
            (np.tanh, np.sin),
            (closure(2.0), closure(3.0)),
            (closure(2), closure(2.0)),
            (closure(np.float32(2)), closure(np.float64(2))),
            (default(2.0), default(3.0)),
            (keyword(2.0), keyword(3.0)),
            (over_a_function(helper), over_a_function(reads_a_pair)),
            (over_a_function(closure(2.0)), over_a_function(closure(3.0))),
            (over_a_function(math.tanh), over_a_function(math.sin)),
            (Scaled(2.0), Scaled(3.0)),
            (Scaled(2.0), Shifted(2.0)),
        ],
    )
    def test_functions_of_other_code_or_numbers_differ(
        self, one: Callable[..., float], other: Callable[..., float]
    ) -> None:
        assert fingerprint(one) != fingerprint(other)

    @pytest.mark.parametrize(
        ("function", "name", "value"),
        [
            (reads_a_global, "FACTOR", 3.0),
            (calls_a_helper, "FACTOR", 3.0),
            (calls_a_helper, "helper", lambda a: 3.0 * a),
            (calls_within, "FACTOR", 3.0),
            (reads_a_pair, "PAIR", (1, 3.5)),
            (reads_an_array, "ARRAY", np.array([1.5, 2.0])),
            (over_a_function(calls_a_helper), "FACTOR", 3.0),
        ],
    )
    def test_it_changes_with_a_global_that_is_read(
        self,
        function: Callable[..., float],
        name: str,
        value: object,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        before = fingerprint(function)
        monkeypatch.setattr(sys.modules[__name__], name, value)
        assert fingerprint(function) != before

    def test_it_changes_with_an_array_s_contents(self) -> None:
        array = np.array([1.0, 2.0])
        function = closure(array)
        before = fingerprint(function)
        array[0] = 7.0
        assert fingerprint(function) != before

    def test_it_changes_with_what_is_read_from_a_module_or_refuses_that(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = set()
        for factor in (2.0, 3.0):
            monkeypatch.setattr(module, "factor", factor)
            try:
                found.add(fingerprint(reads_a_module))
            except TypeError as error:
                assert "module" in str(error)  # noqa: PT017 - either is right
                found.add(str(factor))
        assert len(found) == 2

    def test_it_does_not_change_with_a_global_that_is_not_read(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = fingerprint(calls_a_helper)
        monkeypatch.setattr(sys.modules[__name__], "PAIR", (1, 3.5))
        assert fingerprint(calls_a_helper) == before

    def test_an_attribute_is_not_taken_for_a_global_of_its_name(self) -> None:
        # `self.eta` reads the rule's own number, not this file's list of that name.
        update: Any = Rule.update
        assert fingerprint(update) == fingerprint(update)


class TestRefused:
    @pytest.mark.parametrize(
        ("function", "words"),
        [
            (reads_a_dictionary, "NAMES is a dict"),
            (reads_a_list, "LIST is a list"),
            (calls_what_reads_a_list, "LIST is a list"),
            (closure([2.0]), "k is a list"),
            (closure(Plain()), "k is a Plain"),
            (Plain(), "Plain"),
            (Plain().method, "Plain"),
            (partial(helper), "partial"),
            (default([2.0]), "default is a list"),  # type: ignore[arg-type]
        ],
    )
    def test_what_cannot_be_followed_is_named(
        self, function: Callable[..., float], words: str
    ) -> None:
        with pytest.raises(TypeError, match=words):
            fingerprint(function)
