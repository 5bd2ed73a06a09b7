"""The rules that never bend, as properties, against a reference that shares no code with src."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import csv_text, take
from support.reference import EVENTS, TYPES, Said, greatest, record, write_row

from cardstatus.database.reading.store import Store
from cardstatus.display.serialise import csv_lines
from cardstatus.model.records import CardStatus
from cardstatus.model.reports import IngestReport


@st.composite
def drops(draw: st.DrawFn) -> tuple[list[Said], list[tuple[int, list[Said]]]]:
    """Events, and files that hold each of them at least once, in any order and overlap."""
    events = draw(st.lists(EVENTS, min_size=1, max_size=12))
    files = []
    for stage in range(len(TYPES)):
        of_type = [event for event in events if event.stage == stage]
        left = draw(st.permutations(of_type))
        while left:
            size = draw(st.integers(1, len(left)))
            again = draw(st.lists(st.sampled_from(of_type), max_size=3))
            files.append((stage, [*left[:size], *again]))
            left = left[size:]
    return events, draw(st.permutations(files))


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def exported(database: Path) -> str:
    """The export, byte for byte but for source and line."""
    with Store.open(database) as store:
        cards = [card._replace(source=None, line=None) for card in store.statuses()]
        events = [event._replace(source=None, line=None) for event in store.events()]
    return "".join([*csv_lines(CardStatus._fields, cards), *csv_lines(CardStatus._fields, events)])


def assert_accounted_for(report: IngestReport) -> None:
    for counts in (report.totals, *(file.counts for file in report.files)):
        assert counts.rows == counts.new + counts.duplicates + counts.rejected


@settings(max_examples=60)
@given(drops(), st.data())
def test_the_answer_is_the_references_however_the_events_arrive(
    drop: tuple[list[Said], list[tuple[int, list[Said]]]], data: st.DataObject
) -> None:
    events, files = drop
    with folder() as path:
        database = path / "cards.db"
        rows = 0
        for number, (stage, said) in enumerate(files):
            file = path / f"{TYPES[stage]}_{number}.csv"
            # Blank lines at its end: the same bytes of two types would be refused.
            text = csv_text([write_row(event, data.draw) for event in said]) + "\n" * stage
            file.write_text(text, encoding="utf-8", newline="")
            report = take(database, file)
            assert_accounted_for(report)
            # Two files of the same bytes are one file, read once.
            assert report.totals.rows == len(said)
            assert report.totals.rejected == 0
            rows += report.totals.new
        with Store.open(database) as store:
            assert [tuple(card[:6]) for card in store.statuses()] == [
                record(event) for event in greatest(events).values()
            ]
        assert rows == len(set(events))


@settings(max_examples=30)
@given(st.lists(EVENTS, min_size=1, max_size=10), st.data())
def test_order_split_repetition_and_overlap_leave_the_export_as_it_is(
    events: list[Said], data: st.DataObject
) -> None:
    exports = set()
    with folder() as path:
        for way in range(3):
            database = path / f"{way}.db"
            shuffled = data.draw(st.permutations(events))
            cut = data.draw(st.integers(0, len(shuffled)))
            overlap = data.draw(st.integers(0, cut))
            for part, said in enumerate([shuffled[:cut], shuffled[cut - overlap :]]):
                for stage, name in enumerate(TYPES):
                    rows = [write_row(e, data.draw) for e in said if e.stage == stage]
                    file = path / f"{way}" / f"{part}_{name}.csv"
                    file.parent.mkdir(exist_ok=True)
                    text = csv_text(rows) + "\n" * stage
                    file.write_text(text, encoding="utf-8", newline="")
            for _ in range(2):
                assert_accounted_for(take(database, path / f"{way}"))
            exports.add(exported(database))
    assert len(exports) == 1


ODD_CELLS = st.sampled_from(
    ["", " ", "x", '"', "CRD1", "585550101", "9.71586E+11", "13-11-2023 14:00", "####",
     "03/25/2024 2:00 PM", "a,b", "\n", "\r", '""', "\x00", "\ufeff", "é", "Card ID", ";", "\t",
     "4111 1111 1111 1111"]
)  # fmt: skip


@given(st.lists(st.lists(ODD_CELLS, min_size=1, max_size=7), max_size=12), st.data())
def test_every_row_of_a_messy_file_is_accounted_for(
    rows: list[list[str]], data: st.DataObject
) -> None:
    ends = st.sampled_from(["\n", "\r\n", "\r"])
    text = "".join(",".join(cells) + data.draw(ends) for cells in rows)
    with folder() as path:
        file = path / "pickup.csv"
        file.write_text("ID,Card ID,Mobile,Timestamp\n" + text, encoding="utf-8", newline="")
        for database in (path / "1.db", path / "1.db", path / "2.db"):
            assert_accounted_for(take(database, file))
        assert exported(path / "1.db") == exported(path / "2.db")
