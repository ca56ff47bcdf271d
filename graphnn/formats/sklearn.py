"""scikit-learn's multi-layer perceptrons, both ways: a fitted `MLPClassifier` or `MLPRegressor`.

An MLP is a dense network: every edge between one layer and the next, the constant neurons'
(`intercepts_`) among them, one activation for all hidden neurons. What it cannot hold is refused by
the name of the neuron or edge. Estimators that train in graphnn are `GraphClassifier` and
`GraphRegressor`.

Needs scikit-learn: `python -m pip install 'graphnn[sklearn]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphnn.errors import DataError, EngineUnavailable, FormatError
from graphnn.functions.labels import Labels
from graphnn.functions.preprocessing import Preprocessing
from graphnn.graph.network import Network
from graphnn.types import FloatArray, edge_name

if TYPE_CHECKING:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

__all__ = ["fitted_mlp", "from_sklearn", "hidden_name", "network_of", "require_dense", "to_sklearn"]

THEIR_NAMES = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
"""scikit-learn's names of the activations that it knows."""

OUTPUTS = {"softmax": "identity", "logistic": "sigmoid", "identity": "identity"}
"""The activation of output neurons for scikit-learn's `out_activation_`."""


def from_sklearn(mlp: MLPClassifier | MLPRegressor) -> Network:
    """Return the network of a fitted MLP, its weights to the last bit.

    Args:
        mlp: What was fitted. A classifier's classes become the network's labels, names of features
            are kept, both in its preprocessing.

    Returns:
        A network whose `predict` says what the MLP's does. Outputs of more than two classes are
        logits, whose softmax is `predict_proba`; a single one is the second class's probability.

    Raises:
        FormatError: If it is no fitted MLP, or has outputs or labels without counterpart.
        EngineUnavailable: If scikit-learn is not installed.

    Example:
        >>> from sklearn.neural_network import MLPRegressor
        >>> mlp = MLPRegressor(hidden_layer_sizes=(3,), random_state=0)
        >>> from_sklearn(mlp.partial_fit([[0.0, 1.0]], [1.0]))
        Network(layers=[2, 3, 1], edges=13)
    """
    _require_mlp(mlp)
    net = network_of(mlp)
    labels, names = None, getattr(mlp, "feature_names_in_", None)
    if hasattr(mlp, "classes_") and not _has_several_labels(mlp):
        try:
            labels = Labels(tuple(np.asarray(mlp.classes_).tolist()))
        except DataError as error:
            raise FormatError(f"the MLP's classes cannot be a network's: {error}") from None
    if labels is not None or names is not None:
        features = None if names is None else tuple(str(name) for name in names)
        net.preprocessing = Preprocessing(labels=labels, features=features)
    return net


def to_sklearn(network: Network) -> MLPClassifier | MLPRegressor:
    """Return a fitted MLP that predicts what a network does, its weights to the last bit.

    Args:
        network: A dense network. With class labels in its preprocessing it becomes a classifier:
            of two classes with one sigmoid output, of more with an identity output each. Without
            labels, identity outputs make a regressor, sigmoid ones a classifier of 0 and 1, several
            of them one of several labels a sample.

    Returns:
        The MLP; further training (`partial_fit`) starts from these weights. The target column's
        name, which no MLP has, and gaps in neurons' numbers are not carried over.

    Raises:
        FormatError: If the network has what an MLP has not: an absent, frozen or shared edge,
            another or mixed activations, a neuron's label, scalings.
        EngineUnavailable: If scikit-learn is not installed.

    Example:
        >>> net = Network.dense([2, 3, 1], ["tanh", "identity"], seed=0)
        >>> from_sklearn(to_sklearn(net)) == net
        True
    """
    neural_network = _sklearn()
    y, classes = _targets(network)
    kind = neural_network.MLPRegressor if y.dtype == float else neural_network.MLPClassifier
    try:
        require_dense(network, kind.__name__)
        hidden = hidden_name(network, kind.__name__) or "relu"
    except ValueError as error:
        raise FormatError(str(error)) from None
    _require_plain(network, kind.__name__)
    mlp = fitted_mlp(kind, network, hidden, y, classes)
    mlp.n_iter_ = mlp.t_ = 0
    mlp.loss_curve_ = []
    mlp.loss_ = mlp.best_loss_ = np.inf  # What an MLP begins with.
    features = network.preprocessing and network.preprocessing.features
    if features is not None:
        mlp.feature_names_in_ = np.array(features, dtype=object)
    return mlp


def network_of(mlp: Any) -> Network:
    """Return the network of a fitted MLP's weights and activations, without preprocessing.

    Raises:
        FormatError: If its outputs have no counterpart.
    """
    if mlp.out_activation_ not in OUTPUTS:
        raise FormatError(
            f"the MLP's outputs are {mlp.out_activation_!r}, which no activation of graphnn is: "
            f"expected one of {sorted(OUTPUTS)}"
        )
    matrices = [
        np.vstack([constants, weights]).astype(np.float64)
        for weights, constants in zip(mlp.coefs_, mlp.intercepts_, strict=True)
    ]
    ours = {theirs: name for name, theirs in THEIR_NAMES.items()}
    activations = [ours[mlp.activation]] * (len(matrices) - 1) + [OUTPUTS[mlp.out_activation_]]
    return Network.from_matrices(matrices, activation=activations)


