"""`Record` and `History`: what a run was like, epoch by epoch."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["History", "Record"]


class Record(NamedTuple):
    """The state of a run at the end of an epoch (epoch 0: before the first update).

    Attributes:
        epoch: Epochs so far.
        iteration: Updates so far.
        loss: The training error L_S(h).
        penalty: The regularisers' penalty; loss + penalty is what training minimises.
        best: The smallest loss + penalty so far.
        eta: The learning rate of the last update; None before the first.
        validation: The error over held-out data, if there are any.
        score: Their score, if one was asked for; the larger the better.
        best_epoch: The epoch of the best score, else of the smallest validation error, so far.
    """

    epoch: int
    iteration: int
    loss: float
    penalty: float
    best: float
    eta: float | None = None
    validation: float | None = None
    score: float | None = None
    best_epoch: int | None = None

    @property
    def objective(self) -> float:
        """What training minimises, loss + penalty."""
        return self.loss + self.penalty

    @property
    def merit(self) -> float:
        """What is compared to find the best epoch: the score, or minus the validation error.

        What is not a number is worse than anything.
        """
        found = -self.objective if self.validation is None else -self.validation
        if self.score is not None:
            found = self.score
        return -math.inf if math.isnan(found) else found


class History(list[Record]):
    """The records of a run.

    Attributes:
        seconds: How long the run has taken.
    """

    def __init__(self, records: list[Record] | None = None, seconds: float = 0.0) -> None:
        super().__init__(records or [])
        self.seconds = seconds
