"""Irregular sparse networks beside Connex: the same graph, weights and data, one sample a step.

Connex 0.3.3 (JAX) is the library for networks of any directed acyclic graph. Its user writes the
loop: "a step at a time" is a jitted function called for each sample, as its documentation trains;
"in one program" is the fastest there is, all steps in one `lax.scan`. graphnn trains by `gn.train`.
Both start from Connex's weights and must end with the same losses. The time until the first step
is that of a new process after the imports of the library and of what it compiles with (JAX, Numba):
making the network, compiling, one step. "With imports" counts these, too. graphnn's code comes from
an empty cache ("cold") or from the last process's.

`python tests/benchmarks/irregular.py` with `graphnn[bench]` installed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import networkx as nx
import numpy as np
from timing import verdict

from graphnn.tables import text_table

SHAPES = {"56 edges": ((4, 6, 6, 2), 0.65, 0.4), "375 edges": ((20, 25, 22, 5), 0.27, 0.1)}
"""For each name the layers, the share of edges between neighbours, and how many of them skip."""

STEPS, ETA, SAMPLES = 2000, 0.01, 64
TIMES, COLD, WARM = 0.01, 0.5, 0.1
"""graphnn's time by Connex's: a step at a time, and until the first step."""


def graph(name: str) -> tuple[nx.DiGraph, list[int], list[int]]:
    """Return a graph, its inputs and its outputs."""
    widths, density, skips = SHAPES[name]
    rng = np.random.default_rng(0)
    ends = np.cumsum((0, *widths)).tolist()
    layers = [range(*ends[t : t + 2]) for t in range(len(widths))]
    dag = nx.DiGraph()
    dag.add_nodes_from(range(ends[-1]))
    for t in range(1, len(widths)):
        for v in layers[t]:
            sources = [u for u in layers[t - 1] if rng.random() < density] or [layers[t - 1][0]]
            sources += [u for below in layers[: t - 1] for u in below if rng.random() < skips / 3]
            dag.add_edges_from((u, v) for u in sources)
    for u in (u for layer in layers[1:-1] for u in layer if not dag.succ[u]):
        dag.add_edge(u, layers[-1][u % len(layers[-1])])
    return dag, list(layers[0]), list(layers[-1])


def data(name: str) -> tuple[Any, Any]:
    """Return inputs and targets."""
    widths = SHAPES[name][0]
    rng = np.random.default_rng(1)
    return rng.normal(size=(SAMPLES, widths[0])), rng.normal(size=(SAMPLES, widths[-1]))


def connex_network(name: str) -> Any:
    """Return Connex's network with its own first weights."""
    import connex
    import jax

    jax.config.update("jax_enable_x64", True)  # before the weights are drawn
    dag, inputs, outputs = graph(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses names that equinox deprecates
        return connex.NeuralNetwork(
            dag,
            inputs,
            outputs,
            hidden_activation=jax.numpy.tanh,
            # Nodes are numbered so; in an order of its own its weighted graph fails.
            topo_sort=list(dag),
            key=jax.random.PRNGKey(0),
        )


def weighted(name: str) -> nx.DiGraph:
    """Return the graph with Connex's weights and biases, as `from_networkx` reads it."""
    net = connex_network(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dag = net.to_networkx_weighted_digraph()
    _, inputs, outputs = graph(name)
    for _, _, attributes in dag.edges(data=True):
        attributes["weight"] = float(attributes["weight"])
    for node in dag:
        if node not in inputs:
            batch, row = net._neuron_to_topo_batch_idx[node]
            dag.nodes[node]["bias"] = float(net._weights_and_biases[batch][row, -1])
            dag.nodes[node]["activation"] = "identity" if node in outputs else "tanh"
    dag.graph |= {"inputs": inputs, "outputs": outputs}
    return dag


def stepper(net: Any) -> tuple[Callable[[Any, Any, Any], Any], Callable[[Any], Any]]:
    """Return Connex's one step and its loss as functions of weights."""
    import equinox
    import jax

    key = jax.random.PRNGKey(0)

    def loss(weights: Any, x: Any, y: Any) -> Any:
        one = equinox.tree_at(lambda n: n._weights_and_biases, net, weights)
        return 0.5 * jax.numpy.square(one(x, key=key) - y).sum()

    def step(weights: Any, x: Any, y: Any) -> Any:
        gradient = jax.grad(loss)(weights, x, y)
        return [w - ETA * g for w, g in zip(weights, gradient, strict=True)]

    return step, loss


def connex_worker(name: str, way: str) -> dict[str, float]:
    """Train by Connex and return seconds and the last loss."""
    begin = time.perf_counter()
    import connex  # noqa: F401 - it is what is timed
    import jax

    start = time.perf_counter()
    net = connex_network(name)
    step, loss = stepper(net)
    X, y = (jax.numpy.array(one) for one in data(name))
    weights = [jax.numpy.array(w) for w in net._weights_and_biases]
    rows = [k % SAMPLES for k in range(STEPS)]
    if way == "scan":
        scan = jax.jit(
            lambda weights, some: jax.lax.scan(
                lambda w, k: (step(w, X[k], y[k]), None), weights, some
            )[0]
        )
        run = lambda w, some: scan(w, jax.numpy.array(some))  # noqa: E731
    else:
        one = jax.jit(step)

        def run(w: Any, some: list[int]) -> Any:
            for k in some:
                w = one(w, X[k], y[k])
            return w

    jax.block_until_ready(run(weights, rows[:1]))
    first, whole = time.perf_counter() - start, time.perf_counter() - begin
    trained = jax.block_until_ready(run(weights, rows))
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        jax.block_until_ready(run(weights, rows))
        seconds.append((time.perf_counter() - begin) / STEPS)
    total = sum(float(loss(trained, X[k], y[k])) for k in range(SAMPLES)) / SAMPLES
    return {"first": first, "whole": whole, "step": median(seconds), "loss": total}


def graphnn_worker(name: str, path: str) -> dict[str, float]:
    """Train by graphnn and return seconds and the last loss."""
    began = time.perf_counter()
    import numba  # noqa: F401 - as JAX is imported

    import graphnn as gn

    imports = time.perf_counter() - began

    with open(path, encoding="utf-8") as file:
        dag = nx.node_link_graph(json.load(file), edges="edges")
    X, y = data(name)
    rows = [k % SAMPLES for k in range(STEPS)]
    start = time.perf_counter()
    net = gn.Network.from_networkx(dag)
    options: dict[str, Any] = {"optimizer": gn.SGD(ETA), "order": "given", "engine": "native"}
    gn.train(net.copy(), X[:1], y[:1], epochs=1, **options)
    first = time.perf_counter() - start
    whole = first + imports
    trained, seconds = net.copy(), []
    gn.train(trained, X[rows], y[rows], epochs=1, **options)
    from graphnn.engines.batches import Batches
    from graphnn.engines.native import engine
    from graphnn.engines.rules import Rules
    from graphnn.engines.state import State
    from graphnn.functions.losses import resolve_loss

    rules, loss = Rules(gn.SGD(ETA)), resolve_loss("squared")
    program = gn.compile(net)
    trainer = engine.Trainer(program, X, y, loss, rules, batch=1)
    state = State.first(program, rules.optimizer)
    batches = Batches.of_size(np.array(rows * 20), 1, ETA)
    for k in range(6):
        begin = time.perf_counter()
        trainer.run(state, batches)
        if k:
            seconds.append((time.perf_counter() - begin) / len(batches))
    total = gn.compile(trained).gradient(X, y)[0]
    return {"first": first, "whole": whole, "step": median(seconds), "loss": total}


def worker(name: str, *arguments: str, **environment: str) -> dict[str, float]:
    """Run one of these in a new process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--worker", name, *arguments],
        capture_output=True, text=True, check=True, env={**os.environ, **environment},
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows(name: str, rounds: int = 3) -> list[list[str]]:
    """Measure one graph, the libraries in turn."""
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dag.json")
        worker(name, "weights", path)
        for k in range(rounds):
            cache = os.path.join(folder, str(k))
            for label, arguments in (
                ("Connex, a step at a time", ("connex", "loop")),
                ("Connex, in one program", ("connex", "scan")),
                ("graphnn, cold", ("graphnn", path)),
                ("graphnn, from the cache", ("graphnn", path)),
            ):
                one = worker(name, *arguments, XDG_CACHE_HOME=cache)
                found.setdefault(label, []).append(one)
    middle = {
        label: {key: median(one[key] for one in some) for key in some[0]}
        for label, some in found.items()
    }
    losses = [one["loss"] for one in middle.values()]
    assert np.ptp(losses) <= 1e-5 * max(losses), losses
    base = middle["Connex, a step at a time"]
    table = []
    for label, one in middle.items():
        step, first = one["step"] / base["step"], one["first"] / base["first"]
        limits = {"graphnn, cold": COLD, "graphnn, from the cache": WARM}.get(label)
        cells = [name, label, f"{one['step'] * 1e6:.3f} us", f"1/{1 / step:.0f}"]
        cells += [verdict(step, TIMES)] if limits else [""]
        cells += [f"{one['first']:.3f} s", f"{first:.3f}"]
        cells += [verdict(first, limits) if limits else "", f"{one['whole']:.2f} s"]
        table.append([*cells, f"{one['loss']:.9f}"])
    return table


def main() -> None:
    """Print the table, or run as a worker."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=3)
    options = parser.parse_args()
    if options.worker:
        name, library, argument = options.worker
        if library == "weights":
            found: Any = nx.node_link_data(weighted(name), edges="edges")
            with open(argument, "w", encoding="utf-8") as file:
                json.dump(found, file)
            print("{}")
            return
        work = connex_worker if library == "connex" else graphnn_worker
        print(json.dumps(work(name, argument)))
        return
    head = [
        "graph",
        "library",
        "a step",
        "by Connex",
        "1/100",
        "first step",
        "by Connex",
        "limit",
        "with imports",
    ]
    table = [row for name in SHAPES for row in rows(name)]
    print(text_table([*head, "loss"], table, left=2))
    for name in SHAPES:
        print(f"{name}: {graph(name)[0].number_of_edges()} in fact")


if __name__ == "__main__":
    main()
