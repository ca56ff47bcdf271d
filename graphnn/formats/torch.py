"""PyTorch: a network as a module of masked linear layers, and networks of modules.

Needs PyTorch: `python -m pip install 'graphnn[torch]'`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphnn.collector import paused
from graphnn.errors import EngineUnavailable, FormatError
from graphnn.formats.dense import Dense, network_of
from graphnn.formats.graphs import FORMAT, VERSION, says_layered
from graphnn.formats.parts import parsed, require_list, require_object, short
from graphnn.formats.preprocessing import of_content, to_content
from graphnn.formats.records import (
    EdgeRecord,
    NeuronRecord,
    built,
    edge_records,
    known_activations,
    neuron_records,
    require_built_in,
)
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network

if TYPE_CHECKING:
    import torch
    import torch.nn

__all__ = ["from_torch", "to_torch"]


def _functions() -> dict[str, Callable[[Any], Any]]:
    """Return the built-in activations as PyTorch has them."""
    torch, f = _torch(), _torch().nn.functional
    return {
        "identity": lambda a: a,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda a: f.leaky_relu(a, 0.01),
        "elu": f.elu,
        # Beyond 40 it is the identity to the last bit; PyTorch's own threshold is 20.
        "softplus": lambda a: f.softplus(a, threshold=40),
        "gelu": f.gelu,
        "silu": f.silu,
        "sign": torch.sign,
    }


MODULES = {
    "Identity": "identity",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "Softplus": "softplus",
    "GELU": "gelu",
    "SiLU": "silu",
}
"""PyTorch's modules that are activations, if their numbers are these."""
NUMBERS: dict[str, dict[str, Any]] = {
    "LeakyReLU": {"negative_slope": 0.01},
    "ELU": {"alpha": 1.0},
    "Softplus": {"beta": 1.0, "threshold": 20.0},
    "GELU": {"approximate": "none"},
}
SKIPPED = {"Flatten", "Dropout", "AlphaDropout", "FeatureAlphaDropout"}
"""What does nothing to vectors when a network is used: it is passed over."""


def to_torch(network: Network, dtype: torch.dtype | None = None) -> torch.nn.Module:
    """Return a network as a PyTorch module.

    Its one parameter `theta` holds the trainable weights, one for each name that edges share, in
    (t, i, j) order; the buffer `fixed` those that are not trainable. In layer t the weight matrix,
    (d^(t-1) + 1, d^(t)) with row 0 for the constant neuron, is put together of them where the
    buffer `mask` says that an edge is, so that no optimiser gives a weight to an edge that is
    absent. Its `extra_state` holds the rest, as JSON text: `from_torch` reads it back.

    Args:
        network: The network; it is only read.
        dtype: Of the weights; default `torch.float64`, in which they keep every bit.

    Returns:
        A `torch.nn.Module` of (m, d^(0)) to (m, d^(T)).

    Raises:
        FormatError: If a neuron has an activation of the user's own, or a label that no file holds.
        EngineUnavailable: If PyTorch is not installed.

    Source: PyTorch, "torch.nn.Module" in its reference.
    """
    neurons, edges = neuron_records(network), edge_records(network)
    require_built_in(network, "PyTorch")
    content = {
        "format": FORMAT,
        "version": VERSION,
        "neurons": [[*one.neuron, one.activation, one.label] for one in neurons],
        "edges": [[*edge.u, *edge.v, edge.trainable, edge.shared] for edge in edges],
        "preprocessing": to_content(network.preprocessing),
    }
    made = _graph_module()(json.dumps(content), [edge.weight for edge in edges])
    module: torch.nn.Module = made.to(_torch().float64 if dtype is None else dtype)
    return module


@paused()
def from_torch(module: torch.nn.Module, activations: Iterable[Activation] = ()) -> Network:
    """Return the network of a module that `to_torch` made, or of an `nn.Sequential`.

    Of the latter `Linear` layers and activations are read (Identity, Sigmoid, Tanh, ReLU,
    LeakyReLU, ELU, Softplus, GELU, SiLU, with their default numbers), also nested; `Flatten` and
    dropout are passed over. A bias is the constant neuron's edges. A linear layer without an
    activation has the identity. Weights of float32 become the float64 that they are equal to.

    Args:
        module: The module; it is only read.
        activations: Your own activations, found by name.

    Raises:
        FormatError: If there is another module in it, which is named, or a weight is not finite.
        EngineUnavailable: If PyTorch is not installed.

    Example:
        >>> import graphnn as gn
        >>> net = gn.Network.dense([2, 3, 1], seed=0)  # doctest: +SKIP
        >>> gn.from_torch(gn.to_torch(net)) == net  # doctest: +SKIP
        True
    """
    torch = _torch()
    if isinstance(module, _graph_module()):
        return _of_content(module, known_activations(activations))
    if not isinstance(module, torch.nn.Module):
        raise FormatError(f"found a {type(module).__name__}, expected a torch.nn.Module")
    return _of_sequential(list(_flat(module, type(module).__name__)))


