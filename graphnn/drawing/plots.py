"""Plots by Matplotlib: learning curves, where restarts ended, what a network says of the plane.

The figure is returned, and drawn into `ax` if one is given.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import check_inputs
from graphnn.errors import DataError, RenderError
from graphnn.files import write_atomically
from graphnn.graph.network import Network, require_network
from graphnn.program.lower import compile
from graphnn.ranges import is_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "ORANGE",
    "activation_histogram",
    "axes_of",
    "figure_of",
    "figure_svg",
    "histogram_of_minima",
    "learning_curve",
    "pyplot",
    "save_svg",
    "weight_matrix",
]

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#999999"
"""Colours that are told apart by all (Okabe and Ito, 2008)."""

MOST_TICKS = 25


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
    axes = axes_of(ax)
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
    return figure_of(axes)


def histogram_of_minima(losses: Sequence[float], ax: Axes | None = None, bins: int = 30) -> Figure:
    """Draw how often runs ended with which loss.

    Args:
        losses: The final loss of each run.
        ax: Where to draw; default a new figure.
        bins: How many bars.
    """
    axes = axes_of(ax)
    axes.hist(losses, bins=bins, color=BLUE)
    axes.axvline(min(losses), color=ORANGE, linestyle=":", label=f"best, {min(losses):.3g}")
    axes.set_xlabel("final loss")
    axes.set_ylabel("runs")
    axes.legend(frameon=False)
    return figure_of(axes)


def weight_matrix(network: Network, layer: int = 1, ax: Axes | None = None) -> Figure:
    """Draw w^(t), a square for each edge, blue above zero and red below.

    Args:
        network: The network; it is only read.
        layer: The layer t, 1..T, that the edges lead into.
        ax: Where to draw; default a new figure.

    Raises:
        DataError: If there is no such layer.
        RenderError: If Matplotlib is not installed.
    """
    require_network(network)
    _require_layer(network, layer)
    program = compile(network)
    one = program.layers[layer - 1]
    edges = np.zeros((one.rows, one.columns), dtype=bool)
    edges[one.sources, one.targets] = True
    matrix = np.ma.masked_array(program.matrices()[layer - 1], mask=~edges)
    largest = float(np.abs(program.matrices()[layer - 1]).max(initial=0.0)) or 1.0
    axes = axes_of(ax)
    image = axes.imshow(matrix, cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto")
    figure_of(axes).colorbar(image, ax=axes, label="weight")
    below = ["1", *(str(j) for _, j in program.neurons[layer - 1])]
    above = [str(j) for _, j in program.neurons[layer]]
    if len(below) <= MOST_TICKS:
        axes.set_yticks(range(len(below)), below)
    if len(above) <= MOST_TICKS:
        axes.set_xticks(range(len(above)), above)
    axes.set_xlabel(f"neuron of layer {layer}")
    axes.set_ylabel(f"neuron of layer {layer - 1}, the constant one on top")
    return figure_of(axes)


def activation_histogram(
    network: Network, X: ArrayLike, layer: int = 1, ax: Axes | None = None, bins: int = 30
) -> Figure:
    """Draw how often the neurons of a layer have which values on data.

    Args:
        network: The network; it is only read.
        X: Inputs as the network takes them, shape (m, d^(0)).
        layer: The layer t, 0..T.
        ax: Where to draw; default a new figure.
        bins: How many bars.

    Raises:
        DataError: If X does not fit, or there is no such layer.
        RenderError: If Matplotlib is not installed.
    """
    require_network(network)
    _require_layer(network, layer, least=0)
    inputs = check_inputs(X, network.layers[0])
    values = compile(network).forward(inputs)[1][layer]
    axes = axes_of(ax)
    axes.hist(np.asarray(values).reshape(-1), bins=bins, color=BLUE)
    axes.set_xlabel(f"v of the {values.shape[1]} neurons of layer {layer}")
    axes.set_ylabel("how often")
    return figure_of(axes)


def _require_layer(network: Network, layer: int, least: int = 1) -> None:
    if not is_whole(layer) or not least <= layer <= network.depth:
        raise DataError(f"layer is {layer!r}, expected {least}..{network.depth}")


def save_svg(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as SVG, the same bytes each time, and let go of it."""
    write_atomically(path, figure_svg(figure).encode())


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG, the same text each time, and let go of it."""
    matplotlib: Any = import_module("matplotlib")
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "graphnn", "svg.fonttype": "none"}):
        figure.savefig(content, format="svg", metadata={"Date": None})
    pyplot().close(figure)
    return content.getvalue().decode()


def axes_of(ax: Axes | None) -> Any:
    """Return the axes that are given, or new ones."""
    return pyplot().subplots(figsize=(6, 4), layout="constrained")[1] if ax is None else ax


def figure_of(axes: Any) -> Figure:
    """Return the figure that axes are in."""
    figure: Figure = axes.get_figure()
    return figure


def pyplot() -> Any:
    """Return Matplotlib's pyplot.

    Raises:
        RenderError: If it is not installed.
    """
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise RenderError("plots need Matplotlib: python -m pip install 'graphnn[plot]'") from error
