"""`write_atomically`: the old file or the new one, and nothing beside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from graphnn import files
from graphnn.files import require_writable, write_atomically


@pytest.fixture
def umask_022() -> object:
    old = os.umask(0o022)
    yield
    os.umask(old)


def test_a_new_file_holds_the_data_and_its_path_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    assert write_atomically(path, b"a\x00\r\n") == path
    assert path.read_bytes() == b"a\x00\r\n"


def test_an_existing_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"a longer old content")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_path_may_be_text(tmp_path: Path) -> None:
    path = write_atomically(str(tmp_path / "x"), b"1")
    assert path.read_bytes() == b"1"


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", b"1")
    write_atomically(tmp_path / "x", b"2")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("act", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_no_other(
    act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(files.os, act, fail)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "absent" / "x", b"1")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_file_s_place_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OSError, match="x"):
        write_atomically(tmp_path / "x", b"1")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links and modes as on POSIX")
class TestPosix:
    def test_a_symbolic_link_stays_one_and_its_target_is_written(self, tmp_path: Path) -> None:
        target, link = tmp_path / "target", tmp_path / "link"
        target.write_bytes(b"old")
        link.symlink_to(target)
        assert write_atomically(link, b"new") == link
        assert link.is_symlink()
        assert target.read_bytes() == b"new"

    def test_a_new_file_has_the_mode_that_open_would_give(
        self, tmp_path: Path, umask_022: None
    ) -> None:
        path = write_atomically(tmp_path / "x", b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def test_an_existing_file_keeps_its_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(b"old")
        path.chmod(0o640)
        write_atomically(path, b"new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_the_umask_is_left_as_it_was(self, tmp_path: Path, umask_022: None) -> None:
        write_atomically(tmp_path / "x", b"1")
        mask = os.umask(0o022)
        assert mask == 0o022

    @pytest.mark.parametrize("name", ["a" * 255, "漢" * 85], ids=["ascii", "three-byte letters"])
    def test_a_name_of_255_bytes_is_written(self, name: str, tmp_path: Path) -> None:
        path = write_atomically(tmp_path / name, b"1")
        assert path.read_bytes() == b"1"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "none" / "x"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(path, b"")
    assert caught.value.filename == str(path)


@pytest.mark.parametrize("name", ["none/x", "."])
def test_what_could_not_be_written_is_said_beforehand(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        require_writable(tmp_path / name)
    require_writable(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
