"""Estimators of a network that is given: sparse ones, and all outputs that can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

import graphnn as gn
from graphnn.estimators.readings import Classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def sparse(outputs: int, activation: str = "identity") -> gn.Network:
    """A network whose neurons have one or two inputs, activations mixed."""
    net = gn.Network([4, 3, outputs], activation=["tanh", activation])
    net.set_activation("relu", neuron=(1, 2))
    pairs = [((0, 1), (1, 1)), ((0, 2), (1, 2)), ((0, 0), (1, 2)), ((0, 3), (1, 3))]
    pairs += [((1, i), (2, j)) for j in range(1, outputs + 1) for i in (0, 1, 2, 3) if i != j + 1]
    net.add_weighted_edges_from((u, v, 0.0) for u, v in pairs)
    net.initialize(seed=1)
    return net


class TestGivenNetworks:
    @pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs", gn.RMSprop()])
    @pytest.mark.parametrize("engine", ["matrix", "node"])
    def test_absent_edges_stay_absent(self, several: Any, solver: Any, engine: str) -> None:
        net = sparse(3)
        model = gn.GraphClassifier(network=net, solver=solver, engine=engine, max_iter=3)
        model.fit(*several)
        assert set(model.network_.edges) == set(net.edges)
        masks = [matrix != 0 for matrix in gn.compile(net).matrices()]
        for mask, weights, constants in zip(masks, model.coefs_, model.intercepts_, strict=True):
            assert (np.vstack([constants, weights]) != 0).tolist() == mask.tolist()
        assert model.network_.activation((1, 2)).name == "relu"

    def test_a_copy_is_trained(self, numbers: Any) -> None:
        net = sparse(1)
        before = net.copy()
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        model.partial_fit(*numbers)
        assert net == before
        assert (net.version, model.network) == (before.version, net)
        assert model.network_ != net

    def test_training_starts_from_its_weights(self, numbers: Any) -> None:
        net = sparse(1)
        model = gn.GraphRegressor(network=net, max_iter=1).fit(*numbers)
        X, y = numbers
        first = np.mean((gn.compile(net).predict(X)[:, 0] - y) ** 2) / 2
        assert model.result_.history[0].loss == pytest.approx(first)

    def test_predictions_are_those_of_the_network(self, numbers: Any) -> None:
        X, _ = numbers
        model = gn.GraphRegressor(network=sparse(1), max_iter=3).fit(*numbers)
        node = [gn.forward(model.network_, x).output[0] for x in X]
        np.testing.assert_allclose(model.predict(X), node, rtol=1e-12)

    def test_gaps_in_the_numbers_do_not_matter(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 5, 1], activation=["tanh", "identity"], seed=0)
        net.remove_neuron((1, 2))
        net.remove_neuron((1, 4))
        model = gn.GraphRegressor(network=net, max_iter=3).fit(*numbers)
        assert [matrix.shape for matrix in model.coefs_] == [(4, 3), (3, 1)]
        assert model.n_layers_ == 3

    def test_options_that_agree_are_fine(self, numbers: Any) -> None:
        net = gn.Network.dense([4, 5, 1], activation=["tanh", "identity"], seed=0)
        gn.GraphRegressor([5], "tanh", network=net, max_iter=2).fit(*numbers)

    def test_a_regressor_may_have_any_output(self, numbers: Any) -> None:
        X, y = numbers
        net = gn.Network.dense([4, 5, 1], activation=["tanh", "softplus"], seed=0)
        model = gn.GraphRegressor(network=net, max_iter=5).fit(X, np.abs(y))
        assert model.out_activation_ == "softplus"
        assert (model.predict(X) > 0).all()


class TestClasses:
    @pytest.mark.parametrize(
        ("kind", "width", "output", "name"),
        [
            ("binary", 1, "sigmoid", "logistic"),
            ("binary", 1, "tanh", "tanh"),
            ("binary", 2, "identity", "softmax"),
            ("binary", 2, "sigmoid", "logistic"),
            ("several", 3, "identity", "softmax"),
            ("several", 3, "sigmoid", "logistic"),
            ("several", 3, "tanh", "tanh"),
            ("labels", 3, "sigmoid", "logistic"),
            ("labels", 3, "tanh", "tanh"),
        ],
    )
    def test_outputs_that_say_classes(
        self, kind: str, width: int, output: str, name: str, request: pytest.FixtureRequest
    ) -> None:
        X, y = request.getfixturevalue(kind)
        net = gn.Network.dense([4, 6, width], activation=["tanh", output], seed=0)
        model = gn.GraphClassifier(network=net, solver=gn.Adam(0.05), alpha=0.0, max_iter=300)
        model.fit(X, y)
        assert model.score(X, y) > 0.8
        assert model.out_activation_ == name
        found, logs, said = model.predict_proba(X), model.predict_log_proba(X), model.predict(X)
        np.testing.assert_allclose(np.exp(logs), found, rtol=1e-12)
        assert (found > 0).all()
        assert (found < 1).all()
        if kind == "labels":
            assert said.tolist() == (found > 0.5).astype(int).tolist()
            return
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
        assert said.tolist() == model.classes_[found.argmax(axis=1)].tolist()

    def test_probabilities_by_hand(self) -> None:
        a = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])
        one = a[:, :1]
        p, q = expit(one), expit(2 * one)
        rest, doubled = expit(a), (1 + np.tanh(a)) / 2
        for reading, given, expected in (
            (Classes(2, True, "sigmoid", 1), one, np.hstack([1 - p, p])),
            (Classes(2, True, "tanh", 1), one, np.hstack([1 - q, q])),
            (Classes(3, True, "identity", 3), a, softmax(a, axis=1)),
            (Classes(3, True, "sigmoid", 3), a, rest / rest.sum(axis=1, keepdims=True)),
            (Classes(3, True, "tanh", 3), a, doubled / doubled.sum(axis=1, keepdims=True)),
            (Classes(3, False, "sigmoid", 3), a, rest),
            (Classes(3, False, "tanh", 3), a, doubled),
        ):
            np.testing.assert_allclose(reading.probabilities(given), expected, rtol=1e-13)

    def test_far_out_they_stay_inside_and_logarithms_exact(self) -> None:
        reading = Classes(2, True, "sigmoid", 1)
        logs = reading.log_probabilities(np.array([[60.0], [-700.0]]))
        np.testing.assert_allclose(logs, [[-60, -np.exp(-60.0)], [-np.exp(-700.0), -700]])
        smallest = np.finfo(float).tiny
        assert reading.probabilities(np.array([[1e4]])).tolist() == [[smallest, np.nextafter(1, 0)]]
        assert reading.log_probabilities(np.array([[1e4]]))[0, 0] == np.log(smallest)
        far = np.array([[0.0, 600.0, -50.0], [5000.0, 0.0, 4999.0]])
        expected = np.maximum(log_softmax(far, axis=1), np.log(smallest))
        found = Classes(3, True, "identity", 3).log_probabilities(far)
        np.testing.assert_allclose(found, expected, rtol=1e-14)

    @pytest.mark.parametrize("output", ["relu", "softplus", "leaky_relu"])
    def test_other_outputs_say_none(self, several: Any, output: str) -> None:
        net = gn.Network.dense([4, 3, 3], activation=["tanh", output], seed=0)
        expected = rf"output neuron \(2, 1\) has the activation '{output}', which says no class"
        with pytest.raises(ValueError, match=expected):
            gn.GraphClassifier(network=net).fit(*several)

    def test_softmax_says_no_label_of_several(self, labels: Any) -> None:
        net = gn.Network.dense([4, 3, 3], activation=["tanh", "identity"], seed=0)
        with pytest.raises(ValueError, match=r"'identity', which says no label of several: expect"):
            gn.GraphClassifier(network=net).fit(*labels)

    def test_mixed_outputs(self, several: Any) -> None:
        net = gn.Network.dense([4, 3, 3], activation=["tanh", "sigmoid"], seed=0)
        net.set_activation("tanh", neuron=(2, 3))
        with pytest.raises(ValueError, match=r"layer 2 have different .*: \(2, 1\) has 'sig"):
            gn.GraphClassifier(network=net).fit(*several)

    @pytest.mark.parametrize(
        ("kind", "width", "output", "needed"),
        [
            ("several", 2, "identity", "2 outputs .identity., and 3 classes need 3"),
            ("several", 1, "sigmoid", "1 output .sigmoid., and 3 classes need 3"),
            ("binary", 3, "sigmoid", "3 outputs .sigmoid., and 2 classes need 1 or 2"),
            ("binary", 1, "identity", "1 output .identity., and 2 classes need 2"),
            ("labels", 2, "sigmoid", "2 outputs .sigmoid., and 3 labels need 3"),
        ],
    )
    def test_a_wrong_number_of_outputs(
        self, kind: str, width: int, output: str, needed: str, request: pytest.FixtureRequest
    ) -> None:
        net = gn.Network.dense([4, 3, width], activation=["tanh", output], seed=0)
        with pytest.raises(ValueError, match=needed):
            gn.GraphClassifier(network=net).fit(*request.getfixturevalue(kind))
