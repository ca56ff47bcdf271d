"""`Kernel`: machine code, loaded and ready to be called with arrays."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from graphnn.engines.native.cache import Cache
from graphnn.engines.native.compiler import compile_plan
from graphnn.engines.native.library import MachineCode
from graphnn.engines.native.plan import Plan
from graphnn.engines.native.text import Kind

__all__ = ["Kernel", "kernel"]

DTYPES: Mapping[Kind, str] = {
    "int64*": "int64",
    "int32*": "int32",
    "float64*": "float64",
    "float64[]": "float64",
}

POINTER, INT = ctypes.c_void_p, ctypes.c_int64
ARRAY = (POINTER, POINTER, INT, INT, POINTER, INT, INT)
"""Numba's array: owner, parent, items, bytes an item, data, shape, strides."""

TYPES: Mapping[Kind, tuple[type, ...]] = {"int": (INT,), "float64[]": ARRAY}


class Kernel:
    """A compiled function.

    Attributes:
        plan: What it was compiled from.
        mismatches: Scalar functions whose compiled form gave other numbers than Python, in words.
    """

    def __init__(self, plan: Plan, code: MachineCode) -> None:
        self.plan, self.mismatches = plan, code.mismatches
        self._engine, address = _load(code)
        kinds = [one for _, kind in plan.kinds for one in TYPES.get(kind, (POINTER,))]
        # Numba's own convention: a status is returned, the result and an exception are pointed to.
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, POINTER, POINTER, *kinds)
        self._function = prototype(address)
        real = plan.precision.name
        self._dtypes = {name: np.dtype(DTYPES.get(kind, real)) for name, kind in plan.kinds}

    def __call__(self, arguments: Mapping[str, Any]) -> None:
        """Run it; other threads run meanwhile.

        Args:
            arguments: A number or a contiguous array for each argument's name.

        Raises:
            ArithmeticError: If a scalar function raised.
        """
        values, result = [], np.zeros(2, dtype=np.int64)
        for name, kind in self.plan.kinds:
            value = arguments[name]
            if kind == "int":
                values.append(value)
                continue
            assert value.dtype == self._dtypes[name], name
            assert value.flags.c_contiguous, name
            data, size, item = value.ctypes.data, value.size, value.itemsize
            values += [0, 0, size, item, data, size, item] if kind == "float64[]" else [data]
        start = result.ctypes.data
        if self._function(start, start + 8, *values) != 0:
            raise ArithmeticError("a scalar function raised an error in compiled code")


@lru_cache(maxsize=64)
def kernel(plan: Plan) -> Kernel:
    """Return the kernel of a plan: from memory, from the cache on disk, or compiled now.

    Raises:
        EngineUnavailable: If Numba is not installed.
        CompileError: If a scalar function cannot be compiled; it is named.
    """
    cache = Cache.of_user()
    code = cache.read(plan)
    if code is None:
        code = compile_plan(plan)
        cache.write(plan, code)
    return Kernel(plan, code)


def _load(code: MachineCode) -> tuple[Any, int]:
    """Put an object file into memory; return what owns it and the function's address."""
    llvm: Any = import_module("llvmlite.binding")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    if sys.platform == "linux" and code.symbols:
        with suppress(RuntimeError):
            llvm.load_library_permanently("libm.so.6")
    if not all(llvm.address_of_symbol(name) for name in code.symbols):
        # Numba's own helpers are known to LLVM once its target is there.
        assert import_module("numba.core.registry").cpu_target.target_context
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.object))
    engine.finalize_object()
    return engine, engine.get_function_address(code.name)
