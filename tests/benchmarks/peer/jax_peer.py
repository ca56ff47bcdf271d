"""JAX: one compiled program for all the steps, `jax.jit` of `jax.lax.scan`, with `jax.grad`.

XLA takes as many threads as the process had cores when JAX began: who wants one thread starts the
process on one core.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from peer.protocol import Action, Array, Rows, Unsupported, matrices_of, missing

__all__ = ["PEERS", "JaxPeer"]

UNROLL = 8
"""Steps in one turn of the compiled loop; 1 to 16 were tried."""

COMPILED: dict[tuple[Any, ...], Any] = {}
"""The compiled programs, each for an activation, a dtype and the arrays' shapes."""


@dataclass(frozen=True)
class JaxPeer:
    """Biases and weights apart, each layer's matrix laid out outputs by inputs."""

    name: str = "JAX"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's, in float64."""
        return 1e-9

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        return missing("jax")

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
        matrices = matrices_of(theta, widths)
        return prepared(activation, matrices, X, y, rows, eta, "float64", UNROLL)

    def mini_batch(
        self,
        widths: Sequence[int],
        activation: str,
        matrices: Sequence[Array],
        X: Array,
        y: Array,
        batches: Sequence[Rows],
        eta: float,
        dtype: str,
        threads: int,
    ) -> Action:
        """Prepare one step for each batch, all of one size, on the mean of 1/2 sum (v - y)^2.

        The arguments: see `peer.protocol.BatchPeer`; `threads` is the process's number of cores.
        """
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        if threads != cores:
            raise Unsupported(f"XLA takes {cores} threads in this process, not {threads}")
        return prepared(activation, matrices, X, y, np.stack(batches), eta, dtype, 1)


def prepared(
    activation: str,
    matrices: Sequence[Array],
    X: Array,
    y: Array,
    picks: Rows,
    eta: float,
    dtype: str,
    unroll: int,
) -> Action:
    """Return the action, everything in JAX's arrays and the program compiled for their shapes."""
    import jax

    jax.config.update("jax_enable_x64", True)
    # Copies: JAX may otherwise compute in NumPy's memory, and donated weights are overwritten.
    layers = [
        tuple(jax.numpy.array(part.astype(dtype)) for part in (w[0], w[1:].T)) for w in matrices
    ]
    data = [jax.numpy.array(a) for a in (X.astype(dtype), y.astype(dtype), picks)]
    arguments = jax.block_until_ready((layers, *data, jax.numpy.array(eta, dtype)))
    key = (activation, unroll, dtype, *(a.shape for a in jax.tree.leaves(arguments)))
    if key not in COMPILED:
        COMPILED[key] = program(activation, unroll).lower(*arguments).compile()
    run = COMPILED[key]

    def action() -> list[Array]:
        trained = jax.block_until_ready(run(*arguments))
        return [np.vstack([bias, np.asarray(weight).T]) for bias, weight in trained]

    return action


def program(activation: str, unroll: int) -> Any:
    """Return the jitted loop over steps; a step's samples are one number or an array of them."""
    import jax

    functions: dict[str, Callable[[Any], Any]] = {
        "sigmoid": jax.nn.sigmoid,
        "tanh": jax.numpy.tanh,
        "relu": jax.nn.relu,
    }
    function = functions[activation]

    def loss(layers: Any, x: Any, y: Any) -> Any:
        v = x
        for bias, weight in layers:
            v = function((weight @ v if v.ndim == 1 else v @ weight.T) + bias)
        total = 0.5 * jax.numpy.square(v - y).sum()
        return total if v.ndim == 1 else total / len(v)

    @partial(jax.jit, donate_argnums=0)
    def run(layers: Any, X: Any, y: Any, picks: Any, eta: Any) -> Any:
        def step(layers: Any, pick: Any) -> Any:
            gradient = jax.grad(loss)(layers, X[pick], y[pick])
            return jax.tree.map(lambda w, g: w - eta * g, layers, gradient), None

        return jax.lax.scan(step, layers, picks, unroll=unroll)[0]

    return run


PEERS = (JaxPeer(),)
