"""Networks from any directed acyclic graph of networkx, and back.

A node's layer is the length of the longest path to it. An edge that skips layers is led through
relays: from each node one chain of them, which all its skip edges share. What is not an input and
feeds nothing may be an output, and then stands in the last layer.

Source: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
Structures" (1981): proper layered graphs by longest paths and dummy vertices.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from graphnn.collector import paused
from graphnn.errors import NetworkError
from graphnn.functions.activations import ACTIVATIONS, Activation, resolve_activation
from graphnn.graph.groups import checked_name, checked_switch, require_agreement, spelt_out
from graphnn.graph.network import Network
from graphnn.graph.relays import relays as relays_of
from graphnn.graph.rules import MAX_NEURONS, finite_weight
from graphnn.types import Neuron, edge_name

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_dag", "to_dag"]

Node: TypeAlias = Hashable
Connection: TypeAlias = tuple[Any, Node, dict[str, Any]]
"""An edge of the graph: u, v and its attributes weight, trainable and shared."""

NAMED = 10
"""At most that many edges are named in a message."""


@paused()
def from_dag(
    dag: nx.DiGraph[Any],
    inputs: Iterable[Node] | None,
    outputs: Iterable[Node] | None,
    activation: str | Activation,
    relays: bool,
    most: int = MAX_NEURONS,
) -> Network:
    """Return the network of a directed acyclic graph; see `Network.from_networkx`.

    Raises:
        NetworkError: As it says, and if there would be more neurons than `most`.
    """
    layering = _layering(dag, inputs, outputs, most)
    if not relays:
        layering.require_no_relay(dag)
    activations = _activations(dag, layering, resolve_activation(activation))
    connections = [*_biases(dag), *_edges(dag)]
    _require_agreement(connections)
    net, places = layering.network(dag, activations)
    layers = layering.layers

    def placed() -> Iterator[tuple[Neuron, Neuron, dict[str, Any]]]:
        for u, v, attributes in connections:
            target = places[v][0]
            below = target[0] - 1
            yield (below, 0) if u is _CONSTANT else places[u][below - layers[u]], target, attributes

    net.add_edges_from(placed())
    for node, (own, *_) in places.items():
        net.set_label(own, node)
    net.preprocessing = dag.graph.get("preprocessing")
    return net


@paused()
def to_dag(network: Network, relays: bool) -> nx.DiGraph[Any]:
    """Return a network as a plain directed acyclic graph; see `Network.to_networkx`."""
    import networkx as nx

    network.require_layered()
    roots = {} if relays else relays_of(network)
    names = _names(network, roots)
    dag: nx.DiGraph[Any] = nx.DiGraph()
    for word, t in ("inputs", 0), ("outputs", network.depth):
        dag.graph[word] = [names[neuron] for neuron in network.neurons(t)]
    if network.preprocessing is not None:
        dag.graph["preprocessing"] = network.preprocessing
    for neuron, name in names.items():
        if neuron not in roots:
            dag.add_node(name, **_node_attributes(network, neuron))
    for u, v, edge in network.graph.edges(data=True):
        if u[1] == 0 or v in roots:
            continue
        if dag.has_edge(names[u], names[v]):
            raise NetworkError(
                f"edge {edge_name(u, v)} and another both lead from {names[u]!r} to {names[v]!r} "
                "when relays are left out, and a networkx.DiGraph holds one edge between two nodes",
                edge=(u, v),
            )
        dag.add_edge(names[u], names[v], **spelt_out(edge))
    return dag


# ---- layers ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layering:
    """Where each node stands, and how far its value is handed on.

    Attributes:
        inputs: The input nodes.
        outputs: The output nodes.
        layers: Each node's layer.
        tops: The last layer in which a node's value is needed, its own or that of its last relay.
        last: T.
    """

    inputs: list[Node]
    outputs: list[Node]
    layers: dict[Node, int]
    tops: dict[Node, int]
    last: int

    def require_no_relay(self, dag: nx.DiGraph[Any]) -> None:
        """Raise if an edge skips a layer, or an output stands before the last one.

        Raises:
            NetworkError: It lists the edges.
        """
        layers = self.layers
        skips = [f"{u!r} -> {v!r}" for u, v in dag.edges if layers[v] - layers[u] > 1]
        early = [f"{node!r} -> output" for node in self.outputs if layers[node] < self.last]
        found = skips + early
        if found:
            more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
            raise NetworkError(
                f"{len(found)} edges skip layers: {', '.join(found[:NAMED])}{more}; relays=True "
                "leads them through relay neurons"
            )

    def network(
        self, dag: nx.DiGraph[Any], activations: Mapping[Node, Activation]
    ) -> tuple[Network, dict[Node, list[Neuron]]]:
        """Return the network of nodes and relays, and each node's neuron followed by its relays."""
        identity = ACTIVATIONS["identity"]
        places: dict[Node, list[Neuron]] = {node: [] for node in dag}
        numbers: list[range] = []
        chosen: list[list[Activation]] = []
        for t, row in enumerate(self._rows(dag)):
            numbers.append(range(1, len(row) + 1))
            chosen.append([identity if places[n] else activations[n] for n in row] if t else [])
            for j, node in enumerate(row, start=1):
                places[node].append((t, j))
        net = Network.numbered(numbers, chosen)
        pairs = (pair for chain in places.values() for pair in pairwise(chain))
        net.add_weighted_edges_from(((u, v, 1.0) for u, v in pairs), trainable=False)
        return net, places

    def _rows(self, dag: nx.DiGraph[Any]) -> Iterator[list[Node]]:
        """Yield each layer's nodes: its own, then those whose value it hands on."""
        own: list[list[Node]] = [[] for _ in range(self.last + 1)]
        for node in dag:
            own[self.layers[node]].append(node)
        row = self.inputs
        yield row
        for t in range(1, self.last):
            # Relays come last and in the order of what they relay: compiled, they are one copy.
            row = own[t] + [node for node in row if self.tops[node] >= t]
            yield row
        yield self.outputs


