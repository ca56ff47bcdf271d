"""Networks with data and a task, all from a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from engines.native.agreement import Fading, Lesson

import graphnn as gn
from graphnn.engines.native.loops import Task

DECAY, NO_CONSTANTS = gn.L2(0.01), gn.L2(0.05, constants=False)


@dataclass(frozen=True)
class Structure:
    """A network, its data and a task, all from a few words.

    Attributes:
        sizes: The neurons of layers 0..T.
        names: The activations of each layer, dealt out in runs of two neurons.
        loss: The loss's name.
        task: One compilation is for one of them.
        regularizer: The penalty or None.
        absent: The share of edges that are not there, for each layer.
        zeros: The share of inputs that are zero.
        rule: The update rule; its learning rate is that of the batches.
    """

    sizes: Sequence[int]
    names: Sequence[str]
    loss: str
    task: Task = "steps"
    regularizer: gn.L2 | None = None
    absent: Sequence[float] = ()
    zeros: float = 0.1
    rule: gn.SGD | Fading = gn.SGD(0.1)  # noqa: RUF009 - frozen

    def __str__(self) -> str:
        parts = ["-".join(map(str, self.sizes)), self.loss, self.task]
        decay = {None: "", DECAY: "L2", NO_CONSTANTS: "L2 but constants"}[self.regularizer]
        parts += [decay, "masked" * bool(self.absent), "fading" * isinstance(self.rule, Fading)]
        return " ".join(part for part in parts if part)

    def lesson(self) -> Lesson:
        """Return the network with weights and data, always the same."""
        rng = np.random.default_rng(sum(self.sizes))
        shapes = [(m + 1, n) for m, n in zip(self.sizes[:-1], self.sizes[1:], strict=True)]
        absent = self.absent or [0.0] * len(shapes)
        masks = [rng.random(shape) >= share for shape, share in zip(shapes, absent, strict=True)]
        net = gn.Network.from_matrices(
            [rng.normal(size=shape) / 2 for shape in shapes], masks, activation="identity"
        )
        for t, some in enumerate(self.names, start=1):
            names = some.split()
            for k, neuron in enumerate(net.neurons(t)):
                net.set_activation(names[k // 2 % len(names)], neuron=neuron)
        X = rng.normal(size=(7, self.sizes[0]))
        X[rng.random(X.shape) < self.zeros] = 0.0
        X[2] = 0.0 if self.zeros else X[2]
        y = rng.normal(size=(7, self.sizes[-1]))
        if self.loss == "softmax_cross_entropy":
            y = np.eye(self.sizes[-1])[rng.integers(0, self.sizes[-1], 7)]
        elif self.loss == "hinge":
            y = np.where(y > 0, 1.0, -1.0)
        elif self.loss == "binary_cross_entropy":
            y = rng.random(y.shape)
        return Lesson(net, X, y, self.loss, self.rule, self.regularizer)


@dataclass(frozen=True)
class Sized:
    """A structure and the size of its batches.

    Attributes:
        structure: The structure.
        size: How many samples a batch has.
    """

    structure: Structure
    size: int

    def __str__(self) -> str:
        return f"{self.structure} of {self.size}"


SIZED = [
    Sized(Structure([3, 8, 2], ["tanh", "sigmoid"], "squared"), 8),
    Sized(Structure([5, 20, 10], ["sigmoid", "identity"], "softmax_cross_entropy"), 10),
    Sized(Structure([7, 17, 18, 3], ["tanh", "elu relu", "sigmoid"], "binary_cross_entropy"), 33),
    Sized(Structure([6, 40, 33, 9], ["relu", "softplus", "tanh"], "absolute"), 100),
    Sized(Structure([600, 33, 4], ["sigmoid", "identity"], "squared"), 16),
    Sized(Structure([9, 12, 5], ["tanh", "identity"], "squared", absent=[0.4, 0.3]), 12),
    Sized(Structure([4, 1, 1], ["tanh", "tanh"], "hinge"), 4),
]
