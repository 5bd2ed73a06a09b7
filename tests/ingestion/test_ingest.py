"""A run of ingest: files go in or stay out as a whole, and the report says which and why."""

import gzip
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.builders import HEADER, csv_text, row, status_of, statuses, take, write
from support.connections import counted

from cardstatus.courier.files import reader
from cardstatus.database.reading.store import Store
from cardstatus.database.writing import staging
from cardstatus.display.messages import ingest_notices
from cardstatus.errors import DatabaseError, UsageError
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType
from cardstatus.model.reports import Counts, IngestReport, Outcome


def only(report: IngestReport) -> tuple[Outcome, Counts, str | None]:
    (file,) = report.files
    return file.outcome, file.counts, file.error


def notices(report: IngestReport) -> str:
    return "\n".join(ingest_notices(report))


def test_a_file_is_counted(tmp_path: Path, database: Path) -> None:
    file = write(
        tmp_path,
        "exceptions.csv",
        row("CRD1"),
        row("CRD1"),
        row("CRD2", mobile="123"),
        row("CRD3", time="yesterday"),
    )
    outcome, counts, error = only(take(database, file))
    assert outcome is Outcome.INGESTED
    assert counts == Counts(rows=4, new=2, duplicates=1, rejected=1, warnings=1)
    assert error is None


def test_a_file_taken_in_twice_is_unchanged(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "delivered.csv", row("CRD1"), row("CRD2", time="?"))
    take(database, file)
    outcome, counts, _ = only(take(database, file))
    assert outcome is Outcome.UNCHANGED
    assert counts == Counts(rows=2, new=0, duplicates=1, rejected=1, warnings=0)


def test_the_same_content_under_another_name_is_unchanged(tmp_path: Path, database: Path) -> None:
    first = write(tmp_path, "delivered.csv", row())
    second = write(tmp_path, "delivered again.csv", row())
    outcome, *_ = only(take(database, first))
    assert outcome is Outcome.INGESTED
    outcome, *_ = only(take(database, second))
    assert outcome is Outcome.UNCHANGED


def test_the_same_content_as_another_type_is_refused(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "delivered.csv", row())
    write(tmp_path, "returned.csv", row())
    report = take(database, tmp_path)
    assert [file.counts.new for file in report.files] == [1, 0]
    assert status_of(database) == "delivered"


