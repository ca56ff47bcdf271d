"""`Samples`: how lines along edges are written for one sample, or for several at once."""

from __future__ import annotations

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
        factor = f"({neuron})" if " " in neuron else neuron
        return f"{name}[{factor} * {self.group} + s]"

    def each(self, *lines: str) -> str:
        """Write lines for every sample s."""
        return (
            join(lines) if self.group is None else block(f"for s in range({self.group}):", *lines)
        )

    def all(self, begin: str, stop: str, *lines: str) -> str:
        """Write a loop over all numbers j of some neurons."""
        times = "" if self.group is None else f" * {self.group}"
        return block(f"for j in range({begin}{times}, {stop}{times}):", *lines)

    @property
    def total(self) -> str:
        """A sum of sample s."""
        return "s" if self.group is None else "sums[s]"
