"""`compile` and `store`: across the bridge and back."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from oracles import neurons_of, weights_of
from strategies import networks

import graphnn as gn


def pickled(net: gn.Network) -> gn.Network:
    twin: gn.Network = pickle.loads(pickle.dumps(net))
    return twin


class TestCompile:
    @given(networks())
    def test_edges_come_in_t_i_j_order_with_their_weights(self, net: gn.Network) -> None:
        program = gn.compile(net)
        found = {}
        for t, layer in enumerate(program.layers, start=1):
            rows = [(t - 1, 0), *program.neurons[t - 1]]
            for i, j, k in zip(layer.sources, layer.targets, layer.parameters, strict=True):
                found[rows[i], program.neurons[t][j]] = program.theta[k]
        assert list(found.items()) == list(weights_of(net).items())
        assert program.theta.tolist() == list(weights_of(net).values())

    @given(networks())
    def test_columns_map_to_neurons_over_gaps(self, net: gn.Network) -> None:
        program = gn.compile(net)
        assert [list(layer) for layer in program.neurons] == [
            neurons_of(net, t) for t in range(net.depth + 1)
        ]
        for t, layer in enumerate(program.layers, start=1):
            assert [one.name for one in layer.activations] == [
                net.graph.nodes[n]["activation"].name for n in neurons_of(net, t)
            ]

    def test_a_network_without_edges_compiles(self) -> None:
        program = gn.compile(gn.Network([2, 2, 1], activation="sigmoid"))
        assert program.theta.shape == (0,)
        assert program.predict([[1.0, 2.0]]).tolist() == [[0.5]]

    def test_it_only_reads(self, small: gn.Network) -> None:
        before = small.copy()
        gn.compile(small)
        assert small == before
        assert small.version == before.version

    @given(networks())
    def test_float32_rounds_every_weight_to_the_nearest(self, net: gn.Network) -> None:
        program = gn.compile(net, np.float32)
        assert program.theta.dtype == np.float32
        assert program.theta.tolist() == [float(np.float32(w)) for w in weights_of(net).values()]

    @pytest.mark.parametrize("dtype", [np.float16, np.int64, complex, "f2", object])
    def test_other_dtypes_are_refused(self, small: gn.Network, dtype: object) -> None:
        with pytest.raises(gn.CompileError, match="expected float64 or float32"):
            gn.compile(small, dtype)  # type: ignore[arg-type]

    def test_a_weight_beyond_float32_is_refused(self, small: gn.Network) -> None:
        small.set_weight((0, 0), (1, 1), 1e300)
        with pytest.raises(gn.CompileError, match="beyond the range of float32"):
            gn.compile(small, np.float32)

    @pytest.mark.parametrize("bad", [None, 3, "net", [[1.0]]])
    def test_what_is_no_network_is_refused(self, bad: object) -> None:
        with pytest.raises(gn.CompileError, match="expected a graphnn Network"):
            gn.compile(bad)  # type: ignore[arg-type]

    @pytest.mark.parametrize("weight", ["x", None, math.nan, math.inf, -math.inf, 1j, True, [1.0]])
    @pytest.mark.parametrize("edge", [((0, 0), (1, 1)), ((1, 7), (2, 2))])
    def test_a_weight_broken_through_networkx_is_named(
        self, small: gn.Network, edge: tuple, weight: object
    ) -> None:
        small.graph.edges[edge]["weight"] = weight
        with pytest.raises(gn.CompileError) as caught:
            gn.compile(small)
        assert caught.value.edge == edge
        assert f"{edge[0]} -> {edge[1]}" in str(caught.value)
        assert "set_weight" in str(caught.value)

    def test_a_weight_lost_through_networkx_is_named(self, small: gn.Network) -> None:
        del small.graph.edges[(0, 2), (1, 3)]["weight"]
        with pytest.raises(gn.CompileError, match=r"\(0, 2\) -> \(1, 3\) has lost its weight"):
            gn.compile(small)

    @pytest.mark.parametrize("activation", ["tanh", None, math.tanh])
    def test_an_activation_broken_through_networkx_is_named(
        self, small: gn.Network, activation: object
    ) -> None:
        small.graph.nodes[1, 3]["activation"] = activation
        with pytest.raises(gn.CompileError, match=r"neuron \(1, 3\).*set_activation") as caught:
            gn.compile(small)
        assert caught.value.node == (1, 3)

    def test_another_real_number_set_through_networkx_becomes_a_float(
        self, small: gn.Network
    ) -> None:
        small.graph.edges[(0, 2), (1, 3)]["weight"] = np.float32(0.1)
        assert gn.compile(small).scatter(gn.compile(small).theta, 1)[2, 1] == float(np.float32(0.1))


class TestStore:
    @given(networks())
    def test_weights_come_back_to_their_edges(self, net: gn.Network) -> None:
        program = gn.compile(net)
        theta = np.arange(1.0, len(program.theta) + 1)
        stored = gn.store(program.with_theta(theta), net)
        assert list(weights_of(net).values()) == theta.tolist()
        assert {type(weight) for weight in weights_of(net).values()} <= {float}
        assert stored.version == net.version
        assert stored.theta.tolist() == theta.tolist()

    def test_the_stored_program_can_be_stored_again(self, small: gn.Network) -> None:
        stored = gn.store(gn.compile(small), small)
        gn.store(stored.with_theta(stored.theta * 2), small)
        assert weights_of(small)[(0, 0), (1, 1)] == 0.5

    def test_a_program_from_before_the_store_is_refused_after_it(self, small: gn.Network) -> None:
        program = gn.compile(small)
        gn.store(program, small)
        with pytest.raises(gn.CompileError, match="compile it again"):
            gn.store(program, small)

    @pytest.mark.parametrize(
        "edit",
        [
            lambda net: net.set_weight((0, 0), (1, 1), 9.0),
            lambda net: net.add_edge((0, 1), (1, 7)),
            lambda net: net.remove_edge((0, 0), (1, 1)),
            lambda net: net.add_neuron(1),
            lambda net: net.remove_neuron((1, 3)),
            lambda net: net.set_activation("relu", layer=1),
            lambda net: net.initialize(),
        ],
    )
    def test_an_edited_network_refuses_it_and_stays_as_it_is(
        self, small: gn.Network, edit: Callable[[gn.Network], object]
    ) -> None:
        program = gn.compile(small)
        moved = program.with_theta(program.theta + 1)
        edit(small)
        before = small.copy()
        with pytest.raises(gn.CompileError, match="it was edited since"):
            gn.store(moved, small)
        assert small == before
        assert small.version == before.version

    def test_another_network_refuses_it_and_stays_whatever_its_version(self) -> None:
        one, other = (gn.Network.dense([2, 2], seed=seed) for seed in (0, 1))
        assert one.version == other.version
        before = other.copy()
        with pytest.raises(gn.CompileError, match="from another network"):
            gn.store(gn.compile(one), other)
        assert other == before

    @pytest.mark.parametrize("twin", [gn.Network.copy, copy.copy, copy.deepcopy, pickled])
    def test_a_copy_is_another_network(self, small: gn.Network, twin: Any) -> None:
        other = twin(small)
        small.set_weight((0, 1), (1, 1), 5.0)
        other.set_activation("tanh", layer=1)
        assert small.version == other.version
        for program, net in ((gn.compile(small), other), (gn.compile(other), small)):
            with pytest.raises(gn.CompileError, match="from another network"):
                gn.store(program, net)
        assert gn.store(gn.compile(other), other).version == other.version

    def test_edges_that_came_or_went_past_it_are_noticed(self, small: gn.Network) -> None:
        program = gn.compile(small)
        nx.DiGraph.add_edge(small.graph, (0, 1), (1, 3), weight=1.0)
        with pytest.raises(gn.CompileError, match="has 11 edges and the program 10"):
            gn.store(program, small)
        nx.DiGraph.remove_edge(small.graph, (0, 1), (1, 1))
        with pytest.raises(gn.CompileError, match="other neurons or edges"):
            gn.store(program, small)

    def test_an_interrupt_while_weights_are_written_leaves_the_old_ones(
        self, small: gn.Network
    ) -> None:
        program = gn.compile(small)
        before = small.copy()

        class Interrupts(dict[str, Any]):
            def __setitem__(self, key: str, value: Any) -> None:
                if value != -0.75:  # its own old weight may be put back
                    raise KeyboardInterrupt
                super().__setitem__(key, value)

        edges = dict(small.graph.adjacency())
        edges[1, 7][2, 2] = Interrupts(edges[1, 7][2, 2])
        with pytest.raises(KeyboardInterrupt):
            gn.store(program.with_theta(program.theta + 1), small)
        assert small == before
        with pytest.raises(gn.CompileError, match="edited since"):
            gn.store(program, small)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_weights_that_are_not_finite_are_refused_and_none_is_stored(
        self, small: gn.Network, bad: float
    ) -> None:
        program = gn.compile(small)
        theta = program.theta + 1
        theta[7] = bad
        before = small.copy()
        with pytest.raises(gn.CompileError, match=rf"theta\[7\] is {bad}"):
            gn.store(program.with_theta(theta), small)
        assert small == before