# ---- a network as a module ----------------------------------------------------------------------


@lru_cache(maxsize=1)
def _graph_module() -> Any:
    """Return the class of modules, which is made when PyTorch is there."""
    torch = _torch()

    class GraphModule(torch.nn.Module):  # type: ignore[name-defined,misc]
        """A network of graphnn: `theta` (trained), `fixed`, and a mask for each layer."""

        def __init__(self, content: str, weights: list[float]) -> None:
            super().__init__()
            self.content = content
            found = json.loads(content)
            layers, numbers = _columns(found["neurons"]), _parameters(found["edges"])
            theta, fixed = _values(numbers, weights)
            self.theta = torch.nn.Parameter(torch.tensor(theta, dtype=torch.float64))
            self.register_buffer("fixed", torch.tensor(fixed, dtype=torch.float64))
            _register_matrices(self, layers, found["edges"], numbers)
            self.layers = list(map(len, layers))
            self.kinds = _kinds(layers, found["neurons"])

        def matrix(self, t: int) -> Any:
            """Return w^(t), 0 where no edge is."""
            weights = torch.cat([self.theta, self.fixed])
            mask = self.get_buffer(f"mask{t}")
            if not len(weights):
                return torch.zeros(mask.shape, dtype=weights.dtype, device=weights.device)
            taken = weights[self.get_buffer(f"entries{t}")]
            return torch.where(mask, taken, torch.zeros((), dtype=taken.dtype, device=taken.device))

        def forward(self, x: Any) -> Any:
            """Return the outputs of rows of inputs."""
            functions = _functions()
            v = x
            for t, kinds in enumerate(self.kinds, start=1):
                w = self.matrix(t)
                v = _activated(v @ w[1:] + w[0], kinds, functions)
            return v

        def extra_repr(self) -> str:
            """Return what `print` shows: the layers, and how many weights there are."""
            return f"layers={self.layers}, theta={len(self.theta)}, fixed={len(self.fixed)}"

        def get_extra_state(self) -> str:
            """Return what is no tensor: neurons, edges, labels, preprocessing."""
            return self.content

        def set_extra_state(self, state: Any) -> None:
            """Take in what `get_extra_state` returned: it must be this network's."""
            if state != self.content:
                raise FormatError("the state is that of another network")

    return GraphModule


def _activated(
    a: Any, kinds: list[tuple[str, list[int]]], functions: dict[str, Callable[[Any], Any]]
) -> Any:
    """Return the values of a layer, each column by its own activation."""
    if len(kinds) == 1:
        return functions[kinds[0][0]](a)
    order = [k for _, columns in kinds for k in columns]
    back = sorted(range(len(order)), key=order.__getitem__)
    parts = [functions[name](a[..., columns]) for name, columns in kinds]
    return _torch().cat(parts, dim=-1)[..., back]


def _columns(neurons: list[Any]) -> list[dict[int, int]]:
    """Return for each layer the column of each neuron's number."""
    layers: list[dict[int, int]] = [{} for _ in range(1 + max(t for t, *_ in neurons))]
    for t, j, *_ in neurons:
        if j > 0:
            layers[t][j] = len(layers[t])
    return layers


def _kinds(layers: list[dict[int, int]], neurons: list[Any]) -> list[list[tuple[str, list[int]]]]:
    """Return for each layer from 1 on its activations, each with its columns."""
    kinds: list[dict[str, list[int]]] = [{} for _ in layers]
    for t, j, name, _ in neurons:
        if t and j:
            kinds[t].setdefault(name, []).append(layers[t][j])
    return [list(one.items()) for one in kinds[1:]]


def _values(numbers: list[int], weights: list[float]) -> tuple[list[float], list[float]]:
    """Return the weights that are trained and those that are not, each once."""
    of = dict(zip(numbers, weights, strict=True))
    trained, fixed = (sorted(k for k in of if (k >= 0) == side) for side in (True, False))
    return [of[k] for k in trained], [of[k] for k in reversed(fixed)]


