"""`learn`: sign networks by stochastic gradient descent, which promises nothing and takes no time.

sign has no slope, so tanh stands in for it; stage by stage it gets steeper, since all weights are
doubled, and at the end it is hardened to sign. That is tried from many first weights.

Source: Shalev-Shwartz and Ben-David (2014), section 20.6, for SGD instead of the hard ERM.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from graphnn.checks import generator
from graphnn.errors import EngineUnavailable
from graphnn.functions.initializers import Uniform
from graphnn.graph.network import Network
from graphnn.hardness.certificate import errors_of, sign_network
from graphnn.hardness.coloring import Output, and_output, checked_output
from graphnn.hardness.sample import Sample
from graphnn.learning.loop import train
from graphnn.learning.optimizers import SGD
from graphnn.learning.runs import is_elsewhere
from graphnn.program.lower import compile
from graphnn.ranges import positive, whole
from graphnn.types import FloatArray

__all__ = ["Learned", "learn"]

STAGES, GROWTH = 4, 2.0
"""How often the activations get steeper, and by which factor."""


@dataclass(frozen=True)
class Learned:
    """What restarts of gradient descent came to.

    Attributes:
        errors: Of each restart, after hardening.
        network: The best hardened network.
        seconds: How long all restarts took.
    """

    errors: tuple[int, ...]
    network: Network
    seconds: float

    @property
    def best(self) -> int:
        """The fewest errors of a restart."""
        return min(self.errors)

    def rate(self, optimum: int) -> float:
        """Return the share of restarts that made as few errors as possible."""
        return sum(error == optimum for error in self.errors) / len(self.errors)

    def __str__(self) -> str:
        middle = sorted(self.errors)[len(self.errors) // 2]
        return (
            f"{len(self.errors)} restarts of SGD in {self.seconds:.2f} s: best {self.best} errors, "
            f"median {middle}, worst {max(self.errors)}; nothing is proven"
        )

    __repr__ = __str__


def learn(
    sample: Sample,
    k: int,
    output: Output = "and",
    *,
    restarts: int = 100,
    epochs: int = 200,
    eta: float = 0.2,
    seed: int | np.random.Generator = 0,
    engine: str = "native",
    n_jobs: int | None = None,
) -> Learned:
    """Learn a sample by gradient descent on a smooth surrogate, and harden the result to sign.

    Args:
        sample: Points and labels.
        k: The number of hidden neurons.
        output: "and", whose weights stay as they are, or "free".
        restarts: How many first weights are tried.
        epochs: Of each restart, in four stages, in which tanh gets twice as steep.
        eta: The learning rate.
        seed: Of first weights and orders of the samples.
        engine: As for `train`.
        n_jobs: Processes among which joblib divides the restarts; default none. Then, and within
            `joblib.parallel_config`, joblib makes them, on a Dask cluster too. The result does not
            depend on it.

    Returns:
        The errors of each restart, and the best network.

    Raises:
        ValueError: If a number is not positive, or a name is unknown.
        EngineUnavailable: If joblib is asked for and not installed.

    Example:
        >>> import networkx as nx
        >>> from graphnn.hardness.sample import sample_from_graph
        >>> found = learn(sample_from_graph(nx.cycle_graph(4)), 2, restarts=5, engine="matrix")
        >>> len(found.errors), found.best >= 0
        (5, True)
    """
    k, output = whole("k", k), checked_output(output)
    restarts, epochs = whole("restarts", restarts), whole("epochs", epochs)
    positive("eta", eta)
    seeds = generator(seed).spawn(restarts)
    begin = time.perf_counter()
    options = {"eta": eta, "epochs": epochs, "engine": engine}
    if not is_elsewhere(n_jobs):
        found = [_restart(sample, k, output, one, options) for one in seeds]
    else:
        if find_spec("joblib") is None:
            raise EngineUnavailable("n_jobs needs joblib: python -m pip install joblib")
        joblib: Any = import_module("joblib")
        act = joblib.delayed(_restart)
        jobs = (act(sample, k, output, one, options) for one in seeds)
        found = list(joblib.Parallel(n_jobs=n_jobs)(jobs))
    nets = [
        sign_network(hidden, last if output == "free" else None, sample) for hidden, last in found
    ]
    errors = tuple(errors_of(net, sample) for net in nets)
    return Learned(errors, nets[int(np.argmin(errors))], time.perf_counter() - begin)


def _restart(
    sample: Sample, k: int, output: Output, rng: np.random.Generator, options: dict[str, Any]
) -> tuple[FloatArray, FloatArray]:
    """Return the hidden and the output weights of one restart."""
    net = _surrogate(sample.X.shape[1], k, output)
    net.initialize(Uniform(0.7), seed=rng)
    if output == "and":
        _set_and(net, k, 1.0)
    for stage in range(STAGES):
        train(
            net, sample.X, sample.y, optimizer=SGD(options["eta"]), seed=rng, progress=False,
            epochs=max(1, options["epochs"] // STAGES), engine=options["engine"],
        )  # fmt: skip
        if stage < STAGES - 1:
            _sharpen(net)
    hidden, last = (np.asarray(matrix) for matrix in compile(net).matrices())
    return hidden, last[:, 0]


def _surrogate(d: int, k: int, output: Output) -> Network:
    net = Network([d, k, 1], activation="tanh")
    for t in (1, 2):
        below = [(t - 1, 0), *net.neurons(t - 1)]
        for target in net.neurons(t):
            net.add_edges_from(
                ((source, target) for source in below), trainable=t == 1 or output == "free"
            )
    return net


def _set_and(net: Network, k: int, steepness: float) -> None:
    net.set_weight((1, 0), (2, 1), steepness * and_output(k))
    for neuron in net.neurons(1):
        net.set_weight(neuron, (2, 1), steepness)


def _sharpen(net: Network) -> None:
    """Make every tanh steeper: a factor before a is one before all weights into the neuron."""
    weights = {(u, v): float(found["weight"]) for u, v, found in net.graph.edges(data=True)}
    for (u, v), weight in weights.items():
        net.set_weight(u, v, GROWTH * weight)
