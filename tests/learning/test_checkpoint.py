"""Checkpoints: a run that was killed goes on to the very bits that it would have had."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.learning import checkpoint as module

X = np.random.default_rng(1).normal(size=(6, 2))
Y = np.random.default_rng(2).normal(size=(6, 2))


def spread(outputs: np.ndarray, y: Any) -> float:
    return -abs(float(np.ptp(outputs)) - 0.4)


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "adam": {"optimizer": gn.Adam(0.01), "batch_size": 4},
    "plateau": {"optimizer": gn.Momentum(gn.Plateau(0.3, factor=0.5, patience=1, tol=0.1))},
    "dropout": {"regularizer": [gn.Dropout(0.4, inputs=0.2), gn.L1(0.01)], "batch_size": 2},
    "held out": {"validation": gn.Validation(X, -Y, score=spread), "optimizer": gn.RMSprop(0.01)},
    "warm": {"optimizer": gn.AMSGrad(gn.WarmUp(0.05, steps=9, per="iteration"))},
    "random": {"order": "random", "sample_weight": [1, 2, 3, 1, 2, 3], "dtype": np.float32},
}


class Killed(BaseException):
    """Stands for the end of the process: nothing in the library catches it."""


@pytest.fixture
def killed_after(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Set after how many written checkpoints the process ends."""
    write = module.Checkpoint.write

    def set_up(count: int) -> None:
        written = []

        def counted(self: module.Checkpoint, snapshot: module.Snapshot) -> None:
            write(self, snapshot)
            written.append(snapshot)
            if len(written) == count:
                raise Killed

        monkeypatch.setattr(module.Checkpoint, "write", counted)

    yield set_up
    monkeypatch.setattr(module.Checkpoint, "write", write)


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("updates", [1, 40])
def test_a_run_that_is_killed_again_and_again_comes_to_the_same_bits(
    small: gn.Network,
    engine: str,
    name: str,
    updates: int,
    tmp_path: Path,
    updates_at_a_time: Callable[[int], None],
    killed_after: Callable[[int], None],
) -> None:
    updates_at_a_time(updates)
    options = {"epochs": 12, "engine": engine, "seed": 5} | OPTIONS[name]
    twin = small.copy()
    whole = gn.train(twin, X, Y, **options)
    path, attempts = tmp_path / "run.ckpt", 0
    while True:
        attempts += 1
        killed_after(3)
        try:
            result = gn.train(small, X, Y, checkpoint=path, every=0.0, **options)
            break
        except Killed:
            pass
    assert attempts >= (2 if engine == "native" and updates == 40 else 4)
    assert result.history == whole.history
    assert (result.outcome, result.stopped_by) == (whole.outcome, whole.stopped_by)
    assert result.kept == whole.kept
    assert weights_of(small) == weights_of(twin)


def test_the_generator_that_was_given_ends_where_it_would_have(
    small: gn.Network, engine: str, tmp_path: Path, killed_after: Callable[[int], None],
    updates_at_a_time: Callable[[int], None],
) -> None:  # fmt: skip
    updates_at_a_time(4)
    for kind in (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64):
        path = tmp_path / f"{kind.__name__}.ckpt"
        expected = np.random.Generator(kind(3))
        gn.train(small.copy(), X, Y, epochs=5, engine=engine, seed=expected)
        killed_after(2)
        with pytest.raises(Killed):
            gn.train(small.copy(), X, Y, epochs=5, engine=engine, checkpoint=path, every=0.0,
                     seed=np.random.Generator(kind(3)))  # fmt: skip
        killed_after(10**9)
        rng = np.random.Generator(kind(3))
        gn.train(small.copy(), X, Y, epochs=5, engine=engine, checkpoint=path, every=0.0, seed=rng)
        assert rng.normal(size=3).tolist() == expected.normal(size=3).tolist()


def test_ctrl_c_is_gone_on_from_with_the_network_that_it_left(
    small: gn.Network, engine: str, tmp_path: Path, updates_at_a_time: Callable[[int], None]
) -> None:
    updates_at_a_time(4)
    path, twin = tmp_path / "run.ckpt", small.copy()
    pressed = []

    def press(moment: gn.Moment) -> None:
        if moment.epoch == 4 and not pressed:
            pressed.append(moment)
            raise KeyboardInterrupt

    options: dict = {"epochs": 9, "engine": engine, "optimizer": gn.Adam(0.01)}
    first = gn.train(small, X, Y, checkpoint=path, callbacks=press, **options)
    assert first.outcome is gn.Outcome.INTERRUPTED
    result = gn.train(small, X, Y, checkpoint=path, callbacks=press, **options)
    whole = gn.train(twin, X, Y, **options)
    assert result.history == whole.history
    assert weights_of(small) == weights_of(twin)


