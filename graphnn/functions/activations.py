"""Activation functions sigma, each a scalar value and a scalar derivative.

The node engine calls these functions, generated code compiles them, and the NumPy forms of the
matrix engine are tested against them. They use only what agrees to the bit between CPython and
compiled code (+ - * /, comparisons and `math`'s exp, expm1, log, log1p, tanh, sqrt, erfc) and
neither raise nor overflow on a finite argument. That erfc does agree was seen at a million random
arguments of all magnitudes (Linux x86-64, CPython 3.11, Numba 0.68).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphnn.functions.choice import unknown_name

__all__ = ["ACTIVATIONS", "Activation", "resolve_activation"]

_PROBES = (0.0, 1.0, -1.0, 0.5, -0.5, 30.0, -30.0, 1000.0, -1000.0)


@dataclass(frozen=True)
class Activation:
    """An activation function: a name, a value and a derivative.

    Args:
        name: What files and messages call it; a built-in's name is taken.
        value: sigma(a) of one pre-activation.
        derivative: sigma'(a) given the pre-activation `a` and the value `v = sigma(a)`, so that
            either may be used, whichever is cheaper.

    Raises:
        ValueError: If a function raises, or returns no finite number, at one of a few arguments
            between -1000 and 1000: engines check nothing inside their loops.

    Example:
        >>> import math
        >>> swish = Activation(
        ...     "swish",
        ...     value=lambda a: a / (1 + math.exp(-a)) if a > -700 else 0.0,
        ...     derivative=lambda a, v: v + (1 - v) / (1 + math.exp(-a)) if a > -700 else 0.0,
        ... )
        >>> round(swish.value(1.0), 6)
        0.731059
    """

    name: str
    value: Callable[[float], float]
    derivative: Callable[[float, float], float]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name or not self.name.isprintable():
            raise ValueError(
                "an activation's name must be a non-empty string of printable letters, not "
                f"{self.name!r}"
            )
        for a in _PROBES:
            v = _probe(self.name, "value", self.value, a)
            _probe(self.name, "derivative", self.derivative, a, v)

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"

    @property
    def is_flat(self) -> bool:
        """Whether the derivative is 0 at every probe, so that no gradient passes (sign)."""
        points = [k / 16 for k in range(-64, 65)] + list(_PROBES)
        return all(self.derivative(a, self.value(a)) == 0 for a in points)


def _probe(name: str, part: str, function: Callable[..., float], *arguments: float) -> float:
    shown = ", ".join(repr(argument) for argument in arguments)
    try:
        result = float(function(*arguments))
    except Exception as error:
        raise ValueError(
            f"activation {name!r}: {part}({shown}) raised {type(error).__name__}: {error}; it must "
            "return a number for every finite argument (write it by cases where exp would overflow)"
        ) from error
    if not math.isfinite(result):
        raise ValueError(
            f"activation {name!r}: {part}({shown}) is {result}, expected a finite number"
        )
    return result


def _identity(a: float) -> float:
    return a


def _identity_derivative(a: float, v: float) -> float:
    return 1


def _sigmoid(a: float) -> float:
    # By sign, so that exp never overflows: exp(-a) raises OverflowError at a = -1000. One exp for
    # both signs leaves compiled code no branch to mispredict.
    e = math.exp(-abs(a))
    return (1 if a >= 0 else e) / (1 + e)


def _sigmoid_derivative(a: float, v: float) -> float:
    return v * (1 - v)


def _tanh(a: float) -> float:
    return math.tanh(a)


def _tanh_derivative(a: float, v: float) -> float:
    return 1 - v * v


def _relu(a: float) -> float:
    # Asked this way round, so that NaN stays NaN and is seen.
    return 0 if a <= 0 else a


def _relu_derivative(a: float, v: float) -> float:
    return 1 if a > 0 else 0


def _leaky_relu(a: float) -> float:
    return a if a > 0 else a / 100


def _leaky_relu_derivative(a: float, v: float) -> float:
    return 1 if a > 0 else 1 / 100


def _elu(a: float) -> float:
    return a if a > 0 else math.expm1(a)


def _elu_derivative(a: float, v: float) -> float:
    return 1 if a > 0 else math.exp(a)


def _softplus(a: float) -> float:
    if a > 0:
        return a + math.log1p(math.exp(-a))
    return math.log1p(math.exp(a))


def _softplus_derivative(a: float, v: float) -> float:
    return _sigmoid(a)


def _gelu(a: float) -> float:
    # a Phi(a) with Phi(a) = erfc(-a / sqrt(2)) / 2: for a < 0, 1 + erf(a / sqrt(2)) would cancel.
    # Far out the rounding of erfc's argument leaves the value some a^2 ulps off.
    return a / 2 * math.erfc(-a * 0.7071067811865476)


def _gelu_derivative(a: float, v: float) -> float:
    # Phi(a) + a phi(a), where Phi(a) = v / a and phi(a) = exp(-a^2 / 2) / sqrt(2 pi).
    p = v / a if abs(a) > 1e-20 else 1 / 2
    x = abs(a) if abs(a) < 40 else 40  # phi(40) is 0, and a^2 may overflow
    return p + a * (math.exp(-x * x / 2) * 0.3989422804014327)


def _silu(a: float) -> float:
    # Below -708 exp(a) is subnormal, and its rounding would be multiplied by a.
    return 0 if a < -708 else a * _sigmoid(a)


def _silu_derivative(a: float, v: float) -> float:
    # sigma(a) (1 + a (1 - sigma(a))), where sigma(a) = v / a.
    s = v / a if abs(a) > 1e-20 else 1 / 2
    return s * (1 + (a - v))


def _sign(a: float) -> float:
    if a > 0:
        return 1
    return -1 if a < 0 else a


def _sign_derivative(a: float, v: float) -> float:
    return 0


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            Activation("identity", _identity, _identity_derivative),
            Activation("sigmoid", _sigmoid, _sigmoid_derivative),
            Activation("tanh", _tanh, _tanh_derivative),
            Activation("relu", _relu, _relu_derivative),
            Activation("leaky_relu", _leaky_relu, _leaky_relu_derivative),
            Activation("elu", _elu, _elu_derivative),
            Activation("softplus", _softplus, _softplus_derivative),
            Activation("gelu", _gelu, _gelu_derivative),
            Activation("silu", _silu, _silu_derivative),
            Activation("sign", _sign, _sign_derivative),
        )
    }
)
"""The built-in activations by name.

