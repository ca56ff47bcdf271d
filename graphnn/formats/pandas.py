"""Tables of pandas: one of neurons with their numbers, one of edges with theirs.

Needs pandas: `python -m pip install pandas`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from graphnn.errors import EngineUnavailable, FormatError
from graphnn.formats.graphs import preprocessing_of
from graphnn.formats.parts import short
from graphnn.formats.preprocessing import to_content
from graphnn.formats.records import NeuronRecord, built, known_activations
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

if TYPE_CHECKING:
    import pandas as pd

    from graphnn.engines.trace import Trace

__all__ = ["Tables", "from_pandas", "to_pandas"]


class Tables(NamedTuple):
    """The two tables.

    Attributes:
        neurons: One row a neuron, the constant ones included, by `layer` t and `number` j: its
            `activation`, `label` and, of one sample, `a`, `v` and `delta`.
        edges: One row an edge in (t, i, j) order, by `layer` t, `source` i and `target` j: its
            `weight`, `trainable`, `shared` and, of one sample, `gradient`.
    """

    neurons: pd.DataFrame
    edges: pd.DataFrame


def to_pandas(network: Network, trace: Trace | None = None) -> Tables:
    """Return the tables of a network, with the numbers of one sample if a trace is given.

    Args:
        network: The network; it is only read.
        trace: What `forward` or `backward` returned for it: a is NaN for inputs and constant
            neurons, delta for those and after `forward` alone, when there is no gradient either.

    Raises:
        FormatError: If the trace is another network's.
        EngineUnavailable: If pandas is not installed.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network([1, 1], activation="identity")
        >>> net.add_weighted_edges_from([((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 2.0)])
        >>> tables = to_pandas(net, gn.backward(net, [3.0], 6.0))
        >>> tables.edges[["layer", "source", "target", "weight", "gradient"]]
           layer  source  target  weight  gradient
        0      1       0       1     0.5       0.5
        1      1       1       1     2.0       1.5
    """
    pd = _pandas()
    network.require_layered()
    layers = range(network.depth + 1)
    neurons = [(t, 0) for t in layers[:-1]] + [n for t in layers for n in network.neurons(t)]
    neurons.sort()
    edges = sorted(network.graph.edges(data=True), key=lambda edge: edge[:2])
    if trace is not None and not (
        trace.v.keys() == set(neurons) and trace.weights.keys() == {(u, v) for u, v, _ in edges}
    ):
        raise FormatError("the trace has other neurons or edges than the network: trace it anew")
    table: dict[str, Any] = {"layer": [t for t, _ in neurons], "number": [j for _, j in neurons]}
    table["activation"] = [network.activation(n).name if 0 not in n else None for n in neurons]
    table["label"] = [network.nodes[n].get("label") for n in neurons]
    lines: dict[str, Any] = {
        "layer": [v[0] for _, v, _ in edges],
        "source": [u[1] for u, _, _ in edges],
        "target": [v[1] for _, v, _ in edges],
        "weight": [data["weight"] for *_, data in edges],
        "trainable": [data.get("trainable", True) for *_, data in edges],
        "shared": [data.get("shared") for *_, data in edges],
    }
    if trace is not None:
        for word in ("a", "v", "delta"):
            numbers = getattr(trace, word)
            table[word] = [numbers.get(neuron, math.nan) for neuron in neurons]
        if trace.gradient:
            lines["gradient"] = [trace.gradient[u, v] for u, v, _ in edges]
    kinds = {"activation": object, "label": object, "shared": object}
    made = [
        pd.DataFrame(
            {name: pd.Series(column, dtype=kinds.get(name)) for name, column in one.items()}
        )
        for one in (table, lines)
    ]
    if network.preprocessing is not None:
        made[0].attrs["preprocessing"] = json.dumps(to_content(network.preprocessing))
    return Tables(*made)


def from_pandas(
    neurons: pd.DataFrame, edges: pd.DataFrame, activations: Iterable[Activation] = ()
) -> Network:
    """Return the network of two tables, as `to_pandas` makes them or a user did.

    Args:
        neurons: The columns `layer`, `number` and `activation`; `label` if there is one. Rows with
            the number 0, the constant neurons', are not needed. Preprocessing is in its
            `attrs["preprocessing"]`, as JSON text.
        edges: The columns `layer`, `source`, `target` and `weight`; `trainable` and `shared` if
            there are such. Columns of numbers of a sample are not read.
        activations: Your own activations that the network uses; they are found by name.

    Raises:
        FormatError: If a column is missing or a rule is broken; the neuron or edge is named.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> from_pandas(*to_pandas(net)) == net
        True
    """
    rows = _rows("neurons", neurons, ("layer", "number", "activation"), ("label",))
    records = [NeuronRecord((t, j), name, label) for t, j, name, label in rows]
    optional = ("trainable", "shared")
    lines = _rows("edges", edges, ("layer", "source", "target", "weight"), optional)
    each = (
        (
            (t - 1, i) if type(t) is int else (t, i), (t, j), weight,
            True if switch is None else switch, name,
        )
        for t, i, j, weight, switch, name in lines
    )  # fmt: skip
    preprocessing = preprocessing_of(neurons.attrs)
    return built(records, each, known_activations(activations), preprocessing)


def _rows(
    word: str, table: pd.DataFrame, needed: tuple[str, ...], optional: tuple[str, ...]
) -> Iterable[tuple[Any, ...]]:
    """Return a table's rows as plain values, missing ones as None."""
    pd = _pandas()
    if not isinstance(table, pd.DataFrame):
        raise FormatError(f"{word} is a {type(table).__name__}, expected a pandas.DataFrame")
    columns = []
    for name in (*needed, *optional):
        if name not in table.columns:
            if name in needed:
                raise FormatError(
                    f"{word} has the columns {short([str(c) for c in table.columns][:12])}, "
                    f"expected {list(needed)}"
                )
            columns.append([None] * len(table))
            continue
        values = table[name]
        if not isinstance(values, pd.Series):
            raise FormatError(f"{word} has the column {name!r} twice")
        # A weight that is missing stays NaN, which is refused by the edge's name.
        gone = values.isna().tolist() if name != "weight" else [False] * len(values)
        plain = zip(values.astype(object).tolist(), gone, strict=True)
        columns.append([None if missing else _plain(value) for value, missing in plain])
    return zip(*columns, strict=True)


def _plain(value: Any) -> Any:
    """Return a NumPy number as Python's."""
    return value.item() if hasattr(value, "item") else value


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise EngineUnavailable("pandas is not installed: python -m pip install pandas") from None
    return pd
