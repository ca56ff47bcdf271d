"""Which functions of `math` are written out in compiled code (`libm.py`), and which are called.

Where the C library does anything else than what is written out, which its numbers at 4,096
arguments tell, compiled code calls it, so that its numbers are Python's either way.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Collection, Mapping
from dataclasses import is_dataclass
from functools import lru_cache
from importlib import import_module
from types import BuiltinFunctionType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from graphnn.engines.native.fingerprint import content, read_by
from graphnn.engines.native.libm import exp, exp_alone, tanh
from graphnn.engines.native.number import Number
from graphnn.engines.native.vectors import fuses

__all__ = [
    "COLUMNS",
    "DIGESTS",
    "RANGES",
    "arguments",
    "branchless",
    "calls",
    "digest",
    "inlined",
    "replaced",
    "ways",
    "writable",
    "written",
]

DIGESTS: Mapping[str, str] = MappingProxyType(
    {
        "exp": "ce379daba420ca2ada8ad49bd91c39ee35a92742a472f6645160f13edd94ebad",
        "tanh": "a85ac626e094338eb180e3886760423790873d23ba02e253602e8f69ac81201c",
    }
)
"""`digest` of the functions that are written out here."""

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"exp": (-745.0, 709.0), "tanh": (-23.0, 23.0)}
)


COLUMNS: Mapping[str, int] = MappingProxyType({"exp": 8, "tanh": 2})
"""From that many neurons in a layer on they are written out without a branch, for vectors.

A call's branches skip what such code computes in vain: one sigmoid takes 7 ns with exp called and
20 with it written out, four take 17 and 24, eight 34 and 24. Two tanh take 36 and 37 ns, four 41
and 37, eight 74 and 38 (AVX-512). For fewer exp is written out with a branch (`exp_alone`), with
which 2-4-1 takes nine tenths of the time that it takes with calls; tanh is called.
"""


ALONE = "_alone"
"""The end of the name of a form for few neurons, which has a branch."""


def ways(function: object, columns: int, writable: Collection[str]) -> tuple[str, ...]:
    """Return how the functions that a scalar function calls are written out, if they all are.

    Args:
        function: The scalar function.
        columns: For how many neurons it is called.
        writable: The functions that may be written out.
    """
    found = []
    for name in sorted(calls(function)):
        if name not in writable:
            return ()
        if columns >= COLUMNS[name]:
            found.append(name)
        elif name == "exp":
            found.append(name + ALONE)
        else:
            return ()
    return tuple(found)


def written(way: str) -> str:
    """Return the name of the function that is written out in a way."""
    return way.removesuffix(ALONE)


def branchless(some: tuple[str, ...]) -> bool:
    """Whether something is written out, and all of it without a branch."""
    return bool(some) and not any(way.endswith(ALONE) for way in some)


def calls(function: object) -> set[str]:
    """Return the names of what a scalar function, or one that it calls, calls.

    Functions of `math` have their names; what else is called has one that is no function's there.
    """
    function = getattr(function, "py_func", function)
    if is_dataclass(function):  # compiled as it is
        method = vars(type(function)).get("__call__")
        return {f"__call__.{name}" for name in _called(method)}
    return _called(function)


def _called(function: object, seen: tuple[object, ...] = ()) -> set[str]:
    if isinstance(function, BuiltinFunctionType) and function.__module__ == "math":
        return {function.__name__}
    if not isinstance(function, FunctionType):
        return {f"another {type(function).__name__}"} if callable(function) else set()
    if any(function is one for one in seen):
        return set()
    found, reads = set[str](), read_by(function.__code__)
    cells = map(content, function.__closure__ or ())
    things = dict(zip(function.__code__.co_freevars, cells, strict=True))
    things |= {name: function.__globals__.get(name) for name in reads.globals}
    for thing in things.values():
        if isinstance(thing, ModuleType):
            names = [one for one in reads.attributes if callable(getattr(thing, one, None))]
            found |= {one if thing is math else f"{thing.__name__}.{one}" for one in names}
        else:
            found |= _called(thing, (*seen, function))
    return found


def arguments(name: str) -> list[float]:
    """Return 4,096 arguments: half over all that matters to a function, half near 0."""
    low, high = RANGES[name]
    places = [k * 0.6180339887498949 % 1 for k in range(2048)]  # the golden section spreads evenly
    return [low + (high - low) * one for one in places] + [8 * one - 4 for one in places]


def digest(numbers: list[float]) -> str:
    """Return a hash of a function's numbers, which another way of computing it does not have."""
    return hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()


def writable(*, fastmath: bool = False) -> tuple[str, ...]:
    """Return the names of the functions that may be written out.

    Args:
        fastmath: Whether they may have other bits than the C library's.
    """
    if not fuses():
        return ()
    return tuple(RANGES) if fastmath else inlined()


@lru_cache(maxsize=1)
def inlined() -> tuple[str, ...]:
    """Return the names of the functions that the C library computes just as it is done here."""
    return tuple(
        name
        for name, known in DIGESTS.items()
        if digest([getattr(math, name)(x) for x in arguments(name)]) == known
    )


def replaced(thing: Any, names: tuple[str, ...]) -> Any:
    """Return what compiled code uses for a module or function that it reads.

    Args:
        thing: Whatever; all but the module `math` and its functions is returned as it is.
        names: The functions to write out, as `ways` has them.
    """
    if thing is math:
        return _math_with(names)
    if isinstance(thing, BuiltinFunctionType) and thing.__module__ == "math":
        return getattr(_math_with(names), thing.__name__)
    return thing


@lru_cache(maxsize=4)
def _math_with(names: tuple[str, ...]) -> ModuleType:
    module = ModuleType("math")
    vars(module).update({name: getattr(math, name) for name in dir(math)})
    vars(module).update({written(name): _intrinsic(name) for name in names})
    return module


@lru_cache(maxsize=3)
def _intrinsic(name: str) -> Any:
    types: Any = import_module("numba").types
    form = {"exp": exp, "exp_alone": exp_alone, "tanh": tanh}[name]

    def typed(context: Any, x: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return form(Number(builder, arguments[0])).value

        return types.float64(types.float64), code

    typed.__name__ = name
    return import_module("numba.extending").intrinsic(typed)