def test_a_finished_run_is_read_and_more_epochs_go_on(
    small: gn.Network, engine: str, tmp_path: Path
) -> None:
    path, twin, again = tmp_path / "run.ckpt", small.copy(), small.copy()
    first = gn.train(small, X, Y, epochs=4, engine=engine, checkpoint=path)
    data = path.read_bytes()
    same = gn.train(again, X, Y, epochs=4, engine=engine, checkpoint=path)
    assert same.history == first.history
    assert weights_of(again) == weights_of(small)
    more = gn.train(again, X, Y, epochs=9, engine=engine, checkpoint=path)
    whole = gn.train(twin, X, Y, epochs=9, engine=engine)
    assert more.history == whole.history
    assert weights_of(again) == weights_of(twin)
    assert path.read_bytes() != data


def test_ctrl_c_while_several_epochs_are_recorded_is_gone_on_from(
    small: gn.Network, tmp_path: Path, updates_at_a_time: Callable[[int], None]
) -> None:
    updates_at_a_time(60)
    path, twin, pressed = tmp_path / "run.ckpt", small.copy(), []

    def press(moment: gn.Moment) -> None:
        if moment.epoch == 7 and not pressed:
            pressed.append(moment)
            raise KeyboardInterrupt

    options: dict = {"epochs": 30, "engine": "native", "optimizer": gn.Adam(0.01)}
    gn.train(small, X, Y, checkpoint=path, callbacks=press, **options)
    result = gn.train(small, X, Y, checkpoint=path, callbacks=press, **options)
    assert result.history == gn.train(twin, X, Y, **options).history
    assert weights_of(small) == weights_of(twin)


def test_restarts_that_were_interrupted_go_on(tmp_path: Path) -> None:
    pressed, net = [], gn.Network.dense([2, 3, 2], "tanh", seed=0)
    path, twin = tmp_path / "run.ckpt", net.copy()

    def press(moment: gn.Moment) -> None:
        if moment.run == 1 and moment.epoch == 3 and not pressed:
            pressed.append(moment)
            raise KeyboardInterrupt

    options: dict = {"epochs": 6, "restarts": 3, "engine": "matrix"}
    gn.train(net, X, Y, checkpoint=path, callbacks=press, **options)
    result = gn.train(net, X, Y, checkpoint=path, callbacks=press, **options)
    whole = gn.train(twin, X, Y, **options)
    assert [run.history for run in result.runs] == [run.history for run in whole.runs]
    assert weights_of(net) == weights_of(twin)


def test_a_score_that_is_no_number_is_kept_as_such(small: gn.Network, tmp_path: Path) -> None:
    path, calls = tmp_path / "run.ckpt", []

    def score(outputs: np.ndarray, y: Any) -> float:
        calls.append(y)
        return float("nan") if len(calls) == 1 else float(len(calls))

    held = gn.Validation(X, Y, score)
    options: dict = {"validation": held, "engine": "matrix", "checkpoint": path}
    first = gn.train(small.copy(), X, Y, epochs=3, **options)
    assert first.kept == 3
    result = gn.train(small, X, Y, epochs=6, **options)
    assert np.isnan(result.history[0].score)  # type: ignore[arg-type]
    assert result.kept == 6


