"""`Network`: what its edits allow, and that a refused one changes nothing."""

from __future__ import annotations

import copy
import math
import pickle
import random
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import neurons_of, weights_of
from strategies import networks

import graphnn as gn
from graphnn.types import Edge, Neuron


def own() -> gn.Activation:
    return gn.Activation("own", lambda a: a * a, lambda a, v: 2 * a)


def unchanged(net: gn.Network, act: Callable[[], object], kind: type[Exception]) -> Exception:
    """Run an act that must be refused; assert that the network is as before; return the error."""
    before = net.copy()
    attributes = copy.deepcopy(dict(net.graph.nodes(data=True)))
    weights = weights_of(net)
    with pytest.raises(kind) as caught:
        act()
    assert net == before
    assert weights_of(net) == weights
    assert {n: set(d) for n, d in net.graph.nodes(data=True)} == {
        n: set(d) for n, d in attributes.items()
    }
    assert net.layers == before.layers
    return caught.value


class TestNew:
    def test_it_has_neurons_and_constants_and_no_edge(self) -> None:
        net = gn.Network([2, 3, 1])
        assert sorted(net.nodes) == [
            (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 3), (2, 1),
        ]  # fmt: skip
        assert len(net.edges) == 0
        assert (net.depth, net.layers) == (2, (2, 3, 1))

    def test_one_activation_holds_for_all_layers(self) -> None:
        net = gn.Network([2, 2, 1], activation="tanh")
        assert {net.activation(n).name for n in [(1, 1), (1, 2), (2, 1)]} == {"tanh"}

    def test_a_sequence_gives_each_layer_its_own(self) -> None:
        mine = own()
        net = gn.Network([1, 2, 1], activation=["relu", mine])
        assert net.activation((1, 2)) is gn.ACTIVATIONS["relu"]
        assert net.activation((2, 1)) is mine

    def test_the_default_is_sigmoid(self) -> None:
        assert gn.Network([1, 1]).activation((1, 1)).name == "sigmoid"

    @pytest.mark.parametrize("layers", [(2, 1), np.array([2, 1]), iter([2, 1])])
    def test_layers_may_be_any_sequence_of_whole_numbers(self, layers: object) -> None:
        net = gn.Network(layers)  # type: ignore[arg-type]
        assert net.layers == (2, 1)
        assert all(type(number) is int for node in net.nodes for number in node)

    @pytest.mark.parametrize(
        ("layers", "words"),
        [
            ([], "at least two"),
            ([3], r"layers is \[3\], expected at least two"),
            (5, "layers is 5, expected the numbers of neurons"),
            (None, "layers is None"),
            ([2, 0, 1], "layer 1 has 0 neurons"),
            ([2, -1], "layer 1 has -1 neurons"),
            ([2.0, 1], "layer 0 has 2.0 neurons"),
            ([2, True], "layer 1 has True neurons"),
            ("21", "layer 0 has '2' neurons"),
            ([2, math.nan], "layer 1 has nan neurons"),
            ([10**12, 1], "at most 10000000"),
        ],
    )
    def test_impossible_layers_are_refused(self, layers: object, words: str) -> None:
        with pytest.raises(gn.NetworkError, match=words):
            gn.Network(layers)  # type: ignore[arg-type]

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_a_sequence_of_activations_needs_one_a_layer(self, count: int) -> None:
        with pytest.raises(gn.NetworkError, match=rf"activation has {count} entries, expected 2"):
            gn.Network([1, 1, 1], activation=["tanh"] * count)

    @pytest.mark.parametrize("bad", ["nope", "", None, 3, ["nope"]])
    def test_an_unknown_activation_is_refused(self, bad: object) -> None:
        with pytest.raises(ValueError, match="unknown activation"):
            gn.Network([1, 1], activation=bad)  # type: ignore[arg-type]


