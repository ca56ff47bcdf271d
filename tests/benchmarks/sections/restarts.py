"""Many runs from different first weights: threads of one process beside processes of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection

import numpy as np
from machine import cores
from timing import always

import graphnn as gn
from graphnn.types import FloatArray
from sections.row import Race, Row, Runner

SECTION = "restarts"
WIDTHS = (4, 8, 3)
RUNS, SAMPLES, EPOCHS = 64, 150, 100
LIMIT = 1 / 0.9


def data() -> tuple[FloatArray, FloatArray]:
    """Return X and y."""
    rng = np.random.default_rng(0)
    return rng.uniform(size=(SAMPLES, WIDTHS[0])), rng.uniform(size=(SAMPLES, WIDTHS[-1]))


def together() -> object:
    """Make all runs by one call."""
    net = gn.Network.dense(WIDTHS, seed=0)
    return gn.train(net, *data(), epochs=EPOCHS, restarts=RUNS, engine="native")


def single(seeds: range) -> None:
    """Make some runs, one after the other."""
    for seed in seeds:
        net = gn.Network.dense(WIDTHS, seed=seed)
        gn.train(net, *data(), epochs=EPOCHS, seed=seed, engine="native")


def serve(pipe: Connection) -> None:
    """Make the runs that are asked for, until there is nobody to ask."""
    single(range(1))
    pipe.send(None)
    while (seeds := pipe.recv()) is not None:
        single(seeds)
        pipe.send(None)


class Processes:
    """As many processes as there are processors, started and warm."""

    def __init__(self, count: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        for _ in range(count):
            ours, theirs = spawn.Pipe()
            spawn.Process(target=serve, args=(theirs,), daemon=True).start()
            self._pipes.append(ours)
        self._wait()

    def run(self) -> None:
        """Make all runs, an equal share in each process."""
        count = len(self._pipes)
        for k, pipe in enumerate(self._pipes):
            pipe.send(range(k, RUNS, count))
        self._wait()

    def close(self) -> None:
        """Let them end."""
        for pipe in self._pipes:
            pipe.send(None)

    def _wait(self) -> None:
        for pipe in self._pipes:
            pipe.recv()


def rows(rounds: int) -> Iterator[Row]:
    """Yield one line."""
    count = len(cores())
    single(range(1))
    processes = Processes(count)
    acts: dict[str, Callable[[], object]] = {
        "threads": together,
        f"{count} processes": processes.run,
        "single runs": partial(single, range(RUNS)),
    }
    runners = {name: Runner(always(act), RUNS) for name, act in acts.items()}
    race = Race(runners, rounds)
    processes.close()
    case = f"{RUNS} runs of {'-'.join(map(str, WIDTHS))}, {count} cores"
    for name, limit in ((f"{count} processes", LIMIT), ("single runs", None)):
        times = (race.micro("threads"), race.micro(name), race.ratio("threads", name))
        yield Row(SECTION, case, "restarts=64", name, "µs a run", *times, limit)
