"""Activations and losses for other kinds of numbers than floats."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphnn.engines.carrier import Carrier
from graphnn.engines.forms import ACTIVATION_FORMS, LOSS_FORMS
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
        function: The function for floats, or one that is made for the kind.
        number: Makes a number of a float or an int.
        name: What errors call it, such as "neuron (1, 1): the activation 'tanh'".
        neuron: Whose it is, or None.
        is_ready: Whether the function is made for the kind.
    """

    function: Callable[..., Any]
    number: Callable[[float], Any]
    name: str
    neuron: Neuron | None = None
    is_ready: bool = False

    @cached_property
    def _carried(self) -> Callable[..., Any]:
        if self.is_ready or isinstance(self.number(1), float):
            return self.function
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
    functions, is_ready = (activation.value, activation.derivative), False
    if ACTIVATIONS.get(activation.name) == activation and is_symbolic(number(1)):
        is_ready = activation.name in ACTIVATION_FORMS
        functions = ACTIVATION_FORMS.get(activation.name, functions)
    name = f"neuron {neuron}: the activation {activation.name!r}"
    made = [Scalar(one, number, name, neuron, is_ready) for one in functions]
    return CarriedActivation(activation.name, *made)


def carried_loss(loss: AnyLoss, number: Callable[[float], Any]) -> AnyLoss:
    """Return a loss for a kind of number.

    Example:
        >>> from fractions import Fraction
        >>> carried_loss(LOSSES["squared"], Fraction).value(Fraction(1, 3), Fraction(1))
        Fraction(2, 9)
    """
    second = loss.derivative if isinstance(loss, Loss) else loss.sensitivities
    functions: tuple[Callable[..., Any], ...] = (loss.value, second)
    is_ready = False
    if LOSSES.get(loss.name) == loss and is_symbolic(number(1)):
        is_ready = loss.name in LOSS_FORMS
        functions = LOSS_FORMS.get(loss.name, functions)
    name = f"the loss {loss.name!r}"
    value, slope = (Scalar(one, number, name, None, is_ready) for one in functions)
    if isinstance(loss, Loss):
        return CarriedLoss(loss.name, value, slope, loss.targets)
    return VectorLoss(loss.name, value, Sensitivities(slope), loss.output, loss.targets)