def test_source_and_line_name_the_file_that_brought_the_event_first(
    tmp_path: Path, database: Path
) -> None:
    first = write(tmp_path, "delivered 1.csv", row("CRD0"), row())
    second = write(tmp_path, "delivered 2.csv", row(), row("CRD2"))
    take(database, first, second)
    assert {(s.card_id, s.source, s.line) for s in statuses(database)} == {
        ("CRD0", str(first), 2),
        ("CRD1", str(first), 3),
        ("CRD2", str(second), 3),
    }


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "1 delivered.csv", row("CRD1"), header=("a", "b", "c", "d", "e"))
    write(tmp_path, "2 delivered.csv", row("CRD2"))
    (tmp_path / "3 pickup.csv").write_bytes(b"")
    (tmp_path / "4 pickup.csv.gz").write_bytes(b"no gzip")
    report = take(database, tmp_path)
    assert [file.outcome.value for file in report.files] == [
        "failed",
        "ingested",
        "failed",
        "failed",
    ]
    assert status_of(database, "CRD2") == "delivered"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("pickup.csv", b"", "the file is empty"),
        ("pickup.csv", b"\n \n\r\n", "there is no header line"),
        ("pickup.csv", b"A1,CRD1,585550101,13-11-2023 14:00\n", "no column for card id"),
        ("pickup.csv", b"ID,Card ID,Timestamp\n", "no column for mobile"),
        ("pickup.csv", b"Card ID,Mobile,Phone,Time\n", "2 columns could be the mobile"),
        ("cards.csv", b"x\n", "the name tells no type"),
        ("Returned deliveries.csv", b"x\n", "delivered and returned; say which with --type"),
        ("pickup.csv.gz", gzip.compress(b"ID,Card ID\n" * 999)[:-9], "cannot be read"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_file_that_cannot_be_taken_in_says_why(
    tmp_path: Path, database: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    outcome, counts, error = only(take(database, tmp_path))
    assert outcome is Outcome.FAILED
    assert counts == Counts()
    assert error is not None
    assert said in error
    assert not database.exists(), "a file that fails makes no database"


def test_a_message_holds_no_full_mobile(tmp_path: Path, database: Path) -> None:
    (tmp_path / "pickup.csv").write_text("A1,CRD1,0585550101,13-11-2023 14:00\n")
    _, _, error = only(take(database, tmp_path))
    assert error is not None
    assert "85550101" not in error
    assert "…0101" in error


def test_a_file_with_a_header_only_is_taken_in(tmp_path: Path, database: Path) -> None:
    report = take(database, write(tmp_path, "pickup.csv"))
    assert only(report)[:2] == (Outcome.INGESTED, Counts())
    assert "no rows below the header" in notices(report)


def test_a_file_of_which_every_row_is_rejected_fails_and_shows_them(
    tmp_path: Path, database: Path
) -> None:
    file = write(tmp_path, "pickup.csv", row(""), row(time="?"))
    outcome, counts, error = only(take(database, file))
    assert outcome is Outcome.FAILED
    assert counts == Counts(rows=2, rejected=2)
    assert error is not None
    assert error.startswith("every row is rejected; the first is line 2: there is no card id")
    with Store.open(database) as store:
        assert [problem.line for problem in store.problems()] == [2, 3]


def test_strict_keeps_a_file_with_a_rejected_row_out(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD1"), row(""))
    outcome, counts, error = only(take(database, file, options=Options(strict=True)))
    assert outcome is Outcome.FAILED
    assert counts == Counts(rows=2, rejected=2)
    assert error is not None
    assert "1 of 2 rows rejected and --strict" in error
    assert statuses(database) == []


def test_a_failed_file_is_tried_again_and_its_record_replaced(
    tmp_path: Path, database: Path
) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD1"), row(""))
    for _ in range(2):
        take(database, file, options=Options(strict=True))
    outcome, counts, _ = only(take(database, file))
    assert outcome is Outcome.INGESTED
    assert counts == Counts(rows=2, new=1, rejected=1)
    with Store.open(database) as store:
        assert len(list(store.problems())) == 1


def test_strict_lets_warnings_pass(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row(mobile="1"))
    outcome, counts, _ = only(take(database, file, options=Options(strict=True)))
    assert (outcome, counts.warnings) == (Outcome.INGESTED, 1)


def test_the_type_option_serves_where_the_name_does_not_tell(
    tmp_path: Path, database: Path
) -> None:
    write(tmp_path, "Returned deliveries.csv", row("CRD1"))
    write(tmp_path, "monday.csv", row("CRD2"))
    write(tmp_path, "pickup.csv", row("CRD3"))
    report = take(database, tmp_path, options=Options(type=EventType.RETURNED))
    assert {s.card_id: s.status for s in statuses(database)} == {
        "CRD1": "returned",
        "CRD2": "returned",
        "CRD3": "picked_up",
    }
    assert "pickup.csv: taken as pickup by its name" in notices(report)


def test_only_leaves_files_of_other_types_out(tmp_path: Path, database: Path) -> None:
    for name in ("pickup.csv", "delivered.csv", "exceptions.csv", "returned.csv"):
        write(tmp_path, name, row(name))
    kinds = frozenset({EventType.PICKUP, EventType.RETURNED})
    report = take(database, tmp_path, options=Options(only=kinds))
    assert [file.type for file in report.files] == [EventType.PICKUP, EventType.RETURNED]
    assert "2 files of other types left out" in notices(report)


def test_only_looks_at_the_type_option_for_names_that_do_not_tell(
    tmp_path: Path, database: Path
) -> None:
    write(tmp_path, "monday.csv", row())
    kind = Options(type=EventType.PICKUP, only=frozenset({EventType.RETURNED}))
    assert take(database, tmp_path, options=kind).files == ()
    (file,) = take(database, tmp_path, options=Options(only=kind.only)).files
    assert file.outcome is Outcome.FAILED


def test_columns_that_nobody_claims_are_named(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", (*row(), "x", ""), header=(*HEADER, "Courier", ""))
    assert "columns ignored: Courier, (column 7, no name)" in notices(take(database, file))


def test_a_dry_run_reports_what_would_be_and_stores_nothing(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "delivered 1.csv", row("CRD1"))
    write(tmp_path, "delivered 2.csv", row("CRD1"), row("CRD2"), row(""))
    wet, dry = Options(), Options(dry_run=True)
    assert take(database, tmp_path, options=dry).totals == Counts(4, 2, 1, 1, 0)
    assert not database.exists()
    take(database, tmp_path / "delivered 1.csv", options=wet)
    before = database.read_bytes()
    report = take(database, tmp_path, options=dry)
    assert [file.outcome for file in report.files] == [Outcome.UNCHANGED, Outcome.INGESTED]
    assert report.totals == Counts(4, 1, 2, 1, 0)
    assert database.read_bytes() == before


# Zone and country code


def dubai_files(folder: Path) -> Path:
    write(folder, "pickup.csv", row(time="13-11-2023 11:00 AM"))
    write(folder, "delivered.csv", row(time="2023-11-13T09:34:56Z"))
    return folder


@pytest.mark.parametrize(
    ("timezone", "status"), [("Asia/Dubai", "delivered"), ("UTC", "picked_up"), (None, "picked_up")]
)
def test_zoneless_times_are_read_in_the_databases_zone(
    tmp_path: Path, database: Path, timezone: str | None, status: str
) -> None:
    report = take(database, dubai_files(tmp_path), options=Options(timezone=timezone))
    assert status_of(database) == status
    assert f"times that carry no zone, read as {timezone or 'UTC'}: 1" in notices(report)


@pytest.mark.parametrize("other", [Options(timezone="UTC"), Options(country_code="44")])
def test_another_zone_or_country_code_is_refused_and_changes_nothing(
    tmp_path: Path, database: Path, other: Options
) -> None:
    folder = dubai_files(tmp_path / "a")
    take(database, folder, options=Options(timezone="Asia/Dubai", country_code="971"))
    before = database.read_bytes()
    write(folder, "returned.csv", row())
    with pytest.raises(DatabaseError, match="begun with --timezone Asia/Dubai"):
        take(database, folder, options=other)
    assert database.read_bytes() == before
    assert take(database, folder).timezone == "Asia/Dubai"


def test_a_run_in_which_no_file_got_in_fixes_nothing(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row(""))
    take(database, file, options=Options(timezone="Asia/Dubai"))
    assert take(database, write(tmp_path, "returned.csv", row())).timezone == "UTC"


def test_the_country_code_completes_mobiles(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row(mobile="07911123456"))
    take(database, file, options=Options(country_code="44"))
    assert statuses(database)[0].mobile == "+447911123456"


# A file is in or out


def test_an_error_in_the_middle_of_a_merge_leaves_no_trace(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD0")))
    before = statuses(database)
    broken = lambda db, *_: db.execute("INSERT INTO nowhere VALUES (1)")  # noqa: E731
    monkeypatch.setattr(staging, "keep_aliases", broken)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        take(database, write(tmp_path, "delivered.csv", row("crd 1")))
    monkeypatch.undo()
    assert statuses(database) == before
    report = take(database, tmp_path)
    assert [file.outcome for file in report.files] == [Outcome.INGESTED, Outcome.UNCHANGED]


@pytest.mark.parametrize("enough", [1, 3, 1_000])
@pytest.mark.parametrize("strict", [False, True], ids=["", "strict"])
def test_files_merged_together_are_what_they_are_one_by_one(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, enough: int, strict: bool
) -> None:
    again, bad = row("CRD1"), row("CRD9", time="?")
    write(tmp_path, "1 pickup.csv", row("CRD2"), again, again)
    write(tmp_path, "2 pickup.csv", again, row("CRD3", time="2023-11-13T14:00:00Z"))
    write(tmp_path, "3 pickup.csv", bad, row("CRD4"), again)
    write(tmp_path, "4 pickup.csv", bad)
    write(tmp_path, "5 pickup.csv", row("crd 3"), row("CRD3", time="13-11-2023 14:00"))
    write(tmp_path, "6 nothing.csv", again)
    write(tmp_path, "7 pickup.csv", row("CRD2"), again, again)
    write(tmp_path, "8 delivered.csv", again)
    monkeypatch.setattr(staging, "ENOUGH", enough)
    report = take(database, tmp_path, options=Options(strict=strict))
    kept = "ingested" if not strict else "failed"
    assert [
        (file.outcome, file.counts.new, file.counts.duplicates, file.counts.rejected)
        for file in report.files
    ] == [
        ("ingested", 2, 1, 0),
        ("ingested", 1, 1, 0),
        (kept, *((1, 1, 1) if not strict else (0, 0, 3))),
        ("failed", 0, 0, 1),
        ("ingested", 1, 1, 0),
        ("failed", 0, 0, 0),
        ("unchanged", 0, 3, 0),
        ("ingested", 1, 0, 0),
    ]
    with Store.open(database) as store:
        assert [(e.card_id, Path(e.source or "").name, e.line) for e in store.events()] == [
            ("CRD1", "1 pickup.csv", 3),
            ("CRD1", "8 delivered.csv", 2),
            ("CRD2", "1 pickup.csv", 2),
            ("CRD3", "2 pickup.csv", 3),
            *([("CRD4", "3 pickup.csv", 3)] if not strict else []),
            ("crd 3", "5 pickup.csv", 2),
        ]
        assert [(Path(p.source).name, p.line) for p in store.problems()] == [
            ("3 pickup.csv", 2),
            ("4 pickup.csv", 2),
        ]


def test_ctrl_c_keeps_the_files_before_and_nothing_of_the_one_at_hand(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "1 pickup.csv", row("CRD1"))
    write(tmp_path, "2 pickup.csv", row("CRD2"))
    monkeypatch.setattr(staging, "ENOUGH", 1)
    merge = staging.merge

    def interrupted(
        db: Any, files: Sequence[staging.StagedFile | None], base: int
    ) -> dict[int, int]:
        if base == 1:
            raise KeyboardInterrupt
        return merge(db, files, base)

    monkeypatch.setattr(staging, "merge", interrupted)
    report = take(database, tmp_path)
    assert report.interrupted
    assert [Path(file.source).name for file in report.files] == ["1 pickup.csv"]
    assert [s.card_id for s in statuses(database)] == ["CRD1"]
    assert f"interrupted after 1 file, the last {tmp_path}/1 pickup.csv; what is in" in notices(
        report
    )


def test_a_file_that_is_written_to_while_it_is_read_stays_out(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD1"))
    sha256 = reader.OpenFile.sha256

    def grows(self: reader.OpenFile) -> str:
        with file.open("a") as more:
            more.write("A1,CRD2,585550101,13-11-2023 14:00,\n")
        return sha256(self)

    monkeypatch.setattr(reader.OpenFile, "sha256", grows)
    outcome, counts, error = only(take(database, file))
    assert (outcome, counts) == (Outcome.FAILED, Counts())
    assert error == "changed while it was being read; ingest it again once it is whole"
    assert not database.exists(), "a file that fails makes no database"


def test_many_problems_and_events_cross_batches(tmp_path: Path, database: Path) -> None:
    rows = [row(f"CRD{n}", time="?" if n % 3 else "13-11-2023 14:00") for n in range(3_001)]
    _, counts, _ = only(take(database, write(tmp_path, "pickup.csv", *rows)))
    assert counts == Counts(rows=3_001, new=1_001, rejected=2_000)
    assert len(statuses(database)) == 1_001


def test_the_time_of_ingest_is_stored(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row()), now=1_700_000_000_000_000_000)
    connection = sqlite3.connect(database)
    (at,) = connection.execute("SELECT ingested_at FROM card_event").fetchone()
    connection.close()
    assert at == "2023-11-14T22:13:20Z"


class Spy:
    def __init__(self) -> None:
        self.total, self.done = 0, 0

    def start(self, total: int) -> None:
        self.total = total

    def advance(self, count: int) -> None:
        self.done += count


def test_progress_ends_at_the_size_of_all_files(tmp_path: Path, database: Path) -> None:
    write(tmp_path, "pickup.csv", *[row(f"CRD{n}") for n in range(2_000)])
    write(tmp_path, "nothing.csv", row())
    packed = gzip.compress(csv_text([row()]).encode())
    (tmp_path / "delivered.csv.gz").write_bytes(packed)
    for _ in range(2):
        spy = Spy()
        ingest([tmp_path, tmp_path / "none"], database, progress=spy)
        assert spy.total == sum(file.stat().st_size for file in tmp_path.glob("*.csv*"))
        assert spy.done == spy.total


# What a run opens, and how often


@contextmanager
def openings() -> Iterator["Counter[str]"]:
    """Count by name how often each file is opened in the block."""
    opened: Counter[str] = Counter()
    os_open = os.open

    def count(path: str | Path, *arguments: Any, **options: Any) -> int:
        opened[Path(path).name] += 1
        return os_open(path, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", count)
        yield opened


def test_a_file_is_opened_to_be_planned_and_to_be_read(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PART", 500)
    rows = [row(f"CRD{n}") for n in range(200)]
    file = write(tmp_path, "1 pickup.csv", *rows)
    (tmp_path / "2 delivered.csv.gz").write_bytes(gzip.compress(file.read_bytes()))
    write(tmp_path, "3 returned.csv", *rows[:100], row(comment="over lines\n" * 99), *rows[100:])
    write(tmp_path, "4 of no type.csv", row())
    write(tmp_path, "5 pickup.csv", row(), header=("a", "b", "c", "d", "e"))
    names = {path.name for path in tmp_path.iterdir()}
    with openings() as opened:
        assert take(database, tmp_path).totals.rows == 601
    assert {name: opened[name] for name in names} == {
        "1 pickup.csv": 2,
        "2 delivered.csv.gz": 2,
        "3 returned.csv": 2,
        "4 of no type.csv": 1,  # to know it again by another name
        "5 pickup.csv": 2,
    }
    with openings() as opened:
        take(database, tmp_path)
    assert [opened[name] for name in sorted(names)] == [1, 1, 1, 1, 2]


def test_a_file_that_is_replaced_while_it_is_read_stays_out(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that were read are unchanged, but they are no longer at the path."""
    monkeypatch.setattr(reader, "PART", 500)
    file = write(tmp_path, "pickup.csv", *[row(f"CRD{n}") for n in range(200)])

    class Replaces(Spy):
        def advance(self, count: int) -> None:
            if not self.done:
                write(tmp_path, "other", row("CRD1")).replace(file)
            super().advance(count)

    report = ingest([file], database, progress=Replaces())
    assert only(report) == (
        Outcome.FAILED,
        Counts(),
        "changed while it was being read; ingest it again once it is whole",
    )
    assert statuses(database) == []


NEW, KNOWN, BAD = "2 pickup.csv", "1 pickup.csv", "no type.csv"
RUNS = {
    "no database, nothing to take in": (False, [BAD], Options(), 0),
    "no database": (False, [KNOWN, NEW, BAD], Options(), 1),
    "no database, dry": (False, [KNOWN, NEW], Options(dry_run=True), 0),
    "nothing to take in": (True, [BAD], Options(), 1),
    "nothing new": (True, [KNOWN, BAD], Options(), 1),
    "nothing new, dry": (True, [KNOWN], Options(dry_run=True), 1),
    "something new": (True, [KNOWN, NEW, BAD], Options(), 1),
    "something new, dry": (True, [NEW, KNOWN], Options(dry_run=True), 1),
}


@pytest.mark.parametrize(("exists", "names", "options", "times"), RUNS.values(), ids=RUNS.keys())
def test_a_run_opens_the_database_once(
    tmp_path: Path, database: Path, exists: bool, names: list[str], options: Options, times: int
) -> None:
    for name in (KNOWN, NEW, BAD):
        write(tmp_path, name, row(name))
    if exists:
        take(database, tmp_path / KNOWN)
    with counted() as opened:
        report = take(database, *[tmp_path / name for name in names], options=options)
    assert len(opened) == times
    known = Outcome.UNCHANGED if exists else Outcome.INGESTED
    expected = {KNOWN: known, NEW: Outcome.INGESTED, BAD: Outcome.FAILED}
    assert [file.outcome for file in report.files] == [expected[name] for name in names]


def test_what_is_in_as_a_run_is_interrupted_is_told_over_the_same_connection(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(staging, "clear", interrupt)  # follows the commit
    with counted() as opened:
        report = take(database, write(tmp_path, "pickup.csv", row("CRD1"), row("CRD1"), row("")))
    assert (report.interrupted, len(opened)) == (True, 1)
    assert only(report) == (Outcome.INGESTED, Counts(3, 1, 1, 1), None)


def test_a_run_holds_on_to_no_state_of_the_database(tmp_path: Path, database: Path) -> None:
    """Else files that others write meanwhile would not be known, and the WAL would grow."""
    first, second = (write(tmp_path, f"{n} pickup.csv", row(f"CRD{n}")) for n in range(2))
    take(database, first)
    looked_at = reader.OpenFile.sha256

    def late(self: reader.OpenFile) -> str:
        if self.stamp.inode == second.stat().st_ino:
            monkeypatch.undo()
            take(database, second)
        return looked_at(self)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(reader.OpenFile, "sha256", late)
        report = take(database, first, second)
    assert [file.outcome for file in report.files] == [Outcome.UNCHANGED] * 2


# What an adversary tried


def test_ditto_marks_in_two_rows_swallow_no_row(tmp_path: Path, database: Path) -> None:
    (tmp_path / "pickup.csv").write_text(
        ",".join(HEADER) + "\n"
        '1,CRD1,585550101,13-11-2023 10:00,"\n'
        '2,CRD2,585550102,13-11-2023 11:00,"\n'
        "3,CRD3,585550103,13-11-2023 12:00,x\n"
    )
    _, counts, _ = only(take(database, tmp_path))
    assert counts == Counts(rows=3, new=1, rejected=2)
    with Store.open(database) as store:
        assert [(p.line, p.reason) for p in store.problems()] == [
            (2, "bad_quoting"),
            (3, "bad_quoting"),
        ]


def test_quoted_headers_of_any_delimiter_are_read(tmp_path: Path, database: Path) -> None:
    for number, delimiter in enumerate(",;\t"):
        cells = (["ID", "Card ID", "Mobile", "Timestamp"], [f"{number}", *row()[1:4]])
        text = "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in cells)
        (tmp_path / f"pickup {number}.csv").write_text(text, newline="")
    assert take(database, tmp_path).totals == Counts(rows=3, new=3)


def test_the_same_comment_with_other_line_ends_is_the_same_event(
    tmp_path: Path, database: Path
) -> None:
    for number, end in enumerate(["\n", "\r\n", "\r"]):
        file = tmp_path / f"exceptions {number}.csv"
        text = csv_text([row(comment="two\nlines")]).replace("\n", end)
        file.write_text(text, encoding="utf-8", newline="")
    assert take(database, tmp_path).totals == Counts(rows=3, new=1, duplicates=2)
    assert statuses(database)[0].comment == "two\nlines"


def test_dates_with_the_month_first_cast_doubt_on_their_whole_file(
    tmp_path: Path, database: Path
) -> None:
    file = write(tmp_path, "pickup.csv", row(time="11/13/2023 10:00"), row(time="11/12/2023 10:00"))
    report = take(database, file)
    assert report.files[0].outcome is Outcome.FAILED
    assert report.totals == Counts()
    assert "dates with the month first: 1 (line 2: '11/13/2023')" in notices(report)
    assert statuses(database) == []


def test_a_date_with_the_month_first_casts_doubt_whatever_else_is_wrong_with_its_row(
    tmp_path: Path, database: Path
) -> None:
    file = write(
        tmp_path,
        "pickup.csv",
        row(card_id="Total", time="11/13/2023 10:00"),
        row(time="11/12/2023 10:00"),
    )
    assert take(database, file).files[0].outcome is Outcome.FAILED


def test_dates_with_the_month_first_are_rejected_where_no_other_is_in_doubt(
    tmp_path: Path, database: Path
) -> None:
    file = write(tmp_path, "pickup.csv", row(time="11/13/2023 10:00"), row(time="13/11/2023 10:00"))
    report = take(database, file)
    assert report.totals == Counts(rows=2, new=1, rejected=1)
    assert "dates with the month first: 1; if all dates are meant so, say --dates" in notices(
        report
    )


DECLARED = {
    "month first": (DateOrder.MONTH_FIRST, ["2023-11-12", "2023-11-13"]),
    "day first": (DateOrder.DAY_FIRST, ["2023-12-11"]),
    "year first": (DateOrder.YEAR_FIRST, []),
    "as text": ("month-first", ["2023-11-12", "2023-11-13"]),
}


@pytest.mark.parametrize(("order", "days"), DECLARED.values(), ids=DECLARED)
def test_a_declared_order_reads_the_dates(
    tmp_path: Path, database: Path, order: Any, days: list[str]
) -> None:
    times = ["11/12/2023 10:00", "11/13/2023 10:00"]
    rows = [row(f"CRD{at}", time=time) for at, time in enumerate(times)]
    report = take(database, write(tmp_path, "pickup.csv", *rows), options=Options(dates=order))
    assert report.totals.rejected == len(times) - len(days)
    assert [answer.occurred_at for answer in statuses(database)] == [
        f"{day}T10:00:00Z" for day in days
    ]


def test_a_file_is_read_anew_in_another_order_and_stays_so(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row(time="11/12/2023 10:00"))
    declared = Options(dates=DateOrder.MONTH_FIRST)
    found = []
    for options in (Options(), declared, declared, Options(), Options(dates=DateOrder.DAY_FIRST)):
        (report,) = take(database, file, options=options).files
        found.append((report.outcome, report.counts.new, statuses(database)[0].occurred_at))
    day_first, month_first = "2023-12-11T10:00:00Z", "2023-11-12T10:00:00Z"
    assert found == [
        (Outcome.INGESTED, 1, day_first),
        (Outcome.INGESTED, 1, month_first),
        (Outcome.UNCHANGED, 0, month_first),
        (Outcome.UNCHANGED, 0, month_first),
        (Outcome.INGESTED, 1, day_first),
    ]
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT dates FROM source").fetchall() == [("day-first",)]
    assert connection.execute("SELECT dates FROM undone ORDER BY id").fetchall() == [
        (None,),
        ("month-first",),
    ]
    connection.close()


def test_an_order_of_dates_that_nobody_knows_is_refused(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row())
    with pytest.raises(UsageError, match="--dates: 'middle' is none of day-first, month-first"):
        take(database, file, options=Options(dates="middle"))  # type: ignore[arg-type]


def test_a_folder_that_may_not_be_searched_is_named(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "pickup.csv", row())
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    # Root, who may run the tests, is refused by no folder.
    monkeypatch.setattr(os, "scandir", refuse)
    report = take(database, tmp_path)
    assert [file.outcome for file in report.files] == [Outcome.FAILED, Outcome.INGESTED]
    assert report.files[0].error == "cannot be searched: permission denied"


def test_a_file_name_that_is_no_text_can_be_taken_in(tmp_path: Path, database: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pickup \xff.csv"))
    file.write_text(csv_text([row()]))
    assert take(database, file).totals.new == 1
    assert statuses(database)[0].source == rf"{tmp_path}/pickup \xff.csv"


def test_paths_that_cannot_exist_fail_without_stopping_others(
    tmp_path: Path, database: Path
) -> None:
    good = write(tmp_path, "pickup.csv", row())
    report = take(database, tmp_path / ("x" * 300), good)
    assert [file.outcome for file in report.files] == [Outcome.FAILED, Outcome.INGESTED]
    with pytest.raises(DatabaseError, match="cannot be opened: file name too long"):
        take(tmp_path / ("x" * 300), good)


def test_many_processes_may_make_the_database_at_once(tmp_path: Path, database: Path) -> None:
    files = [write(tmp_path, f"pickup {n}.csv", row(f"CRD{n}")) for n in range(8)]
    command = [sys.executable, "-m", "cardstatus", "ingest", "--db", str(database)]
    processes = [
        subprocess.Popen([*command, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for file in files
    ]
    said = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    assert len(statuses(database)) == 8


def test_a_database_whose_maker_died_is_made_anew(tmp_path: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert database.stat().st_size > 0
    with pytest.raises(DatabaseError, match="or empty"):
        statuses(database)
    take(database, write(tmp_path, "pickup.csv", row()))
    assert len(statuses(database)) == 1


STATUS_HEADER = ("ID", "Card ID", "Phone", "Timestamp", "Shipment Status")


def test_row_whose_status_says_otherwise_stays_out(tmp_path: Path, database: Path) -> None:
    file = write(
        tmp_path,
        "Delivered.csv",
        row("CRD1", comment="Delivered"),
        row("CRD2", comment="NOT DELIVERED"),
        row("CRD3", comment="Locker 7"),
        header=STATUS_HEADER,
    )
    report = take(database, file)
    assert only(report)[1] == Counts(rows=3, new=2, duplicates=0, rejected=1, warnings=0)
    assert report.files[0].notes == (
        "statuses that are not understood: 1, such as 'Locker 7'; ask whether one of them says "
        "otherwise than delivered",
    )
    assert [card.card_id for card in statuses(database)] == ["CRD1", "CRD3"]


def test_file_all_of_whose_statuses_say_otherwise_fails(tmp_path: Path, database: Path) -> None:
    file = write(
        tmp_path, "Delivered.csv", row(comment="RTO"), row(comment="RTO"), header=STATUS_HEADER
    )
    outcome, _, error = only(take(database, file))
    assert outcome is Outcome.FAILED
    assert error is not None
    assert "the first is line 2: the status 'RTO' says otherwise" in error


@pytest.mark.parametrize(
    ("name", "header", "is_read"),
    [
        ("Pickup.csv", "Status", True),
        ("Pickup.csv", "Current Status", False),
        ("Delivered.csv", "Current Status", True),
        ("Returned.csv", "Last Event", False),
        ("Returned.csv", "outcome", True),
    ],
)
def test_status_of_by_now_says_nothing_against_what_was_before(
    tmp_path: Path, database: Path, name: str, header: str, *, is_read: bool
) -> None:
    file = write(
        tmp_path, name, row(comment="Lost"), row(comment="x"), header=(*HEADER[:4], header)
    )
    (report,) = take(database, file).files
    assert (report.notes[0].startswith("columns ignored")) is not is_read


def test_unknown_statuses_are_the_same_with_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(f"CRD{n}", comment=f"word {n % 7}x" if n % 3 else "OK") for n in range(60)]
    file = write(tmp_path, "delivered.csv", *rows, header=STATUS_HEADER)
    notes = set()
    for number, (size, workers) in enumerate([(1 << 20, 1), (100, 1), (333, 3)]):
        monkeypatch.setattr(reader, "PART", size)
        options = Options(workers=workers)
        notes.add(take(tmp_path / f"{number}.db", file, options=options).files[0].notes)
    assert len(notes) == 1
    assert notes.pop()[0].startswith("statuses that are not understood: 40, such as 'word 1x', 'wo")