class TestNeurons:
    @given(networks())
    def test_they_are_listed_in_ascending_order_without_the_constant(self, net: gn.Network) -> None:
        for t in range(net.depth + 1):
            assert list(net.neurons(t)) == neurons_of(net, t)
            assert len(net.neurons(t)) == net.layers[t]

    @pytest.mark.parametrize("t", [-1, 3, 1.0, "1", None, True])
    def test_there_are_none_in_a_layer_that_does_not_exist(self, t: object) -> None:
        with pytest.raises(gn.NetworkError, match=r"there is no layer .*: the layers are 0\.\.2"):
            gn.Network([1, 1, 1]).neurons(t)  # type: ignore[arg-type]

    @pytest.mark.parametrize("neuron", [(0, 1), (0, 0), (1, 0)])
    def test_inputs_and_constants_have_no_activation(self, neuron: Neuron) -> None:
        with pytest.raises(gn.NetworkError, match="has no activation") as caught:
            gn.Network([1, 1, 1]).activation(neuron)
        assert caught.value.node == neuron

    def test_a_new_one_takes_the_next_number_and_the_last_one_s_activation(self) -> None:
        net = gn.Network([1, 2, 1], activation="tanh")
        net.set_activation("relu", neuron=(1, 2))
        assert net.add_neuron(1) == (1, 3)
        assert net.activation((1, 3)).name == "relu"
        assert net.layers == (1, 3, 1)
        assert net.graph.degree[1, 3] == 0

    def test_a_new_one_may_choose_number_and_activation(self) -> None:
        net = gn.Network([1, 2, 1])
        assert net.add_neuron(1, 9, activation="elu") == (1, 9)
        assert net.activation((1, 9)).name == "elu"
        assert net.add_neuron(1) == (1, 10)
        assert net.neurons(1) == ((1, 1), (1, 2), (1, 9), (1, 10))

    def test_inputs_and_outputs_can_be_added(self) -> None:
        net = gn.Network([1, 1])
        assert (net.add_neuron(0), net.add_neuron(1)) == ((0, 2), (1, 2))
        assert net.layers == (2, 2)

    def test_a_removed_one_leaves_a_gap_and_all_other_weights(self) -> None:
        net = gn.Network.dense([2, 3, 2], seed=0)
        before = weights_of(net)
        net.remove_neuron((1, 2))
        assert net.neurons(1) == ((1, 1), (1, 3))
        assert weights_of(net) == {e: w for e, w in before.items() if (1, 2) not in e}

    def test_a_removed_number_can_be_taken_again_and_has_no_edge(self) -> None:
        net = gn.Network.dense([2, 3, 2], seed=0)
        net.remove_neuron((1, 2))
        assert net.add_neuron(1, 2) == (1, 2)
        assert net.graph.degree[1, 2] == 0

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((3,), "there is no layer 3"),
            ((-1,), "there is no layer -1"),
            (("1",), "there is no layer '1'"),
            ((1, 2), r"neuron \(1, 2\) exists already"),
            ((1, 0), "a neuron's number must be a whole number of at least 1, not 0"),
            ((1, -3), "not -3"),
            ((1, 2.5), "not 2.5"),
            ((1, True), "not True"),
            ((0, None, "tanh"), r"neuron \(0, 3\) is an input: it takes no activation"),
        ],
    )
    def test_an_impossible_new_one_is_refused(self, arguments: tuple, words: str) -> None:
        net = gn.Network([2, 2, 1])
        error = unchanged(net, lambda: net.add_neuron(*arguments), gn.NetworkError)
        assert re.search(words, str(error))

    @pytest.mark.parametrize("bad", ["nope", "", 0, 3])
    def test_a_new_one_with_an_unknown_activation_is_refused(self, bad: object) -> None:
        net = gn.Network([2, 2, 1])
        error = unchanged(net, lambda: net.add_neuron(1, activation=bad), ValueError)  # type: ignore[arg-type]
        assert "unknown activation" in str(error)

    @pytest.mark.parametrize(
        ("neuron", "words"),
        [
            ((1, 0), "is the constant neuron of layer 1 and stays"),
            ((2, 1), "is the only one of layer 2"),
            ((1, 5), "there is no neuron (1, 5)"),
            ((5, 1), "the layers are 0..2"),
            ((2, 0), "the output layer has no constant neuron"),
            ("v", "expected a pair (t, j)"),
            ([1, 1], "there is no neuron [1, 1]"),
        ],
    )
    def test_an_impossible_removal_is_refused(self, neuron: object, words: str) -> None:
        net = gn.Network.dense([2, 2, 1], seed=0)
        error = unchanged(net, lambda: net.remove_neuron(neuron), gn.NetworkError)  # type: ignore[arg-type]
        assert words in str(error)
        assert error.node == neuron  # type: ignore[attr-defined]


