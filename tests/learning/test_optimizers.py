"""Every optimiser: ten steps of PyTorch's, its array form, its state, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import graphnn as gn

NUMBERS = st.floats(-1e6, 1e6)

FIRST = [0.5, -1.25, 2.0, 0.0]

TEN_STEPS: Mapping[str, tuple[gn.Optimizer, list[float]]] = {
    "SGD(lr=0.05)": (
        gn.SGD(0.05),
        [0.9568024346170522, -0.6923061717879141, 1.32164770965542, 0.9209623028731813],
    ),
    "SGD(lr=0.05, momentum=0.9)": (
        gn.Momentum(0.05, mu=0.9),
        [2.0067800540018528, -0.2974583240071637, -0.2855117650276662, 3.1354181388305773],
    ),
    "SGD(lr=0.05, momentum=0.9, nesterov=True)": (
        gn.Nesterov(0.05, mu=0.9),
        [1.9466516764278188, -0.4465502588823186, -0.22274460622534503, 3.2745464269666105],
    ),
    "Adagrad(lr=0.1)": (
        gn.Adagrad(0.1),
        [1.1431432358870037, -0.7893475224880365, 1.5623956049583954, 0.6195304270656319],
    ),
    "RMSprop(lr=0.01, alpha=0.9)": (
        gn.RMSprop(0.01, rho=0.9),
        [0.7170372969720314, -1.0843452485217973, 1.8338211554286152, 0.20434004840652287],
    ),
    "Adam(lr=0.05, betas=(0.8, 0.9))": (
        gn.Adam(0.05, beta1=0.8, beta2=0.9),
        [1.0040724753435362, -0.7611105845944879, 1.517026622600552, 0.5092395201559154],
    ),
    "Adam(lr=0.05, betas=(0.8, 0.9), amsgrad=True)": (
        gn.AMSGrad(0.05, beta1=0.8, beta2=0.9),
        [1.0040724152710219, -0.7625055227010883, 1.5189958694001844, 0.5092395279798567],
    ),
    "AdamW(lr=0.05, weight_decay=0.1)": (
        gn.AdamW(0.05, lambda_=0.1),
        [0.9648015455269704, -0.7129057858037918, 1.4344590685424923, 0.4964527120444077],
    ),
    "Rprop(lr=0.05)": (
        gn.Rprop(0.05),
        [1.7979341056, -0.51462528, 0.9600549119999999, 1.2979341055999998],
    ),
}
"""What the classes of PyTorch 2.13.0's `torch.optim`, written so, make of FIRST in ten steps on
`objective`, in float64."""


def objective(w: Any, k: int, sin: Callable[[Any], Any]) -> Any:
    """Return what step k descends: neither convex nor quadratic, another function each time."""
    aims = [one * (1 + 0.1 * k) for one in (1.0, -0.5, 0.25, 2.0)]
    total = sum((w[j] - aims[j]) * (w[j] - aims[j]) / 2 + 0.3 * sin(3 * w[j]) for j in range(4))
    product = w[0] * w[1] - w[2] * w[3]
    return total + 0.1 * product * product


def gradient(w: list[float], k: int) -> list[float]:
    """Return its derivatives, by complex steps."""
    found = []
    for j in range(4):
        shifted = [complex(one) for one in w]
        shifted[j] += 1e-200j
        found.append(objective(shifted, k, np.sin).imag / 1e-200)
    return found


def by_scalars(optimizer: gn.Optimizer, steps: int) -> list[float]:
    """Return the weights after some steps, weight by weight."""
    w, slots = list(FIRST), [tuple(optimizer.slots().values())] * 4
    counters = tuple(optimizer.counters().values())
    for k in range(steps):
        counters = optimizer.tick(counters)
        step = (optimizer.first_eta, *counters)
        for j, g in enumerate(gradient(w, k)):
            w[j], slots[j] = optimizer.update(w[j], g, slots[j], step)
    return w


def by_arrays(optimizer: Any, steps: int, dtype: type = np.float64) -> np.ndarray:
    """Return the weights after some steps, all at once."""
    w = np.array(FIRST, dtype=dtype)
    slots = tuple(np.full(4, value, dtype=dtype) for value in optimizer.slots().values())
    counters = tuple(optimizer.counters().values())
    for k in range(steps):
        counters = optimizer.tick(counters)
        g = np.array(gradient(w.tolist(), k), dtype=dtype)
        optimizer.update_array(w, g, slots, (optimizer.first_eta, *counters))
    assert all(slot.dtype == dtype for slot in slots)
    return w


@pytest.mark.parametrize("name", TEN_STEPS)
class TestTenSteps:
    def test_are_pytorch_s(self, name: str) -> None:
        optimizer, expected = TEN_STEPS[name]
        assert np.abs(np.subtract(by_scalars(optimizer, 10), expected)).max() < 1e-12

    def test_are_those_of_pytorch_as_it_is_installed(self, name: str) -> None:
        torch = pytest.importorskip("torch")
        w = torch.tensor(FIRST, dtype=torch.float64, requires_grad=True)
        kind, _, rest = name.partition("(")
        options = eval(f"dict({rest}")
        theirs = getattr(torch.optim, kind)([w], **options)
        for k in range(10):
            theirs.zero_grad()
            objective(w, k, torch.sin).backward()
            theirs.step()
        found = by_scalars(TEN_STEPS[name][0], 10)
        assert np.abs(np.subtract(found, w.detach().tolist())).max() < 1e-12

    def test_of_arrays_have_the_same_bits(self, name: str) -> None:
        optimizer, _ = TEN_STEPS[name]
        assert by_arrays(optimizer, 10).tolist() == by_scalars(optimizer, 10)

    def test_of_arrays_keep_float32(self, name: str) -> None:
        optimizer, expected = TEN_STEPS[name]
        found = by_arrays(optimizer, 10, np.float32)
        assert found.dtype == np.float32
        assert np.allclose(found, expected, atol=1e-5)


EVERY = [optimizer for optimizer, _ in TEN_STEPS.values()]


@given(w=st.integers(-1000, 1000), g=st.integers(-1000, 1000), k=st.integers(1, 64))
def test_sgd_is_exact_on_short_numbers(w: int, g: int, k: int) -> None:
    assert gn.SGD().update(float(w), float(g), (), (k / 8,))[0] == w - Fraction(k, 8) * g


@pytest.mark.parametrize("optimizer", EVERY, ids=lambda one: type(one).__name__)
@given(
    w=arrays(np.float64, 5, elements=NUMBERS),
    g=arrays(np.float64, 5, elements=NUMBERS),
    kept=arrays(np.float64, (3, 5), elements=st.floats(0, 1e6)),
    eta=st.floats(1e-6, 10.0),
)
def test_one_step_of_arrays_has_the_same_bits(
    optimizer: Any, w: np.ndarray, g: np.ndarray, kept: np.ndarray, eta: float
) -> None:
    slots = tuple(kept[: len(optimizer.slots())].copy())
    step = (eta, *optimizer.tick(tuple(optimizer.counters().values())))
    rows = list(zip(*(slot.tolist() for slot in slots), strict=True)) or [()] * 5
    expected = [
        optimizer.update(*one, step) for one in zip(w.tolist(), g.tolist(), rows, strict=True)
    ]
    optimizer.update_array(w, g, slots, step)
    assert w.tolist() == [weight for weight, _ in expected]
    assert [slot.tolist() for slot in slots] == [
        list(numbers) for numbers in zip(*(kept for _, kept in expected), strict=True)
    ]


@pytest.mark.parametrize("optimizer", EVERY, ids=lambda one: type(one).__name__)
class TestEvery:
    def test_says_nan_where_it_meets_nan(self, optimizer: Any) -> None:
        slots = tuple(optimizer.slots().values())
        step = (0.1, *optimizer.tick(tuple(optimizer.counters().values())))
        moved, _ = optimizer.update(1.0, math.nan, slots, step)
        assert math.isnan(moved)
        arrays = tuple(np.array([value]) for value in slots)
        w = np.array([1.0])
        optimizer.update_array(w, np.array([math.nan]), arrays, step)
        assert math.isnan(w[0])

    def test_names_what_it_remembers(self, optimizer: Any) -> None:
        slots, counters = optimizer.slots(), optimizer.counters()
        assert all(name.isidentifier() for name in (*slots, *counters))
        assert len(optimizer.tick(tuple(counters.values()))) == len(counters)

    def test_is_frozen(self, optimizer: Any) -> None:
        with pytest.raises(AttributeError):
            optimizer.eta = 1.0

    @pytest.mark.parametrize("bad", [0.0, -0.1, math.nan, math.inf, "0.1", None, True])
    def test_refuses_what_is_no_learning_rate(self, optimizer: Any, bad: Any) -> None:
        with pytest.raises(ValueError, match="eta must be positive and finite, or a schedule"):
            type(optimizer)(eta=bad)


def test_adam_s_first_step_is_eta_long_whatever_the_gradient() -> None:
    # m^ / sqrt(s^) is the gradient's sign at t = 1 (Kingma and Ba, section 2.1), but for epsilon.
    for g in (1e-3, 1.0, -1e6):
        adam = gn.Adam(0.25)
        step = (0.25, *adam.tick((1.0, 1.0)))
        moved, _ = adam.update(0.0, g, (0.0, 0.0), step)
        assert math.isclose(moved, -math.copysign(0.25, g), rel_tol=1e-4)


def test_decoupled_decay_is_no_part_of_the_quotient() -> None:
    adam, decaying = gn.Adam(0.1), gn.AdamW(0.1, lambda_=0.5)
    step = (0.1, *adam.tick((1.0, 1.0)))
    plain, slots = adam.update(2.0, 3.0, (0.0, 0.0), step)
    decayed, same = decaying.update(2.0, 3.0, (0.0, 0.0), step)
    assert slots == same
    assert math.isclose(plain - decayed, 0.1 * 0.5 * 2.0, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gn.Momentum(mu=1.0), "mu must be at least 0 and less than 1"),
        (lambda: gn.Nesterov(mu=-0.1), "mu must be at least 0"),
        (lambda: gn.RMSprop(rho=1.0), "rho must be at least 0 and less than 1"),
        (lambda: gn.Adam(beta1=1.0), "beta1 must be at least 0"),
        (lambda: gn.Adam(beta2=math.nan), "beta2 must be at least 0"),
        (lambda: gn.Adam(epsilon=0.0), "epsilon must be positive and finite"),
        (lambda: gn.Adagrad(epsilon=math.inf), "epsilon must be positive and finite"),
        (lambda: gn.AdamW(lambda_=-1.0), "lambda_ must be finite and at least 0"),
        (lambda: gn.Rprop(shrink=1.0), "shrink must be between 0 and 1"),
        (lambda: gn.Rprop(grow=1.0), "grow more than 1"),
        (lambda: gn.Rprop(smallest=2.0, largest=1.0), "at most the largest"),
        (lambda: gn.Rprop(gn.Exponential(0.1)), "eta must be a number"),
    ],
)
def test_numbers_out_of_range_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda one: gn.Momentum(0.01, mu=one(0.9)), lambda one: gn.Adam(one(0.01), beta1=one(0.9)),
        lambda one: gn.Rprop(one(0.01), grow=one(1.2)), lambda one: gn.SGD(gn.Plateau(one(0.1))),
        lambda one: gn.AdamW(lambda_=one(0.1)),
    ],
)  # fmt: skip
def test_numbers_of_numpy_become_python_s(make: Callable[[Any], gn.Optimizer]) -> None:
    found = make(np.float32)
    for name, value in vars(found).items():
        held = vars(value) if isinstance(value, gn.Plateau) else {name: value}
        assert all(type(one) in (float, int, str) for one in held.values())
    assert make(np.float64) == make(float)


def test_an_optimiser_that_does_not_return_what_it_is_to_is_named(small: gn.Network) -> None:
    class Forgetful(gn.Optimizer):
        def update(self, weight: Any, gradient: Any, slots: Any, step: Any) -> Any:
            return weight

    class Greedy(gn.Optimizer):
        def update(self, weight: Any, gradient: Any, slots: Any, step: Any) -> Any:
            return weight, (1.0,)

    class Bare:
        def update(self, weight: Any, gradient: Any, slots: Any, step: Any) -> Any:
            return weight, slots

    for optimizer, words in (
        (Forgetful(), r"update must return \(weight, slots\), slots a tuple, not 0.5"),
        (Greedy(), r"update returns 1 slots, and slots\(\) names 0"),
        (Bare(), "optimizer Bare has no eta: make it a subclass of gn.Optimizer"),
        (gn.Optimizer(), "optimizer Optimizer has no update"),
    ):
        with pytest.raises(TypeError, match=words):
            gn.train(small, [[0.0, 0.0]], [[0.0, 0.0]], optimizer=optimizer)  # type: ignore[arg-type]
