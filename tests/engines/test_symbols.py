"""The node engine on SymPy's symbols: its gradient is the derivative of its loss."""

from __future__ import annotations

import pickle
from typing import Any

import networkx as nx
import pytest

import graphnn as gn
from graphnn.engines.symbols import symbols

sympy = pytest.importorskip("sympy")


def net_of(activation: list[str], widths: tuple[int, ...] = (2, 2, 1)) -> gn.Network:
    return gn.Network.dense(list(widths), activation=activation, seed=0)


def points(s: Any, seed: int) -> dict[Any, Any]:
    """Rational numbers for all symbols."""
    every = sorted({*s.x, *s.y, *s.weights.values()}, key=str)
    numbers = [sympy.Rational((37 * k * k + 11 * k + 17 * seed) % 41 - 20, 13) for k in range(99)]
    return dict(zip(every, numbers, strict=False))


@pytest.mark.parametrize(
    ("activations", "loss"),
    [
        (["identity", "identity"], "squared"),
        (["tanh", "identity"], "squared"),
        (["sigmoid", "sigmoid"], "squared"),
        (["sigmoid", "sigmoid"], "binary_cross_entropy"),
        (["softplus", "tanh"], "squared"),
        (["silu", "identity"], "squared"),
        (["gelu", "identity"], "squared"),
    ],
)
def test_the_gradient_is_sympy_s_derivative_of_the_loss(activations: list[str], loss: str) -> None:
    net = net_of(activations, (1, 2, 1))
    s = symbols(net)
    trace = gn.backward(net, s.x, s.y, loss, number=s)
    assert set(trace.gradient) == set(net.edges)
    for edge, gradient in trace.gradient.items():
        assert sympy.simplify(sympy.diff(trace.loss, s.weights[edge]) - gradient) == 0


@pytest.mark.parametrize(
    ("activation", "loss"),
    [*((one, "squared") for one in gn.ACTIVATIONS), *(("tanh", one) for one in gn.LOSSES)],
)
def test_numbers_put_in_give_the_engine_s_numbers(activation: str, loss: str) -> None:
    outputs = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "identity"}
    net = net_of([activation, outputs.get(loss, "identity")], (1, 2, 2))
    s = symbols(net)
    trace = gn.backward(net, s.x, s.y, loss, number=s)
    for seed in range(3):
        values = points(s, seed)
        values |= dict(zip(s.y, (0, 1) if loss in outputs else (1, -1), strict=True))
        for edge, symbol in s.weights.items():
            net.set_weight(*edge, float(values[symbol]))
        x, y = ([float(values[one]) for one in many] for many in (s.x, s.y))
        expected = gn.backward(net, x, y, loss)
        for name in ("v", "delta", "gradient"):
            for key, expression in getattr(trace, name).items():
                found = sympy.sympify(expression).subs(values)
                assert float(found) == pytest.approx(getattr(expected, name)[key], 1e-12, 1e-13)
        assert float(trace.loss.subs(values)) == pytest.approx(expected.loss, 1e-12, 1e-13)  # type: ignore[union-attr]


@pytest.mark.parametrize("activation", gn.ACTIVATIONS)
def test_every_form_is_its_own_derivative_in_every_case(activation: str) -> None:
    net = gn.Network.dense([1, 1], activation=activation, seed=0)
    s = symbols(net)
    linear = gn.Loss("linear", lambda v, y: v, lambda v, y: 1)
    trace = gn.backward(net, s.x, s.y, linear, number=s)
    weight = s.weights[(0, 1), (1, 1)]
    derivative = sympy.diff(trace.output[0], weight)
    for seed in range(8):
        values = points(s, seed)
        found = [one.subs(values) for one in (derivative, trace.gradient[(0, 1), (1, 1)])]
        found = [0 if one.has(sympy.DiracDelta) else one for one in map(sympy.sympify, found)]
        assert abs(sympy.N(found[0] - found[1], 30)) < 1e-25


def test_sympy_prints_a_sensitivity_as_latex() -> None:
    net = gn.Network.dense([1, 1, 1], activation=["tanh", "identity"])
    s = symbols(net)
    trace = gn.backward(net, s.x, s.y, number=s)
    a = r"w_{0,1}^{(1)} + w_{1,1}^{(1)} x_{1}"
    assert sympy.latex(trace.a[1, 1]) == a
    assert sympy.latex(trace.delta[2, 1]) == (
        rf"w_{{0,1}}^{{(2)}} + w_{{1,1}}^{{(2)}} \tanh{{\left({a} \right)}} - y_{{1}}"
    )
    w, inner = s.weights, trace.a[1, 1]
    expected = (
        (1 - sympy.tanh(inner) ** 2) * w[(1, 1), (2, 1)]
        * (w[(1, 0), (2, 1)] + w[(1, 1), (2, 1)] * sympy.tanh(inner) - s.y[0])
    )  # fmt: skip
    assert sympy.simplify(trace.delta[1, 1] - expected) == 0


