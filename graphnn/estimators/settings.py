"""`Settings`: the parameters of an estimator that say how it trains, checked."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

from graphnn.estimators.samples import Samples
from graphnn.estimators.solvers import Method, resolve_solver
from graphnn.functions.regularizers import L2, Dropout
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.optimizers import needs_all_samples
from graphnn.learning.picks import Order
from graphnn.learning.stopping import NoImprovement, Patience, StoppingRule
from graphnn.ranges import is_whole

__all__ = ["Settings"]

AUTO = 200
"""What "auto" makes a batch of, where there are so many samples."""


class Settings(NamedTuple):
    """How an estimator trains.

    Attributes:
        method: The optimiser.
        alpha: The strength of the squared decay.
        regularizers: What else is done to the weights.
        batch_size: Samples per update, or None for what "auto" stands for.
        epochs: How many there are at most.
        tol: What the objective, or the score of held-out samples, must gain.
        patience: For how many epochs it need not, or None for ever.
        fraction: The share of the samples that is held out, or None.
        order: The order of the samples.
        engine: The engine.
        progress: Whether a bar is shown.
        named: Whether the solver is one of scikit-learn's names.
    """

    method: Method
    alpha: float
    regularizers: tuple[Any, ...]
    batch_size: int | None
    epochs: int
    tol: float
    patience: int | None
    fraction: float | None
    order: Order
    engine: str
    progress: bool
    named: bool

    @classmethod
    def of(cls, estimator: Any) -> Settings:
        """Return the settings of an estimator.

        Raises:
            ValueError: If a parameter is out of range, or two contradict each other.
        """
        it = estimator
        _require("learning_rate_init", it.learning_rate_init, "positive", 0, above=True)
        for name in ("alpha", "tol"):
            _require(name, getattr(it, name), "at least 0", 0)
        if not _is(it.batch_size, "auto"):
            _require_whole("batch_size", it.batch_size, " or 'auto'")
        _require_whole("max_iter", it.max_iter)
        patient = it.n_iter_no_change
        if patient != math.inf:
            _require_whole("n_iter_no_change", patient, " or infinite")
        fraction = it.validation_fraction if it.early_stopping else None
        if fraction is not None:
            _require("validation_fraction", fraction, "more than 0 and less than 1", 0, above=True)
            if fraction >= 1:
                raise ValueError(
                    f"validation_fraction must be more than 0 and less than 1, got {fraction!r}"
                )
        several = it.regularizer
        if several is None:
            several = ()
        return cls(
            resolve_solver(it.solver, it.learning_rate_init, it.tol),
            float(it.alpha),
            tuple(several) if isinstance(several, Sequence) else (several,),
            None if _is(it.batch_size, "auto") else int(it.batch_size),
            int(it.max_iter),
            float(it.tol),
            None if patient == math.inf else int(patient),
            fraction,
            "shuffled" if it.shuffle else "given",
            it.engine,
            bool(it.verbose),
            isinstance(it.solver, str),
        )

    @property
    def stops(self) -> list[StoppingRule]:
        """The rules that end a run."""
        if self.patience is None:
            return []
        if self.fraction is not None:
            return [Patience(self.patience, self.tol)]
        return [] if isinstance(self.method, LBFGS) else [NoImprovement(self.tol, self.patience)]

    def batch(self, samples: int) -> int:
        """Return how many of some samples a batch has.

        As in scikit-learn "lbfgs" takes all of them, whatever `batch_size` is.
        """
        whole = needs_all_samples(self.method)
        if self.batch_size is None or (whole and self.named):
            return samples if whole else min(AUTO, samples)
        if self.batch_size > samples:
            warnings.warn(
                f"batch_size is {self.batch_size} and there are {samples} samples: one batch "
                "takes them all",
                UserWarning,
                stacklevel=6,
            )
        return min(self.batch_size, samples)

    def penalties(self, samples: Samples, batch: int) -> list[Any]:
        """Return the regularisers: alpha / 2 over the weight of a mean batch, and the others."""
        weight = samples.total * batch / len(samples)
        decay = [L2(self.alpha / weight, constants=False)] if self.alpha else []
        return [*decay, *self.regularizers]

    @property
    def drops(self) -> bool:
        """Whether neurons are dropped, anew for each sample."""
        return any(isinstance(one, Dropout) for one in self.regularizers)


def _is(found: object, word: str) -> bool:
    return isinstance(found, str) and found == word


def _require(name: str, found: Any, expected: str, least: float, *, above: bool = False) -> None:
    number = isinstance(found, Real) and not isinstance(found, bool)
    if not number or not least <= found < math.inf or (above and found == least):
        raise ValueError(f"{name} must be {expected}, got {found!r}")


def _require_whole(name: str, found: Any, also: str = "") -> None:
    if not is_whole(found) or found < 1:
        raise ValueError(f"{name} must be a whole number of at least 1{also}, got {found!r}")
