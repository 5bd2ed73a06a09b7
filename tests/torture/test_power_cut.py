"""The power goes at any moment of a run that archives: no file is lost, and none is archived that
is not in.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.builders import row, statuses, take, write
from support.places import Place
from support.power import Disks, calls_of, cuts, strace
from support.processes import PATIENCE

from cardstatus.errors import DatabaseError

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")

EACH = [
    pytest.param(23, 1, id="some"),
    pytest.param(1, 12, id="every one", marks=pytest.mark.torture),
]


@pytest.fixture(params=["the same disk", "another disk"])
def roots(request: pytest.FixtureRequest, tmp_path: Path, memory: Path) -> list[Path]:
    """The folder of the files and the database, and that of the archive."""
    if request.param == "the same disk":
        return [memory / "here"]
    if tmp_path.stat().st_dev == memory.stat().st_dev:
        pytest.skip("there is one disk only")
    return [tmp_path / "here", memory / "there"]


@pytest.mark.parametrize(("stride", "some"), EACH)
@pytest.mark.parametrize("is_new", [True, False], ids=["a new database", "one that is there"])
def test_a_power_cut_loses_nothing(
    roots: list[Path], stride: int, some: int, is_new: bool, tmp_path: Path
) -> None:
    for root in roots:
        root.mkdir()
    place = Place(roots[0], roots[-1] / "done")
    if not is_new:
        take(place.database, write(tmp_path, "delivered.csv", row("CRD0")))
    disks = Disks(roots)
    log = tmp_path / "trace"
    watched(place, log)
    moment = 0
    for call in calls_of(log):
        if not disks.replay(call):
            continue
        moment += 1
        if moment % stride:
            continue
        for cut in cuts(moment, some):
            disks.leave(cut)
            known = known_to(place)
            assert ("CRD1" in known) or b"pickup.csv" not in disks.said
            assert ("CRD1" in known) or not any(is_named(path) for path in place.archived())
            assert is_new or "CRD0" in known
            place.watch()
            place.assert_nothing_is_lost("CRD1")
            assert len(place.archived()) == 1
            with closing(sqlite3.connect(place.database)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert b"pickup.csv" in disks.said
    assert moment > 30


def watched(place: Place, log: Path) -> None:
    program = [sys.executable, "-m", "cardstatus", "watch", place.drop, "--once", "--workers", "1"]
    where = ["--settle", "0", "--archive", place.archive, "--db", place.database]
    command = [*strace(log), *program, *where]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def known_to(place: Place) -> set[str]:
    """The cards that the database knows; none if it is none yet."""
    with suppress(DatabaseError):
        return {card.card_id for card in statuses(place.database)}
    return set()


def is_named(archived: Path) -> bool:
    return not archived.parent.name.startswith(".")
