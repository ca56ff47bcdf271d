"""`Mathematics`: the functions of `math` for other kinds of numbers than floats."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["Mathematics", "Missing", "is_symbolic"]

NO_LIBRARIES = {"__main__", "builtins"}


class Missing(Exception):  # noqa: N818 - caught where the neuron is known
    """A function that a kind of number has not.

    Attributes:
        name: Its name in `math`.
        kind: The name of the kind of number.
    """

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"math.{name} of {kind}")
        self.name = name
        self.kind = kind


class Mathematics:
    """What stands for the module `math` in scalar functions that are given other numbers.

    A function is looked for in the number's context (mpmath's), among its own methods, and in the
    library that it is from (SymPy, NumPy, mpmath, gmpy2).

    Args:
        number: Makes a number of a float or an int.

    Example:
        >>> from decimal import Decimal
        >>> Mathematics(Decimal).exp(1)
        Decimal('2.718281828459045235360287471')
    """

    def __init__(self, number: Callable[[float], Any]) -> None:
        self._number = number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(math, name):
            raise AttributeError(name)
        if not callable(getattr(math, name)):
            own = _found(self._number(1), name)
            return self._number(getattr(math, name)) if own is None else own

        def function(*arguments: Any) -> Any:
            given = [
                self._number(one) if isinstance(one, int | float) else one for one in arguments
            ]
            found = _found(given[0], name)
            if found is None:
                raise Missing(name, type(given[0]).__name__)
            return found(*given)

        return function


def is_symbolic(number: object) -> bool:
    """Whether a number is SymPy's."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(number, sympy.Basic)


def _found(number: Any, name: str) -> Any:
    """Return what `math` calls by a name for a kind of number, or None."""
    if isinstance(number, int | float):
        return getattr(math, name)
    if is_symbolic(number) and name in ("expm1", "log1p"):
        return _expm1 if name == "expm1" else _log1p
    library = sys.modules.get(type(number).__module__.partition(".")[0])
    if library is not None and library.__name__ in NO_LIBRARIES:
        library = None
    own = getattr(type(number), name, None)
    if callable(own):
        return own
    return getattr(getattr(number, "context", None), name, None) or getattr(library, name, None)


def _expm1(a: Any) -> Any:
    return sys.modules["sympy"].exp(a) - 1


def _log1p(a: Any) -> Any:
    return sys.modules["sympy"].log(1 + a)
