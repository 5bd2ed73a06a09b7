"""What is no database of ours, or no longer one: a sentence, exit code 1, no byte changed."""

import ctypes
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, statuses, take, write
from typer.testing import CliRunner, Result

from cardstatus.cli.app import app
from cardstatus.database.schema import migrations, version
from cardstatus.errors import DatabaseError, OlderSchemaError
from cardstatus.ingestion.options import Options

PAGE = 8_192
COMMANDS: dict[str, list[str]] = {
    "ingest": ["ingest", "drops"],
    "ingest, dry": ["ingest", "drops", "--dry-run"],
    "get by card": ["get", "--card-id", "CRD0007"],
    "get by mobile": ["get", "--mobile", "585550101"],
    "get of many": ["get", "--input", "ids.txt", "--format", "csv"],
    "export": ["export"],
    "export of events": ["export", "--events", "--format", "ndjson"],
    "history": ["history", "--card-id", "CRD0007"],
    "explained": ["get", "--card-id", "CRD0007", "--explain"],
    "check": ["check", "--format", "json"],
    "stats": ["stats"],
    "files": ["files"],
    "problems": ["problems", "--format", "json"],
    "backup": ["backup", "copy.db", "--force"],
}
READERS = [name for name in COMMANDS if not name.startswith("ingest")]


