"""`run`: one training run of an estimator, by `graphnn.train`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from graphnn.errors import TrainingError
from graphnn.estimators.past import Past
from graphnn.estimators.readings import Reading
from graphnn.estimators.samples import Samples, hold_out
from graphnn.estimators.settings import Settings
from graphnn.graph.network import Network
from graphnn.learning.loop import train
from graphnn.learning.result import TrainingResult
from graphnn.learning.validation import Validation
from graphnn.program.lower import compile, store
from graphnn.program.program import Program
from graphnn.types import FloatArray

__all__ = ["run"]


def run(
    network: Network,
    reading: Reading,
    samples: Samples,
    settings: Settings,
    past: Past,
    split: np.random.Generator,
    epochs: int | None = None,
) -> TrainingResult:
    """Train a network; if that fails it has the weights of before.

    A batch that takes all samples is given them merged: in an order of their own, equal ones once
    with their weights added. Such an update is the same whatever the order of the rows, and a
    sample of weight 2 the same as that sample twice, to the last bit.

    Args:
        network: The network.
        reading: How its outputs are read.
        samples: The samples, of weights above 0, and their numbers as the reading takes them.
        settings: How it is trained.
        past: What the run goes on with.
        split: What held-out samples are drawn from.
        epochs: How many epochs to run, whatever comes; None for `max_iter` at most.

    Raises:
        ValueError: If there are too few samples, or options do not go together.
        TrainingError: If the run diverges.
    """
    validation = None
    if settings.fraction is not None:
        rows, others = hold_out(samples, reading.strata(samples.y), settings.fraction, split)
        validation = _validation(reading, samples.of(others).merged())
        samples = samples.of(rows)
    batch = settings.batch(len(samples))
    penalties, order = settings.penalties(samples, batch), settings.order
    if batch == len(samples) and not settings.drops:
        samples, order = samples.merged(), "given"
        batch = len(samples)
    with restored_on_error(network):
        return train(
            network,
            samples.X,
            reading.targets(samples.y),
            loss=reading.loss,
            optimizer=past.later,
            regularizer=penalties,
            batch_size=batch,
            epochs=settings.epochs if epochs is None else epochs,
            stop=settings.stops if epochs is None else (),
            order=order,
            seed=past.rng,
            engine=settings.engine,
            progress=settings.progress,
            sample_weight=samples.weights,
            validation=validation,
            memory=past.memory,
        )


def _validation(reading: Reading, held: Samples) -> Validation:
    """Return held-out samples, judged by accuracy or R^2."""

    def score(outputs: FloatArray, targets: Any) -> float:
        return reading.score(held.y, outputs, held.weights)

    return Validation(held.X, reading.targets(held.y), score)


@contextmanager
def restored_on_error(network: Network) -> Iterator[None]:
    """Give a network its weights back if its training diverges."""
    before: Program = compile(network)
    try:
        yield
    except TrainingError:
        store(replace(before, version=network.version), network)
        raise
