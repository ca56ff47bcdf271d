"""`predict`: raw data in, labels or numbers out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphnn.checks import check_inputs
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.network import Network, require_network
from graphnn.program.lower import compile
from graphnn.types import FloatArray, IntArray

__all__ = ["predict"]


def predict(network: Network, X: ArrayLike) -> NDArray[Any]:
    """Return what a network says of raw data, through the preprocessing stored with it.

    Args:
        network: A network; without preprocessing, X is taken as it is.
        X: Raw inputs, shape (m, d^(0)).

    Returns:
        The label of each row, shape (m,), if the network has class labels: that of the largest
        output, or for a single output of the second class where it is above the middle: 0 for tanh
        and sign, one half for every other activation. Else the outputs, shape (m, d^(T)), in the
        units of the targets. After softmax_cross_entropy the outputs are logits, whose softmax are
        probabilities: `scipy.special.softmax(outputs, axis=1)`, or a `GraphClassifier`.

    Raises:
        DataError: If X does not fit.
        NetworkError: If it is no network.

    Example:
        >>> net = Network.from_matrices([[[0.0, 0.0], [1.0, -1.0]]], activation="identity")
        >>> from graphnn.functions.labels import Labels
        >>> net.preprocessing = Preprocessing(labels=Labels(("no", "yes")))
        >>> predict(net, [[-2.0], [3.0]]).tolist()
        ['yes', 'no']
    """
    require_network(network)
    preprocessing = network.preprocessing or Preprocessing()
    inputs = check_inputs(X, network.layers[0])
    outputs = compile(network).predict(preprocessing.transform(inputs))
    found = outputs if preprocessing.labels is None else _classes(network, outputs)
    return preprocessing.inverse_targets(found)


def _classes(network: Network, outputs: FloatArray) -> IntArray:
    """Return the class number that each row of outputs says."""
    if outputs.shape[1] > 1:
        return np.asarray(outputs.argmax(axis=1))
    activation = network.activation(network.neurons(network.depth)[0]).name
    middle = 0.0 if activation in ("tanh", "sign") else 0.5
    return (outputs[:, 0] > middle).astype(np.intp)
