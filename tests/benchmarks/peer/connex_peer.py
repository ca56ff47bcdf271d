"""Connex: networks of any acyclic graph in JAX, here the dense one, its forward pass in a scan.

Each layer is one of Connex's topological batches: a matrix times a mask of the edges that exist.
Connex trains in whatever loop its user writes; this is the fastest, all the steps in one program.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from peer.protocol import Action, Array, Rows, matrices_of, missing

__all__ = ["PEERS", "ConnexPeer"]

COMPILED: dict[tuple[Any, ...], Any] = {}
"""The compiled programs, each for a net, an activation and the arrays' shapes."""


@dataclass(frozen=True)
class ConnexPeer:
    """A `connex.NeuralNetwork` without its extras."""

    name: str = "Connex"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's."""
        return 1e-9

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it uses names that equinox deprecates
            return missing("jax", "connex")

    def per_sample(
        self,
        widths: Sequence[int],
        activation: str,
        theta: Array,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`."""
        import jax

        jax.config.update("jax_enable_x64", True)
        # Its rows are the neurons of a layer, the bias last.
        weights = [jax.numpy.array(np.roll(w, -1, 0).T) for w in matrices_of(theta, widths)]
        data = [jax.numpy.array(a) for a in (X, y, rows)]
        arguments = jax.block_until_ready((weights, *data, jax.numpy.array(eta)))
        key = (tuple(widths), activation, *(a.shape for a in data))
        if key not in COMPILED:
            COMPILED[key] = program(tuple(widths), activation).lower(*arguments).compile()
        run = COMPILED[key]

        def action() -> list[Array]:
            trained = jax.block_until_ready(run(*arguments))
            return [np.roll(np.asarray(w).T, 1, 0) for w in trained]

        return action


@cache
def network(widths: tuple[int, ...], activation: str) -> Any:
    """Return a dense network, its neurons numbered layer by layer."""
    import connex
    import jax

    functions = {"sigmoid": jax.nn.sigmoid, "tanh": jax.numpy.tanh, "relu": jax.nn.relu}
    ends = np.cumsum((0, *widths)).tolist()
    layers = [range(*ends[t : t + 2]) for t in range(len(widths))]
    edges = {i: list(after) for before, after in pairwise(layers) for i in before}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return connex.NeuralNetwork(
            edges,
            list(layers[0]),
            list(layers[-1]),
            hidden_activation=functions[activation],
            output_transformation=functions[activation],
            topo_sort=list(range(ends[-1])),
        )


def program(widths: tuple[int, ...], activation: str) -> Any:
    """Return the jitted loop over steps."""
    import equinox
    import jax

    net, key = network(widths, activation), jax.random.PRNGKey(0)

    def loss(weights: Any, x: Any, y: Any) -> Any:
        one = equinox.tree_at(lambda n: n._weights_and_biases, net, weights)
        return 0.5 * jax.numpy.square(one(x, key=key) - y).sum()

    @partial(jax.jit, donate_argnums=0)
    def run(weights: Any, X: Any, y: Any, rows: Any, eta: Any) -> Any:
        def step(weights: Any, k: Any) -> Any:
            gradient = jax.grad(loss)(weights, X[k], y[k])
            return [w - eta * g for w, g in zip(weights, gradient, strict=True)], None

        return jax.lax.scan(step, weights, rows)[0]

    return run


PEERS = (ConnexPeer(),)
