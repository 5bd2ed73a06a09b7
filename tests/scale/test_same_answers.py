"""Spark gives the answers of the plain program, field by field."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.test_cases import CASES
from properties.test_rules import drops
from support.builders import csv_text, load_json, row, take, write
from support.reference import TYPES, Said, write_row

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.ingestion.options import Options
from cardstatus.model.problems import Severity
from cardstatus.model.reports import IngestReport
from cardstatus.questions.check import CheckRun
from cardstatus.rules.findings import CheckTerms

pytestmark = [pytest.mark.scale, pytest.mark.usefixtures("spark")]

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "sample_data", ROOT / "docs" / "examples" / "messy", *CASES]


def load(spark: Any, folder: Path, what: str, options: dict[str, str]) -> Any:
    reader = spark.read.format("cardstatus").option("what", what)
    return reader.options(**options).load(str(folder))


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def assert_same(spark: Any, folder: Path, database: Path, given: dict[str, str]) -> None:
    from cardstatus.spark import accounts, distinct, latest

    options = dict(given)
    report = take(database, folder, options=Options(**options))
    events = load(spark, folder, "events", options).cache()
    with Store.open(database) as store:
        assert sorted(rows(latest(events))) == sorted(map(tuple, store.statuses()))
        assert distinct(events).count() == report.totals.new
        told = [p for p in store.problems() if p.severity != Severity.FAILED]
    problems = load(spark, folder, "problems", options).orderBy("file", "line")
    same = ("severity", "source", "line", "field", "reason", "detail", "raw")
    assert sorted(rows(problems.select(*same)), key=str) == sorted(
        (tuple(getattr(p, name) for name in same) for p in told), key=str
    )
    files = accounts(events, load(spark, folder, "files", options))
    assert [account(file) for file in files.collect()] == accounted(report)
    events.unpersist()


def account(file: Any) -> tuple[Any, ...]:
    if file.outcome == "unchanged":
        return file.source, file.type, file.outcome
    names = ("source", "type", "outcome", "rows", "new", "duplicates", "rejected", "warnings")
    return tuple(file[name] for name in names)


def accounted(report: IngestReport) -> list[tuple[Any, ...]]:
    told = []
    for file in report.files:
        kind = file.type.word if file.type else None
        begin = (file.source, kind, file.outcome.value)
        counts = file.counts
        rest = (counts.rows, counts.new, counts.duplicates, counts.rejected, counts.warnings)
        told.append(begin if file.outcome == "unchanged" else (*begin, *rest))
    return told


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_kept_for_tests_gives_the_same(spark: Any, folder: Path, database: Path) -> None:
    options = folder / "options.json"
    assert_same(spark, folder, database, load_json(options) if options.exists() else {})


@settings(max_examples=8)
@given(drops(), st.data())
def test_any_drop_gives_the_same(
    spark: Any, drop: tuple[list[Said], list[tuple[int, list[Said]]]], data: st.DataObject
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        for number, (stage, said) in enumerate(drop[1]):
            text = csv_text([write_row(event, data.draw) for event in said]) + "\n" * stage
            file = folder / "in" / f"{TYPES[stage]}_{number}.csv"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        assert_same(spark, folder / "in", folder / "cards.db", {})
    finally:
        shutil.rmtree(folder)


def test_check_gives_the_same(spark: Any, database: Path) -> None:
    from cardstatus.spark import check

    folder = ROOT / "sample_data"
    take(database, folder)
    terms = CheckTerms(now=1_710_300_000 * 10**9)
    with Overview.open(database) as overview:
        expected = sorted(map(tuple, CheckRun(overview, terms).findings()))
    found = check(load(spark, folder, "events", {}), terms)
    assert sorted(rows(found)) == expected
    assert expected


def test_history_is_in_rule_order_with_the_first_evidence(spark: Any, tmp_path: Path) -> None:
    from cardstatus.spark import history

    write(tmp_path, "1 pickup.csv", row("CRD1", "13-11-2023 10:00"))
    write(tmp_path, "2 delivered.csv", row("CRD1", "13-11-2023 12:00"), row("CRD2"))
    write(tmp_path, "3 delivered.csv", row("CRD1", "2023-11-13T12:00:00Z"))
    events = load(spark, tmp_path, "events", {})
    found = rows(history(events, "CRD1").select("status", "source", "zoned", "decides"))
    assert [(status, Path(source).name, *rest) for status, source, *rest in found] == [
        ("picked_up", "1 pickup.csv", 0, False),
        ("delivered", "2 delivered.csv", 1, True),
    ]


def test_days_that_are_appended_give_what_all_at_once_gives(spark: Any, tmp_path: Path) -> None:
    from cardstatus.spark import latest, latest_events

    day1, day2 = tmp_path / "1", tmp_path / "2"
    write(day1, "pickup.csv", row("CRD1"), row("CRD2"))
    write(day2, "pickup.csv", row("CRD1"))
    write(day2, "delivered.csv", row("CRD1", "14-11-2023 9:00"))
    kept = latest_events(load(spark, day1, "events", {}))
    new = load(spark, day2, "events", {"first_file": "2"})
    merged = rows(latest(latest_events(kept.union(new))))
    assert sorted(merged) == sorted(rows(latest(load(spark, tmp_path, "events", {}))))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "cards"}, "none of events, problems, files"),
        ({"timezone": "Mars"}, "Mars"),
        ({"encoding": "klingon"}, "klingon"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    spark: Any, tmp_path: Path, options: dict[str, str], message: str
) -> None:
    from pyspark.errors import PySparkException

    given = {"what": "events", **options}
    with pytest.raises(PySparkException, match=message):
        load(spark, tmp_path, given.pop("what"), given).collect()
