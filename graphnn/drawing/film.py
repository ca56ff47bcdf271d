"""`Film`: what moves in a picture, and when: a sample's waves, then weights through training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphnn.drawing.clock import Clock
from graphnn.drawing.scene import THICK, THIN, Disc, Scene
from graphnn.drawing.svg import LINE, text_element, to_svg
from graphnn.drawing.words import number_text, signed
from graphnn.engines.trace import Trace
from graphnn.types import Edge, Neuron

__all__ = ["Film", "State"]

STEP, FRAME, END = 1.0, 0.5, 2.0
"""Seconds: of a layer's step, between two frames of training, and at the end."""
DIM, CAPTION = 0.25, 260.0
"""The opacity of edges while nothing runs along them; how wide a caption is, in points."""


@dataclass(frozen=True)
class State:
    """The weights after some epochs."""

    epoch: int
    loss: float
    weights: Mapping[Edge, float]


@dataclass(frozen=True)
class Film:
    """What moves, and when.

    Attributes:
        scene: What is drawn.
        trace: The sample's numbers.
        depth: T.
        states: The weights that are shown, or none.
    """

    scene: Scene
    trace: Trace
    depth: int
    states: Sequence[State]

    @property
    def seconds(self) -> float:
        """How long it runs before it begins again."""
        return self.begin + FRAME * max(0, len(self.states) - 1) + END

    @property
    def begin(self) -> float:
        """When the waves are over, and training begins."""
        return STEP * (self.depth + 1 + (self.depth if self.trace.delta else 0))

    @cached_property
    def clock(self) -> Clock:
        """The time."""
        return Clock(self.seconds)

    @property
    def until(self) -> float:
        """When the sample's numbers go."""
        return self.begin + (END if not self.states else 0.0)

    def svg(self) -> str:
        """Return the film as the text of an SVG, with a caption below."""
        left, low, right, high = self.scene.box
        room = (left, low - 28.0, max(right, left + CAPTION), high)
        more = self._captions((room[0] + room[2]) / 2, -low + 8) + self._labels()
        return to_svg(replace(self.scene, box=room), self._motion(), more)

    def forward(self, t: int) -> float:
        """When layer t gets its values."""
        return STEP * t

    def backward(self, t: int) -> float:
        """When layer t gets its sensitivities."""
        return STEP * (self.depth + 1 + self.depth - t)

    def _motion(self) -> dict[Neuron | Edge, str]:
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
        if not self.states or edge[1] in self.scene.picture.relays:
            return ""
        times = [self.begin + FRAME * k for k in range(len(self.states))]
        weights = [state.weights[edge] for state in self.states]
        widths = [f"{THIN + (THICK - THIN) * abs(w) / largest:.2f}" for w in weights]
        colours = [self.scene.theme.edge(w) for w in weights]
        return self.clock.runs("stroke-width", times, widths) + self.clock.runs(
            "color", times, colours
        )

    def _labels(self) -> str:
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

    def _captions(self, x: float, y: float) -> str:
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
        colour = self.scene.theme.faint
        return "".join(
            f'<g opacity="0">{text_element(x, y, 12, colour, text)}'
            f"{self.clock.seen(begin, end)}</g>"
            for begin, end, text in found
        )