class TestSetActivation:
    def test_a_layer_s_neurons_all_change(self) -> None:
        net = gn.Network([1, 2, 1])
        net.set_activation("relu", layer=1)
        names = [net.activation(n).name for n in [(1, 1), (1, 2), (2, 1)]]
        assert names == ["relu", "relu", "sigmoid"]

    def test_a_single_neuron_changes(self) -> None:
        net, mine = gn.Network([1, 2, 1]), own()
        net.set_activation(mine, neuron=(1, 2))
        assert net.activation((1, 2)) is mine
        assert net.activation((1, 1)).name == "sigmoid"

    @pytest.mark.parametrize(
        ("place", "kind"),
        [
            ({}, ValueError),
            ({"layer": 1, "neuron": (1, 1)}, ValueError),
            ({"layer": 0}, gn.NetworkError),
            ({"layer": 7}, gn.NetworkError),
            ({"neuron": (0, 1)}, gn.NetworkError),
            ({"neuron": (1, 0)}, gn.NetworkError),
            ({"neuron": (1, 8)}, gn.NetworkError),
        ],
    )
    def test_a_wrong_place_is_refused(self, place: dict, kind: type[Exception]) -> None:
        net = gn.Network([1, 2, 1])
        unchanged(net, lambda: net.set_activation("tanh", **place), kind)

    @pytest.mark.parametrize("bad", ["nope", "", None])
    def test_an_unknown_one_is_refused(self, bad: object) -> None:
        net = gn.Network([1, 2, 1])
        unchanged(net, lambda: net.set_activation(bad, layer=1), ValueError)  # type: ignore[arg-type]


BAD_EDGES: list[tuple[object, object, str]] = [
    ((0, 1), (2, 1), "edge (0, 1) -> (2, 1) skips layer 1: an edge runs from layer t-1 to layer t"),
    ((0, 1), (3, 1), "skips layers 1, 2"),
    ((1, 1), (0, 1), "runs backwards from layer 1 to layer 0"),
    ((2, 1), (1, 1), "did you mean (1, 1) -> (2, 1)?"),
    ((1, 1), (1, 2), "stays in layer 1"),
    ((1, 1), (1, 1), "stays in layer 1"),
    ((0, 1), (1, 0), "runs into a constant neuron"),
    ((0, 0), (1, 0), "runs into a constant neuron"),
    ((1, 2), (0, 0), "runs into a constant neuron"),
    ((0, 1), (1, 1), "edge (0, 1) -> (1, 1) exists already: set_weight changes its weight"),
]
UNKNOWN: list[tuple[object, object, str]] = [
    ((0, 9), (1, 1), "there is no neuron (0, 9): layer 0 has 2 neurons besides the constant"),
    ((0, 1), (1, 9), "there is no neuron (1, 9)"),
    ((2, 1), (3, 0), "the output layer has no constant neuron"),
    ((4, 1), (5, 1), "there is no neuron (4, 1): the layers are 0..3"),
    ((0, -1), (1, 1), "there is no neuron (0, -1)"),
    ("x", (1, 1), "there is no neuron 'x': expected a pair (t, j)"),
    ((0, 1), 7, "there is no neuron 7"),
    ([0, 1], (1, 1), "there is no neuron [0, 1]"),
    ((0, 1, 2), (1, 1), "there is no neuron (0, 1, 2)"),
    ((0, 1.5), (1, 1), "there is no neuron (0, 1.5)"),
    (None, (1, 1), "there is no neuron None"),
]
BAD_WEIGHTS: list[tuple[object, str]] = [
    (math.nan, "nan: a weight must be finite"),
    (math.inf, "inf: a weight must be finite"),
    (-math.inf, "-inf: a weight must be finite"),
    (np.float32("nan"), "nan: a weight must be finite"),
    (10**400, "inf: a weight must be finite"),
    ("0.5", "'0.5' of type str, expected a finite float"),
    (None, "None of type NoneType"),
    (1j, "1j of type complex"),
    (True, "True of type bool"),
    (np.True_, "of type bool"),
    ([0.5], "[0.5] of type list"),
    (np.array(0.5), "of type ndarray"),
    (Decimal("0.5"), "of type Decimal"),
]


