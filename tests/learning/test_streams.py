"""Data that come batch by batch, and memory maps: the same bits as arrays, and no copy of them."""

from __future__ import annotations

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

X = np.random.default_rng(1).normal(size=(10, 2))
Y = np.random.default_rng(2).normal(size=(10, 2))


class Batches:
    """A source on disk, as it were: each iteration begins anew, and counts."""

    def __init__(self, size: int = 3, X: Any = X, Y: Any = Y) -> None:
        self.size, self.X, self.Y, self.begun = size, X, Y, 0

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        self.begun += 1
        for k in range(0, len(self.X), self.size):
            yield self.X[k : k + self.size], self.Y[k : k + self.size]


@pytest.mark.parametrize("updates", [1, 3, 100])
@pytest.mark.parametrize("size", [1, 3, 10])
def test_a_stream_is_the_arrays_in_their_order(
    small: gn.Network, engine: str, size: int, updates: int,
    updates_at_a_time: Callable[[int], None],
) -> None:  # fmt: skip
    updates_at_a_time(updates)
    twin = small.copy()
    options: dict = {"epochs": 5, "engine": engine, "optimizer": gn.Adam(0.02)}
    found = gn.train(small, Batches(size), **options)
    expected = gn.train(twin, X, Y, order="given", batch_size=size, **options)
    assert weights_of(small) == weights_of(twin)
    assert np.allclose(found.losses, expected.losses, rtol=1e-12)
    assert [record.iteration for record in found.history] == [
        record.iteration for record in expected.history
    ]


def test_rules_dropout_and_callbacks_go_with_it(small: gn.Network) -> None:
    found, moments = {}, list[gn.Moment]()
    for engine in ("node", "native"):
        net = small.copy()
        result = gn.train(
            net, Batches(), engine=engine, regularizer=[gn.Dropout(0.3), gn.L2(0.01)], seed=3,
            stop=gn.MaxIterations(14), validation=(X, Y), callbacks=moments.append,
        )  # fmt: skip
        found[engine] = weights_of(net), result.history
        assert result.history[-1].iteration == 14
    assert found["node"] == found["native"]
    gradient = [np.linalg.norm(g) for g in moments[-1].program.gradient(X, Y)[1]]
    assert np.allclose(moments[-1].gradient_norms, gradient, rtol=1e-12)


@pytest.mark.parametrize("stop", [1, 2, 5, 9])
def test_a_run_goes_on_at_its_batch(
    small: gn.Network, engine: str, stop: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, updates_at_a_time: Callable[[int], None],
) -> None:  # fmt: skip
    updates_at_a_time(1)

    class Killed(BaseException):
        pass

    written, write = [], module.Checkpoint.write

    def counted(self: module.Checkpoint, snapshot: module.Snapshot) -> None:
        write(self, snapshot)
        written.append(snapshot.iteration)
        if len(written) == stop:
            raise Killed

    twin, path = small.copy(), tmp_path / "run.ckpt"
    options: dict = {"epochs": 4, "engine": engine, "regularizer": gn.Dropout(0.4), "seed": 3}
    whole = gn.train(twin, Batches(), **options)
    monkeypatch.setattr(module.Checkpoint, "write", counted)
    with pytest.raises(Killed):
        gn.train(small, Batches(), checkpoint=path, every=0.0, **options)
    result = gn.train(small, Batches(), checkpoint=path, **options)
    assert result.history == whole.history
    assert weights_of(small) == weights_of(twin)


def test_divergence_is_found_at_its_batch(engine: str) -> None:
    def failure(*data: object, **options: object) -> str:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        with pytest.raises(gn.TrainingError) as caught:
            gn.train(net, *data, optimizer=gn.SGD(10.0), epochs=99, engine=engine, **options)  # type: ignore[arg-type]
        return str(caught.value)

    inputs, targets = np.array([[1.0], [10.0], [2.0]]), np.zeros((3, 1))
    stream = failure(Batches(2, inputs, targets))
    assert stream == failure(inputs, targets, order="given", batch_size=2)


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ([(X, Y), (X[:, :1], Y)], r"batch 1 of the stream: X has shape \(10, 1\)"),
        ([(X, Y), (X, Y * np.nan)], r"batch 1 of the stream: y.* is nan"),
        ([(X, Y), 3], "batch 1 of the stream is of type int, expected a pair"),
        ([], "the stream has no batch"),
        (iter([(X, Y)]), "can be run through but once"),
    ],
)
def test_what_does_not_fit_is_named(small: gn.Network, stream: Any, words: str) -> None:
    before = small.copy()
    with pytest.raises(gn.DataError, match=words):
        gn.train(small, stream)
    assert small == before