def fitted_mlp(
    kind: Any, network: Network, hidden: str, y: NDArray[Any], classes: Any = None
) -> Any:
    """Return an MLP of some kind with the weights of a dense network.

    Args:
        kind: `MLPClassifier` or `MLPRegressor`.
        network: The network.
        hidden: scikit-learn's name of the hidden neurons' activation.
        y: Targets that it is told its outputs by.
        classes: Its classes, for a classifier.
    """
    mlp = kind(hidden_layer_sizes=network.layers[1:-1], activation=hidden, random_state=0)
    # One step on nothing makes all that an MLP keeps for itself; then the weights are replaced.
    names = {} if classes is None else {"classes": classes}
    mlp.partial_fit(np.zeros((len(y), network.layers[0])), y, **names)
    mlp.coefs_, mlp.intercepts_ = _weights(network)
    vars(mlp).pop("_optimizer", None)
    return mlp


def require_dense(network: Network, kind: str) -> None:
    """Raise if an edge is absent that an MLP has.

    Raises:
        ValueError: It names the edge.
    """
    out = dict(network.graph.adjacency())
    for t in range(1, network.depth + 1):
        for u in ((t - 1, 0), *network.neurons(t - 1)):
            for v in network.neurons(t):
                if v not in out[u]:
                    raise ValueError(
                        f"edge {edge_name(u, v)} is absent, and an {kind} has every edge: "
                        "add_edge with weight 0 fills a copy up, and training then moves it"
                    )


def hidden_name(network: Network, kind: str) -> str | None:
    """Return scikit-learn's name of the activation of all hidden neurons, None if there are none.

    Raises:
        ValueError: If they have different ones or one that it does not know; neurons are named.
    """
    hidden = [neuron for t in range(1, network.depth) for neuron in network.neurons(t)]
    if not hidden:
        return None
    name = network.activation(hidden[0]).name
    for neuron in hidden:
        found = network.activation(neuron).name
        if found not in THEIR_NAMES:
            raise ValueError(
                f"neuron {neuron} has the activation {found!r}, and an {kind} knows "
                f"{sorted(THEIR_NAMES)} only"
            )
        if found != name:
            raise ValueError(
                f"neuron {hidden[0]} has the activation {name!r} and {neuron} has {found!r}, and "
                f"all hidden neurons of an {kind} have the same"
            )
    return THEIR_NAMES[name]


def _weights(network: Network) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return `coefs_` and `intercepts_`."""
    from graphnn.program.lower import compile

    matrices = compile(network).matrices()
    return [one[1:].copy() for one in matrices], [one[0].copy() for one in matrices]


def _targets(network: Network) -> tuple[NDArray[Any], Any]:
    """Return targets that tell an MLP its outputs, and a classifier's classes.

    Raises:
        FormatError: If the outputs are none of an MLP's.
    """
    outputs = network.neurons(network.depth)
    name, width = network.activation(outputs[0]).name, len(outputs)
    for neuron in outputs:
        found = network.activation(neuron).name
        if found not in ("identity", "sigmoid") or found != name:
            raise FormatError(
                f"output neuron {neuron} has the activation {found!r}, and an MLP's outputs are "
                "all identity or all sigmoid"
            )
    labels = None if network.preprocessing is None else network.preprocessing.labels
    if labels is None:
        if name == "identity":
            return np.zeros((1, width)) if width > 1 else np.zeros(1), None
        # Several outputs are labels, of which a sample may have any; each label is a row here.
        y = np.eye(width, dtype=np.intp) if width > 1 else np.arange(2)
        return y, np.arange(max(width, 2))
    count = len(labels.classes)
    expected = ("sigmoid", 1) if count == 2 else ("identity", count)
    if (name, width) != expected:
        raise FormatError(
            f"the network has {width} {name} outputs, and an MLPClassifier of {count} classes has "
            f"{expected[1]} of {expected[0]}"
        )
    classes = np.array(labels.classes)
    if classes.tolist() != sorted(classes.tolist()):
        raise FormatError(
            f"the classes are {list(labels.classes)[:5]}, and an MLPClassifier's are sorted"
        )
    return classes, classes


def _require_plain(network: Network, kind: str) -> None:
    """Raise if a network has something that an MLP would lose."""
    for u, v, edge in network.graph.edges(data=True):
        if not edge["trainable"] or edge["shared"] is not None:
            what = "is frozen" if not edge["trainable"] else f"shares {edge['shared']!r}"
            raise FormatError(
                f"edge {edge_name(u, v)} {what}, and an {kind} trains every weight by itself: "
                "set_trainable and set_shared free the edges of a copy"
            )
    for label, neuron in network.labels.items():
        raise FormatError(
            f"neuron {neuron} has the label {label!r}, and an {kind} has none: "
            f"set_label({neuron}, None) on a copy takes it away"
        )
    found = network.preprocessing
    for name in ("inputs", "outputs"):
        if found is not None and getattr(found, name) is not None:
            raise FormatError(
                f"the network's preprocessing scales its {name}, and an {kind} scales nothing: "
                "give a copy without it, and the scaling to a Pipeline"
            )


def _has_several_labels(mlp: Any) -> bool:
    """Return whether a classifier gives each sample any number of labels."""
    return bool(mlp.out_activation_ == "logistic" and mlp.n_outputs_ > 1)


def _require_mlp(mlp: Any) -> None:
    neural_network = _sklearn()
    kinds = (neural_network.MLPClassifier, neural_network.MLPRegressor)
    if not isinstance(mlp, kinds) or not hasattr(mlp, "coefs_"):
        raise FormatError(
            f"found {type(mlp).__name__}, expected a fitted MLPClassifier or MLPRegressor"
        )


def _sklearn() -> Any:
    try:
        from sklearn import neural_network
    except ImportError:
        raise EngineUnavailable(
            "scikit-learn is not installed: python -m pip install 'graphnn[sklearn]'"
        ) from None
    return neural_network
