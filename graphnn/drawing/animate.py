"""`animate`: propagation along the edges, and weights through training, as a moving SVG."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from graphnn.checks import check_inputs
from graphnn.drawing.colours import Theme, theme_named
from graphnn.drawing.film import Film, State
from graphnn.drawing.portrait import Look, picture_of
from graphnn.drawing.scene import scene_of
from graphnn.engines.node import backward, forward
from graphnn.engines.trace import Trace
from graphnn.errors import DataError
from graphnn.files import require_writable, write_atomically
from graphnn.graph.network import Network, require_network
from graphnn.program.lower import compile
from graphnn.program.program import Program
from graphnn.ranges import is_whole, whole
from graphnn.types import Edge, Neuron

__all__ = ["Animation", "animate"]


@dataclass(frozen=True)
class Animation:
    """A moving picture; a notebook shows it.

    Attributes:
        svg: The SVG text.
        seconds: How long it runs before it begins again.
        path: Where it was written, or None.
    """

    svg: str = field(repr=False)
    seconds: float
    path: Path | None = None

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}


def animate(
    network: Network,
    X: ArrayLike,
    y: ArrayLike | None = None,
    path: str | os.PathLike[str] | None = None,
    *,
    sample: int = 0,
    epochs: int = 0,
    frames: int = 10,
    loss: Any = "squared",
    show: str | Iterable[Neuron] | None = None,
    down: bool = False,
    theme: str | Theme = "light",
    **training: Any,
) -> Animation:
    """Show one sample's forward and backward wave, then the weights through training.

    Layer by layer the values appear, then from the last layer back the sensitivities, while the
    edges along which they come light up. With `epochs` a copy of the network is trained, and
    colours, widths and weights follow. It is one SVG file that moves by itself in any browser, and
    begins again at its end; the network stays as it is.

    Args:
        network: The network.
        X: Inputs, shape (m, d^(0)).
        y: Their targets, as for `train`; without them there is only the forward wave.
        path: A file ending in .svg, or None for no file.
        sample: The row whose propagation is shown.
        epochs: How long the copy is trained.
        frames: How many states of its weights are shown, besides the first.
        loss: A loss or its name.
        show: Which neurons are shown, as for `draw`.
        down: Whether the network runs down.
        theme: "light", "dark", or your own colours.
        training: Further arguments of `train`.

    Returns:
        The animation, which a notebook shows.

    Raises:
        DataError: If X or y do not fit, or there is no such sample, or nothing to train towards.
        NetworkError: If it is no network.
        ValueError: If the path's ending is another, or an option is unknown.
        OSError: If the file cannot be written.

    Example:
        >>> net = Network.dense([2, 2, 1], activation="tanh", seed=0)
        >>> film = animate(net, [[1.0, -1.0]], [1.0], epochs=5, frames=2)
        >>> film.seconds
        8.0
    """
    require_network(network)
    if path is not None and Path(path).suffix.lower() != ".svg":
        raise ValueError(f"{path} has another ending than .svg, the only format that moves")
    if path is not None:
        require_writable(Path(path))  # before the copy is trained, which may take long
    trace = _trace(network, X, y, sample, loss)
    if epochs and y is None:
        raise DataError("y is missing, expected targets to train towards")
    colours = theme_named(theme)
    picture = picture_of(network, Look(show=show, down=down, legend=False))
    lines = [""] * (2 if trace.delta else 1)  # Room for v and delta, which come later.
    texts = {n: [*text, *(lines if n[1] else [])] for n, text in picture.texts.items()}
    scene = scene_of(replace(picture, texts=texts), colours)
    states = _trained(network, X, y, epochs, frames, loss, training) if epochs else []
    film = Film(scene, trace, network.depth, states)
    svg = film.svg()
    if path is not None:
        write_atomically(path, svg.encode())
    return Animation(svg, film.seconds, None if path is None else Path(path))


def _trace(network: Network, X: ArrayLike, y: ArrayLike | None, sample: int, loss: Any) -> Trace:
    inputs = check_inputs(X, network.layers[0])
    if not is_whole(sample) or not 0 <= sample < len(inputs):
        raise DataError(f"sample is {sample!r}, expected a row of X, 0..{len(inputs) - 1}")
    if y is None:
        return forward(network, inputs[sample].tolist())
    targets = np.asarray(y)
    if targets.ndim == 0 or len(targets) != len(inputs):
        raise DataError(f"y has shape {targets.shape}, and X has {len(inputs)} rows")
    return backward(network, inputs[sample].tolist(), targets[sample], loss)


def _trained(
    network: Network,
    X: ArrayLike,
    y: ArrayLike | None,
    epochs: int,
    frames: int,
    loss: Any,
    options: Mapping[str, Any],
) -> list[State]:
    """Return the states of a copy's training that are shown, the first one before it."""
    from graphnn.learning.loop import train

    steps = whole("frames", frames) + 1
    chosen = set(np.linspace(0, whole("epochs", epochs), steps).round().astype(int).tolist())
    program = compile(network)
    states: list[State] = []

    def record(moment: Any) -> None:
        if moment.epoch in chosen:
            states.append(State(moment.epoch, moment.loss, _weights(program, moment.theta)))

    others = options.get("callbacks", ())
    callbacks = [record, *(others if isinstance(others, Sequence) else [others])]
    options = dict(options) | {"callbacks": callbacks}
    train(network.copy(), X, y, loss, epochs=epochs, **options)
    return states


def _weights(program: Program, theta: Any) -> dict[Edge, float]:
    found: dict[Edge, float] = {}
    for t, layer in enumerate(program.layers, start=1):
        below = [(t - 1, 0), *program.neurons[t - 1]]
        for i, j, k in zip(layer.sources, layer.targets, layer.parameters, strict=True):
            found[below[i], program.neurons[t][j]] = float(theta[k])
    return found
