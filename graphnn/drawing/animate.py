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
from graphnn.drawing.clock import Clock
from graphnn.drawing.colours import Theme, theme_named
from graphnn.drawing.portrait import Look, picture_of
from graphnn.drawing.scene import THICK, THIN, Disc, Scene, scene_of
from graphnn.drawing.svg import LINE, text_element, to_svg
from graphnn.drawing.words import number_text, signed
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

STEP, FRAME, END = 1.0, 0.5, 2.0
"""Seconds: of a layer's step, between two frames of training, and at the end."""
DIM = 0.25


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
    trace = _trace(network, X, y, sample, loss)
    if epochs and y is None:
        raise DataError("y is missing, expected targets to train towards")
    colours = theme_named(theme)
    picture = picture_of(network, Look(show=show, down=down, legend=False))
    lines = [""] * (2 if trace.delta else 1)  # Room for v and delta, which come later.
    texts = {n: [*text, *(lines if n[1] else [])] for n, text in picture.texts.items()}
    scene = scene_of(replace(picture, texts=texts), colours)
    waves = network.depth + 1 + (network.depth if trace.delta else 0)
    states = _trained(network, X, y, epochs, frames, loss, training) if epochs else []
    seconds = STEP * waves + FRAME * max(0, len(states) - 1) + END
    film = _Film(scene, trace, network.depth, Clock(seconds), STEP * waves, states)
    svg = to_svg(_with_room(scene), film.motion(), film.captions() + film.labels())
    if path is not None:
        require_writable(Path(path))
        write_atomically(path, svg.encode())
    return Animation(svg, seconds, None if path is None else Path(path))


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


@dataclass(frozen=True)
class _State:
    """The weights after some epochs."""

    epoch: int
    loss: float
    weights: Mapping[Edge, float]


def _trained(
    network: Network,
    X: ArrayLike,
    y: ArrayLike | None,
    epochs: int,
    frames: int,
    loss: Any,
    options: Mapping[str, Any],
) -> list[_State]:
    """Return the states of a copy's training that are shown, the first one before it."""
    from graphnn.learning.loop import train

    steps = whole("frames", frames) + 1
    chosen = set(np.linspace(0, whole("epochs", epochs), steps).round().astype(int).tolist())
    program = compile(network)
    states: list[_State] = []

    def record(moment: Any) -> None:
        if moment.epoch in chosen:
            states.append(_State(moment.epoch, moment.loss, _weights(program, moment.theta)))

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


def _with_room(scene: Scene) -> Scene:
    """Return a scene with room for a caption below."""
    left, low, right, high = scene.box
    return replace(scene, box=(left, low - 28.0, max(right, left + 260.0), high))