def _layering(
    dag: nx.DiGraph[Any],
    inputs: Iterable[Node] | None,
    outputs: Iterable[Node] | None,
    most: int,
) -> _Layering:
    """Return the layers of a graph's nodes.

    Raises:
        NetworkError: If the graph is none that a network can have.
    """
    order = _order(dag)
    first, ends = _ends(dag, "inputs", inputs, dag.pred), _ends(dag, "outputs", outputs, dag.succ)
    layers: dict[Node, int] = dict.fromkeys(first, 0)
    below, above, outer = dict(dag.pred), dict(dag.succ), set(ends)
    for node in order:
        if node not in layers:
            layers[node] = 1 + max((layers[u] for u in below[node]), default=0)
    # A neuron that is no output stands before the outputs, even if it leads nowhere.
    last = max(1, *(layers[node] + (node not in outer) for node in order))
    for node in ends:
        if not above[node] and layers[node]:
            layers[node] = last
    tops = {
        node: last if node in outer else max((layers[v] - 1 for v in above[node]), default=0)
        for node in order
    }
    tops = {node: max(top, layers[node]) for node, top in tops.items()}
    neurons = sum(top - layers[node] + 1 for node, top in tops.items())
    if neurons > most:
        raise NetworkError(
            f"with relays the network would have {neurons} neurons, expected at most {most}"
            f": the graph's {len(order)} nodes stand in {last + 1} layers, and its edges skip many"
        )
    return _Layering(first, ends, layers, tops, last)


def _order(dag: nx.DiGraph[Any]) -> list[Node]:
    """Return the nodes, each behind those that lead to it.

    Raises:
        NetworkError: If the graph is of another kind or has a cycle, which is named.
    """
    import networkx as nx

    if not isinstance(dag, nx.Graph) or not dag.is_directed() or dag.is_multigraph():
        kind = type(dag).__name__
        raise NetworkError(f"found a {kind}, expected a networkx.DiGraph without cycles")
    try:
        return list(nx.topological_sort(dag))
    except nx.NetworkXUnfeasible:
        cycle = [u for u, _ in nx.find_cycle(dag)]
        path = " -> ".join(repr(node) for node in [*cycle, cycle[0]])
        raise NetworkError(
            f"the graph has the cycle {path}, and a network has none: unroll it through time"
        ) from None


def _ends(
    dag: nx.DiGraph[Any], word: str, given: Iterable[Node] | None, beyond: Mapping[Node, Any]
) -> list[Node]:
    """Return the inputs or outputs: as given, as the graph says, or what nothing is beyond of."""
    if given is None:
        given = dag.graph.get(word) or [node for node in dag if not beyond[node]]
    nodes = [given] if isinstance(given, str) else list(given)
    if not nodes:
        raise NetworkError(f"{word} is empty, expected at least one node of the graph")
    seen = set[Node]()
    for node in nodes:
        if node not in dag:
            raise NetworkError(f"{word} has {node!r}, which is no node of the graph")
        if node in seen:
            raise NetworkError(f"{word} has {node!r} twice, expected each node once")
        seen.add(node)
        if word == "inputs" and dag.pred[node]:
            source = next(iter(dag.pred[node]))
            raise NetworkError(
                f"input {node!r} has the edge {source!r} -> {node!r}: an input is given its value, "
                "and no edge leads into it"
            )
    return nodes


