"""The rules of the layered graph, and the errors that say which one an act would break."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias

from graphnn.errors import DataError, NetworkError
from graphnn.functions.activations import Activation, resolve_activation
from graphnn.functions.preprocessing import Preprocessing
from graphnn.types import Neuron, edge_name

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "absent",
    "duplicate",
    "edge_rows",
    "edges_with",
    "finite_weight",
    "layer_activations",
    "layer_widths",
    "not_finite",
    "real_weight",
    "require_fitting",
    "require_layered",
    "weighted_edges",
    "wrong_layers",
]

EdgeRow: TypeAlias = tuple[Any, Any, Any, Any, Any]
"""An edge before it is checked: (u, v, weight, trainable, shared)."""

MAX_NEURONS = 10_000_000
"""More neurons than this are refused at once: as a graph they would take tens of gigabytes."""


def layer_widths(layers: Sequence[int]) -> list[int]:
    """Return the layers' numbers of neurons, checked."""
    try:
        widths = list(layers)
    except TypeError:
        raise NetworkError(
            f"layers is {layers!r}, expected the numbers of neurons of each layer, as [2, 3, 1]"
        ) from None
    if len(widths) < 2:
        raise NetworkError(
            f"layers is {widths}, expected at least two: the inputs and the outputs, as [2, 1]"
        )
    for t, width in enumerate(widths):
        if isinstance(width, bool) or not isinstance(width, Integral) or width < 1:
            raise NetworkError(
                f"layer {t} has {width!r} neurons, expected a whole number of at least 1 (the "
                "constant neuron is not counted)"
            )
    if sum(widths) > MAX_NEURONS:
        raise NetworkError(
            f"layers ask for {sum(widths)} neurons, expected at most {MAX_NEURONS} in all"
        )
    return [int(width) for width in widths]


def layer_activations(
    activation: str | Activation | Sequence[str | Activation], depth: int
) -> list[Activation]:
    """Return one activation for each layer 1..T."""
    if isinstance(activation, str | Activation) or not isinstance(activation, Sequence):
        return [resolve_activation(activation)] * depth
    if len(activation) != depth:
        raise NetworkError(
            f"activation has {len(activation)} entries, expected {depth}: one for each layer "
            f"1..{depth} (the input layer has none)"
        )
    return [resolve_activation(one) for one in activation]


def wrong_layers(u: Neuron, v: Neuron) -> NetworkError:
    """Return the error for an edge that does not run from layer t-1 to a neuron of layer t."""
    rule = "an edge runs from layer t-1 to layer t"
    if v[1] == 0:
        problem, rule = "runs into a constant neuron", "a constant neuron's value is always 1"
        rule += f"; end the edge in a neuron ({v[0]}, j) with j >= 1"
    elif v[0] > u[0] + 1:
        between = ", ".join(str(t) for t in range(u[0] + 1, v[0]))
        problem = f"skips layer{'s' if v[0] > u[0] + 2 else ''} {between}"
        rule += "; Network.from_networkx inserts relay neurons"
    elif v[0] == u[0]:
        problem = f"stays in layer {u[0]}"
    else:
        problem = f"runs backwards from layer {u[0]} to layer {v[0]}"
        rule += f"; did you mean {edge_name(v, u)}?"
    return NetworkError(f"edge {edge_name(u, v)} {problem}: {rule}", edge=(u, v))


def require_layered(graph: nx.DiGraph[Neuron], neurons: Mapping[Neuron, Neuron]) -> None:
    """Raise if a graph's nodes or edges were changed past `Network`, by calls of networkx.

    Raises:
        NetworkError: It names the first neuron or edge that breaks a rule.
    """
    if graph.nodes.keys() != neurons.keys():
        node = next(iter(graph.nodes.keys() ^ neurons.keys()))
        raise NetworkError(
            f"neuron {node} was added or removed past Network: use add_neuron and remove_neuron",
            node=node,
        )
    for u, v in graph.edges:
        if u[0] + 1 != v[0] or v[1] == 0:
            raise wrong_layers(u, v)


def real_weight(u: Neuron, v: Neuron, weight: object) -> float:
    """Return a weight that is any real number type as a float."""
    if isinstance(weight, Real) and not isinstance(weight, bool):
        try:
            return float(weight)
        except OverflowError:
            raise not_finite(u, v, math.inf) from None
    raise NetworkError(
        f"edge {edge_name(u, v)} has the weight {weight!r} of type {type(weight).__name__}, "
        "expected a finite float",
        edge=(u, v),
    )


