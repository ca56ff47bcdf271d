"""`to_c`: a network as one C99 function, with the node engine's numbers to the last bit.

The sums start at 0 and go over the edges in the engine's order, and the activations call the C
library's functions as Python's `math` does. So `cc -O2 -ffp-contract=off` gives the same bits where
Python runs on the same C library; another library's `exp` or `tanh` may differ in its last bits.
The files are C for the GNU compiler, Clang and every other that rounds each operation to a double;
on 32-bit x86 that takes `-msse2 -mfpmath=sse`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from graphnn.formats.c_words import RESERVED
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
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = ["to_c"]

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "identity": "return a;",
        "sigmoid": "const double e = {exp}(-fabs(a));\n    "
        "return (a >= 0.0 ? 1.0 : e) / (1.0 + e);",
        "tanh": "return {tanh}(a);",
        "relu": "return a <= 0.0 ? 0.0 : a;",
        "leaky_relu": "return a > 0.0 ? a : a / 100.0;",
        "elu": "return a > 0.0 ? a : {expm1}(a);",
        "softplus": "return a > 0.0 ? a + {log1p}({exp}(-a))\n"
        "                   : {log1p}({exp}(a));",
        "gelu": "return a / 2.0 * {erfc}(-a * 0x1.6a09e667f3bcdp-1); /* sqrt(1/2) */",
        "silu": "return a < -708.0 ? 0.0 : a * {sigmoid}(a);",
        "sign": "return a > 0.0 ? 1.0 : a < 0.0 ? -1.0 : a;",
    }
)
"""The bodies of the activations, as in `graphnn.functions.activations`."""

LIBRARY = ("exp", "expm1", "log1p", "tanh", "erfc")


def to_c(network: Network, name: str = "network") -> str:
    """Return a network as a self-contained C99 file: one function, no allocation, no state.

    The file declares `void NAME(const double *x, double *y)`, which writes the outputs of the input
    x to y (the arrays may overlap), and the constants `NAME_inputs` and `NAME_outputs`.
    Preprocessing is not part of it: x is what the input neurons take.

    Args:
        network: The network; it is only read.
        name: The function's name, a C identifier; other names in the file begin with it.

    Raises:
        FormatError: If the name is no identifier or taken, or a neuron has your own activation.
        NetworkError: If something wrong was put into the graph through networkx.

    Example:
        >>> net = Network([1, 1], activation="relu")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), -2.0)])
        >>> print(to_c(net).partition("double *y);")[2])
        <BLANKLINE>
        <BLANKLINE>
        static double network_relu(double a)
        {
            return a <= 0.0 ? 0.0 : a;
        }
        <BLANKLINE>
        void network(const double *x, double *y)
        {
            const double v0_0 = 1.0;
            const double v0_1 = x[0];
        <BLANKLINE>
            /* layer 1 */
            const double v1_1 = network_relu(0.0
                + 0x1.0000000000000p-1 * v0_0 /* 0.5 */
                + -0x1.0000000000000p+1 * v0_1 /* -2.0 */);
        <BLANKLINE>
            y[0] = v1_1;
        }
        <BLANKLINE>
    """
    require_name(name, RESERVED, "C")
    layers = formulas(network)
    body = _tables(network, layers, name) if is_large(layers) else _terms(network, layers, name)
    parts = [_head(network, name), *_functions(activation_names(layers), name), *body]
    return "\n\n".join(parts) + "\n"


def _head(network: Network, name: str) -> str:
    inputs, outputs = network.layers[0], network.layers[-1]
    signature = f"void {name}(const double *x, double *y)"
    lines = [
        f"{signature}: a neural network, written by graphnn.",
        "",
        "Compile it with: cc -O2 -ffp-contract=off -c FILE.c   (and link with -lm)",
        f"It takes about {_stack(network)} bytes of the stack and no other memory.",
        "",
        *places(network, 0, "x"),
        *places(network, network.depth, "y"),
    ]
    comment = "\n".join(f" * {line}".rstrip() for line in lines)
    return (
        f"/*\n{comment}\n */\n#include <math.h>\n\n"
        "#if !defined(__GNUC__) || defined(__clang__)\n"
        "#pragma STDC FP_CONTRACT OFF\n"
        "#endif\n\n"
        f"enum {{ {name}_inputs = {inputs}, {name}_outputs = {outputs} }};\n\n"
        f"{signature};"
    )


def _stack(network: Network) -> int:
    """Return how many bytes a, and v of every layer take."""
    return 8 * (sum(network.layers) + len(network.layers) + max(network.layers[1:]))


def _functions(names: Sequence[str], prefix: str) -> list[str]:
    """Return the activations that are used, after what they call."""
    needed = sorted({*names, *(["sigmoid"] if "silu" in names else [])} - {"identity"})
    called = [one for one in LIBRARY if any(f"{{{one}}}" in FUNCTIONS[name] for name in needed)]
    parts = []
    if called:
        pointers = [f"{prefix}_libm_{one})(double) = {one};" for one in called]
        parts.append(
            "/* Through pointers that are read when called: what a compiler works out beforehand\n"
            " * may differ from the C library's numbers in the last bit. */\n"
            + "\n".join(f"static double (*const volatile {one}" for one in pointers)
        )
    names_in_c = {one: f"{prefix}_libm_{one}" for one in LIBRARY}
    names_in_c["sigmoid"] = f"{prefix}_sigmoid"
    # Sigmoid, which silu calls, stands first.
    for one in sorted(needed, key=lambda one: (one != "sigmoid", one)):
        body = FUNCTIONS[one].format_map(names_in_c)
        parts.append(f"static double {prefix}_{one}(double a)\n{{\n    {body}\n}}")
    return parts


# ---- small networks: a term for each edge --------------------------------------------------


def _terms(network: Network, layers: Sequence[Sequence[Formula]], name: str) -> list[str]:
    used = {source for layer in layers for one in layer for source in one.sources}
    head = [f"void {name}(const double *x, double *y)", "{"]
    lines = [f"    const double {_value((0, 0))} = 1.0;"] if (0, 0) in used else []
    for k, neuron in enumerate(network.neurons(0)):
        if neuron in used:
            lines.append(f"    const double {_value(neuron)} = x[{k}];")
    lines += ["    (void)x;"] if not lines or lines[-1].endswith("= 1.0;") else []
    for t, layer in enumerate(layers, start=1):
        lines += ["", f"    /* layer {t} */"]
        lines += [f"    const double {_value((t, 0))} = 1.0;"] if (t, 0) in used else []
        for one in layer:
            lines.append(f"    const double {_value(one.neuron)} = {_formula(one, name)};")
            if t < network.depth and one.neuron not in used:
                lines.append(f"    (void){_value(one.neuron)}; /* no edge leads on */")
    lines.append("")
    for k, neuron in enumerate(network.neurons(network.depth)):
        lines.append(f"    y[{k}] = {_value(neuron)};")
    return ["\n".join([*head, *lines, "}"])]


def _value(neuron: Neuron) -> str:
    return f"v{neuron[0]}_{neuron[1]}"


def _formula(one: Formula, name: str) -> str:
    terms = [
        f"\n        + {weight.hex()} * {_value(source)} /* {weight!r} */"
        for source, weight in zip(one.sources, one.weights, strict=True)
    ]
    function = "" if one.activation == "identity" else f"{name}_{one.activation}"
    return f"{function}(0.0{''.join(terms)})"


# ---- large networks: tables and loops ------------------------------------------------------


def _tables(network: Network, layers: Sequence[Sequence[Formula]], name: str) -> list[str]:
    inputs, outputs = network.layers[0], network.layers[-1]
    tables: list[str] = []
    lines = [
        f"void {name}(const double *x, double *y)",
        "{",
        *(f"    double v{t}[{width + 1}];" for t, width in enumerate(network.layers)),
        f"    double a[{max(network.layers[1:])}];",
        "    long i, j;",
        "",
        "    v0[0] = 1.0;",
        f"    for (i = 0; i < {inputs}; ++i)",
        "        v0[i + 1] = x[i];",
    ]
    for t, layer in enumerate(layers, start=1):
        found, loop = _layer(network, t, layer, name)
        tables += found
        lines += ["", f"    /* layer {t} */", f"    v{t}[0] = 1.0;", *loop]
    lines += [
        "",
        f"    for (j = 0; j < {outputs}; ++j)",
        f"        y[j] = v{len(layers)}[j + 1];",
        "}",
    ]
    return [*tables, "\n".join(lines)]


def _layer(
    network: Network, t: int, layer: Sequence[Formula], name: str
) -> tuple[list[str], list[str]]:
    """Return the tables and the loop of a layer."""
    position = positions(network, t - 1)
    whole = span(layer, len(position) - 1, position)
    weights = f"{name}_w{t}"
    if whole is not None:
        # As the lecture's matrix w^(t), a source a row: the loop over neurons goes to vectors, and
        # each neuron's sum keeps its order.
        columns = [one.weights for one in layer]
        rows = ["{" + _items(w.hex() for w in row) + "}" for row in zip(*columns, strict=True)]
        tables = [_table("double", f"{weights}[{len(whole)}][{len(layer)}]", rows)]
        shift = f" + {whole.start}" if whole.start else ""
        loop = [
            f"    for (j = 0; j < {len(layer)}; ++j)",
            "        a[j] = 0.0;",
            f"    for (i = 0; i < {len(whole)}; ++i)",
            f"        for (j = 0; j < {len(layer)}; ++j)",
            f"            a[j] += {weights}[i][j] * v{t - 1}[i{shift}];",
        ]
    else:
        edges = [(position[n], w.hex()) for one in layer for n, w in zip(*one[2:], strict=True)]
        starts = [0]
        for one in layer:
            starts.append(starts[-1] + len(one.weights))
        tables = [
            _table("long", f"{name}_start{t}[]", map(str, starts)),
            _table("long", f"{name}_source{t}[]", [str(n) for n, _ in edges] or ["0"]),
            _table("double", f"{weights}[]", [w for _, w in edges] or ["0.0"]),
        ]
        loop = [
            f"    for (j = 0; j < {len(layer)}; ++j) {{",
            "        a[j] = 0.0;",
            f"        for (i = {name}_start{t}[j]; i < {name}_start{t}[j + 1]; ++i)",
            f"            a[j] += {weights}[i] * v{t - 1}[{name}_source{t}[i]];",
            "    }",
        ]
    more, value = _activation(t, layer, name)
    values = [f"    for (j = 0; j < {len(layer)}; ++j)", f"        v{t}[j + 1] = {value};"]
    return [*tables, *more], [*loop, *values]


def _activation(t: int, layer: Sequence[Formula], name: str) -> tuple[list[str], str]:
    """Return how a layer's values follow from a: with a table where neurons differ."""
    names = activation_names([layer])
    if len(names) == 1:
        return [], "a[j]" if names[0] == "identity" else f"{name}_{names[0]}(a[j])"
    choices = ["a[j]" if one == "identity" else f"{name}_{one}(a[j])" for one in names]
    codes = _table("char", f"{name}_kind{t}[]", [str(names.index(o.activation)) for o in layer])
    value = choices[-1]
    for code, choice in reversed(list(enumerate(choices[:-1]))):
        value = f"{name}_kind{t}[j] == {code} ? {choice}\n            : {value}"
    return [codes], value


def _table(kind: str, declaration: str, items: Iterable[str]) -> str:
    return f"static const {kind} {declaration} = {{{_items(items)}}};"


def _items(items: Iterable[str], across: int = 4) -> str:
    """Return the items of a table, a few on a line."""
    found = list(items)
    rows = [", ".join(found[k : k + across]) for k in range(0, len(found), across)]
    return "\n    " + ",\n    ".join(rows) + "\n"
