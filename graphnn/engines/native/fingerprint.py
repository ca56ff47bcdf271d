"""`fingerprint`: everything that compiled code of a function depends on, as one text.

Compiled code freezes what a function reads from outside; a fingerprint changes when that does, so a
function is compiled again rather than run with an old value.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

__all__ = ["fingerprint"]


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
    return repr(_mark(function, "it", ()))


def _mark(thing: object, name: str, path: tuple[object, ...]) -> object:
    if thing is None or isinstance(thing, bool | int | float | complex | str | bytes):
        return type(thing).__name__, repr(thing)
    if isinstance(thing, np.generic | np.ndarray):
        array = np.asarray(thing)
        return type(thing).__name__, str(array.dtype), array.shape, array.tobytes().hex()
    if isinstance(thing, tuple):
        return tuple(_mark(item, name, path) for item in thing)
    if isinstance(thing, ModuleType):
        return "module", thing.__name__
    if isinstance(thing, BuiltinFunctionType | np.ufunc):
        return "builtin", getattr(thing, "__module__", None), thing.__name__
    if any(thing is one for one in path):
        return "itself", path.index(thing)
    return _compound(thing, name, (*path, thing))


def _compound(thing: object, name: str, path: tuple[object, ...]) -> object:
    if isinstance(thing, FunctionType):
        return _function(thing, path)
    if inspect.ismethod(thing):
        return _mark(thing.__func__, name, path), _mark(thing.__self__, name, path)
    if is_dataclass(thing) and not isinstance(thing, type) and callable(thing):
        values = [(one.name, getattr(thing, one.name)) for one in fields(thing)]
        call = _function(type(thing).__call__, path)
        return call, [(one, _mark(value, one, path)) for one, value in values]
    inner = getattr(thing, "py_func", None)  # compiled by Numba already
    if isinstance(inner, FunctionType):
        return _function(inner, path)
    raise TypeError(f"{name} is a {type(thing).__name__}, which compiled code cannot follow")


def _function(function: Any, path: tuple[object, ...]) -> object:
    code: CodeType = function.__code__
    cells = [_content(cell) for cell in function.__closure__ or ()]
    closed = [_mark(c, n, path) for n, c in zip(code.co_freevars, cells, strict=True)]
    read = {
        name: _mark(function.__globals__[name], name, path)
        for name in sorted(set(_names(code)))
        if name in function.__globals__
    }
    defaults = _mark(function.__defaults__, "a default", path)
    return _code(code), closed, read, defaults


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _code(code: CodeType) -> object:
    constants = [_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars
