"""`Scalars`: the scalar functions that a program, a loss and an update rule need, with names.

Nothing is written twice: generated code calls the functions of `graphnn.functions`, or a user's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from numbers import Real
from typing import Any

from graphnn.engines.native.inlining import branchless, calls, ways, written
from graphnn.errors import CompileError
from graphnn.functions.activations import Activation
from graphnn.functions.losses import AnyLoss, VectorLoss

__all__ = ["Method", "Record", "Scalar", "Scalars"]


@dataclass(frozen=True)
class Scalar:
    """A scalar function under the name that generated code calls it by.

    Attributes:
        name: The name in generated code.
        function: The Python function.
        arguments: How many numbers it takes; 0 if it takes whole layers (a vector loss).
        owner: What messages call it.
        inlined: The functions of `math` that are written out in it, not called.
    """

    name: str
    function: Callable[..., Any]
    arguments: int
    owner: str
    inlined: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What readers of the source are told."""
        names = " and ".join(map(written, self.inlined))
        return f", {names} written out (libm.py)" if names else ""

    @property
    def is_vector(self) -> bool:
        """Whether something is written out, and without a branch: several are computed at once."""
        return branchless(self.inlined)


@dataclass(frozen=True)
class Record:
    """An update rule or a regulariser: its numbers at run time.

    A number is an argument of compiled code, so that another one compiles nothing; a switch is
    written into the source. An optimiser's learning rate `eta` is none of them: each update is
    given its own.

    Attributes:
        variable: What generated code calls it.
        rule: The object.
        kind: Its class's name in generated code.
    """

    variable: str
    rule: Any
    kind: str

    def __post_init__(self) -> None:
        if not is_dataclass(self.rule) or not all(
            isinstance(getattr(self.rule, name), Real | bool) for name in self.names
        ):
            raise CompileError(
                f"{self.variable.rstrip('0123456789')} {self.rule!r}: the native engine compiles a "
                "dataclass whose fields are numbers; train with engine='matrix' or 'node'"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its fields."""
        given = ("eta",) if self.variable == "optimizer" else ()
        return tuple(one.name for one in fields(self.rule) if one.name not in given)

    @property
    def values(self) -> list[float | bool]:
        """The values of its fields."""
        found = (getattr(self.rule, name) for name in self.names)
        return [value if isinstance(value, bool) else float(value) for value in found]

    @property
    def numbers(self) -> list[float]:
        """Its numbers, switches left out."""
        return [value for value in self.values if not isinstance(value, bool)]

    def made_from(self, start: int) -> str:
        """Write it as made from `numbers[start]` on."""
        terms, k = [], start
        for name in self.names:
            value = getattr(self.rule, name)
            if isinstance(value, bool):
                terms.append(f"{name}={value}")
            else:
                terms.append(f"{name}=numbers[{k}]")
                k += 1
        return f"{self.variable} = {self.kind}({', '.join(terms)})"


@dataclass(frozen=True)
class Method:
    """A method of a record's class.

    Attributes:
        record: The record, which it takes first.
        method: Its name in the class.
        name: Its name in generated code.
        arguments: For each other argument None for a number, or how many a tuple has.
    """

    record: Record
    method: str
    name: str
    arguments: tuple[int | None, ...]

    @property
    def owner(self) -> str:
        """What messages call it."""
        return f"{self.record.variable.rstrip('0123456789')} {self.record.rule!r}: {self.method}"

    @property
    def function(self) -> Any:
        """The method, which takes the fields first."""
        return getattr(type(self.record.rule), self.method)


@dataclass
class Scalars:
    """Names for all functions that generated code calls.

    Attributes:
        writable: The functions of `math` that can be written out.
    """

    writable: tuple[str, ...] = ()
    items: list[Scalar] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)

    def value(self, activation: Activation, columns: int = 1) -> str:
        """Return the name of an activation's value, as it is computed for so many neurons."""
        owner, name = f"activation {activation.name!r}: value", f"{activation.name}_value"
        return self._name(name, activation.value, 1, owner, columns)

    def is_vector(self, activation: Activation, columns: int) -> bool:
        """Whether nothing is called in an activation's value: several are computed at once."""
        inlined = ways(activation.value, columns, self.writable)
        return not calls(activation.value) or branchless(inlined)

    def derivative(self, activation: Activation) -> str:
        """Return the name of an activation's derivative."""
        owner = f"activation {activation.name!r}: derivative"
        return self._name(f"{activation.name}_derivative", activation.derivative, 2, owner)

    def loss(self, loss: AnyLoss, columns: int = 1) -> str:
        """Return the name of a loss's value, for so many outputs."""
        name = loss.name.split("(")[0]
        arguments = 0 if isinstance(loss, VectorLoss) else 2
        owner = f"loss {loss.name!r}: value"
        return self._name(f"{name}_value", loss.value, arguments, owner, columns)

    def loss_derivative(self, loss: AnyLoss, columns: int = 1) -> str:
        """Return the name of dl/dv, or of a vector loss's sensitivities."""
        name = loss.name.split("(")[0]
        if isinstance(loss, VectorLoss):
            owner = f"loss {loss.name!r}: sensitivities"
            return self._name(f"{name}_sensitivities", loss.sensitivities, 0, owner, columns)
        owner = f"loss {loss.name!r}: derivative"
        return self._name(f"{name}_derivative", loss.derivative, 2, owner)

    def record(self, variable: str, rule: object) -> Record:
        """Return the record of an update rule or a regulariser, which is added if it is new."""
        for one in self.records:
            if one.rule is rule:
                return one
        # No other name in generated code begins with a capital letter.
        name = re.sub(r"\W", "_", type(rule).__name__, flags=re.ASCII)
        wish = name[:1].upper() + name[1:] if name[:1].isalpha() else f"Rule{name}"
        taken = (one.kind for one in self.records if type(one.rule) is not type(rule))
        self.records.append(Record(variable, rule, _free(wish, taken)))
        return self.records[-1]

    def method(
        self, record: Record, method: str, name: str, arguments: tuple[int | None, ...]
    ) -> None:
        """Add a method of a record's class."""
        self.methods.append(Method(record, method, name, arguments))

    def setup(self) -> list[str]:
        """Return the lines that make the records from `numbers`."""
        lines, start = [], 0
        for record in self.records:
            lines.append(record.made_from(start))
            start += len(record.numbers)
        return lines

    def _name(
        self,
        wish: str,
        function: Callable[..., Any],
        arguments: int,
        owner: str,
        columns: int = 1,
    ) -> str:
        inlined = ways(function, columns, self.writable)
        wish = "inlined_" * branchless(inlined) + wish
        for item in self.items:
            same = item.function is function or _equal(item.function, function)
            if same and item.inlined == inlined:
                return item.name
        name = _free(wish, (item.name for item in self.items))
        self.items.append(Scalar(name, function, arguments, owner, inlined))
        return name


def _equal(one: object, other: object) -> bool:
    return is_dataclass(one) and type(one) is type(other) and one == other


def _free(wish: str, taken: Iterable[str]) -> str:
    """Return an identifier like a wish that nothing else is called."""
    # No variable or keyword ends in _value, _derivative or _sensitivities, as these names do.
    name = re.sub(r"\W", "_", wish, flags=re.ASCII)
    name = f"_{name}" if name[0].isdigit() else name
    names, count = set(taken), 1
    free = name
    while free in names:
        count += 1
        free = f"{name}_{count}"
    return free
