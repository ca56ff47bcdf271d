"""Any directed acyclic graph as a network, and back; what is expected is computed node by node."""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.errors import NetworkError
from graphnn.graph.relays import relays


@st.composite
def dags(draw: st.DrawFn) -> nx.DiGraph:
    """Graphs with skip edges, dead ends, sources that are no inputs, outputs that lead on."""
    n = draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.15, 0.4, 0.8]))
    dag = nx.DiGraph()
    names = [f"n{k}" for k in rng.permutation(n)]
    dag.add_nodes_from(rng.permutation(names).tolist())
    for k, v in enumerate(names):
        for u in names[:k]:
            if rng.random() < share:
                dag.add_edge(u, v, weight=float(rng.normal()))
                if rng.random() < 0.2:
                    dag.edges[u, v]["trainable"] = False
    sources = [node for node in dag if not dag.pred[node]]
    inputs = [node for k, node in enumerate(sources) if not k or rng.random() < 0.8]
    for node in dag:
        if node not in inputs:
            dag.nodes[node]["activation"] = str(rng.choice(["tanh", "relu", "sigmoid", "identity"]))
            if rng.random() < 0.5:
                dag.nodes[node]["bias"] = float(rng.normal())
    count = int(rng.integers(1, n))
    outputs = sorted(rng.choice(names, size=count, replace=False).tolist())
    dag.graph |= {"inputs": inputs, "outputs": outputs}
    return dag


FUNCTIONS = {
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "identity": lambda a: a,
}


def values(dag: nx.DiGraph, x: dict[Any, float]) -> dict[Any, float]:
    found = dict(x)
    for node in nx.topological_sort(dag):
        if node not in found:
            terms = [data["weight"] * found[u] for u, _, data in dag.in_edges(node, data=True)]
            a = math.fsum([*terms, dag.nodes[node].get("bias", 0.0)])
            found[node] = FUNCTIONS[dag.nodes[node]["activation"]](a)
    return found


def read(dag: nx.DiGraph, **choices: Any) -> gn.Network:
    return gn.Network.from_networkx(dag, **choices)


