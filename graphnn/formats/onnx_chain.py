"""`Chain`: an ONNX graph read as layers of weights and activations, one after the other.

Each value that nodes hand on is a list of columns of one layer, each with the activation that it
went through: a Gather picks some, a Concat joins them, an activation marks them, and a Gemm or a
MatMul begins the next layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import FormatError
from graphnn.formats.dense import Dense
from graphnn.formats.parts import short

__all__ = ["Chain"]

ACTIVATIONS = {
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Elu": "elu",
    "Softplus": "softplus",
    "Gelu": "gelu",
    "Sign": "sign",
}
SLOPE = 0.01
SKIPPED = {"Identity", "Flatten", "Dropout"}
DOMAINS = ("", "ai.onnx")


class Columns(NamedTuple):
    """A value: columns of layer t, each (number, activation or None)."""

    t: int
    each: tuple[tuple[int, str | None], ...]


class Chain:
    """Reads the nodes of a model in their order.

    Args:
        model: An `onnx.ModelProto`.
    """

    def __init__(self, model: Any) -> None:
        self._onnx: Any = import_module("onnx")
        self._helper: Any = import_module("onnx.numpy_helper")
        self._graph = model.graph
        self._layers: list[Dense] = []
        self._values: dict[str, Columns] = {}
        self._read: dict[str, Callable[[Any, str], Columns]] = {
            "Gemm": self._gemm,
            "MatMul": self._matmul,
            "Add": self._add,
            "Gather": self._gather,
            "Concat": self._concat,
            "Mul": self._mul,
            "PRelu": self._prelu,
            **dict.fromkeys(ACTIVATIONS, self._activation),
            **dict.fromkeys(SKIPPED, lambda node, place: self._value(node, 0, place)),
        }

    def layers(self) -> tuple[list[Dense], int]:
        """Return the layers and the number of inputs.

        Raises:
            FormatError: If the graph is no such chain; the node is named.
        """
        graph = self._graph
        self._tensors = {one.name: one for one in graph.initializer}
        inputs = [one for one in graph.input if one.name not in self._tensors]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise FormatError(
                f"the model has {len(inputs)} inputs and {len(graph.output)} outputs, expected one "
                "of each"
            )
        self._input = inputs[0].name
        for number, node in enumerate(graph.node):
            place = f"node {number} ({short(node.name or node.op_type)})"
            read = self._read.get(node.op_type) if node.domain in DOMAINS else None
            if read is None:
                raise FormatError(
                    f"{place} is the operator {short(node.op_type)}, expected one of "
                    f"{sorted(self._read)}"
                )
            if not node.output or (node.op_type not in SKIPPED and len(node.output) != 1):
                raise FormatError(f"{place} has {len(node.output)} outputs, expected one")
            if node.input and node.input[0] == self._input and node.op_type in SKIPPED:
                self._input = node.output[0]
                continue
            self._values[node.output[0]] = read(node, place)
        return self._finished(graph.output[0].name), self._layers[0].weights.shape[0]

    def _finished(self, name: str) -> list[Dense]:
        if name not in self._values:
            raise FormatError(f"no node makes the output {short(name)}")
        last = self._values[name]
        if last.t != len(self._layers):
            raise FormatError(f"the output {short(name)} is not the last layer's")
        order = self._close(last, f"the output {short(name)}")
        layer = self._layers[-1]
        layer.weights = layer.weights[:, order]
        layer.bias = None if layer.bias is None else layer.bias[order]
        layer.activations = [layer.activations[k] for k in order]
        return self._layers

    # ---- layers ------------------------------------------------------------------------------

    def _gemm(self, node: Any, place: str) -> Columns:
        numbers = {one.name: self._onnx.helper.get_attribute_value(one) for one in node.attribute}
        alpha, beta = float(numbers.get("alpha", 1)), float(numbers.get("beta", 1))
        if numbers.get("transA", 0) or alpha != 1 or beta != 1:
            raise FormatError(f"{place} has transA, alpha or beta, expected 0, 1 and 1")
        weights = self._tensor(node, 1, place, 2)
        weights = weights.T if numbers.get("transB", 0) else weights
        columns = self._begin(node, weights, place)
        if len(node.input) > 2 and node.input[2]:
            self._layers[-1].bias = self._bias(self._tensor(node, 2, place), place)
        return columns

    def _matmul(self, node: Any, place: str) -> Columns:
        return self._begin(node, self._tensor(node, 1, place, 2), place)

    def _add(self, node: Any, place: str) -> Columns:
        tensor = next((k for k, name in enumerate(node.input) if name in self._tensors), None)
        if tensor is None or len(node.input) != 2:
            raise FormatError(f"{place} adds two values: no chain of layers does")
        columns = self._value(node, 1 - tensor, place)
        layer = self._layers[-1]
        plain = tuple((k, None) for k in range(layer.weights.shape[1]))
        if columns != Columns(len(self._layers), plain) or layer.bias is not None:
            raise FormatError(f"{place} adds to what is no product of values and weights")
        layer.bias = self._bias(self._tensor(node, tensor, place), place)
        return columns

    def _begin(self, node: Any, weights: NDArray[Any], place: str) -> Columns:
        """Begin the next layer, whose rows follow the columns of the value that it takes."""
        rows, columns = weights.shape
        if not self._layers:
            if node.input[0] != self._input:
                raise FormatError(f"{place} takes {short(node.input[0])}, expected the input")
        else:
            value = self._value(node, 0, place)
            if value.t != len(self._layers):
                raise FormatError(f"{place} takes values of an earlier layer: it skips one")
            order = self._close(value, place)
            if rows != len(order):
                raise FormatError(f"{place} has weights for {rows} values, but takes {len(order)}")
            weights = weights[np.argsort(order)]
        if not rows or not columns:
            raise FormatError(f"{place} has weights of shape {weights.shape}")
        self._layers.append(Dense(weights, None, ["identity"] * columns))
        return Columns(len(self._layers), tuple((k, None) for k in range(columns)))

    def _close(self, value: Columns, place: str) -> list[int]:
        """Take over a layer's activations from the value that the next one takes."""
        layer = self._layers[-1]
        order = [k for k, _ in value.each]
        if sorted(order) != list(range(layer.weights.shape[1])):
            raise FormatError(f"{place} takes not every column of the layer before it once")
        for k, name in value.each:
            layer.activations[k] = name or "identity"
        return order

    def _bias(self, tensor: NDArray[Any], place: str) -> NDArray[Any]:
        width = self._layers[-1].weights.shape[1]
        if tensor.size not in (1, width) or tensor.ndim > 2 or tensor.shape[:-1] not in ((), (1,)):
            raise FormatError(f"{place} has a bias of shape {tensor.shape}, expected ({width},)")
        return np.broadcast_to(tensor.reshape(-1), (width,)).copy()

    # ---- columns -----------------------------------------------------------------------------

    def _activation(self, node: Any, place: str) -> Columns:
        numbers = {one.name: self._onnx.helper.get_attribute_value(one) for one in node.attribute}
        name = ACTIVATIONS[node.op_type]
        expected = {"leaky_relu": SLOPE, "elu": 1.0}.get(name)
        alpha = numbers.get("alpha", expected)
        if alpha is not None and not math.isclose(alpha, expected or 0.0, rel_tol=1e-6):
            raise FormatError(f"{place} has alpha {alpha}, expected {expected}")
        if numbers.get("approximate", b"none") not in (b"none", "none"):
            raise FormatError(f"{place} is an approximate Gelu, expected the exact one")
        return self._marked(node, 0, name, place)

    def _prelu(self, node: Any, place: str) -> Columns:
        slope = self._tensor(node, 1, place)
        if not np.allclose(slope, SLOPE, rtol=1e-6, atol=0):
            raise FormatError(f"{place} has other slopes than {SLOPE}")
        return self._marked(node, 0, "leaky_relu", place)

    def _mul(self, node: Any, place: str) -> Columns:
        """Read a product of a value and its own sigmoid: silu."""
        pairs = [self._value(node, k, place) for k in range(min(2, len(node.input)))]
        for plain, other in (pairs, pairs[::-1]) if len(pairs) == 2 else ():
            marked = tuple((k, "sigmoid") for k, name in plain.each if name is None)
            if len(marked) == len(plain.each) and other == Columns(plain.t, marked):
                return Columns(plain.t, tuple((k, "silu") for k, _ in plain.each))
        raise FormatError(f"{place} is a product that is not of a value and its own sigmoid")

    def _marked(self, node: Any, index: int, name: str, place: str) -> Columns:
        value = self._value(node, index, place)
        for k, before in value.each:
            if before is not None:
                raise FormatError(f"{place} is a second activation, of column {k}, after {before}")
        return Columns(value.t, tuple((k, name) for k, _ in value.each))

    def _gather(self, node: Any, place: str) -> Columns:
        self._require_axis(node, 0, place)
        value = self._value(node, 0, place)
        picked = self._tensor(node, 1, place, 1, whole=True).tolist()
        if not all(-len(value.each) <= k < len(value.each) for k in picked):
            raise FormatError(f"{place} picks columns beyond the {len(value.each)} that there are")
        return Columns(value.t, tuple(value.each[k] for k in picked))

    def _concat(self, node: Any, place: str) -> Columns:
        self._require_axis(node, None, place)
        parts = [self._value(node, k, place) for k in range(len(node.input))]
        if not parts or any(part.t != parts[0].t for part in parts):
            raise FormatError(f"{place} joins columns of different layers")
        return Columns(parts[0].t, tuple(one for part in parts for one in part.each))

    def _require_axis(self, node: Any, default: int | None, place: str) -> None:
        numbers = {one.name: self._onnx.helper.get_attribute_value(one) for one in node.attribute}
        if numbers.get("axis", default) not in (1, -1):
            raise FormatError(f"{place} has axis {numbers.get('axis', default)}, expected 1")

    # ---- values and tensors ------------------------------------------------------------------

    def _value(self, node: Any, index: int, place: str) -> Columns:
        name = node.input[index] if index < len(node.input) else ""
        if name not in self._values:
            raise FormatError(f"{place} takes {short(name)}, which no layer before it makes")
        return self._values[name]

    def _tensor(
        self, node: Any, index: int, place: str, rank: int | None = None, *, whole: bool = False
    ) -> NDArray[Any]:
        """Return a tensor that the model holds, as float64 or as whole numbers."""
        name = node.input[index] if index < len(node.input) else ""
        found = self._tensors.get(name)
        if found is None:
            raise FormatError(f"{place} takes {short(name)}, expected a tensor of the model")
        types = self._onnx.TensorProto
        kinds = (types.INT64, types.INT32) if whole else (types.DOUBLE, types.FLOAT)
        if found.data_type not in kinds or found.data_location == types.EXTERNAL:
            raise FormatError(
                f"tensor {short(name)} is in another file, or of another type than "
                f"{'whole numbers' if whole else 'float64 and float32'}"
            )
        if any(size < 0 for size in found.dims) or (rank is not None and len(found.dims) != rank):
            raise FormatError(f"tensor {short(name)} has the shape {short(list(found.dims))}")
        try:
            array: NDArray[Any] = self._helper.to_array(found)
        except (ValueError, TypeError) as error:
            raise FormatError(f"tensor {short(name)}: {short(str(error))}") from None
        return array.astype(np.int64 if whole else np.float64)
