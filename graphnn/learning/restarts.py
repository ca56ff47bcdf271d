"""Restarts: independent runs from different first weights, in threads of the process.

The lecture's remedy against local minima. Compiled code runs outside Python's lock, so as many runs
go on at once as there are processors; a run's result depends on its own stream of chance alone.

Source: lecture, "Notes on Backpropagation Algorithm".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import numpy as np

from graphnn.functions.initializers import Initializer
from graphnn.program.program import Program

__all__ = ["drawn", "starts", "together"]

T = TypeVar("T")


def starts(
    program: Program, init: Initializer, rng: np.random.Generator, restarts: int
) -> Iterator[tuple[Program, np.random.Generator]]:
    """Yield the first weights of each run and the generator of its order.

    Run 0 starts from the program's weights with `rng` itself: it is the run that there would be
    without restarts. Run r > 0 draws its weights, then its order, from the generator
    `rng.spawn(restarts - 1)[r - 1]`.
    """
    yield program, rng
    for one in rng.spawn(restarts - 1) if restarts > 1 else ():
        yield drawn(program, init, one), one


def drawn(program: Program, init: Initializer, rng: np.random.Generator) -> Program:
    """Return a program with new weights where it is trained, as `Network.initialize` draws them."""
    fan_in, fan_out = [], []
    for layer in program.layers:
        ins = np.bincount(layer.targets[layer.sources > 0], minlength=layer.columns)
        outs = np.bincount(layer.sources, minlength=layer.rows)
        fan_in.append(np.maximum(ins, 1)[layer.targets])
        fan_out.append(outs[layer.sources])
    firsts = program.firsts[program.trainable]
    fans = (np.concatenate(fan)[firsts] for fan in (fan_in, fan_out))
    theta = program.theta.copy()
    theta[program.trainable] = init.draw(rng, *fans)
    return program.with_theta(theta)


def workers() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def together(acts: Sequence[Callable[[], T]], cancel: Event) -> list[T]:
    """Run acts in threads, as many at once as there are processors, and return their results.

    Ctrl-C sets `cancel`, which the acts are to look at, and waits for them.
    """
    if len(acts) == 1:
        return [acts[0]()]
    with ThreadPoolExecutor(max_workers=workers()) as pool:
        futures: list[Future[T]] = []
        try:
            futures += [pool.submit(act) for act in acts]
            wait(futures, return_when=FIRST_EXCEPTION)
            if any(one.done() and one.exception() is not None for one in futures):
                cancel.set()
            wait(futures)
        except KeyboardInterrupt:
            cancel.set()
            wait(futures)
        finally:
            cancel.set()  # whatever happens, no run goes on that is not waited for
    return [future.result() for future in futures]
