"""`to_python`: a network as one stand-alone Python function, to be read and to be run.

It imports nothing but `math`, and its numbers are the node engine's to the last bit: the
activations are the very functions that the engine calls, and the sums start at 0 and go over the
edges in the engine's order.
"""

from __future__ import annotations

import builtins
import inspect
import keyword
from collections.abc import Callable, Iterable, Sequence
from textwrap import fill
from types import FunctionType
from typing import Any

from graphnn.formats.formulas import (
    Formula,
    activation_names,
    formulas,
    is_large,
    places,
    positions,
    require_name,
    span,
)
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["to_python"]

RESERVED = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "math"])

LINE = 100

TABLES = """\
# Of each neuron of a layer: its activation, where in the list v of the layer before the values
# stand that go into its sum (v[0] is the constant neuron's), and their weights."""


def to_python(network: Network, name: str = "network") -> str:
    '''Return a network as the text of a Python module with one function, which imports only `math`.

    The function takes the input, a sequence of numbers, and returns the list of the outputs.
    Preprocessing is not part of it: x is what the input neurons take.

    Args:
        network: The network; it is only read.
        name: The function's name, of plain letters, digits and underscores.

    Raises:
        FormatError: If the name is no identifier or taken, or a neuron has your own activation.
        NetworkError: If something wrong was put into the graph through networkx.

    Example:
        >>> net = Network([2, 1], activation="relu")
        >>> net.set_label((0, 2), "height")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 2), (1, 1), -2.0)])
        >>> print(to_python(net))
        """A neural network as a Python function, written by graphnn."""
        <BLANKLINE>
        <BLANKLINE>
        def _relu(a: float) -> float:
            # Asked this way round, so that NaN stays NaN and is seen.
            return 0 if a <= 0 else a
        <BLANKLINE>
        <BLANKLINE>
        # x[0]: neuron (0, 1)
        # x[1]: neuron (0, 2), 'height'
        # y[0]: neuron (1, 1)
        def network(x):
            """Return the outputs y of the inputs x."""
            v0_0 = 1.0
            v0_1, v0_2 = map(float, x)
        <BLANKLINE>
            # layer 1
            v1_1 = _relu(0.0 + 0.5 * v0_0 + -2.0 * v0_2)
        <BLANKLINE>
            return [v1_1]
        <BLANKLINE>
    '''
    require_name(name, RESERVED, "Python")
    layers = formulas(network)
    functions = _functions(activation_names(layers), identity=is_large(layers))
    head = ['"""A neural network as a Python function, written by graphnn."""']
    head += ["\nimport math"] if any("math." in text for text in functions) else []
    body = _tables(network, layers, name) if is_large(layers) else _terms(network, layers, name)
    return "\n\n\n".join(["\n".join(head), *functions, *body]) + "\n"


def _functions(names: Sequence[str], *, identity: bool) -> list[str]:
    """Return the source of the activations that are used, after that of what they call."""
    found: dict[str, str] = {}

    def add(function: Any) -> None:
        for called in function.__code__.co_names:
            one = function.__globals__.get(called)
            if isinstance(one, FunctionType):
                add(one)
        found.setdefault(function.__name__, inspect.getsource(function).rstrip())

    for name in names:
        if name != "identity" or identity:
            add(ACTIVATIONS[name].value)
    return list(found.values())


def _function(name: str) -> str:
    function: Callable[[float], float] = ACTIVATIONS[name].value
    return function.__name__


def _head(network: Network, name: str) -> list[str]:
    return [
        *(f"# {line}" for line in places(network, 0, "x")),
        *(f"# {line}" for line in places(network, network.depth, "y")),
        f"def {name}(x):",
        '    """Return the outputs y of the inputs x."""',
    ]


# ---- small networks: a term for each edge --------------------------------------------------


def _terms(network: Network, layers: Sequence[Sequence[Formula]], name: str) -> list[str]:
    used = {source for layer in layers for one in layer for source in one.sources}
    inputs = ", ".join(map(_value, network.neurons(0)))
    lines = [
        *_head(network, name),
    ]
    lines += [f"    {_value((0, 0))} = 1.0"] if (0, 0) in used else []
    lines += _assigned(inputs if len(network.neurons(0)) > 1 else f"({inputs},)", "map(float, x)")
    for t, layer in enumerate(layers, start=1):
        lines += ["", f"    # layer {t}"]
        lines += [f"    {_value((t, 0))} = 1.0"] if (t, 0) in used else []
        for one in layer:
            lines += _formula(one)
    outputs = ", ".join(map(_value, network.neurons(network.depth)))
    whole = f"    return [{outputs}]"
    lines += ["", *(_filled(whole, "    return [", outputs, "    ]"))]
    return ["\n".join(lines)]


def _value(neuron: Neuron) -> str:
    return f"v{neuron[0]}_{neuron[1]}"


def _assigned(names: str, value: str) -> list[str]:
    return _filled(f"    {names} = {value}", "    (", names, f"    ) = {value}")


def _filled(whole: str, head: str, items: str, end: str) -> list[str]:
    """Return a line, or where it would be too long its items broken over several."""
    if len(whole) <= LINE:
        return [whole]
    space = " " * 8
    return [head, fill(items, LINE, initial_indent=space, subsequent_indent=space), end]


def _formula(one: Formula) -> list[str]:
    terms = [
        f" + {weight!r} * {_value(source)}"
        for source, weight in zip(one.sources, one.weights, strict=True)
    ]
    is_call = one.activation != "identity"
    head = f"    {_value(one.neuron)} = {_function(one.activation) if is_call else ''}"
    short = "0.0" + "".join(terms)
    whole = f"{head}({short})" if is_call else head + short
    if len(whole) <= LINE:
        return [whole]
    return [f"{head}(", "        0.0", *(f"       {term}" for term in terms), "    )"]


# ---- large networks: tables and loops ------------------------------------------------------


def _tables(network: Network, layers: Sequence[Sequence[Formula]], name: str) -> list[str]:
    parts = [TABLES]
    for t, layer in enumerate(layers, start=1):
        position = positions(network, t - 1)
        whole = span(layer, len(position) - 1, position)
        rows = []
        for one in layer:
            places_ = _tuple(str(position[n]) for n in one.sources) if whole is None else str(whole)
            weights = _tuple(map(repr, one.weights))
            rows.append(f"    ({_function(one.activation)}, {places_}, {weights}),\n")
        parts.append(f"_LAYER_{t} = (\n{''.join(rows)})")
    layer_names = [f"_LAYER_{t}" for t in range(1, len(layers) + 1)]
    lines = [
        *_head(network, name),
        f"    if len(x) != {network.layers[0]}:",
        f'        raise ValueError(f"x has {{len(x)}} numbers, expected {network.layers[0]}")',
        "    v = [1.0, *map(float, x)]",
        f"    for layer in {_tuple(layer_names)}:",
        "        values = [1.0]",
        "        for sigma, sources, weights in layer:",
        "            a = 0.0",
        "            for i, w in zip(sources, weights):",
        "                a = a + w * v[i]",
        "            values.append(sigma(a))",
        "        v = values",
        "    return v[1:]",
    ]
    return [*parts, "\n".join(lines)]


def _tuple(items: Iterable[str]) -> str:
    found = list(items)
    return f"({found[0]},)" if len(found) == 1 else f"({', '.join(found)})"
