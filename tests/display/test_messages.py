"""Reports and notes about the files of a run."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from support.answers import CLEAN, FAILED, INGESTED, NASTY_TEXT, report, unsafe_characters

from cardstatus.display.messages import ingest_json, ingest_notices
from cardstatus.model.records import EventType
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome


def test_ingest_json_keeps_the_contract() -> None:
    text = ingest_json(report(INGESTED, FAILED))
    assert json.loads(text) == {
        "database": "cards.db",
        "timezone": "Asia/Dubai",
        "files": [
            {
                "source": "Pickup.csv",
                "type": "pickup",
                "outcome": "ingested",
                "rows": 1_010,
                "new": 1_000,
                "duplicates": 7,
                "rejected": 3,
                "warnings": 2,
                "error": None,
                "erased": 0,
            },
            {
                "source": "cards.csv",
                "type": None,
                "outcome": "failed",
                "rows": 0,
                "new": 0,
                "duplicates": 0,
                "rejected": 0,
                "warnings": 0,
                "error": "the name tells no type",
                "erased": 0,
            },
        ],
        "totals": {
            "rows": 1_010,
            "new": 1_000,
            "duplicates": 7,
            "rejected": 3,
            "warnings": 2,
            "erased": 0,
        },
    }


def test_ingest_json_has_its_keys_in_the_contracts_order() -> None:
    read = json.loads(ingest_json(report(INGESTED)))
    assert list(read) == ["database", "timezone", "files", "totals"]
    assert list(read["files"][0]) == [
        "source",
        "type",
        "outcome",
        "rows",
        "new",
        "duplicates",
        "rejected",
        "warnings",
        "error",
        "erased",
    ]


ODD = FileReport(
    "b.csv", EventType.PICKUP, Outcome.INGESTED, Counts(2, 1, 0, 1, 0), notes=("columns ignored",)
)
WARNED = FileReport("c.csv", EventType.PICKUP, Outcome.INGESTED, Counts(1, 1, 0, 0, 1))
NOTICES = {
    "nothing to say": (report(CLEAN), []),
    "no files": (report(), []),
    "failed file": (report(FAILED), ["failed: cards.csv: the name tells no type"]),
    "note of a file and rejected rows": (
        report(ODD),
        [
            "note: b.csv: columns ignored",
            "note: rows rejected: 1, warnings: 0; see them with: cardstatus problems --db cards.db",
        ],
    ),
    "warnings only": (
        report(WARNED),
        ["note: rows rejected: 0, warnings: 1; see them with: cardstatus problems --db cards.db"],
    ),
    "rejected rows of a dry run are not stored": (
        report(WARNED, dry_run=True),
        [
            "note: cards whose status would change: 0",
            "note: dry run, nothing was stored",
        ],
    ),
    "one file left out": (
        report(CLEAN, left_out=1),
        ["note: 1 file of other types left out (--only)"],
    ),
    "files left out": (
        report(CLEAN, left_out=1_200),
        ["note: 1,200 files of other types left out (--only)"],
    ),
    "zoneless times, by thousands": (
        report(INGESTED, INGESTED),
        [
            "note: times that carry no zone, read as Asia/Dubai: 2,014",
            "note: rows rejected: 6, warnings: 4; see them with: cardstatus problems --db cards.db",
        ],
    ),
    "interrupted": (
        report(CLEAN, CLEAN, interrupted=True),
        [
            f"interrupted after 2 files, the last {CLEAN.source}; what is in stays in, and the "
            "same command takes in the rest"
        ],
    ),
    "interrupted at once": (
        report(interrupted=True),
        ["interrupted after 0 files; nothing is in, and the same command takes in the rest"],
    ),
    "interrupted, nothing but a failure": (
        report(FAILED, interrupted=True),
        [
            "failed: cards.csv: the name tells no type",
            "interrupted after 0 files; nothing is in, and the same command takes in the rest",
        ],
    ),
    "interrupted dry run": (
        report(CLEAN, dry_run=True, interrupted=True),
        [
            "note: cards whose status would change: 0",
            "note: dry run, nothing was stored",
            f"interrupted after 1 file, the last {CLEAN.source}",
        ],
    ),
}


def test_the_zone_by_default_is_called_in_question_and_the_database_by_default_not_named() -> None:
    file = replace(INGESTED, zoneless=3)
    notices = list(ingest_notices(IngestReport("cardstatus.db", "UTC", "971", (file,))))
    assert notices == [
        "note: times that carry no zone, read as UTC: 3; if the couriers' clocks show another "
        "zone, make it anew with 'cardstatus rebuild --swap --timezone NAME'",
        "note: rows rejected: 3, warnings: 2; see them with: cardstatus problems",
    ]


def test_rows_kept_out_by_a_file_that_failed_are_not_called_problems() -> None:
    counts = Counts(rows=11, rejected=11)
    file = FileReport("a.csv", EventType.PICKUP, Outcome.FAILED, counts, error="9 of 11 rows")
    assert list(ingest_notices(report(file))) == ["failed: a.csv: 9 of 11 rows"]


@pytest.mark.parametrize(("made", "expected"), NOTICES.values(), ids=NOTICES.keys())
def test_notices(made: IngestReport, expected: list[str]) -> None:
    assert list(ingest_notices(made)) == expected


@given(NASTY_TEXT, NASTY_TEXT)
def test_notices_are_lines_that_command_nothing(source: str, note: str) -> None:
    file = FileReport(source, None, Outcome.FAILED, error=f"x{note}", notes=(note,))
    notices = list(ingest_notices(report(file)))
    assert len(notices) == 2
    assert not any(unsafe_characters(notice) or "\n" in notice for notice in notices)
