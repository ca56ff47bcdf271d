"""`Carrier`: scalar functions, written for floats, carried over to another kind of number.

The function that runs is the same code. In it `math` stands for the functions of the other kind,
and a float constant for the simplest fraction that rounds to it: 0.01 is 1/100, and 1/3 a third.
"""

from __future__ import annotations

import builtins
import copy
import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType
from typing import Any

from graphnn.engines.mathematics import Mathematics

__all__ = ["Carrier"]

LARGEST_DENOMINATOR = 10**6


class Carrier:
    """Carries functions over to a kind of number.

    Args:
        number: Makes a number of a float or an int.

    Example:
        >>> carrier = Carrier(Fraction)
        >>> carrier.carry(lambda a: 0.1 * a + 1 / 3)(Fraction(2))
        Fraction(8, 15)
    """

    def __init__(self, number: Callable[[float], Any]) -> None:
        self._number = number
        self._mathematics = Mathematics(number)
        self._known: dict[int, tuple[Any, Any]] = {}  # with the originals, so that ids stay theirs

    def carry(self, found: Any) -> Any:
        """Return a function, or something that one refers to, carried over."""
        if isinstance(found, float):
            return self._constant(found)
        if type(found) is tuple:
            return tuple(map(self.carry, found))
        if found is math:
            return self._mathematics
        if isinstance(found, BuiltinFunctionType):
            is_mathematical = getattr(math, found.__name__, None) is found
            return getattr(self._mathematics, found.__name__) if is_mathematical else found
        if isinstance(found, CodeType):
            return found.replace(co_consts=self.carry(found.co_consts))
        return self._callable(found)

    def _callable(self, found: Any) -> Any:
        plain = getattr(found, "py_func", found)  # of a function that Numba compiled
        if isinstance(plain, FunctionType):
            return self._function(plain)
        if isinstance(plain, MethodType):
            return MethodType(self.carry(plain.__func__), self._object(plain.__self__))
        if isinstance(plain, partial):
            words = {name: self.carry(one) for name, one in plain.keywords.items()}
            return partial(self.carry(plain.func), *self.carry(plain.args), **words)
        call = getattr(type(plain), "__call__", None)  # noqa: B004 - the function itself
        if isinstance(call, FunctionType):
            return MethodType(self.carry(call), self._object(plain))
        return found

    def _constant(self, number: float) -> Any:
        if not math.isfinite(number):
            return number
        simplest = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
        if float(simplest) != number:
            return self._number(number)
        whole = self._number(simplest.numerator)
        return whole if simplest.denominator == 1 else whole / self._number(simplest.denominator)

    def _object(self, found: Any) -> Any:
        """Return a copy of an object, its attributes carried over."""
        twin = copy.copy(found)
        for name, one in vars(found).items():
            object.__setattr__(twin, name, self.carry(one))
        return twin

    def _function(self, function: FunctionType) -> FunctionType:
        if id(function) in self._known:
            twin: FunctionType = self._known[id(function)][1]
            return twin
        space: dict[str, Any] = {"__builtins__": builtins}
        cells = tuple(CellType() for _ in function.__closure__ or ())
        code = self.carry(function.__code__)
        twin = FunctionType(code, space, function.__name__, closure=cells or None)
        self._known[id(function)] = function, twin  # before what it refers to, which may be itself
        twin.__defaults__ = self.carry(function.__defaults__)
        words = function.__kwdefaults__ or {}
        twin.__kwdefaults__ = {name: self.carry(one) for name, one in words.items()}
        for name in _names(code) & set(function.__globals__):
            space[name] = self.carry(function.__globals__[name])
        for cell, own in zip(cells, function.__closure__ or (), strict=True):
            cell.cell_contents = self.carry(own.cell_contents)
        return twin


def _names(code: CodeType) -> set[str]:
    """Return the names that code, and code inside it, looks up."""
    inside = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inside))
