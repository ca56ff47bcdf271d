"""`Network`: an explicit layered directed graph of neurons, built edge by edge.

The graph is the source of truth: what trains is written back onto its edges, and what is drawn is
read from it. Every rule of the layered graph is kept at every edit, and an edit that would break
one changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from graphnn.checks import generator, require_object
from graphnn.collector import paused
from graphnn.errors import DataError, NetworkError
from graphnn.functions.activations import Activation, resolve_activation
from graphnn.functions.initializers import Initializer, Uniform
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph import rules
from graphnn.graph.bulk import insert_edges, join_group
from graphnn.graph.groups import Groups, checked_name, checked_switch
from graphnn.graph.neurons import Neurons
from graphnn.types import Edge, Neuron

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import ArrayLike
    from scipy.sparse import sparray

__all__ = ["Network", "find_neuron", "require_network"]


class Network:
    """A layered graph (V, E) with a constant neuron in every layer but the last.

    Neuron j of layer t is the node `(t, j)`, j >= 1; the constant neuron of layer t is `(t, 0)` and
    has the value 1. An edge runs from a neuron of layer t-1 to a neuron of layer t. A neuron that
    no edge reaches is allowed: its pre-activation is the empty sum, a = 0.

    Args:
        layers: The number of neurons of each layer, the constant neurons not counted.
        activation: The activation of all neurons, or a sequence with one for each layer 1..T; a
            name or an `Activation`.

    Raises:
        NetworkError: If there are fewer than two layers, or an empty one.
        ValueError: If an activation is unknown.

    Example:
        >>> net = Network([2, 2, 1], activation="sigmoid")
        >>> net.add_edge((0, 0), (1, 1), weight=0.35)
        >>> net.edges[(0, 0), (1, 1)]["weight"]
        0.35
        >>> net
        Network(layers=[2, 2, 1], edges=1)

    Source: lecture, "Matrix Notation"; Shalev-Shwartz and Ben-David (2014), section 20.1.
    """

    def __init__(
        self,
        layers: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "sigmoid",
    ) -> None:
        widths = rules.layer_widths(layers)
        chosen = rules.layer_activations(activation, len(widths) - 1)
        numbers = [range(1, width + 1) for width in widths]
        activations = [[one] * width for one, width in zip(chosen, widths[1:], strict=True)]
        self._build(numbers, [[], *activations])

    @paused()
    def _build(
        self, numbers: Sequence[Sequence[int]], activations: Sequence[Sequence[Activation]]
    ) -> None:
        # Here and not above, since networkx takes most of the time of importing graphnn.
        import networkx as nx

        self._graph: nx.DiGraph[Neuron] = nx.DiGraph()
        self._neurons = Neurons(numbers)
        self._groups = Groups()
        self._labels: dict[Hashable, Neuron] = {}
        self._preprocessing: Preprocessing | None = None
        self._version = 0
        self._identity = os.urandom(16).hex()
        for t, layer in enumerate(numbers):
            if t < self.depth:
                self._graph.add_node((t, 0), layer=t)
            for k, j in enumerate(layer):
                self._insert((t, int(j)), activations[t][k] if t else None)

    # ---- what is there ---------------------------------------------------------------------

    @property
    def graph(self) -> nx.DiGraph[Neuron]:
        """A live networkx view whose structure is read-only; edits go through the `Network`."""
        import networkx as nx

        view: nx.DiGraph[Neuron] = nx.graphviews.generic_graph_view(self._graph)  # type: ignore[type-var]
        return view

    @property
    def nodes(self) -> Any:
        """The neurons with their attributes, as `networkx.DiGraph.nodes`."""
        return self.graph.nodes

    @property
    def edges(self) -> Any:
        """The edges with their attributes, as `networkx.DiGraph.edges`."""
        return self.graph.edges

    @property
    def version(self) -> int:
        """A number that every edit raises."""
        return self._version

    @property
    def identity(self) -> str:
        """A text that no other network has: by it `store` knows the network of a program."""
        return self._identity

    @property
    def depth(self) -> int:
        """T, the number of the output layer."""
        return self._neurons.depth

    @property
    def layers(self) -> tuple[int, ...]:
        """The number of neurons of each layer, the constant neurons not counted."""
        return self._neurons.widths

    def neurons(self, t: int) -> tuple[Neuron, ...]:
        """Return the neurons of layer t in ascending order, without the constant neuron.

        Raises:
            NetworkError: If there is no layer t.
        """
        return self._neurons.layer(t)

    def activation(self, neuron: Neuron) -> Activation:
        """Return the activation of a neuron of layer 1..T.

        Raises:
            NetworkError: If the neuron does not exist or has none (an input or a constant).
        """
        t, j = node = self._neurons.find(neuron)
        if t == 0 or j == 0:
            raise NetworkError(
                f"neuron {node} has no activation: inputs and constant neurons are given values",
                node=node,
            )
        activation = self._graph.nodes[node].get("activation")
        if not isinstance(activation, Activation):
            raise NetworkError(
                f"neuron {node} has the activation {activation!r}, expected a gn.Activation; "
                "set_activation gives it one by name",
                node=node,
            )
        return activation

    @property
    def preprocessing(self) -> Preprocessing | None:
        """What turns raw data into this network's inputs and labels, or None; saved with it."""
        return self._preprocessing

    @preprocessing.setter
    def preprocessing(self, preprocessing: Preprocessing | None) -> None:
        if preprocessing is not None and not isinstance(preprocessing, Preprocessing):
            raise DataError(f"preprocessing must be gn.Preprocessing, not {preprocessing!r}")
        if preprocessing is not None:
            layers = self.layers
            rules.require_fitting(preprocessing, layers[0], layers[-1])
        self._preprocessing = preprocessing
        self._version += 1

    # ---- edits -----------------------------------------------------------------------------

    def add_edge(
        self,
        u: Neuron,
        v: Neuron,
        weight: float = 0.0,
        trainable: bool = True,
        shared: str | None = None,
    ) -> None:
        """Add the edge from neuron `u` of some layer t-1 to neuron `v` of layer t.

        Args:
            u: The source, which may be a constant neuron.
            v: The target.
            weight: A finite number.
            trainable: False for an edge whose weight no training moves.
            shared: A name: all edges of that name carry one weight, which receives the sum of
                their gradients.

        Raises:
            NetworkError: If a neuron is unknown, the edge exists already, skips a layer, runs
                backwards or into a constant neuron, the weight is not finite, or other edges of
                the shared name have another weight or are otherwise trainable.

        Example:
            >>> net = Network([3, 2])
            >>> net.add_edge((0, 1), (1, 1), 0.5, shared="kernel")
            >>> net.add_edge((0, 2), (1, 2), 0.5, shared="kernel")
            >>> net.set_weight((0, 1), (1, 1), 0.75)
            >>> net.edges[(0, 2), (1, 2)]["weight"]
            0.75
        """
        self._insert_edges([(u, v, weight, trainable, shared)])

    @paused()
    def add_edges_from(
        self,
        edges: Iterable[tuple[Neuron, Neuron] | tuple[Neuron, Neuron, Mapping[str, Any]]],
        weight: float = 0.0,
        trainable: bool = True,
        shared: str | None = None,
    ) -> None:
        """Add edges given as `(u, v)` or `(u, v, attributes)`: all of them, or none.

        Args:
            edges: The attributes are `weight`, `trainable` and `shared`.
            weight: Of edges that do not say theirs; likewise
            trainable: and
            shared: as for `add_edge`.

        Raises:
            NetworkError: As `add_edge`, for the first edge that breaks a rule.
        """
        given = {"weight": weight, "trainable": trainable, "shared": shared}
        # A list before anything is changed: a generator may look at the network.
        self._insert_edges(rules.edges_with(given, list(edges)))

    @paused()
    def add_weighted_edges_from(
        self,
        edges: Iterable[tuple[Neuron, Neuron, float]],
        trainable: bool = True,
        shared: str | None = None,
    ) -> None:
        """Add edges given as `(u, v, weight)`: all of them, or none if one breaks a rule.

        Args:
            edges: The edges.
            trainable: Of all of them;
            shared: likewise.

        Raises:
            NetworkError: As `add_edge`, for the first edge that breaks a rule.
        """
        # A list before anything is changed: a generator may look at the network.
        self._insert_edges(rules.weighted_edges(list(edges), trainable, shared))

    @paused()
    def add_edge_columns(
        self,
        sources: Sequence[Neuron],
        targets: Sequence[Neuron],
        weights: Sequence[float],
        trainable: Sequence[bool] | None = None,
        shared: Sequence[str | None] | None = None,
    ) -> None:
        """Add edges given column by column, the fastest way: all of them, or none.

        Args:
            sources: The neuron that each edge starts from.
            targets: The neuron that each runs into.
            weights: Their weights, best as plain floats.
            trainable: Whether training moves each of them; default all.
            shared: The name that each shares its weight by, or None; default none does.

        Raises:
            NetworkError: If the columns differ in length; otherwise as `add_edge`, for the first
                edge that breaks a rule.

        Example:
            >>> net = Network([2, 1])
            >>> net.add_edge_columns([(0, 1), (0, 2)], [(1, 1), (1, 1)], [0.5, -0.25])
            >>> net.edges[(0, 2), (1, 1)]["weight"]
            -0.25
        """
        self._insert_edges(rules.edge_rows(sources, targets, weights, trainable, shared))

    def remove_edge(self, u: Neuron, v: Neuron) -> None:
        """Remove an edge; others that shared its weight keep it.

        Raises:
            NetworkError: If it does not exist.
        """
        attributes = self._edge(u, v)
        self._groups.remove(attributes.get("shared"), (u, v))
        self._graph.remove_edge(u, v)
        self._version += 1

    def set_weight(self, u: Neuron, v: Neuron, weight: float) -> None:
        """Give an existing edge, and all that share its weight, another weight.

        Raises:
            NetworkError: If the edge does not exist or the weight is not finite.
        """
        attributes = self._edge(u, v)
        number = rules.finite_weight(u, v, weight)
        for edge in self._together(attributes, (u, v)):
            self._graph.edges[edge]["weight"] = number
        self._version += 1

    def set_trainable(
        self,
        trainable: bool,
        *,
        layer: int | None = None,
        edge: Edge | None = None,
    ) -> None:
        """Freeze (False) or free (True) one edge, or all edges into one layer.

        Edges that share a weight with one of these are frozen or freed with it.

        Args:
            trainable: Whether training moves the weight.
            layer: The layer 1..T, or
            edge: the single edge `(u, v)`.

        Raises:
            NetworkError: If the layer or edge does not exist.
            ValueError: If not exactly one place is named.

        Example:
            >>> net = Network.dense([2, 3, 1], seed=0)
            >>> net.set_trainable(False, layer=1)
            >>> net.edges[(0, 1), (1, 1)]["trainable"], net.edges[(1, 1), (2, 1)]["trainable"]
            (False, True)
        """
        if (layer is None) == (edge is None):
            raise ValueError("set_trainable needs either layer= or edge=")
        if edge is not None:
            self._edge(*edge)
            edges = [edge]
        else:
            edges = [(u, v) for v in self.neurons(layer) for u in self._graph.pred[v]]  # type: ignore[arg-type]
        for u, v in edges:
            chosen = checked_switch(u, v, trainable)
            for one in self._together(self._graph.edges[u, v], (u, v)):
                self._graph.edges[one]["trainable"] = chosen
        self._version += 1

    def set_shared(self, u: Neuron, v: Neuron, name: str | None) -> None:
        """Let an edge share its weight with all others of a name, or with none.

        Raises:
            NetworkError: If the edge does not exist, or the others have another weight or are
                otherwise trainable.
        """
        attributes = self._edge(u, v)
        before, edge = attributes.get("shared"), (self._neurons.find(u), self._neurons.find(v))
        join_group(self._graph, self._groups, edge, attributes, checked_name(*edge, name))
        if before != name:
            self._groups.remove(before, edge)
        self._version += 1

    def set_label(self, neuron: Neuron, label: Hashable | None) -> None:
        """Give a neuron a name of its own, or take it away (None); no two have the same.

        Raises:
            NetworkError: If the neuron does not exist, or another one has that label.
        """
        node = self._neurons.find(neuron)
        try:
            other = self._labels.get(label)
        except TypeError:
            raise NetworkError(
                f"neuron {node} cannot have the label {label!r}: a label must be hashable",
                node=node,
            ) from None
        if other not in (None, node):
            raise NetworkError(
                f"neuron {node} cannot have the label {label!r}: neuron {other} has it", node=node
            )
        self._labels.pop(self._graph.nodes[node].pop("label", None), None)
        if label is not None:
            self._graph.nodes[node]["label"] = label
            self._labels[label] = node
        self._version += 1

    @property
    def labels(self) -> Mapping[Hashable, Neuron]:
        """The neuron of every label.

        Example:
            >>> net = Network([1, 1])
            >>> net.set_label((0, 1), "height")
            >>> net.labels["height"]
            (0, 1)
        """
        return MappingProxyType(self._labels)

    def shared(self, name: str) -> tuple[Edge, ...]:
        """Return the edges that share their weight by a name, in the order of joining; maybe none.

        Example:
            >>> net = Network([1, 2])
            >>> net.add_edges_from([((0, 1), (1, 1)), ((0, 1), (1, 2))], shared="twin")
            >>> net.shared("twin")
            (((0, 1), (1, 1)), ((0, 1), (1, 2)))
        """
        return self._groups.edges(name)

    def set_activation(
        self,
        activation: str | Activation,
        *,
        layer: int | None = None,
        neuron: Neuron | None = None,
    ) -> None:
        """Give one neuron, or all neurons of one layer, another activation.

        Args:
            activation: A name or an `Activation`.
            layer: The layer 1..T, or
            neuron: the single neuron `(t, j)` of such a layer.

        Raises:
            NetworkError: If the layer or neuron does not exist or is an input or a constant.
            ValueError: If the activation is unknown, or not exactly one place is named.
        """
        chosen = resolve_activation(activation)
        if (layer is None) == (neuron is None):
            raise ValueError("set_activation needs either layer= or neuron=")
        nodes = [self._neurons.find(neuron)] if neuron is not None else self.neurons(layer)  # type: ignore[arg-type]
        for node in nodes:
            if 0 in node:
                raise NetworkError(
                    f"neuron {node} takes no activation: inputs and constant neurons are given "
                    "values",
                    node=node,
                )
        for node in nodes:
            self._graph.nodes[node]["activation"] = chosen
        self._version += 1

    def add_neuron(
        self, t: int, j: int | None = None, activation: str | Activation | None = None
    ) -> Neuron:
        """Add a neuron without edges to layer t.

        Args:
            t: The layer.
            j: Its number; default one more than the largest in the layer.
            activation: Default that of the layer's last neuron; none for an input.

        Returns:
            The new neuron `(t, j)`.

        Raises:
            NetworkError: If the layer does not exist, the number is taken or not positive, or an
                input is given an activation, or preprocessing was fitted to the layer.
        """
        last = self.neurons(t)[-1]
        node = self._neurons.free(last[0], last[1] + 1 if j is None else j)
        chosen = None
        if node[0] == 0 and activation is not None:
            raise NetworkError(f"neuron {node} is an input: it takes no activation", node=node)
        if node[0] > 0:
            same = self.activation(last)
            chosen = same if activation is None else resolve_activation(activation)
        self._require_no_preprocessing(node)
        self._insert(self._neurons.add(*node), chosen)
        self._version += 1
        return node

    def remove_neuron(self, neuron: Neuron) -> None:
        """Remove a neuron and its edges; its number stays free and all other weights stay.

        Raises:
            NetworkError: If it does not exist, is a constant neuron or its layer's last one, or
                preprocessing was fitted to the layer.
        """
        node = self._neurons.find(neuron)
        if node[1] == 0:
            raise NetworkError(
                f"neuron {node} is the constant neuron of layer {node[0]} and stays; remove its "
                "edges instead",
                node=node,
            )
        if len(self.neurons(node[0])) == 1:
            raise NetworkError(
                f"neuron {node} is the only one of layer {node[0]}: a layer needs at least one",
                node=node,
            )
        self._require_no_preprocessing(node)
        for edge in [*self._graph.in_edges(node), *self._graph.out_edges(node)]:
            self._groups.remove(self._graph.edges[edge].get("shared"), edge)
        self._labels.pop(self._graph.nodes[node].get("label"), None)
        self._graph.remove_node(node)
        self._neurons.remove(node)
        self._version += 1

    def initialize(
        self, init: Initializer | None = None, seed: int | np.random.Generator = 0
    ) -> None:
        """Draw the weights of the edges that exist, in (t, i, j) order.

        An edge that is not trainable keeps its weight; edges that share one weight share what is
        drawn for the first of them.

        Args:
            init: The distribution; default `Uniform(0.7)`, the lecture's.
            seed: A seed, or a generator that is drawn from. The same seed gives the same weights,
                to the last bit, in whatever order the edges were added.

        Raises:
            NetworkError: If the initialiser draws a weight that is not finite.
        """
        init = Uniform() if init is None else init
        require_object("init", init, "draw", "gn.Uniform(0.7)")
        successors = dict(self._graph.adjacency())
        edges = [(u, v) for u in sorted(successors) for v in sorted(successors[u])]
        weights: dict[Edge, list[dict[str, Any]]] = {}  # the edges of each weight that is drawn
        first: dict[str, Edge] = {}
        for u, v in edges:
            attributes = successors[u][v]
            if attributes.get("trainable", True):
                name = attributes.get("shared")
                edge = (u, v) if name is None else first.setdefault(name, (u, v))
                weights.setdefault(edge, []).append(attributes)
        below = self._graph.pred
        inputs = {v: len(below[v]) - ((v[0] - 1, 0) in below[v]) or 1 for v in successors}
        fan_in = np.array([inputs[v] for _, v in weights], dtype=np.intp)
        fan_out = np.array([len(successors[u]) for u, _ in weights], dtype=np.intp)
        drawn = np.asarray(init.draw(generator(seed), fan_in, fan_out), dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(drawn))
        if len(bad):
            u, v = list(weights)[bad[0]]
            raise rules.not_finite(u, v, drawn[bad[0]])
        pairs = list(zip(weights.values(), drawn.tolist(), strict=True))
        self._write(
            [one for group, _ in pairs for one in group],
            [weight for group, weight in pairs for _ in group],
        )

    # ---- the whole -------------------------------------------------------------------------

    @classmethod
    def dense(
        cls,
        layers: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "sigmoid",
        init: Initializer | None = None,
        seed: int | np.random.Generator = 0,
    ) -> Network:
        """Return the network that has every edge between one layer and the next.

        Args:
            layers: The number of neurons of layers 0..T, as `[4, 8, 3]`.
            activation: Of layers 1..T: one for all, or one a layer, as `["tanh", "identity"]`.
            init: What the weights are drawn from; default `Uniform(0.7)`.
            seed: Of the weights.

        Example:
            >>> Network.dense([4, 8, 3], ["tanh", "identity"], seed=0)
            Network(layers=[4, 8, 3], edges=67)
        """
        from graphnn.graph.build import dense

        net = cls(layers, activation)
        dense(net)
        net.initialize(init, seed)
        return net

    @classmethod
    def from_matrices(
        cls,
        matrices: Sequence[ArrayLike | sparray],
        masks: Sequence[ArrayLike] | None = None,
        activation: str | Activation | Sequence[str | Activation] = "sigmoid",
    ) -> Network:
        """Return the network of the weight matrices w^(1), ..., w^(T).

        Args:
            matrices: w^(t) of shape (d^(t-1) + 1, d^(t)), row 0 for the constant neuron. A dense
                matrix makes every entry an edge; a SciPy sparse one makes its stored entries edges.
            masks: Boolean matrices of the same shapes: the entries that are edges.
            activation: As for `Network`.

        Raises:
            NetworkError: If shapes do not fit each other or a weight is not finite.

        Example:
            >>> net = Network.from_matrices([[[0.5, 0.0], [1.0, -1.0]]])
            >>> len(net.edges)
            4
        """
        from graphnn.graph.build import edges_of_matrices, layers_of_matrices

        net = cls(layers_of_matrices(matrices, masks), activation)
        for t, matrix in enumerate(matrices, start=1):
            mask = None if masks is None else masks[t - 1]
            net.add_weighted_edges_from(edges_of_matrices(t, matrix, mask))
        return net

    @classmethod
    def from_networkx(
        cls,
        dag: nx.DiGraph[Any],
        inputs: Iterable[Hashable] | None = None,
        outputs: Iterable[Hashable] | None = None,
        *,
        activation: str | Activation = "sigmoid",
        relays: bool = True,
    ) -> Network:
        """Return the network of any directed acyclic graph; each neuron's label is its node.

        A node's layer is the longest path to it; an output that leads nowhere stands in the last
        one. An edge that skips layers is led through relays: neurons with the identity activation,
        one edge of weight 1 that is not trainable, and no label. All skip edges from one node share
        one chain of them.

        Args:
            dag: The graph. Of a node the attributes `activation` (a name or an `Activation`) and
                `bias` (the weight of an edge from the constant neuron; without it there is none;
                `bias_trainable` and `bias_shared` as an edge's) are read; of an edge `weight`
                (default 1), `trainable` and `shared`. Others are not.
            inputs: The nodes whose values are given, in the order of the columns of X; default
                `dag.graph["inputs"]`, or else the nodes that no edge leads to. Other such nodes
                are neurons with the pre-activation 0 or their bias.
            outputs: The nodes whose values are the outputs, in the order of the columns of y;
                default `dag.graph["outputs"]`, or else those that lead nowhere. One that leads
                somewhere, too, gets a relay in the last layer.
            activation: Of nodes that do not say theirs.
            relays: False refuses edges that skip layers.

        Raises:
            NetworkError: If the graph is undirected or has a cycle, which is named; an attribute
                is wrong; inputs or outputs are no nodes; or edges skip layers and relays is False.

        Example:
            >>> import networkx as nx
            >>> dag = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
            >>> net = Network.from_networkx(dag, ["x"], ["y"], activation="tanh")
            >>> net
            Network(layers=[1, 2, 1], edges=4)
            >>> net.labels["y"]
            (2, 1)
        """
        from graphnn.graph.dag import from_dag

        return from_dag(dag, inputs, outputs, activation, relays)

    def to_networkx(self, *, relays: bool = True) -> nx.DiGraph[Any]:
        """Return a plain directed acyclic graph that `from_networkx` reads back.

        Its nodes are the neurons' labels, or `(t, j)` where there is none; a constant neuron's
        edges are nodes' attribute `bias`. `net.graph` is the layered graph itself, constant neurons
        included, as a view.

        Args:
            relays: False leads edges past relays again, from what was relayed.

        Raises:
            NetworkError: If two nodes would have one name, or two edges the same ends.

        Example:
            >>> import networkx as nx
            >>> dag = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
            >>> net = Network.from_networkx(dag, ["x"], ["y"])
            >>> sorted(net.to_networkx(relays=False).edges)
            [('h', 'y'), ('x', 'h'), ('x', 'y')]
        """
        from graphnn.graph.dag import to_dag

        return to_dag(self, relays)

    @classmethod
    def numbered(
        cls, numbers: Sequence[Sequence[int]], activations: Sequence[Sequence[Activation]]
    ) -> Network:
        """Return a network without edges whose neurons are numbered in each layer as given.

        Args:
            numbers: The numbers j >= 1 of each layer's neurons; gaps are allowed.
            activations: One for each neuron of the layers 1..T; the first layer's are not read.

        Raises:
            NetworkError: If a layer is empty or a number is taken or not positive.
        """
        rules.layer_widths([len(layer) for layer in numbers])
        net: Network = object.__new__(cls)
        net._build(numbers, activations)
        return net

    def require_layered(self) -> None:
        """Raise if the graph was changed past this class, through calls of networkx.

        Raises:
            NetworkError: It names the first neuron or edge that breaks a rule.
        """
        rules.require_layered(self._graph, self._neurons.plain)

    def copy(self) -> Network:
        """Return an independent copy, at the same version but with an identity of its own."""
        twin: Network = object.__new__(type(self))
        twin.__setstate__(self.__dict__)
        twin._graph = self._graph.copy()
        twin._neurons = self._neurons.copy()
        twin._groups = self._groups.copy()
        twin._labels = dict(self._labels)
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take on a state, as a network of its own: programs of the other cannot be stored."""
        self.__dict__.update(state)
        self._identity = os.urandom(16).hex()

    __copy__ = copy

    def __eq__(self, other: object) -> bool:
        """Whether neurons, edges, all their attributes and the preprocessing are equal."""
        if not isinstance(other, Network):
            return NotImplemented
        import networkx as nx

        same: bool = nx.utils.graphs_equal(self._graph, other._graph)
        return same and self._preprocessing == other._preprocessing

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        edges = self._graph.number_of_edges()
        return f"Network(layers={list(self.layers)}, edges={edges})"

    # ---- helpers ---------------------------------------------------------------------------

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        from graphnn.drawing.notebook import of_network

        return of_network(self)

    def _insert(self, node: Neuron, activation: Activation | None = None) -> None:
        if activation is None:
            self._graph.add_node(node, layer=node[0])
        else:
            self._graph.add_node(node, layer=node[0], activation=activation)

    def _require_no_preprocessing(self, node: Neuron) -> None:
        if self._preprocessing is not None and node[0] in (0, self.depth):
            raise NetworkError(
                f"neuron {node} is in a layer that the network's preprocessing was fitted to: set "
                "net.preprocessing = None first, and fit it anew afterwards",
                node=node,
            )

    def _write(self, attributes: list[dict[str, Any]], weights: list[float]) -> None:
        """Put checked weights into edges' attribute dictionaries (`store` calls it too)."""
        before = [edge["weight"] for edge in attributes]
        self._version += 1
        try:
            for edge, weight in zip(attributes, weights, strict=True):
                edge["weight"] = weight
        except BaseException:
            for edge, weight in zip(attributes, before, strict=True):
                edge["weight"] = weight
            raise

    def _insert_edges(self, edges: Iterable[tuple[Any, Any, Any, Any, Any]]) -> None:
        """Add edges given as (u, v, weight, trainable, shared)."""
        self._version += insert_edges(self._graph, self._neurons, self._groups, edges)

    def _together(self, attributes: Mapping[str, Any], edge: Edge) -> tuple[Edge, ...]:
        """Return an edge and those that share its weight."""
        name = attributes.get("shared")
        return (self._groups.edges(name) if name is not None else ()) or (edge,)

    def _edge(self, u: Neuron, v: Neuron) -> dict[str, Any]:
        source, target = self._neurons.find(u), self._neurons.find(v)
        if not self._graph.has_edge(source, target):
            raise rules.absent(source, target)
        attributes: dict[str, Any] = self._graph.edges[source, target]
        return attributes


def find_neuron(net: Network, neuron: object) -> Neuron:
    """Return a neuron as the network has it, a pair of plain ints.

    Raises:
        NetworkError: If it does not exist.
    """
    return net._neurons.find(neuron)  # noqa: SLF001 - the class above is this module's


def require_network(net: object) -> None:
    """Raise unless an argument is a network.

    Raises:
        NetworkError: It says what was found.
    """
    if not isinstance(net, Network):
        raise NetworkError(f"found a {type(net).__name__}, expected a graphnn Network")
