"""Files by their endings: what is read, what is only written, and what a file is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import graphnn as gn
from graphnn.errors import FormatError
from graphnn.formats.files import FORMATS, READ, WRITTEN, kind, read, write


@pytest.mark.parametrize(("ending", "module"), [(".c", "c"), (".py", "python")])
def test_source_code_is_written_and_not_read(
    ending: str, module: str, tmp_path: Path, mazur: gn.Network
) -> None:
    functions = pytest.importorskip(f"graphnn.formats.{module}")
    path = write(mazur, tmp_path / f"net{ending}")
    assert path.read_text(encoding="utf-8") == getattr(functions, f"to_{module}")(mazur)
    with pytest.raises(FormatError, match=r"net\.\w+ has an ending that is not read"):
        read(path)


def test_onnx_both_ways(tmp_path: Path, mazur: gn.Network) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("graphnn.formats.onnx")
    X = np.random.default_rng(0).normal(size=(5, 2))
    back = read(write(mazur, tmp_path / "net.onnx"))
    np.testing.assert_allclose(gn.predict(back, X), gn.predict(mazur, X), rtol=1e-12)
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(FormatError, match=r"bad\.onnx"):
        read(tmp_path / "bad.onnx")
    with pytest.raises(FormatError, match="more than 10 bytes"):
        read(tmp_path / "net.onnx", max_bytes=10)


def test_every_ending_that_is_offered_has_its_functions() -> None:
    assert set(READ) <= set(WRITTEN) <= set(FORMATS)
    for ending in WRITTEN:
        one = FORMATS[ending]
        module = import_module(f"graphnn.formats.{one.module}")
        assert callable(getattr(module, one.writer))
        assert one.reader is None or callable(getattr(module, one.reader))


def test_the_longer_ending_wins_in_any_case(tmp_path: Path, mazur: gn.Network) -> None:
    path = write(mazur, tmp_path / "NET.NodeLink.JSON")
    assert '"directed": true' in path.read_text(encoding="utf-8")
    assert read(path) == mazur
    assert kind(path) == "node-link JSON, version 3"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.edges", b"x y 0.5\n", "a weighted edge list of another program"),
        ("a.edges", b"# graphnn-network 3\n", "a weighted edge list, version 3"),
        ("a.json", b'{"format": "graphnn-network", "version": 2}', "graphnn's JSON, version 2"),
    ],
)
def test_a_file_is_called_by_format_and_version(
    name: str, content: bytes, expected: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind(tmp_path / name) == expected


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    for ending in WRITTEN:
        with pytest.raises(gn.GraphnnError, match="found a str, expected a graphnn Network"):
            write("net", tmp_path / f"net{ending}")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, mazur: gn.Network) -> None:
    for ending in (".nodelink.json", ".graphml", ".edges", ".npz"):
        path = write(mazur, tmp_path / f"net{ending}")
        before = path.read_bytes()
        broken = mazur.copy()
        broken.graph.edges[(0, 1), (1, 1)]["weight"] = float("nan")
        with pytest.raises(gn.CompileError, match=r"\(0, 1\) -> \(1, 1\)"):
            write(broken, path)
        assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 4
