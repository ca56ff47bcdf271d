"""What is written in a format comes back, to the last bit, with all that a network can have."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from formats.formats import assert_same, full_networks
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.errors import EngineUnavailable, FormatError
from graphnn.formats import edge_list, graphml, node_link, npz
from graphnn.formats import json as own
from graphnn.formats.pandas import from_pandas, to_pandas


@given(full_networks())
def test_own_json(net: gn.Network) -> None:
    assert_same(own.from_text(own.to_text(net)), net)


@given(full_networks())
def test_node_link(net: gn.Network) -> None:
    assert_same(node_link.from_node_link(node_link.to_node_link(net)), net)
    assert_same(node_link.from_text(node_link.to_text(net)), net)


@given(full_networks())
def test_edge_list(net: gn.Network) -> None:
    assert_same(edge_list.from_text(edge_list.to_text(net)), net)


@given(full_networks())
def test_npz(net: gn.Network) -> None:
    assert_same(npz.from_bytes(npz.to_bytes(net)), net)


@given(full_networks())
def test_graphml(net: gn.Network) -> None:
    assert_same(graphml.from_text(graphml.to_text(net)), net)


@given(full_networks())
def test_pandas(net: gn.Network) -> None:
    assert_same(from_pandas(*to_pandas(net)), net)


WAYS: list[Any] = [(one.to_text, one.from_text) for one in (own, node_link, graphml, edge_list)]
WAYS += [(npz.to_bytes, npz.from_bytes), (to_pandas, lambda tables: from_pandas(*tables))]


def edges_of(net: gn.Network) -> dict[Any, dict[str, Any]]:
    default = {"trainable": True, "shared": None}
    return {
        (u, v): {k: x for k, x in data.items() if (k, x) not in default.items()}
        for u, v, data in net.graph.edges(data=True)
    }


class TestReferenceTools:
    """The tools that the formats come from read the same."""

    @given(full_networks("text"))
    def test_networkx_reads_node_link(self, net: gn.Network) -> None:
        data = json.loads(node_link.to_text(net))
        graph = nx.node_link_graph(data, edges="edges")
        assert graph.is_directed()
        assert not graph.is_multigraph()
        assert set(graph) == set(net.graph)
        assert {(u, v): d for u, v, d in graph.edges(data=True)} == edges_of(net)
        for node, attributes in graph.nodes(data=True):
            expected = dict(net.nodes[node])
            if "activation" in expected:
                expected["activation"] = expected["activation"].name
            assert attributes == expected

    @given(full_networks("numbers"))
    def test_networkx_reads_graphml(self, net: gn.Network) -> None:
        graph = nx.read_graphml(io.BytesIO(graphml.to_text(net).encode()))
        pairs = {node: tuple(map(int, node.split(","))) for node in graph}
        assert set(pairs.values()) == set(net.graph)
        found = {(pairs[u], pairs[v]): d for u, v, d in graph.edges(data=True)}
        assert found == edges_of(net)

    @given(full_networks())
    def test_networkx_reads_edge_lists(self, net: gn.Network) -> None:
        text = edge_list.to_text(net)
        graph = nx.parse_edgelist(
            text.splitlines(), create_using=nx.DiGraph, data=[("weight", float)]
        )
        found = {
            tuple(tuple(map(int, end.split(","))) for end in (u, v)): weight
            for u, v, weight in graph.edges(data="weight")
        }
        assert found == {(u, v): w for u, v, w in net.graph.edges(data="weight")}

    @given(full_networks())
    def test_numpy_reads_npz_without_pickle(self, net: gn.Network) -> None:
        with np.load(io.BytesIO(npz.to_bytes(net)), allow_pickle=False) as arrays:
            weights, header = arrays["weights"], json.loads(str(arrays["header"]))
            assert np.count_nonzero(arrays["numbers"]) == sum(net.layers)
        assert weights.tolist() == [w for *_, w in sorted(net.graph.edges(data="weight"))]
        assert header["format"] == "graphnn-network"

    def test_d3_and_older_networkx_write_links(self) -> None:
        graph = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
        nx.set_edge_attributes(graph, 0.5, "weight")
        net = node_link.from_node_link(nx.node_link_data(graph, edges="links"))
        assert net.layers == (1, 2, 1)
        assert net.labels["y"] == (2, 1)


class TestOtherGraphs:
    """Files that say nothing of graphnn are directed acyclic graphs."""

    @pytest.fixture
    def dag(self) -> nx.DiGraph:
        dag = nx.DiGraph()
        dag.add_weighted_edges_from([("x", "h", 0.5), ("h", "y", -1.5), ("x", "y", 2.0)])
        return dag

    def expected(self, dag: nx.DiGraph, **attributes: Any) -> gn.Network:
        for node, found in attributes.items():
            dag.nodes[node].update(found)
        return gn.Network.from_networkx(dag)

    def test_graphml_of_networkx(self, dag: nx.DiGraph) -> None:
        net = self.expected(dag, h={"activation": "tanh", "bias": 0.25})
        target = io.BytesIO()
        nx.write_graphml_xml(dag, target)
        assert graphml.from_text(target.getvalue().decode()) == net

    def test_edge_list_of_networkx(self, dag: nx.DiGraph) -> None:
        target = io.BytesIO()
        nx.write_weighted_edgelist(dag, target)
        assert edge_list.from_text("# a comment\n" + target.getvalue().decode()) == self.expected(
            dag
        )

    def test_node_link_of_networkx(self, dag: nx.DiGraph) -> None:
        net = self.expected(dag, h={"activation": "relu"})
        assert node_link.from_node_link(nx.node_link_data(dag, edges="edges")) == net

    def test_inputs_and_outputs_keep_their_order(self, dag: nx.DiGraph) -> None:
        dag.add_edge("z", "y", weight=1.0)
        dag.graph |= {"inputs": ["z", "x"], "outputs": ["y", "h"]}
        net = node_link.from_node_link(nx.node_link_data(dag, edges="edges"))
        assert net == gn.Network.from_networkx(dag)
        assert net.labels["z"] == (0, 1)

    def test_a_user_s_own_activation_is_found_by_name(self) -> None:
        own_one = gn.Activation("double", lambda a: 2 * a, lambda a, v: 2.0)
        net = gn.Network.dense([2, 2, 1], activation=own_one, seed=0)
        for module in (node_link, graphml, edge_list, own):
            text = module.to_text(net)
            assert_same(module.from_text(text, [own_one]), net)
            with pytest.raises(FormatError, match="'double', expected one of"):
                module.from_text(text)
        assert_same(npz.from_bytes(npz.to_bytes(net), [own_one]), net)
        assert_same(from_pandas(*to_pandas(net), [own_one]), net)


class TestPandas:
    def test_a_trace_fills_in_the_numbers(self, mazur: gn.Network) -> None:
        trace = gn.backward(mazur, [0.05, 0.1], [0.01, 0.99])
        neurons, edges = to_pandas(mazur, trace)
        row = neurons[(neurons.layer == 1) & (neurons.number == 1)].iloc[0]
        assert (row.a, row.v, row.delta) == (trace.a[1, 1], trace.v[1, 1], trace.delta[1, 1])
        line = edges[(edges.layer == 2) & (edges.source == 1) & (edges.target == 2)].iloc[0]
        assert line.gradient == trace.gradient[(1, 1), (2, 2)]
        constants = neurons[neurons.number == 0]
        assert constants.v.tolist() == [1.0, 1.0]
        assert constants.a.isna().all()

    def test_tables_that_a_user_made_are_read(self) -> None:
        import pandas as pd

        neurons = pd.DataFrame(
            {"layer": [0, 0, 1], "number": [1, 2, 1], "activation": [None, None, "tanh"]}
        )
        edges = pd.DataFrame(
            {"layer": [1, 1], "source": [1, 2], "target": [1, 1], "weight": [0.5, 1]}
        )
        net = from_pandas(neurons, edges)
        assert gn.forward(net, [1.0, 2.0]).a[1, 1] == 2.5

    def test_what_is_missing_or_wrong_is_named(self, mazur: gn.Network) -> None:
        neurons, edges = to_pandas(mazur)
        with pytest.raises(FormatError, match=r"edges has the columns .* expected"):
            from_pandas(neurons, edges.drop(columns="weight"))
        with pytest.raises(FormatError, match=r"\(1, 1\) has the weight nan"):
            from_pandas(neurons, edges.assign(weight=float("nan")))
        with pytest.raises(FormatError, match="neurons is a list, expected"):
            from_pandas([], edges)  # type: ignore[arg-type]
        with pytest.raises(FormatError, match=r"found the neuron \(1.5, 1\)|found the neuron"):
            from_pandas(neurons.assign(layer=neurons.layer + 0.5), edges)
        with pytest.raises(FormatError, match="exists already"):
            from_pandas(neurons, edges.iloc[[0, 0]])

    def test_another_network_s_trace_is_refused(self, mazur: gn.Network) -> None:
        trace = gn.forward(mazur, [0.0, 0.0])
        mazur.remove_edge((0, 0), (1, 1))
        with pytest.raises(FormatError, match="trace it anew"):
            to_pandas(mazur, trace)

    def test_without_pandas_the_error_says_what_to_install(
        self, mazur: gn.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pandas", None)
        with pytest.raises(EngineUnavailable, match="pip install pandas"):
            to_pandas(mazur)


class TestRefusals:
    @pytest.mark.parametrize("label", [frozenset({1}), float("inf"), b"bytes", ("a", object())])
    def test_a_label_that_no_file_holds(self, label: Any) -> None:
        net = gn.Network([1, 1])
        net.set_label((1, 1), label)
        for write in (
            own.to_text,
            node_link.to_text,
            graphml.to_text,
            edge_list.to_text,
            npz.to_bytes,
        ):
            with pytest.raises(FormatError, match=r"neuron \(1, 1\) has the label"):
                write(net)

    def test_an_activation_whose_name_xml_does_not_hold(self) -> None:
        net = gn.Network([1, 1], gn.Activation(" a", lambda a: a, lambda a, v: 1.0))
        with pytest.raises(FormatError, match=r"neuron 1,1 has the activation"):
            graphml.to_text(net)


class TestPlaces:
    """A rule that an edge breaks is reported with its line."""

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            (["0,0 1,1 0.5", "0,1 1,9 2"], r"line 5: there is no neuron \(1, 9\)"),
            (["0,1 1,1 nan", "0,1 1,9 2"], r"line 4: edge \(0, 1\) -> \(1, 1\) has the weight nan"),
            (["0,1 1,1 1", "", "0,1 1,1 2"], r"line 6: edge \(0, 1\) -> \(1, 1\) exists already"),
            (["0,1 1,1 1", "0.1 1,1 2"], r"line 5: found the node '0.1'"),
            (["0,1 1,1 1", "0,1 1,1"], r"line 5: edge .* exists already"),
            (["0,1 1,1 1 # 2", "0,1 1,1 1 2"], r"line 5: found 4 words"),
            (["0,1 1,1 x"], r"line 4: found the weight 'x'"),
            (["# edge [[0, 1], [1, 1], 3, null]", "0,1 1,1 x"], r"line 5: found the weight"),
            (["# edge [[0, 1], [1, 1], 3, null]", "0,1 1,1 1"], r"line 5: .* has trainable 3"),
            (["# edge [[0, 1], [1, 1], false, null]"], r"\(\(0, 1\), \(1, 1\)\), which is absent"),
            (["# neuron [1, 0, null, null]"], r"\(1, 0\): the output layer has no constant"),
            (['# neuron [0, 0, "tanh", null]'], r"\(0, 0\) has the activation 'tanh'"),
            (["# neuron [0, 0, null, 1]"] * 2, r"\(0, 0\) exists already"),
        ],
    )
    def test_of_an_edge_list(self, lines: list[str], message: str) -> None:
        head = [
            "# graphnn-network 3",
            "# neuron [0, 1, null, null]",
            '# neuron [1, 1, "tanh", "a"]',
        ]
        with pytest.raises(FormatError, match=message):
            edge_list.from_text("\n".join([*head, *lines]))

    @given(full_networks(), st.floats(0, 1, exclude_max=True))
    def test_an_edge_list_that_was_cut_off(self, net: gn.Network, part: float) -> None:
        text = edge_list.to_text(net)
        head = len("# graphnn-network 3\n# edges 1")
        end = head + int(part * (len(text) - head))
        with pytest.raises(FormatError, match=r"cut off|it is no JSON|expected"):
            edge_list.from_text(text[:end])

    def test_an_edge_list_says_its_number_of_edges(self) -> None:
        net = gn.Network.dense([1, 1], seed=0)
        text = edge_list.to_text(net)
        with pytest.raises(FormatError, match="says '3', found 2 edges"):
            edge_list.from_text(text.replace("# edges 2", "# edges 3"))
        assert edge_list.from_text(text.replace("# edges 2\n", "").rstrip()) == net

    @pytest.mark.parametrize("version", ["4", "9" * 5000, "x", "", "\u0663x"])
    def test_an_edge_list_of_another_version(self, version: str) -> None:
        with pytest.raises(FormatError, match="of version"):
            edge_list.from_text(f"# graphnn-network {version}\n")

    def test_of_json(self) -> None:
        text = own.to_text(gn.Network.dense([1, 1])).replace("[1, 1, 1,", "[1, 0, 1,")
        with pytest.raises(FormatError, match=r"edge 1: edge \(0, 0\) -> \(1, 1\) exists already"):
            own.from_text(text)


STRANGE = ["", "a\x00b", "\ud800", " padded", "\r\n", "\x85\u2028", "a\x00", "#", "<&>", '"']


class TestStrangeTexts:
    """Texts that a careless format would cut, strip, or take for markup."""

    @pytest.mark.parametrize("label", [*STRANGE, ("a", "b"), 2**70, True, 0, (), ((),), -0.0])
    def test_labels(self, label: Any) -> None:
        for neuron in ((0, 0), (0, 1), (1, 1)):
            net = gn.Network([1, 1])
            net.set_label(neuron, label)
            for write, read in WAYS:
                back = read(write(net))
                assert_same(back, net)
                assert repr(*back.labels) == repr(label)

    @pytest.mark.parametrize("name", STRANGE[1:])
    def test_shared_names(self, name: str) -> None:
        net = gn.Network([1, 1])
        net.add_edge((0, 1), (1, 1), shared=name)
        for write, read in WAYS:
            assert_same(read(write(net)), net)


def test_files_of_every_ending_and_both_ways(tmp_path: Path, mazur: gn.Network) -> None:
    from graphnn.formats.files import READ, read, write

    for ending in [one for one in READ if one != ".onnx"]:
        path = write(mazur, tmp_path / f"net{ending}")
        assert_same(read(path), mazur)
    with pytest.raises(
        FormatError, match=r"net\.txt has an ending that is not written, expected one of \.node"
    ):
        write(mazur, tmp_path / "net.txt")
    with pytest.raises(FormatError, match="ending that is not read"):
        read(tmp_path / "net.txt")
    (tmp_path / "bad.graphml").write_bytes(b"\xff")
    with pytest.raises(FormatError, match="no UTF-8"):
        read(tmp_path / "bad.graphml")
    with pytest.raises(FormatError, match="more than 10 bytes"):
        read(tmp_path / "net.json", max_bytes=10)
