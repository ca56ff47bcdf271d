"""Conversion: fitted networks carried over from scikit-learn's MLPs, and back."""

from __future__ import annotations

import copy
import warnings
from dataclasses import fields
from typing import Any

from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from graphnn.estimators.networks import common_activation, hidden_activation
from graphnn.estimators.readings import Reading
from graphnn.formats.sklearn import (
    THEIR_NAMES,
    fitted_mlp,
    hidden_name,
    network_of,
    require_dense,
)
from graphnn.graph.network import Network
from graphnn.learning.adaptive import Adam
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.optimizers import SGD, Momentum, Nesterov

__all__ = ["carried_over", "copy_notes", "handed_over"]

SHARED = (
    "hidden_layer_sizes", "activation", "alpha", "batch_size", "max_iter", "shuffle",
    "random_state", "tol", "verbose", "warm_start", "early_stopping", "validation_fraction",
    "n_iter_no_change",
)  # fmt: skip
"""The parameters that both have and mean alike."""

NOTES = (
    "loss_curve_", "loss_", "best_loss_", "n_iter_", "validation_scores_",
    "best_validation_score_", "n_features_in_", "feature_names_in_",
)  # fmt: skip
"""What both note of a fit."""


def carried_over(mlp: Any) -> tuple[dict[str, Any], Network]:
    """Return the parameters of an estimator for a fitted MLP's, and the network of its weights.

    Raises:
        NotFittedError: If it is not fitted.
        ValueError: If its outputs have no counterpart.
    """
    check_is_fitted(mlp)
    net = network_of(mlp)
    if len(getattr(mlp, "classes_", (0, 1))) < 2:
        raise ValueError(f"the MLP has one class, {mlp.classes_.tolist()}: expected two or more")
    parameters = {name: getattr(mlp, name) for name in SHARED} | _solver_of(mlp)
    return parameters, net


def handed_over(model: Any, kind: Any, usual: Reading, y: NDArray[Any], classes: Any = None) -> Any:
    """Return an MLP of some kind with the weights of a fitted estimator.

    Args:
        model: The estimator.
        kind: `MLPClassifier` or `MLPRegressor`.
        usual: How the outputs of that are read.
        y: Targets that it is told its outputs by.
        classes: Its classes, for a classifier.

    Raises:
        ValueError: If the network has something that an MLP has not; it says what.
    """
    network: Network = model.network_
    require_dense(network, kind.__name__)
    last = common_activation(network, network.depth).name
    if (last, network.layers[-1]) != (usual.output, usual.width):
        raise ValueError(
            f"the network has {network.layers[-1]} {last} outputs, and an {kind.__name__} for this "
            f"y has {usual.width} of {usual.output}"
        )
    usually = THEIR_NAMES.get(hidden_activation(model.activation).name, "relu")
    hidden = hidden_name(network, kind.__name__) or usually
    mlp = fitted_mlp(kind, network, hidden, y, classes)
    mlp.set_params(**_their_parameters(model, kind))
    copy_notes(model, mlp)
    return mlp


def copy_notes(source: Any, target: Any) -> None:
    """Give one estimator what another one noted of its fit."""
    there = vars(source)
    for name in NOTES:
        if name in there:
            setattr(target, name, copy.copy(there[name]))


# ---- parameters --------------------------------------------------------------------------------


def _solver_of(mlp: Any) -> dict[str, Any]:
    """Return `solver` and `learning_rate_init` for an MLP's; warn of what cannot be carried."""
    eta, lost = mlp.learning_rate_init, []
    found: dict[str, Any] = {"solver": mlp.solver, "learning_rate_init": eta}
    if mlp.solver == "sgd":
        if mlp.learning_rate != "constant":
            lost.append(f"learning_rate={mlp.learning_rate!r}")
        if mlp.momentum == 0:
            found = {"solver": SGD(eta)}
        elif not mlp.nesterovs_momentum or mlp.momentum != 0.9:
            kind = Nesterov if mlp.nesterovs_momentum else Momentum
            found = {"solver": kind(eta, mlp.momentum)}
    elif mlp.solver == "adam":
        adam = Adam(eta, mlp.beta_1, mlp.beta_2, mlp.epsilon)
        if adam != Adam(eta):
            found = {"solver": adam}
    elif mlp.max_fun != 15_000:
        lost.append(f"max_fun={mlp.max_fun}")
    _warn(lost, "a graphnn estimator")
    return found


def _their_parameters(model: Any, kind: Any) -> dict[str, Any]:
    """Return the parameters of an MLP for an estimator's; warn of what cannot be carried."""
    found = {name: getattr(model, name) for name in SHARED[2:]}
    solver, lost = model.solver, []
    if isinstance(solver, str):
        found |= {"solver": solver, "learning_rate_init": model.learning_rate_init}
    elif isinstance(solver, LBFGS):
        found |= {"solver": "lbfgs", "tol": solver.tol}
    elif type(solver) in (SGD, Momentum, Nesterov, Adam) and isinstance(solver.eta, float):
        found |= _numbers_of(solver)
    else:
        lost.append(f"solver={solver}")
    for name in ("regularizer", "class_weight"):
        value = getattr(model, name, None)
        if value is not None:
            lost.append(f"{name}={value!r}")
    _warn(lost, f"an {kind.__name__}")
    return found


def _numbers_of(solver: Any) -> dict[str, Any]:
    names = {"eta": "learning_rate_init", "mu": "momentum"}
    names |= {"beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"}
    found = {names[field.name]: getattr(solver, field.name) for field in fields(solver)}
    if isinstance(solver, Adam):
        return found | {"solver": "adam"}
    found.setdefault("momentum", 0.0)
    return found | {"solver": "sgd", "nesterovs_momentum": isinstance(solver, Nesterov)}


def _warn(lost: list[str], where: str) -> None:
    if lost:
        warnings.warn(
            f"{', '.join(lost)} has no counterpart in {where}: the fitted network is carried over, "
            "and further training would go without",
            UserWarning,
            stacklevel=5,
        )
