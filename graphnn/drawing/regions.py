"""What a network says of the plane, and the lines at which its first neurons change sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.drawing.plots import BLUE, ORANGE, axes_of, figure_of, pyplot
from graphnn.errors import DataError
from graphnn.graph.network import Network
from graphnn.program.lower import compile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["decision_regions", "hidden_lines"]

MARGIN = 0.15
"""By that share of the data's width the plane goes on around them."""


def decision_regions(
    predict: Callable[[Any], Any],
    X: ArrayLike,
    y: ArrayLike,
    ax: Axes | None = None,
    resolution: int = 200,
    lines: ArrayLike | None = None,
) -> Figure:
    """Draw what is predicted all over the plane, and samples in it.

    Args:
        predict: Returns a label, or a number, for each row of an array of shape (n, 2).
        X: Samples, shape (m, 2).
        y: Their labels, or numbers, shape (m,).
        ax: Where to draw; default a new figure.
        resolution: How many places a side are asked for.
        lines: Lines to draw, shape (k, 3): where a + b x_1 + c x_2 is 0. `hidden_lines` returns
            those at which a network's first neurons change sides.

    Raises:
        DataError: If the samples are not in the plane, or the labels or lines do not fit.

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
    axes = axes_of(ax)
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
        figure_of(axes).colorbar(filled, ax=axes, label="output")
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
    if lines is not None:
        _add_lines(axes, np.asarray(lines, dtype=np.float64), (sides[0], sides[1]))
    axes.set_xlabel("x_1")
    axes.set_ylabel("x_2")
    return figure_of(axes)


def hidden_lines(network: Network) -> NDArray[Any]:
    """Return for each neuron of layer 1 the line in the plane of raw inputs where its a is 0.

    Args:
        network: A network of two inputs; scaling that is stored with it is taken into account.

    Returns:
        Shape (d^(1), 3): a, b and c of a + b x_1 + c x_2 = 0.

    Raises:
        DataError: If it has not two inputs.

    Example:
        >>> net = Network.from_matrices([[[1.0], [2.0], [-3.0]]], activation="tanh")
        >>> hidden_lines(net).tolist()
        [[1.0, 2.0, -3.0]]
    """
    if network.layers[0] != 2:
        raise DataError(f"the network has {network.layers[0]} inputs, and two span a plane")
    matrix = np.asarray(compile(network).matrices()[0], dtype=np.float64)
    scaling = network.preprocessing and network.preprocessing.inputs
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    # Scaling is affine: three points say all of it.
    seen = corners if scaling is None else np.asarray(scaling.transform(corners))
    a = np.hstack([np.ones((3, 1)), seen]) @ matrix
    return np.stack([a[0], a[1] - a[0], a[2] - a[0]], axis=1)


def _add_lines(axes: Any, lines: NDArray[Any], sides: tuple[Any, Any]) -> None:
    if lines.ndim != 2 or lines.shape[1] != 3:
        raise DataError(f"lines has shape {lines.shape}, expected (k, 3)")
    ends = [(float(side[0]), float(side[-1])) for side in sides]
    for a, b, c in lines.tolist():
        if b or c:
            size = b * b + c * c
            axes.axline((-a * b / size, -a * c / size), (-a * b / size - c, -a * c / size + b),
                        color="black", linestyle="--", linewidth=1)  # fmt: skip
    axes.set_xlim(*ends[0])
    axes.set_ylim(*ends[1])


def _colours(count: int) -> list[Any]:
    if count <= 2:
        return [BLUE, ORANGE][:count]
    colours = pyplot().get_cmap("tab10" if count <= 10 else "viridis", count)
    return [colours(k) for k in range(count)]
