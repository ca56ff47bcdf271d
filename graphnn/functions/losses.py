"""Losses l(v, y), which drive the sensitivities of the output layer.

A `Loss` is elementwise: one output at a time, and its derivative dl/dv is chained with sigma'. A
`VectorLoss` gives the output layer's sensitivities dl/da itself, from a, v and y of the whole
layer, which keeps cross-entropies finite on saturated outputs. A sample's loss adds its outputs in
ascending order; a data set's loss is the mean over its samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, get_args

from graphnn.checks import TargetKind
from graphnn.errors import CompileError
from graphnn.functions.activations import Activation
from graphnn.functions.choice import unknown_name
from graphnn.ranges import positive
from graphnn.types import Neuron

__all__ = [
    "LOSSES",
    "AnyLoss",
    "Huber",
    "Loss",
    "Squared",
    "VectorLoss",
    "require_output",
    "resolve_loss",
]


@dataclass(frozen=True)
class Loss:
    """An elementwise loss: the value and the derivative for one output neuron.

    Args:
        name: What messages call it.
        value: l(v, y) for the output value `v` and its target `y`.
        derivative: dl/dv at (v, y).
        targets: What targets it takes: "numbers", "probabilities" (0 to 1) or "signs" (-1, +1).

    Raises:
        ValueError: If a function raises, or returns no finite number, for outputs 1/4, 1/2 and 3/4
            and targets at the ends of their range.

    Example:
        >>> cubic = Loss(
        ...     "cubic",
        ...     value=lambda v, y: abs(v - y) * (v - y) * (v - y) / 3,
        ...     derivative=lambda v, y: abs(v - y) * (v - y),
        ... )
        >>> cubic.value(3.0, 1.0), cubic.derivative(3.0, 1.0)
        (2.6666666666666665, 4.0)
    """

    name: str
    value: Callable[[float, float], float]
    derivative: Callable[[float, float], float]
    targets: TargetKind = "numbers"

    def __post_init__(self) -> None:
        if self.targets not in ("numbers", "probabilities", "signs"):
            raise unknown_name("kind of targets", self.targets, get_args(TargetKind)[:3])
        for v in (0.25, 0.5, 0.75):
            for y in (-1.0 if self.targets == "signs" else 0.0, 1.0):
                _probe(self.name, "value", self.value, v, y)
                _probe(self.name, "derivative", self.derivative, v, y)

    def __repr__(self) -> str:
        return f"Loss({self.name!r})"


@dataclass(frozen=True)
class VectorLoss:
    """A loss over the whole output layer that gives the sensitivities itself.

    Args:
        name: What messages call it.
        value: l(a, v, y) for the output layer's pre-activations, values and targets.
        sensitivities: Called with (a, v, y, delta); fills `delta` with dl/da.
        output: The activation that the output layer must have.
        targets: What targets it takes: "probabilities" or "classes".
    """

    name: str
    value: Callable[[Sequence[float], Sequence[float], Sequence[float]], float]
    sensitivities: Callable[
        [Sequence[float], Sequence[float], Sequence[float], MutableSequence[float]], None
    ]
    output: str
    targets: TargetKind

    def __repr__(self) -> str:
        return f"VectorLoss({self.name!r})"


AnyLoss: TypeAlias = Loss | VectorLoss


def _probe(name: str, part: str, function: Callable[..., float], v: float, y: float) -> None:
    try:
        result = float(function(v, y))
    except Exception as error:
        raise ValueError(
            f"loss {name!r}: {part}({v}, {y}) raised {type(error).__name__}: {error}; it must "
            "return a number"
        ) from error
    if not math.isfinite(result):
        raise ValueError(f"loss {name!r}: {part}({v}, {y}) is {result}, expected a finite number")


@dataclass(frozen=True)
class SquaredValue:
    """scale * (v - y)^2 as a function that is equal to another of the same scale."""

    scale: float

    def __call__(self, v: float, y: float) -> float:
        """Return the loss of one output."""
        return self.scale * (v - y) * (v - y)


@dataclass(frozen=True)
class SquaredDerivative:
    """2 * scale * (v - y)."""

    scale: float

    def __call__(self, v: float, y: float) -> float:
        """Return dl/dv of one output."""
        return 2 * self.scale * (v - y)


def Squared(scale: float = 0.5) -> Loss:  # noqa: N802 - a loss is written like a class, as L2 is
    """Return the squared loss `scale * (v - y)^2` per output.

    Args:
        scale: 0.5 (the default, so that the derivative is v - y) or any positive number;
            `Squared(scale=1.0)` drops the half.

    Raises:
        ValueError: If the scale is not positive and finite.

    Example:
        >>> Squared().value(3.0, 1.0), Squared(scale=1.0).value(3.0, 1.0)
        (2.0, 4.0)
    """
    scale = positive("scale", scale)
    name = "squared" if scale == 0.5 else f"squared(scale={scale:g})"
    return Loss(name, SquaredValue(scale), SquaredDerivative(scale))


@dataclass(frozen=True)
class HuberValue:
    """1/2 e^2 for |e| <= delta, else delta (|e| - delta / 2), where e = v - y."""

    delta: float

    def __call__(self, v: float, y: float) -> float:
        """Return the loss of one output."""
        e = abs(v - y)
        return e * e / 2 if e <= self.delta else self.delta * (e - self.delta / 2)


@dataclass(frozen=True)
class HuberDerivative:
    """e = v - y, kept between -delta and delta."""

    delta: float

    def __call__(self, v: float, y: float) -> float:
        """Return dl/dv of one output."""
        e = v - y
        if e > self.delta:
            return self.delta
        return -self.delta if e < -self.delta else e


def Huber(delta: float = 1.0) -> Loss:  # noqa: N802 - as Squared
    """Return Huber's loss per output: squared for small errors e = v - y, absolute for large ones.

    It is `1/2 e^2` where `|e| <= delta` and `delta (|e| - delta / 2)` elsewhere, so one outlier
    pulls with no more than delta (Huber (1964)).

    Args:
        delta: Where the parabola goes over into lines of its slope; any positive number.

    Raises:
        ValueError: If delta is not positive and finite.

    Example:
        >>> Huber().value(1.5, 1.0), Huber().value(4.0, 1.0), Huber(delta=2.0).value(4.0, 1.0)
        (0.125, 2.5, 4.0)
    """
    # As a float: a NumPy number would draw the engines' numbers to its own dtype.
    delta = positive("delta", delta)
    name = "huber" if delta == 1 else f"huber(delta={delta:g})"
    return Loss(name, HuberValue(delta), HuberDerivative(delta))


def _log_cosh(v: float, y: float) -> float:
    # cosh overflows at 711, and the same as e + log(1 + exp(-2 e)) - log 2 cancels near 0. So it is
    # log(1 + (cosh e - 1)) with cosh e - 1 = (exp(e) - 1)^2 / (2 exp(e)), until exp(-2 e) is lost.
    e = abs(v - y)
    if e < 20:
        m = math.expm1(e)
        return math.log1p(m * m / (2 * (1 + m)))
    return e - math.log(2)


def _log_cosh_derivative(v: float, y: float) -> float:
    return math.tanh(v - y)


def _absolute(v: float, y: float) -> float:
    return abs(v - y)


def _absolute_derivative(v: float, y: float) -> float:
    if v > y:
        return 1
    return -1 if v < y else v - y  # 0, or NaN of NaN


def _hinge(v: float, y: float) -> float:
    margin = 1 - y * v
    return 0 if margin <= 0 else margin  # asked this way round, so that NaN stays NaN


def _hinge_derivative(v: float, y: float) -> float:
    return -y if y * v < 1 else 0


def _binary_cross_entropy(a: Sequence[float], v: Sequence[float], y: Sequence[float]) -> float:
    # -y log sigma(a) - (1 - y) log(1 - sigma(a)), written in a: finite where v rounds to 0 or 1.
    total = 0.0
    for j in range(len(a)):
        positive = max(0, a[j])
        total = total + (positive - a[j] * y[j] + math.log1p(math.exp(-abs(a[j]))))
    return total


def _binary_cross_entropy_sensitivities(
    a: Sequence[float], v: Sequence[float], y: Sequence[float], delta: MutableSequence[float]
) -> None:
    for j in range(len(a)):
        delta[j] = v[j] - y[j]


def _softmax_cross_entropy(a: Sequence[float], v: Sequence[float], y: Sequence[float]) -> float:
    # -sum_j y_j log p_j with log p_j = (a_j - max a) - log(sum_k exp(a_k - max a)).
    top = a[0]
    for j in range(1, len(a)):
        if a[j] > top:
            top = a[j]
    norm = 0.0
    for j in range(len(a)):
        norm = norm + math.exp(a[j] - top)
    log_norm = math.log(norm)
    total = 0.0
    for j in range(len(a)):
        # A class that has no part in the target adds nothing, also where top - a_j overflows.
        if y[j] > 0:
            total = total + y[j] * ((top - a[j]) + log_norm)
    return total


def _softmax_cross_entropy_sensitivities(
    a: Sequence[float], v: Sequence[float], y: Sequence[float], delta: MutableSequence[float]
) -> None:
    top = a[0]
    for j in range(1, len(a)):
        if a[j] > top:
            top = a[j]
    norm = 0.0
    for j in range(len(a)):
        norm = norm + math.exp(a[j] - top)
    for j in range(len(a)):
        delta[j] = math.exp(a[j] - top) / norm - y[j]


LOSSES: Mapping[str, AnyLoss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Squared(),
            Loss("absolute", _absolute, _absolute_derivative),
            Huber(),
            Loss("log_cosh", _log_cosh, _log_cosh_derivative),
            Loss("hinge", _hinge, _hinge_derivative, targets="signs"),
            VectorLoss(
                "binary_cross_entropy",
                _binary_cross_entropy,
                _binary_cross_entropy_sensitivities,
                output="sigmoid",
                targets="probabilities",
            ),
            VectorLoss(
                "softmax_cross_entropy",
                _softmax_cross_entropy,
                _softmax_cross_entropy_sensitivities,
                output="identity",
                targets="classes",
            ),
        )
    }
)
"""The built-in losses by name.