@pytest.fixture
def deep() -> gn.Network:
    """Four layers and the one edge (0, 1) -> (1, 1)."""
    net = gn.Network([2, 2, 2, 1])
    net.add_edge((0, 1), (1, 1), weight=0.5)
    return net


class TestAddEdge:
    def test_it_adds_one_edge_with_its_weight(self, deep: gn.Network) -> None:
        deep.add_edge((1, 0), (2, 2), weight=-1.25)
        assert weights_of(deep) == {((0, 1), (1, 1)): 0.5, ((1, 0), (2, 2)): -1.25}

    def test_the_default_weight_0_is_an_edge(self, deep: gn.Network) -> None:
        deep.add_edge((1, 0), (2, 2))
        assert weights_of(deep)[(1, 0), (2, 2)] == 0.0

    @pytest.mark.parametrize(
        "weight", [2, np.float32(2.0), np.int64(2), np.float64(2.0), Fraction(4, 2)]
    )
    def test_any_real_weight_becomes_a_plain_float(self, deep: gn.Network, weight: float) -> None:
        deep.add_edge((0, 2), (1, 2), weight=weight)
        found = weights_of(deep)[(0, 2), (1, 2)]
        assert (found, type(found)) == (2.0, float)

    def test_a_negative_zero_keeps_its_sign(self, deep: gn.Network) -> None:
        deep.add_edge((0, 2), (1, 2), weight=-0.0)
        assert math.copysign(1, weights_of(deep)[(0, 2), (1, 2)]) == -1

    @pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint16])
    def test_numpy_integers_in_neurons_become_plain_ones(
        self, deep: gn.Network, kind: type[np.integer]
    ) -> None:
        u, v = (kind(0), kind(2)), (kind(1), kind(2))
        deep.add_edge(u, v, weight=1.0)  # type: ignore[arg-type]
        deep.set_weight(u, v, 2.0)  # type: ignore[arg-type]
        ends = [number for edge in deep.edges for neuron in edge for number in neuron]
        assert {type(number) for number in ends} == {int}
        assert deep.edges[(0, 2), (1, 2)]["weight"] == 2.0
        deep.remove_edge(u, v)  # type: ignore[arg-type]
        assert ((0, 2), (1, 2)) not in deep.edges

    @pytest.mark.parametrize(("u", "v", "words"), BAD_EDGES)
    def test_an_edge_against_the_rules_is_named_and_changes_nothing(
        self, deep: gn.Network, u: Neuron, v: Neuron, words: str
    ) -> None:
        error = unchanged(deep, lambda: deep.add_edge(u, v, weight=1.0), gn.NetworkError)
        assert words in str(error)
        assert f"{u} -> {v}" in str(error)
        assert error.edge == (u, v)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("u", "v", "words"), UNKNOWN)
    def test_an_unknown_neuron_is_named_and_changes_nothing(
        self, deep: gn.Network, u: Neuron, v: Neuron, words: str
    ) -> None:
        error = unchanged(deep, lambda: deep.add_edge(u, v, weight=1.0), gn.NetworkError)
        assert words in str(error)
        assert repr(error.node) in str(error)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("weight", "words"), BAD_WEIGHTS)
    def test_a_weight_that_is_no_finite_number_is_named_and_changes_nothing(
        self, deep: gn.Network, weight: float, words: str
    ) -> None:
        error = unchanged(deep, lambda: deep.add_edge((0, 2), (1, 2), weight), gn.NetworkError)
        assert "edge (0, 2) -> (1, 2) has the weight" in str(error)
        assert words in str(error)
        assert error.edge == ((0, 2), (1, 2))  # type: ignore[attr-defined]