def finite_weight(u: Neuron, v: Neuron, weight: object) -> float:
    """Return a weight as a float if it is a finite real number."""
    number = weight if type(weight) is float else real_weight(u, v, weight)
    if not math.isfinite(number):
        raise not_finite(u, v, number)
    return number


def not_finite(u: Neuron, v: Neuron, weight: float) -> NetworkError:
    """Return the error for a weight that is NaN or infinite."""
    return NetworkError(
        f"edge {edge_name(u, v)} has the weight {weight}: a weight must be finite", edge=(u, v)
    )


def duplicate(u: Neuron, v: Neuron) -> NetworkError:
    """Return the error for an edge that exists already."""
    return NetworkError(
        f"edge {edge_name(u, v)} exists already: set_weight changes its weight, remove_edge "
        "removes it",
        edge=(u, v),
    )


def absent(u: Neuron, v: Neuron) -> NetworkError:
    """Return the error for an edge that does not exist."""
    return NetworkError(f"there is no edge {edge_name(u, v)}: add_edge adds it", edge=(u, v))


def edges_with(given: Mapping[str, Any], items: Iterable[Any]) -> Iterator[EdgeRow]:
    """Yield edges that were given as (u, v) or (u, v, attributes), checked, the rest as given."""
    for item in items:
        try:
            u, v, *rest = item
            attributes = dict(*rest)
        except (TypeError, ValueError):
            raise NetworkError(
                f"found {item!r}, expected an edge as (u, v) or (u, v, attributes)"
            ) from None
        for name in attributes:
            if name not in ("weight", "trainable", "shared"):
                raise NetworkError(
                    f"edge {edge_name(u, v)} has the attribute {name!r}, expected weight, "
                    "trainable or shared",
                    edge=(u, v),
                )
        found = {**given, **attributes}
        yield u, v, found["weight"], found["trainable"], found["shared"]


def weighted_edges(items: Iterable[Any], trainable: bool, shared: str | None) -> Iterator[EdgeRow]:
    """Yield edges that were given as (u, v, weight)."""
    for item in items:
        try:
            u, v, weight = item
        except (TypeError, ValueError):
            raise NetworkError(f"found {item!r}, expected an edge as (u, v, weight)") from None
        yield u, v, weight, trainable, shared


def edge_rows(
    sources: Sequence[Neuron],
    targets: Sequence[Neuron],
    weights: Sequence[float],
    trainable: Sequence[bool] | None,
    shared: Sequence[str | None] | None,
) -> Iterator[EdgeRow]:
    """Return edges that were given column by column."""
    columns: dict[str, Any] = {"targets": targets, "weights": weights}
    columns |= {"trainable": trainable, "shared": shared}
    for name, column in columns.items():
        if column is not None and len(column) != len(sources):
            raise NetworkError(
                f"found {len(sources)} sources and {len(column)} {name}, expected as many"
            )
    switches = repeat(True) if trainable is None else trainable
    names = repeat(None) if shared is None else shared
    return zip(sources, targets, weights, switches, names, strict=False)


def require_fitting(preprocessing: Preprocessing, inputs: int, outputs: int) -> None:
    """Raise if preprocessing was fitted to other numbers of columns or classes."""
    fitted: dict[str, int] = {}
    if preprocessing.inputs is not None:
        fitted["inputs"] = preprocessing.inputs.columns
    if preprocessing.features is not None:
        fitted["features"] = len(preprocessing.features)
    for name, columns in fitted.items():
        if columns != inputs:
            raise DataError(
                f"preprocessing.{name} has {columns} columns, expected {inputs}: one for each "
                "input neuron"
            )
    if preprocessing.outputs is not None and preprocessing.outputs.columns != outputs:
        raise DataError(
            f"preprocessing.outputs has {preprocessing.outputs.columns} columns, expected "
            f"{outputs}: one for each output neuron"
        )
    if preprocessing.labels is not None:
        classes = len(preprocessing.labels.classes)
        if classes != outputs and (classes, outputs) != (2, 1):
            raise DataError(
                f"preprocessing.labels has {classes} classes, expected {outputs}: one for each "
                "output neuron (two classes also fit a single one)"
            )