squared: 1/2 (v - y)^2 per output (lecture; Bishop (2006), equation 5.11). absolute: |v - y|, with
derivative 0 at v = y. huber: 1/2 (v - y)^2 up to |v - y| = 1 and |v - y| - 1/2 from there on, where
the slopes meet (Huber (1964)). log_cosh: log cosh(v - y), near 0 about 1/2 (v - y)^2 and far out
|v - y| - log 2, with derivative tanh(v - y) (Saleh and Saleh (2022)). hinge: max(0, 1 - y v) for
targets -1 and +1, derivative 0 at the kink (Shalev-Shwartz and Ben-David (2014), section 15.2.3).
binary_cross_entropy: for sigmoid outputs and targets in [0, 1], delta = v - y (Bishop (2006),
equation 5.21). softmax_cross_entropy: for identity outputs (the logits) and class numbers,
delta = softmax(a) - y (Bishop (2006), equation 5.24).
"""


def resolve_loss(loss: str | AnyLoss) -> AnyLoss:
    """Return the loss that a name, a `Loss` or a `VectorLoss` stands for.

    Raises:
        ValueError: If the name is unknown.

    Example:
        >>> resolve_loss("hinge")
        Loss('hinge')
    """
    if isinstance(loss, Loss | VectorLoss):
        return loss
    if not isinstance(loss, str) or loss not in LOSSES:
        raise unknown_name("loss", loss, LOSSES, "gn.Loss(name, value, derivative)")
    return LOSSES[loss]


def require_output(loss: AnyLoss, outputs: Iterable[tuple[Neuron, Activation]]) -> None:
    """Raise if a vector loss does not fit the activation of an output neuron.

    Raises:
        CompileError: It names the neuron, what it has and what the loss needs.
    """
    for neuron, activation in outputs:
        if isinstance(loss, VectorLoss) and activation.name != loss.output:
            raise CompileError(
                f"neuron {neuron} has the activation {activation.name!r}, but the loss "
                f"{loss.name!r} needs {loss.output!r} on every output neuron: "
                f"set_activation({loss.output!r}, layer={neuron[0]})",
                node=neuron,
            )
