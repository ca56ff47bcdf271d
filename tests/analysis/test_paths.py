"""Paths: all of them, in order, and together the derivative."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SMOOTH, networks

import graphnn as gn
from graphnn.analysis import count_paths, jacobian, paths
from graphnn.errors import DataError, NetworkError


@given(networks(SMOOTH), st.integers(0, 1000))
def test_contributions_of_all_paths_sum_to_the_derivative(net: gn.Network, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=net.layers[0])
    trace, slopes = gn.forward(net, x), jacobian(net, x)
    for j, output in enumerate(net.neurons(net.depth)):
        for i, source in enumerate(net.neurons(0)):
            found = list(paths(net, trace, source, output))
            total = float(sum(Fraction(path.contribution) for path in found))
            size = max(1.0, *(abs(path.contribution) for path in found), 0.0)
            assert total == pytest.approx(slopes[j, i], rel=1e-9, abs=1e-12 * size)
            assert len(found) == count_paths(net, source, output)
            sizes = [abs(path.contribution) for path in found]
            assert sizes == pytest.approx(sorted(sizes, reverse=True), rel=1e-12)
            expected = {tuple(path) for path in nx.all_simple_paths(net.graph, source, output)}
            assert {path.neurons for path in found} == expected


@given(networks(SMOOTH), st.integers(0, 1000))
def test_the_jacobian_is_that_of_central_differences(net: gn.Network, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=net.layers[0])
    h = 1e-5
    columns = []
    for step in np.eye(len(x)) * h:
        up, down = (np.array(gn.forward(net, x + s).output) for s in (step, -step))
        columns.append((up - down) / (2 * h))
    assert jacobian(net, x) == pytest.approx(
        np.array(columns).T, rel=1e-5, abs=1e-6 * max(1.0, float(np.abs(columns).max()))
    )


def test_the_jacobian_is_pytorch_s() -> None:
    torch = pytest.importorskip("torch")
    net = gn.Network.dense([3, 5, 2], ["tanh", "softplus"], seed=0)
    x = [0.5, -1.0, 2.0]
    found = torch.autograd.functional.jacobian(
        gn.to_torch(net), torch.tensor(x, dtype=torch.float64)
    )
    assert jacobian(net, x) == pytest.approx(found.numpy(), abs=1e-12)


def test_the_first_of_very_many_paths_come_at_once() -> None:
    net = gn.Network.dense([10] * 12, "tanh", seed=0)
    trace = gn.forward(net, np.linspace(-1, 1, 10))
    first = [path for path, _ in zip(paths(net, trace, (0, 1), (11, 1)), range(3), strict=False)]
    assert len({path.neurons for path in first}) == 3
    assert count_paths(net, (0, 1), (11, 1)) == 10**10
    assert count_paths(net) == 10**12


def test_a_bias_is_a_path_from_a_constant_neuron() -> None:
    net = gn.Network.from_matrices([[[0.5], [2.0]]], activation="identity")
    trace = gn.forward(net, [1.0])
    assert [tuple(path) for path in paths(net, trace, (0, 0), (1, 1))] == [(((0, 0), (1, 1)), 0.5)]
    assert list(paths(net, trace, (1, 1), (1, 1))) == [(((1, 1),), 1.0)]
    assert list(paths(net, trace, (1, 1), (0, 1))) == []


def test_what_does_not_fit_is_refused() -> None:
    net = gn.Network.dense([2, 1], seed=0)
    trace = gn.forward(net, [0.0, 0.0])
    with pytest.raises(NetworkError, match=r"no neuron \(0, 9\)"):
        next(paths(net, trace, (0, 9), (1, 1)))
    with pytest.raises(NetworkError, match="no neuron"):
        count_paths(net, [0, 1])  # type: ignore[arg-type]
    net.remove_edge((0, 1), (1, 1))
    with pytest.raises(DataError, match="trace it anew"):
        next(paths(net, trace, (0, 2), (1, 1)))
