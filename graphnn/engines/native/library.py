"""`build`: a function to an object file, by Numba's lowering and LLVM's passes as they fit here.

Of Numba's own passes few are needed, since generated source has nothing that they rewrite; a third
of the time of compiling goes. Every array is an argument of its own that may be taken to overlap no
other that is written to, which gains a tenth to a fifth. LLVM, unlike in Numba, packs single
operations into vectors: small loops are unrolled before they could become some, so that 4-8-3 takes
three quarters of the time, and 64-32-10 nine tenths; with vectors of 512 bits where they are there
(`vectors.py`) four fifths of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from graphnn.engines.native.plan import Plan
from graphnn.engines.native.text import Kind
from graphnn.engines.native.vectors import WIDE

__all__ = ["FASTMATH", "MachineCode", "build", "short_pipeline"]

FASTMATH = frozenset({"contract"})
"""What LLVM may do where a plan is fused: products and sums as one instruction. Reordering sums as
well made some nets a tenth faster and others a tenth slower; NaN must stay possible, since a run
that diverges must be seen."""


class MachineCode(NamedTuple):
    """Machine code that needs neither Numba nor the source.

    Attributes:
        object: An object file.
        name: The name of the function in it.
        symbols: Functions outside that it calls.
        mismatches: Scalar functions whose compiled form gave other numbers than Python, in words.
    """

    object: bytes
    name: str
    symbols: tuple[str, ...]
    mismatches: tuple[str, ...] = ()


def build(function: Callable[..., int], plan: Plan) -> MachineCode:
    """Compile the function of a plan."""
    types: Any = import_module("numba").types
    compiler: Any = import_module("numba.core.compiler")
    target: Any = import_module("numba.core.registry").cpu_target
    flags = compiler.Flags()
    flags.no_cpython_wrapper = True
    flags.no_cfunc_wrapper = True
    flags.no_compile = True  # Numba's own machine code of it would be thrown away
    flags.noalias = True
    flags.nrt = False
    flags.error_model = "numpy"
    options: Any = import_module("numba.core.cpu").FastMathOptions
    flags.fastmath = options(set(FASTMATH) if plan.fused else False)
    kinds = _types(plan.precision.name)
    library = _library()(target.target_context.codegen(), plan)
    result = compiler.compile_extra(
        target.typing_context,
        target.target_context,
        function,
        tuple(kinds[kind] for _, kind in plan.kinds),
        types.int64,
        flags,
        {},
        library=library,
        pipeline_class=short_pipeline(),
    )
    with import_module("numba.core.compiler_lock").global_compiler_lock:
        library.finalize()
    code = bytes(library.machine.emit_object(library.module))
    return MachineCode(code, result.fndesc.llvm_func_name, _symbols(str(library.module)))


@lru_cache(maxsize=1)
def _library() -> Any:
    """Return the class of what Numba puts LLVM's code into."""
    llvm: Any = import_module("llvmlite.binding")
    codegen: Any = import_module("numba.core.codegen")

    class Library(codegen.JITCodeLibrary):  # type: ignore[misc]
        """Code whose passes are chosen by a plan."""

        def __init__(self, generator: Any, plan: Plan) -> None:
            super().__init__(generator, plan.name)
            self._plan = plan
            options: dict[str, Any] = {"opt": 3}
            generator._customize_tm_options(options)  # noqa: SLF001 - the processor, as Numba has it
            if plan.lanes == WIDE:
                options["features"] += ",-prefer-256-bit"
            target = llvm.Target.from_triple(llvm.get_process_triple())
            self.machine = target.create_target_machine(**options)

        @property
        def module(self) -> Any:
            return self._final_module

        def _optimize_final_module(self) -> None:
            first, builder = self._passes(0)
            # Numba's own order: loops in the form in which their steps are found.
            first.add_loop_rotate_pass()
            first.add_instruction_combine_pass()
            first.add_jump_threading_pass()
            first.run(self.module, builder)
            full, builder = self._passes(3)
            full.run(self.module, builder)

        def _finalize_final_module(self) -> None:
            self._finalized = True

        def _passes(self, level: int) -> tuple[Any, Any]:
            options = llvm.create_pipeline_tuning_options(speed_level=level)
            options.loop_vectorization = level > 0
            options.slp_vectorization = level > 0 and self._plan.packed
            builder = llvm.create_pass_builder(self.machine, options)
            return builder.getModulePassManager(), builder

    return Library


def _types(precision: str) -> dict[Kind, Any]:
    types: Any = import_module("numba").types
    return {
        "int": types.int64,
        "int64*": types.CPointer(types.int64),
        "int32*": types.CPointer(types.int32),
        "float64*": types.CPointer(types.float64),
        "real*": types.CPointer(getattr(types, precision)),
        "float64[]": types.Array(types.float64, 1, "C"),
    }


@lru_cache(maxsize=1)
def short_pipeline() -> Any:
    """Return a compiler with few passes."""
    compiler: Any = import_module("numba.core.compiler")
    machinery: Any = import_module("numba.core.compiler_machinery")
    untyped: Any = import_module("numba.core.untyped_passes")
    typed: Any = import_module("numba.core.typed_passes")
    passes = [
        untyped.TranslateByteCode,
        untyped.FixupArgs,
        untyped.IRProcessing,
        untyped.ReconstructSSA,
        typed.NopythonTypeInference,
        typed.PreLowerStripPhis,
        typed.IRLegalization,
        typed.NativeLowering,
        typed.NoPythonBackend,
    ]

    class Short(compiler.CompilerBase):  # type: ignore[misc]
        """The passes that generated source needs."""

        def define_pipelines(self) -> list[Any]:
            manager = machinery.PassManager("graphnn")
            for one in passes:
                manager.add_pass(one, one.__name__)
            manager.finalize()
            return [manager]

    return Short


def _symbols(llvm: str) -> tuple[str, ...]:
    """Return the functions outside that the code calls, LLVM's own left out."""
    found = re.findall(r"^declare .*?@\"?([\w.$]+)\"?\(", llvm, flags=re.MULTILINE)
    return tuple(sorted({name for name in found if not name.startswith("llvm.")}))
