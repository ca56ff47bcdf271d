"""`Neurons`: which neurons a network has, layer by layer."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from numbers import Integral

from graphnn.errors import NetworkError
from graphnn.types import Neuron

__all__ = ["Neurons"]


class Neurons:
    """The numbers of each layer's neurons, ascending, with gaps where some were removed.

    Attributes:
        plain: Every neuron, the constant ones included, mapped to itself: one look-up tells that it
            exists and gives the pair of plain ints.
    """

    def __init__(self, numbers: Sequence[Sequence[int]]) -> None:
        self._numbers: list[list[int]] = [[] for _ in numbers]
        self.plain: dict[Neuron, Neuron] = {(t, 0): (t, 0) for t in range(len(numbers) - 1)}
        for t, layer in enumerate(numbers):
            for j in layer:
                node = (t, j)
                if type(j) is not int or j < 1 or node in self.plain:
                    node = self.free(t, j)
                self.plain[node] = node
                self._numbers[t].append(node[1])
            self._numbers[t].sort()

    @property
    def depth(self) -> int:
        """T, the number of the output layer."""
        return len(self._numbers) - 1

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of neurons of each layer, the constant neurons not counted."""
        return tuple(map(len, self._numbers))

    def layer(self, t: int) -> tuple[Neuron, ...]:
        """Return the neurons of layer t in ascending order, without the constant neuron."""
        if isinstance(t, bool) or not isinstance(t, Integral) or not 0 <= int(t) <= self.depth:
            raise NetworkError(f"there is no layer {t!r}: the layers are 0..{self.depth}")
        return tuple((int(t), j) for j in self._numbers[int(t)])

    def find(self, neuron: object) -> Neuron:
        """Return a neuron as a pair of plain ints if it exists."""
        try:
            return self.plain[neuron]  # type: ignore[index]
        except (KeyError, TypeError):
            raise self._unknown(neuron) from None

    def free(self, t: int, j: int) -> Neuron:
        """Return `(t, j)` if that number is free."""
        if isinstance(j, bool) or not isinstance(j, Integral) or j < 1:
            raise NetworkError(
                f"a neuron's number must be a whole number of at least 1, not {j!r} (0 is the "
                "constant neuron, which every layer but the last has already)"
            )
        node = (t, int(j))
        if node in self.plain:
            raise NetworkError(f"neuron {node} exists already: choose another number", node=node)
        return node

    def add(self, t: int, j: int) -> Neuron:
        """Add the neuron `(t, j)` and return it."""
        node = self.free(t, j)
        self.plain[node] = node
        insort(self._numbers[t], node[1])
        return node

    def remove(self, node: Neuron) -> None:
        """Remove a neuron that exists."""
        del self.plain[node]
        self._numbers[node[0]].remove(node[1])

    def copy(self) -> Neurons:
        """Return an independent copy."""
        return Neurons(self._numbers)

    def _unknown(self, neuron: object) -> NetworkError:
        advice = "expected a pair (t, j): layer t and number j, 0 for the constant neuron"
        if isinstance(neuron, tuple) and len(neuron) == 2:
            t, j = neuron
            if t == self.depth and j == 0:
                advice = "the output layer has no constant neuron"
            elif isinstance(t, Integral) and 0 <= int(t) <= self.depth:
                advice = f"layer {t} has {self.widths[int(t)]} neurons besides the constant; "
                advice += f"add_neuron({t}) adds one"
            elif isinstance(t, Integral):
                advice = f"the layers are 0..{self.depth}"
        return NetworkError(f"there is no neuron {neuron!r}: {advice}", node=neuron)  # type: ignore[arg-type]
