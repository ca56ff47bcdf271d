"""`Samples`: how lines along edges are written for one sample, or for several at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphnn.engines.native.text import block, join

__all__ = ["Samples"]


@dataclass(frozen=True)
class Samples:
    """Writes the numbers of neurons and the loops over samples.

    Several samples' numbers of a neuron lie side by side, so that they are one vector, and what is
    read of an edge is read once for all of them.

    Attributes:
        group: How many samples are taken at once; None for one, without a loop.

    Example:
        >>> one, some = Samples(), Samples(8)
        >>> print(one.each(f"{one.at('a', 'j')} = 0.0"))
        a[j] = 0.0
        >>> print(some.each(f"{some.at('a', 'j')} = 0.0"))
        for s in range(8):
            a[j * 8 + s] = 0.0
    """

    group: int | None = None

    def at(self, name: str, neuron: str) -> str:
        """Write a neuron's number, of sample s."""
        if self.group is None:
            return f"{name}[{neuron}]"
        return f"{name}[{self._first(neuron)} + s]"

    def each(self, *lines: str) -> str:
        """Write lines for every sample s."""
        return (
            join(lines) if self.group is None else block(f"for s in range({self.group}):", *lines)
        )

    def all(self, begin: str, stop: str, *lines: str) -> str:
        """Write a loop over all numbers j of some neurons."""
        return block(f"for j in range({self._first(begin)}, {self._first(stop)}):", *lines)

    def _first(self, neuron: str) -> str:
        """Write the place of a neuron's first number."""
        if self.group is None:
            return neuron
        is_sum = " + " in re.sub(r"\[.*?\]", "", neuron)
        return f"({neuron}) * {self.group}" if is_sum else f"{neuron} * {self.group}"

    @property
    def total(self) -> str:
        """A sum of sample s."""
        return "s" if self.group is None else "sums[s]"
