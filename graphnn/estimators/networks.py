"""Networks for estimators: made from layer sizes, or given and looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from graphnn.functions.activations import Activation, resolve_activation
from graphnn.graph.network import Network
from graphnn.ranges import is_whole
from graphnn.types import FloatArray, Neuron

__all__ = [
    "common_activation",
    "hidden_activation",
    "hidden_sizes",
    "made",
    "odd_activation",
    "require_inputs",
    "require_network",
]

DEFAULT_SIZES = (100,)
DEFAULT_ACTIVATION = "relu"


def hidden_sizes(found: Any) -> tuple[int, ...]:
    """Return `hidden_layer_sizes`, one number or several, as a tuple.

    Raises:
        ValueError: If it is something else.
    """
    several = list(found) if isinstance(found, Iterable) and not isinstance(found, str) else [found]
    if not all(is_whole(n) and n > 0 for n in several):
        raise ValueError(f"hidden_layer_sizes must be > 0, whole numbers, got {found!r}")
    return tuple(map(int, several))


def hidden_activation(found: Any) -> Activation:
    """Return the activation that a name means, scikit-learn's "logistic" among them.

    Raises:
        ValueError: If the name is unknown.
    """
    named = isinstance(found, str) and found == "logistic"
    return resolve_activation("sigmoid" if named else found)


def made(
    layers: Sequence[int], activation: Activation, output: str, rng: np.random.RandomState
) -> Network:
    """Return a dense network with the first weights of scikit-learn's `MLPClassifier`.

    They are Glorot's, U(-r, r) with r = sqrt(6 / (fan_in + fan_out)), and r = sqrt(2 / ...) for
    sigmoid; the constant neurons' too. The numbers are drawn layer by layer, the constant neuron's
    last, so one `random_state` gives the weights that scikit-learn begins with.
    """
    factor = 2.0 if activation.name == "sigmoid" else 6.0
    matrices: list[FloatArray] = []
    for below, above in pairwise(layers):
        r = np.sqrt(factor / (below + above))
        weights, constants = (rng.uniform(-r, r, size=(n, above)) for n in (below, 1))
        matrices.append(np.vstack([constants, weights]))
    activations = [activation] * (len(layers) - 2) + [resolve_activation(output)]
    return Network.from_matrices(matrices, activation=activations)


def require_network(network: Any, sizes: Any, activation: Any) -> None:
    """Raise if `network` is none, or contradicts `hidden_layer_sizes` or `activation`.

    Raises:
        TypeError: If it is no network.
        ValueError: If two options contradict each other, or it has preprocessing.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network is of type {type(network).__name__}, expected a gn.Network")
    there = network.layers[1:-1]
    given = hidden_sizes(sizes)
    if given not in (DEFAULT_SIZES, there):
        raise ValueError(
            f"hidden_layer_sizes={sizes!r} and network={network} contradict each other: the "
            f"network has {list(there)}; leave hidden_layer_sizes where a network is given"
        )
    if activation != DEFAULT_ACTIVATION:
        odd = odd_activation(network, hidden_activation(activation), range(1, network.depth))
        if odd is not None:
            raise ValueError(
                f"activation={activation!r} and network={network} contradict each other: neuron "
                f"{odd} has {network.activation(odd).name!r}; leave activation where a network is "
                "given"
            )
    if network.preprocessing is not None:
        raise ValueError(
            "network has preprocessing, which an estimator leaves to a Pipeline: give a copy with "
            "preprocessing = None, and the steps to the Pipeline"
        )


def require_inputs(network: Network, features: int) -> None:
    """Raise unless a network has as many inputs as there are features.

    Raises:
        ValueError: It names both numbers.
    """
    inputs = network.layers[0]
    if inputs != features:
        raise ValueError(
            f"the network has {inputs} input{'' if inputs == 1 else 's'}, and X {features} "
            f"feature{'' if features == 1 else 's'}"
        )


def odd_activation(network: Network, expected: Activation, layers: Iterable[int]) -> Neuron | None:
    """Return the first neuron of some layers whose activation is another one, or None."""
    neurons = (neuron for t in layers for neuron in network.neurons(t))
    return next((one for one in neurons if network.activation(one) != expected), None)


def common_activation(network: Network, t: int) -> Activation:
    """Return the activation that all neurons of a layer have.

    Raises:
        ValueError: If they have different ones; it names two neurons.
    """
    first = network.neurons(t)[0]
    expected = network.activation(first)
    odd = odd_activation(network, expected, [t])
    if odd is not None:
        raise ValueError(
            f"the neurons of layer {t} have different activations: {first} has {expected.name!r} "
            f"and {odd} has {network.activation(odd).name!r}"
        )
    return expected
