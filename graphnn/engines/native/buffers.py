"""`Buffers`: the arrays that compiled code works on, a program's parameters among them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

import numpy as np

from graphnn.engines.native.structure import Edges
from graphnn.engines.native.vectors import widths
from graphnn.program.program import Program
from graphnn.types import FloatArray, IntArray

__all__ = ["Buffers", "buffers"]


class Buffers(Protocol):
    """The arrays of one form.

    Attributes:
        arrays: By the name of the argument.
    """

    arrays: dict[str, Any]

    def place(self, name: str, numbers: FloatArray) -> None:
        """Put one number for each parameter into the arrays of "w" or of a slot."""
        ...

    def take(self, name: str) -> FloatArray:
        """Return one number for each parameter: "w", "gradient" or a slot."""
        ...

    def kept(self, array: FloatArray) -> FloatArray:
        """Return the parameters of each epoch from what a kernel kept, a row an epoch."""
        ...

    @property
    def entries(self) -> int:
        """How many numbers a kernel keeps an epoch."""
        ...

    def records(self, samples: int) -> None:
        """Add the arrays that take the numbers of each sample."""
        ...

    def recorded(self, name: str) -> list[FloatArray]:
        """Return "a", "v" or "delta" of layers 1..T, each (m, d^(t))."""
        ...


class DenseBuffers:
    """Whole matrices, an entry of 0 where no edge is."""

    def __init__(
        self, program: Program, chunk: int, group: int, masked: Collection[int], *, gradients: bool
    ) -> None:
        self._program, kind = program, program.theta.dtype
        self._widths, self._placed = widths(program), dict[str, FloatArray]()
        self.arrays: dict[str, Any] = {}
        for t, layer in enumerate(program.layers, start=1):
            n = self._widths[t - 1]
            if gradients:
                self.arrays[f"gradient{t}"] = _zeros(layer.rows * n, kind)
            names = (*NEURON, "passed") if t in masked else NEURON
            self.arrays |= {f"{name}{t}": _zeros(n * chunk, kind) for name in names}
            if program.moves[t - 1] == "some":
                self.arrays[f"moves{t}"] = _zeros(layer.rows * n, kind)
                self.arrays[f"moves{t}"][self._places(t)] = program.trainable[layer.parameters]
        if 0 in masked:
            self.arrays["passed0"] = _zeros((program.layers[0].rows - 1) * chunk, kind)
        self.arrays["active"] = np.zeros(program.layers[0].rows, dtype=np.int64)
        columns = max(self._widths)
        self.arrays |= {name: _zeros(columns * group, kind) for name in ("turned", "sums")}
        self.arrays["norms"] = _zeros(columns, kind)
        self.arrays |= _outputs(program)

    def _is_within(self, t: int) -> bool:
        """Whether a piece of theta is a layer's matrix, which is trained within a copy of it."""
        layer = self._program.layers[t - 1]
        return (
            layer.form == "dense"
            and layer.span is not None
            and self._widths[t - 1] == layer.columns
        )

    def _places(self, t: int) -> IntArray:
        """Return the entry of each edge."""
        layer, n = self._program.layers[t - 1], self._widths[t - 1]
        return layer.flat if n == layer.columns else layer.sources * n + layer.targets

    def place(self, name: str, numbers: FloatArray) -> None:
        """Put each parameter's number into its entry."""
        for t in range(1, self._program.depth + 1):
            if self._is_within(t):
                self.arrays.pop(f"{name}{t}", None)
        # The last numbers go, if nobody holds them, before others come.
        self._placed.pop(name, None)
        self._placed[name] = _aligned(numbers)
        for t, layer in enumerate(self._program.layers, start=1):
            if self._is_within(t):
                self.arrays[f"{name}{t}"] = self._placed[name][layer.span]
                continue
            matrix = self.arrays.get(f"{name}{t}")
            if matrix is None:
                size = layer.rows * self._widths[t - 1]
                matrix = self.arrays[f"{name}{t}"] = _zeros(size, numbers.dtype)
            matrix[:] = 0
            matrix[self._places(t)] = numbers[layer.parameters]

    def take(self, name: str) -> FloatArray:
        """Return the entries that are edges; what was placed is handed over, not copied."""
        found = self._placed.get(name)
        if found is None:
            found = np.empty_like(self._program.theta)
        for t, layer in enumerate(self._program.layers, start=1):
            if not self._is_within(t):
                found[layer.parameters] = self.arrays[f"{name}{t}"][self._places(t)]
            elif name not in self._placed:
                found[layer.span] = self.arrays[f"{name}{t}"]
        return found

    @property
    def entries(self) -> int:
        """The entries of all matrices."""
        layers = zip(self._program.layers, self._widths, strict=True)
        return sum(layer.rows * n for layer, n in layers)

    def kept(self, array: FloatArray) -> FloatArray:
        """Return the entries that are edges."""
        columns, start = [], 0
        for t, layer in enumerate(self._program.layers, start=1):
            columns.append(start + self._places(t))
            start += layer.rows * self._widths[t - 1]
        order = self._program.parameters
        found = np.empty((len(array), len(order)), dtype=array.dtype)
        found[:, order] = array[:, np.concatenate(columns)]
        return found

    def records(self, samples: int) -> None:
        """Add an array of samples by neurons for each layer."""
        for t, layer in enumerate(self._program.layers, start=1):
            size = samples * layer.columns
            kind = self._program.theta.dtype
            self.arrays |= {f"all_{name}{t}": np.zeros(size, kind) for name in NEURON}

    def recorded(self, name: str) -> list[FloatArray]:
        """Return the layers' arrays."""
        layers = enumerate(self._program.layers, start=1)
        return [self.arrays[f"all_{name}{t}"].reshape(-1, layer.columns) for t, layer in layers]


