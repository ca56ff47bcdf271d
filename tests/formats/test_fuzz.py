"""Importers under attack: only `FormatError`, no crash, no hang, little memory, nothing is run."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from formats.attacks import JSON, assert_survives, places
from formats.formats import full_networks
from hypothesis import example, given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.errors import FormatError
from graphnn.formats import edge_list, graphml, node_link, npz
from graphnn.formats import json as own
from graphnn.formats.pandas import from_pandas, to_pandas

WAYS: dict[str, tuple[Callable[[gn.Network], Any], Callable[[Any], gn.Network]]] = {
    "json": (own.to_text, own.from_text),
    "node-link": (node_link.to_text, node_link.from_text),
    "graphml": (graphml.to_text, graphml.from_text),
    "edges": (edge_list.to_text, edge_list.from_text),
    "npz": (npz.to_bytes, npz.from_bytes),
}


@pytest.mark.parametrize("way", WAYS)
@given(st.data())
def test_files_with_a_few_bytes_changed(way: str, data: st.DataObject) -> None:
    write, read = WAYS[way]
    whole = write(data.draw(full_networks("text")))
    raw = bytearray(whole if isinstance(whole, bytes) else whole.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        piece = data.draw(st.one_of(st.binary(max_size=6), st.sampled_from(PIECES)))
        raw[at : at + data.draw(st.integers(0, 12))] = piece
    changed: Any = bytes(raw) if way == "npz" else raw.decode(errors="replace")
    assert_survives(read, changed)


PIECES = [
    b"-1", b"1e999", b"NaN", b"null", b"[[", b"{", b'"', b"<", b"/>", b"&x;", b"0,0", b"true",
    b"99999999999999999999", b"\x00", b"# neuron [", b"# edge [", b"<node id='0,1'/>", b"]]>",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@given(st.binary(max_size=200))
def test_any_bytes(way: str, data: bytes) -> None:
    _, read = WAYS[way]
    assert_survives(read, data if way == "npz" else data.decode(errors="replace"))


@pytest.mark.parametrize("name", ["json", "node-link"])
@given(st.data())
def test_json_with_values_replaced(name: str, data: st.DataObject) -> None:
    write, read = WAYS[name]
    content = json.loads(write(data.draw(full_networks("tuples"))))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(content)))
        container[key] = data.draw(JSON)
    assert_survives(read, json.dumps(content))


@given(st.data())
def test_npz_with_arrays_replaced(data: st.DataObject) -> None:
    with np.load(io.BytesIO(npz.to_bytes(data.draw(full_networks("text"))))) as found:
        arrays = dict(found)
    name = data.draw(st.sampled_from(sorted(arrays)))
    old = arrays[name]
    if old.dtype.kind in "if" and old.size and data.draw(st.booleans()):
        arrays[name] = old.copy()
        value = data.draw(st.sampled_from([-1, -2, -(2**31), 0, 1, 2**31 - 1]))
        arrays[name][data.draw(st.integers(0, old.size - 1))] = value
    else:
        kinds = ["<i4", "<f8", ">f8", "<U3", "|b1", "<c16", "<i8", "|V5"]
        shape = data.draw(st.sampled_from([(), (0,), (3,), (2, 2)]))
        arrays[name] = np.zeros(shape, dtype=data.draw(st.sampled_from(kinds)))
    target = io.BytesIO()
    np.savez(target, **arrays)
    assert_survives(npz.from_bytes, target.getvalue())


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.floats()), max_size=8)
)
@example([("a", "b", 1.0), ("b", "a", 1.0)])
def test_any_graph_as_an_edge_list(edges: list[tuple[str, str, float]]) -> None:
    text = "\n".join(f"{u} {v} {w}" for u, v, w in edges)
    assert_survives(edge_list.from_text, text)


# ---- attacks by name -------------------------------------------------------------------------

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;">]>
<graphml><graph edgedefault="directed"><node id="&lol1;"/></graph></graphml>"""
OUTSIDE = """<!DOCTYPE g [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<graphml><graph edgedefault="directed"><node id="&file;"/></graph></graphml>"""


@pytest.mark.parametrize("text", [LAUGHS, OUTSIDE, "<!DOCTYPE graphml><graphml/>"])
def test_xml_with_a_document_type_is_refused_before_anything_is_built(text: str) -> None:
    with pytest.raises(FormatError, match=r"line \d: it has a document type"):
        graphml.from_text(text)


def test_xml_that_nests_deeply() -> None:
    with pytest.raises(FormatError, match="nest too deeply"):
        graphml.from_text("<a>" * 100_000 + "</a>" * 100_000)


@pytest.mark.parametrize("name", ["json", "node-link"])
def test_json_that_nests_deeply(name: str) -> None:
    with pytest.raises(FormatError, match="too deeply"):
        WAYS[name][1]("[" * 100_000 + "]" * 100_000)


DEEP = gn.Network([1, 1], activation="tanh")
DEEP.add_edge((0, 1), (1, 1), 0.25, shared="NAME")
DEEP.set_label((1, 1), "LABEL")
DEEP.preprocessing = gn.Preprocessing(features=("FEATURE",))


