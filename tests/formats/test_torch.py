"""PyTorch modules: the same outputs and gradients, trained there and back again."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from formats.formats import assert_same, full_networks
from hypothesis import given
from strategies import SMOOTH, Case
from ties import tied, tied_cases

import graphnn as gn
from graphnn.errors import FormatError

torch = pytest.importorskip("torch")
nn = torch.nn


@given(full_networks())
def test_a_module_comes_back_as_the_same_network(net: gn.Network) -> None:
    assert_same(gn.from_torch(gn.to_torch(net)), net)


@given(tied_cases(losses=("squared",), activations=SMOOTH))
def test_outputs_and_gradients_are_the_node_engine_s(case: Case) -> None:
    module = gn.to_torch(case.net)
    for x, y in zip(case.X, case.y, strict=True):
        trace = gn.backward(case.net, x, y)
        module.zero_grad()
        output = module(torch.tensor(x))
        (0.5 * ((output - torch.tensor(y)) ** 2).sum()).backward()
        # Sums are of other orders: what large terms leave after cancelling is of their size.
        sizes = [abs(n) for numbers in (trace.v, trace.delta) for n in numbers.values()]
        bound = 1e-12 * max(1.0, *sizes) ** 2
        assert output.detach().numpy() == pytest.approx(trace.output, rel=1e-12, abs=bound)
        found = [] if module.theta.grad is None else module.theta.grad.tolist()
        assert found == pytest.approx(gradient(case.net, trace), rel=1e-12, abs=bound)


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_every_activation_has_the_same_values_and_slopes(name: str) -> None:
    net = gn.Network.dense([3, 6, 5, 1], [name, name, "identity"], init=gn.Normal(1.0), seed=1)
    module = gn.to_torch(net)
    for x in np.random.default_rng(2).normal(size=(20, 3)) * 3:
        trace = gn.backward(net, x, 0.5)
        module.zero_grad()
        output = module(torch.tensor(x))
        (0.5 * ((output - 0.5) ** 2).sum()).backward()
        assert output.detach().numpy() == pytest.approx(trace.output, rel=1e-12, abs=1e-12)
        found = module.theta.grad.tolist()
        assert found == pytest.approx(gradient(net, trace), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
@pytest.mark.parametrize("a", [0.0, -0.0, 1e-300, 25.0, -25.0, 800.0, -800.0])
def test_at_kinks_and_far_out_too(name: str, a: float) -> None:
    net = gn.Network([1, 1, 1], [name, "identity"])
    net.add_weighted_edges_from([((0, 1), (1, 1), 1.0), ((1, 1), (2, 1), 1.0)])
    trace, module = gn.backward(net, [a], 0.5), gn.to_torch(net)
    output = module(torch.tensor([a], dtype=torch.float64))
    (0.5 * ((output - 0.5) ** 2).sum()).backward()
    assert output.tolist() == pytest.approx(trace.output, rel=1e-12, abs=1e-15)
    assert module.theta.grad.tolist() == pytest.approx(gradient(net, trace), rel=1e-12, abs=1e-12)


def gradient(net: gn.Network, trace: gn.Trace) -> list[float]:
    """Return the gradient of every trainable weight once, in (t, i, j) order."""
    found: dict[Any, float] = {}
    for (u, v), g in trace.gradient.items():
        edge = net.edges[u, v]
        if edge["trainable"]:
            found.setdefault(edge["shared"] or (u, v), g)
    return list(found.values())


def net_and_data() -> tuple[gn.Network, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    net = tied(gn.Network.dense([3, 5, 4, 2], ["tanh", "sigmoid", "identity"], seed=0), rng)
    net.remove_edge((0, 1), (1, 2))
    return net, rng.normal(size=(12, 3)), rng.normal(size=(12, 2))


def trained_there(net: gn.Network, X: np.ndarray, y: np.ndarray, epochs: int) -> Any:
    module = gn.to_torch(net)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = 0.5 * ((module(torch.tensor(X)) - torch.tensor(y)) ** 2).sum(dim=1).mean()
        loss.backward()
        optimizer.step()
    return module


def test_training_goes_on_there_and_comes_back() -> None:
    net, X, y = net_and_data()
    back = gn.from_torch(trained_there(net, X, y, 20))
    assert back.layers == net.layers
    gn.train(net, X, y, optimizer=gn.SGD(0.1), batch_size=12, epochs=20, order="given")
    there = {(u, v): w for u, v, w in back.graph.edges(data="weight")}
    assert there == pytest.approx(
        {(u, v): w for u, v, w in net.graph.edges(data="weight")}, abs=1e-10
    )


def test_absent_and_frozen_edges_stay_through_any_optimizer() -> None:
    net, X, y = net_and_data()
    module = gn.to_torch(net)
    optimizer = torch.optim.AdamW(module.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        ((module(torch.tensor(X)) - torch.tensor(y)) ** 2).mean().backward()
        optimizer.step()
    back = gn.from_torch(module)
    assert set(back.edges) == set(net.edges)
    assert module.matrix(1)[1, 1] == 0
    for u, v, edge in net.graph.edges(data=True):
        moved = back.edges[u, v]["weight"] != edge["weight"]
        assert moved == edge["trainable"]


def test_state_is_saved_and_loaded_copied_and_cast() -> None:
    net, X, _ = net_and_data()
    module, target = gn.to_torch(net), io.BytesIO()
    torch.save(module.state_dict(), target)
    target.seek(0)
    other = gn.to_torch(gn.from_torch(module))
    with torch.no_grad():
        other.theta.zero_()
    other.load_state_dict(torch.load(target, weights_only=True))
    assert_same(gn.from_torch(other), net)
    assert_same(gn.from_torch(deepcopy(module)), net)
    with pytest.raises(FormatError, match="another network"):
        gn.to_torch(gn.Network.dense([3, 2], seed=0)).set_extra_state(module.get_extra_state())
    single = module.float()
    x = torch.tensor(X, dtype=torch.float32)
    assert single(x).dtype == torch.float32
    assert gn.to_torch(net, torch.float32)(x).detach().numpy() == pytest.approx(
        gn.compile(net).predict(X), abs=1e-5
    )


def test_what_is_printed() -> None:
    net = gn.Network.dense([3, 5, 1], seed=0)
    net.set_trainable(False, edge=((0, 1), (1, 1)))
    assert repr(gn.to_torch(net)) == "GraphModule(layers=[3, 5, 1], theta=25, fixed=1)"


@pytest.mark.parametrize("make", [lambda: gn.to_torch(net_and_data()[0]), lambda: nn.Linear(2, 1)])
def test_weights_without_numbers_are_refused(make: Any) -> None:
    with pytest.raises(FormatError, match="on the device 'meta'"):
        gn.from_torch(make().to("meta"))


MODULES = {
    "identity": nn.Identity(), "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(), "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(), "elu": nn.ELU(), "softplus": nn.Softplus(), "gelu": nn.GELU(),
    "silu": nn.SiLU(),
}  # fmt: skip


class TestSequential:
    @pytest.mark.parametrize("name", MODULES)
    @pytest.mark.parametrize("bias", [True, False])
    def test_linear_layers_and_activations_are_read(self, name: str, bias: bool) -> None:
        torch.manual_seed(0)
        module = nn.Sequential(
            nn.Flatten(),
            nn.Sequential(nn.Linear(3, 4, bias=bias), MODULES[name], nn.Dropout(0.5)),
            nn.Linear(4, 2),
        ).double()
        net = gn.from_torch(module.eval())
        assert net.layers == (3, 4, 2)
        assert [net.activation((t, 1)).name for t in (1, 2)] == [name, "identity"]
        assert net.graph.has_edge((0, 0), (1, 1)) == bias
        X = np.random.default_rng(0).normal(size=(5, 3))
        expected = module(torch.tensor(X)).detach().numpy()
        assert gn.compile(net).predict(X) == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize(
        ("module", "message"),
        [
            (nn.Sequential(nn.Linear(2, 2), nn.Conv1d(1, 1, 1)), "Sequential.1 is a Conv1d"),
            (nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1)), "Sequential.1 takes 2 inputs"),
            (nn.Sequential(nn.ReLU(), nn.Linear(2, 1)), "Sequential.0 is a ReLU, expected Linear"),
            (nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Tanh()), "Sequential.2 is a Tanh"),
            (nn.Sequential(nn.Linear(2, 1), nn.ELU(2.0)), "Sequential.1 is a ELU with alpha 2.0"),
            (nn.Sequential(), "has no Linear layer"),
            (nn.LSTM(2, 2), "LSTM is a LSTM"),
            ("module", "found a str, expected a torch"),
        ],
    )
    def test_other_modules_are_named(self, module: Any, message: str) -> None:
        with pytest.raises(FormatError, match=message):
            gn.from_torch(module)

    def test_a_weight_that_is_not_finite_is_named(self) -> None:
        module = nn.Sequential(nn.Linear(2, 1))
        with torch.no_grad():
            module[0].weight[0, 1] = float("nan")
        with pytest.raises(FormatError, match=r"edge \(0, 2\) -> \(1, 1\) has the weight nan"):
            gn.from_torch(module)


def test_an_activation_of_one_s_own_is_refused_by_the_neuron() -> None:
    own = gn.Activation("double", lambda a: 2 * a, lambda a, v: 2.0)
    net = gn.Network.dense([2, 2, 1], activation="tanh")
    net.set_activation(own, neuron=(1, 2))
    with pytest.raises(FormatError, match=r"neuron \(1, 2\) has the activation 'double'"):
        gn.to_torch(net)
