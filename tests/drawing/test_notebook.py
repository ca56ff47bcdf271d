"""What a notebook shows, asked for as Jupyter does and in a notebook that runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

import pytest
from drawing.pictures import SVG, texts, titles

import graphnn as gn
from graphnn.drawing.heat import heat_map
from graphnn.drawing.notebook import of_table


@pytest.fixture
def net() -> gn.Network:
    net = gn.Network.from_matrices(
        [[[0.1, -0.2], [0.5, 0.25], [-2.0, 1.0]], [[1.0], [0.5], [0.75]]], None, "tanh"
    )
    net.remove_edge((0, 1), (1, 2))
    return net


def test_a_network_is_its_picture(net: gn.Network) -> None:
    bundle = net._repr_mimebundle_()
    assert bundle["text/plain"] == repr(net)
    assert len(titles(bundle["image/svg+xml"])) == 7 + 8


def test_a_trace_is_a_picture_with_its_numbers(net: gn.Network) -> None:
    trace = gn.backward(net, [1.0, 2.0], [0.5])
    svg = trace._repr_mimebundle_()["image/svg+xml"]
    assert f"{trace.v[2, 1]:.2f}" in texts(svg)
    assert f"delta = {trace.delta[1, 1]:.6g}" in titles(svg)["1,1"]
    exact = gn.forward(gn.Network([1, 1], "relu"), [1], number=Fraction)
    assert exact._repr_mimebundle_()["image/svg+xml"]


def test_a_program_is_its_picture_beside_its_matrices(net: gn.Network) -> None:
    bundle = gn.compile(net)._repr_mimebundle_()
    html = bundle["text/html"]
    assert html.count("<svg ") == 2
    assert "w^(1), 3 x 2" in html
    assert bundle["text/plain"] == repr(gn.compile(net))


def test_a_heat_map_has_a_square_for_each_edge_that_says_which(net: gn.Network) -> None:
    found = titles(heat_map(net))
    assert len(found) == 8
    assert found["0,2 1,1"] == "w₂,₁ of layer 1: (0, 2) -> (1, 1), -2"
    assert "0,1 1,2" not in found
    root = ET.fromstring(heat_map(net))
    fills = {
        g.get("data-edge"): g.find(f"{SVG}rect").get("fill")  # type: ignore[union-attr]
        for g in root.iter(f"{SVG}g")
    }
    assert fills["0,2 1,1"] == "#ef8a62"  # the largest magnitude, below zero
    assert {"-2.00", "+0.75"} <= set(texts(heat_map(net)))


def test_of_a_large_matrix_the_first_rows_and_columns_are_shown() -> None:
    svg = heat_map(gn.Network.dense([200, 50], seed=0), theme="dark")
    assert len(titles(svg)) == 40 * 40
    assert "w^(1), 201 x 50, the first of them" in texts(svg)


def test_markup_in_a_text_is_shown_as_it_is() -> None:
    class Report:
        def __repr__(self) -> str:
            return "<script>alert(1)</script> & more"

    html = of_table(Report())["text/html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert "<script" not in html


def test_a_report_is_a_table(net: gn.Network) -> None:
    report = gn.compare(net, [[1.0, 2.0]])
    bundle = report._repr_mimebundle_()
    assert bundle["text/plain"] == str(report)
    assert ET.fromstring(bundle["text/html"]).text == str(report)


def test_a_result_is_its_learning_curve(net: gn.Network) -> None:
    pytest.importorskip("matplotlib")
    result = gn.train(net, [[1.0, 2.0]], [0.5], epochs=3)
    bundle = result._repr_mimebundle_()
    assert "<svg " in bundle["text/html"]
    assert bundle["text/html"].startswith("<svg ")
    assert ">epoch<" in bundle["text/html"]
    assert bundle["text/plain"] == str(result)


def test_what_cannot_be_drawn_is_text(net: gn.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sympy")
    symbols = gn.symbols(gn.Network.dense([1, 1], activation="identity", seed=0))
    assert symbols is not None
    net.graph.edges[(0, 1), (1, 1)]["weight"] = float("nan")
    assert net._repr_mimebundle_() == {"text/plain": repr(net)}
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    result = gn.train(gn.Network.dense([1, 1], seed=0), [[1.0]], [1.0], epochs=1)
    assert result._repr_mimebundle_() == {"text/plain": repr(result)}


@pytest.mark.filterwarnings("ignore")  # of Jupyter's own libraries
def test_a_notebook_shows_all_of_them() -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [
        "import graphnn as gn\nnet = gn.Network.dense([2, 3, 1], 'tanh', seed=0)\nnet",
        "gn.compile(net)",
        "gn.backward(net, [1.0, -1.0], 1.0)",
        "gn.compare(net, [[1.0, -1.0]])",
        "gn.train(net, [[1.0, -1.0]], [1.0], epochs=3)",
        "gn.draw(net, theme='dark')",
        "gn.animate(net, [[1.0, -1.0]], [1.0])",
    ]
    book: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    assert [len(cell.outputs) for cell in book.cells] == [1] * len(cells)
    shown = [set(cell.outputs[0].data) for cell in book.cells]
    svg, html = {"image/svg+xml", "text/plain"}, {"text/html", "text/plain"}
    assert shown == [svg, html, svg, html, html, svg, svg]
    pictures = [cell.outputs[0].data.get("image/svg+xml") for cell in book.cells]
    assert all(ET.fromstring(picture) is not None for picture in pictures if picture)
    assert "against node" in book.cells[3].outputs[0].data["text/plain"]
