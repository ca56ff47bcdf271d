"""`GraphClassifier` beside scikit-learn's `MLPClassifier` at the same settings: accuracy and time.

Accuracy is the mean over five seeds of five-fold cross-validation; inputs are standardised by the
training part of each fold. Time is that to the same training error: the larger of the two that the
libraries end with, which each has reached at some epoch; for scikit-learn, whose curve is the mean
over an epoch's batches, at the epoch whose weights have it.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from timing import verdict

import graphnn as gn
from graphnn.tables import text_table

SEEDS, FOLDS = range(5), 5
ACCURACY = 0.01
"""The mean accuracy may be at most that much below scikit-learn's."""

TIMES = {"iris": 0.2, "digits": 0.5}
"""The share of scikit-learn's time that the same training error may take."""

ROUNDS = 5

WAYS: dict[str, dict[str, Any]] = {
    "100 relu, adam, batch auto": {},
    "10 tanh, sgd, batch 16": {
        "hidden_layer_sizes": (10,),
        "activation": "tanh",
        "solver": "sgd",
        "learning_rate_init": 0.01,
        "batch_size": 16,
    },
}
"""Settings whose time is taken: scikit-learn's defaults, and a small network in small batches."""

SETTINGS: dict[str, dict[str, Any]] = {
    "adam, 100 relu": {},
    "sgd, 50 tanh": {
        "hidden_layer_sizes": (50,),
        "activation": "tanh",
        "solver": "sgd",
        "learning_rate_init": 0.02,
    },
    "lbfgs, 20 tanh": {"hidden_layer_sizes": (20,), "activation": "tanh", "solver": "lbfgs"},
}


def data(name: str) -> tuple[Any, Any]:
    """Return raw inputs and class numbers."""
    from sklearn import datasets

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return X, y


def models(options: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return both libraries' classifiers."""
    from sklearn.neural_network import MLPClassifier

    options = options | {"random_state": seed}
    return {"graphnn": gn.GraphClassifier(**options), "scikit-learn": MLPClassifier(**options)}


def accuracies(name: str, options: dict[str, Any]) -> dict[str, list[float]]:
    """Return each library's accuracy for every seed and fold."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = data(name)
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for library, model in models(options, seed).items():
            scores = cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=folds)
            found.setdefault(library, []).extend(scores.tolist())
    return found


def accuracy_row(name: str, label: str) -> list[str]:
    """Return the row of a data set and settings."""
    found = accuracies(name, SETTINGS[label])
    ours, theirs = (float(np.mean(found[one])) for one in ("graphnn", "scikit-learn"))
    difference = np.subtract(found["graphnn"], found["scikit-learn"])
    spread = difference.std(ddof=1) / np.sqrt(len(difference))
    numbers = [f"{ours:.4f}", f"{theirs:.4f}", f"{ours - theirs:+.4f} +- {spread:.4f}"]
    return [name, label, *numbers, f"-{ACCURACY}", verdict(theirs - ours, ACCURACY)]


def curve(name: str, options: dict[str, Any]) -> Callable[[str, int], list[float]]:
    """Return what gives the training error after each epoch, of either library."""
    from sklearn.metrics import log_loss
    from sklearn.preprocessing import StandardScaler

    X, y = data(name)
    X = StandardScaler().fit_transform(X)

    def losses(library: str, epochs: int) -> list[float]:
        model = models(options, 0)[library]
        if library == "graphnn":
            return list(model.set_params(max_iter=epochs).fit(X, y).result_.losses[1:])
        found = []
        for _ in range(epochs):
            model.partial_fit(X, y, classes=np.unique(y))
            found.append(log_loss(y, model.predict_proba(X)))
        return found

    return losses


def time_row(name: str, way: str, engine: str) -> list[str]:
    """Return the row of the time to the same training error."""
    from sklearn.preprocessing import StandardScaler

    options = WAYS[way] | {"max_iter": 200, "tol": 0.0, "n_iter_no_change": 10**6}
    losses = curve(name, options)
    curves = {library: losses(library, 200) for library in ("graphnn", "scikit-learn")}
    target = max(min(one) for one in curves.values())
    needed = {
        library: 1 + next(k for k, loss in enumerate(one) if loss <= target)
        for library, one in curves.items()
    }
    X, y = data(name)
    X = StandardScaler().fit_transform(X)

    def fit(library: str) -> float:
        model = models(options | {"max_iter": needed[library]}, 0)[library]
        if library == "graphnn":
            model.set_params(engine=engine)
        start = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - start

    fit("graphnn")  # compiled once, and kept on the disk
    pairs = [(fit("graphnn"), fit("scikit-learn")) for _ in range(ROUNDS)]
    ratio = median(one / other for one, other in pairs)
    seconds = [f"{median(some):.3f} s" for some in zip(*pairs, strict=True)]
    epochs = f"{needed['graphnn']} / {needed['scikit-learn']}"
    limit = TIMES[name]
    return [
        name, way, engine, f"{target:.4g}", epochs, *seconds, f"{ratio:.2f}", f"{limit}",
        verdict(ratio, limit),
    ]  # fmt: skip


def main() -> None:
    """Print the tables that are asked for: accuracy, time, or both."""
    warnings.simplefilter("ignore")  # both warn of not having converged
    asked = sys.argv[1:] or ["accuracy", "time"]
    if "accuracy" in asked:
        header = ["mean of 5 x 5", "settings", "graphnn", "scikit-learn", "difference", "limit", ""]
        names = ("iris", "wine", "breast_cancer", "digits")
        print(
            text_table(header, [accuracy_row(name, label) for name in names for label in SETTINGS])
        )
    if "time" in asked:
        header = ["", "settings", "engine", "error", "epochs", "graphnn", "scikit-learn"]
        header += ["ratio", "limit", ""]
        engines = ("auto", "native", "matrix")
        each = [(name, way, one) for name in TIMES for way in WAYS for one in engines]
        print(text_table(header, [time_row(*one) for one in each]))


if __name__ == "__main__":
    main()