@dataclass(frozen=True)
class _Film:
    """What moves, and when.

    Attributes:
        scene: What is drawn.
        trace: The sample's numbers.
        depth: T.
        clock: The time.
        begin: When training begins.
        states: The weights that are shown.
    """

    scene: Scene
    trace: Trace
    depth: int
    clock: Clock
    begin: float
    states: Sequence[_State]

    @property
    def until(self) -> float:
        """When the sample's numbers go."""
        return self.begin + (END if not self.states else 0.0)

    def forward(self, t: int) -> float:
        """When layer t gets its values."""
        return STEP * t

    def backward(self, t: int) -> float:
        """When layer t gets its sensitivities."""
        return STEP * (self.depth + 1 + self.depth - t)

    def motion(self) -> dict[Neuron | Edge, str]:
        """Return how each neuron and edge moves."""
        found: dict[Neuron | Edge, str] = {}
        for disc in self.scene.discs:
            found[disc.neuron] = self._neuron(disc)
        largest = self._largest
        for line in self.scene.lines:
            if line.edge is not None:
                found[line.edge] = self._lit(line.edge) + self._training(line.edge, largest)
        return found

    @property
    def _largest(self) -> float:
        """The largest weight that an edge which is shown ever has."""
        edges = [line.edge for line in self.scene.lines if line.edge is not None]
        each = (abs(state.weights[edge]) for state in self.states for edge in edges)
        return max(each, default=0.0) or 1.0

    def _neuron(self, disc: Disc) -> str:
        """Return a neuron's numbers, and the ring around it while it has its turn."""
        (x, y), neuron = disc.at, disc.neuron
        y = -y
        t = neuron[0]
        if neuron[1] == 0 or not disc.texts:
            return ""
        parts = [self._ring(disc, self.forward(t))]
        middle = y if self.trace.delta else y + LINE / 2
        value = text_element(x, middle, 12, disc.ink, number_text(self.trace.v[neuron]))
        parts.append(f"<g>{value}{self.clock.seen(self.forward(t), self.until)}</g>")
        if neuron in self.trace.delta:
            colour = self.scene.theme.edge(self.trace.delta[neuron])
            delta = text_element(x, y + LINE, 12, colour, number_text(self.trace.delta[neuron]))
            parts.append(f"<g>{delta}{self.clock.seen(self.backward(t), self.until)}</g>")
            parts.append(self._ring(disc, self.backward(t)))
        return "".join(parts)

    def _ring(self, disc: Disc, begin: float) -> str:
        (x, y), colour = disc.at, self.scene.theme.path
        seen = self.clock.seen(begin, begin + STEP)
        return (
            f'<circle cx="{x:.2f}" cy="{-y:.2f}" r="{disc.diameter / 2:.2f}" fill="none" '
            f'stroke="{colour}" stroke-width="3" opacity="0">{seen}</circle>'
        )

    def _lit(self, edge: Edge) -> str:
        """Return how an edge lights up when numbers run along it, and is whole in training."""
        t = edge[1][0]
        steps: list[tuple[float, float]] = [(0.0, DIM)]
        times = [self.forward(t)]
        if self.trace.delta and t > 1:  # Sensitivities come from layer t to layer t-1.
            times.append(self.backward(t - 1))
        for begin in times:
            steps += [(begin, 1.0), (begin + STEP, DIM)]
        if self.states:
            steps = [step for step in steps if step[0] < self.begin] + [(self.begin, 1.0)]
        return self.clock.jumps("opacity", [(at, f"{value:g}") for at, value in steps])

    def _training(self, edge: Edge, largest: float) -> str:
        """Return how an edge's colour and width follow its weight."""
        if not self.states:
            return ""
        times = [self.begin + FRAME * k for k in range(len(self.states))]
        weights = [state.weights[edge] for state in self.states]
        widths = [f"{THIN + (THICK - THIN) * abs(w) / largest:.2f}" for w in weights]
        colours = [self.scene.theme.edge(w) for w in weights]
        return self.clock.runs("stroke-width", times, widths) + self.clock.runs(
            "color", times, colours
        )

    def labels(self) -> str:
        """Return the weights that take the place of the first ones."""
        parts = []
        for one in self.scene.letters:
            if one.edge is None:
                continue
            x, y = one.at
            for k, state in enumerate(self.states[1:], start=1):
                weight = state.weights[one.edge]
                begin = self.begin + FRAME * k
                end = begin + FRAME if k < len(self.states) - 1 else self.clock.seconds
                back = (
                    f'<rect x="{x - one.width / 2 - 2:.2f}" y="{-y - one.size / 2:.2f}" '
                    f'width="{one.width + 4:.2f}" height="{one.size:g}" '
                    f'fill="{self.scene.theme.background}"/>'
                )
                text = text_element(x, -y, one.size, self.scene.theme.edge(weight), signed(weight))
                parts.append(f'<g opacity="0">{back}{text}{self.clock.seen(begin, end)}</g>')
        return "".join(parts)

    def captions(self) -> str:
        """Return the lines below the picture that say what happens."""
        found: list[tuple[float, float, str]] = []
        for t in range(self.depth + 1):
            words = "the inputs" if t == 0 else f"layer {t}: a = sum of w v, v = sigma(a)"
            found.append((self.forward(t), self.forward(t) + STEP, f"forward, {words}"))
        if self.trace.delta:
            for t in range(self.depth, 0, -1):
                end = self.backward(t) + STEP
                words = "delta = sigma' x sum of w delta" if t < self.depth else "delta of the loss"
                found.append((self.backward(t), end, f"backward, layer {t}: {words}"))
        for k, state in enumerate(self.states):
            begin = self.begin + FRAME * k
            end = begin + FRAME if k < len(self.states) - 1 else self.clock.seconds
            found.append((begin, end, f"training, epoch {state.epoch}: loss {state.loss:.4g}"))
        left, low, right, _ = self.scene.box
        middle = (left + max(right, left + 260.0)) / 2
        colour = self.scene.theme.faint
        return "".join(
            f'<g opacity="0">{text_element(middle, -low + 8, 12, colour, text)}'
            f"{self.clock.seen(begin, end)}</g>"
            for begin, end, text in found
        )
