"""scikit-learn's MLPs carried over and back: the same predictions, the same bits."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

import graphnn as gn
from graphnn.errors import EngineUnavailable, FormatError

pytest.importorskip("sklearn")

from sklearn.neural_network import MLPClassifier, MLPRegressor

from graphnn.formats.sklearn import from_sklearn, to_sklearn

ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
X = np.random.default_rng(3).normal(size=(60, 4))


def fitted(kind: Any, y: Any, hidden: Any = (5, 3), activation: str = "tanh") -> Any:
    mlp = kind(hidden_layer_sizes=hidden, activation=activation, max_iter=30, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlp.fit(X, y)


def same_weights(one: Any, other: Any) -> bool:
    pairs = [*zip(one.coefs_, other.coefs_, strict=True)]
    pairs += [*zip(one.intercepts_, other.intercepts_, strict=True)]
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_regressor_both_ways(activation: str, outputs: int) -> None:
    y = X[:, :outputs] ** 2
    mlp = fitted(MLPRegressor, y[:, 0] if outputs == 1 else y, activation=activation)
    net = from_sklearn(mlp)
    expected = mlp.predict(X).reshape(len(X), -1)
    np.testing.assert_allclose(gn.predict(net, X), expected, rtol=1e-12, atol=1e-12)
    back = to_sklearn(net)
    assert isinstance(back, MLPRegressor)
    assert same_weights(back, mlp)
    np.testing.assert_array_equal(back.predict(X), mlp.predict(X))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("names", [("no", "yes"), (3, 7), ("a", "b", "c"), (1, 2, 5, 9)])
def test_a_classifier_both_ways(activation: str, names: Any) -> None:
    y = np.array(names)[np.arange(len(X)) % len(names)]
    mlp = fitted(MLPClassifier, y, activation=activation)
    net = from_sklearn(mlp)
    assert net.preprocessing is not None
    assert net.preprocessing.labels == gn.Labels(names)
    outputs = gn.compile(net).predict(X)
    found = softmax(outputs, axis=1) if len(names) > 2 else np.hstack([1 - outputs, outputs])
    np.testing.assert_allclose(found, mlp.predict_proba(X), rtol=1e-12, atol=1e-12)
    assert gn.predict(net, X).tolist() == mlp.predict(X).tolist()
    back = to_sklearn(net)
    assert same_weights(back, mlp)
    np.testing.assert_array_equal(back.predict_proba(X), mlp.predict_proba(X))
    assert back.predict(X).tolist() == mlp.predict(X).tolist()
    assert from_sklearn(back) == net


def test_several_labels_a_sample() -> None:
    y = (X[:, :3] > 0).astype(int)
    mlp = fitted(MLPClassifier, y)
    net = from_sklearn(mlp)
    assert net.preprocessing is None
    np.testing.assert_allclose(gn.predict(net, X), mlp.predict_proba(X), rtol=1e-12, atol=1e-12)
    back = to_sklearn(net)
    np.testing.assert_array_equal(back.predict(X), mlp.predict(X))
    np.testing.assert_array_equal(back.predict_proba(X), mlp.predict_proba(X))


@pytest.mark.parametrize("hidden", [(), (1,), (2, 2, 2)])
def test_any_depth_from_a_network_and_back(hidden: tuple[int, ...]) -> None:
    net = gn.Network.dense([4, *hidden, 2], ["relu"] * len(hidden) + ["identity"], seed=5)
    mlp = to_sklearn(net)
    np.testing.assert_allclose(mlp.predict(X), gn.predict(net, X), rtol=1e-12, atol=1e-12)
    assert from_sklearn(mlp) == net


def test_a_single_sigmoid_output_without_labels_is_a_classifier_of_0_and_1() -> None:
    net = gn.Network.dense([4, 3, 1], ["tanh", "sigmoid"], seed=5)
    mlp = to_sklearn(net)
    assert mlp.classes_.tolist() == [0, 1]
    np.testing.assert_allclose(mlp.predict_proba(X)[:, 1:], gn.predict(net, X), rtol=1e-12)


def test_names_of_features_are_kept() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcd"))
    mlp = MLPRegressor(hidden_layer_sizes=(2,), random_state=0).partial_fit(frame, X[:, 0])
    net = from_sklearn(mlp)
    assert net.preprocessing is not None
    assert net.preprocessing.features == ("a", "b", "c", "d")
    back = to_sklearn(net)
    np.testing.assert_array_equal(back.predict(frame), mlp.predict(frame))


def test_training_goes_on_from_the_weights() -> None:
    mlp = to_sklearn(gn.Network.dense([4, 3, 1], ["tanh", "identity"], seed=5))
    before = [one.copy() for one in mlp.coefs_]
    mlp.partial_fit(X, X[:, 0])
    moved = max(np.abs(one - other).max() for one, other in zip(mlp.coefs_, before, strict=True))
    assert 0 < moved < 0.01  # One step of Adam at 0.001.


def changed(act: Any, layers: Any = (4, 3, 1), activation: Any = ("tanh", "identity")) -> Any:
    net = gn.Network.dense(list(layers), list(activation), seed=0)
    act(net)
    return net


def labelled(*classes: Any) -> gn.Preprocessing:
    return gn.Preprocessing(labels=gn.Labels(classes))


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (changed(lambda n: n.remove_edge((0, 0), (1, 2))), r"\(0, 0\) -> \(1, 2\) is absent"),
        (
            changed(lambda n: n.set_trainable(False, edge=((0, 1), (1, 2)))),
            r"edge \(0, 1\) -> \(1, 2\) is frozen",
        ),
        (changed(lambda n: n.set_shared((0, 1), (1, 2), "s")), r"\(0, 1\) -> \(1, 2\) shares 's'"),
        (changed(lambda n: n.set_label((0, 0), "b")), r"neuron \(0, 0\) has the label 'b'"),
        (
            changed(lambda n: n.set_activation("sigmoid", neuron=(1, 2))),
            r"\(1, 1\) has the activation 'tanh' and \(1, 2\) has 'sigmoid'",
        ),
        (changed(lambda n: n.set_activation("gelu", layer=1)), r"\(1, 1\) has .*'gelu'"),
        (changed(lambda n: n.set_activation("tanh", layer=2)), r"\(2, 1\) has .*'tanh'"),
        (
            changed(lambda n: n.set_activation("sigmoid", neuron=(2, 2)), (4, 3, 2)),
            r"\(2, 2\) has .*'sigmoid'",
        ),
        (
            changed(lambda n: setattr(n, "preprocessing", labelled("a", "b")), (4, 3, 2)),
            "2 identity outputs, and an MLPClassifier of 2 classes has 1 of sigmoid",
        ),
        (
            changed(lambda n: setattr(n, "preprocessing", labelled("b", "a", "c")), (4, 3, 3)),
            "sorted",
        ),
        (
            changed(
                lambda n: setattr(n, "preprocessing", gn.Preprocessing(gn.Centering((0.5,) * 4)))
            ),
            "scales its inputs",
        ),
    ],
)
def test_what_an_mlp_cannot_hold_is_refused_by_name(net: gn.Network, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        to_sklearn(net)


@pytest.mark.parametrize(
    "found", [None, MLPRegressor(), MLPClassifier(hidden_layer_sizes=(2,)), object()]
)
def test_what_is_no_fitted_mlp_is_refused(found: Any) -> None:
    with pytest.raises(FormatError, match="expected a fitted MLPClassifier or MLPRegressor"):
        from_sklearn(found)


def test_a_classifier_of_one_class_is_refused() -> None:
    mlp = fitted(MLPClassifier, np.zeros(len(X), dtype=int))
    with pytest.raises(FormatError, match="classes"):
        from_sklearn(mlp)


def test_without_scikit_learn_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [one for one in __import__("sys").modules if one.startswith("sklearn")]:
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(EngineUnavailable, match=r"graphnn\[sklearn\]"):
        to_sklearn(gn.Network.dense([1, 1], activation="identity"))
