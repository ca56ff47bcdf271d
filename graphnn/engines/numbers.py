"""The node engine's door: weights, inputs and targets as floats, or as any other kind of number.

The engine's loops multiply and add whatever they are given. Here weights and inputs become that,
and the activations and the loss are carried over to it, so that all its numbers are of one kind:
exact fractions, as many digits as one likes, or symbols.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from numbers import Rational, Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphnn.checks import check_sample, check_targets
from graphnn.engines.scalars import carried_activation, carried_loss
from graphnn.engines.wiring import Parameter, Unit, Wiring, wire
from graphnn.errors import DataError, NetworkError
from graphnn.functions.losses import AnyLoss, require_output
from graphnn.graph.network import Network
from graphnn.types import Edge, edge_name

__all__ = ["Kind", "Number", "enter", "enter_target"]

Number: TypeAlias = Callable[[float], Any]
"""What makes a number of a float or an int: a type of numbers, mostly."""


@dataclass(frozen=True)
class Kind:
    """A kind of number, and the weights that are no floats.

    Args:
        number: Makes a number of a float or an int.
        weights: The weights of edges that take none from the network. One that is shared is
            that of all edges that share it.

    Example:
        >>> from fractions import Fraction
        >>> from graphnn.engines.node import forward
        >>> net = Network.from_matrices([[[0.5], [0.25]]], activation="identity")
        >>> forward(net, [3], number=Fraction).output
        (Fraction(5, 4),)
        >>> thirds = Kind(Fraction, {((0, 0), (1, 1)): Fraction(1, 3)})
        >>> forward(net, [3], number=thirds).output
        (Fraction(13, 12),)
    """

    number: Number
    weights: Mapping[Edge, Any] = field(default_factory=dict)

    def __call__(self, number: float) -> Any:
        """Make a number."""
        return self.number(number)


def enter(network: Network, x: Any, number: Number | None) -> tuple[Wiring, Sequence[Any]]:
    """Return a network's wiring and an input, both checked and made of one kind of number.

    Raises:
        DataError: If the input does not fit, or a number cannot be made.
        NetworkError: If the graph was changed past `Network`, or a weight is given to no edge.
        TypeError: If the kind of number is none.
    """
    wiring = wire(network)
    if number is None:
        return wiring, check_sample(x, len(wiring.inputs))
    if not callable(number):
        raise TypeError(
            f"number is {number!r}, expected what makes numbers of floats, such as "
            "fractions.Fraction, mpmath.mpf or gn.symbols(net)"
        )
    items = _items(x, "x")
    if items.shape != (len(wiring.inputs),):
        raise DataError(
            f"x has shape {items.shape}, expected ({len(wiring.inputs)},): one number for each "
            "input neuron"
        )
    inputs = [_made(number, item, f"x[{k}]") for k, item in enumerate(items)]
    return _made_wiring(wiring, number), inputs


def enter_target(
    wiring: Wiring, y: Any, loss: AnyLoss, number: Number | None
) -> tuple[list[Any], AnyLoss]:
    """Return a target and a loss, checked and made for the wiring's kind of number.

    Raises:
        CompileError: If the loss needs another output activation.
        DataError: If the target does not fit.
    """
    last = wiring.layers[-1]
    require_output(loss, [(unit.neuron, unit.activation) for unit in last])
    if number is None:
        return check_targets(y, loss.targets, 1, len(last))[0].tolist(), loss
    items = _items(y, "y").ravel()
    made = [_made(number, item, f"y[{k}]") for k, item in enumerate(items)]
    is_class = loss.targets == "classes" and len(items) == 1
    if not all(map(_is_number, items)) or (loss.targets == "numbers" and len(items) == len(last)):
        if len(items) != len(last):
            raise DataError(
                f"y has shape {items.shape}, expected one for each of {len(last)} outputs"
            )
    else:
        found = check_targets(list(map(_rounded, items)), loss.targets, 1, len(last))[0]
        made = [number(int(one)) for one in found] if is_class else made
    return made, carried_loss(loss, number)


def _items(values: Any, name: str) -> NDArray[Any]:
    try:
        return np.asarray(values, dtype=object)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array of numbers: {error}") from error


def _is_number(item: Any) -> bool:
    """Whether it is a number of Python's or NumPy's, and no expression."""
    return isinstance(item, Real | Decimal)


def _rounded(item: Any) -> float:
    """Return a float, for the eye of a check: the largest one of what is beyond."""
    try:
        return float(item)
    except OverflowError:
        return sys.float_info.max if item > 0 else -sys.float_info.max


def _number(number: Number, item: Any) -> Any:
    try:
        return number(item)
    except TypeError:
        if not isinstance(item, Rational):
            raise
        # mpmath takes no fractions as they are.
        return number(int(item.numerator)) / number(int(item.denominator))


def _made(number: Callable[[float], Any], item: Any, place: str) -> Any:
    """Make a number of one; what is none of Python's, a symbol for one, stays as it is."""
    if isinstance(item, np.generic):
        item = item.item()
    if isinstance(item, str | bytes | Sequence) or not hasattr(item, "__mul__"):
        raise DataError(f"{place} is {item!r}, expected a number")
    try:
        made = _number(number, item) if _is_number(item) else item
        is_finite = bool(made - made == 0)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise DataError(f"{place} is {item!r}, of which number= made none: {error}") from error
    if not is_finite:
        raise DataError(f"{place} is {made}: every number must be finite")
    return made


def _made_wiring(wiring: Wiring, number: Number) -> Wiring:
    weights, zero, one = _weights(wiring, number), number(0), number(1)
    edges = [(u, v, {**edge, "weight": weights[u, v]}) for u, v, edge in wiring.edges]
    twins = {(u, v): edge for u, v, edge in edges}
    layers = [
        [
            Unit(
                unit.neuron,
                carried_activation(unit.activation, number, unit.neuron),
                [(i, twins[i, unit.neuron]) for i, _ in unit.incoming],
                [(k, twins[unit.neuron, k]) for k, _ in unit.outgoing],
                zero,
            )
            for unit in layer
        ]
        for layer in wiring.layers
    ]
    parameters = [
        Parameter([(u, v, twins[u, v]) for u, v, _ in parameter.edges], parameter.trainable)
        for parameter in wiring.parameters
    ]
    return replace(wiring, layers=layers, edges=edges, parameters=parameters, zero=zero, one=one)


def _weights(wiring: Wiring, number: Number) -> dict[Edge, Any]:
    given: Mapping[Edge, Any] = getattr(number, "weights", {})
    found: dict[Edge, Any] = {}
    for parameter in wiring.parameters:
        edges = [(u, v) for u, v, _ in parameter.edges]
        own = [given[edge] for edge in edges if edge in given]
        if any(one != own[0] for one in own):
            raise NetworkError(
                f"edge {edge_name(*edges[0])} and others that share its weight were given {own}, "
                "expected one weight for all",
                edge=edges[0],
            )
        weight = own[0] if own else parameter.weight
        made = _made(number, weight, f"the weight of edge {edge_name(*edges[0])}")
        found.update(dict.fromkeys(edges, made))
    for edge in given:
        if edge not in found:
            raise NetworkError(
                f"a weight was given for {edge!r}, which is no edge of the network", edge=edge
            )
    return found
