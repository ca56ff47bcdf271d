"""Connectors by group: blocks of neurons that are joined to one block of the next layer each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from graphnn.errors import NetworkError
from graphnn.graph.builders.connector import Pair, whole

__all__ = ["BlockDiagonal", "Grouped"]


@dataclass(frozen=True)
class BlockDiagonal:
    """Dense blocks along the diagonal: the first neurons to the first ones, and so on.

    Args:
        blocks: The number of neurons below and above of each block, as `[(2, 3), (4, 1)]`: the
            shapes that SciPy's `block_diag` puts together.

    Raises:
        ValueError: If there is no block, or a number is no whole number of at least 1.

    Example:
        >>> list(BlockDiagonal([(1, 2), (2, 1)])(3, 3, np.random.default_rng(0)))
        [(1, 1), (1, 2), (2, 3), (3, 3)]
    """

    blocks: Sequence[tuple[int, int]]

    def __post_init__(self) -> None:
        if not len(self.blocks):
            raise ValueError("blocks is empty, expected (below, above) of at least one block")
        for block in self.blocks:
            try:
                below, above = block
            except (TypeError, ValueError):
                raise ValueError(f"blocks has {block!r}, expected pairs (below, above)") from None
            whole("a block's number of neurons below", below, 1)
            whole("a block's number of neurons above", above, 1)
        object.__setattr__(self, "blocks", tuple((int(n), int(m)) for n, m in self.blocks))

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of all blocks."""
        total = tuple(map(sum, zip(*self.blocks, strict=True)))
        if total != (n, m):
            raise NetworkError(
                f"the blocks of {self!r} join {total[0]} neurons to {total[1]}, and the layers "
                f"have {n} and {m}"
            )
        below = above = 1
        for rows, columns in self.blocks:
            yield from product(range(below, below + rows), range(above, above + columns))
            below, above = below + rows, above + columns


@dataclass(frozen=True)
class Grouped:
    """Both layers cut into that many equal groups, each dense: as in a grouped convolution.

    Args:
        groups: The number of groups; it divides the numbers of neurons of both layers.

    Raises:
        ValueError: If it is no whole number of at least 1.

    Example:
        >>> list(Grouped(2)(4, 2, np.random.default_rng(0)))
        [(1, 1), (2, 1), (3, 2), (4, 2)]

    Source: Krizhevsky, Sutskever and Hinton (2012), section 3.2, without its convolution.
    """

    groups: int

    def __post_init__(self) -> None:
        whole("groups", self.groups, 1)

    def __call__(self, n: int, m: int, rng: np.random.Generator) -> Iterator[Pair]:
        """Yield the pairs of all groups."""
        for word, width in ("below", n), ("above", m):
            if width % self.groups:
                raise NetworkError(
                    f"{self!r} finds {width} neurons {word}, expected a multiple of {self.groups}"
                )
        block = (n // self.groups, m // self.groups)
        yield from BlockDiagonal([block] * self.groups)(n, m, rng)
