"""What callbacks, history, the progress bar and checkpoints cost, beside the native engine alone.

"alone" is the engine itself: as many epochs, with the training error after each, in calls of about
a twentieth of a second. The others are `train` on the same network and data: "plain" with the
history that it always keeps, "watched" with a callback after each epoch, a stopping rule and a
progress bar that is shown, "written" with a checkpoint every second as well.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from timing import always, measure, medians, ratio, verdict

import graphnn as gn
from graphnn.engines.batches import Epochs
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.tables import text_table

ROUNDS = {1.0: 5, 10.0: 2}
"""So many rounds for a run of so many seconds."""

LIMITS = {1.0: 1.10, 10.0: 1.05}
"""For a run of so many seconds the most that "watched" may take of "alone"."""

CHECKPOINT = 1.02
"""The most that "written" may take of "watched"."""

LOSS = "softmax_cross_entropy"


@dataclass(frozen=True)
class Task:
    """A data set, a network and the optimiser."""

    name: str
    layers: tuple[int, ...]
    batch_size: int
    optimizer: gn.Optimizer

    def data(self) -> tuple[Any, Any]:
        """Return standardised inputs and class numbers."""
        from sklearn import datasets

        load = {"iris": datasets.load_iris, "digits": datasets.load_digits}[self.name]
        X, y = load(return_X_y=True)
        return gn.Standardizer.fit(X).transform(X), y

    def network(self) -> gn.Network:
        """Return the network with its first weights."""
        activations = ["tanh"] * (len(self.layers) - 2) + ["identity"]
        return gn.Network.dense(self.layers, activations, seed=0)


TASKS = (
    Task("digits", (64, 32, 10), 1, gn.SGD(1e-4)),
    Task("digits", (64, 100, 10), 32, gn.Adam(1e-4)),
    Task("iris", (4, 8, 3), 1, gn.SGD(1e-4)),
)


def alone(task: Task, epochs: int) -> Callable[[], object]:
    """Return the engine's own run."""
    X, y = task.data()
    program, targets = gn.compile(task.network()), np.eye(task.layers[-1])[y]
    rules = Rules.of(task.optimizer, None)
    trainer = Trainer(program, X, targets, gn.LOSSES[LOSS], rules, batch=task.batch_size)
    rng, eta = np.random.default_rng(0), task.optimizer.first_eta
    most = max(1, int(2**17 / len(program.theta)))

    def run() -> State:
        state, left = State.first(program, task.optimizer), epochs
        while left:
            count = min(left, most, 50)
            rows = np.array([rng.permutation(len(X)) for _ in range(count)])
            state, _, _ = trainer.epochs(state, Epochs.of_size(rows, task.batch_size, eta))
            left -= count
        return state

    return run


def trained(task: Task, epochs: int, **options: Any) -> Callable[[], object]:
    """Return a run of `train`; the network and the data are there."""
    X, y = task.data()
    net = task.network()

    def run() -> object:
        with contextlib.redirect_stderr(io.StringIO()):
            return gn.train(
                net, X, y, LOSS, task.optimizer, batch_size=task.batch_size, epochs=epochs,
                engine="native", **options,
            )  # fmt: skip

    return run


def rows(task: Task, seconds: float) -> list[list[str]]:
    """Return the table's rows of a task for a run of about so many seconds."""
    per_epoch = medians(measure({"alone": always(alone(task, 50))}, 3))["alone"] / 50
    epochs = max(2, round(seconds / per_epoch))
    seen: list[float] = []
    watching: dict[str, Any] = {
        "callbacks": lambda moment: seen.append(moment.loss),
        "stop": gn.SmallError(0.0) | gn.SmallImprovement(0.0, epochs=10**6),
        "progress": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        names = iter(range(10**6))

        def written() -> Callable[[], object]:
            path = Path(folder) / f"{next(names)}.ckpt"
            return trained(task, epochs, checkpoint=path, every=1.0, **watching)

        found = measure(
            {
                "alone": always(alone(task, epochs)),
                "plain": partial(trained, task, epochs, progress=False),
                "watched": partial(trained, task, epochs, **watching),
                "written": written,
            },
            ROUNDS[seconds],
        )
    label = f"{task.name} {'-'.join(map(str, task.layers))}, batch {task.batch_size}"
    middle = medians(found)
    head = [label, f"{epochs:,}", f"{middle['alone']:.2f} s"]
    plain, watched = (ratio(found, name, "alone") for name in ("plain", "watched"))
    checkpoint = ratio(found, "written", "watched")
    limit = LIMITS[seconds]
    return [
        [
            *head, f"{plain:.3f}", f"{watched:.3f}", f"{limit}", verdict(watched, limit),
            f"{checkpoint:.3f}", f"{CHECKPOINT}", verdict(checkpoint, CHECKPOINT),
        ]
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    lengths = [float(one) for one in sys.argv[1:]] or list(LIMITS)
    header = ["run", "epochs", "alone", "plain / alone", "watched / alone", "limit", ""]
    header += ["written / watched", "limit", ""]
    print(text_table(header, [row for s in lengths for task in TASKS for row in rows(task, s)]))


if __name__ == "__main__":
    main()
