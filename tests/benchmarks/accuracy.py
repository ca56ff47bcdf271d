"""Held-out accuracy over identical random splits, beside scikit-learn's network of the same size.

Both start from Glorot's uniform weights (scikit-learn's own choice for tanh) and run the same plain
gradient descent for the same number of epochs; none of the seeds 0..29 is picked.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from timing import verdict

import graphnn as gn
from graphnn.tables import text_table

SPLITS = 30
ETA = 0.1
LIMIT = 0.01
"""graphnn's mean accuracy may be at most that much below scikit-learn's."""


@dataclass(frozen=True)
class Task:
    """A data set and how it is learnt."""

    name: str
    layers: tuple[int, int, int]
    epochs: int
    batch_size: int


TASKS = (Task("iris", (4, 6, 3), 300, 16), Task("digits", (64, 32, 10), 100, 32))


def data(task: Task) -> tuple[Any, Any]:
    """Return the raw inputs and the class numbers."""
    from sklearn import datasets

    load = {"iris": datasets.load_iris, "digits": datasets.load_digits}[task.name]
    X, y = load(return_X_y=True)
    return X, y


def split(X: Any, y: Any, seed: int) -> tuple[Any, Any, Any, Any]:
    """Return standardised training and test data, a quarter of the rows being held out."""
    rows = np.random.default_rng(seed).permutation(len(X))
    test, train = rows[: len(X) // 4], rows[len(X) // 4 :]
    standardizer = gn.Standardizer.fit(X[train])
    return standardizer.transform(X[train]), y[train], standardizer.transform(X[test]), y[test]


def graphnn_accuracy(task: Task, seed: int, X: Any, y: Any, X_test: Any, y_test: Any) -> float:
    """Train a network and return its accuracy on held-out data."""
    net = gn.Network.dense(task.layers, ["tanh", "identity"], init=gn.Glorot(), seed=seed)
    result = gn.train(
        net,
        X,
        y,
        loss="softmax_cross_entropy",
        optimizer=gn.SGD(ETA),
        batch_size=task.batch_size,
        epochs=task.epochs,
        seed=seed,
        engine="matrix",
        progress=False,
    )
    return float(np.mean(result.program.predict(X_test).argmax(axis=1) == y_test))


def sklearn_accuracy(task: Task, seed: int, X: Any, y: Any, X_test: Any, y_test: Any) -> float:
    """Train an `MLPClassifier` in the same way and return its accuracy on held-out data."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        task.layers[1:-1],
        activation="tanh",
        solver="sgd",
        alpha=0,
        momentum=0,
        nesterovs_momentum=False,
        learning_rate="constant",
        learning_rate_init=ETA,
        batch_size=task.batch_size,
        max_iter=task.epochs,
        # No early end: both libraries run all epochs.
        tol=0,
        n_iter_no_change=task.epochs,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    return float(np.mean(model.predict(X_test) == y_test))


def row(task: Task) -> list[str]:
    """Return the table's row of one data set."""
    X, y = data(task)
    found, seconds = [], []
    for seed in range(SPLITS):
        parts = split(X, y, seed)
        times = [time.perf_counter()]
        pair = []
        for accuracy in (graphnn_accuracy, sklearn_accuracy):
            pair.append(accuracy(task, seed, *parts))
            times.append(time.perf_counter())
        found.append(pair)
        seconds.append(np.diff(times))
    ours, theirs = np.mean(found, axis=0)
    differences = np.subtract(*np.transpose(found))
    error = differences.std(ddof=1) / np.sqrt(SPLITS)
    quick = [f"{one:.2f} s" for one in np.median(seconds, axis=0)]
    return [
        f"{task.name} {'-'.join(map(str, task.layers))}",
        f"{task.epochs} x {task.batch_size}",
        f"{ours:.4f}",
        f"{theirs:.4f}",
        f"{differences.mean():+.4f} +- {error:.4f}",
        f"-{LIMIT}",
        verdict(theirs - ours, LIMIT),
        *quick,
    ]


def main() -> None:
    """Print the table."""
    try:
        import sklearn  # noqa: F401 - only whether it is there
    except ImportError:
        print("scikit-learn is not installed: skipped")
        return
    header = [f"mean of {SPLITS} splits", "epochs x batch", "graphnn", "scikit-learn"]
    header += ["difference", "limit", "", "graphnn", "scikit-learn"]
    print(text_table(header, [row(task) for task in TASKS]))


if __name__ == "__main__":
    main()