def run(command: str, database: str = "cards.db") -> Result:
    return CliRunner().invoke(app, [*COMMANDS[command], "--db", database])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of 400 cards and what the commands ask for."""
    path = tmp_path_factory.mktemp("made")
    write(path, "drops/returned.csv", *[row(f"CRD{n:04}", "15-11-2023 15:00") for n in (1, 7)])
    (path / "ids.txt").write_text("CRD0007\nCRD0399\n")
    write(path, "once/pickup.csv", *[row(f"CRD{n:04}") for n in range(400)], row(""))
    write(path, "once/delivered.csv", *[row(f"Crd {n:04}") for n in range(0, 400, 9)])
    take(path / "good.db", path / "once")
    return path


@pytest.fixture
def good(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The bytes of that database, in a folder that has all the rest."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.db").unlink()
    return (made / "good.db").read_bytes()


def folder(path: Path) -> dict[str, bytes | None]:
    """Return what is in a folder, without what is in its folders."""
    return {each.name: each.read_bytes() if each.is_file() else None for each in path.iterdir()}


def one_sentence(result: Result) -> str:
    """Return what the program said, which must be one line and all that came of it."""
    assert not result.exception or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


# What there may be in its place


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (card_id, occurred_at)")
        connection.execute("INSERT INTO event VALUES (1, 2)")
        connection.commit()


def with_pragmas(**values: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            for name, value in values.items():
                connection.execute(f"PRAGMA {name} = {value}")

    return make


def newer(path: Path) -> None:
    other_program(path)
    newest = version.SCHEMA_VERSION
    with_pragmas(application_id=version.APPLICATION_ID, user_version=newest + 1)(path)


def own_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)


NOT_OURS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "is a folder; --db takes the database file itself"),
    "a link to a folder": (lambda path: path.symlink_to("drops"), "is a folder"),
    "a link to itself": (lambda path: path.symlink_to(path), "cannot be opened: "),
    "a pipe": (os.mkfifo, "is not a regular file; give another file with --db"),
    "a device": (lambda path: path.symlink_to("/dev/null"), "is not a regular file"),
    "a socket": (own_socket, "is not a regular file"),
    "a text": (lambda path: path.write_text("ID,Card ID\n" * 999), "is not a SQLite database"),
    "a short text": (lambda path: path.write_text("note"), "is not a SQLite database"),
    "one byte": (lambda path: path.write_bytes(b"\n"), "is not a SQLite database"),
    "zeros": (lambda path: path.write_bytes(bytes(PAGE)), "is not a SQLite database"),
    "a header only": (
        lambda path: path.write_bytes(b"SQLite format 3\0"), "is not a SQLite database",
    ),
    "another program's": (other_program, "is a database of another program"),
    "another program's, empty": (with_pragmas(application_id=7), "is a database of another"),
    "no program's, with a version": (with_pragmas(user_version=7), "is a database of another"),
    "a newer version's": (newer, "was written by a newer cardstatus (schema"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("make", "said"), NOT_OURS.values(), ids=NOT_OURS.keys())
def test_what_is_not_ours_is_named_and_untouched(
    tmp_path: Path, good: bytes, make: Callable[[Path], object], said: str, command: str
) -> None:
    make(tmp_path / "cards.db")
    before = folder(tmp_path)
    assert f"error: cards.db {said}" in one_sentence(run(command))
    assert folder(tmp_path) == before


@pytest.mark.parametrize("command", READERS)
def test_what_is_not_there_is_not_made(tmp_path: Path, good: bytes, command: str) -> None:
    for path in ("cards.db", "no/folder/cards.db", "ids.txt/cards.db"):
        said = one_sentence(run(command, path))
        assert f"there is no database at {path}; make one with 'cardstatus ingest" in said or (
            f"{path} cannot be opened: not a directory" in said
        )
    assert not list(tmp_path.glob("**/cards.db"))


@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize("application_id", [0, 7])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_another_program_left_unfinished_is_for_it_to_finish(
    tmp_path: Path, good: bytes, mode: str, application_id: int, command: str
) -> None:
    """Opened as usual SQLite would replay a log that a crash has left, and remove it."""
    other_program(tmp_path / "busy.db")
    with closing(sqlite3.connect(tmp_path / "busy.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute(f"PRAGMA application_id = {application_id}")
        connection.execute("PRAGMA wal_checkpoint")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO event VALUES (?, 1)", [("x" * 999,)] * 99)
        if mode == "wal":
            connection.execute("COMMIT")
        for end in ("", "-wal", "-journal"):
            if (tmp_path / f"busy.db{end}").exists():
                shutil.copy(tmp_path / f"busy.db{end}", tmp_path / f"cards.db{end}")
    assert len(list(tmp_path.glob("cards.db*"))) == 2
    before = folder(tmp_path)
    assert "is a database of another program" in one_sentence(run(command))
    assert folder(tmp_path) == before


def test_the_database_is_no_courier_file(tmp_path: Path, good: bytes) -> None:
    """Closing it would also end the locks that SQLite holds on it."""
    (tmp_path / "pickup.csv").write_bytes(good)
    result = CliRunner().invoke(app, ["ingest", "pickup.csv", "drops", "--db", "pickup.csv"])
    assert result.exit_code == 1
    assert "failed: pickup.csv: this is the database itself, not a courier file" in result.stderr
    assert "drops/returned.csv" in result.stdout


# What may have happened to it


def cuts(size: int) -> list[int]:
    """Return where to cut: at every page boundary, just before, and in the middle of pages."""
    edges = range(PAGE, size + 1, PAGE)
    near = {edge + by for edge in edges for by in (-PAGE // 2, -1, 0)}
    return sorted(cut for cut in {1, 15, 16, 99, 100, 512, *near} if cut < size)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_cut_is_named_as_damaged_wherever_it_is(
    tmp_path: Path, good: bytes, command: str
) -> None:
    path = tmp_path / "cards.db"
    for cut in cuts(len(good)):
        path.write_bytes(good[:cut])
        before = folder(tmp_path)
        said = one_sentence(run(command))
        assert "is damaged; restore a copy" in said or "is not a SQLite database" in said, cut
        assert folder(tmp_path) == before


def flipped(content: bytes, rng: random.Random) -> bytes:
    """Return a database with a few bytes wrong: in its header, at the begin of a page, anywhere."""
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 4, 50])):
        page = rng.randrange(len(damaged) // PAGE) * PAGE
        at = rng.choice([rng.randrange(100), page + rng.randrange(60), page + rng.randrange(PAGE)])
        damaged[at] = rng.choice([0, 255, rng.randrange(256), damaged[at] ^ 1 << rng.randrange(8)])
    return bytes(damaged)


def check_flipped(tmp_path: Path, good: bytes, seed: int) -> None:
    """Whether each command on a damaged file answers, or says so and changes nothing."""
    rng = random.Random(seed)
    damaged = flipped(good, rng)
    path = tmp_path / "cards.db"
    for command in COMMANDS:
        path.write_bytes(damaged)
        result = run(command)
        if result.exit_code == 1 and not (
            command.startswith("ingest") and result.stderr.startswith("failed: ")
        ):
            assert "585550101" not in one_sentence(result), (seed, command)
        else:
            assert not result.exception or isinstance(result.exception, SystemExit), (seed, command)
            assert result.exit_code in (0, 3, 4), (seed, command, result.stderr)
        if command != "ingest":
            assert path.read_bytes() == damaged, (seed, command)
        elif result.exit_code == 1:
            # A header that says another kind of journal than ours is set right before all else.
            assert path.read_bytes()[100:] == damaged[100:], (seed, command)
        for sidecar in tmp_path.glob("cards.db-*"):
            sidecar.unlink()


def test_wrong_bytes_never_give_a_traceback(tmp_path: Path, good: bytes) -> None:
    for seed in range(15):
        check_flipped(tmp_path, good, seed)


@pytest.mark.torture
def test_wrong_bytes_never_give_a_traceback_in_the_long_run(tmp_path: Path, good: bytes) -> None:
    for seed in range(15, 15 + int(os.environ.get("TORTURE_FLIPS", "3000"))):
        check_flipped(tmp_path, good, seed)


DAMAGE = {
    "no zone": ("UPDATE setting SET value = 'Mars/Dune' WHERE name = 'timezone'", "its settings"),
    "no setting": ("UPDATE setting SET name = 'zome' WHERE name = 'timezone'", "its settings"),
    "no status": ("UPDATE event_type SET status = 'picked_uq' WHERE id = 10", "its tables"),
    "no type": ("DELETE FROM event_type WHERE id = 10", "rows of files that are not there"),
    "no sources": ("DROP TABLE source", "rows of files that are not there"),
    "no events": ("ALTER TABLE event RENAME TO evemt", "its tables"),
    "no text": (
        "UPDATE event SET mobile = CAST(x'2b39373135ff' AS TEXT)",
        "text that is not UTF-8",
    ),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_that_sqlite_reads_over_is_told_from_a_bug(
    tmp_path: Path, good: bytes, damage: str, said: str
) -> None:
    (tmp_path / "cards.db").write_bytes(good)
    with closing(sqlite3.connect(tmp_path / "cards.db")) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(damage)
        connection.commit()
    arguments = ["export", "--format", "table", "--db", "cards.db"]
    sentence = one_sentence(CliRunner().invoke(app, arguments))
    assert sentence.startswith("error: cards.db is damaged; restore a copy, or ingest the courier")
    assert f" ({said}" in sentence


def test_a_bug_of_ours_stays_one(
    tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise KeyError("no such key")

    (tmp_path / "cards.db").write_bytes(good)
    monkeypatch.setattr("cardstatus.database.reading.batches.as_records", wrong)
    assert isinstance(run("export").exception, KeyError)


# What may not be written


def as_one_whom_modes_bind() -> None:
    """Give up, in a child, what lets root write whatever the mode says."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def program(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    bound: dict[str, Any] = {"preexec_fn": as_one_whom_modes_bind} if os.geteuid() == 0 else {}
    command = [sys.executable, "-m", "cardstatus", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **bound)


