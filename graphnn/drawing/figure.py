"""A scene drawn by Matplotlib: for PNG and PDF where no Graphviz writes them."""

from __future__ import annotations

import io
from typing import Any

from graphnn.drawing.scene import Disc, Letters, Line, Mark, Scene

__all__ = ["to_figure"]

FAMILIES = {False: "DejaVu Sans", True: "DejaVu Sans Mono"}
NARROWER = 0.88
"""Matplotlib's own font, which is always there, is that much wider than Helvetica."""


def to_figure(scene: Scene, format: str, dpi: int) -> bytes:
    """Return a scene as "png" or "pdf", drawn by Matplotlib without its global state.

    Args:
        scene: What is drawn.
        format: The format.
        dpi: Dots per inch of a bitmap.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    left, low, right, high = scene.box
    figure: Any = Figure(figsize=((right - left) / 72, (high - low) / 72), dpi=dpi)
    FigureCanvasAgg(figure)
    figure.set_facecolor(scene.theme.background)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.axis("off")
    for line in scene.lines:
        _add_line(axes, line)
    for disc in scene.discs:
        _add_disc(axes, disc)
    for mark in scene.marks:
        _add_mark(axes, mark)
    for one in scene.letters:
        _add_letters(axes, one, scene.theme.background)
    target = io.BytesIO()
    metadata = {"CreationDate": None} if format == "pdf" else {"Software": None}
    figure.savefig(target, format=format, metadata=metadata, facecolor=scene.theme.background)
    return target.getvalue()


def _add_line(axes: Any, line: Line) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.55,head_width=0.2" if line.arrow else "-",
        "linewidth": line.width,
        "linestyle": (0, (5, 2)) if line.dashed else "solid",
        "color": line.colour,
        "alpha": line.opacity,
        "shrinkA": 0,
        "shrinkB": 0,
        "mutation_scale": 10,
    }
    axes.annotate("", xy=line.end, xytext=line.start, arrowprops=style)


def _add_disc(axes: Any, disc: Disc) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(
        Circle(
            disc.at, disc.diameter / 2, facecolor=disc.fill, edgecolor=disc.line,
            linewidth=disc.thickness, linestyle=(0, (5, 2)) if disc.dashed else "solid", zorder=3,
        )
    )  # fmt: skip
    x, y = disc.at
    for k, text in enumerate(disc.texts):
        middle = y + 7.2 * (len(disc.texts) - 1) - 14.4 * k
        _add_letters(axes, Letters(text, (x, middle), 12.0, disc.ink), None)


def _add_mark(axes: Any, mark: Mark) -> None:
    from matplotlib.patches import Ellipse, Rectangle

    (x, y), w, h = mark.at, mark.width, mark.height
    shape: Any = Ellipse(mark.at, w, h) if mark.round else Rectangle((x - w / 2, y - h / 2), w, h)
    shape.set(facecolor=mark.fill, edgecolor="none", zorder=3)
    axes.add_patch(shape)


def _add_letters(axes: Any, one: Letters, background: str | None) -> None:
    sides = {"start": "left", "middle": "center", "end": "right"}
    box = {"facecolor": background, "edgecolor": "none", "pad": 1.0} if one.edge else None
    # "$" begins mathematics in Matplotlib, and a label may hold one.
    axes.text(
        *one.at, one.text.replace("$", r"\$"), fontsize=one.size * NARROWER, color=one.colour,
        ha=sides[one.anchor], va="center", bbox=box, zorder=4, family=FAMILIES[one.mono],
    )  # fmt: skip
