"""The rules that never bend, as properties, against a reference that shares no code with src."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from builders import csv_text, take
from hypothesis import given, settings
from hypothesis import strategies as st

from cardstatus.model import CardStatus, IngestReport
from cardstatus.render import csv_lines
from cardstatus.store import Store

TYPES = ("pickup", "delivery_exceptions", "delivered", "returned")
WORDS = ("picked_up", "delivery_exception", "delivered", "returned")
START = datetime(2023, 11, 12, 20, 0, tzinfo=UTC)


class Said(NamedTuple):
    """What a courier says, before it is written in one form or another."""

    card: str
    when: datetime
    stage: int
    reference: str
    mobile: str
    comment: str


# Few values, so that cards, instants and whole events meet again and again.
EVENTS = st.builds(
    Said,
    card=st.sampled_from(["CRD1", "CRD2", "crd1", "Karte Ä"]),
    when=st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes * 97)),
    stage=st.integers(0, 3),
    reference=st.sampled_from(["", "A1", "a1", "982"]),
    mobile=st.sampled_from(["", "585550101", "585550102"]),
    comment=st.sampled_from(
        ["", "Nobody at home", "=1+1", "[red]x", "zwei\nZeilen", "é", "e\u0301"]
    ),
)
TIMES = (
    "{0:%d-%m-%Y %H:%M}",
    "{0:%d-%m-%Y %I:%M %p}",
    "{0:%d/%m/%Y %I:%M%p}",
    "{0:%Y-%m-%dT%H:%M:%SZ}",
    "{0:%Y-%m-%d %H:%M:%S.000}",
    "{0:%d %b %Y %H:%M} +00:00",
    "{1:%d.%m.%Y %H:%M} +0400",
)
MOBILES = ("{}", "0{}", '"0{}"', "971{}", "+971 {}", "00971{}")


@st.composite
def drops(draw: st.DrawFn) -> tuple[list[Said], list[tuple[int, list[Said]]]]:
    """Events, and files that hold each of them at least once, in any order and overlap."""
    events = draw(st.lists(EVENTS, min_size=1, max_size=12))
    files = []
    for stage in range(4):
        of_type = [event for event in events if event.stage == stage]
        left = draw(st.permutations(of_type))
        while left:
            size = draw(st.integers(1, len(left)))
            again = draw(st.lists(st.sampled_from(of_type), max_size=3))
            files.append((stage, [*left[:size], *again]))
            left = left[size:]
    return events, draw(st.permutations(files))


def write_row(event: Said, draw: st.DrawFn) -> tuple[str, ...]:
    time = draw(st.sampled_from(TIMES)).format(event.when, event.when + timedelta(hours=4))
    mobile = draw(st.sampled_from(MOBILES)).format(event.mobile) if event.mobile else ""
    return event.reference, f" {event.card}", mobile, time, event.comment


def reference(events: Sequence[Said]) -> list[tuple[str | None, ...]]:
    """Rule 1, as DESIGN says it."""
    latest: dict[str, Said] = {}
    for event in events:
        known = latest.get(event.card)
        if known is None or event[1:] > known[1:]:
            latest[event.card] = event
    return [
        (
            card,
            WORDS[event.stage],
            f"{event.when:%Y-%m-%dT%H:%M:%SZ}",
            f"+971{event.mobile}" if event.mobile else None,
            event.comment or None,
            event.reference or None,
        )
        for card, event in sorted(latest.items())
    ]


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
            text = csv_text([write_row(event, data.draw) for event in said])
            file.write_text(text, encoding="utf-8", newline="")
            report = take(database, file)
            assert_accounted_for(report)
            # Two files of the same bytes are one file, read once.
            assert report.totals.rows == len(said)
            assert report.totals.rejected == 0
            rows += report.totals.new
        with Store.open(database) as store:
            assert [tuple(card[:6]) for card in store.statuses()] == reference(events)
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
                    file.write_text(csv_text(rows), encoding="utf-8", newline="")
            for _ in range(2):
                assert_accounted_for(take(database, path / f"{way}"))
            exports.add(exported(database))
    assert len(exports) == 1


ODD_CELLS = st.sampled_from(
    ["", " ", "x", '"', "CRD1", "585550101", "9.71586E+11", "13-11-2023 14:00", "####",
     "03/25/2024 2:00 PM", "a,b", "\n", "\r", '""', "\x00", "\ufeff", "é", "Card ID", ";", "\t"]
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