def test_a_read_only_database_answers_and_takes_nothing_in(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "cards.db"
    path.write_bytes(good)
    path.chmod(0o400)
    assert program("get", "--card-id", "CRD0007", "--db", "cards.db", cwd=tmp_path).returncode == 0
    done = program("ingest", "drops", "--db", "cards.db", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: cards.db may not be written; check the permissions of")
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == good


@pytest.mark.parametrize("command", ["ingest", "export"])
def test_a_database_that_may_not_be_read_is_named(
    tmp_path: Path, good: bytes, command: str
) -> None:
    (tmp_path / "cards.db").write_bytes(good)
    (tmp_path / "cards.db").chmod(0)
    done = program(*COMMANDS[command], "--db", "cards.db", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: cards.db cannot be opened; check the permissions of")


# An older schema


def add_a_column(db: Any) -> None:
    db.execute("ALTER TABLE source ADD COLUMN depot TEXT")
    db.execute("UPDATE source SET depot = 'unknown'")


def fail_half_way(db: Any) -> None:
    add_a_column(db)
    db.execute("INSERT INTO no_such_table VALUES (1)")


@pytest.fixture
def newer_program(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the program one that has further migrations."""

    def become(*further: Callable[[Any], None]) -> None:
        monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, *further))
        monkeypatch.setattr(version, "SCHEMA_VERSION", len(migrations.MIGRATIONS))

    return become


def test_every_migration_counts() -> None:
    assert len(migrations.MIGRATIONS) == version.SCHEMA_VERSION


@pytest.mark.parametrize("command", [one for one in READERS if one != "backup"])
def test_a_reader_says_how_an_older_database_is_brought_up_to_date(
    tmp_path: Path, good: bytes, newer_program: Callable[..., None], command: str
) -> None:
    (tmp_path / "cards.db").write_bytes(good)
    newer_program(add_a_column)
    before = folder(tmp_path)
    said = one_sentence(run(command))
    assert "cards.db was written by an older cardstatus (schema" in said
    assert "bring it up to date with: cardstatus ingest FOLDER" in said
    assert folder(tmp_path) == before


@pytest.mark.parametrize("drop", ["drops", "once"], ids=["new files", "no new files"])
def test_ingest_brings_an_older_database_up_to_date(
    tmp_path: Path, good: bytes, newer_program: Callable[..., None], drop: str
) -> None:
    path = tmp_path / "cards.db"
    path.write_bytes(good)
    cards = len(statuses(path))
    newer_program(add_a_column)
    take(path, tmp_path / drop)
    assert len(statuses(path)) == cards
    with closing(sqlite3.connect(path)) as connection:
        depots = connection.execute("SELECT depot FROM source WHERE id = 1").fetchall()
        assert depots == [("unknown",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (version.SCHEMA_VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_dry_run_brings_nothing_up_to_date(
    tmp_path: Path, good: bytes, newer_program: Callable[..., None]
) -> None:
    path = tmp_path / "cards.db"
    path.write_bytes(good)
    newer_program(add_a_column)
    assert take(path, tmp_path / "drops", options=Options(dry_run=True)).totals.new == 2
    assert path.read_bytes() == good
    with pytest.raises(OlderSchemaError):
        statuses(path)


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, good: bytes, newer_program: Callable[..., None]
) -> None:
    path = tmp_path / "cards.db"
    path.write_bytes(good)
    newer_program(add_a_column, fail_half_way)
    with pytest.raises((sqlite3.OperationalError, DatabaseError)):
        take(path, tmp_path / "drops")
    assert path.read_bytes() == good
    assert [each.name for each in tmp_path.glob("cards.db*")] == ["cards.db"]
