"""`Past`: what an estimator's next run can go on with."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from graphnn.estimators.solvers import Method, later, remember_alike
from graphnn.functions.activations import Activation
from graphnn.graph.network import Network
from graphnn.learning.result import Memory, TrainingResult

__all__ = ["Parts", "Past"]


class Parts(NamedTuple):
    """What a network is made from: parameters of an estimator.

    Attributes:
        hidden_layer_sizes: The hidden layers' numbers of neurons.
        activation: Their activation.
        network: The network in their place, or None.
    """

    hidden_layer_sizes: tuple[int, ...]
    activation: Activation
    network: Network | None

    def require_same(self, before: Parts) -> None:
        """Raise if a network was made from other ones.

        Raises:
            ValueError: It names the parameter.
        """
        for name, now, then in zip(self._fields, self, before, strict=True):
            if now is not then and (name == "network" or now != then):
                raise ValueError(
                    f"{name} is {now!r} and was {then!r} when network_ was made, which training "
                    "goes on with: fit with warm_start=False makes a new one"
                )


class Past(NamedTuple):
    """What was before.

    Attributes:
        parts: What the network was made from.
        rng: What the order of the samples is drawn from.
        method: The optimiser.
        memory: What it remembers, or None.
        epochs: How many there were since its time began.
        updates: Likewise.
    """

    parts: Parts
    rng: np.random.Generator
    method: Method
    memory: Memory | None = None
    epochs: int = 0
    updates: int = 0

    def after(self, result: TrainingResult) -> Past:
        """Return the past after a run; held-out data may have led to weights of another time."""
        memory = result.memory if result.kept == -1 else None
        last = result.history[-1]
        epochs, updates = self.epochs + last.epoch, self.updates + last.iteration
        return self._replace(memory=memory, epochs=epochs, updates=updates)

    def resumed(self, method: Method, network: Network) -> Past:
        """Return what a partial fit goes on with.

        The optimiser remembers nothing where it, or the network, is another one.
        """
        memory = self.memory if remember_alike(method, self.method) else None
        edges = network.graph.number_of_edges()
        if memory is not None and any(len(slot) != edges for slot in memory.slots.values()):
            memory = None
        return self._replace(rng=copy.deepcopy(self.rng), method=method, memory=memory)

    @property
    def later(self) -> Method:
        """The optimiser, its learning rate as late as it is."""
        return later(self.method, self.epochs, self.updates)
