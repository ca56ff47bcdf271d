"""The family of errors: kinds, attributes, pickling."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

import graphnn as gn

KINDS = [
    (gn.NetworkError, ValueError),
    (gn.CompileError, ValueError),
    (gn.DataError, ValueError),
    (gn.EngineUnavailable, ImportError),
    (gn.TrainingError, RuntimeError),
    (gn.RenderError, RuntimeError),
    (gn.FormatError, ValueError),
]


@pytest.mark.parametrize(("kind", "builtin"), KINDS)
def test_every_error_is_a_graphnn_error_and_a_builtin_one(
    kind: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(kind, gn.GraphnnError)
    assert issubclass(kind, builtin)


def test_a_compile_error_is_a_network_error() -> None:
    assert issubclass(gn.CompileError, gn.NetworkError)


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS])
def test_a_pickled_error_keeps_its_kind_and_message(kind: type[Exception]) -> None:
    again = pickle.loads(pickle.dumps(kind("words")))
    assert type(again) is kind
    assert str(again) == "words"


@pytest.mark.parametrize("kind", [gn.NetworkError, gn.CompileError])
def test_a_pickled_network_error_keeps_its_neuron_and_edge(kind: type[gn.NetworkError]) -> None:
    error = kind("words", node=(1, 2), edge=((0, 1), (1, 2)))
    again = pickle.loads(pickle.dumps(error))
    assert (again.node, again.edge) == ((1, 2), ((0, 1), (1, 2)))


def test_a_network_error_without_a_place_has_none() -> None:
    error = gn.NetworkError("words")
    assert error.node is None
    assert error.edge is None


def test_a_pickled_training_error_keeps_its_result() -> None:
    again = pickle.loads(pickle.dumps(gn.TrainingError("words", result=(1, 2))))
    assert again.result == (1, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda net: gn.forward(net, [1.0]),
        lambda net: gn.backward(net, [1.0], [1.0]),
        lambda net: gn.train(net, [[1.0]], [[1.0]]),
        lambda net: gn.predict(net, [[1.0]]),
        lambda net: gn.compare(net, [[1.0]]),
        gn.compile,
        gn.draw,
        gn.summary,
        gn.to_python,
        gn.to_c,
    ],
)
def test_what_is_no_network_is_refused_at_every_door(call: Callable[[Any], Any]) -> None:
    with pytest.raises(gn.NetworkError, match="found a str, expected a graphnn Network"):
        call("net")
