"""Mini-batches: the engine that "auto" takes, and the other, beside PyTorch and jitted JAX."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from machine import cores
from peer import jax_peer, torch_peer
from peer.protocol import Action, Array, BatchPeer, Unsupported, matrices_of

import graphnn as gn
from graphnn.engines import matrix
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.learning.engines import choose
from graphnn.program.program import Program
from sections.row import Race, Row, Runner, absent, name_of
from sections.steps import require_same

SECTION = "batches"
NETS = (((64, 32, 10), 400), ((784, 256, 10), 50))
"""Widths, and how many steps one measurement has."""

SIZES = (32, 64, 256)
ACTIVATION = "sigmoid"
ETA = 0.05
CHECKED = 4
LIMIT = 1.0
FLOAT32 = 1e-4
"""How far apart weights may be in float32."""

PEERS: tuple[BatchPeer, ...] = (*torch_peer.PEERS, *jax_peer.PEERS)


def auto_engine(program: Program, batch_size: int) -> str:
    """Return the engine that `engine="auto"` takes for a long run."""
    return choose("auto", program, batch_size, 10**9).name


@dataclass(frozen=True)
class Case:
    """A net, a batch size and a precision."""

    widths: tuple[int, ...]
    steps: int
    size: int
    dtype: str

    @property
    def name(self) -> str:
        """What tables call it."""
        count = len(cores())
        place = "1 core" if count == 1 else f"{count} cores"
        return f"{name_of(self.widths)}, batch {self.size}, {self.dtype}, {place}"

    @cached_property
    def program(self) -> Program:
        """The net with its first weights."""
        net = gn.Network.dense(self.widths, ACTIVATION, gn.Glorot(), seed=0)
        return gn.compile(net, self.dtype)

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """X and y."""
        rng, samples = np.random.default_rng(0), 4 * self.size
        X = rng.uniform(-1, 1, size=(samples, self.widths[0]))
        return X.astype(self.dtype), rng.uniform(size=(samples, self.widths[-1])).astype(self.dtype)

    def batches(self, steps: int) -> Batches:
        """Return the samples of so many steps."""
        rng = np.random.default_rng(1)
        rows = rng.integers(0, 4 * self.size, size=steps * self.size)
        return Batches.of_size(rows, self.size, ETA)

    def engines(self, steps: int) -> dict[str, Runner]:
        """Return our engines; their rows are made anew for each measurement, as the peers' are."""
        loss, rules, state = resolve_loss("squared"), Rules(gn.SGD()), State(self.program)
        trainer = Trainer(self.program, *self.data, loss, rules, batch=self.size)
        given = (state, *self.data)
        return {
            "native": Runner(lambda: partial(trainer.run, state, self.batches(steps)), steps),
            "matrix": Runner(
                lambda: partial(matrix.run, *given, self.batches(steps), loss, rules), steps
            ),
        }

    def others(self, peer: BatchPeer, steps: int) -> Action:
        """Return a peer's act of so many steps."""
        return peer.mini_batch(
            self.widths,
            ACTIVATION,
            matrices_of(self.program.theta, self.widths),
            *self.data,
            list(self.batches(steps)),
            ETA,
            self.dtype,
            len(cores()),
        )


def rows(rounds: int) -> Iterator[Row]:
    """Yield the lines of all nets, batch sizes and precisions."""
    for widths, steps in NETS:
        for size in SIZES:
            for dtype in ("float64", "float32"):
                count = max(CHECKED, steps * 32 // size)
                yield from one(Case(widths, count, size, dtype), rounds)


def one(case: Case, rounds: int) -> Iterator[Row]:
    """Yield the lines of one case."""
    check(case)
    runners = case.engines(case.steps)
    for peer in PEERS:
        why = refusal(case, peer)
        if why is None:
            runners[peer.name] = Runner(partial(case.others, peer, case.steps), case.steps)
        else:
            yield absent(SECTION, case.name, peer.name, why)
    gc.collect()
    gc.freeze()
    race = Race(runners, rounds, rest=0.02)
    auto = auto_engine(case.program, case.size)
    left = "matrix" if auto == "native" else "native"
    yield race.row(SECTION, case.name, auto, left, note="auto beside the other engine")
    for peer in PEERS:
        if peer.name in race:
            yield race.row(SECTION, case.name, auto, peer.name, LIMIT)


def check(case: Case) -> None:
    """See that both engines find the same weights."""
    native, other = (runner.prepare()() for runner in case.engines(CHECKED).values())
    assert isinstance(native, State)
    assert isinstance(other, State)
    limit = 1e-9 if case.dtype == "float64" else FLOAT32
    require_same(case.name, "matrix", [other.program.theta], [native.program.theta], limit)


def refusal(case: Case, peer: BatchPeer) -> str | None:
    """Return why a peer takes no part, or None after it has found the same weights as we.

    Raises:
        SystemExit: If it found others.
    """
    why = peer.available()
    if why is not None:
        return why
    try:
        found = case.others(peer, CHECKED)()
    except Unsupported as error:
        return str(error)
    trained = case.engines(CHECKED)["matrix"].prepare()()
    assert isinstance(trained, State)
    limit = peer.tolerance(ACTIVATION) if case.dtype == "float64" else FLOAT32
    assert limit is not None
    require_same(
        case.name, peer.name, found, matrices_of(trained.program.theta, case.widths), limit
    )
    return None