def test_neurons_carry_their_own_numbers_in_their_symbols() -> None:
    net = gn.Network.dense([3, 1], activation="identity", seed=0)
    net.remove_neuron((0, 2))
    s = symbols(net)
    assert [str(one) for one in s.x] == ["x_{1}", "x_{3}"]
    assert str(s.weights[(0, 3), (1, 1)]) == "w_{3,1}^{(1)}"


def test_edges_that_share_a_weight_share_a_symbol() -> None:
    net = gn.Network([2, 1], activation="identity")
    net.add_edges_from([((0, i), (1, 1)) for i in (1, 2)], shared="twin")
    s = symbols(net)
    w, (x, z), (y,) = s.weights[(0, 1), (1, 1)], s.x, s.y
    trace = gn.backward(net, s.x, s.y, number=s)
    expected = (w * x + w * z - y) * (x + z)
    assert sympy.expand(trace.gradient[(0, 2), (1, 1)] - expected) == 0


def test_weights_of_relays_stay_numbers() -> None:
    dag = nx.DiGraph([("x", "h"), ("h", "y"), ("x", "y")])
    net = gn.Network.from_networkx(dag, ["x"], ["y"], activation="identity")
    s = symbols(net)
    assert len(s.weights) == 3
    (x,), w = s.x, s.weights
    h = (1, 1) if net.labels["h"] == (1, 1) else (1, 2)
    relay = (1, 2) if h == (1, 1) else (1, 1)
    expected = w[h, (2, 1)] * w[(0, 1), h] * x + w[relay, (2, 1)] * x
    assert sympy.expand(gn.forward(net, s.x, number=s).output[0] - expected) == 0


def test_numbers_and_symbols_go_together() -> None:
    net = gn.Network.from_matrices([[[0.5], [2.0]]], activation="relu")
    x = sympy.Symbol("x")
    found = gn.forward(net, [x], number=sympy.Rational).output[0]
    assert found == sympy.Piecewise(
        (2 * x + sympy.Rational(1, 2), x > -sympy.Rational(1, 4)), (0, True)
    )
    s = symbols(net)
    assert gn.forward(net, [3], number=s).a[1, 1] == sum(
        s.weights[(0, i), (1, 1)] * (1, 3)[i] for i in (0, 1)
    )


def test_numbers_of_sympy_s_are_exact() -> None:
    net = gn.Network.from_matrices([[[0.5], [2.0]]], activation="relu")
    third = sympy.Rational(1, 3)
    trace = gn.backward(net, [third], 1, number=sympy.Rational)
    assert trace.output == (sympy.Rational(7, 6),)
    assert trace.loss == sympy.Rational(1, 72)
    net.set_activation("tanh", layer=1)
    assert gn.forward(net, [third], number=sympy.Rational).output == (
        sympy.tanh(sympy.Rational(7, 6)),
    )


def test_an_own_activation_in_arithmetic_takes_symbols() -> None:
    cube = gn.Activation("cube", lambda a: a * a * a / 3, lambda a, v: a * a)
    net = gn.Network.dense([1, 1], activation=cube, seed=0)
    s = symbols(net)
    trace = gn.backward(net, s.x, s.y, number=s)
    for edge, gradient in trace.gradient.items():
        assert sympy.expand(sympy.diff(trace.loss, s.weights[edge]) - gradient) == 0


def test_an_own_activation_that_compares_is_refused_by_neuron() -> None:
    step = gn.Activation("step", lambda a: 1 if a > 0 else 0, lambda a, v: 0)
    net = gn.Network.dense([1, 1], activation=step, seed=0)
    s = symbols(net)
    with pytest.raises(
        gn.CompileError, match=r"neuron \(1, 1\): the activation 'step'.*one for symbols no compar"
    ):
        gn.forward(net, s.x, number=s)
    assert gn.forward(net, [sympy.Rational(1, 2)], number=sympy.Rational).output in ((0,), (1,))


def test_a_trace_of_symbols_can_be_pickled() -> None:
    net = net_of(["sigmoid", "relu"])
    s = symbols(net)
    trace = gn.backward(net, s.x, s.y, "huber", number=s)
    assert pickle.loads(pickle.dumps(trace)) == trace


def test_without_sympy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sympy", None)
    with pytest.raises(gn.EngineUnavailable, match=r"graphnn\[exact\]"):
        symbols(gn.Network.dense([1, 1]))
