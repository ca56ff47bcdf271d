"""A Boolean formula as a network of depth 2 with the sign activation."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import product
from operator import and_, or_, xor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnn.checks import quoted
from graphnn.errors import DataError
from graphnn.graph.builders.table import MOST_VARIABLES, truth_table
from graphnn.graph.network import Network

__all__ = ["formula"]

Truth = NDArray[np.bool_]

OPERATORS: Mapping[type[ast.AST], Any] = {
    ast.BitAnd: and_, ast.And: and_, ast.BitOr: or_, ast.Or: or_, ast.BitXor: xor,
}  # fmt: skip

TOO_DEEP = (
    "the formula is nested too deeply: write long rows with 'and' and 'or', which nest no deeper "
    "however many there are"
)


def formula(text: str, variables: Iterable[str] | None = None) -> Network:
    """Return the sign network of depth 2 that computes a Boolean formula.

    Inputs and output are -1 for false and 1 for true. There is one hidden neuron for each row of
    the truth table that is true, as `truth_table` has it.

    Args:
        text: The formula, of names, `True` and `False`, joined by `~` or `not`, `&` or `and`, `^`
            (one of the two), `|` or `or`, and brackets. They bind as in Python: `~`, `&`, `^`, `|`,
            then `not`, `and`, `or`. The text is only read, never run.
        variables: The inputs in their order, which may be more than the formula has; default its
            names as they appear. They become the labels of the inputs.

    Raises:
        DataError: If the text is no such formula, or has more than 16 variables or none; what is
            wrong in it is shown.

    Example:
        >>> from graphnn.engines.node import forward
        >>> net = formula("a & (b | ~c)")
        >>> net.labels
        mappingproxy({'a': (0, 1), 'b': (0, 2), 'c': (0, 3)})
        >>> forward(net, [1, -1, -1]).output
        (1,)

    Source: Shalev-Shwartz and Ben-David (2014), claim 20.1.
    """
    tree = _parsed(text)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    used = list(dict.fromkeys(node.id for node in found))
    names = used if variables is None else list(variables)
    for name in used:
        if name not in names:
            raise DataError(
                f"the formula has {quoted(name)}, which is none of the variables {quoted(names)}"
            )
    if not 1 <= len(names) <= MOST_VARIABLES:
        raise DataError(
            f"the formula {quoted(text)} has {len(names)} variables, expected 1 to "
            f"{MOST_VARIABLES}: the network has a hidden neuron for each row of its truth table "
            "that is true"
        )
    rows = np.array(list(product((False, True), repeat=len(names))))
    truth = dict(zip(names, rows.T, strict=True))
    try:
        values = _values(tree, truth, np.ones(len(rows), dtype=np.bool_))
    except RecursionError:
        raise DataError(TOO_DEEP) from None
    return truth_table(values, names)


def _parsed(text: str) -> ast.expr:
    if not isinstance(text, str):
        raise DataError(f"found a {type(text).__name__}, expected a formula as 'a & (b | ~c)'")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = f" at character {error.offset}" if error.offset else ""
        raise DataError(f"the formula {quoted(text)} cannot be read{where}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise DataError(TOO_DEEP) from None
    except ValueError as error:
        raise DataError(f"the formula cannot be read: {error}") from None


def _values(node: ast.expr, truth: Mapping[str, Truth], true: Truth) -> Truth:
    """Return a formula's value in every row."""
    match node:
        case ast.Name(id=name):
            return truth[name]
        case ast.Constant(value=bool(value)):
            return true if value else ~true
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return ~_values(operand, truth, true)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            join = OPERATORS[type(op)]
            result: Truth = join(_values(left, truth, true), _values(right, truth, true))
            return result
        case ast.BoolOp(op=op, values=values):
            return reduce(OPERATORS[type(op)], (_values(part, truth, true) for part in values))
    raise DataError(
        f"the formula has {quoted(ast.unparse(node))}, expected names, True and False, joined "
        "by ~ & ^ | not and or, and brackets"
    )