# ---- attributes ------------------------------------------------------------------------------


class _Constant:
    """Stands for the constant neuron of whichever layer a bias comes from."""

    def __str__(self) -> str:
        return "bias"


_CONSTANT = _Constant()


def _activations(
    dag: nx.DiGraph[Any], layering: _Layering, default: Activation
) -> dict[Node, Activation]:
    """Return the activation of every node that is no input.

    Raises:
        NetworkError: If one is unknown, or an input has one, or a bias.
    """
    found: dict[Node, Activation] = {}
    kinds: dict[Any, Activation] = {}
    for node, attributes in dag.nodes(data=True):
        given = attributes.get("activation")
        if layering.layers[node] == 0:
            for word in "activation", "bias":
                if attributes.get(word) is not None:
                    raise NetworkError(
                        f"input {node!r} has the {word} {attributes[word]!r}: an input is given "
                        f"its value and has no {word}; remove the attribute"
                    )
            continue
        if given is None:
            found[node] = default
            continue
        try:
            if given not in kinds:
                kinds[given] = resolve_activation(given)
        except (ValueError, TypeError) as error:
            raise NetworkError(f"node {node!r}: {error}") from None
        found[node] = kinds[given]
    return found


def _biases(dag: nx.DiGraph[Any]) -> Iterator[Connection]:
    """Yield the edges from constant neurons that nodes' attributes stand for."""
    for node, attributes in dag.nodes(data=True):
        bias = attributes.get("bias")
        if bias is not None:
            switch = attributes.get("bias_trainable", True)
            yield _connection(_CONSTANT, node, bias, switch, attributes.get("bias_shared"))


def _edges(dag: nx.DiGraph[Any]) -> Iterator[Connection]:
    """Yield the graph's edges; where none is given the weight is 1, as networkx has it."""
    for u, v, attributes in dag.edges(data=True):
        weight, switch = attributes.get("weight", 1.0), attributes.get("trainable", True)
        yield _connection(u, v, weight, switch, attributes.get("shared"))


def _connection(u: Any, v: Any, weight: object, trainable: object, shared: object) -> Connection:
    """Return an edge with its attributes checked."""
    attributes = {
        "weight": finite_weight(u, v, weight),
        "trainable": checked_switch(u, v, trainable),
        "shared": checked_name(u, v, shared),
    }
    return u, v, attributes


def _require_agreement(connections: Iterable[Connection]) -> None:
    """Raise if edges of one shared name differ in weight or in being trainable."""
    first: dict[str, Connection] = {}
    for one in connections:
        u, v, attributes = one
        if attributes["shared"] is not None:
            other_u, other_v, others = first.setdefault(attributes["shared"], one)
            require_agreement((u, v), attributes, (other_u, other_v), others)  # type: ignore[arg-type]


def _names(network: Network, roots: Mapping[Neuron, Neuron]) -> dict[Neuron, Node]:
    """Return what every neuron is called: its label, or itself; a relay as what it relays.

    Raises:
        NetworkError: If a neuron without a label is called as another one's label says.
    """
    label, labels = network.nodes(data="label"), network.labels
    names: dict[Neuron, Node] = {}
    for t in range(network.depth + 1):
        for neuron in network.neurons(t):
            if neuron in roots:
                names[neuron] = names[roots[neuron]]
                continue
            given = label[neuron]
            names[neuron] = neuron if given is None else given
            if given is None and neuron in labels:
                raise NetworkError(
                    f"neuron {neuron} has no label, and neuron {labels[neuron]} has the label "
                    f"{neuron}: two nodes would have one name; set_label gives it one",
                    node=neuron,
                )
    return names


def _node_attributes(network: Network, neuron: Neuron) -> dict[str, Any]:
    """Return a neuron's activation and bias as a node's attributes."""
    t, _ = neuron
    if t == 0:
        return {}
    activation = network.activation(neuron)
    known = ACTIVATIONS.get(activation.name) == activation
    attributes: dict[str, Any] = {"activation": activation.name if known else activation}
    if network.graph.has_edge((t - 1, 0), neuron):
        edge = spelt_out(network.graph.edges[(t - 1, 0), neuron])
        attributes["bias"] = edge.pop("weight")
        attributes |= {f"bias_{word}": value for word, value in edge.items()}
    return attributes
