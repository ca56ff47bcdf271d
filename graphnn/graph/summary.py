"""`Summary`: what there is of a network, in numbers: layers, edges, parameters, dead neurons."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass

from graphnn.graph.network import Network, require_network
from graphnn.graph.relays import relays
from graphnn.tables import text_table
from graphnn.types import Neuron

__all__ = ["LayerSummary", "Summary", "summary"]

SHOWN = 8
"""Of a list of neurons so many are shown."""
MOST_LAYERS = 40
"""Of more layers the first and the last are printed."""
WIDTH = 80


@dataclass(frozen=True)
class LayerSummary:
    """One layer.

    Attributes:
        neurons: How many there are, the constant one not counted.
        activations: How many of them have each activation; none in the input layer.
        edges: How many run into the layer.
        possible: How many could.
    """

    neurons: int
    activations: dict[str, int]
    edges: int
    possible: int

    @property
    def density(self) -> float:
        """The share of the possible edges that are there; 0 for the input layer."""
        return self.edges / self.possible if self.possible else 0.0


@dataclass(frozen=True)
class Summary:
    """A network in numbers; printed it is a table of at most 80 columns.

    Attributes:
        layers: From 0 to T.
        trainable: The parameters that training moves; a shared weight counts once.
        frozen: Those that it does not.
        shared: How many edges carry each shared name.
        unreached: The neurons of layers 1..T that no path from an input reaches.
        useless: The neurons of layers 0..T-1 from which no path leads to an output.
        relays: How many neurons only hand on another one's value.
        labels: How many neurons have a label.
    """

    layers: tuple[LayerSummary, ...]
    trainable: int
    frozen: int
    shared: dict[str, int]
    unreached: tuple[Neuron, ...]
    useless: tuple[Neuron, ...]
    relays: int
    labels: int

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return sum(layer.edges for layer in self.layers)

    @property
    def density(self) -> float:
        """The share of the possible edges that are there."""
        return self.edges / sum(layer.possible for layer in self.layers)

    def __str__(self) -> str:
        shown = list(enumerate(self.layers))
        if len(shown) > MOST_LAYERS:
            shown = shown[: MOST_LAYERS // 2] + shown[-MOST_LAYERS // 2 :]
        rows = [
            [str(t), _counts(one.activations), f"{one.neurons:,}", *_edges(one)] for t, one in shown
        ]
        if len(shown) < len(self.layers):
            rows.insert(MOST_LAYERS // 2, ["...", "", "", "", ""])
        header = ["layer", "activations", "neurons", "edges into", "density"]
        lines = {
            "edges": f"{self.edges:,}, {_share(self.density)} of those that could be",
            "parameters": f"{self.trainable:,} trainable, {self.frozen:,} frozen",
            "shared": _tied(self.shared),
            "unreached": _listed(self.unreached, "that no path from an input reaches"),
            "useless": _listed(self.useless, "from which no path leads to an output"),
            "relays": f"{self.relays:,}",
            "labels": f"{self.labels:,}",
        }
        entries = [entry(name, text) for name, text in lines.items()]
        return "\n".join([text_table(header, rows, left=2), "", *entries])


def entry(name: str, text: str) -> str:
    """Return a line `name  text`, wrapped and indented to 80 columns."""
    return textwrap.fill(
        f"{name:<12}{text}",
        WIDTH,
        subsequent_indent=" " * 12,
        break_on_hyphens=False,
    )


def summary(network: Network) -> Summary:
    """Return what there is of a network.

    Args:
        network: The network; it is only read.

    Raises:
        NetworkError: If it is none, or was changed past `Network` by something wrong.

    Example:
        >>> net = Network([2, 2, 1], activation="tanh")
        >>> net.add_edge((0, 1), (1, 1), 0.5, shared="kernel")
        >>> net.add_edge((0, 2), (1, 2), 0.5, shared="kernel")
        >>> net.add_edge((1, 1), (2, 1), 2.0, trainable=False)
        >>> found = summary(net)
        >>> found.edges, found.trainable, found.frozen, found.useless
        (3, 1, 1, ((0, 2), (1, 2)))
        >>> print(found)
        layer  activations  neurons  edges into  density
        ────────────────────────────────────────────────
        0                         2
        1      2 tanh             2           2    0.333
        2      1 tanh             1           1    0.333
        <BLANKLINE>
        edges       3, 0.333 of those that could be
        parameters  1 trainable, 1 frozen
        shared      2 edges, by 1 name
        unreached   none
        useless     2 from which no path leads to an output: (0, 2), (1, 2)
        relays      0
        labels      0
    """
    require_network(network)
    network.require_layered()
    shared: Counter[str] = Counter()
    free: dict[bool, int] = {True: 0, False: 0}
    for _, _, edge in network.graph.edges(data=True):
        name = edge.get("shared")
        if name is None or not shared[name]:
            free[bool(edge.get("trainable", True))] += 1
        if name is not None:
            shared[name] += 1
    below = dict(network.graph.pred.items())
    return Summary(
        tuple(_layer(network, t, below) for t in range(network.depth + 1)),
        free[True],
        free[False],
        dict(shared),
        tuple(_unreached(network)),
        tuple(_useless(network)),
        len(relays(network)),
        len(network.labels),
    )


def _layer(network: Network, t: int, below: Mapping[Neuron, Sized]) -> LayerSummary:
    neurons = network.neurons(t)
    if t == 0:
        return LayerSummary(len(neurons), {}, 0, 0)
    activations = Counter(network.activation(neuron).name for neuron in neurons)
    edges = sum(len(below[neuron]) for neuron in neurons)
    possible = (len(network.neurons(t - 1)) + 1) * len(neurons)
    return LayerSummary(len(neurons), dict(activations.most_common()), edges, possible)


def _unreached(network: Network) -> Iterable[Neuron]:
    """Yield the neurons that no path from an input reaches."""
    below = dict(network.graph.pred.items())
    reached = set(network.neurons(0))
    for t in range(1, network.depth + 1):
        for neuron in network.neurons(t):
            if any(source in reached for source in below[neuron]):
                reached.add(neuron)
            else:
                yield neuron


def _useless(network: Network) -> list[Neuron]:
    """Return the neurons from which no path leads to an output."""
    above = dict(network.graph.adjacency())
    used = set(network.neurons(network.depth))
    found: list[Neuron] = []
    for t in range(network.depth - 1, -1, -1):
        for neuron in network.neurons(t):
            if any(target in used for target in above[neuron]):
                used.add(neuron)
            else:
                found.append(neuron)
    return sorted(found)


def _edges(layer: LayerSummary) -> list[str]:
    return [f"{layer.edges:,}", f"{layer.density:.3g}"] if layer.possible else ["", ""]


def _counts(activations: dict[str, int]) -> str:
    """Return activations with their numbers, at most three of them."""
    words = [f"{count:,} {name}" for name, count in activations.items()]
    if len(words) > 3:
        words[2:] = [f"{sum(list(activations.values())[2:]):,} others"]
    return ", ".join(words)


def _share(density: float) -> str:
    return "all" if density == 1 else f"{density:.3g}"


def _tied(shared: Mapping[str, int]) -> str:
    names = "name" if len(shared) == 1 else "names"
    return f"{sum(shared.values()):,} edges, by {len(shared):,} {names}" if shared else "none"


def _listed(neurons: tuple[Neuron, ...], what: str) -> str:
    if not neurons:
        return "none"
    more = ", ..." if len(neurons) > SHOWN else ""
    return f"{len(neurons):,} {what}: " + ", ".join(map(str, neurons[:SHOWN])) + more