@pytest.mark.parametrize("way", ["json", "node-link", "edges"])
@pytest.mark.parametrize("part", ['"LABEL"', '"NAME"', '"FEATURE"', '"tanh"', "0.25", "[0, 1]"])
@pytest.mark.parametrize("opening", ["[", '{"a":', "[1,"])
def test_values_that_nest_deeply_anywhere(way: str, part: str, opening: str) -> None:
    write, read = WAYS[way]
    whole = write(DEEP)
    closing = "}" if opening[0] == "{" else "]"
    for depth in (2, 20, 300, 450, 600, 900, 990, 5000):
        assert_survives(read, whole.replace(part, opening * depth + "0" + closing * depth))


def test_defaults_of_graphml_are_taken() -> None:
    text = graphml.to_text(gn.Network.dense([1, 1], seed=0))
    key = '<key id="f" for="edge" attr.name="trainable" attr.type="boolean">'
    key += "<default>false</default></key>"
    net = graphml.from_text(text.replace("<graph ", f"{key}<graph ", 1))
    assert [edge["trainable"] for _, _, edge in net.edges(data=True)] == [False, False]


def test_a_key_of_graphml_without_a_type_is_named() -> None:
    text = graphml.to_text(gn.Network.dense([1, 1], seed=0)).replace(' attr.type="double"', "")
    with pytest.raises(FormatError, match=r"line \d+: the key 'd\d' has no attr.type"):
        graphml.from_text(text)


CELLS = st.one_of(st.none(), st.integers(-3, 3), st.floats(), st.text(max_size=3), st.booleans())


@given(st.data())
def test_tables_of_pandas_with_cells_replaced(data: st.DataObject) -> None:
    tables = [one.astype(object) for one in to_pandas(data.draw(full_networks("text")))]
    for _ in range(data.draw(st.integers(1, 3))):
        table = data.draw(st.sampled_from([one for one in tables if one.size]))
        row = data.draw(st.integers(0, len(table) - 1))
        column = data.draw(st.integers(0, table.shape[1] - 1))
        table.iloc[row, column] = data.draw(st.one_of(CELLS, st.tuples(CELLS, CELLS)))
    assert_survives(lambda pair: from_pandas(*pair), tables)


def test_a_graph_of_other_names_needs_no_entities() -> None:
    text = (
        '<graphml><graph edgedefault="directed"><node id="a&amp;b"/><node id="c"/>'
        '<edge source="a&amp;b" target="c"/></graph></graphml>'
    )
    assert graphml.from_text(text).labels["a&b"] == (0, 1)


def peak(act: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return target.getvalue()


def members() -> dict[str, bytes]:
    data = npz.to_bytes(gn.Network.dense([2, 3, 1], seed=0))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n.removesuffix(".npy"): archive.read(n) for n in archive.namelist()}


def refusal(data: bytes, **choices: Any) -> str:
    with pytest.raises(FormatError) as found:
        npz.from_bytes(data, **choices)
    return str(found.value)


class TestBombs:
    def test_a_member_that_is_large_when_unpacked(self) -> None:
        bomb = zipped(members() | {"weights": bytes(60_000_000)})
        assert len(bomb) < 100_000
        used = peak(lambda: refusal(bomb, max_bytes=1_000_000))
        assert used < 5_000_000
        assert "unpacked it has 60" in refusal(bomb, max_bytes=1_000_000)

    def test_a_member_that_says_less_than_comes_out(self) -> None:
        bomb = bytearray(zipped(members() | {"weights": bytes(60_000_000)}))
        size = (60_000_000).to_bytes(4, "little")
        while (at := bomb.find(size)) >= 0:
            bomb[at : at + 4] = (1000).to_bytes(4, "little")
        used = peak(lambda: refusal(bytes(bomb), max_bytes=1_000_000))
        assert used < 5_000_000

    def test_an_array_that_says_it_is_huge(self) -> None:
        one = members()
        one["weights"] = (
            one["weights"]
            .replace(b"(13,)", b"(10**12,)"[:5] + b"")
            .replace(b"'shape': (13,)", b"'shape': (9999999999999,)")
        )
        assert peak(lambda: refusal(zipped(one))) < 5_000_000

    def test_pickled_objects_are_never_loaded(self, tmp_path: Any) -> None:
        class Harmful:
            def __reduce__(self) -> tuple[Any, ...]:
                return (open, (str(tmp_path / "harm"), "w"))

        target = io.BytesIO()
        np.save(target, np.array([Harmful()], dtype=object), allow_pickle=True)
        assert "weights is of type" in refusal(zipped(members() | {"weights": target.getvalue()}))
        assert not (tmp_path / "harm").exists()

    def test_one_long_label_takes_room_once(self) -> None:
        net = gn.Network([2000, 1])
        net.set_label((0, 7), "x" * 200_000)
        assert peak(lambda: npz.to_bytes(net)) < 20_000_000
        assert npz.from_bytes(npz.to_bytes(net)).labels == net.labels

    def test_other_members_and_missing_ones(self) -> None:
        assert "found the arrays" in refusal(zipped(members() | {"extra": b""}))
        assert "found the arrays" in refusal(zipped({"weights": b""}))

    def test_many_relays_from_a_small_file(self) -> None:
        n = 6000
        lines = [f"{k} {k + 1} 1" for k in range(n)] + [f"{k} {n} 1" for k in range(n - 1)]
        with pytest.raises(FormatError, match="with relays the network would have"):
            edge_list.from_text("\n".join(lines))
