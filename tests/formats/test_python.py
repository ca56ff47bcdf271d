"""Networks as Python functions: the node engine's numbers to the last bit, from `math` alone."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from formats.formats import full_networks
from formats.sources import (
    BAD_NAMES,
    FORMS,
    HOSTILE,
    Shown,
    bits,
    constants_only,
    engine_outputs,
    inputs,
    mixed,
    written_as,
)
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.formats.python import to_python


def built(text: str, name: str = "network") -> Callable[[np.ndarray], list[str]]:
    """Run a module's text and return its function, which gives the outputs bit by bit."""
    space: dict[str, Callable[[object], list[float]]] = {}
    exec(compile(text.encode(), "network.py", "exec"), space)
    function = space[name]
    return lambda x: [bits(number) for number in function(x)]


class TestNumbers:
    @pytest.mark.parametrize("form", FORMS)
    def test_every_activation_on_10_000_inputs_bit_for_bit(self, form: str) -> None:
        net = mixed()
        with written_as(form):
            run = built(to_python(net))
        X = inputs(net, 10_000)
        assert [run(x) for x in X] == engine_outputs(net, X)

    @pytest.mark.parametrize("form", FORMS)
    @given(net=full_networks())
    def test_any_network_bit_for_bit(self, form: str, net: gn.Network) -> None:
        with written_as(form):
            run = built(to_python(net))
        X = inputs(net, 20)
        assert [run(x) for x in X] == engine_outputs(net, X)

    @pytest.mark.parametrize("form", FORMS)
    def test_numbers_that_no_input_changes(self, form: str) -> None:
        net = constants_only()
        with written_as(form):
            run = built(to_python(net))
        assert [run(np.zeros(1))] == engine_outputs(net, np.zeros((1, 1)))

    def test_a_large_network(self) -> None:
        net = gn.Network.dense([784, 128, 10], activation=["tanh", "sigmoid"], seed=0)
        run = built(to_python(net))
        X = inputs(net, 3)
        assert [run(x) for x in X] == engine_outputs(net, X)

    @pytest.mark.parametrize("form", FORMS)
    def test_numbers_of_numpy_are_taken_as_floats(self, form: str) -> None:
        net = gn.Network.dense([2, 3, 1], seed=0)
        with written_as(form):
            run = built(to_python(net))
        x = np.array([0.1, 0.2], dtype=np.float32)
        assert run(x) == run(x.astype(np.float64)) == engine_outputs(net, x[np.newaxis])[0]

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0, 3.0]])
    def test_another_number_of_inputs_is_an_error(self, form: str, x: list[float]) -> None:
        with written_as(form):
            run = built(to_python(gn.Network.dense([2, 1])))
        with pytest.raises(ValueError, match="expected 2"):
            run(np.array(x))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_imported_but_math(form: str) -> None:
    with written_as(form):
        tree = ast.parse(to_python(mixed()))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import math"]
    with written_as(form):
        plain = to_python(gn.Network.dense([2, 1], activation="relu"))
    assert "import" not in plain


@pytest.mark.parametrize("label", [*HOSTILE, Shown(), Shown])
@pytest.mark.parametrize("form", FORMS)
def test_no_label_gets_out_of_its_comment(form: str, label: object) -> None:
    net = gn.Network.dense([2, 2], activation="identity", seed=0)
    with written_as(form):
        plain = to_python(net)
        net.set_label((0, 1), label)
        net.set_label((1, 1), (label, 1))
        text = to_python(net)
    assert text.isascii()
    assert ast.dump(ast.parse(text.encode())) == ast.dump(ast.parse(plain.encode()))
    assert tokenize.detect_encoding(BytesIO(text.encode()).readline)[0] == "utf-8"
    assert built(text)(np.ones(2)) == built(plain)(np.ones(2))


@given(st.text(max_size=30))
def test_any_label_stays_on_its_line(label: str) -> None:
    net = gn.Network.dense([1, 1], seed=0)
    plain = to_python(net)
    net.set_label((0, 1), label)
    text = to_python(net)
    assert len(text.splitlines()) == len(plain.splitlines())
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(plain))


@pytest.mark.parametrize("name", [*BAD_NAMES, "class", "match", "None", "math", "zip", "_sigmoid"])
def test_a_name_that_is_no_free_identifier_is_refused(name: object) -> None:
    with pytest.raises(gn.FormatError, match="the function's name is"):
        to_python(gn.Network.dense([1, 1]), name)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["x", "v", "a", "w", "v0_0", "LAYER_1", "sigmoid", "values"])
@pytest.mark.parametrize("form", FORMS)
def test_any_other_name_is_no_trouble(name: str, form: str) -> None:
    net = gn.Network.dense([2, 2, 1], activation="silu", seed=0)
    with written_as(form):
        run = built(to_python(net, name), name)
    X = inputs(net, 5)
    assert [run(x) for x in X for _ in range(2)] == [
        o for o in engine_outputs(net, X) for _ in "12"
    ]


def test_an_own_activation_is_refused_by_neuron() -> None:
    cube = gn.Activation("cube", lambda a: a * a * a, lambda a, v: 3 * a * a)
    net = gn.Network.dense([1, 2, 1], seed=0)
    net.set_activation(cube, neuron=(1, 2))
    with pytest.raises(gn.FormatError, match=r"neuron \(1, 2\) has your own activation 'cube'"):
        to_python(net)


@given(full_networks())
def test_no_line_is_longer_than_100(net: gn.Network) -> None:
    with written_as("terms"):
        assert max(map(len, to_python(net).splitlines())) <= 100