class TestFromNetworkx:
    @given(dags(), st.integers(0, 100))
    def test_it_computes_what_the_graph_says(self, dag: nx.DiGraph, seed: int) -> None:
        net = read(dag)
        x = np.random.default_rng(seed).normal(size=len(dag.graph["inputs"])).tolist()
        expected = values(dag, dict(zip(dag.graph["inputs"], x, strict=True)))
        trace = gn.forward(net, x)
        assert trace.output == pytest.approx([expected[n] for n in dag.graph["outputs"]], abs=1e-9)
        for node, neuron in net.labels.items():
            assert trace.v[neuron] == pytest.approx(expected[node], abs=1e-9)
        program = gn.compile(net)
        assert program.predict([x])[0] == pytest.approx(trace.output, abs=1e-9)

    @given(dags())
    def test_a_node_s_layer_is_its_longest_path(self, dag: nx.DiGraph) -> None:
        net = read(dag)
        inputs, outputs = dag.graph["inputs"], dag.graph["outputs"]
        assert set(net.labels) == set(dag)
        # Sources that are no inputs stand in layer 1: as if an edge led there from an input.
        whole = nx.DiGraph(dag.edges)
        whole.add_edges_from(("start", n) for n in dag if not dag.pred[n])
        for node, (t, _) in net.labels.items():
            above = whole.subgraph({node, *nx.ancestors(whole, node)})
            length = nx.dag_longest_path_length(above, weight=None) if node in above else 0
            if node in inputs:
                assert t == 0
            elif node in outputs and not dag.succ[node]:
                assert t == net.depth
            else:
                assert t == max(1, longest(dag, node, inputs))
                assert length >= 1

    @given(dags())
    def test_one_chain_of_relays_leads_from_a_node_to_its_last_use(self, dag: nx.DiGraph) -> None:
        net = read(dag)
        layer = {node: t for node, (t, _) in net.labels.items()}
        chains = dict.fromkeys(dag, 0)
        for relay, source in relays(net).items():
            assert net.nodes[relay].get("label") is None
            chains[net.nodes[source]["label"]] += 1
        for node in dag:
            last = max((layer[v] - 1 for v in dag.succ[node]), default=layer[node])
            last = net.depth if node in dag.graph["outputs"] else max(last, layer[node])
            assert chains[node] == last - layer[node]
        assert sum(net.layers) == len(dag) + sum(chains.values())

    @given(dags())
    def test_relays_are_a_layer_s_last_columns_before_the_last_layer(self, dag: nx.DiGraph) -> None:
        net = read(dag)
        for t in range(1, net.depth):
            marks = [neuron in relays(net) for neuron in net.neurons(t)]
            assert marks == sorted(marks)
        program = gn.compile(net)
        for t, layer in enumerate(program.layers[:-1], start=1):
            assert layer.copies == sum(neuron in relays(net) for neuron in net.neurons(t))

    def test_defaults_are_sources_and_sinks_weights_of_one_and_a_sigmoid(self) -> None:
        net = read(nx.DiGraph([("x", "y"), ("z", "y")]))
        assert net.layers == (2, 1)
        assert [w for *_, w in net.graph.edges(data="weight")] == [1.0, 1.0]
        assert gn.forward(net, [0.25, 0.5]).output[0] == pytest.approx(1 / (1 + math.exp(-0.75)))

    def test_attributes_become_those_of_neurons_and_edges(self) -> None:
        dag = nx.DiGraph()
        dag.add_node("y", activation=gn.ACTIVATIONS["relu"], bias=0.5, bias_trainable=False)
        dag.add_node("z", activation="tanh", bias=2, bias_shared="b")
        dag.add_node("w", activation="tanh", bias=2, bias_shared="b")
        dag.add_edge("x", "y", weight=2, trainable=False)
        dag.add_edge("x", "z", weight=3.0, shared="s")
        dag.add_edge("x", "w", weight=3.0, shared="s")
        net = read(dag)
        edges = {(net.nodes[v]["label"], u[1]): e for u, v, e in net.edges(data=True)}
        assert edges["y", 0] == {"weight": 0.5, "trainable": False, "shared": None}
        assert edges["y", 1] == {"weight": 2.0, "trainable": False, "shared": None}
        assert edges["z", 1] == {"weight": 3.0, "trainable": True, "shared": "s"}
        assert len(net.shared("b")) == len(net.shared("s")) == 2
        assert net.activation(net.labels["y"]).name == "relu"

    def test_any_hashable_object_is_a_node(self) -> None:
        grid = nx.DiGraph(nx.grid_2d_graph(3, 3).edges)
        net = read(grid)
        assert net.labels[2, 2] == (net.depth, 1)
        assert set(net.to_networkx(relays=False).edges) == set(grid.edges)


def longest(dag: nx.DiGraph, node: Any, inputs: list[Any]) -> int:
    """Return the number of edges of the longest path to a node; other sources' add 1."""
    if not dag.pred[node]:
        return 0 if node in inputs else 1
    return 1 + max(longest(dag, u, inputs) for u in dag.pred[node])


