"""`Number`: a number in code that is being generated; arithmetic on it writes LLVM instructions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self, TypeAlias

__all__ = ["Number", "Whole"]


def _ir() -> Any:
    return import_module("llvmlite.ir")


@dataclass(frozen=True, eq=False)
class Value:
    """A value in code that is being generated.

    Attributes:
        builder: What writes the instructions.
        value: LLVM's value.
    """

    builder: Any
    value: Any

    def _with(self, value: Any) -> Self:
        return type(self)(self.builder, value)


class Whole(Value):
    """A 64-bit whole number, or the bits of a float64."""

    def _of(self, other: int | Whole) -> Any:
        return other.value if isinstance(other, Whole) else _ir().Constant(_ir().IntType(64), other)

    def __add__(self, other: int | Whole) -> Whole:
        return self._with(self.builder.add(self.value, self._of(other)))

    def __rsub__(self, other: int) -> Whole:
        return self._with(self.builder.sub(self._of(other), self.value))

    def __and__(self, other: int) -> Whole:
        return self._with(self.builder.and_(self.value, self._of(other)))

    def __lshift__(self, other: int) -> Whole:
        return self._with(self.builder.shl(self.value, self._of(other)))

    def number(self) -> Number:
        """Return the float64 of these bits."""
        return Number(self.builder, self.builder.bitcast(self.value, _ir().DoubleType()))

    def entry(self, name: str, table: tuple[int, ...]) -> Whole:
        """Return an entry of a constant table, which is kept beside the code under a name."""
        module, kind = self.builder.module, _ir().ArrayType(_ir().IntType(64), len(table))
        if name not in module.globals:
            constant = _ir().GlobalVariable(module, kind, name)
            constant.linkage, constant.global_constant = "internal", True
            constant.initializer = _ir().Constant(kind, table)
        place = self.builder.gep(module.globals[name], [self._of(0), self.value], inbounds=True)
        return self._with(self.builder.load(place))


class Number(Value):
    """A float64."""

    def _of(self, other: Real) -> Any:
        if isinstance(other, Number):
            return other.value
        return _ir().Constant(_ir().DoubleType(), float(other))

    def __add__(self, other: Real) -> Number:
        return self._with(self.builder.fadd(self.value, self._of(other)))

    def __sub__(self, other: Real) -> Number:
        return self._with(self.builder.fsub(self.value, self._of(other)))

    def __rsub__(self, other: float) -> Number:
        return self._with(self.builder.fsub(self._of(other), self.value))

    def __mul__(self, other: Real) -> Number:
        return self._with(self.builder.fmul(self.value, self._of(other)))

    def __truediv__(self, other: Real) -> Number:
        return self._with(self.builder.fdiv(self.value, self._of(other)))

    def __neg__(self) -> Number:
        return self._with(self.builder.fneg(self.value))

    def __abs__(self) -> Number:
        return self.intrinsic("llvm.fabs")

    def fused(self, factor: Real, term: Real) -> Number:
        """Return self * factor + term, rounded once."""
        return self._with(self.builder.fma(self.value, self._of(factor), self._of(term)))

    def floor(self) -> Number:
        """Return the largest whole number below."""
        return self.intrinsic("llvm.floor")

    def signed(self, sign: Number) -> Number:
        """Return it with another's sign."""
        return self.intrinsic("llvm.copysign", sign)

    def bits(self) -> Whole:
        """Return its bits."""
        return Whole(self.builder, self.builder.bitcast(self.value, _ir().IntType(64)))

    def choose(self, condition: Any, yes: Real, no: Real) -> Number:
        """Return one number where a condition on this one holds, else another; no branch."""
        return self._with(self.builder.select(condition, self._of(yes), self._of(no)))

    def branch(self, condition: Any, yes: Callable[[], Number], no: Callable[[], Number]) -> Number:
        """Return one number where a condition holds, which is likely, else another: by a branch."""
        found = []
        with self.builder.if_else(condition, likely=True) as ways:
            for way, written in zip(ways, (yes, no), strict=True):
                with way:
                    found.append((written().value, self.builder.block))
        joined = self.builder.phi(_ir().DoubleType())
        for value, block in found:
            joined.add_incoming(value, block)
        return self._with(joined)

    def __lt__(self, other: float) -> Any:
        return self.builder.fcmp_ordered("<", self.value, self._of(other))

    def __gt__(self, other: float) -> Any:
        return self.builder.fcmp_ordered(">", self.value, self._of(other))

    def __ge__(self, other: float) -> Any:
        return self.builder.fcmp_ordered(">=", self.value, self._of(other))

    def intrinsic(self, name: str, *others: Number) -> Number:
        """Return what a function of LLVM's makes of it; some of them call the C library."""
        double, values = _ir().DoubleType(), [self.value, *(one.value for one in others)]
        kind = _ir().FunctionType(double, [double] * len(values))
        function = self.builder.module.declare_intrinsic(name, [double], kind)
        return self._with(self.builder.call(function, values))


Real: TypeAlias = float | Number
