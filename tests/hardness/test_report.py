"""The command line's graphs, report and picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner
from hardness.graphs import FEWEST, GRAPHS

import graphnn as gn
from graphnn.cli import main
from graphnn.hardness.report import report_of
from graphnn.hardness.source import graph_from


def test_a_report_has_a_row_for_each_k() -> None:
    report = report_of(GRAPHS["wheel"], 3, restarts=3)
    assert [one.errors for one in report.exact] == list(FEWEST["wheel"][:3])
    lines = str(report).splitlines()
    assert lines[0] == "graph: 6 vertices, 10 edges; a greedy colouring has 4 colours"
    rows = [line.split() for line in lines if line[:1] in ("1", "2", "3")]
    assert [row[:4] for row in rows] == [
        ["1", "1", "4", "OPTIMAL"], ["2", "2", "2", "OPTIMAL"], ["3", "3", "1", "OPTIMAL"],
    ]  # fmt: skip
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("output", ["and", "free"])
def test_the_colours_are_proper_on_what_is_right(output: str) -> None:
    graph = GRAPHS["K4"]
    report = report_of(graph, 3, output, restarts=1)  # type: ignore[arg-type]
    colors = report.colors()
    assert sum(color is None for color in colors.values()) == report.best.errors
    for u, v in graph.edges:
        assert colors[u] is None or colors[v] is None or colors[u] != colors[v]
    assert all(abs(x) <= 1.01 for at in report.positions().values() for x in at)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("petersen", nx.petersen_graph()),
        ("cycle:5", nx.cycle_graph(5)),
        ("grid_2d:2,3", nx.grid_2d_graph(2, 3)),
    ],
)
def test_graphs_by_name(text: str, expected: nx.Graph) -> None:
    assert nx.utils.graphs_equal(graph_from(text), expected)


def test_graphs_from_files(tmp_path: Path) -> None:
    (tmp_path / "a.edges").write_text("x y\ny z\n# a comment\n")
    assert set(graph_from(str(tmp_path / "a.edges")).edges) == {("x", "y"), ("y", "z")}
    nx.write_graphml(nx.cycle_graph(4), tmp_path / "a.graphml")
    assert nx.is_isomorphic(graph_from(str(tmp_path / "a.graphml")), nx.cycle_graph(4))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.graphml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><graphml/>", "document type"),
        ("a.graphml", b"<graphml", "is no graph that networkx reads"),
        ("a.graphml", b"", "is no graph that networkx reads"),
        ("a.edges", b"\xff\xfe", "is no graph that networkx reads"),
    ],
)
def test_files_that_are_none_are_refused(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(gn.FormatError, match=message):
        graph_from(str(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("os", "is neither a file nor the name"),
        ("__import__('os')", "is neither a file nor the name"),
        ("cycle:x", "networkx makes no graph of 'cycle:x'"),
        ("star", "networkx makes no graph of 'star'"),
        ("complete:100000", "numbers are at most 1000"),
    ],
)
def test_names_that_are_none_are_refused(text: str, message: str) -> None:
    with pytest.raises(gn.DataError, match=message):
        graph_from(text)


def test_the_command_prints_the_report_and_draws_graph_and_network(tmp_path: Path) -> None:
    picture = tmp_path / "p.svg"
    arguments = ["hardness", "cycle:5", "-k", "2", "--restarts", "3", "-o", str(picture)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "OPTIMAL" in result.output
    root = ET.fromstring(picture.read_text(encoding="utf-8"))
    svg = "{http://www.w3.org/2000/svg}"
    groups = [group.get("class") for group in root.iter(f"{svg}g")]
    assert groups.count("vertex") == 5
    assert groups.count("neuron") == 6 + 3 + 1
    titles = [element.text or "" for element in root.iter(f"{svg}title")]
    assert sum("not coloured" in title for title in titles) == 1
    for wrong in (["hardness", "cycle:5", "-o", "p.png"], ["hardness", "nothing"],
                  ["hardness", "cycle:5", "-k", "0"]):  # fmt: skip
        failed = CliRunner().invoke(main, wrong)
        assert failed.exit_code == 1
        assert failed.output.startswith("Error: ")
