"""Steps on single samples: the native engine beside C, FANN, JAX, Connex and others."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from peer import c, connex_peer, fann, jax_peer, sklearn_peer, torch_peer
from peer.protocol import Action, Array, Peer, Rows, Unsupported, matrices_of

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native.engine import Trainer
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.program.program import Program
from sections.row import Race, Row, Runner, absent, name_of

SECTION = "steps"
ETA = 0.05
SAMPLES = 200
CHECKED = 200
"""Steps after which all must have the same weights."""

EXACT, FAST = "native", "native, fastmath"
FAST_TOLERANCE = 1e-9

PEERS: tuple[Peer, ...] = (
    *c.PEERS,
    *fann.PEERS,
    *jax_peer.PEERS,
    *connex_peer.PEERS,
    *sklearn_peer.PEERS,
    *torch_peer.PEERS,
)

SLOW = ("Connex", "PyTorch eager", "scikit-learn")
"""They take fewer steps a measurement."""


@dataclass(frozen=True)
class Net:
    """Widths, and what is wanted of them.

    Attributes:
        widths: d^(0), ..., d^(T).
        steps: How many steps one measurement has.
        slow: How many for those that take long.
        limits: For each peer the largest wanted ratio of the native engine's time by its.
    """

    widths: tuple[int, ...]
    steps: int
    slow: int
    limits: dict[str, float]


def limits(exact: float, jax: float) -> dict[str, float]:
    """Return the limits of a net; the others are the same for all."""
    return {"C exact": exact, "C fast": 1.3, "FANN": 1 / 2, "JAX": 1 / jax}


NETS = (
    Net((2, 4, 1), 100_000, 1000, limits(1.1, 4)),
    Net((4, 8, 3), 60_000, 1000, limits(1.1, 4)),
    Net((64, 32, 10), 8_000, 500, limits(1.0, 2.5)),
    Net((784, 128, 10), 400, 200, limits(1.0, 4)),
)


@dataclass(frozen=True)
class Case:
    """A net with one activation and its data."""

    net: Net
    activation: str

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{name_of(self.net.widths)}, {self.activation}"

    @cached_property
    def program(self) -> Program:
        """The net with its first weights."""
        return gn.compile(gn.Network.dense(self.net.widths, self.activation, gn.Glorot(), seed=0))

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """X and y."""
        rng = np.random.default_rng(0)
        X = rng.uniform(-1, 1, size=(SAMPLES, self.net.widths[0]))
        return X, rng.uniform(size=(SAMPLES, self.net.widths[-1]))

    def rows(self, steps: int) -> Rows:
        """Return for each step the number of its sample."""
        return np.random.default_rng(1).integers(0, SAMPLES, size=steps)

    def trainer(self, *, fastmath: bool) -> Trainer:
        """Return the native engine, compiled for it."""
        loss, rules = resolve_loss("squared"), Rules(gn.SGD())
        return Trainer(self.program, *self.data, loss, rules, fastmath=fastmath)

    def native(self, trainer: Trainer, steps: int) -> Callable[[], State]:
        """Return the act of so many steps of the native engine."""
        batches = Batches.of_size(self.rows(steps), 1, ETA)
        return partial(trainer.run, State(self.program), batches)

    def others(self, peer: Peer, steps: int) -> Action:
        """Return a peer's act of so many steps."""
        widths, activation = self.net.widths, self.activation
        theta = self.program.theta
        return peer.per_sample(widths, activation, theta, *self.data, self.rows(steps), ETA)


def rows(rounds: int) -> Iterator[Row]:
    """Yield the lines of all nets and activations."""
    for net in NETS:
        for activation in ("sigmoid", "tanh", "relu"):
            yield from one(Case(net, activation), rounds)


def one(case: Case, rounds: int) -> Iterator[Row]:
    """Yield the lines of one net with one activation."""
    trainers = {name: case.trainer(fastmath=name == FAST) for name in (EXACT, FAST)}
    trained = matrices_of(case.native(trainers[EXACT], CHECKED)().program.theta, case.net.widths)
    fast = matrices_of(case.native(trainers[FAST], CHECKED)().program.theta, case.net.widths)
    require_same(case.name, FAST, fast, trained, FAST_TOLERANCE)
    runners = {name: native_runner(case, trainer) for name, trainer in trainers.items()}
    for peer in PEERS:
        why = refusal(case, peer, trained)
        if why is None:
            runners[peer.name] = peer_runner(case, peer)
        else:
            yield absent(SECTION, case.name, peer.name, why)
    gc.collect()
    gc.freeze()  # else each measurement would begin with a walk through all that was imported
    race = Race(runners, rounds)
    yield race.row(SECTION, case.name, FAST, EXACT)
    for name in runners:
        if name not in trainers:
            ours = FAST if name.startswith("C fast") else EXACT
            yield race.row(SECTION, case.name, ours, name, case.net.limits.get(name))


def refusal(case: Case, peer: Peer, trained: list[Array]) -> str | None:
    """Return why a peer takes no part, or None after it has found the same weights as we.

    Raises:
        SystemExit: If it found others.
    """
    why = peer.available()
    if why is not None:
        return why
    try:
        action = case.others(peer, CHECKED)
    except Unsupported as error:
        return str(error)
    tolerance = peer.tolerance(case.activation)
    if tolerance is None:
        try:
            case.others(peer, case.net.slow)()
        except ValueError as error:
            return str(error).split(".")[0]
    else:
        require_same(case.name, peer.name, action(), trained, tolerance)
    return None


def require_same(
    case: str, name: str, found: list[Array], wanted: list[Array], tolerance: float
) -> None:
    """Compare weights.

    Raises:
        SystemExit: If they are too far apart, or not finite.
    """
    pairs = zip(found, wanted, strict=True)
    apart = max(float(np.abs(one - other).max()) for one, other in pairs)
    if not apart <= tolerance:
        raise SystemExit(f"{case}: {name} has other weights than we, by {apart:.3g}")


def native_runner(case: Case, trainer: Trainer) -> Runner:
    """Return the native engine as one of the runners; its rows are made anew, as the peers' are."""
    return Runner(lambda: case.native(trainer, case.net.steps), case.net.steps)


def peer_runner(case: Case, peer: Peer) -> Runner:
    """Return a peer as one of the runners."""
    steps = case.net.slow if peer.name in SLOW else case.net.steps
    return Runner(lambda: case.others(peer, steps), steps)