class TestToNetworkx:
    @given(dags(), st.booleans())
    def test_the_graph_comes_back(self, dag: nx.DiGraph, trained: bool) -> None:
        net = read(dag)
        if trained and len(gn.compile(net).theta):
            X, y = np.ones((3, net.layers[0])), np.zeros((3, net.layers[-1]))
            gn.train(net, X, y, epochs=2, engine="node", optimizer=gn.SGD(1e-3))
        found = net.to_networkx(relays=False)
        assert dict(found.nodes(data=True)).keys() == dict(dag.nodes(data=True)).keys()
        assert found.graph == dag.graph
        assert set(found.edges) == set(dag.edges)
        neurons = net.labels
        if not trained:
            assert nx.utils.graphs_equal(found, dag)
        for u, v, data in found.edges(data=True):
            assert data.get("trainable", True) == dag.edges[u, v].get("trainable", True)
            if data.get("trainable", True) and neurons[u][0] + 1 == neurons[v][0]:
                assert data["weight"] == net.edges[neurons[u], neurons[v]]["weight"]

    @given(dags())
    def test_what_comes_back_is_the_same_network(self, dag: nx.DiGraph) -> None:
        net = read(dag)
        again = read(net.to_networkx(relays=False))
        assert sorted(again.layers) == sorted(net.layers)
        x = np.linspace(-1, 1, net.layers[0])
        assert gn.forward(again, x).output == pytest.approx(gn.forward(net, x).output, abs=1e-9)

    def test_with_relays_every_neuron_is_a_node(self) -> None:
        net = read(nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")]))
        found = net.to_networkx()
        assert set(found.edges) == {("x", "h"), ("h", "y"), ("x", (1, 2)), ((1, 2), "y")}
        assert found.edges["x", (1, 2)] == {"weight": 1.0, "trainable": False}
        assert found.nodes[1, 2] == {"activation": "identity"}
        assert read(found).layers == net.layers

    def test_neurons_without_labels_are_pairs(self, mazur: gn.Network) -> None:
        found = mazur.to_networkx()
        assert sorted(found) == [(t, j) for t in range(3) for j in (1, 2)]
        assert found.nodes[1, 1] == {"activation": "sigmoid", "bias": 0.35}
        assert found.graph == {"inputs": [(0, 1), (0, 2)], "outputs": [(2, 1), (2, 2)]}

    def test_a_user_s_own_activation_and_preprocessing_go_along(self) -> None:
        own = gn.Activation("double", lambda a: 2 * a, lambda a, v: 2.0)
        net = gn.Network.dense([2, 1], own)
        net.preprocessing = gn.Preprocessing(inputs=gn.Standardizer.fit([[0.0, 1.0], [2.0, 5.0]]))
        found = net.to_networkx()
        assert found.nodes[1, 1]["activation"] is own
        assert read(found).preprocessing == net.preprocessing

    def test_a_label_that_is_another_neuron_s_pair_is_refused(self) -> None:
        net = gn.Network.dense([2, 1])
        net.set_label((0, 1), (1, 1))
        with pytest.raises(
            NetworkError, match=r"neuron \(1, 1\) has no label, and neuron \(0, 1\)"
        ):
            net.to_networkx()

    def test_two_edges_with_the_same_ends_are_refused(self) -> None:
        net = gn.Network([1, 2, 1], "identity")
        for j in (1, 2):
            net.add_edge((0, 1), (1, j), 1.0, trainable=False)
            net.add_edge((1, j), (2, 1), 0.5)
        with pytest.raises(NetworkError, match=r"\(1, 2\) -> \(2, 1\) and another both lead from"):
            net.to_networkx(relays=False)
        assert len(net.to_networkx().edges) == 4


class TestRefusals:
    def test_a_cycle_is_named(self) -> None:
        dag = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")])
        with pytest.raises(NetworkError, match=r"the cycle 'b' -> 'c' -> 'b'.*unroll it through"):
            read(dag)
        with pytest.raises(NetworkError, match=r"the cycle 'a' -> 'a'"):
            read(nx.DiGraph([("a", "a")]), inputs=["a"], outputs=["a"])

    @pytest.mark.parametrize("graph", [nx.Graph([(0, 1)]), nx.MultiDiGraph([(0, 1)]), {0: [1]}])
    def test_another_kind_of_graph(self, graph: Any) -> None:
        with pytest.raises(NetworkError, match=f"found a {type(graph).__name__}, expected a netw"):
            read(graph)

    def test_skip_edges_are_listed_if_relays_are_not_wanted(self) -> None:
        dag = nx.DiGraph([("x", "h"), ("h", "k"), ("k", "y"), ("x", "k"), ("x", "y"), ("h", "z")])
        with pytest.raises(
            NetworkError, match=r"3 edges skip layers: 'x' -> 'k', 'x' -> 'y', 'h' ->"
        ):
            read(dag, relays=False)
        with pytest.raises(NetworkError, match="edges skip layers: 'h' -> output"):
            read(nx.DiGraph([("x", "h"), ("h", "y")]), outputs=["h", "y"], relays=False)
        assert read(nx.DiGraph([("x", "h"), ("h", "y")]), relays=False).layers == (1, 1, 1)

    def test_only_the_first_ten_skip_edges_are_written_out(self) -> None:
        dag = nx.DiGraph(nx.transitive_closure(nx.path_graph(8, nx.DiGraph)))
        with pytest.raises(
            NetworkError, match=r"21 edges skip layers: .* and 11 more; relays=True"
        ):
            read(dag, relays=False)

    @pytest.mark.parametrize(
        ("choices", "message"),
        [
            ({"inputs": []}, "inputs is empty"),
            ({"inputs": ["q"]}, "inputs has 'q', which is no node"),
            ({"outputs": ["y", "y"]}, "outputs has 'y' twice"),
            ({"inputs": ["y"]}, "input 'y' has the edge 'x' -> 'y'"),
            ({"outputs": [["y"]]}, "outputs has .'y'., which is no node"),
        ],
    )
    def test_inputs_and_outputs(self, choices: dict[str, Any], message: str) -> None:
        with pytest.raises(NetworkError, match=message):
            read(nx.DiGraph([("x", "y")]), **choices)

    def test_an_empty_graph(self) -> None:
        with pytest.raises(NetworkError, match="inputs is empty"):
            read(nx.DiGraph())

    @pytest.mark.parametrize(
        ("attributes", "message"),
        [
            ({"weight": math.nan}, "edge x -> y has the weight nan"),
            ({"weight": "1"}, "edge x -> y has the weight '1' of type str"),
            ({"weight": None}, "edge x -> y has the weight None"),
            ({"trainable": 1}, "edge x -> y has trainable 1"),
            ({"shared": ""}, "edge x -> y has shared ''"),
        ],
    )
    def test_attributes_of_edges(self, attributes: dict[str, Any], message: str) -> None:
        dag = nx.DiGraph()
        dag.add_edge("x", "y", **attributes)
        with pytest.raises(NetworkError, match=message):
            read(dag)

    @pytest.mark.parametrize(
        ("node", "attributes", "message"),
        [
            ("y", {"activation": "step"}, "node 'y': unknown activation"),
            ("y", {"activation": ["relu"]}, "node 'y': "),
            ("y", {"bias": math.inf}, "edge bias -> y has the weight inf"),
            ("x", {"bias": 1.0}, "input 'x' has the bias 1.0"),
            ("x", {"activation": "relu"}, "input 'x' has the activation 'relu'"),
        ],
    )
    def test_attributes_of_nodes(self, node: str, attributes: dict[str, Any], message: str) -> None:
        dag = nx.DiGraph([("x", "y")])
        dag.nodes[node].update(attributes)
        with pytest.raises(NetworkError, match=message):
            read(dag)

    def test_edges_of_one_shared_name_that_disagree(self) -> None:
        dag = nx.DiGraph()
        dag.add_edge("x", "y", weight=1.0, shared="s")
        dag.add_edge("x", "z", weight=2.0, shared="s")
        with pytest.raises(NetworkError, match=r"edge x -> z has weight 2.0 and edge x -> y"):
            read(dag)

    def test_more_relays_than_memory_holds(self) -> None:
        path = nx.path_graph(6000, nx.DiGraph)
        path.add_edges_from((k, 5999) for k in range(5998))
        with pytest.raises(
            NetworkError, match=r"would have \d+ neurons, expected at most 10000000"
        ):
            read(path)