class TestAddWeightedEdges:
    GOOD: tuple[tuple[Neuron, Neuron, float], ...] = (
        ((0, 0), (1, 1), 1.0),
        ((0, 2), (1, 2), 2.0),
    )

    def test_all_are_added(self, deep: gn.Network) -> None:
        deep.add_weighted_edges_from(iter(self.GOOD))
        assert weights_of(deep) == {
            ((0, 1), (1, 1)): 0.5, ((0, 0), (1, 1)): 1.0, ((0, 2), (1, 2)): 2.0,
        }  # fmt: skip

    @pytest.mark.parametrize(("u", "v", "words"), BAD_EDGES + UNKNOWN)
    def test_a_bad_last_one_means_that_none_is_added(
        self, deep: gn.Network, u: Neuron, v: Neuron, words: str
    ) -> None:
        edges = [*self.GOOD, (u, v, 1.0)]
        error = unchanged(deep, lambda: deep.add_weighted_edges_from(edges), gn.NetworkError)
        assert words in str(error)

    @pytest.mark.parametrize(("weight", "words"), BAD_WEIGHTS)
    def test_a_bad_last_weight_means_that_none_is_added(
        self, deep: gn.Network, weight: float, words: str
    ) -> None:
        edges = [*self.GOOD, ((0, 2), (1, 1), weight)]
        error = unchanged(deep, lambda: deep.add_weighted_edges_from(edges), gn.NetworkError)
        assert words in str(error)

    def test_an_edge_twice_in_one_call_means_that_none_is_added(self, deep: gn.Network) -> None:
        edges = [*self.GOOD, self.GOOD[0]]
        unchanged(deep, lambda: deep.add_weighted_edges_from(edges), gn.NetworkError)

    @pytest.mark.parametrize("item", [((0, 1), (1, 2)), 5, None, ((0, 1), (1, 2), 1.0, 2.0)])
    def test_an_item_that_is_no_triple_is_named(self, deep: gn.Network, item: object) -> None:
        edges = [*self.GOOD, item]
        error = unchanged(deep, lambda: deep.add_weighted_edges_from(edges), gn.NetworkError)  # type: ignore[arg-type]
        assert "expected an edge as (u, v, weight)" in str(error)

    def test_a_source_of_edges_that_raises_means_that_none_is_added(self, deep: gn.Network) -> None:
        def source() -> Iterator[tuple[Neuron, Neuron, float]]:
            yield from self.GOOD
            raise RuntimeError("the file ended")

        unchanged(deep, lambda: deep.add_weighted_edges_from(source()), RuntimeError)


