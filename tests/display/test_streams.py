"""Files that are written whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.display import streams
from cardstatus.errors import CardStatusError


def test_a_failure_half_way_leaves_the_older_file(tmp_path: Path) -> None:
    target = tmp_path / "cards.csv"
    target.write_text("old")

    def chunks() -> "object":
        yield "new"
        raise OSError(28, "No space left on device")

    with pytest.raises(CardStatusError, match="no space left on device; nothing was changed"):
        streams.write_file(target, chunks())  # type: ignore[arg-type]
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "cards.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    streams.write_file(link, ["new"])
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    streams.write_file(Path("/dev/null"), ["new"])
    assert not Path("/dev/null").is_file()


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    take(database, write(tmp_path, "pickup.csv", row()))
    return database


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        (">/dev/full", 1, "error: stdout cannot be written: no space left on device\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
    ],
)
def test_streams_that_take_nothing_are_no_traceback(
    stocked: Path, redirection: str, code: int, said: str
) -> None:
    command = f"{sys.executable} -m cardstatus export --db {stocked} {redirection}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)