At a kink the derivative is the one from the left: 0 for relu and 1/100 for leaky_relu at a = 0.
sign(0) = 0, as in NumPy. leaky_relu has slope 1/100 and elu has alpha = 1 below 0. gelu is a Phi(a)
with the normal distribution function Phi itself, no approximation by tanh; silu is a sigmoid(a),
also known as swish. Both fall before they rise, with no kink: gelu to -0.17 at a = -0.75, silu to
-0.28 at a = -1.28. References: sigmoid and tanh, lecture and Bishop (2006), section 5.1; relu, Nair
and Hinton (2010); leaky_relu, Maas et al. (2013); elu, Clevert et al. (2016); softplus, Dugas et
al. (2001); gelu, Hendrycks and Gimpel (2016); silu, Elfwing et al. (2018); sign, Shalev-Shwartz and
Ben-David (2014), section 20.1.
"""


def resolve_activation(
    activation: str | Activation, known: Mapping[str, Activation] = ACTIVATIONS
) -> Activation:
    """Return the activation that a name or an `Activation` stands for.

    Raises:
        ValueError: If the name is unknown, or an own activation takes a built-in's name.

    Example:
        >>> resolve_activation("tanh")
        Activation('tanh')
    """
    if isinstance(activation, Activation):
        if ACTIVATIONS.get(activation.name, activation) != activation:
            raise ValueError(
                f"activation name {activation.name!r} is a built-in's: give your own another name, "
                "so that files and messages stay unambiguous"
            )
        return activation
    if activation == "softmax":
        raise ValueError(
            "softmax is no activation of single neurons: give the output layer 'identity' and "
            "train with loss='softmax_cross_entropy'"
        )
    if not isinstance(activation, str) or activation not in known:
        raise unknown_name(
            "activation", activation, known, "gn.Activation(name, value, derivative)"
        )
    return known[activation]
