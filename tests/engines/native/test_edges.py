"""The form along lists of edges, compiled, against the node engine on any structure.

Every loss, task and regulariser meets here, but not each with each: that is for the same source
without a compiler, in `test_loops`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from engines.native.agreement import (
    Lesson,
    assert_propagates_alike,
    assert_trains_alike,
    random_batches,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases

import graphnn as gn
from graphnn.engines.native import structure
from graphnn.engines.native.structure import activations_of

ETAS = st.sampled_from([0.003, 0.1, 0.5, 1.0])
LAMBDAS = st.sampled_from([0.0, 0.001, 0.3])
SEEDS = st.integers(0, 2**32 - 1)


SETS = {
    "bounded": ("sigmoid", "sign", "tanh"),
    "bent": ("elu", "leaky_relu", "relu"),
    "smooth": ("identity", "softplus", "tanh"),
    "waved": ("gelu", "silu"),
}
"""Neurons have activations of one set, and all of it is compiled: one compilation serves any of
their networks. With all built-in ones, which a network of many gets, it takes twice as long."""


@contextmanager
def compiling_all_of(names: Sequence[str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "FEW", 0)
        patch.setattr(structure, "ACTIVATIONS", {name: gn.ACTIVATIONS[name] for name in names})
        yield


def regularizer(lambda_: float, constants: bool | None) -> gn.L2 | None:
    return None if constants is None else gn.L2(lambda_, constants=constants)


@pytest.mark.parametrize(
    ("loss", "constants", "names"),
    [
        ("squared", None, "smooth"),
        ("squared", True, "bent"),
        ("hinge", None, "bounded"),
        ("huber", None, "waved"),
        ("softmax_cross_entropy", False, "smooth"),
    ],
)
def test_training_sample_by_sample_equals_the_node_engine(
    loss: str, constants: bool | None, names: str
) -> None:
    @given(cases((loss,), SETS[names]), ETAS, LAMBDAS, SEEDS)
    def holds(case: Case, eta: float, lambda_: float, seed: int) -> None:
        decay = regularizer(lambda_, constants)
        lesson = Lesson(case.net, case.X, case.y, loss, gn.SGD(eta), decay)
        assert_trains_alike(lesson, random_batches(len(case.X), 1, seed, eta), "edges")

    with compiling_all_of(SETS[names]):
        holds()


@pytest.mark.parametrize(
    ("loss", "constants", "names"),
    [
        ("squared", False, "bounded"),
        ("absolute", None, "bent"),
        ("log_cosh", None, "waved"),
        ("binary_cross_entropy", True, "smooth"),
    ],
)
def test_training_in_batches_equals_the_node_engine(
    loss: str, constants: bool | None, names: str
) -> None:
    @given(cases((loss,), SETS[names]), st.sampled_from([2, 6, 7, 8]), ETAS, LAMBDAS, SEEDS)
    def holds(case: Case, size: int, eta: float, lambda_: float, seed: int) -> None:
        decay = regularizer(lambda_, constants)
        lesson = Lesson(case.net, case.X, case.y, loss, gn.SGD(eta), decay)
        assert_trains_alike(lesson, random_batches(len(case.X), size, seed, eta), "edges")

    with compiling_all_of(SETS[names]):
        holds()


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        ("absolute", "smooth"),
        ("huber", "smooth"),
        ("log_cosh", "waved"),
        ("hinge", "bent"),
        ("binary_cross_entropy", "bounded"),
        ("softmax_cross_entropy", "bent"),
    ],
)
def test_every_number_of_a_pass_equals_the_node_engine_s(loss: str, names: str) -> None:
    @given(cases((loss,), SETS[names]), st.sampled_from([1.0, 1e-160, 1e30]))
    def holds(case: Case, scale: float) -> None:
        assert_propagates_alike(case.net, case.X * scale, case.y, loss, "edges")

    with compiling_all_of(SETS[names]):
        holds()


class TestActivations:
    """A few different activations are compiled alone, many with all built-in ones."""

    @staticmethod
    def lesson(names: list[str | gn.Activation]) -> Lesson:
        net = gn.Network.dense([3, 6, 2], activation="tanh", seed=1)
        for k, neuron in enumerate([*net.neurons(1), *net.neurons(2)]):
            net.set_activation(names[k % len(names)], neuron=neuron)
        rng = np.random.default_rng(0)
        return Lesson(net, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), "squared")

    @pytest.mark.parametrize(
        ("names", "count"),
        [(["softplus"], 1), (["relu", "tanh"], 2), (["elu", "sign", "tanh"], len(gn.ACTIVATIONS))],
    )
    def test_as_many_as_needed_are_compiled(self, names: list[str], count: int) -> None:
        lesson = self.lesson([*names])
        assert len(activations_of(gn.compile(lesson.net))) == count

    def test_own_ones_beside_all_built_in_ones_equal_the_node_engine(self) -> None:
        own = gn.Activation(
            "own", lambda a: a / (1 + abs(a)), lambda a, v: (1 - abs(v)) * (1 - abs(v))
        )
        lesson = self.lesson([own, "relu", "tanh", "sigmoid"])
        program = gn.compile(lesson.net)
        assert activations_of(program) == [*gn.ACTIVATIONS.values(), own]
        assert_trains_alike(lesson, random_batches(5, 1, 0), "edges")
