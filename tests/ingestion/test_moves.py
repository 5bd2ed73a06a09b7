"""One file moved to the archive, or given back; and what lies in hidden folders."""

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.processes import forked

from cardstatus.ingestion.archive import disk, hidden, moves
from cardstatus.ingestion.archive.hidden import COPY, TAKEN, recover
from cardstatus.ingestion.archive.moves import ChangedError, GoneError, check_takes, move, stamp_of


def another_disk(*_: object) -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


RENAME = disk._renameat2


@pytest.fixture(params=["the same disk", "another disk"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is to go: below a folder that is not there yet."""
    if request.param == "another disk":

        def rename(source: Path, target: Path) -> None:
            is_between = ("done" in source.parts) is not ("done" in target.parts)
            (another_disk if is_between else RENAME)(source, target)

        monkeypatch.setattr(disk, "_renameat2", rename)
    return tmp_path / "done" / "sub" / "pickup.csv"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "pickup.csv"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    return path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_goes_to_the_archive_with_its_time_and_mode(file: Path, target: Path) -> None:
    moved = move(file, stamp_of(file), target)
    assert moved == (target, stamp_of(target))
    assert target.read_text() == "old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.stat().st_mtime_ns == 10**18
    assert names(file.parent.parent) == ["done/sub/pickup.csv"]


def test_nothing_in_the_archive_is_overwritten(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_text("was there")
    assert move(file, stamp_of(file), target).path == target.with_name("pickup (2).csv")
    assert target.read_text() == "was there"


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("another"),
        lambda path: os.utime(path, (5, 5)),
        lambda path: (path.with_name("new").write_text("new"), path.with_name("new").rename(path)),
    ],
    ids=["written to", "touched", "replaced"],
)
def test_a_file_that_is_another_by_now_is_given_back(
    file: Path, target: Path, change: Callable[[Path], object]
) -> None:
    stamp = stamp_of(file)
    change(file)
    now = file.read_text(), stamp_of(file)
    with pytest.raises(ChangedError):
        move(file, stamp, target)
    assert (file.read_text(), stamp_of(file)) == now
    assert names(file.parent.parent) == ["in/pickup.csv"]


def test_a_file_that_is_open_for_writing_is_given_back(file: Path, target: Path) -> None:
    with file.open("a"), pytest.raises(ChangedError, match="opened for writing"):
        move(file, stamp_of(file), target)
    assert names(file.parent.parent) == ["in/pickup.csv"]


def test_a_file_that_is_gone(file: Path, target: Path) -> None:
    stamp = stamp_of(file)
    file.unlink()
    with pytest.raises(GoneError):
        move(file, stamp, target)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["put_on_disk", "make_folders", "rename_free"])
def test_a_file_that_cannot_be_moved_is_given_back_beside_a_new_one(
    file: Path, target: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        file.write_text("new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(moves, name, fail)
    with pytest.raises(OSError, match="No space left"):
        move(file, stamp_of(file), target)
    assert file.read_text() == "new"
    assert file.with_name("pickup (2).csv").read_text() == "old"
    assert names(file.parent.parent) == ["in/pickup (2).csv", "in/pickup.csv"]


@pytest.mark.parametrize("name", ["copyfile", "copystat"])
def test_a_copy_that_cannot_be_made_leaves_no_piece(
    file: Path, target: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path, piece: Path) -> None:
        piece.write_text("ol")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"shutil.{name}", fail)
    monkeypatch.setattr(moves, "_renamed", lambda *_: None)
    with pytest.raises(OSError, match="No space left"):
        move(file, stamp_of(file), target)
    assert names(file.parent.parent) == ["in/pickup.csv"]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_copy_of_what_changes_meanwhile_is_undone(
    file: Path, target: Path, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows written by whoever had the file open are not only in a file that is unlinked."""
    monkeypatch.setattr(moves, "_renamed", lambda *_: None)
    writer = file.open("a")
    monkeypatch.setattr(moves, "refuses_lease", lambda _: None)
    calls = iter(range(1, 10))

    def sync(path: Path) -> None:
        if next(calls) == call:
            writer.write(" and new")
            writer.flush()

    monkeypatch.setattr(moves, "put_on_disk", sync)
    with writer, pytest.raises(ChangedError):
        move(file, stamp_of(file), target)
    assert file.read_text() == "old and new"
    assert names(file.parent.parent) == ["in/pickup.csv"]


def test_ctrl_c_when_the_original_has_just_been_removed_leaves_the_copy(
    file: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_renamed", lambda *_: None)
    unlink = Path.unlink

    def interrupted(path: Path) -> None:
        unlink(path)
        if path.name == "pickup.csv":
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        move(file, stamp_of(file), target)
    assert target.read_text() == "old"
    assert names(file.parent.parent) == ["done/sub/pickup.csv"]


def test_a_copy_of_a_run_that_was_ended_before_it_could_unlink_stands(
    file: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_renamed", lambda *_: None)
    stamp = stamp_of(file)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: os.kill(os.getpid(), 9))
    assert forked(lambda: move(file, stamp, target)).code == -9
    monkeypatch.undo()
    monkeypatch.setattr(moves, "_renamed", lambda *_: None)
    assert target.read_text() == "old"
    list(recover([file.parent], TAKEN))
    list(recover([target.parent], COPY))
    assert move(file, stamp, target).path == target
    assert names(file.parent.parent) == ["done/sub/pickup.csv"]


def test_another_disk_is_an_error_where_nothing_may_be_copied(file: Path, target: Path) -> None:
    if disk._renameat2 is RENAME:
        assert move(file, stamp_of(file), target, may_copy=False).path == target
        return
    with pytest.raises(OSError, match="cross-device") as raised:
        move(file, stamp_of(file), target, may_copy=False)
    assert raised.value.errno == errno.EXDEV
    assert names(file.parent.parent) == ["in/pickup.csv"]


@pytest.mark.parametrize("where", ["../there/x", "absolute"])
def test_of_a_link_the_content_is_archived_and_stays_where_it_is(
    file: Path, target: Path, where: str
) -> None:
    there = file.parent.parent / "there" / "x"
    there.parent.mkdir()
    file.rename(there)
    file.symlink_to(there if where == "absolute" else where)
    moved = move(file, stamp_of(file), target)
    assert not moved.path.is_symlink()
    assert moved.path.read_text() == there.read_text() == "old"
    assert not file.is_symlink()


def test_whether_files_can_be_taken_is_known_beforehand(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_takes(file)
    assert names(file.parent) == ["pickup.csv"]

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("os.mkdir", refuse)
    with pytest.raises(PermissionError):
        check_takes(file)


# What a run that has died leaves behind


def dies_in(folder: Path, kind: str, name: str) -> Path:
    """A run dies that has a file in a hidden folder; the path of that folder."""

    def die() -> None:
        with hidden.hidden(folder, kind) as private:
            (private / name).write_text("held")
            os._exit(7)

    assert forked(die).code == 7
    (private,) = (path for path in folder.iterdir() if path.name.startswith(kind))
    return private


def test_what_a_dead_run_had_taken_is_given_back(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    dies_in(tmp_path / "a" / "b", TAKEN, "pickup.csv")
    (tmp_path / "a" / "b" / "pickup.csv").write_text("new")
    dies_in(tmp_path, TAKEN, "pickup.csv")
    assert list(recover([tmp_path], TAKEN)) == []
    assert names(tmp_path) == ["a/b/pickup (2).csv", "a/b/pickup.csv", "pickup.csv"]
    assert (tmp_path / "a/b/pickup (2).csv").read_text() == "held"
    assert list(tmp_path.rglob(".*")) == []


def test_the_piece_of_a_copy_of_a_dead_run_is_removed(tmp_path: Path) -> None:
    dies_in(tmp_path, COPY, "pickup.csv")
    kept = dies_in(tmp_path, TAKEN, "pickup.csv")
    assert list(recover([tmp_path], COPY)) == []
    assert names(tmp_path) == [f"{kept.name}/.lock", f"{kept.name}/pickup.csv"]


def test_what_a_living_run_holds_is_left_alone(tmp_path: Path) -> None:
    with hidden.hidden(tmp_path, TAKEN) as private:
        (private / "pickup.csv").write_text("held")
        assert list(recover([tmp_path], TAKEN)) == []
        assert forked(lambda: list(recover([tmp_path], TAKEN))).code == 0
        assert (private / "pickup.csv").exists()
    assert names(tmp_path) == ["pickup.csv"]


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_what_is_held_for_a_day_is_given_back(tmp_path: Path) -> None:
    private = dies_in(tmp_path, TAKEN, "pickup.csv")
    assert list(recover([tmp_path], TAKEN)) == []
    assert (private / "pickup.csv").exists()
    os.utime(private, (0, 0))
    assert list(recover([tmp_path], TAKEN)) == []
    assert names(tmp_path) == ["pickup.csv"]


def test_a_folder_that_another_run_clears_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir, made = Path.mkdir, []

    def cleared(path: Path, mode: int = 0o777) -> None:
        mkdir(path, mode)
        made.append(path)
        if len(made) == 1:
            list(recover([tmp_path], TAKEN))

    monkeypatch.setattr(Path, "mkdir", cleared)
    with hidden.hidden(tmp_path, TAKEN) as private:
        assert made == [made[0], private]
        assert not made[0].exists()
        assert private.is_dir()


def test_a_lock_of_a_folder_that_was_cleared_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, done = fcntl.flock, []

    def late(handle: int, how: int) -> None:
        if not done:
            done.append(handle)
            monkeypatch.setattr(fcntl, "flock", flock)
            list(recover([tmp_path], TAKEN))
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with hidden.hidden(tmp_path, TAKEN) as private:
        assert private.is_dir()
        assert list(tmp_path.iterdir()) == [private]
    assert done


def test_what_cannot_be_given_back_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = dies_in(tmp_path, TAKEN, "pickup.csv")

    def fail(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(hidden, "rename_free", fail)
        ((path, error),) = recover([tmp_path], TAKEN)
    assert path == private
    assert error.strerror == (
        f"Read-only file system; the file is in {private} until that is mended"
    )
    assert (private / "pickup.csv").read_text() == "held"
    assert list(recover([tmp_path], TAKEN)) == []
    assert names(tmp_path) == ["pickup.csv"]


@pytest.mark.parametrize("kind", [TAKEN, COPY])
def test_a_link_with_such_a_name_is_nothing_of_ours(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "precious").touch()
    drop = tmp_path / "in"
    drop.mkdir()
    (drop / f"{kind}0").symlink_to(there)
    assert list(recover([drop], kind)) == []
    assert names(there) == ["precious"]


def test_a_lock_that_is_a_link_makes_no_file(tmp_path: Path) -> None:
    (tmp_path / "in" / f"{TAKEN}0").mkdir(parents=True)
    (tmp_path / "in" / f"{TAKEN}0" / ".lock").symlink_to(tmp_path / "made")
    ((_, error),) = recover([tmp_path / "in"], TAKEN)
    assert error.errno == errno.ELOOP
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_not_there_has_nothing_to_recover(tmp_path: Path) -> None:
    assert list(recover([tmp_path / "no"], COPY)) == []
