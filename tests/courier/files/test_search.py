"""Courier files below the paths of a user."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardstatus.courier.files.reader import open_file
from cardstatus.courier.files.search import FoundFile, find_files
from cardstatus.errors import SourceError


def put(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(found: Iterator[FoundFile], folder: Path) -> list[str]:
    return [str(each.path.relative_to(folder)) for each in found]


def test_a_file_is_found_with_its_name_and_size(tmp_path: Path) -> None:
    path = put(tmp_path / "pickup.csv", b"12345")
    (found,) = find_files([path])
    assert (found.name, found.path, found.error, found.size) == (str(path), path, None, 5)
    status = path.stat()
    assert found.stamp == (status.st_dev, status.st_ino, 5, status.st_mtime_ns)
    assert found.touched == status.st_ctime_ns


def test_a_named_file_may_have_any_suffix(tmp_path: Path) -> None:
    path = put(tmp_path / "pickup.txt")
    assert [found.error for found in find_files([path])] == [None]


def test_a_folder_is_searched_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a/z.csv", "a/b/c.csv", "c.csv", "a.csv", "B.csv"):
        put(tmp_path / name)
    assert names(find_files([tmp_path]), tmp_path) == [
        "B.csv",
        "a/b/c.csv",
        "a/z.csv",
        "a.csv",
        "b.csv",
        "c.csv",
    ]


TAKEN = {
    "plain": ("pickup.csv", True),
    "capitals": ("DELIVERED.CSV", True),
    "compressed": ("pickup.csv.gz", True),
    "compressed, capitals": ("Pickup.Csv.GZ", True),
    "blanks": ("Delivery exceptions.csv", True),
    "compressed, but what": ("pickup.gz", False),
    "text": ("pickup.txt", False),
    "spreadsheet": ("pickup.xlsx", False),
    "copy left over": ("pickup.csv.bak", False),
    "word without a dot": ("csv", False),
    "hidden": (".pickup.csv", False),
    "lock of a spreadsheet program": (".~lock.pickup.csv", False),
    "in a hidden folder": (".git/pickup.csv", False),
    "in a hidden folder further down": ("a/.cache/pickup.csv", False),
    "in a folder called like a file": ("drop.csv/pickup.csv", True),
}


@pytest.mark.parametrize(("name", "taken"), TAKEN.values(), ids=TAKEN.keys())
def test_files_of_a_folder_that_are_taken(tmp_path: Path, name: str, taken: bool) -> None:
    put(tmp_path / "always.csv")
    put(tmp_path / name)
    expected = sorted(["always.csv", name]) if taken else ["always.csv"]
    assert names(find_files([tmp_path]), tmp_path) == expected


def test_a_hidden_file_may_be_named(tmp_path: Path) -> None:
    path = put(tmp_path / ".pickup.csv")
    assert [found.error for found in find_files([path])] == [None]


def test_a_hidden_folder_may_be_named(tmp_path: Path) -> None:
    put(tmp_path / ".drop" / "pickup.csv")
    assert names(find_files([tmp_path / ".drop"]), tmp_path) == [".drop/pickup.csv"]


def test_each_file_comes_once_at_its_first_place(tmp_path: Path) -> None:
    path = put(tmp_path / "a" / "pickup.csv")
    roundabout = tmp_path / "a" / ".." / "a" / "pickup.csv"
    assert [found.path for found in find_files([roundabout, tmp_path, path])] == [roundabout]


def test_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    path = put(tmp_path / "b.csv", b"123")
    (tmp_path / "a.csv").symlink_to(path)
    assert [(found.path.name, found.size) for found in find_files([tmp_path])] == [("a.csv", 3)]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "real" / "pickup.csv")
    (tmp_path / "round").symlink_to(tmp_path)
    assert names(find_files([tmp_path]), tmp_path) == ["real/pickup.csv"]


def test_missing_path_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pickup.csv"
    (found,) = find_files([path])
    assert found == FoundFile(str(path), path, "no such file or folder")
    assert found.size == 0


def test_broken_link_in_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "pickup.csv").symlink_to(tmp_path / "gone")
    assert [found.error for found in find_files([tmp_path])] == ["no such file or folder"]


def test_path_below_a_file_is_told_in_the_systems_words(tmp_path: Path) -> None:
    path = put(tmp_path / "pickup.csv") / "x.csv"
    assert [found.error for found in find_files([path])] == ["not a directory"]


def test_folder_without_courier_files_is_told(tmp_path: Path) -> None:
    put(tmp_path / "notes.txt")
    (found,) = find_files([tmp_path])
    assert (found.path, found.size) == (tmp_path, 0)
    assert found.error == "no *.csv or *.csv.gz file in this folder or below it"


@pytest.fixture
def bottomless(tmp_path: Path) -> Iterator[Path]:
    """A folder so deep that the system cannot open its innermost folders by their path."""
    top = tmp_path / "deep"
    top.mkdir()
    outer = os.open(top, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=outer)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=outer)
        os.close(outer)
        outer = inner
    os.close(outer)
    yield top
    shutil.rmtree(top)


def test_folder_that_cannot_be_searched_is_told(bottomless: Path) -> None:
    put(bottomless / "pickup.csv")
    closed, taken = find_files([bottomless])
    assert closed.error == "cannot be searched: file name too long"
    assert closed.path.is_relative_to(bottomless)
    assert closed.name == str(closed.path)
    assert (taken.path.name, taken.error) == ("pickup.csv", None)


def test_folder_that_cannot_be_searched_is_not_called_empty(bottomless: Path) -> None:
    assert [found.error for found in find_files([bottomless])] == [
        "cannot be searched: file name too long"
    ]


def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pickup.csv")
    assert [found.error for found in find_files([tmp_path])] == ["not a regular file"]


def test_what_has_become_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pickup.csv")
    with (
        pytest.raises(SourceError, match=r"^not a regular file$"),
        open_file(tmp_path / "pickup.csv"),
    ):
        pass


def test_two_pipes_are_two(tmp_path: Path) -> None:
    for name in ("pickup.csv", "returned.csv"):
        os.mkfifo(tmp_path / name)
    assert [found.path.name for found in find_files([tmp_path])] == ["pickup.csv", "returned.csv"]


def test_link_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "pickup.csv").symlink_to(tmp_path / "pickup.csv")
    (found,) = find_files([tmp_path])
    assert found.error == "too many levels of symbolic links"


def test_one_bad_path_stops_no_other(tmp_path: Path) -> None:
    path = put(tmp_path / "pickup.csv")
    found = list(find_files([tmp_path / "gone", path]))
    assert [each.error for each in found] == ["no such file or folder", None]


def test_same_missing_path_is_told_once(tmp_path: Path) -> None:
    assert len(list(find_files([tmp_path / "gone", tmp_path / "gone"]))) == 1


def test_name_of_bytes_that_are_no_text_is_printable(tmp_path: Path) -> None:
    name = os.fsdecode(b"pickup\xe9.csv")
    put(tmp_path / name)
    (found,) = find_files([tmp_path])
    assert found.name == f"{tmp_path}/pickup\\xe9.csv"
    assert found.path.name == name


def test_missing_name_of_bytes_that_are_no_text_is_printable(tmp_path: Path) -> None:
    (found,) = find_files([tmp_path / os.fsdecode(b"gone\xe9.csv")])
    assert found.name.endswith("gone\\xe9.csv")


def test_folder_of_bytes_that_are_no_text_is_printable(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"drop\xe9")
    folder.mkdir()
    (found,) = find_files([folder])
    assert found.name.endswith("drop\\xe9")
