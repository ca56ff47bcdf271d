"""ONNX: a Gemm and an activation for each layer, in float64 or float32, both ways.

What ONNX has no word for, absent edges, frozen and shared ones, labels and preprocessing, stands in
the model's `metadata_props` under `graphnn`, as JSON text; models of other programs have none.
Needs the package onnx: `python -m pip install 'graphnn[onnx]'`.

Source: "ONNX operators" and "Open Neural Network Exchange Intermediate Representation".
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from graphnn.collector import paused
from graphnn.errors import EngineUnavailable, FormatError
from graphnn.formats.content import naming, read_bytes
from graphnn.formats.dense import Dense, network_of
from graphnn.formats.graphs import FORMAT, VERSION, says_layered
from graphnn.formats.onnx_chain import Chain
from graphnn.formats.parts import parsed, require_list, require_object, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.formats.records import (
    MOST_BYTES,
    EdgeRecord,
    NeuronRecord,
    built,
    edge_records,
    neuron_records,
    require_built_in,
)
from graphnn.functions.activations import ACTIVATIONS
from graphnn.graph.network import Network
from graphnn.types import edge_name

if TYPE_CHECKING:
    import onnx

__all__ = ["from_onnx", "to_onnx"]

OPSET, IR_VERSION = 20, 10
KEY = "graphnn"
OPERATORS = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "elu": "Elu",
    "softplus": "Softplus",
    "gelu": "Gelu",
    "sign": "Sign",
    "identity": "Identity",
}
"""The activations that are one operator with its default attributes."""


@paused()
def to_onnx(network: Network, dtype: Literal["float64", "float32"] = "float64") -> onnx.ModelProto:
    """Return a network as an ONNX model of one input `X`, (m, d^(0)), and one output `y`.

    Args:
        network: The network; it is only read.
        dtype: Of weights, inputs and outputs: in float64 the weights keep every bit.

    Raises:
        FormatError: If a neuron has an activation of the user's own, a weight is beyond float32,
            or a label is none that a file can hold; the neuron or edge is named.
        EngineUnavailable: If the package onnx is not installed.

    Example:
        >>> net = Network.dense([2, 3, 1], seed=0)
        >>> from_onnx(to_onnx(net)) == net
        True
    """
    if dtype not in ("float64", "float32"):
        raise FormatError(f"dtype is {dtype!r}, expected 'float64' or 'float32'")
    helper = _onnx().helper
    neurons, edges = neuron_records(network), edge_records(network)
    require_built_in(network, "ONNX")
    columns, layers = _columns(network), _by_layer(network, edges)
    model = _Model(np.dtype(dtype))
    value, masks = "X", []
    for t, layer in enumerate(layers, start=1):
        weights, mask = _matrix(layer, columns[t - 1], columns[t], model.dtype)
        masks.append(mask)
        names = [network.activation(neuron).name for neuron in network.neurons(t)]
        value = model.layer(t, value, weights, names)
    model.nodes[-1].output[0] = "y"
    kind = helper.np_dtype_to_tensor_dtype(model.dtype)
    ends = [
        helper.make_tensor_value_info(name, kind, ["m", width])
        for name, width in (("X", network.layers[0]), ("y", network.layers[-1]))
    ]
    graph = helper.make_graph(model.nodes, "network", ends[:1], ends[1:], model.tensors)
    opset = helper.make_opsetid("", OPSET)
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=[opset], producer_name="graphnn")
    made.ir_version = IR_VERSION
    content = _content(network, neurons, layers, masks)
    made.metadata_props.add(key=KEY, value=json.dumps(content))
    return made


@paused()
def from_onnx(
    model: onnx.ModelProto | bytes | str | os.PathLike[str], *, max_bytes: int = MOST_BYTES
) -> Network:
    """Return the network of an ONNX model: layers of Gemm, or MatMul and Add, and activations.

    A model that `to_onnx` made comes back with all that its network had. Of any other every entry
    of a weight matrix is an edge. Flatten, Identity and Dropout are passed over.

    Args:
        model: The model, its bytes, or the path of its file.
        max_bytes: Of the file; a larger one is refused unread.

    Raises:
        FormatError: If it has another operator, which is named, or is no model.
        EngineUnavailable: If the package onnx is not installed.
        OSError: If the file cannot be read.
    """
    onnx = _onnx()
    if isinstance(model, str | os.PathLike):
        with naming(model):
            return from_onnx(read_bytes(model, max_bytes))
    if isinstance(model, bytes):
        try:
            model = onnx.load_model_from_string(model)
        except Exception as error:  # noqa: BLE001 - protobuf's errors have no common public base
            raise FormatError(f"it is no ONNX model: {short(str(error))}") from None
    if not isinstance(model, onnx.ModelProto):
        raise FormatError(f"found a {type(model).__name__}, expected an onnx.ModelProto")
    layers, inputs = Chain(model).layers()
    found = [one.value for one in model.metadata_props if one.key == KEY]
    if not found:
        return network_of(layers)
    return _of_content(parsed(found[-1]), layers, inputs)


class _Model:
    """The nodes and tensors of a model that is being made."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def layer(self, t: int, value: str, weights: NDArray[Any], names: list[str]) -> str:
        """Add a layer and return the name of its values."""
        inputs = [value, self.tensor(f"w{t}", weights[1:]), self.tensor(f"b{t}", weights[0])]
        a = self.node("Gemm", inputs, f"a{t}")
        kinds: dict[str, list[int]] = {}
        for k, name in enumerate(names):
            kinds.setdefault(name, []).append(k)
        if len(kinds) == 1:
            return self.activated(a, names[0], f"v{t}")
        parts = []
        for name, columns in kinds.items():
            picked = self.tensor(f"columns_{t}_{name}", np.array(columns, dtype=np.int64))
            part = self.node("Gather", [a, picked], f"a{t}_{name}", axis=1)
            parts.append(self.activated(part, name, f"v{t}_{name}"))
        joined = self.node("Concat", parts, f"v{t}_joined", axis=1)
        order = [k for columns in kinds.values() for k in columns]
        back = self.tensor(f"order_{t}", np.argsort(order).astype(np.int64))
        return self.node("Gather", [joined, back], f"v{t}", axis=1)

    def activated(self, a: str, name: str, v: str) -> str:
        """Add an activation and return the name of its values."""
        if name in OPERATORS:
            return self.node(OPERATORS[name], [a], v)
        if name == "leaky_relu":  # LeakyRelu's slope would be a float32.
            slope = self.tensor(f"slope_{v}", np.array([0.01], dtype=self.dtype))
            return self.node("PRelu", [a, slope], v)
        return self.node("Mul", [a, self.node("Sigmoid", [a], f"{v}_sigmoid")], v)  # silu

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        made = _onnx().helper.make_node(operator, inputs, [output], name=output, **attributes)
        self.nodes.append(made)
        return output

    def tensor(self, name: str, array: NDArray[Any]) -> str:
        """Add a tensor and return its name."""
        self.tensors.append(_onnx().numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


# ---- what ONNX has no word for --------------------------------------------------------------


def _columns(network: Network) -> list[dict[Any, int]]:
    """Return each layer's rows in the matrix above it, 0 for the constant neuron."""
    return [
        {(t, 0): 0, **{n: k for k, n in enumerate(network.neurons(t), start=1)}}
        for t in range(network.depth + 1)
    ]


def _by_layer(network: Network, edges: list[EdgeRecord]) -> list[list[EdgeRecord]]:
    """Return the edges into layers 1..T."""
    found: list[list[EdgeRecord]] = [[] for _ in range(network.depth)]
    for edge in edges:
        found[edge.v[0] - 1].append(edge)
    return found


def _matrix(
    edges: list[EdgeRecord], below: Mapping[Any, int], above: Mapping[Any, int], dtype: Any
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the weights between two layers, and where edges are.

    Raises:
        FormatError: If a weight is beyond the range of the dtype; the edge is named.
    """
    weights = np.zeros((len(below), len(above) - 1), dtype=dtype)
    mask = np.zeros(weights.shape, dtype=np.bool_)
    rows = np.array([below[edge.u] for edge in edges], dtype=np.intp)
    targets = np.array([above[edge.v] - 1 for edge in edges], dtype=np.intp)
    numbers = np.array([edge.weight for edge in edges])
    with np.errstate(over="ignore", under="ignore"):
        weights[rows, targets] = numbers
    mask[rows, targets] = True
    wrong = np.flatnonzero(~np.isfinite(weights[rows, targets]))
    if len(wrong):
        edge = edges[wrong[0]]
        raise FormatError(
            f"edge {edge_name(edge.u, edge.v)} has the weight {edge.weight}, beyond the range of "
            f"{weights.dtype}: write float64"
        )
    return weights, mask


def _content(
    network: Network,
    neurons: list[NeuronRecord],
    edges: list[list[EdgeRecord]],
    masks: list[NDArray[np.bool_]],
) -> dict[str, Any]:
    """Return what the model's operators do not say; edges and masks are those of each layer."""
    layers = []
    for some, mask in zip(edges, masks, strict=True):
        trainable = np.array([edge.trainable for edge in some], dtype=np.bool_)
        layers.append(
            {
                "edges": None if mask.all() else _packed(mask.ravel()),
                "trainable": None if trainable.all() else _packed(trainable),
                "shared": [[k, e.shared] for k, e in enumerate(some) if e.shared is not None],
            }
        )
    return {
        "format": FORMAT,
        "version": VERSION,
        "neurons": [[*one.neuron, one.activation, one.label] for one in neurons],
        "layers": layers,
        "preprocessing": to_content(network.preprocessing),
    }


def _packed(bits: NDArray[np.bool_]) -> str:
    return base64.b64encode(np.packbits(bits).tobytes()).decode()


def _unpacked(found: Any, count: int, word: str) -> NDArray[np.bool_]:
    """Return so many bits; all of them are 1 where there is nothing."""
    if found is None:
        return np.ones(count, dtype=np.bool_)
    try:
        raw = np.frombuffer(base64.b64decode(found, validate=True), dtype=np.uint8)
    except (ValueError, TypeError):
        raise FormatError(f"{word} is {short(found)}, expected bits in base64") from None
    if len(raw) != -(-count // 8):
        raise FormatError(f"{word} has {8 * len(raw)} bits, expected {count}")
    return np.unpackbits(raw, count=count).astype(np.bool_)


def _of_content(found: Any, layers: list[Dense], inputs: int) -> Network:
    """Return the network of a model's layers and what `_content` says of them."""
    if not isinstance(found, dict) or not says_layered(found):
        raise FormatError(f"the metadata is {short(found)}, expected that of a {FORMAT}")
    keys = ("format", "version", "neurons", "layers", "preprocessing")
    content = require_object(found, "the metadata", keys)
    neurons = [_neuron(one) for one in require_list(content["neurons"], "neurons")]
    plain = [one for one in neurons if one.neuron[1] != 0]
    rows: list[list[Any]] = [[] for _ in range(len(layers) + 1)]
    for one in sorted(plain, key=lambda record: record.neuron):
        if not 0 <= one.neuron[0] <= len(layers):
            raise FormatError(f"the metadata has a neuron of layer {one.neuron[0]}: no such layer")
        rows[one.neuron[0]].append(one)
    widths = [inputs, *(layer.weights.shape[1] for layer in layers)]
    if [len(row) for row in rows] != widths:
        raise FormatError(
            f"the metadata has layers of {short([len(row) for row in rows])} neurons and the model "
            f"of {short(widths)}: it was changed since"
        )
    for t, layer in enumerate(layers, start=1):
        if [one.activation for one in rows[t]] != layer.activations:
            raise FormatError(f"the metadata has other activations of layer {t} than the model")
    notes = require_list(content["layers"], "layers")
    if len(notes) != len(layers):
        raise FormatError(f"the metadata has {len(notes)} layers, expected {len(layers)}")
    edges: list[tuple[Any, ...]] = []
    for t, (layer, note) in enumerate(zip(layers, notes, strict=True), start=1):
        ends = [(t - 1, 0), *(one.neuron for one in rows[t - 1])], [one.neuron for one in rows[t]]
        edges += _edges(layer, note, *ends, t)
    return built(neurons, edges, ACTIVATIONS, of_content(content["preprocessing"], 2))


def _neuron(found: Any) -> NeuronRecord:
    if not isinstance(found, list) or [type(part) for part in found[:2]] != [int, int]:
        raise FormatError(f"the metadata has the neuron {short(found)}, expected [t, j, ...]")
    if len(found) != 4:
        raise FormatError(f"the metadata has the neuron {short(found)}, expected four parts")
    t, j, activation, label = found
    return NeuronRecord((t, j), activation, label)


def _edges(
    layer: Dense, note: Any, below: list[Any], above: list[Any], t: int
) -> Iterable[tuple[Any, ...]]:
    """Return the edges of a layer."""
    word = f"layer {t} of the metadata"
    note = require_object(note, word, ("edges", "trainable", "shared"))
    whole = layer.whole()
    mask = _unpacked(note["edges"], whole.size, word).reshape(whole.shape)
    if whole[~mask].any():
        raise FormatError(f"layer {t} has weights where the metadata has no edges")
    rows, columns = np.nonzero(mask)
    switches = _unpacked(note["trainable"], len(rows), word).tolist()
    names: list[Any] = [None] * len(rows)
    for pair in require_list(note["shared"], "shared"):
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not int:
            raise FormatError(f"{word} has shared {short(pair)}, expected [number, name]")
        if not 0 <= pair[0] < len(rows):
            raise FormatError(f"{word} has shared {short(pair)}, but {len(rows)} edges")
        names[pair[0]] = pair[1]
    us, vs = ([ends[k] for k in some.tolist()] for ends, some in ((below, rows), (above, columns)))
    return zip(us, vs, whole[mask].tolist(), switches, names, strict=True)


def _onnx() -> Any:
    try:
        import onnx
        import onnx.numpy_helper
    except ImportError:
        raise EngineUnavailable(
            "the package onnx is not installed: python -m pip install 'graphnn[onnx]'"
        ) from None
    return onnx
