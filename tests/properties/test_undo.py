"""A file taken out, or replaced, leaves a database that never saw it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import csv_text, row, take

from cardstatus.database.reading.overview import Overview
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.standing.undo import Choice, undo
from cardstatus.model.reports import Outcome
from cardstatus.questions.check import CheckRun
from cardstatus.questions.history import explain, history_records
from cardstatus.rules.findings import CheckTerms

NAMES = ("pickup", "exceptions", "delivered", "returned")
CARDS = ("CRD1", "CRD2", "crd 1")
MOBILES = ("+971585550101", "+971585550102")
NOW = 1_699_819_200_000_000_000
EXAMPLES = [
    pytest.param(40, id="some"),
    pytest.param(2_000, id="many", marks=pytest.mark.torture),
]


class Told(NamedTuple):
    """A row: what it says, and whether it says its zone. Without a card it says nothing."""

    minute: int
    zoned: bool
    card: str
    mobile: str
    comment: str

    def cells(self) -> tuple[str, ...]:
        minute = f"20:{self.minute:02}"
        time = f"2023-11-12T{minute}:00Z" if self.zoned else f"12-11-2023 {minute}"
        return row(self.card, time, mobile=self.mobile, comment=self.comment)


ROWS = st.builds(
    Told,
    minute=st.integers(0, 2),
    zoned=st.booleans(),
    card=st.sampled_from([*CARDS, *CARDS, ""]),
    mobile=st.sampled_from(["", *MOBILES, " / ".join(MOBILES)]),
    comment=st.sampled_from(["", "x"]),
)


class Drop(NamedTuple):
    """A file that came in, when, by the clock, and whether it goes again."""

    name: str
    rows: tuple[Told, ...]
    clock: int
    goes: bool


DROPS = st.lists(
    st.builds(
        Drop,
        name=st.sampled_from(NAMES),
        rows=st.lists(ROWS, min_size=1, max_size=5).map(tuple),
        clock=st.integers(1, 4),
        goes=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def written(place: Path, number: int, drop: Drop) -> Path:
    path = place / f"{number} {drop.name}.csv"
    # The comment keeps files apart that are otherwise the same.
    rows = [told.cells() for told in drop.rows]
    path.write_text(csv_text([*rows, row("", comment=f"file {number}")]), "utf-8")
    return path


def number_of(database: Path, path: Path) -> str | None:
    """Return the number of the file read at a path, None if it failed or does not stand."""
    with Overview.open(database) as overview:
        found = [str(f.number) for f in overview.files() if f.path == str(path)]
    return found[-1] if found else None


def everything(database: Path) -> dict[str, Any]:
    """All that a database would say: statuses, events, problems, findings, counts, and all of it
    as it was known at each time."""
    if not database.exists():
        return {"events": []}
    told: dict[str, Any] = {}
    with Overview.open(database) as overview:
        told["problems"] = list(overview.problems())
        told["files"] = [file._replace(number=0) for file in overview.files()]
        told["activity"] = overview.activity()
        told["count"] = overview.count_events()
        for file in told["files"]:
            assert file.rows == file.new + file.duplicates + file.rejected
        assert told["count"] == len(list(overview.events()))
    for known in (None, 1, 2, 3):
        with Overview.open(database) as overview:
            if known is not None:
                overview.look_back(known_at=known)
            events = list(overview.events())
            run = CheckRun(overview, CheckTerms(now=NOW))
            told[f"known {known}"] = {
                "statuses": list(overview.statuses()),
                "events": events,
                "zoned": [
                    [bool(event[6]) for event in history] for history in overview.histories()
                ],
                "cards": [overview.card(card) for card in CARDS],
                "owned": [overview.cards_of_mobile(mobile) for mobile in MOBILES],
                "near": [overview.near_ids(card) for card in ("crd1", "CRD 2", "CRD1")],
                "histories": list(history_records(overview, CARDS)),
                "reasons": list(explain(overview, overview.statuses(), NOW)),
                "findings": list(run.findings()),
                "totals": run.totals(),
            }
    if not told["files"]:  # what it knew before is as if it had never been
        assert told["known None"]["events"] == []
        return {"events": []}
    return told


@pytest.mark.parametrize("examples", EXAMPLES)
def test_what_is_taken_out_was_never_there(examples: int) -> None:
    @settings(max_examples=examples)
    @given(drops=DROPS, data=st.data())
    def holds(drops: list[Drop], data: st.DataObject) -> None:
        with folder() as place:
            paths = [written(place, number, drop) for number, drop in enumerate(drops)]
            whole, never = place / "whole.db", place / "never.db"
            for path, drop in zip(paths, drops, strict=True):
                take(whole, path, now=drop.clock)
                if not drop.goes:
                    take(never, path, now=drop.clock)
            gone = [path for path, drop in zip(paths, drops, strict=True) if drop.goes]
            for path in data.draw(st.permutations(gone)):
                if number := whole.exists() and number_of(whole, path):
                    undo(whole, Choice(files=(number,)), now=lambda: 9)
            assert everything(whole) == everything(never)
            # Each may come in again, and is then as if it had come later.
            for path in gone:
                for database in (whole, never):
                    take(database, path, now=5)
            assert everything(whole) == everything(never)

    holds()


@pytest.mark.parametrize("examples", EXAMPLES)
def test_many_are_taken_out_as_one_by_one(examples: int) -> None:
    @settings(max_examples=examples // 2)
    @given(drops=DROPS)
    def holds(drops: list[Drop]) -> None:
        with folder() as place:
            one, many = place / "one.db", place / "many.db"
            paths = [written(place, number, drop) for number, drop in enumerate(drops)]
            for path, drop in zip(paths, drops, strict=True):
                for database in (one, many):
                    take(database, path, now=drop.clock)
            numbers = [
                number
                for path, drop in zip(paths, drops, strict=True)
                if drop.goes and one.exists() and (number := number_of(one, path))
            ]
            if numbers:
                undo(many, Choice(files=tuple(numbers)), now=lambda: 9)
                for number in numbers:
                    undo(one, Choice(files=(number,)), now=lambda: 9)
                assert everything(one) == everything(many)

    holds()


@pytest.mark.parametrize("examples", EXAMPLES)
def test_what_is_replaced_was_never_there(examples: int) -> None:
    """Files come to two paths, each in the place of the one before, or growing."""

    @settings(max_examples=examples)
    @given(
        drops=DROPS,
        versions=st.lists(
            st.tuples(st.integers(0, 1), st.lists(ROWS, min_size=1, max_size=4), st.booleans()),
            min_size=1,
            max_size=5,
        ),
    )
    def holds(drops: list[Drop], versions: Sequence[tuple[int, list[Told], bool]]) -> None:
        with folder() as place:
            whole, never = place / "whole.db", place / "never.db"
            numbers = count()
            for drop in drops:
                path = written(place, next(numbers), drop)
                for database in (whole, never):
                    take(database, path, now=drop.clock)
            texts: dict[int, list[Told]] = {0: [], 1: []}
            last: dict[int, Path] = {}
            for which, rows, grows in versions:
                texts[which] = [*texts[which], *rows] if grows else rows
                cells = [told.cells() for told in texts[which]]
                path = place / f"{which}" / f"{NAMES[which]}.csv"
                path.parent.mkdir(exist_ok=True)
                path.write_text(csv_text([*cells, row("")] if not grows else cells), "utf-8")
                report = take(whole, path, options=Options(replace=True), now=5)
                if report.files[0].outcome is Outcome.INGESTED:
                    # The other database has it as if it had come at the end.
                    last.pop(which, None)
                    last[which] = path
                    kept = place / "kept" / f"{which}"
                    kept.mkdir(parents=True, exist_ok=True)
                    (kept / path.name).write_bytes(path.read_bytes())
            for which, path in last.items():
                path.write_bytes((place / "kept" / f"{which}" / path.name).read_bytes())
                take(never, path, now=5)
            with Overview.open(whole) as overview:
                failed = [f for f in overview.files() if f.outcome == "failed"]
            for file in failed:  # which keep their problems
                undo(whole, Choice(files=(str(file.number),)), now=lambda: 9)
            with Overview.open(never) as overview:
                failed = [f for f in overview.files() if f.outcome == "failed"]
            for file in failed:
                undo(never, Choice(files=(str(file.number),)), now=lambda: 9)
            assert everything(whole) == everything(never)

    holds()


def test_a_replacement_that_fails_replaces_nothing(tmp_path: Path, database: Path) -> None:
    drop = Drop("pickup", (Told(0, True, "CRD1", "", ""),), 1, goes=False)
    path = written(tmp_path, 0, drop)
    take(database, path, now=1)
    before = everything(database)
    path.write_text(csv_text([row("", comment="bad")]), "utf-8")
    report = take(database, path, options=replace(Options(), replace=True), now=2)
    assert [file.outcome for file in report.files] == [Outcome.FAILED]
    after = everything(database)
    assert [f.outcome for f in after["files"]] == ["ingested", "failed"]
    assert after["known None"] == before["known None"]
