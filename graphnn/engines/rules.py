"""`Rules`: what moves the weights, as every engine takes it: an update rule and regularisers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from graphnn.functions.regularizers import Dropout
from graphnn.types import FloatArray

__all__ = [
    "ArrayRule",
    "Numbers",
    "Rules",
    "UpdateRule",
    "counts",
    "goes_with",
    "takes_constants",
]

Numbers: TypeAlias = tuple[float, ...]


class UpdateRule(Protocol):
    """The scalar update of one weight over named state; `learning/optimizers.py` has them."""

    def slots(self) -> dict[str, float]:
        """Return what is remembered of each weight, with the values that it begins with."""
        ...

    def counters(self) -> dict[str, float]:
        """Return what is remembered of the run, with the values that it begins with."""
        ...

    def tick(self, counters: Numbers) -> Numbers:
        """Return the counters of the next update."""
        ...

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        """Return the new weight and slots; `step` is (eta, *counters)."""
        ...


@dataclass(frozen=True)
class Rules:
    """An update rule and regularisers, sorted by what they do.

    A regulariser does whatever it has a method for (`functions/regularizers.py`).

    Attributes:
        optimizer: The update rule.
        regularizers: The regularisers, in the user's order.
    """

    optimizer: UpdateRule
    regularizers: tuple[Any, ...] = ()

    @classmethod
    def of(cls, optimizer: UpdateRule, regularizer: Any) -> Rules:
        """Return the rules of an optimiser and of one regulariser, several, or none."""
        alone = not isinstance(regularizer, Sequence) or isinstance(regularizer, str)
        several = [regularizer] if alone else regularizer
        return cls(optimizer, tuple(one for one in several if one is not None))

    @cached_property
    def penalties(self) -> tuple[Any, ...]:
        """Those whose `derivative(w)` is added to the gradient."""
        return self._with("derivative")

    @cached_property
    def clips(self) -> tuple[Any, ...]:
        """Those that `clip(gradient)` weight by weight."""
        return self._with("clip")

    @cached_property
    def scalings(self) -> tuple[Any, ...]:
        """Those that multiply the gradient by `gradient_factor(squares)`."""
        return self._with("gradient_factor")

    @cached_property
    def proximals(self) -> tuple[Any, ...]:
        """Those that end an update with `proximal(w, eta)`."""
        return self._with("proximal")

    @cached_property
    def projections(self) -> tuple[Any, ...]:
        """Those that multiply a neuron's weights by `weight_factor(squares)`."""
        return self._with("weight_factor")

    @cached_property
    def dropout(self) -> Dropout | None:
        """The one that drops neurons, if there is one."""
        return next((one for one in self.regularizers if isinstance(one, Dropout)), None)

    def masked_layers(self, depth: int) -> range:
        """Return the layers t that dropout takes in."""
        if self.dropout is None:
            return range(0)
        return range(0 if self.dropout.inputs else 1, depth if self.dropout.rate else 1)

    def _with(self, method: str) -> tuple[Any, ...]:
        return tuple(one for one in self.regularizers if hasattr(one, method))

    @property
    def needs_batches(self) -> bool:
        """Whether even a batch of one sample is more than a step of each weight by itself."""
        return bool(self.scalings or self.projections or self.dropout)


def takes_constants(rule: Any) -> bool:
    """Whether a regulariser takes in the constant neurons' edges; it does if it does not say."""
    return bool(getattr(rule, "constants", True))


def counts(rule: Any, *, constant: bool) -> bool:
    """Whether a regulariser takes in an edge; `constant` says that it is a constant neuron's."""
    return not constant or takes_constants(rule)


def goes_with(rule: Any, name: str, method: str) -> bool:
    """Whether what a class has by a name is meant for its method, not for one that it overrides.

    A form for arrays, say, that is inherited while the scalar method is not.
    """
    line = type(rule).__mro__
    places = [
        next((k for k, one in enumerate(line) if each in vars(one)), len(line))
        for each in (name, method)
    ]
    return places[0] <= places[1] and places[0] < len(line)


class ArrayRule(Protocol):
    """An update rule that has a form for arrays, which changes them in place."""

    def update_array(
        self,
        weights: FloatArray,
        gradient: FloatArray,
        slots: tuple[FloatArray, ...],
        step: Numbers,
    ) -> None:
        """Change weights and slots; the gradient may be overwritten."""
        ...