def _register_matrices(
    module: Any, layers: list[dict[int, int]], edges: list[Any], numbers: list[int]
) -> None:
    """Add for each layer where edges are, and the place of each one's weight."""
    torch, trained = _torch(), len(module.theta)
    shapes = [(len(below) + 1, len(above)) for below, above in pairwise(layers)]
    masks = [np.zeros(shape, dtype=bool) for shape in shapes]
    entries = [np.zeros(shape, dtype=np.int64) for shape in shapes]
    for (s, i, t, j, *_), k in zip(edges, numbers, strict=True):
        at = layers[s][i] + 1 if i else 0, layers[t][j]
        masks[s][at] = True
        # In a row, the fixed ones -1, -2, ... stand behind those that are trained.
        entries[s][at] = k if k >= 0 else trained - 1 - k
    for t, (mask, places) in enumerate(zip(masks, entries, strict=True), start=1):
        module.register_buffer(f"mask{t}", torch.tensor(mask))
        module.register_buffer(f"entries{t}", torch.tensor(places), persistent=False)


def _parameters(edges: list[Any]) -> list[int]:
    """Return for each edge the number of its weight; -1, -2, ... are those that are fixed."""
    numbers: list[int] = []
    named: dict[str, int] = {}
    trained = fixed = 0
    for *_, trainable, shared in edges:
        if shared is not None and shared in named:
            numbers.append(named[shared])
            continue
        if trainable:
            numbers.append(trained)
            trained += 1
        else:
            fixed += 1
            numbers.append(-fixed)
        if shared is not None:
            named[shared] = numbers[-1]
    return numbers


def _of_content(module: Any, known: dict[str, Activation]) -> Network:
    """Return the network of a `GraphModule`."""
    found = parsed(module.content)
    if not isinstance(found, dict) or not says_layered(found):
        raise FormatError(f"the module's content is {short(found)}, expected a {FORMAT}")
    keys = ("format", "version", "neurons", "edges", "preprocessing")
    content = require_object(found, "the module's content", keys)
    edges = require_list(content["edges"], "edges")
    theta, fixed = (_array(one).tolist() for one in (module.theta, module.fixed))
    neurons = [
        NeuronRecord((t, j), name, label)
        for t, j, name, label in require_list(content["neurons"], "neurons")
    ]
    each = (
        EdgeRecord((s, i), (t, j), theta[k] if k >= 0 else fixed[-1 - k], trainable, shared)
        for (s, i, t, j, trainable, shared), k in zip(edges, _parameters(edges), strict=True)
    )
    return built(neurons, each, known, of_content(content["preprocessing"], 2))


# ---- nn.Sequential ------------------------------------------------------------------------------


def _flat(module: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the modules of nested sequences, each with its name."""
    if isinstance(module, _torch().nn.Sequential):
        for key, one in module.named_children():
            yield from _flat(one, f"{name}.{key}")
    else:
        yield name, module


def _of_sequential(modules: list[tuple[str, Any]]) -> Network:
    torch = _torch()
    layers: list[Any] = []
    names: list[str | None] = []
    for name, module in modules:
        kind = type(module).__name__
        if type(module) is torch.nn.Linear:
            if layers and module.in_features != layers[-1].out_features:
                raise FormatError(
                    f"{name} takes {module.in_features} inputs, and the layer before it has "
                    f"{layers[-1].out_features} outputs"
                )
            layers.append(module)
            names.append(None)
        elif kind in SKIPPED:
            continue
        elif kind in MODULES and layers and names[-1] is None:
            _require_default(name, kind, module)
            names[-1] = MODULES[kind]
        elif kind != "Identity":
            raise FormatError(
                f"{name} is a {kind}, expected Linear layers, each with at most one activation of "
                f"{sorted(MODULES)} behind it"
            )
    if not layers:
        raise FormatError("the module has no Linear layer")
    return network_of(
        [
            Dense(
                _array(one.weight).T,
                None if one.bias is None else _array(one.bias),
                [name or "identity"] * one.out_features,
            )
            for one, name in zip(layers, names, strict=True)
        ]
    )


def _array(tensor: Any) -> NDArray[Any]:
    if tensor.is_meta:
        raise FormatError("the module is on the device 'meta', where weights have no numbers")
    return np.asarray(tensor.detach().cpu().double().numpy())


def _require_default(name: str, kind: str, module: Any) -> None:
    for word, expected in NUMBERS.get(kind, {}).items():
        found = getattr(module, word)
        if found != expected:
            raise FormatError(f"{name} is a {kind} with {word} {found}, expected {expected}")


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise EngineUnavailable(
            "PyTorch is not installed: python -m pip install 'graphnn[torch]'"
        ) from None
    return torch
