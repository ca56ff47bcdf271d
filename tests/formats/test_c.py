"""Networks as C: compiled, they have the node engine's numbers to the last bit."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

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
from hypothesis import given, settings
from hypothesis import strategies as st

import graphnn as gn
from graphnn.formats.c import to_c

CC = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(CC is None, reason="no C compiler")
FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-pedantic", "-Wall", "-Wextra", "-Werror"]
WARNINGS = ["-Wmissing-prototypes", "-Wconversion", "-Wstrict-prototypes", "-Wtrigraphs"]


def compiled(
    text: str, net: gn.Network, name: str = "network", flags: list[str] = FLAGS
) -> Callable[[np.ndarray], list[str]]:
    """Compile a file and return its function, which gives the outputs bit by bit."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "net.c"), Path(folder, "net.so")
        source.write_text(text, encoding="ascii", newline="")
        command = [CC, *flags, *WARNINGS, "-fPIC", "-shared", source, "-o", library, "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        function = ctypes.CDLL(str(library))[name]
    function.restype, function.argtypes = None, [ctypes.c_void_p] * 2

    def run(x: np.ndarray) -> list[str]:
        given, y = np.array(x, dtype=np.float64), np.empty(net.layers[-1])
        function(given.ctypes.data, y.ctypes.data)
        return [bits(number) for number in y.tolist()]

    return run


@needs_compiler
class TestNumbers:
    @pytest.mark.parametrize("form", FORMS)
    def test_every_activation_on_10_000_inputs_bit_for_bit(self, form: str) -> None:
        net = mixed()
        with written_as(form):
            run = compiled(to_c(net), net)
        X = inputs(net, 10_000)
        assert [run(x) for x in X] == engine_outputs(net, X)

    @pytest.mark.parametrize("form", FORMS)
    @settings(max_examples=25)
    @given(net=full_networks())
    def test_any_network_bit_for_bit(self, form: str, net: gn.Network) -> None:
        with written_as(form):
            run = compiled(to_c(net), net)
        X = inputs(net, 20)
        assert [run(x) for x in X] == engine_outputs(net, X)

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("level", ["-O0", "-O2", "-O3"])
    def test_a_compiler_works_out_nothing_by_an_exp_of_its_own(self, form: str, level: str) -> None:
        net = constants_only()
        with written_as(form):
            run = compiled(to_c(net), net, flags=[*FLAGS, level])
        assert [run(np.zeros(1))] == engine_outputs(net, np.zeros((1, 1)))

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("activation", gn.ACTIVATIONS)
    def test_infinities_and_nan_go_the_same_ways(self, form: str, activation: str) -> None:
        net = gn.Network([1, 3, 3], activation=[activation, "identity"])
        for j, weight in enumerate((1e308, -1e308, 0.0), start=1):
            net.add_edge((0, 1), (1, j), weight)
        for i, j in ((1, 1), (2, 1), (2, 2), (3, 3)):
            net.add_edge((1, i), (2, j), 1.5)
        with written_as(form):
            run = compiled(to_c(net), net)
        X = np.array([[0.0], [-0.0], [1.0], [1e9], [-1e9], [1e-320]])
        assert [run(x) for x in X] == engine_outputs(net, X)

    def test_a_large_dense_network(self) -> None:
        net = gn.Network.dense([784, 128, 10], activation=["tanh", "sigmoid"], seed=0)
        run = compiled(to_c(net), net)
        X = inputs(net, 20)
        assert [run(x) for x in X] == engine_outputs(net, X)

    def test_a_large_sparse_network_without_constant_neurons_and_with_gaps(self) -> None:
        net = gn.Network([60, 50, 40], activation=["relu", "sigmoid"])
        rng = np.random.default_rng(3)
        for t in (1, 2):
            for v in net.neurons(t):
                chosen = rng.choice(len(net.neurons(t - 1)), size=int(rng.integers(0, 9)))
                for i in sorted(set(chosen.tolist())):
                    net.add_edge(net.neurons(t - 1)[i], v, float(rng.normal()))
        net.remove_neuron((1, 7))
        net.remove_neuron((0, 1))
        with written_as("tables"):
            run = compiled(to_c(net), net)
        X = inputs(net, 50)
        assert [run(x) for x in X] == engine_outputs(net, X)

    def test_input_and_output_may_be_one_array(self) -> None:
        net = gn.Network.dense([3, 3], activation="tanh", seed=0)
        for form in FORMS:
            with written_as(form):
                text = to_c(net)
            with tempfile.TemporaryDirectory() as folder:
                source, library = Path(folder, "net.c"), Path(folder, "net.so")
                source.write_text(text)
                subprocess.run([CC, "-O2", "-fPIC", "-shared", source, "-o", library], check=True)
                function = ctypes.CDLL(str(library)).network
            array = np.array([0.5, -1.0, 2.0])
            function(array.ctypes.data_as(ctypes.c_void_p), array.ctypes.data_as(ctypes.c_void_p))
            assert array.tolist() == list(gn.forward(net, [0.5, -1.0, 2.0]).output)

    def test_two_networks_in_one_program(self) -> None:
        nets = [gn.Network.dense([2, 3, 1], activation="silu", seed=k) for k in range(2)]
        both = to_c(nets[0], "first") + to_c(nets[1], "second")
        X = inputs(nets[0], 10)
        for net, name in zip(nets, ("first", "second"), strict=True):
            run = compiled(both, net, name)
            assert [run(x) for x in X] == engine_outputs(net, X)


@needs_compiler
@pytest.mark.parametrize("label", [*HOSTILE, Shown(), Shown])
def test_no_label_gets_out_of_its_comment(label: object) -> None:
    net = gn.Network.dense([2, 2], activation="tanh", seed=0)
    plain = to_c(net)
    net.set_label((0, 1), label)
    net.set_label((1, 1), (label, 1))
    text = to_c(net)
    assert text.isascii()
    compiled(text, net)
    compiled(text, net, flags=[*FLAGS, "-trigraphs"])
    strip = ["-std=c99", "-fpreprocessed", "-dD", "-E", "-P", "-xc", "-"]
    code = [
        subprocess.run([CC, *strip], input=one, capture_output=True, text=True, check=True).stdout
        for one in (plain, text)
    ]
    assert "stolen" not in code[0]
    assert code[0] == code[1]


@given(st.text(max_size=30))
def test_any_label_stays_on_its_line(label: str) -> None:
    net = gn.Network.dense([1, 1], seed=0)
    plain = to_c(net).splitlines()
    net.set_label((0, 1), label)
    lines = to_c(net).splitlines()
    assert len(lines) == len(plain)
    (changed,) = (k for k in range(len(lines)) if lines[k] != plain[k])
    assert lines[changed].startswith(" * x[0]: neuron (0, 1), ")
    assert not re.search(r"\*/|/\*|\?\?|\\$|[^ -~]", lines[changed])


def test_labels_and_neurons_are_named() -> None:
    net = gn.Network.dense([2, 1], seed=0)
    net.set_label((0, 2), "height")
    net.set_label((1, 1), ("weight", 7))
    text = to_c(net)
    assert " * x[1]: neuron (0, 2), 'height'\n" in text
    assert " * y[0]: neuron (1, 1), ('weight', 7)\n" in text


def test_of_many_neurons_those_with_labels_are_named() -> None:
    net = gn.Network.dense([784, 2], seed=0)
    net.set_label((0, 300), "middle")
    comment = to_c(net).partition("*/")[0]
    assert "x[0..783]: neurons (0, 1) to (0, 784)" in comment
    assert "x[299]: neuron (0, 300), 'middle'" in comment
    assert comment.count("\n") < 16


@pytest.mark.parametrize("name", [*BAD_NAMES, "int", "restrict", "_Bool", "expf", "main", "y0"])
def test_a_name_that_is_no_free_identifier_is_refused(name: object) -> None:
    with pytest.raises(gn.FormatError, match="the function's name is"):
        to_c(gn.Network.dense([1, 1]), name)  # type: ignore[arg-type]


@needs_compiler
@pytest.mark.parametrize("name", ["x", "y", "a", "i", "j", "v0_0", "v0", "network", "F", "e"])
@pytest.mark.parametrize("form", FORMS)
def test_any_other_name_is_no_trouble(name: str, form: str) -> None:
    net = gn.Network.dense([2, 2, 1], activation="silu", seed=0)
    with written_as(form):
        run = compiled(to_c(net, name), net, name)
    X = inputs(net, 5)
    assert [run(x) for x in X] == engine_outputs(net, X)


def test_an_own_activation_is_refused_by_neuron() -> None:
    cube = gn.Activation("cube", lambda a: a * a * a, lambda a, v: 3 * a * a)
    net = gn.Network.dense([1, 2, 1], seed=0)
    net.set_activation(cube, neuron=(1, 2))
    with pytest.raises(gn.FormatError, match=r"neuron \(1, 2\) has your own activation 'cube'"):
        to_c(net)


def test_a_weight_that_was_replaced_by_something_wrong_is_refused() -> None:
    net = gn.Network.dense([1, 1], seed=0)
    net.graph.edges[(0, 1), (1, 1)]["weight"] = float("nan")
    with pytest.raises(gn.NetworkError, match=r"\(0, 1\) -> \(1, 1\)"):
        to_c(net)


def test_nothing_is_included_but_the_mathematics() -> None:
    for form in FORMS:
        with written_as(form):
            assert re.findall(r"#include.*", to_c(mixed())) == ["#include <math.h>"]
