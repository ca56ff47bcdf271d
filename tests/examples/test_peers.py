"""Convolutions and a recurrent network, built edge by edge, beside PyTorch's own layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples.test_examples import module_of

import graphnn as gn

torch = pytest.importorskip("torch")
F = torch.nn.functional


def shared_gradients(net: gn.Network, x: np.ndarray, y: np.ndarray) -> tuple[Any, dict[str, float]]:
    """Return the outputs, and the gradient of each shared weight."""
    trace = gn.backward(net, x, y)
    gradients = {name: trace.gradient[edge] for edge, name in trace.shared.items()}
    return np.array(trace.output), gradients


def tensor(array: Any) -> Any:
    return torch.tensor(np.asarray(array), dtype=torch.float64, requires_grad=True)


def loss(output: Any, y: np.ndarray) -> Any:
    return 0.5 * ((output.reshape(-1) - torch.tensor(y)) ** 2).sum()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_a_1_d_convolution_is_conv1d(stride: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel, bias, x = rng.normal(size=3), float(rng.normal()), rng.normal(size=9)
    net = module_of("10_convolution").convolution_1d(9, kernel.tolist(), bias, stride)
    k, b = tensor(kernel), tensor([bias])
    output = F.conv1d(torch.tensor(x)[None, None], k[None, None], b, stride)
    y = rng.normal(size=net.layers[-1])
    loss(output, y).backward()
    found, gradients = shared_gradients(net, x, y)
    assert found == pytest.approx(output.detach().numpy().reshape(-1), abs=1e-12)
    assert [gradients[f"k{i}"] for i in (1, 2, 3)] == pytest.approx(k.grad.tolist(), abs=1e-12)
    assert gradients["b"] == pytest.approx(b.grad.item(), abs=1e-12)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_a_2_d_convolution_is_conv2d(padding: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel, bias, x = rng.normal(size=(2, 3)), float(rng.normal()), rng.normal(size=(4, 5))
    net = module_of("10_convolution").convolution_2d((4, 5), kernel.tolist(), bias, padding)
    k, b = tensor(kernel), tensor([bias])
    output = F.conv2d(torch.tensor(x)[None, None], k[None, None], b, padding=padding)
    y = rng.normal(size=net.layers[-1])
    loss(output, y).backward()
    found, gradients = shared_gradients(net, x.reshape(-1), y)
    assert found == pytest.approx(output.detach().numpy().reshape(-1), abs=1e-12)
    names = [f"k{i}{j}" for i in (1, 2) for j in (1, 2, 3)]
    assert [gradients[name] for name in names] == pytest.approx(
        k.grad.reshape(-1).tolist(), abs=1e-12
    )
    assert gradients["b"] == pytest.approx(b.grad.item(), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_an_unrolled_network_is_rnn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layer = torch.nn.RNN(2, 3, dtype=torch.float64)
    with torch.no_grad():
        layer.bias_hh_l0.zero_()  # PyTorch has two biases, of which one is enough
    steps, x = 4, rng.normal(size=(4, 2))
    into, over, bias = (
        one.detach().tolist() for one in (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0)
    )
    net = module_of("11_recurrent").unrolled(steps, into, over, bias)
    _, last = layer(torch.tensor(x)[:, None])
    y = rng.normal(size=3)
    loss(last, y).backward()
    found, gradients = shared_gradients(net, x.reshape(-1), y)
    assert found == pytest.approx(last.detach().numpy().reshape(-1), abs=1e-12)
    for letter, grad in (("u", layer.weight_ih_l0.grad), ("w", layer.weight_hh_l0.grad)):
        for (s, r), value in np.ndenumerate(grad.numpy()):
            assert gradients[f"{letter}{s}{r}"] == pytest.approx(value, abs=1e-12)
    for s, value in enumerate(layer.bias_ih_l0.grad.tolist()):
        assert gradients[f"b{s}"] == pytest.approx(value, abs=1e-12)
