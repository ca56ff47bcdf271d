"""`draw`: a network as a picture, its weights on the edges."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graphnn.drawing.colours import Theme, theme_named
from graphnn.drawing.dot import to_dot as dot_of
from graphnn.drawing.picture import Picture
from graphnn.drawing.portrait import Look, picture_of
from graphnn.drawing.scene import Scene, scene_of
from graphnn.engines.trace import Trace
from graphnn.files import write_atomically
from graphnn.functions.choice import unknown_name
from graphnn.graph.network import Network
from graphnn.types import Edge, Neuron

__all__ = ["Drawing", "draw", "to_dot"]

MANY_EDGES = 20_000
BYTES_AN_EDGE = 300
"""About so much SVG an edge takes."""


@dataclass(frozen=True)
class Drawing:
    """A drawn network; a notebook shows it.

    Attributes:
        picture: What it shows.
        theme: Its colours.
        path: Where it was written, or None.
        renderer: What is asked first to draw it, or None.
    """

    picture: Picture
    theme: Theme
    path: Path | None = None
    renderer: str | None = None

    @cached_property
    def scene(self) -> Scene:
        """Everything at its place."""
        return scene_of(self.picture, self.theme)

    @property
    def source(self) -> str:
        """The DOT text."""
        return dot_of(self.scene)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return self.bytes("svg").decode()

    def bytes(self, format: str) -> bytes:
        """Return the picture in a format: "svg", "png", "pdf" or "dot".

        Raises:
            RenderError: If no program for the format is installed.
        """
        from graphnn.drawing.render import render

        return render(self.scene, format, self.renderer)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the picture in a notebook."""
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        neurons, edges = len(self.picture.texts), len(self.picture.edges)
        where = f", path={str(self.path)!r}" if self.path else ""
        return f"Drawing({neurons} neurons, {edges} edges{where})"


def draw(
    network: Network,
    path: str | os.PathLike[str] | None = None,
    *,
    trace: Trace | None = None,
    neurons: Mapping[str, Mapping[Neuron, Any]] | None = None,
    edges: Mapping[str, Mapping[Edge, Any]] | None = None,
    highlight: Iterable[Any] | None = None,
    formula: Neuron | None = None,
    show: str | Iterable[Neuron] | None = None,
    down: bool = False,
    theme: str | Theme = "light",
    legend: bool | None = None,
    renderer: str | None = None,
) -> Drawing:
    """Draw a network: straight columns, constant neurons on top, weights on the edges.

    Blue edges have positive weights, red ones negative; the wider, the larger. Weights are written
    on the edges where there is room (up to 8 neurons on the smaller side), behind them the names by
    which edges share them; edges that are not trained are dashed, relays are dots, and neurons are
    called by their labels. Pointing at an edge or neuron in the SVG shows its numbers. Of a layer
    of more than 12 neurons the first 6 and the last 3 are shown.

    Args:
        network: The network.
        path: A file ending in .svg, .png, .pdf or .dot, or None for no file.
        trace: Values to write into the neurons, from `forward` or `backward`.
        neurons: Numbers for neurons under their names, as `{"delta": trace.delta}`: all are written
            into them, and the first gives their colour.
        edges: Likewise numbers for edges in place of the weights, as
            `{"gradient": trace.gradient}`: all are written on them, and the first gives colour and
            width.
        highlight: A path to bring out, one of `analysis.paths` or its neurons, or several edges.
        formula: A neuron whose formulas, with the trace's numbers, are written below.
        show: Which neurons are shown: "all", or some; `gn.select` has functions that choose.
        down: Whether the network runs down and not to the right.
        theme: "light", "dark", or your own colours.
        legend: Whether colours and widths are explained; default where weights are not written or
            other numbers are shown.
        renderer: What is to draw it: "dot" (the system's Graphviz), "wasm" (Graphviz in a sandbox),
            "pure" (SVG and PNG), "own" (SVG) or "matplotlib" (PNG and PDF); default the first
            that is installed.

    Returns:
        The drawing, which a notebook shows.

    Raises:
        DataError: If the trace is of other neurons, or a number is not finite or at no neuron or
            edge of the network; the place is named.
        NetworkError: If it is no network, or (CompileError) broken through networkx.
        RenderError: If no program for the format is installed.
        ValueError: If the path's ending, the theme or the renderer is unknown.
        OSError: If the file cannot be written.

    Example:
        >>> drawing = draw(Network.dense([2, 1]))
        >>> "x₁" in drawing.source
        True
    """
    from graphnn.drawing.render import FORMATS

    ending = Path(path).suffix[1:].lower() if path is not None else "svg"
    if ending not in FORMATS:
        found = Path(path or "").suffix or Path(path or "").name
        raise unknown_name("picture format", found, [f".{name}" for name in FORMATS])
    colours = theme_named(theme)
    look = Look(trace, neurons, edges, highlight, formula, show, down, legend)
    picture = picture_of(network, look)
    if len(picture.edges) > MANY_EDGES:
        size = len(picture.edges) * BYTES_AN_EDGE / 1e6
        warnings.warn(
            f"the picture has {len(picture.edges):,} edges, about {size:.0f} MB of SVG: show= "
            "chooses neurons",
            stacklevel=2,
        )
    drawing = Drawing(picture, colours, None if path is None else Path(path), renderer)
    if path is not None:
        write_atomically(path, drawing.bytes(ending))
    return drawing


def to_dot(network: Network, **options: Any) -> str:
    """Return a network as DOT text for Graphviz's `neato`, every neuron pinned to its place.

    Args:
        network: The network.
        options: As for `draw`.

    Raises:
        DataError, NetworkError, ValueError: As `draw` raises them.

    Example:
        >>> to_dot(Network.dense([2, 1])).splitlines()[0]
        'digraph network {'
    """
    return draw(network, **options).source
