"""A compiled function beside the Python one: what differs is said, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

import graphnn as gn
from graphnn.engines.native import engine
from graphnn.engines.native.probe import differences
from graphnn.engines.native.scalars import Scalar


def scalar(function: Callable[..., object], arguments: int, name: str = "own_value") -> Scalar:
    return Scalar(name, function, arguments, "activation 'own': value")


def test_a_form_that_gives_the_same_numbers_is_not_mentioned() -> None:
    assert differences(scalar(math.tanh, 1), math.tanh) == []
    assert differences(scalar(lambda v, y: v - y, 2), lambda v, y: v - y) == []


def test_how_many_arguments_differ_and_by_how_much_is_said() -> None:
    def off_above_0(a: float) -> float:
        return a + 0.25 if a > 0 else a

    (words,) = differences(scalar(lambda a: a, 1), off_above_0)
    assert words.startswith("activation 'own': value: compiled code and Python differ at ")
    assert words.endswith(" of 4,096 arguments, by up to 2.5e-01")


def test_one_last_place_is_a_difference() -> None:
    def next_above(a: float) -> float:
        return math.nextafter(a, math.inf)

    (words,) = differences(scalar(lambda a: a, 1), next_above)
    assert re.search("differ at 4,?096 of 4,096 arguments", words)


def test_nan_is_nan_and_zeros_of_both_signs_are_equal() -> None:
    assert differences(scalar(lambda a: math.nan, 1), lambda a: math.nan) == []
    assert differences(scalar(lambda a: 0.0, 1), lambda a: -0.0) == []
    assert differences(scalar(lambda a: math.nan, 1), lambda a: 1.0) != []


def test_where_python_raises_nothing_is_compared() -> None:
    def small(a: float) -> float:
        if a > 70:
            raise OverflowError
        return a

    assert differences(scalar(small, 1), lambda a: math.inf if a > 70 else a) == []
    assert differences(scalar(math.sqrt, 1), lambda a: math.sqrt(abs(a))) == []
    assert differences(scalar(lambda a: 1 / 0, 1), lambda a: math.inf) == []


def test_losses_of_whole_layers_are_compared_too() -> None:
    def value(a: Sequence[float], v: Sequence[float], y: Sequence[float]) -> float:
        return v[0] - y[0]

    def off(a: Sequence[float], v: Sequence[float], y: Sequence[float]) -> float:
        return v[0] - y[1]

    assert differences(scalar(value, 0), value) == []
    assert differences(scalar(value, 0), off) != []


def test_their_sensitivities_are_compared_output_by_output() -> None:
    def sensitivities(a: list, v: list, y: list, delta: list) -> None:
        for j in range(len(v)):
            delta[j] = v[j] - y[j]

    def off_in_the_last(a: list, v: list, y: list, delta: list) -> None:
        sensitivities(a, v, y, delta)
        delta[-1] = delta[-1] + 1.0

    item = scalar(sensitivities, 0, "own_sensitivities")
    assert differences(item, sensitivities) == []
    assert differences(item, off_in_the_last) != []


def test_a_pass_carries_what_differs() -> None:
    # Compiled code multiplies where Python calls pow: a third of all arguments differ.
    own = gn.Activation("cubic", lambda a: (a / 1000) ** 3, lambda a, v: 1.0)
    net = gn.Network.dense([1, 1], activation=own, seed=0)
    found = engine.propagate(
        gn.compile(net), np.ones((1, 1)), np.ones((1, 1)), gn.LOSSES["squared"]
    )
    (words,) = found.mismatches
    assert "activation 'cubic': value" in words
