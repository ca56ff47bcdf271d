"""Activations and losses for other kinds of numbers than floats."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphnn.engines.carrier import Carrier
from graphnn.engines.forms import FORMS
from graphnn.engines.mathematics import Missing, is_symbolic
from graphnn.errors import CompileError
from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.functions.losses import LOSSES, AnyLoss, Loss, VectorLoss
from graphnn.types import Neuron

__all__ = ["carried_activation", "carried_loss"]

MANY_DIGITS = "number=mpmath.mpf works it out to as many digits as you like"


@dataclass(frozen=True)
class Scalar:
    """A scalar function that takes and gives one kind of number, and nothing else.

    Attributes:
        function: The function for floats.
        number: Makes a number of a float or an int.
        name: What errors call it, such as "neuron (1, 1): the activation 'tanh'".
        neuron: Whose it is, or None.
        form: Which of `FORMS` to take instead where numbers are SymPy's, or None.
    """

    function: Callable[..., Any]
    number: Callable[[float], Any]
    name: str
    neuron: Neuron | None = None
    form: tuple[str, int] | None = None

    @cached_property
    def _carried(self) -> Callable[..., Any]:
        one = self.number(1)
        if isinstance(one, float):
            return self.function
        if self.form is not None and is_symbolic(one):
            name, k = self.form
            return FORMS[name][k]
        carried: Callable[..., Any] = Carrier(self.number).carry(self.function)
        return carried

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when it is needed, code that no pickle holds."""
        return {name: one for name, one in vars(self).items() if name != "_carried"}

    def __call__(self, *arguments: Any) -> Any:
        """Return the function's number.

        Raises:
            CompileError: If there is none of the kind.
        """
        try:
            found = self._carried(*arguments)
        except Missing as error:
            raise self._refused(
                f"needs math.{error.name}, which {error.kind} has not; {MANY_DIGITS}"
            ) from None
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            shown = ", ".join(str(one) for one in arguments)
            raise self._refused(
                f"cannot be worked out of ({shown}): {error}; a function for any kind of number "
                "uses arithmetic and math alone, and one for symbols no comparison"
            ) from error
        return self.checked(found)

    def checked(self, found: Any) -> Any:
        """Return a result as a number of the kind.

        Raises:
            CompileError: If it was rounded to a float.
        """
        if isinstance(found, int):
            return self.number(found)
        if isinstance(found, float) and not isinstance(self.number(1), float):
            raise self._refused(
                f"gave the float {found!r}: it rounds other numbers; write it in arithmetic and "
                "math alone"
            )
        return found

    def _refused(self, why: str) -> CompileError:
        return CompileError(f"{self.name} {why}", node=self.neuron)


@dataclass(frozen=True)
class Sensitivities:
    """A vector loss's sensitivities, each of one kind of number."""

    scalar: Scalar

    def __call__(
        self, a: Sequence[Any], v: Sequence[Any], y: Sequence[Any], delta: MutableSequence[Any]
    ) -> None:
        """Fill in delta."""
        self.scalar(a, v, y, delta)
        delta[:] = [self.scalar.checked(one) for one in delta]


class CarriedActivation(Activation):
    """An activation for another kind of number: floats are no probe of it."""

    def __post_init__(self) -> None:
        """Probe nothing."""


class CarriedLoss(Loss):
    """Likewise a loss."""

    def __post_init__(self) -> None:
        """Probe nothing."""


def carried_activation(
    activation: Activation, number: Callable[[float], Any], neuron: Neuron
) -> Activation:
    """Return a neuron's activation for a kind of number.

    Example:
        >>> from fractions import Fraction
        >>> carried_activation(ACTIVATIONS["relu"], Fraction, (1, 1)).value(Fraction(1, 3))
        Fraction(1, 3)
    """
    is_own = ACTIVATIONS.get(activation.name) != activation
    parts: tuple[Callable[..., Any], ...] = (activation.value, activation.derivative)
    name = f"neuron {neuron}: the activation {activation.name!r}"
    forms = _forms(activation.name, is_own)
    made = [Scalar(one, number, name, neuron, form) for one, form in zip(parts, forms, strict=True)]
    return CarriedActivation(activation.name, *made)


def _forms(name: str, is_own: bool) -> list[tuple[str, int] | None]:
    return [None if is_own or name not in FORMS else (name, k) for k in (0, 1)]


def carried_loss(loss: AnyLoss, number: Callable[[float], Any]) -> AnyLoss:
    """Return a loss for a kind of number.

    Example:
        >>> from fractions import Fraction
        >>> carried_loss(LOSSES["squared"], Fraction).value(Fraction(1, 3), Fraction(1))
        Fraction(2, 9)
    """
    second = loss.derivative if isinstance(loss, Loss) else loss.sensitivities
    forms = _forms(loss.name, LOSSES.get(loss.name) != loss)
    name = f"the loss {loss.name!r}"
    value = Scalar(loss.value, number, name, None, forms[0])
    slope = Scalar(second, number, name, None, forms[1])
    if isinstance(loss, Loss):
        return CarriedLoss(loss.name, value, slope, loss.targets)
    return VectorLoss(loss.name, value, Sensitivities(slope), loss.output, loss.targets)
