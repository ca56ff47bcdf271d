"""Machine code on disk: used again, never trusted blindly, never in the way."""

from __future__ import annotations

import dataclasses
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from engines.native.agreement import Lesson

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import cache as cache_module
from graphnn.engines.native import engine
from graphnn.engines.native import kernel as kernel_module
from graphnn.engines.native.cache import Cache
from graphnn.engines.native.compiler import compile_plan
from graphnn.engines.native.library import MachineCode
from graphnn.engines.native.plan import Plan, plan
from graphnn.engines.state import State

ROWS = Batches.of_size(np.arange(30) % 4, 1, 0.1)
SQUARED = gn.LOSSES["squared"]
posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="modes and owners are POSIX's")


def lesson() -> Lesson:
    net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
    X = np.array([[0.0, 0.5], [1.0, -0.25], [0.75, 1.0], [-1.0, 0.125]])
    return Lesson(net, X, X[:, :1] * X[:, 1:], "squared")


def run() -> list[float]:
    taught = lesson()
    state = State.first(gn.compile(taught.net), taught.rule)
    after = engine.run(state, taught.X, taught.y, ROWS, SQUARED, taught.rules)
    theta: list[float] = after.program.theta.tolist()
    return theta


EXPECTED = lesson().trained(ROWS)[-1]
PROCESS = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import numpy as np
import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import engine
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
net = gn.Network.dense([2, 3, 1], activation="tanh", seed=0)
X = np.array([[0.0, 0.5], [1.0, -0.25], [0.75, 1.0], [-1.0, 0.125]])
rows = Batches.of_size(np.arange(30) % 4, 1, 0.1)
rules, loss = Rules(gn.SGD()), gn.LOSSES["squared"]
found = engine.run(State(gn.compile(net)), X, X[:, :1] * X[:, 1:], rows, loss, rules)
print("numba" in sys.modules, found.program.theta.tolist())
"""


@pytest.fixture(scope="module")
def code() -> MachineCode:
    """The machine code of the one plan of this file, compiled once."""
    return compile_plan(the_plan())


def the_plan() -> Plan:
    return plan(gn.compile(lesson().net), SQUARED, "steps", lesson().rules)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new cache folder, and nothing in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    forget()
    yield tmp_path / "graphnn"
    forget()


def run_in_new_memory() -> list[float]:
    kernel_module.kernel.cache_clear()
    return run()


def forget() -> None:
    """Forget what is in memory, as a new process does."""
    kernel_module.kernel.cache_clear()
    cache_module._warn_once.cache_clear()


@pytest.fixture
def compiled(code: MachineCode, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that were compiled so far; it takes no time here."""
    plans: list[Plan] = []

    def compile_again(made: Plan) -> MachineCode:
        plans.append(made)
        return code

    monkeypatch.setattr(kernel_module, "compile_plan", compile_again)
    return plans


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFiles:
    @posix
    def test_a_file_appears_in_a_folder_of_the_user_s_alone(
        self, folder: Path, compiled: list[Plan]
    ) -> None:
        assert run() == EXPECTED
        (file,) = folder.iterdir()
        assert file.suffix == ".kernel"
        assert mode(folder) == 0o700
        assert not mode(file) & (stat.S_IWGRP | stat.S_IWOTH)
        assert mode(file) in (0o600, 0o644)

    def test_it_is_found_again(self, folder: Path, compiled: list[Plan]) -> None:
        for _ in range(3):
            assert run() == EXPECTED
            forget()
        assert len(compiled) == 1

    def test_it_keeps_all_there_is_to_know(self, folder: Path, code: MachineCode) -> None:
        kept = code._replace(mismatches=("loss 'own': value: differs", "é"))
        Cache.of_user().write(the_plan(), kept)
        assert Cache.of_user().read(the_plan()) == kept

    def test_another_plan_or_machine_has_another(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache, other = Cache.of_user(), dataclasses.replace(the_plan(), text="def other(): ...")
        here = cache.path(the_plan())
        assert cache.path(other) != here
        monkeypatch.setattr(cache_module, "_machine", lambda: "another processor")
        assert cache.path(the_plan()) != here

    def test_no_folder_is_made_by_looking(self, folder: Path) -> None:
        assert Cache.of_user().folder == folder
        assert Cache.of_user().read(the_plan()) is None
        assert not folder.exists()


class TestProcesses:
    @staticmethod
    def start(folder: Path) -> subprocess.Popen[str]:
        environment = os.environ | {"XDG_CACHE_HOME": str(folder.parent), "PYTHONWARNINGS": "error"}
        return subprocess.Popen(
            [sys.executable, "-c", PROCESS], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def test_the_next_one_gets_the_same_weights_without_importing_numba(
        self, folder: Path, code: MachineCode
    ) -> None:
        Cache.of_user().write(the_plan(), code)
        out, err = self.start(folder).communicate()
        assert err == ""
        assert out.strip() == f"False {EXPECTED}"

    def test_two_that_start_at_once_are_both_right(self, folder: Path) -> None:
        processes = [self.start(folder), self.start(folder)]
        for process in processes:
            out, err = process.communicate()
            assert err == ""
            assert out.strip().endswith(str(EXPECTED))
        assert [file.suffix for file in folder.iterdir()] == [".kernel"]


class TestDamage:
    @pytest.mark.parametrize(
        "damaged",
        [
            lambda data: b"",
            lambda data: data[:10],
            lambda data: data[: len(data) // 2],
            lambda data: data[:-1],
            lambda data: data + b"\0",
            lambda data: data[:-100] + bytes(100),
            lambda data: data.partition(b"\n")[2],
            lambda data: data.partition(b"\n")[0] + b"\n",
            lambda data: b"\n" * 1000,
            lambda data: bytes(range(256)) * 40,
        ],
    )
    def test_a_damaged_file_is_compiled_anew(
        self, folder: Path, compiled: list[Plan], damaged: object
    ) -> None:
        run()
        (file,) = folder.iterdir()
        whole = file.read_bytes()
        file.write_bytes(damaged(whole))  # type: ignore[operator]
        forget()
        assert run() == EXPECTED
        assert len(compiled) == 2
        assert file.read_bytes() == whole

    def test_a_file_that_cannot_be_read_is_compiled_anew(
        self, folder: Path, compiled: list[Plan], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        forget()

        def refuse(path: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
        assert run() == EXPECTED
        assert len(compiled) == 2


@posix
class TestTrust:
    """Code of a folder that others may write to is not run."""

    @pytest.mark.parametrize("open_to", [0o777, 0o770, 0o702])
    def test_a_folder_that_others_may_write_to_is_refused(
        self, folder: Path, compiled: list[Plan], open_to: int
    ) -> None:
        run()
        (file,) = folder.iterdir()
        before = file.stat()
        folder.chmod(open_to)
        forget()
        with pytest.warns(RuntimeWarning, match=rf"{folder} is not used.*others may write"):
            assert run() == EXPECTED
        assert len(compiled) == 2
        assert file.stat().st_mtime_ns == before.st_mtime_ns

    def test_one_that_is_open_from_the_start_gets_no_file(
        self, folder: Path, compiled: list[Plan]
    ) -> None:
        folder.mkdir()
        folder.chmod(0o777)
        with pytest.warns(RuntimeWarning, match="mode 0700") as caught:
            found = [run(), run_in_new_memory()]
        assert found == [EXPECTED, EXPECTED]
        assert len(caught) == 1
        assert not list(folder.iterdir())

    def test_another_user_s_folder_is_refused(
        self, folder: Path, compiled: list[Plan], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        forget()
        monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
        with pytest.warns(RuntimeWarning, match="belongs to another user"):
            assert run() == EXPECTED
        assert len(compiled) == 2

    def test_one_that_may_not_be_entered_is_no_error(
        self, folder: Path, compiled: list[Plan], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forbidden(path: Path) -> bool:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "exists", forbidden)
        with pytest.warns(RuntimeWarning, match="Permission denied.*kept in memory only"):
            assert run() == EXPECTED
        assert len(compiled) == 1

    def test_a_link_to_a_folder_is_refused(
        self, folder: Path, compiled: list[Plan], tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
        with pytest.warns(RuntimeWarning, match="is not used"):
            assert run() == EXPECTED
        assert not list((tmp_path / "elsewhere").iterdir())

    def test_a_folder_that_others_may_only_read_is_used(
        self, folder: Path, compiled: list[Plan]
    ) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        run()
        forget()
        assert run() == EXPECTED
        assert len(compiled) == 1


class TestNoRoom:
    def test_a_full_disk_is_warned_of_once_and_code_stays_in_memory(
        self, folder: Path, compiled: list[Plan], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(path: Path, data: bytes) -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(cache_module, "write_atomically", full)
        with pytest.warns(RuntimeWarning, match=r"No space left on device.*memory only") as caught:
            found = [run(), run_in_new_memory()]
        assert found == [EXPECTED, EXPECTED]
        assert len(caught) == 1
        assert run() == EXPECTED
        assert len(compiled) == 2

    def test_a_file_in_the_folder_s_place_is_warned_of(
        self, folder: Path, compiled: list[Plan]
    ) -> None:
        folder.write_text("not a folder")
        with pytest.warns(RuntimeWarning, match=f"{folder} .*memory only"):
            assert run() == EXPECTED
        assert folder.read_text() == "not a folder"


class TestPruning:
    @staticmethod
    def plans(count: int) -> list[Plan]:
        made = the_plan()
        return [dataclasses.replace(made, text=f"{made.text}# {k}\n") for k in range(count)]

    @staticmethod
    def age(file: Path, seconds: int) -> None:
        os.utime(file, (seconds, seconds))

    def test_of_too_many_files_those_go_that_were_not_used_for_longest(
        self, folder: Path, code: MachineCode, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache_module, "FILES", 4)
        cache, plans = Cache.of_user(), self.plans(6)
        for k, made in enumerate(plans[:4]):
            cache.write(made, code)
            self.age(cache.path(made), 1000 + k)
        assert len(list(folder.iterdir())) == 4
        assert cache.read(plans[0]) == code  # the oldest is used again
        cache.write(plans[4], code)
        kept = [k for k, made in enumerate(plans) if cache.path(made).exists()]
        assert kept == [0, 3, 4]

    def test_files_of_others_are_left_alone(
        self, folder: Path, code: MachineCode, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache_module, "FILES", 4)
        folder.mkdir(mode=0o700)
        (folder / "notes.txt").write_text("mine")
        self.age(folder / "notes.txt", 1)
        for made in self.plans(9):
            Cache.of_user().write(made, code)
        assert (folder / "notes.txt").read_text() == "mine"
        assert len(list(folder.glob("*.kernel"))) <= 4

    def test_a_file_that_another_process_removes_meanwhile_is_no_trouble(
        self, folder: Path, code: MachineCode, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        glob = Path.glob
        gone = folder / "gone.kernel"
        monkeypatch.setattr(Path, "glob", lambda path, pattern: [*glob(path, pattern), gone])
        Cache.of_user().write(the_plan(), code)  # a warning is an error here
        assert Cache.of_user().read(the_plan()) == code
