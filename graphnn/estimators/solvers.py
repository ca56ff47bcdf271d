"""Solvers: the optimisers that scikit-learn's names stand for, and going on with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from graphnn.functions.choice import unknown_name
from graphnn.learning.adaptive import Adam
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.optimizers import Nesterov, Optimizer
from graphnn.learning.schedules import Plateau, Schedule, Unit, is_schedule, unit_of

__all__ = [
    "SOLVERS",
    "Method",
    "later",
    "remember_alike",
    "require_resumable",
    "resolve_solver",
]

Method: TypeAlias = Optimizer | LBFGS

SOLVERS: Mapping[str, Callable[[float, float], Method]] = MappingProxyType(
    {
        "adam": lambda eta, tol: Adam(eta),
        "lbfgs": lambda eta, tol: LBFGS(tol=tol),
        "sgd": lambda eta, tol: Nesterov(eta, mu=0.9),
    }
)
"""What each of scikit-learn's names stands for, given a learning rate and `tol`."""

DEFAULT_RATE = 0.001


def resolve_solver(solver: Any, learning_rate_init: float, tol: float) -> Method:
    """Return the optimiser that a name or an optimiser of graphnn stands for.

    Raises:
        ValueError: If it is neither, or an optimiser comes with a learning rate besides its own.
    """
    if isinstance(solver, str) and solver in SOLVERS:
        return SOLVERS[solver](learning_rate_init, tol)
    if isinstance(solver, str | type) or not _is_method(solver):
        raise unknown_name("solver", solver, SOLVERS, "an optimizer such as gn.Nesterov(0.01)")
    if learning_rate_init != DEFAULT_RATE:
        raise ValueError(
            f"solver={solver} has a learning rate of its own, and learning_rate_init is "
            f"{learning_rate_init!r}: give the optimizer that rate and leave learning_rate_init"
        )
    method: Method = solver
    return method


def _is_method(found: Any) -> bool:
    return isinstance(found, LBFGS) or callable(getattr(found, "update", None))


def remember_alike(one: Method, other: Method) -> bool:
    """Whether an optimiser can go on with what another one remembers: only eta may differ."""
    if type(one) is not type(other):
        return False
    pair: list[Any] = [one, other]
    first, second = (replace(it, eta=1.0) if hasattr(it, "eta") else it for it in pair)
    return bool(first == second)


@dataclass(frozen=True)
class Later:
    """A schedule from some time on.

    Attributes:
        then: The schedule.
        by: Its time at t = 0.
    """

    then: Schedule
    by: int

    @property
    def per(self) -> Unit:
        """What time is counted in."""
        return unit_of(self.then)

    def rate(self, t: int) -> float:
        """Return eta at time t."""
        return self.then.rate(t + self.by)


def require_resumable(method: Method) -> None:
    """Raise if an optimiser's learning rate watches the epochs of one run.

    Raises:
        ValueError: It names the schedule.
    """
    eta = getattr(method, "eta", None)
    if isinstance(eta, Plateau):
        raise ValueError(  # noqa: TRY004 - a schedule, but one that does not fit here
            f"{eta} watches the epochs of one run, and partial_fit's runs have one epoch: use fit, "
            "or another learning rate"
        )


def later(method: Method, epochs: int, updates: int) -> Method:
    """Return an optimiser whose schedule goes on after some epochs and updates."""
    going: Any = method
    eta = getattr(going, "eta", None)
    if epochs == 0 or eta is None or not is_schedule(eta):
        return method
    by = updates if unit_of(eta) == "iteration" else epochs
    moved: Method = replace(going, eta=Later(eta, by))
    return moved
