"""`Parts`: what a form is made from, besides the program."""

from __future__ import annotations

from dataclasses import dataclass

from graphnn.engines.native.scalars import Scalars
from graphnn.engines.native.text import Precision
from graphnn.engines.native.update import Update
from graphnn.functions.losses import AnyLoss

__all__ = ["Parts"]


@dataclass(frozen=True)
class Parts:
    """What a form is made from, besides the program.

    Attributes:
        loss: The loss.
        precision: float64 or float32.
        scalars: The names of scalar functions.
        update: The lines that move a weight.
        masked: The layers t that dropout takes in.
        weighted: Whether samples have weights.
    """

    loss: AnyLoss
    precision: Precision
    scalars: Scalars
    update: Update
    masked: range
    weighted: bool

    @property
    def weight(self) -> str:
        """Write what a sensitivity of the output layer is multiplied by, for row x."""
        return " * weights[x]" if self.weighted else ""

    @property
    def loss_weight(self) -> str:
        """Write what the loss of row x is multiplied by."""
        return f" * {self.precision.wide('weights[x]')}" if self.weighted else ""
