"""One step of the node engine beside the same step in micrograd, the smallest scalar autograd."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from timing import measure, medians, ratio, verdict

import graphnn as gn
from graphnn.engines import node
from graphnn.engines.descent import Memory
from graphnn.engines.rules import Rules
from graphnn.engines.sample import Sample
from graphnn.engines.wiring import Wiring, wire
from graphnn.functions.losses import resolve_loss
from graphnn.tables import text_table

LAYERS = (4, 8, 3)
SAMPLES = 100
ETA = 0.1
LIMIT = 0.5
"""Of micrograd's time: at least twice as fast."""

Samples = list[Sample]


def graphnn_run(wiring: Wiring, samples: Samples) -> None:
    """Take one step for each sample, as training does."""
    batches = [([k], ETA, ()) for k in range(len(samples))]
    rules = Rules(gn.SGD())
    memory = Memory.first(wiring, rules)
    node.run(wiring, samples, batches, resolve_loss("squared"), rules, memory)


def sigmoid(x: Any) -> Any:
    """Return the sigmoid of a micrograd `Value`, written as micrograd writes its relu."""
    from micrograd.engine import Value

    v = 1 / (1 + math.exp(-x.data))
    out = Value(v, (x,), "sigmoid")

    def backward() -> None:
        x.grad += v * (1 - v) * out.grad

    out._backward = backward
    return out


def micrograd_layers(matrices: list[Any], *, relu: bool) -> list[Any]:
    """Return micrograd's layers with the weights of these matrices."""
    from micrograd.nn import Layer

    layers = []
    for t, w in enumerate(matrices, start=1):
        layer = Layer(len(w) - 1, w.shape[1], nonlin=relu and t < len(matrices))
        for j, neuron in enumerate(layer.neurons):
            neuron.b.data = float(w[0, j])
            for i, weight in enumerate(neuron.w, start=1):
                weight.data = float(w[i, j])
        layers.append(layer)
    return layers


def micrograd_run(layers: list[Any], samples: Samples, *, relu: bool) -> None:
    """Take one step for each sample, as micrograd's own example does."""
    parameters = [p for layer in layers for p in layer.parameters()]
    for x, y, _ in samples:
        values: list[Any] = list(x)
        for layer in layers:
            values = layer(values)
            if not relu:
                values = [sigmoid(a) for a in values]
        loss = sum((v - target) ** 2 for v, target in zip(values, y, strict=True)) * 0.5
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data -= ETA * p.grad


def case(activation: str | list[str], samples: Samples, rounds: int = 21) -> list[str]:
    """Return the table's row of one kind of network."""
    net = gn.Network.dense(LAYERS, activation, seed=0)
    relu = activation != "sigmoid"
    matrices = gn.compile(net).matrices()

    def ours() -> Callable[[], object]:
        return partial(graphnn_run, wire(net.copy()), samples)

    def theirs() -> Callable[[], object]:
        return partial(micrograd_run, micrograd_layers(matrices, relu=relu), samples, relu=relu)

    apart = difference(net, samples, relu=relu)
    seconds = measure({"graphnn": ours, "micrograd": theirs}, rounds)
    middle, found = medians(seconds), ratio(seconds, "graphnn", "micrograd")
    steps = [f"{middle[name] / len(samples) * 1e6:.0f} us" for name in ("graphnn", "micrograd")]
    name = activation if isinstance(activation, str) else ", ".join(activation)
    return [name, *steps, f"{found:.3f}", f"{LIMIT}", verdict(found, LIMIT), f"{apart:.1e}"]


def difference(net: gn.Network, samples: Samples, *, relu: bool) -> float:
    """Return the largest difference between the two libraries' weights after all steps."""
    trained = net.copy()
    layers = micrograd_layers(gn.compile(net).matrices(), relu=relu)
    graphnn_run(wire(trained), samples)
    micrograd_run(layers, samples, relu=relu)
    apart = 0.0
    for w, layer in zip(gn.compile(trained).matrices(), layers, strict=True):
        for j, neuron in enumerate(layer.neurons):
            weights = [p.data for p in (neuron.b, *neuron.w)]
            apart = max(apart, float(np.abs(w[:, j] - weights).max()))
    if apart > 1e-12:
        raise SystemExit(f"not the same mathematics: the weights differ by {apart:.3g}")
    return apart


def main() -> None:
    """Print the table."""
    try:
        import micrograd  # noqa: F401 - only whether it is there
    except ImportError:
        print("micrograd is not installed: skipped")
        return
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(SAMPLES, LAYERS[0])), rng.uniform(size=(SAMPLES, LAYERS[-1]))
    samples = [Sample(*pair) for pair in zip(X.tolist(), y.tolist(), strict=True)]
    header = ["one step, 4-8-3", "graphnn", "micrograd", "ratio", "limit", "", "weights apart"]
    print(text_table(header, [case("sigmoid", samples), case(["relu", "identity"], samples)]))


if __name__ == "__main__":
    main()
