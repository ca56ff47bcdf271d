"""`Update`: the lines that move one weight, by whatever rules there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from graphnn.engines.native.scalars import Scalars
from graphnn.engines.native.text import Precision
from graphnn.engines.rules import Rules, goes_with, takes_constants
from graphnn.errors import CompileError

__all__ = ["Rule", "Update"]


class Rule(NamedTuple):
    """A regulariser in generated code.

    Attributes:
        name: What its method is called.
        variable: The variable that holds its numbers.
        constants: Whether it takes in the constant neurons' edges.
    """

    name: str
    variable: str
    constants: bool

    def counts(self, *, constant: bool) -> bool:
        """Whether it takes in an edge."""
        return self.constants or not constant


@dataclass(frozen=True)
class Update:
    """Writes the move of a weight, in the order of `graphnn.engines.descent`.

    Attributes:
        precision: float64 or float32.
        slots: For each number that is remembered of a weight the name of its arrays.
        counters: How many numbers are remembered of the run.
        penalties: Those whose derivative is added to the gradient.
        clips: Those that bound the gradient of a weight.
        scalings: Those that multiply the gradients of all weights.
        proximals: Those that move a weight once more.
        projections: Those that multiply the weights into a neuron.
        still: Whether a gradient of zero leaves a weight, and what is remembered, where it is.
    """

    precision: Precision
    slots: tuple[str, ...] = ()
    counters: int = 0
    penalties: tuple[Rule, ...] = ()
    clips: tuple[Rule, ...] = ()
    scalings: tuple[Rule, ...] = ()
    proximals: tuple[Rule, ...] = ()
    projections: tuple[Rule, ...] = ()
    still: bool = False

    @classmethod
    def of(cls, rules: Rules, scalars: Scalars, precision: Precision) -> Update:
        """Return the writer for rules; their methods get names among the scalar functions."""
        optimizer = rules.optimizer
        slots, counters = tuple(optimizer.slots()), len(optimizer.counters())
        for name in slots:
            if not name.isidentifier():
                raise CompileError(
                    f"optimizer {optimizer!r}: the slot {name!r} cannot be compiled, since its "
                    "name is no identifier; train with engine='matrix' or 'node'"
                )
        record = scalars.record("optimizer", optimizer)
        scalars.method(record, "update", "update", (None, None, len(slots), 1 + counters))
        if counters:
            scalars.method(record, "tick", "tick", (counters,))
        variables = {id(one): f"regularizer{k}" for k, one in enumerate(rules.regularizers, 1)}

        def named(some: tuple[Any, ...], method: str, arguments: int = 1) -> tuple[Rule, ...]:
            found = []
            for one in some:
                kept = scalars.record(variables[id(one)], one)
                name = f"{method}{variables[id(one)].removeprefix('regularizer')}"
                scalars.method(kept, method, name, (None,) * arguments)
                found.append(Rule(name, kept.variable, takes_constants(one)))
            return tuple(found)

        return cls(
            precision,
            tuple(f"slot_{name}_" for name in slots),
            counters,
            named(rules.penalties, "derivative"),
            named(rules.clips, "clip"),
            named(rules.scalings, "gradient_factor"),
            named(rules.proximals, "proximal", 2),
            named(rules.projections, "weight_factor"),
            _is_still(rules),
        )

    @property
    def in_parts(self) -> bool:
        """Whether the gradients of all weights are needed before one moves, or weights after."""
        return bool(self.scalings or self.projections)

    def gradient(self, at: str, gradient: str, *, constant: bool = False) -> str:
        """Write the objective's gradient, clipped, from the loss's.

        Args:
            at: The place of the weight in its array, as in "1[e]".
            gradient: The loss's gradient.
            constant: Whether the edge is a constant neuron's.
        """
        rounded, wide = self.precision.rounded, self.precision.wide
        for rule in self.penalties:
            if rule.counts(constant=constant):
                penalty = rounded(f"{rule.name}({rule.variable}, {wide(f'w{at}')})")
                gradient = f"{gradient} + {penalty}"
        for rule in self.clips:
            gradient = rounded(f"{rule.name}({rule.variable}, {wide(gradient)})")
        return gradient

    def move(self, at: str, gradient: str, *, constant: bool = False, moves: str = "") -> list[str]:
        """Write lines that set `weight`, and with it the array of weights, and what is remembered.

        Args:
            at: The place of the weight in its array, as in "1[e]".
            gradient: The objective's gradient.
            constant: Whether the edge is a constant neuron's.
            moves: What is 1 where a weight is moved, if it may be none.
        """
        rounded, wide = self.precision.rounded, self.precision.wide
        slots = [f"{slot}{at}" for slot in self.slots]
        given = "".join(f"{wide(slot)}, " for slot in slots)
        call = f"update(optimizer, {wide(f'w{at}')}, {wide(gradient)}, ({given.strip()}), now)"
        lines = [f"moved, slots = {call}" if slots else f"moved = {call}[0]"]
        lines += [f"{slot} = {rounded(f'slots[{k}]')}" for k, slot in enumerate(slots)]
        w = rounded("moved")
        for rule in self.proximals:
            if rule.counts(constant=constant):
                w = rounded(f"{rule.name}({rule.variable}, {wide(w)}, now[0])")
        if moves:
            w = f"select({w}, {moves}, w{at})"
        return [*lines, f"weight = {w}", f"w{at} = weight"]

    def tick(self, rate: str) -> list[str]:
        """Write lines that set `now`, the numbers of an update, whose learning rate is given."""
        lines = ["counters = tick(optimizer, counters)"] if self.counters else []
        counters = "".join(f", counters[{k}]" for k in range(self.counters))
        return [*lines, f"now = ({rate}{counters or ','})"]

    def begin(self) -> list[str]:
        """Write how the counters are read."""
        counters = "".join(f"counting[{k}], " for k in range(self.counters))
        return [f"counters = ({counters.strip()})"] if self.counters else []

    def end(self) -> list[str]:
        """Write how the counters are kept."""
        return [f"counting[{k}] = counters[{k}]" for k in range(self.counters)]


def _is_still(rules: Rules) -> bool:
    """Whether a gradient of zero changes nothing: a rule says so of its own methods, `rests`."""
    if rules.penalties or rules.proximals:
        return False
    return goes_with(rules.optimizer, "rests", "update") and all(
        goes_with(one, "rests", "clip") for one in rules.clips
    )