def test_a_function_begins_anew_each_time(small: gn.Network) -> None:
    twin = small.copy()
    gn.train(small, lambda: iter(Batches()), epochs=2, engine="matrix")
    gn.train(twin, Batches(), epochs=2, engine="matrix")
    assert weights_of(small) == weights_of(twin)


@pytest.mark.parametrize("engine", ["node", "native", "matrix"])
def test_a_stream_that_is_another_the_next_time_is_named(small: gn.Network, engine: str) -> None:
    class Other(Batches):
        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            if self.begun >= 2:
                self.size = 2
            return super().__iter__()

    with pytest.raises(gn.DataError, match="batch 0 of the stream has 2 samples, and had 1 "):
        gn.train(small, Other(1), engine=engine)


def test_data_errors_are_no_divergence(small: gn.Network) -> None:
    class Damaged(Batches):
        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            for X, y in super().__iter__():
                yield (X * np.nan if self.begun == 4 else X), y

    with pytest.raises(gn.DataError, match=r"batch 0 of the stream: X.* is nan"):
        gn.train(small, Damaged(), engine="matrix")


def test_targets_are_missed(small: gn.Network) -> None:
    for inputs in (X, X.tolist(), [list(row) for row in X]):
        with pytest.raises(gn.DataError, match="y is missing"):
            gn.train(small, inputs)
    with pytest.raises(gn.DataError, match="leave y out"):
        gn.train(small, lambda: iter(Batches()), Y)


def test_a_stream_that_becomes_shorter_is_named(small: gn.Network) -> None:
    class Shrinking(Batches):
        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            pairs = list(super().__iter__())
            return iter(pairs if self.begun < 3 else pairs[:2])

    with pytest.raises(gn.DataError, match=r"the stream ended after 2 batches, and had 4 at first"):
        gn.train(small, Shrinking(), engine="matrix")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 3}, "a stream has its own batches"),
        ({"order": "random"}, "a stream has its own batches"),
        ({"restarts": 2}, "a stream goes with one run"),
        (
            {"sample_weight": np.ones(10)},
            "a stream goes with one run",
        ),
        ({"optimizer": gn.LBFGS()}, "LBFGS needs all samples at once"),
        ({"optimizer": gn.Rprop()}, "Rprop needs all samples in each update"),
    ],
)
def test_what_does_not_go_with_a_stream_is_refused(
    small: gn.Network, options: dict, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        gn.train(small, Batches(), **options)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_memory_map_is_an_array(
    small: gn.Network, engine: str, dtype: type, tmp_path: Path
) -> None:
    for name, array in (("X", X), ("Y", Y)):
        np.save(tmp_path / f"{name}.npy", array.astype(dtype))
    maps = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("X", "Y")]
    twin = small.copy()
    options: dict = {"epochs": 3, "engine": engine, "dtype": dtype, "batch_size": 4}
    gn.train(small, *maps, **options)
    gn.train(twin, X.astype(dtype), Y.astype(dtype), **options)
    assert weights_of(small) == weights_of(twin)


LARGE = """
import resource, sys
import numpy as np
import graphnn as gn

path, engine = sys.argv[1:]
X = np.lib.format.open_memmap(path, "w+", np.float64, (600_000, 64))  # 307 MB
for k in range(0, len(X), 10_000):
    X[k : k + 10_000] = np.random.default_rng(k).normal(size=(10_000, 64))
X.flush()
del X
X = np.load(path, mmap_mode="r")
y = np.zeros((len(X), 1))
net = gn.Network.dense([64, 4, 1], "tanh", seed=0)
small = X[:1000].copy(), y[:1000]
gn.train(net, *small, batch_size=64, epochs=1, engine=engine)
# Pages of the file count as they are read and can be dropped at any moment: what is the process's
# own is what a limit on its data segment sees.
taken = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_DATA, (taken + 150 * 2**20,) * 2)
result = gn.train(net, X, y, batch_size=64, epochs=1, engine=engine)
print(result.history[-1].iteration)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("engine", ["matrix", "native"])
def test_a_memory_map_larger_than_the_memory_allowed_is_trained_on(
    engine: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path / "X.npy"), engine],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "9375", done.stderr
