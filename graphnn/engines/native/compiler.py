"""`compile_plan`: generated source, and the scalar functions that it calls, to machine code."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import CellType, FunctionType
from typing import Any

import numpy as np

from graphnn.engines.native.inlining import replaced
from graphnn.engines.native.library import FASTMATH, MachineCode, build, short_pipeline
from graphnn.engines.native.plan import Plan
from graphnn.engines.native.probe import differences
from graphnn.engines.native.scalars import Method, Record, Scalar
from graphnn.engines.native.text import select
from graphnn.errors import CompileError, EngineUnavailable

__all__ = ["compile_plan", "namespace", "require_numba"]


def require_numba() -> None:
    """Raise if Numba is not installed.

    Raises:
        EngineUnavailable: It names what to install.
    """
    if find_spec("numba") is None:
        raise EngineUnavailable(
            "the native engine needs Numba: python -m pip install numba; engine='auto' trains "
            "with the matrix engine where it is missing"
        )


def compile_plan(plan: Plan) -> MachineCode:
    """Compile a plan.

    Raises:
        EngineUnavailable: If Numba is not installed.
        CompileError: If it cannot compile a scalar function, which is named.
    """
    require_numba()
    types: Any = import_module("numba").types
    names: dict[str, Any] = {"float32": types.float32, "float64": types.float64}
    names |= {record.kind: _tuple(record) for record in plan.records}
    names["select"] = _jit(select)
    mismatches: list[str] = []
    for item in plan.scalars:
        # Fused, a tanh's slope 1 - v v is another number where v is near 1: sums alone are fast.
        names[item.name] = _jit(_plain(item))
        _require_compilable(item, names[item.name])
        if not plan.fastmath:
            mismatches += differences(item, _jit(_plain(item), callable_=True))
    for method in plan.methods:
        function = _with_helpers(method.function, fastmath=plan.fused)
        names[method.name] = _jit(function, fastmath=plan.fused)
        _require_method(method, names[method.name])
    exec(plan.text, names)  # noqa: S102 - our own source, shown by program.source
    return build(names[plan.name], plan)._replace(mismatches=tuple(mismatches))


def namespace(plan: Plan) -> dict[str, Any]:
    """Return what the source needs to run as plain Python, on lists instead of arrays."""
    names: dict[str, Any] = {"float32": np.float32, "float64": float, "select": select}
    names |= {record.kind: _tuple(record) for record in plan.records}
    names |= {item.name: item.function for item in plan.scalars}
    names |= {item.name: item.function for item in plan.methods}
    return names


def _tuple(record: Record) -> Any:
    return namedtuple(record.kind, record.names)


def _jit(function: Any, *, fastmath: bool = False, callable_: bool = False) -> Any:
    numba: Any = import_module("numba")
    options: dict[str, Any] = {"error_model": "numpy"}
    if fastmath:
        options["fastmath"] = set(FASTMATH)
    if not callable_:
        # Only generated code calls it, and nothing in it is counted or freed.
        options |= {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    if (function.__module__ or "").startswith("graphnn."):
        options["pipeline_class"] = short_pipeline()
    return numba.njit(**options)(function)


def _plain(item: Scalar) -> Any:
    """Return a plain Python function that Numba takes."""
    function: Any = getattr(item.function, "py_func", item.function)
    if isinstance(function, FunctionType):
        plain = _with_helpers(function, item.inlined)
        defaults = function.__defaults__ and item.arguments
        return plain if not defaults else _called(_jit(plain), item.arguments)
    if hasattr(function, "__dataclass_fields__"):
        return _bound(function, item.arguments)
    return _called(replaced(function, item.inlined), item.arguments)


def _with_helpers(
    function: FunctionType,
    inlined: tuple[str, ...] = (),
    *,
    fastmath: bool = False,
    callers: tuple[object, ...] = (),
) -> FunctionType:
    """Return a function that calls compiled forms of the plain functions that it calls."""
    callers = (*callers, function)

    def compiled(thing: Any) -> Any:
        # One that calls itself, or is called in a circle, is left as it is: Numba refuses it.
        if not isinstance(thing, FunctionType) or any(thing is one for one in callers):
            return replaced(thing, inlined)
        helper = _with_helpers(thing, inlined, fastmath=fastmath, callers=callers)
        return _jit(helper, fastmath=fastmath)

    names = dict(function.__globals__)
    names |= {n: compiled(names[n]) for n in function.__code__.co_names if n in names}
    cells = tuple(_cell(cell, compiled) for cell in function.__closure__ or ())
    made = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, cells or None
    )
    made.__module__ = function.__module__
    return made


def _cell(cell: Any, compiled: Callable[[Any], Any]) -> Any:
    try:
        return CellType(compiled(cell.cell_contents))
    except ValueError:  # not assigned yet
        return CellType()


def _called(function: Any, arguments: int) -> Any:
    """Return a function with code, as Numba takes it, that calls another."""
    if arguments == 1:
        return lambda a: function(a)  # noqa: PLW0108
    return lambda v, y: function(v, y)  # noqa: PLW0108


def _bound(function: Any, arguments: int) -> Any:
    """Return the `__call__` of a dataclass as a function, its fields as constants."""
    record = Record("function", function, "Function")
    call = _jit(type(function).__call__)
    fields = _tuple(record)(*(getattr(function, name) for name in record.names))
    if arguments == 1:
        return lambda a: call(fields, a)
    return lambda v, y: call(fields, v, y)


def _require_compilable(item: Scalar, compiled: Any) -> None:
    """Compile a function by itself, so that a refusal has its name."""
    types: Any = import_module("numba").types
    number, array = types.float64, types.Array(types.float64, 1, "C")
    count = 4 if item.name.endswith("_sensitivities") else 3
    kinds = (number,) * item.arguments if item.arguments else (array,) * count
    _require(item.owner, compiled, kinds)


def _require_method(item: Method, compiled: Any) -> None:
    """Compile a method by itself, so that a refusal has its name."""
    numba: Any = import_module("numba")
    number = numba.types.float64
    fields = numba.typeof(_tuple(item.record)(*item.record.values))
    others = (number if n is None else numba.typeof((0.0,) * n) for n in item.arguments)
    _require(item.owner, compiled, (fields, *others))


def _require(owner: str, compiled: Any, kinds: tuple[Any, ...]) -> None:
    try:
        compiled.compile(kinds)
    except Exception as error:
        raise CompileError(
            f"{owner} cannot be compiled by Numba ({_gist(error)}); train with "
            "engine='matrix' or 'node'"
        ) from error


def _gist(error: Exception) -> str:
    """Return the line of Numba's many that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith(("Failed in", "During"))]
    if "NRT required" in str(error):
        return "it makes a list, a dictionary, a text or an array, which takes memory"
    return f"{type(error).__name__}: {lines[0].rstrip(':.') if lines else ''}"
