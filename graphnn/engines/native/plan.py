"""`Plan`: what is generated for a program, before anything is compiled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from graphnn.engines.native.chunks import ChunkForm, group_of
from graphnn.engines.native.dense import DenseForm
from graphnn.engines.native.edge_chunks import EdgeChunkForm
from graphnn.engines.native.edges import EdgesForm
from graphnn.engines.native.fingerprint import fingerprint
from graphnn.engines.native.inlining import writable
from graphnn.engines.native.loops import Source, Task, batches, propagation, steps
from graphnn.engines.native.parts import Parts
from graphnn.engines.native.scalars import Method, Record, Scalar, Scalars
from graphnn.engines.native.text import Kind, Precision
from graphnn.engines.native.update import Update
from graphnn.engines.native.vectors import lanes, widths
from graphnn.engines.rules import Rules
from graphnn.errors import CompileError
from graphnn.functions.losses import AnyLoss
from graphnn.program.program import Program

__all__ = ["Plan", "plan"]

FORMAT = 5
"""Raised when the way from source to machine code changes, so that older code is not found."""

PACKED_COLUMNS = 8
"""Below, single operations stay single: 2-4-1 is a twentieth slower when they are packed."""

FUSED_COLUMNS = 16
"""From that many neurons in layer 1 on fusing pays: 4-8-3 takes a fifth more time with it, 64-32-10
a sixth less."""


@dataclass(frozen=True)
class Plan:
    """Generated source, what it calls and how it is called.

    Plans are equal if the same machine code serves them.

    Attributes:
        form: "dense" or "edges".
        name: The name of the generated function.
        text: Its source.
        kinds: The names and kinds of its arguments, in order.
        scalars: The scalar functions that the source calls.
        records: The update rule and the regularisers.
        methods: Their methods that the source calls.
        precision: float64 or float32.
        fastmath: Whether other numbers than the node engine's are allowed.
        fused: Whether products and sums become one operation.
        lanes: How many float64 a vector has.
        packed: Whether LLVM packs single operations into vectors.
    """

    form: Literal["dense", "edges"]
    name: str
    text: str
    kinds: tuple[tuple[str, Kind], ...]
    scalars: tuple[Scalar, ...] = field(compare=False)
    records: tuple[Record, ...] = field(compare=False)
    methods: tuple[Method, ...] = field(compare=False)
    precision: Precision
    fastmath: bool
    fused: bool
    lanes: int
    packed: bool
    marks: tuple[tuple[str, str], ...]
    """The fingerprints of the scalar functions."""

    @cached_property
    def source(self) -> str:
        """The source as a user reads it, with where its scalar functions come from."""
        lines = [f"# {one.name}: {_origin(one.function)}{one.note}" for one in self.scalars]
        lines += [f"# {one.name}: {_origin(one.function)}" for one in self.methods]
        return "\n".join(lines) + "\n\n\n" + self.text

    @cached_property
    def key(self) -> str:
        """A text that stands for everything that enters the machine code but the machine."""
        parts = [FORMAT, self.source, self.kinds, self.precision, self.marks]
        ways = [self.fastmath, self.fused, self.lanes, self.packed]
        return hashlib.sha256(repr([*parts, *ways]).encode()).hexdigest()


def plan(
    program: Program,
    loss: AnyLoss,
    task: Task,
    rules: Rules | None = None,
    *,
    batch: int = 1,
    weighted: bool = False,
    fastmath: bool = False,
) -> Plan:
    """Return the plan for a program.

    Args:
        program: The program.
        loss: The loss.
        task: What the code does.
        rules: The update rule and the regularisers, for training.
        batch: How many samples a batch has, for training in batches.
        weighted: Whether samples have weights.
        fastmath: Whether other numbers than the node engine's are allowed.

    Raises:
        CompileError: If a function cannot be compiled, as far as that can be seen without trying.
    """
    precision = Precision("float64" if program.theta.dtype == "float64" else "float32")
    scalars = Scalars(writable(fastmath=fastmath))
    update = Update(precision) if rules is None else Update.of(rules, scalars, precision)
    masked = range(0) if rules is None else rules.masked_layers(program.depth)
    parts = Parts(loss, precision, scalars, update, masked, weighted)
    source = _source(program, parts, task, batch)
    widest = max(layer.columns for layer in program.layers)
    return Plan(
        program.loops,
        source.name,
        source.text,
        tuple(source.kinds.items()),
        tuple(scalars.items),
        tuple(scalars.records),
        tuple(scalars.methods),
        precision,
        fastmath,
        fastmath and program.layers[0].columns >= FUSED_COLUMNS,
        lanes(program),
        any(one.is_vector for one in scalars.items) or widest >= PACKED_COLUMNS,
        tuple(_marks(scalars)),
    )


def _source(program: Program, parts: Parts, task: Task, batch: int) -> Source:
    if task == "batches":
        if program.loops == "edges":
            return batches(EdgeChunkForm(program, parts, group=group_of(batch)), parts)
        return batches(ChunkForm(program, parts, widths(program), group_of(batch)), parts)
    form: DenseForm | EdgesForm = EdgesForm(program, parts)
    if program.loops == "dense":
        form = DenseForm(program, parts, widths(program))
    return steps(form, parts) if task == "steps" else propagation(form, parts)


def _marks(scalars: Scalars) -> list[tuple[str, str]]:
    marks = []
    every: list[Scalar | Method] = [*scalars.items, *scalars.methods]
    for item in every:
        try:
            marks.append((item.name, fingerprint(item.function)))
        except TypeError as error:
            raise CompileError(
                f"{item.owner} cannot be compiled: {error}; train with engine='matrix' or 'node'"
            ) from None
    return marks


def _origin(function: object) -> str:
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", None)
    return f"{module}.{name}" if module and name else repr(function)
