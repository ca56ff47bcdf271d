"""`fingerprint`: everything that compiled code of a function depends on, as one text.

Compiled code freezes what a function reads from outside; a fingerprint changes when that does, so a
function is compiled again rather than run with an old value.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Reads", "content", "fingerprint", "read_by"]


def fingerprint(function: Callable[..., Any]) -> str:
    """Return a text that is equal for equal functions: code, constants and what they read.

    Raises:
        TypeError: If it reads something that may change unseen; the message names it.

    Example:
        >>> fingerprint(lambda a: a + 1.0) == fingerprint(lambda a: a + 1.0)
        True
        >>> fingerprint(lambda a: a + 1.0) == fingerprint(lambda a: a + 2.0)
        False
    """
    return repr(_mark(function, "it", (), Reads((), ())))


def _mark(thing: object, name: str, path: tuple[object, ...], reads: Reads) -> object:
    """Return what tells a thing from others; `reads` is what the code around it reads."""
    if thing is None or isinstance(thing, bool | int | float | complex | str | bytes):
        return type(thing).__name__, repr(thing)
    if isinstance(thing, np.generic | np.ndarray):
        array = np.asarray(thing)
        return type(thing).__name__, str(array.dtype), array.shape, array.tobytes().hex()
    if isinstance(thing, tuple):
        return tuple(_mark(item, name, path, reads) for item in thing)
    if isinstance(thing, BuiltinFunctionType | np.ufunc | type):
        return "built in", getattr(thing, "__module__", None), thing.__name__
    for place, one in enumerate(path):
        if one is thing:
            return "itself", place
    path = (*path, thing)
    if isinstance(thing, ModuleType):
        parts = [(one, getattr(thing, one)) for one in reads.attributes if hasattr(thing, one)]
        marks = [(one, _mark(part, f"{name}.{one}", path, reads)) for one, part in parts]
        return "module", thing.__name__, marks
    return _compound(thing, name, path)


def _compound(thing: object, name: str, path: tuple[object, ...]) -> object:
    if isinstance(thing, FunctionType):
        return _function(thing, path)
    if inspect.ismethod(thing):
        return _function(thing.__func__, path), _mark(thing.__self__, name, path, Reads((), ()))
    if is_dataclass(thing) and not isinstance(thing, type) and callable(thing):
        values = [(one.name, getattr(thing, one.name)) for one in fields(thing)]
        call = _function(type(thing).__call__, path)
        return call, [(one, _mark(value, one, path, Reads((), ()))) for one, value in values]
    inner = getattr(thing, "py_func", None)  # compiled by Numba already
    if isinstance(inner, FunctionType):
        return _function(inner, path)
    raise TypeError(f"{name} is a {type(thing).__name__}, which compiled code cannot follow")


def _function(function: Any, path: tuple[object, ...]) -> object:
    code: CodeType = function.__code__
    reads = read_by(code)
    cells = [content(cell) for cell in function.__closure__ or ()]
    closed = [_mark(c, n, path, reads) for n, c in zip(code.co_freevars, cells, strict=True)]
    read = {
        name: _mark(function.__globals__[name], name, path, reads)
        for name in reads.globals
        if name in function.__globals__
    }
    keywords = sorted((function.__kwdefaults__ or {}).items())
    defaults = (*(function.__defaults__ or ()), *(value for _, value in keywords))
    return _code(code), closed, read, _mark(defaults, "a default", path, reads)


def content(cell: Any) -> object:
    """Return what a closure's cell holds, None if nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


class Reads(NamedTuple):
    """The names that code reads: globals, and attributes of whatever."""

    globals: tuple[str, ...]
    attributes: tuple[str, ...]


@lru_cache(maxsize=1024)
def read_by(code: CodeType) -> Reads:
    """Return the names that code reads."""
    found: tuple[set[str], set[str]] = (set(), set())
    for one in dis.get_instructions(code):
        if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            found[0].add(one.argval)
        elif one.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            found[1].add(one.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            for names, more in zip(found, read_by(constant), strict=True):
                names.update(more)
    return Reads(tuple(sorted(found[0])), tuple(sorted(found[1])))


def _code(code: CodeType) -> object:
    constants = [_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars
