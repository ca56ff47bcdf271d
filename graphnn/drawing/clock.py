"""`Clock`: when things in a moving SVG are seen, and how numbers run, as SMIL elements.

Every element has the length of the whole film and repeats with it, so that all keep in step.

Source: W3C, "SVG Animations Level 2", which is SMIL's timing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Clock"]


@dataclass(frozen=True)
class Clock:
    """The time of a film.

    Attributes:
        seconds: How long it runs before it begins again.
    """

    seconds: float

    def seen(self, begin: float, end: float, before: float = 0.0, within: float = 1.0) -> str:
        """Return what shows an element between two times in seconds, else leaves it as `before`.

        Example:
            >>> print(Clock(4.0).seen(1.0, 2.0))  # doctest: +NORMALIZE_WHITESPACE
            <animate attributeName="opacity" dur="4s" repeatCount="indefinite" calcMode="discrete"
            values="0;1;0" keyTimes="0;0.2500;0.5000"/>
        """
        steps = [(0.0, before), (begin, within), (end, before)]
        if begin <= 0:
            steps = steps[1:]
        if end >= self.seconds:
            steps = steps[:-1]
        return self.jumps("opacity", [(at, f"{value:g}") for at, value in steps])

    def runs(self, attribute: str, times: Sequence[float], values: Sequence[str]) -> str:
        """Return what leads an attribute from value to value, each at its time in seconds."""
        first = [] if times[0] <= 0 else [(0.0, values[0])]
        last = [] if times[-1] >= self.seconds else [(self.seconds, values[-1])]
        steps = [*first, *zip(times, values, strict=True), *last]
        return self._element(attribute, "linear", steps)

    def jumps(self, attribute: str, steps: Sequence[tuple[float, str]]) -> str:
        """Return what gives an attribute another value at each time in seconds, from 0 on."""
        return self._element(attribute, "discrete", steps)

    def _element(self, attribute: str, mode: str, steps: Sequence[tuple[float, str]]) -> str:
        times = ";".join(f"{at / self.seconds:.4f}" if at else "0" for at, _ in steps)
        values = ";".join(value for _, value in steps)
        return (
            f'<animate attributeName="{attribute}" dur="{self.seconds:g}s" '
            f'repeatCount="indefinite" calcMode="{mode}" values="{values}" keyTimes="{times}"/>'
        )