class EdgeBuffers:
    """Lists of edges and runs of neurons, and one array for all neurons."""

    def __init__(self, program: Program, chunk: int, *, gradients: bool) -> None:
        self._program, kind = program, program.theta.dtype
        self._edges, self._placed = Edges(program), dict[str, FloatArray]()
        self._base = self._edges.base
        self.arrays: dict[str, Any] = dict(self._edges.arrays)
        self._plain = self._edges.is_plain
        self._owners, self._firsts = self._edges.firsts
        if gradients:
            copies = len(self._edges.copied)
            self.arrays["gradient"] = _zeros(self.entries + copies, kind)
            self.arrays["tied"] = _zeros(len(self._edges.tied), kind)
        neurons = int(self._base[-1])
        self.arrays |= {name: _zeros(neurons * chunk, kind) for name in (*NEURON, "passed")}
        self.arrays |= {"norms": _zeros(neurons, kind), "sums": _zeros(chunk, kind)}
        self.arrays |= _outputs(program)

    def place(self, name: str, numbers: FloatArray) -> None:
        """Put the number of each edge's parameter there."""
        self.arrays[name] = _EMPTY
        self._placed[name] = numbers
        self.arrays[name] = _aligned(numbers if self._plain else numbers[self._edges.parameters])

    def take(self, name: str) -> FloatArray:
        """Return each parameter's number; where all have an array, that is handed over."""
        array: FloatArray = self.arrays[name]
        if name == "gradient":
            return self._gradient(array)
        if self._plain:
            return array
        found = self._placed[name].copy()  # a copy's parameter stays as it was placed
        found[self._owners] = array[self._firsts]
        return found

    def _gradient(self, array: FloatArray) -> FloatArray:
        found = np.empty_like(self._program.theta)
        found[self._owners] = array[self._firsts]
        found[self._edges.copied] = array[self.entries :]
        found[self._edges.tied] = self.arrays["tied"]
        return found

    @property
    def entries(self) -> int:
        """The number of edges, copies left out."""
        return len(self._edges.parameters)

    def kept(self, array: FloatArray) -> FloatArray:
        """Return each edge's number at its parameter."""
        found = np.empty((len(array), len(self._program.theta)), dtype=array.dtype)
        found[:] = self._placed["w"]
        found[:, self._owners] = array[:, self._firsts]
        return found

    def records(self, samples: int) -> None:
        """Add an array of samples by neurons."""
        size, kind = samples * int(self._base[-1]), self._program.theta.dtype
        self.arrays |= {f"all_{name}": np.zeros(size, kind) for name in NEURON}

    def recorded(self, name: str) -> list[FloatArray]:
        """Return each layer's columns."""
        array = self.arrays[f"all_{name}"].reshape(-1, int(self._base[-1]))
        spans = zip(self._base[1:-1].tolist(), self._base[2:].tolist(), strict=True)
        return [np.ascontiguousarray(array[:, begin:stop]) for begin, stop in spans]


NEURON = ("a", "v", "delta")

_EMPTY: FloatArray = np.zeros(0)


def buffers(
    program: Program,
    chunk: int = 1,
    group: int = 1,
    masked: Collection[int] = (),
    *,
    gradients: bool,
) -> Buffers:
    """Return the arrays of a program's form; its parameters are not placed yet.

    Args:
        program: The program.
        chunk: The most samples that are taken at once.
        group: How many of them share a sweep over a matrix.
        masked: The layers t that dropout takes in.
        gradients: Whether there are arrays for the gradients of a batch.
    """
    made: Buffers
    if program.loops == "dense":
        made = DenseBuffers(program, chunk, group, masked, gradients=gradients)
    else:
        made = EdgeBuffers(program, chunk, gradients=gradients)
    made.arrays["chunk"] = chunk
    made.arrays |= {name: np.zeros(chunk, dtype=np.int64) for name in ("taken", "places")}
    return made


def _zeros(count: int, kind: np.dtype[Any]) -> FloatArray:
    """Return zeros that begin a line of the processor's cache."""
    raw = np.zeros(count + 64 // kind.itemsize, dtype=kind)
    start = -raw.ctypes.data % 64 // kind.itemsize
    return raw[start : start + count]


def _aligned(theta: FloatArray) -> FloatArray:
    """Return a copy that begins a line of the processor's cache."""
    copied = _zeros(len(theta), theta.dtype)
    copied[:] = theta
    return copied


def _outputs(program: Program) -> dict[str, Any]:
    columns = program.layers[-1].columns
    return {f"output_{name}": np.zeros(columns) for name in (*NEURON, "y")}
