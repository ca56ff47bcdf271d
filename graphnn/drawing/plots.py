"""Plots by Matplotlib: learning curves, where restarts ended, what a network says of the plane.

They take plain numbers and functions; the figure is returned, and drawn into `ax` if one is given.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from graphnn.errors import DataError, RenderError
from graphnn.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["decision_regions", "figure_svg", "histogram_of_minima", "learning_curve", "save_svg"]

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#999999"
"""Colours that are told apart by all (Okabe and Ito, 2008)."""

MARGIN = 0.15
"""By that share of the data's width the plane goes on around them."""


def learning_curve(
    epochs: Sequence[int],
    losses: Sequence[float],
    held: Sequence[float] = (),
    kept: int = -1,
    ax: Axes | None = None,
) -> Figure:
    """Draw the training error by epochs, and that of held-out data.

    Args:
        epochs: The epochs.
        losses: The training error of each.
        held: The error of held-out data, of each or none.
        kept: Which epoch's weights were kept, if not the last one's.
        ax: Where to draw; default a new figure.
    """
    axes = _axes(ax)
    axes.plot(epochs, losses, color=BLUE, label="training error")
    if held:
        axes.plot(epochs, held, color=ORANGE, label="error of held-out data")
        if 0 <= kept < len(epochs) - 1:
            axes.axvline(kept, color=GREY, linestyle=":", label=f"weights kept, epoch {kept}")
        axes.legend(frameon=False)
    if min([*losses, *held]) > 0 and max(losses) > 20 * min(losses):
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    return _figure(axes)


def histogram_of_minima(losses: Sequence[float], ax: Axes | None = None, bins: int = 30) -> Figure:
    """Draw how often runs ended with which loss.

    Args:
        losses: The final loss of each run.
        ax: Where to draw; default a new figure.
        bins: How many bars.
    """
    axes = _axes(ax)
    axes.hist(losses, bins=bins, color=BLUE)
    axes.axvline(min(losses), color=ORANGE, linestyle=":", label=f"best, {min(losses):.3g}")
    axes.set_xlabel("final loss")
    axes.set_ylabel("runs")
    axes.legend(frameon=False)
    return _figure(axes)


def decision_regions(
    predict: Callable[[Any], Any],
    X: ArrayLike,
    y: ArrayLike,
    ax: Axes | None = None,
    resolution: int = 200,
) -> Figure:
    """Draw what is predicted all over the plane, and samples in it.

    Args:
        predict: Returns a label, or a number, for each row of an array of shape (n, 2).
        X: Samples, shape (m, 2).
        y: Their labels, or numbers, shape (m,).
        ax: Where to draw; default a new figure.
        resolution: How many places a side are asked for.

    Raises:
        DataError: If the samples are not in the plane, or the labels do not fit.

    Example:
        >>> import numpy as np
        >>> X = np.array([[0.0, 0.0], [1.0, 1.0]])
        >>> figure = decision_regions(lambda X: X[:, 0] > 0.5, X, [False, True], resolution=20)
        >>> figure.axes[0].get_xlabel()
        'x_1'
    """
    points, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise DataError(f"X has shape {points.shape}, expected (m, 2): two inputs span a plane")
    if labels.shape != (len(points),):
        raise DataError(f"y has shape {labels.shape}, expected ({len(points)},)")
    axes = _axes(ax)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * np.where(high > low, high - low, 1.0)
    sides = [
        np.linspace(a, b, resolution) for a, b in zip(low - margin, high + margin, strict=True)
    ]
    plane = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    found = np.asarray(predict(plane)).reshape(-1)
    classes, numbers = np.unique(np.concatenate([found, labels]), return_inverse=True)
    shape = (resolution, resolution)
    if labels.dtype.kind == "f" and len(np.unique(labels)) > 20:
        filled = axes.contourf(*sides, found.reshape(shape), levels=20, cmap="RdBu_r")
        axes.scatter(*points.T, c=labels, cmap="RdBu_r", edgecolors="black", norm=filled.norm)
        _figure(axes).colorbar(filled, ax=axes, label="output")
    else:
        colours = _colours(len(classes))
        regions = numbers[: len(found)].reshape(shape)
        levels = np.arange(len(classes) + 1) - 0.5
        axes.contourf(*sides, regions, levels=levels, colors=colours, alpha=0.35)
        for number, name in enumerate(classes.tolist()):
            some = points[labels == name]
            label = str(name)
            axes.scatter(*some.T, color=colours[number], edgecolors="black", label=label, s=25)
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    axes.set_xlabel("x_1")
    axes.set_ylabel("x_2")
    return _figure(axes)


def save_svg(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as SVG, the same bytes each time, and let go of it."""
    write_atomically(path, figure_svg(figure).encode())


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG, the same text each time, and let go of it."""
    matplotlib: Any = import_module("matplotlib")
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "graphnn", "svg.fonttype": "none"}):
        figure.savefig(content, format="svg", metadata={"Date": None})
    _pyplot().close(figure)
    return content.getvalue().decode()


def _colours(count: int) -> list[Any]:
    if count <= 2:
        return [BLUE, ORANGE][:count]
    colours = _pyplot().get_cmap("tab10" if count <= 10 else "viridis", count)
    return [colours(k) for k in range(count)]


def _axes(ax: Axes | None) -> Any:
    return _pyplot().subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax


def _figure(axes: Any) -> Figure:
    figure: Figure = axes.get_figure()
    return figure


def _pyplot() -> Any:
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise RenderError("plots need Matplotlib: python -m pip install 'graphnn[plot]'") from error