class TestOtherEdits:
    def test_a_weight_can_be_set(self, deep: gn.Network) -> None:
        deep.set_weight((0, 1), (1, 1), Fraction(1, 4))  # type: ignore[arg-type]
        assert weights_of(deep) == {((0, 1), (1, 1)): 0.25}

    def test_an_edge_can_be_removed(self, deep: gn.Network) -> None:
        deep.remove_edge((0, 1), (1, 1))
        assert len(deep.edges) == 0

    @pytest.mark.parametrize(("weight", "words"), BAD_WEIGHTS)
    def test_a_bad_weight_is_not_set(self, deep: gn.Network, weight: float, words: str) -> None:
        error = unchanged(deep, lambda: deep.set_weight((0, 1), (1, 1), weight), gn.NetworkError)
        assert words in str(error)

    def test_an_absent_edge_is_neither_set_nor_removed(self, deep: gn.Network) -> None:
        words = "there is no edge (0, 2) -> (1, 1): add_edge adds it"
        for act in (
            lambda: deep.set_weight((0, 2), (1, 1), 1.0),
            lambda: deep.remove_edge((0, 2), (1, 1)),
        ):
            error = unchanged(deep, act, gn.NetworkError)
            assert words in str(error)
            assert error.edge == ((0, 2), (1, 1))  # type: ignore[attr-defined]

    def test_an_unknown_neuron_s_edge_is_neither_set_nor_removed(self, deep: gn.Network) -> None:
        unchanged(deep, lambda: deep.set_weight((0, 9), (1, 1), 1.0), gn.NetworkError)
        unchanged(deep, lambda: deep.remove_edge((0, 1), (1, 9)), gn.NetworkError)

    def test_every_edit_raises_the_version(self, deep: gn.Network) -> None:
        acts: list[Callable[[], object]] = [
            lambda: deep.add_edge((0, 0), (1, 1)),
            lambda: deep.add_weighted_edges_from([((0, 0), (1, 2), 1.0)]),
            lambda: deep.set_weight((0, 0), (1, 1), 2.0),
            lambda: deep.remove_edge((0, 0), (1, 1)),
            lambda: deep.add_neuron(1),
            lambda: deep.remove_neuron((1, 3)),
            lambda: deep.set_activation("tanh", layer=1),
            deep.initialize,
            lambda: setattr(deep, "preprocessing", None),
        ]
        for act in acts:
            before = deep.version
            act()
            assert deep.version > before

    def test_reading_leaves_the_version(self, deep: gn.Network) -> None:
        before = deep.version
        gn.forward(deep, [1.0, 2.0])
        gn.compile(deep)
        gn.compare(deep, [1.0, 2.0], [0.0])
        assert repr(deep) == "Network(layers=[2, 2, 2, 1], edges=1)"
        assert deep.version == before


class TestInitialize:
    def test_weights_do_not_depend_on_the_order_in_which_edges_were_added(self) -> None:
        edges: list[Edge] = [((0, i), (1, j)) for i in range(4) for j in range(1, 4)]
        nets = []
        for seed in (0, 1):
            net = gn.Network([3, 3])
            shuffled = edges[:]
            random.Random(seed).shuffle(shuffled)
            net.add_weighted_edges_from((u, v, 0.0) for u, v in shuffled)
            net.initialize(seed=5)
            nets.append(net)
        assert weights_of(nets[0]) == weights_of(nets[1])

    @given(networks(), st.integers(0, 2**32))
    def test_uniform_weights_are_numpy_s_draws_in_t_i_j_order(
        self, net: gn.Network, seed: int
    ) -> None:
        net.initialize(gn.Uniform(0.7), seed=seed)
        expected = np.random.default_rng(seed).uniform(-0.7, 0.7, size=len(net.edges))
        assert list(weights_of(net).values()) == expected.tolist()

    def test_a_generator_is_drawn_from(self) -> None:
        rng = np.random.default_rng(3)
        one, two = gn.Network.dense([2, 2], seed=rng), gn.Network.dense([2, 2], seed=rng)
        assert weights_of(one) != weights_of(two)

    def test_no_edge_is_made(self, small: gn.Network) -> None:
        before = set(small.edges)
        small.initialize(seed=1)
        assert set(small.edges) == before

    def test_a_network_without_edges_stays_as_it_is(self) -> None:
        net = gn.Network([2, 1])
        net.initialize(gn.He())
        assert len(net.edges) == 0

    def test_an_initialiser_that_draws_nan_is_refused_and_changes_nothing(
        self, small: gn.Network
    ) -> None:
        class Bad:
            def draw(
                self, rng: np.random.Generator, fan_in: np.ndarray, fan_out: np.ndarray
            ) -> np.ndarray:
                return np.where(np.arange(len(fan_in)) == len(fan_in) - 1, np.nan, 1.0)

        error = unchanged(small, lambda: small.initialize(Bad()), gn.NetworkError)
        assert error.edge == max(small.edges)  # type: ignore[attr-defined]


