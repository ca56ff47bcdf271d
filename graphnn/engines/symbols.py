"""`symbols`: SymPy's symbols for the weights, inputs and targets of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from graphnn.engines.numbers import Kind
from graphnn.errors import EngineUnavailable
from graphnn.graph.network import Network
from graphnn.types import Edge

__all__ = ["Symbols", "symbols"]


@dataclass(frozen=True)
class Symbols(Kind):
    """SymPy's numbers, with a symbol for every trainable weight, every input and every target.

    Attributes:
        x: The inputs x_1, x_2, ...
        y: The targets y_1, y_2, ...
    """

    x: tuple[Any, ...] = ()
    y: tuple[Any, ...] = ()


def symbols(network: Network, number: Callable[[float], Any] | None = None) -> Symbols:
    """Return symbols for a network, to be given to `forward` and `backward` as `number`.

    Weights are w_{i,j}^{(t)}, as in the lecture; edges that share a weight share the symbol of the
    first of them, and weights that are not trainable, such as those of relays, stay numbers.

    Args:
        network: The network.
        number: What those become; default `sympy.Rational`, which is exact.

    Raises:
        EngineUnavailable: If SymPy is not installed.

    Example:
        >>> from graphnn.engines.node import backward
        >>> net = Network.dense([1, 1], activation="tanh")
        >>> s = symbols(net)
        >>> trace = backward(net, s.x, s.y, number=s)
        >>> trace.v[1, 1]
        tanh(w_{0,1}^{(1)} + w_{1,1}^{(1)}*x_{1})
    """
    try:
        sympy = import_module("sympy")
    except ImportError:
        raise EngineUnavailable(
            "symbols need SymPy: python -m pip install 'graphnn[exact]'"
        ) from None

    edges = sorted(network.graph.edges(data=True), key=lambda edge: edge[:2])
    weights: dict[Edge, Any] = {}
    first: dict[str, Any] = {}
    for u, v, attributes in edges:
        if not attributes.get("trainable", True):
            continue
        symbol = sympy.Symbol(f"w_{{{u[1]},{v[1]}}}^{{({v[0]})}}", real=True)
        name = attributes.get("shared")
        weights[u, v] = symbol if name is None else first.setdefault(name, symbol)
    return Symbols(
        sympy.Rational if number is None else number,
        weights,
        tuple(sympy.Symbol(f"x_{{{j}}}", real=True) for _, j in network.neurons(0)),
        tuple(sympy.Symbol(f"y_{{{j}}}", real=True) for _, j in network.neurons(network.depth)),
    )
