"""`Formula`: a neuron as a formula of the layer before, for networks that are written as source.

Names and labels of users go into comments only, through `quoted`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from graphnn.engines.wiring import Unit, wire
from graphnn.errors import FormatError
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.network import Network
from graphnn.types import Neuron

__all__ = [
    "MOST_TERMS",
    "Formula",
    "activation_names",
    "formulas",
    "is_large",
    "places",
    "positions",
    "quoted",
    "require_name",
    "span",
]

MOST_TERMS = 256
"""Networks of more edges are written as tables and loops, smaller ones term by term."""

MOST_PLACES = 64
"""Of more inputs or outputs only those with labels are listed."""

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Formula(NamedTuple):
    """A neuron: v = activation(w_1 v_1 + w_2 v_2 + ...), summed from 0 in this order.

    Attributes:
        neuron: The neuron of layer 1..T.
        activation: The name of a built-in activation.
        sources: The neurons whose values go in, the constant one first.
        weights: Their weights.
    """

    neuron: Neuron
    activation: str
    sources: tuple[Neuron, ...]
    weights: tuple[float, ...]


def formulas(network: Network) -> list[list[Formula]]:
    """Return the neurons of layers 1..T, in the node engine's order.

    Raises:
        FormatError: If a neuron has a user's own activation.
        NetworkError: If something wrong was put into the graph through networkx.
    """
    return [[_formula(unit) for unit in layer] for layer in wire(network).layers]


def _formula(unit: Unit) -> Formula:
    name = unit.activation.name
    if ACTIVATIONS.get(name) != unit.activation:
        raise FormatError(
            f"neuron {unit.neuron} has your own activation {name!r}, which cannot be written as "
            f"source: expected one of {sorted(ACTIVATIONS)}"
        )
    sources = tuple(source for source, _ in unit.incoming)
    return Formula(unit.neuron, name, sources, tuple(e["weight"] for _, e in unit.incoming))


def is_large(layers: Sequence[Sequence[Formula]]) -> bool:
    """Whether a network is written as tables and loops."""
    return sum(len(one.weights) for layer in layers for one in layer) > MOST_TERMS


def activation_names(layers: Sequence[Sequence[Formula]]) -> list[str]:
    """Return the names of all activations, each once."""
    return sorted({one.activation for layer in layers for one in layer})


def positions(network: Network, t: int) -> dict[Neuron, int]:
    """Return where the values of layer t stand in an array: the constant neuron's at 0."""
    return {neuron: k for k, neuron in enumerate([(t, 0), *network.neurons(t)])}


def span(layer: Sequence[Formula], width: int, position: dict[Neuron, int]) -> range | None:
    """Return the positions of the sources where all neurons have the same, without a gap, or None.

    They are all neurons of the layer before, with the constant neuron or without it.
    """
    for first in (0, 1):
        whole = range(first, width + 1)
        if all([position[n] for n in one.sources] == list(whole) for one in layer):
            return whole
    return None


def require_name(name: object, reserved: Container[str], language: str) -> str:
    """Return the name of a function to be written, checked.

    Raises:
        FormatError: If it is no plain identifier, or one that is taken.
    """
    if not isinstance(name, str) or not IDENTIFIER.fullmatch(name):
        raise FormatError(
            f"the function's name is {name!r}, expected a letter of A-Z or a-z and then letters, "
            "digits and underscores"
        )
    if name in reserved:
        raise FormatError(
            f"the function's name is {name!r}, a word of {language}'s own: choose another, such as "
            "'network'"
        )
    return name


def places(network: Network, t: int, letter: str) -> list[str]:
    """Return which neuron of a layer each number of an array is of, a line each; not too many."""
    neurons = network.neurons(t)
    lines = [
        f"{letter}[{k}]: neuron {neuron}{_label(network, neuron)}"
        for k, neuron in enumerate(neurons)
        if len(neurons) <= MOST_PLACES or "label" in network.nodes[neuron]
    ]
    if len(neurons) > MOST_PLACES:
        lines.insert(0, f"{letter}[0..{len(neurons) - 1}]: neurons {neurons[0]} to {neurons[-1]}")
    return lines


def _label(network: Network, neuron: Neuron) -> str:
    label = network.nodes[neuron].get("label")
    return "" if label is None else f", {quoted(label)}"


def quoted(label: object) -> str:
    r"""Return a label as it may stand in a comment of any language: one line, nothing ends it.

    Example:
        >>> print(quoted("height"), quoted("x */ y"), quoted("two\nlines"), quoted(("a", 1)))
        'height' 'x * / y' 'two\nlines' ('a', 1)
    """
    text = ascii(label)
    # An object of one's own may show itself in any way.
    text = re.sub(r"[^ -~]", lambda found: rf"\x{ord(found[0]):02x}", text)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    # The ends of C's comments, and its trigraphs: two question marks and a letter.
    text = re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", lambda found: f"{found[0]} ", text)
    return f"{text}." if text.endswith("\\") else text