class TestGraphView:
    def test_it_is_live(self, deep: gn.Network) -> None:
        view = deep.graph
        deep.add_edge((1, 1), (2, 1))
        deep.add_neuron(1, 9)
        assert view.has_edge((1, 1), (2, 1))
        assert (1, 9) in view

    @pytest.mark.parametrize(
        "act",
        [
            lambda graph: graph.add_edge((0, 1), (2, 1)),
            lambda graph: graph.remove_edge((0, 1), (1, 1)),
            lambda graph: graph.add_node((7, 7)),
            lambda graph: graph.remove_node((1, 1)),
            lambda graph: graph.clear(),
            lambda graph: graph.add_edges_from([((0, 1), (2, 1))]),
            lambda graph: graph.add_weighted_edges_from([((0, 1), (2, 1), 1.0)]),
        ],
    )
    def test_its_structure_is_read_only(
        self, deep: gn.Network, act: Callable[[object], object]
    ) -> None:
        unchanged(deep, lambda: act(deep.graph), nx.NetworkXError)

    @given(networks())
    def test_networkx_sees_a_layered_acyclic_graph(self, net: gn.Network) -> None:
        assert nx.is_directed_acyclic_graph(net.graph)
        assert all(v[0] - u[0] == 1 and v[1] > 0 for u, v in net.graph.edges)
        assert all(net.graph.nodes[n]["layer"] == n[0] for n in net.graph)


class TestCopyAndEquality:
    @given(networks())
    def test_copies_and_pickles_are_equal(self, net: gn.Network) -> None:
        for twin in (
            net.copy(),
            copy.copy(net),
            copy.deepcopy(net),
            pickle.loads(pickle.dumps(net)),
        ):
            assert twin == net
            assert twin.version == net.version
            assert weights_of(twin) == weights_of(net)

    @pytest.mark.parametrize("copied", [gn.Network.copy, copy.deepcopy])
    def test_a_copy_is_independent(
        self, small: gn.Network, copied: Callable[[gn.Network], gn.Network]
    ) -> None:
        before = weights_of(small)
        twin = copied(small)
        twin.set_weight((0, 0), (1, 1), 9.0)
        twin.set_activation("relu", neuron=(1, 1))
        twin.remove_neuron((1, 7))
        twin.add_neuron(0)
        assert weights_of(small) == before
        assert small.activation((1, 1)).name == "tanh"
        assert small.layers == (2, 3, 2)
        assert twin != small

    @pytest.mark.parametrize(
        "edit",
        [
            lambda net: net.set_weight((0, 0), (1, 1), 9.0),
            lambda net: net.remove_edge((0, 0), (1, 1)),
            lambda net: net.add_edge((0, 1), (1, 7)),
            lambda net: net.add_neuron(1),
            lambda net: net.remove_neuron((1, 3)),
            lambda net: net.set_activation("relu", neuron=(1, 1)),
            lambda net: setattr(net, "preprocessing", gn.Preprocessing(features=("a", "b"))),
        ],
    )
    def test_any_edit_makes_a_difference(
        self, small: gn.Network, edit: Callable[[gn.Network], object]
    ) -> None:
        twin = small.copy()
        edit(twin)
        assert twin != small

    def test_networks_built_in_another_order_are_equal(self) -> None:
        edges = [((0, i), (1, j), float(i - j)) for i in range(3) for j in (1, 2)]
        one, two = gn.Network([2, 2]), gn.Network([2, 2])
        one.add_weighted_edges_from(edges)
        two.add_weighted_edges_from(reversed(edges))
        assert one == two

    def test_it_is_equal_to_nothing_else(self, small: gn.Network) -> None:
        assert small != 3
        assert small != small.graph

    def test_it_has_no_hash_since_it_changes(self, small: gn.Network) -> None:
        with pytest.raises(TypeError):
            hash(small)


