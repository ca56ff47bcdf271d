"""Spectral norms and the Lipschitz bound, beside NumPy and beside what outputs really do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

import graphnn as gn
from graphnn.analysis import LIPSCHITZ, lipschitz_bound, norms, spectral_norms
from graphnn.errors import NetworkError

BOUNDED = tuple(LIPSCHITZ)


@given(networks(BOUNDED))
def test_norms_are_numpy_s(net: gn.Network) -> None:
    expected = [float(np.linalg.norm(w[1:], 2)) for w in gn.compile(net).matrices()]
    assert spectral_norms(net) == pytest.approx(expected, abs=1e-12)


def test_a_large_sparse_layer_has_the_norm_of_the_dense_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(61, 40)) * (rng.random((61, 40)) < 0.2)
    net = gn.Network.from_matrices([weights])
    monkeypatch.setattr(norms, "DENSE_ENTRIES", 0)
    expected = np.linalg.norm(weights[1:], 2)
    assert spectral_norms(net) == pytest.approx([expected], rel=1e-9)
    assert spectral_norms(net) == spectral_norms(net)


@given(networks(BOUNDED), st.integers(0, 1000))
def test_outputs_never_move_further_than_the_bound(net: gn.Network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(20, net.layers[0])) * 3
    Z = X + rng.normal(size=X.shape) * rng.choice([1e-3, 1.0], size=(20, 1))
    program, bound = gn.compile(net), lipschitz_bound(net)
    moved = np.linalg.norm(program.predict(X) - program.predict(Z), axis=1)
    assert (moved <= bound * np.linalg.norm(X - Z, axis=1) * (1 + 1e-9) + 1e-12).all()


@pytest.mark.parametrize("name", LIPSCHITZ)
def test_the_largest_slope_is_that_and_hardly_less(name: str) -> None:
    one = gn.ACTIVATIONS[name]
    slopes = [abs(one.derivative(a, one.value(a))) for a in np.linspace(-20, 20, 40_001).tolist()]
    assert LIPSCHITZ[name] * 0.999 <= max(slopes) <= LIPSCHITZ[name]


def test_an_activation_without_a_known_bound_is_named() -> None:
    net = gn.Network.dense([2, 2, 1], ["sign", "identity"], seed=0)
    with pytest.raises(NetworkError, match=r"neuron \(1, 1\) has the activation 'sign'"):
        lipschitz_bound(net)
    own = gn.Activation("double", lambda a: 2 * a, lambda a, v: 2.0)
    net.set_activation(own, layer=1)
    assert lipschitz_bound(net, {"double": 2.0}) == 2 * np.prod(spectral_norms(net))
