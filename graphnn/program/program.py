"""`Program`: the immutable form of a network that engines run.

For each layer t it holds the edges that exist, as index arrays sorted by (i, j), which entry of the
parameter vector theta each one uses, and the activation of each neuron: everything an engine needs
and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.errors import CompileError
from graphnn.functions.activations import Activation
from graphnn.functions.losses import AnyLoss
from graphnn.types import FloatArray, IntArray, Neuron

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Layer", "Program"]

SPARSE_DENSITY = 0.1
SPARSE_ENTRIES = 50_000
"""A layer goes to sparse matrices from that many entries on, if at most that share are edges.

Measured by tests/benchmarks/sparse.py. Small layers are faster dense, zeros included. In large ones
the two are equally fast at 5 % of the edges for batches of 32 and beyond 30 % for single samples;
one tenth is between.
"""

LOOPS_DENSITY = 0.25
LOOPS_RUNS = 8
"""The native engine loops over whole matrices from that share of edges on, else along edge lists.

Measured by tests/benchmarks/forms.py: sample by sample the two take equally long at 20 to 32 % of
the edges, in batches of 32 at 29 to 39 %. A layer whose activations change more often from neuron
to neuron than that goes to lists too, where they are data and not source.
"""


@dataclass(frozen=True, eq=False)
class Layer:
    """The edges into layer t and its activations.

    Attributes:
        sources: For each edge its row in w^(t), shape (e,): 0 for the constant neuron, 1 + the
            column of the neuron in layer t-1 otherwise.
        targets: For each edge its column in w^(t), shape (e,). Edges are sorted by (row, column).
        parameters: For each edge the entry of theta that is its weight, shape (e,); edges that
            share one weight have the same.
        rows: d^(t-1) + 1.
        activations: One for each column, d^(t) of them.
        relays: The columns of neurons that copy another one's value, ascending: identity, and one
            edge, of weight 1 that no training moves.
    """

    sources: IntArray
    targets: IntArray
    parameters: IntArray
    rows: int
    activations: tuple[Activation, ...]
    relays: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for indices in (self.sources, self.targets, self.parameters):
            indices.flags.writeable = False

    @property
    def columns(self) -> int:
        """d^(t), the number of neurons."""
        return len(self.activations)

    @property
    def density(self) -> float:
        """The share of the matrix's entries that are edges."""
        return len(self.sources) / (self.rows * self.columns)

    @cached_property
    def form(self) -> Literal["dense", "masked", "sparse"]:
        """How the matrix engine holds the weights: chosen by size and density."""
        entries = self.rows * self.columns
        if len(self.sources) == entries:
            return "dense"
        if entries >= SPARSE_ENTRIES and self.density <= SPARSE_DENSITY:
            return "sparse"
        return "masked"

    @cached_property
    def span(self) -> slice | None:
        """The piece of theta that holds this layer's weights in order, if it is one piece."""
        p = self.parameters
        if len(p) and p[-1] - p[0] == len(p) - 1 and bool((np.diff(p) == 1).all()):
            return slice(int(p[0]), int(p[-1]) + 1)
        return None

    @cached_property
    def flat(self) -> IntArray:
        """For each edge its place in the matrix laid out row by row."""
        flat = self.sources * self.columns + self.targets
        flat.flags.writeable = False
        return flat

    @cached_property
    def copies(self) -> int:
        """How many of the last columns are relays.

        A copy joins its source's sum of sensitivities after all other edges, as the order of
        operations has it, only if it is behind all other columns.
        """
        behind = zip(range(self.columns - 1, -1, -1), reversed(self.relays), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], behind))

    @cached_property
    def runs(self) -> int:
        """How many runs of equal activations there are from the first column to the last."""
        pairs = zip(self.activations, self.activations[1:], strict=False)
        return 1 + sum(one != other for one, other in pairs)

    @cached_property
    def groups(self) -> tuple[tuple[Activation, slice | IntArray], ...]:
        """The different activations, each with its columns."""
        different = dict.fromkeys(self.activations)
        if len(different) == 1:
            return ((self.activations[0], slice(None)),)
        return tuple(
            (one, np.flatnonzero([activation == one for activation in self.activations]))
            for one in different
        )


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled network: made by `graphnn.compile`, run by engines, never changed.

    Attributes:
        layers: The layers t = 1..T, at index t-1.
        theta: The parameter vector, read-only, in the order of each parameter's first edge; its
            dtype is what the matrix engine computes in.
        trainable: For each parameter whether training moves it.
        neurons: `neurons[t]` maps the columns of layer t's arrays to neurons `(t, j)`.
        version: The version of the network that it was compiled from.
        origin: The identity of that network.

    Example:
        >>> import graphnn as gn
        >>> program = gn.compile(gn.Network.dense([2, 3, 1], seed=0))
        >>> program.predict([[0.0, 1.0]]).shape
        (1, 1)
        >>> print(program)
        Program: 3 layers of neurons, 13 edges, 13 parameters, float64
          layer 1: 2 -> 3, 9 of 9 edges, dense, sigmoid
          layer 2: 3 -> 1, 4 of 4 edges, dense, sigmoid
          native engine: loops over matrices
    """

    layers: tuple[Layer, ...]
    theta: FloatArray
    trainable: NDArray[np.bool_]
    neurons: tuple[tuple[Neuron, ...], ...]
    version: int
    origin: str

    def __post_init__(self) -> None:
        self.theta.flags.writeable = False
        self.trainable.flags.writeable = False

    @property
    def depth(self) -> int:
        """T, the number of the output layer."""
        return len(self.layers)

    @cached_property
    def loops(self) -> Literal["dense", "edges"]:
        """What the native engine loops over: whole matrices or lists of edges."""
        if self.shares or any(layer.copies for layer in self.layers):
            return "edges"
        edges = sum(len(layer.sources) for layer in self.layers)
        entries = sum(layer.rows * layer.columns for layer in self.layers)
        runs = max(layer.runs for layer in self.layers)
        return "dense" if edges >= LOOPS_DENSITY * entries and runs <= LOOPS_RUNS else "edges"

    def with_theta(self, theta: ArrayLike) -> Program:
        """Return the same program with other parameters (copied), of the same dtype.

        Raises:
            CompileError: If the shape is another. Numbers that are not finite are refused by
                `store`, not here: a run that diverged is looked at before it is thrown away.
        """
        copied = np.array(theta, dtype=self.theta.dtype)
        if copied.shape != self.theta.shape:
            raise CompileError(f"theta has shape {copied.shape}, expected {self.theta.shape}")
        return replace(self, theta=copied, layers=tuple(self._with_relays(copied)))

    def _with_relays(self, theta: FloatArray) -> Iterator[Layer]:
        """Yield the layers, their relays those whose weight is 1 still."""
        for layer in self.layers:
            relays = layer.relays
            if relays:
                ones = set(layer.targets[theta[layer.parameters] == 1].tolist())
                relays = tuple(column for column in relays if column in ones)
            yield layer if relays == layer.relays else replace(layer, relays=relays)

    @cached_property
    def parameters(self) -> IntArray:
        """For each edge, in (t, i, j) order, the entry of theta that is its weight."""
        parameters = np.concatenate([layer.parameters for layer in self.layers])
        parameters.flags.writeable = False
        return parameters

    @property
    def shares(self) -> bool:
        """Whether some edges carry one weight."""
        return len(self.parameters) > len(self.theta)

    @cached_property
    def firsts(self) -> IntArray:
        """For each parameter its first edge, counted in (t, i, j) order."""
        firsts = np.empty(len(self.theta), dtype=np.intp)
        firsts[self.parameters[::-1]] = np.arange(len(self.parameters))[::-1]
        firsts.flags.writeable = False
        return firsts

    def gathered(self, numbers: FloatArray) -> FloatArray:
        """Return for each parameter the sum of its edges' numbers, which are in (t, i, j) order."""
        if self._in_order:
            return numbers
        sums = np.bincount(self.parameters, numbers, minlength=len(self.theta))
        return sums.astype(self.theta.dtype)

    @cached_property
    def _in_order(self) -> bool:
        """Whether each edge has the parameter of its own number."""
        parameters = self.parameters
        return not self.shares and bool((parameters == np.arange(len(parameters))).all())

    @cached_property
    def live(self) -> IntArray | None:
        """The parameters that training moves, ascending, or None if it moves all of them."""
        return None if self.trainable.all() else np.flatnonzero(self.trainable)

    @cached_property
    def moves(self) -> tuple[Literal["all", "some", "none"], ...]:
        """For each layer whether training moves all entries of its matrix, some, or none."""
        found: list[Literal["all", "some", "none"]] = []
        for layer in self.layers:
            trainable = self.trainable[layer.parameters]
            every = layer.form == "dense" and bool(trainable.all())
            found.append("all" if every else "some" if trainable.any() else "none")
        return tuple(found)

    @cached_property
    def from_constants(self) -> NDArray[np.bool_]:
        """For each parameter whether the first edge that uses it is a constant neuron's."""
        constant = np.concatenate([layer.sources == 0 for layer in self.layers])[self.firsts]
        constant.flags.writeable = False
        return constant

    def matrices(self) -> list[FloatArray]:
        """Return the lecture's w^(1), ..., w^(T), each (d^(t-1) + 1, d^(t)), 0 where no edge is."""
        return [self.scatter(self.theta, t) for t in range(1, self.depth + 1)]

    def scatter(self, numbers: FloatArray, t: int) -> FloatArray:
        """Return the matrix of layer t with each edge's entry of `numbers` (one a parameter)."""
        layer = self.layers[t - 1]
        matrix = np.zeros((layer.rows, layer.columns), dtype=numbers.dtype)
        matrix[layer.sources, layer.targets] = numbers[layer.parameters]
        return matrix

    def sparse(self) -> list[csr_array]:
        """Return w^(1), ..., w^(T) as SciPy CSR arrays; an edge of weight 0 is a stored entry."""
        from scipy.sparse import csr_array

        return [
            csr_array(
                (
                    self.theta[layer.parameters],
                    layer.targets.copy(),
                    np.searchsorted(layer.sources, np.arange(layer.rows + 1)),
                ),
                shape=(layer.rows, layer.columns),
            )
            for layer in self.layers
        ]

    # ---- conveniences that reach up to the matrix engine ------------------------------------

    def forward(self, X: ArrayLike) -> tuple[list[FloatArray | None], list[FloatArray]]:
        """Propagate forward: see `graphnn.engines.matrix.forward`.

        Args:
            X: Samples, shape (m, d^(0)), or one sample of shape (d^(0),).

        Returns:
            `(a, v)`, lists of T+1: v[t] is (m, d^(t)) without the constant, a[0] is None. For one
            sample the first axis is left out.

        Raises:
            DataError: If X does not fit or is not finite.
        """
        from graphnn.engines import matrix

        return matrix.public_forward(self, X)

    def sensitivities(
        self, X: ArrayLike, y: ArrayLike, loss: str | AnyLoss = "squared"
    ) -> list[FloatArray]:
        """Return [delta^(1), ..., delta^(T)], each (m, d^(t)), or (d^(t),) for one sample.

        Raises:
            DataError: If X or y do not fit.
            CompileError: If the loss needs another output activation.
        """
        from graphnn.engines import matrix

        return matrix.public_sensitivities(self, X, y, loss)

    def gradient(
        self, X: ArrayLike, y: ArrayLike, loss: str | AnyLoss = "squared"
    ) -> tuple[float, list[FloatArray]]:
        """Return (mean loss, [dL/dw^(1), ..., dL/dw^(T)]), 0 where no edge is.

        Raises:
            DataError: If X or y do not fit.
            CompileError: If the loss needs another output activation.
        """
        from graphnn.engines import matrix

        return matrix.public_gradient(self, X, y, loss)

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the values of the output layer, (m, d^(T)), or (d^(T),) for one sample."""
        from graphnn.engines import matrix

        return matrix.public_forward(self, X)[1][-1]

    def source(
        self,
        engine: Literal["native"] = "native",
        loss: str | AnyLoss = "squared",
        optimizer: Any = None,
        regularizer: Any = None,
        batch_size: int = 1,
    ) -> str:
        """Return the source that the native engine compiles to train this program.

        Args:
            engine: "native", the one that generates source.
            loss: A loss or its name.
            optimizer: Default `SGD(eta=0.1)`.
            regularizer: One or several; default none.
            batch_size: 1 for an update after each sample, more for batches.

        Raises:
            CompileError: If a function cannot be compiled, as far as that is seen without trying.
            ValueError: If the engine is another, or the batch size no whole number of at least 1.

        Example:
            >>> import graphnn as gn
            >>> program = gn.compile(gn.Network.dense([2, 3, 1], seed=0))
            >>> "for j in range(3):" in program.source(engine="native")
            True
        """
        from graphnn.engines.native.plan import plan
        from graphnn.engines.rules import Rules
        from graphnn.functions.choice import unknown_name
        from graphnn.functions.losses import resolve_loss
        from graphnn.learning.optimizers import SGD

        if engine != "native":
            raise unknown_name("engine with generated source", engine, ["native"])
        if not isinstance(batch_size, Integral) or batch_size < 1:
            raise ValueError(f"batch_size must be a whole number of at least 1, not {batch_size!r}")
        rules = Rules.of(optimizer or SGD(), regularizer)
        in_batches = batch_size > 1 or rules.needs_batches or self.shares
        task: Literal["steps", "batches"] = "batches" if in_batches else "steps"
        return plan(self, resolve_loss(loss), task, rules, batch=batch_size).source

    def __repr__(self) -> str:
        edges = sum(len(layer.sources) for layer in self.layers)
        still = len(self.theta) - int(np.count_nonzero(self.trainable))
        frozen = f" ({still} of them frozen)" if still else ""
        head = (
            f"Program: {self.depth + 1} layers of neurons, {edges} edges, {len(self.theta)} "
            f"parameters{frozen}, {self.theta.dtype}"
        )
        plans = [f"  layer {t}: {_plan(layer)}" for t, layer in enumerate(self.layers, start=1)]
        loops = {"dense": "loops over matrices", "edges": "loops along edges"}[self.loops]
        return "\n".join([head, *plans, f"  native engine: {loops}"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show it in a notebook."""
        from graphnn.drawing.notebook import of_program

        return of_program(self)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()


def _plan(layer: Layer) -> str:
    entries = layer.rows * layer.columns
    names = ", ".join(activation.name for activation, _ in layer.groups)
    form: str = layer.form
    if form != "dense":
        form += f" (density {layer.density:.3g})"
    return (
        f"{layer.rows - 1} -> {layer.columns}, {len(layer.sources)} of {entries} edges, {form}, "
        f"{names}"
    )