class TestBrokenThroughNetworkx:
    """networkx hands out its attribute dictionaries; whoever reads them checks them."""

    BROKEN = ("x", None, math.nan, math.inf, 1j, [1.0])

    @pytest.mark.parametrize("weight", BROKEN)
    def test_a_broken_weight_is_named_by_forward_and_backward(
        self, small: gn.Network, weight: object
    ) -> None:
        small.graph.edges[(0, 2), (1, 3)]["weight"] = weight
        for act in (lambda: gn.forward(small, [1, 2]), lambda: gn.backward(small, [1, 2], [0, 0])):
            with pytest.raises(gn.NetworkError, match=r"\(0, 2\) -> \(1, 3\)") as caught:
                act()
            assert caught.value.edge == ((0, 2), (1, 3))

    def test_a_lost_weight_is_named_by_forward(self, small: gn.Network) -> None:
        del small.graph.edges[(0, 2), (1, 3)]["weight"]
        with pytest.raises(gn.NetworkError, match=r"\(0, 2\) -> \(1, 3\)"):
            gn.forward(small, [1, 2])

    @pytest.mark.parametrize("activation", ["tanh", None, math.tanh])
    def test_a_broken_activation_is_named_by_forward(
        self, small: gn.Network, activation: object
    ) -> None:
        small.graph.nodes[1, 3]["activation"] = activation
        with pytest.raises(gn.NetworkError, match=r"\(1, 3\)") as caught:
            gn.forward(small, [1, 2])
        assert caught.value.node == (1, 3)

    def test_a_lost_activation_is_named_by_forward(self, small: gn.Network) -> None:
        del small.graph.nodes[1, 3]["activation"]
        with pytest.raises(gn.NetworkError, match=r"\(1, 3\)"):
            gn.forward(small, [1, 2])

    def test_a_finite_weight_set_through_networkx_counts(self, small: gn.Network) -> None:
        small.graph.edges[(0, 0), (1, 1)]["weight"] = 4.0
        assert gn.forward(small, [0.0, 0.0]).a[1, 1] == 4.0

    @pytest.mark.parametrize("weight", [np.float32(0.1), Fraction(1, 3), 3])
    def test_another_kind_of_number_counts_as_the_nearest_float(
        self, small: gn.Network, weight: float
    ) -> None:
        small.graph.edges[(0, 2), (1, 3)]["weight"] = weight
        found = gn.forward(small, [0.0, 0.3]).a[1, 3]
        assert (found, type(found)) == (float(weight) * 0.3, float)


class TestPreprocessing:
    def test_it_is_kept(self) -> None:
        net = gn.Network([2, 3])
        preprocessing = gn.Preprocessing(
            gn.Standardizer((0.0, 1.0), (1.0, 1.0)), gn.Labels(("a", "b", "c")), ("x", "y")
        )
        net.preprocessing = preprocessing
        assert net.preprocessing == preprocessing
        assert net.copy().preprocessing == preprocessing
        net.preprocessing = None
        assert net.preprocessing is None

    def test_two_classes_fit_one_output(self) -> None:
        net = gn.Network([2, 1])
        net.preprocessing = gn.Preprocessing(labels=gn.Labels(("a", "b")))
        assert net.preprocessing is not None

    @pytest.mark.parametrize(
        ("preprocessing", "words"),
        [
            (gn.Preprocessing(gn.Standardizer((0.0,), (1.0,))), "inputs has 1 columns"),
            (gn.Preprocessing(features=("x",)), "features has 1 columns, expected 2"),
            (gn.Preprocessing(labels=gn.Labels(("a", "b"))), "labels has 2 classes, expected 3"),
            ("standardize", "must be gn.Preprocessing"),
        ],
    )
    def test_one_that_does_not_fit_is_refused(self, preprocessing: object, words: str) -> None:
        net = gn.Network([2, 3])
        error = unchanged(net, lambda: setattr(net, "preprocessing", preprocessing), gn.DataError)
        assert words in str(error)
