"""Steps on single samples where most edges are missing, beside SciPy and a mask in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from peer import scipy_peer, torch_peer
from peer.protocol import Action, SparsePeer
from programs import random_program

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from sections.row import Race, Row, Runner, absent, name_of
from sections.steps import require_same

SECTION = "sparse"
WIDTHS = (4000, 2000, 50)
DENSITIES = (0.01, 0.1)
ACTIVATION = "sigmoid"
ETA = 0.05
SAMPLES = 20
CHECKED = 3
EDGES = 4_000_000
"""How many edges one measurement passes through."""

PEERS: tuple[tuple[SparsePeer, float], ...] = (
    *((peer, 1 / 1.8) for peer in scipy_peer.SPARSE),
    *((peer, 1 / 50) for peer in torch_peer.SPARSE),
)
"""Each with the largest wanted ratio of our time by its."""


def rows(rounds: int) -> Iterator[Row]:
    """Yield the lines of all densities."""
    for density in DENSITIES:
        yield from one(density, rounds)


def one(density: float, rounds: int) -> Iterator[Row]:
    """Yield the lines of one density."""
    case = f"{name_of(WIDTHS)}, {density:.0%} of the edges"
    program = random_program(WIDTHS, density, ACTIVATION)
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(SAMPLES, WIDTHS[0]))
    y = rng.uniform(size=(SAMPLES, WIDTHS[-1]))
    order = np.arange(max(CHECKED, EDGES // len(program.theta))) % SAMPLES
    trainer = Trainer(program, X, y, resolve_loss("squared"), Rules(gn.SGD()))

    def ours(steps: int) -> Runner:
        batches = Batches.of_size(order[:steps], 1, ETA)
        return Runner(lambda: partial(trainer.run, State(program), batches), len(batches))

    def theirs(peer: SparsePeer, steps: int) -> Action:
        return peer.sparse(program.sparse(), ACTIVATION, X, y, order[:steps], ETA)

    trained: State = ours(CHECKED).prepare()()  # type: ignore[assignment]
    weights = [trained.program.theta[layer.parameters] for layer in program.layers]
    runners = {"native": ours(len(order))}
    for peer, _ in PEERS:
        why = peer.available()
        if why is not None:
            yield absent(SECTION, case, peer.name, why)
            continue
        tolerance = peer.tolerance(ACTIVATION)
        assert tolerance is not None
        require_same(case, peer.name, theirs(peer, CHECKED)(), weights, tolerance)
        steps = 2 if "masked" in peer.name else len(order)
        runners[peer.name] = Runner(partial(theirs, peer, steps), steps)
    race = Race(runners, rounds)
    for peer, limit in PEERS:
        if peer.name in race:
            yield race.row(SECTION, case, "native", peer.name, limit)
