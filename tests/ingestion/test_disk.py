"""Renames that overwrite nothing, on whatever a disk can do."""

import errno
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from cardstatus.ingestion.archive import disk


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.fixture(params=["rename", "link", "neither"])
def able(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a disk is able to do."""
    if request.param != "rename":
        monkeypatch.setattr(disk, "_renameat2", refusing(errno.EINVAL))
    if request.param == "neither":
        monkeypatch.setattr("os.link", refusing(errno.EPERM))
    return str(request.param)


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path, able: str) -> None:
    names = []
    for number in range(3):
        source = tmp_path / "source"
        source.write_text(str(number))
        name = disk.rename_free(source, tmp_path / "x.csv.gz")
        assert name.read_text() == str(number)
        assert not source.exists()
        names.append(name.name)
    if able == "neither":
        assert len(set(names)) == 3  # nobody can refuse a name that is taken: none is tried
        assert all(name.startswith("x (") and name.endswith(").csv.gz") for name in names)
    else:
        assert names == ["x.csv.gz", "x (2).csv.gz", "x (3).csv.gz"]


@pytest.mark.parametrize("number", [errno.EEXIST, errno.EINVAL])
def test_a_rename_by_link_that_was_ended_before_its_unlink_is_taken_up(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_renameat2", refusing(number))
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("one file")
    target.hardlink_to(source)
    disk.rename_new(source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("function", [disk.rename_new, disk.rename_free])
def test_another_disk_is_said_to_be_one(
    tmp_path: Path, function: Callable[[Path, Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_renameat2", refusing(errno.EXDEV))
    source = tmp_path / "source"
    source.touch()
    with pytest.raises(OSError, match="cross-device") as raised:
        function(source, tmp_path / "target")
    assert raised.value.errno == errno.EXDEV
    assert source.exists()


def test_a_source_that_is_gone_is_no_other_error(tmp_path: Path, able: str) -> None:
    with pytest.raises(FileNotFoundError):
        disk.rename_free(tmp_path / "source", tmp_path / "target")


def test_without_the_call_in_the_c_library_links_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_libc", object)
    source = tmp_path / "source"
    source.touch()
    disk.rename_new(source, tmp_path / "target")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_link_is_renamed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("there")
    (tmp_path / "link").symlink_to("there")
    disk.rename_new(tmp_path / "link", tmp_path / "target")
    assert (tmp_path / "target").readlink() == Path("there")


@pytest.mark.parametrize(
    ("name", "numbered"),
    [
        ("x.csv", ["x.csv", "x (2).csv", "x (3).csv"]),
        ("x.csv.gz", ["x.csv.gz", "x (2).csv.gz", "x (3).csv.gz"]),
        ("x", ["x", "x (2)", "x (3)"]),
    ],
)
def test_numbers_stand_before_the_endings(name: str, numbered: list[str]) -> None:
    assert [path.name for path in islice(disk.numbered(Path(name)), 3)] == numbered


def test_folders_that_are_missing_are_made_and_put_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(disk, "put_on_disk", synced.append)
    disk.make_folders(tmp_path / "a" / "b")
    disk.make_folders(tmp_path / "a" / "b")
    assert synced == [tmp_path, tmp_path / "a"]
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("number", "is_told"), [(errno.EINVAL, False), (errno.EIO, True), (errno.ENOSPC, True)]
)
def test_a_sync_that_fails_is_told_unless_the_disk_has_none(
    tmp_path: Path, number: int, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", refusing(number))
    if is_told:
        with pytest.raises(OSError, match=os.strerror(number)):
            disk.put_on_disk(tmp_path)
    else:
        disk.put_on_disk(tmp_path)


@pytest.mark.parametrize(
    ("content", "seconds", "is_copy"),
    [("same", 0, True), ("same", 1, True), ("same", 3, False), ("other", 0, False),
     ("else", 0, False)],
)  # fmt: skip
def test_a_copy_has_the_bytes_and_the_time(
    tmp_path: Path, content: str, seconds: int, is_copy: bool
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path, text, time in ((one, "same", 1_000), (two, content, 1_000 + seconds)):
        path.write_text(text)
        os.utime(path, (time, time))
    assert disk.is_copy(one, two) is is_copy