def test_a_file_of_another_format_says_so(small: gn.Network, tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    gn.train(small.copy(), X, Y, epochs=1, engine="matrix", checkpoint=path)
    with np.load(path) as arrays:
        content = dict(arrays)
    meta = json.loads(content["meta"].tobytes()) | {"version": 9}
    del meta["watch"]
    content["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, **content)  # type: ignore[arg-type]
    with pytest.raises(gn.FormatError, match="in format 9 and not 1"):
        gn.train(small, X, Y, engine="matrix", checkpoint=path)


def test_what_another_process_would_write_otherwise_is_refused(
    small: gn.Network, tmp_path: Path
) -> None:
    class Wavy:
        def rate(self, t: int) -> float:
            return 0.1

    with pytest.raises(ValueError, match="make its class a dataclass"):
        gn.train(small, X, Y, optimizer=gn.SGD(Wavy()), checkpoint=tmp_path / "run.ckpt")


def test_fewer_epochs_than_there_are_is_said(small: gn.Network, tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    gn.train(small.copy(), X, Y, epochs=5, engine="matrix", checkpoint=path)
    result = gn.train(small, X, Y, epochs=2, engine="matrix", checkpoint=path)
    assert result.stopped_by == "bound on epochs: 2; the checkpoint has 5 already"


def test_an_answer_of_a_callback_is_kept(small: gn.Network, tmp_path: Path) -> None:
    def enough(moment: gn.Moment) -> str | None:
        return "enough" if moment.epoch == 3 else None

    path = tmp_path / "run.ckpt"
    for _ in range(2):
        result = gn.train(small, X, Y, epochs=9, checkpoint=path, callbacks=enough, engine="node")
        assert (result.stopped_by, len(result.history)) == ("enough", 4)


def test_restarts_have_files_of_their_own(tmp_path: Path) -> None:
    def net() -> gn.Network:
        return gn.Network.dense([2, 3, 2], "tanh", seed=0)

    path = tmp_path / "run.ckpt"
    whole = gn.train(net(), X, Y, epochs=5, restarts=3, engine="matrix")
    for _ in range(2):
        found = gn.train(net(), X, Y, epochs=5, restarts=3, engine="matrix", checkpoint=path)
        assert [run.history for run in found.runs] == [run.history for run in whole.runs]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "run.ckpt", "run.ckpt.1", "run.ckpt.2",
    ]  # fmt: skip


def test_auto_goes_on_with_the_engine_that_began(small: gn.Network, tmp_path: Path) -> None:
    path, twin = tmp_path / "run.ckpt", small.copy()
    gn.train(small.copy(), X, Y, epochs=2, engine="node", checkpoint=path)
    result = gn.train(small, X, Y, epochs=6, checkpoint=path)
    assert result.engine == "node (auto: as in the checkpoint)"
    native = gn.train(twin, X, Y, epochs=6, checkpoint=path, engine="native")
    assert native.history == result.history
    with pytest.raises(gn.FormatError, match="the checkpoint is of the node engine"):
        gn.train(twin, X, Y, epochs=6, checkpoint=path, engine="matrix")


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "data": ({"X": X + 1}, "the data differs"),
    "loss": ({"loss": "absolute"}, "the loss differs"),
    "rate": ({"optimizer": gn.SGD(0.2)}, "the optimizer differs"),
    "penalty": ({"regularizer": gn.L2(0.1)}, "the regularizer differs"),
    "batch": ({"batch_size": 2}, "batch_size differs"),
    "order": ({"order": "given"}, "order differs"),
    "seed": ({"seed": 6}, "seed differs"),
    "weights": ({"sample_weight": [1, 2, 3, 4, 5, 6]}, "sample_weight differs"),
    "held out": ({"validation": (X, Y)}, "the validation data differs"),
    "score": (
        {"validation": gn.Validation(X, Y, score="r2")},
        "the validation data, the score differ",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_checkpoint_of_another_run_is_refused_and_left(
    small: gn.Network, name: str, tmp_path: Path
) -> None:
    path, before = tmp_path / "run.ckpt", small.copy()
    gn.train(small.copy(), X, Y, epochs=2, engine="matrix", checkpoint=path)
    data, (options, words) = path.read_bytes(), OTHERS[name]
    with pytest.raises(gn.FormatError, match=f"is the checkpoint of another run: {words}"):
        gn.train(small, options.pop("X", X), Y, engine="matrix", checkpoint=path, **options)
    assert path.read_bytes() == data
    assert small == before


@pytest.mark.parametrize("change", ["edge", "weight", "activation"])
def test_the_checkpoint_of_another_network_is_refused(
    small: gn.Network, change: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.ckpt"
    gn.train(small.copy(), X, Y, epochs=2, engine="matrix", checkpoint=path)
    data, words = path.read_bytes(), "the network"
    if change == "edge":
        small.remove_edge((0, 0), (1, 1))
    elif change == "weight":
        small.set_weight((0, 0), (1, 1), 9.0)
        words = "the weights of the network"
    else:
        small.set_activation("tanh", layer=2)
    with pytest.raises(gn.FormatError, match=f"of another run: {words}"):
        gn.train(small, X, Y, engine="matrix", checkpoint=path)
    assert path.read_bytes() == data


def test_a_damaged_checkpoint_is_refused_and_left(small: gn.Network, tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    gn.train(small.copy(), X, Y, epochs=3, engine="matrix", checkpoint=path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    pieces = [whole[:cut] for cut in range(0, len(whole), 97)]
    places = rng.integers(0, len(whole), 60).tolist()
    pieces += [whole[:k] + bytes([whole[k] ^ 0x55]) + whole[k + 1 :] for k in places]
    words = []
    for data in [*pieces, b"", b"no zip file", whole + b"x" * 70_000]:
        path.write_bytes(data)
        try:
            # A byte that no reader looks at may be another: what is read is then the same.
            result = gn.train(small.copy(), X, Y, epochs=3, engine="matrix", checkpoint=path)
        except gn.FormatError as error:
            words.append(str(error))
            kept = path.read_bytes() == data
            if not kept:
                words.append("written over")
        else:
            if result.history[-1].epoch != 3:
                words.append("another run")
    assert all("is no whole checkpoint" in one or "of another run" in one for one in words)
    assert len(words) > len(pieces) * 0.7


def test_where_it_cannot_be_written_is_said_at_once(small: gn.Network, tmp_path: Path) -> None:
    before = small.copy()
    with pytest.raises(OSError, match="nowhere"):
        gn.train(small, X, Y, checkpoint=tmp_path / "nowhere" / "run.ckpt")
    assert small == before


def test_a_disk_that_is_full_later_is_a_warning_and_the_old_file_stays(
    small: gn.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.ckpt"
    gn.train(small.copy(), X, Y, epochs=2, engine="matrix", checkpoint=path)
    data = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(module, "write_atomically", full)
    with pytest.warns(RuntimeWarning, match="no checkpoint was written: .*No space left"):
        result = gn.train(small, X, Y, epochs=5, engine="matrix", checkpoint=path)
    assert result.history[-1].epoch == 5
    assert path.read_bytes() == data


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf"), "1"])
def test_a_number_of_seconds_is_expected(small: gn.Network, bad: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every must be a number of seconds"):
        gn.train(small, X, Y, checkpoint=tmp_path / "run.ckpt", every=bad)


def test_lbfgs_has_none(small: gn.Network, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="LBFGS keeps its state within SciPy"):
        gn.train(
            small, X, Y, optimizer=gn.LBFGS(), batch_size=None, checkpoint=tmp_path / "run.ckpt"
        )


DRIVER = """
import os, random, signal, sys, time
import numpy as np
import graphnn as gn

path, engine, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 6))
y = np.sin(X[:, 0] * X[:, 1])

def train(**more):
    net = gn.Network.dense([6, 16, 8, 1], ["tanh", "sigmoid", "identity"], seed=1)
    return gn.train(
        net, X, y, optimizer=gn.Adam(0.003), batch_size=4, regularizer=gn.Dropout(0.2),
        epochs=EPOCHS, validation=(X[:50], y[:50]), engine=engine, seed=3, **more,
    )

EPOCHS = 1
train()  # compiled once, before the process forks
EPOCHS, start = 8, time.perf_counter()
train()
EPOCHS = max(8, int(8 * 1.5 / (time.perf_counter() - start)))  # about a second and a half
whole = train()
random.seed(4)
killed = 0
while killed < kills:
    child = os.fork()
    if not child:
        train(checkpoint=path, every=0.0)
        os._exit(0)
    time.sleep(random.random() * 0.12)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    killed += os.WIFSIGNALED(status)
    if not os.WIFSIGNALED(status):
        os.unlink(path)  # it had come to its end: begin anew
progress = os.path.getsize(path) if os.path.exists(path) else 0
result = train(checkpoint=path, every=1.0)
same = result.program.theta.tolist() == whole.program.theta.tolist()
print(killed, same, result.history == whole.history, result.kept == whole.kept, progress > 0)
print(os.listdir(os.path.dirname(path)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the test forks")
@pytest.mark.parametrize("engine", ["native", "matrix"])
def test_sigkill_at_50_random_moments_changes_no_bit(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(path), engine, "50"],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    expected = ["50 True True True True", "['run.ckpt']"]
    assert done.stdout.splitlines() == expected, done.stderr
