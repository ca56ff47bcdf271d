"""`Certificate`: the fewest training errors, a network that makes them, and what is proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphnn.graph.network import Network
from graphnn.hardness.coloring import Output, and_output
from graphnn.hardness.sample import Sample
from graphnn.program.lower import compile
from graphnn.types import FloatArray

__all__ = ["Certificate", "errors_of", "sign_network"]


@dataclass(frozen=True)
class Certificate:
    """What is known of the fewest errors of a class of networks on a sample.

    Attributes:
        errors: The errors of the network, counted by running it.
        network: The best that was found.
        lower_bound: No network of the class makes fewer: proven, under `proviso`.
        proviso: What the proof of the lower bound supposes, "" for nothing.
        method: How it was found.
        seconds: How long that took.
    """

    errors: int
    network: Network
    lower_bound: int
    proviso: str
    method: str
    seconds: float

    @property
    def optimal(self) -> bool:
        """Whether it is proven that there is no better one."""
        return self.errors == self.lower_bound

    @property
    def gap(self) -> int:
        """How many errors fewer may be possible."""
        return self.errors - self.lower_bound

    def __str__(self) -> str:
        head = f"{self.errors} errors, by {self.method} in {self.seconds:.2f} s: "
        if self.optimal:
            head += "OPTIMAL, no network of the class makes fewer"
        else:
            head += f"NOT PROVEN optimal, the fewest are {self.lower_bound} to {self.errors}"
        return head + (f"\nproven {self.proviso}" if self.proviso else "")

    __repr__ = __str__


def sign_network(hidden: FloatArray, output: FloatArray | None, sample: Sample) -> Network:
    """Return a sign network of one hidden layer.

    Args:
        hidden: Its weights, shape (d + 1, k), row 0 the constant neuron's.
        output: Likewise, shape (k + 1,); None for an AND.
        sample: Its vertices become the labels of the inputs.
    """
    k = hidden.shape[1]
    last = np.array([and_output(k), *[1.0] * k]) if output is None else output
    net = Network.from_matrices([hidden, last[:, None]], activation="sign")
    for i, vertex in enumerate(sample.vertices or (), start=1):
        net.set_label((0, i), vertex)
    return net


def errors_of(network: Network, sample: Sample) -> int:
    """Return how many points a network gets wrong, a 0 counting as wrong."""
    found = compile(network).predict(sample.X)[:, 0]
    return int(np.count_nonzero(found != sample.y))


def class_name(k: int, output: Output) -> str:
    """Return what a class of networks is called."""
    return f"{k} hidden sign neurons and {'an AND' if output == 'and' else 'a free output'}"
