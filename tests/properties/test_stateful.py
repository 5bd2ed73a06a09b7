"""Ingests, repeats, kills, clocks that jump and look-ups in any order, beside the plain reference:
a set of events, and the greatest of each card.
"""

import hashlib
import os
import shutil
import signal
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from support.builders import csv_text, take
from support.reference import EVENTS, RANKS, TIMES, TYPES, ZONED, Said, greatest, record, write_row

from cardstatus.database import connection as database_module
from cardstatus.database.reading.store import Store
from cardstatus.errors import DatabaseError
from cardstatus.ingestion.options import Options
from cardstatus.model.records import CardStatus, Status
from cardstatus.model.reports import FileReport, Outcome
from cardstatus.questions import lookup

DIED = 9
BAD_ROW = ("A1", "CRD1", "", "soon", "")


@dataclass(frozen=True)
class Row:
    """What a row says, and whether it says its zone; None: a row that says nothing."""

    said: Said | None
    zoned: bool
    line: int


@dataclass(frozen=True)
class File:
    path: Path
    stage: int
    rows: tuple[Row, ...]

    @property
    def key(self) -> tuple[str, int]:
        """What makes it the same file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest(), RANKS[self.stage]

    @property
    def rejected(self) -> int:
        return sum(row.said is None for row in self.rows)

    def fails(self, *, strict: bool) -> bool:
        return self.rejected > 0 and (strict or self.rejected == len(self.rows))


@dataclass(frozen=True)
class Kept:
    """The row that brought an event first, and whether any said its zone."""

    source: str
    line: int
    zoned: bool


class Machine(RuleBasedStateMachine):
    """One database, the files that were dropped, and what must be known by now."""

    files = Bundle("files")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = self.folder / "cards.db"
        self.clock = 0
        self.dropped = 0
        self.known: dict[Said, Kept] = {}
        self.taken: set[tuple[str, int]] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # What couriers do

    @rule(
        target=files,
        stage=st.integers(0, len(TYPES) - 1),
        said=st.lists(EVENTS, min_size=1, max_size=5),
        bad=st.integers(0, 2),
        data=st.data(),
    )
    def drop(self, stage: int, said: list[Said], bad: int, data: st.DataObject) -> File:
        rows = [event._replace(stage=stage) for event in said]
        return self._write(stage, [*rows, *[None] * bad], data)

    @rule(target=files, file=files, data=st.data())
    def send_rows_again(self, file: File, data: st.DataObject) -> File:
        rows = [row.said for row in file.rows]
        return self._write(file.stage, data.draw(st.lists(st.sampled_from(rows or [None]))), data)

    @rule(target=files, file=files)
    def send_file_again(self, file: File) -> File:
        self.dropped += 1
        path = self.folder / f"{TYPES[file.stage]}_{self.dropped}.csv"
        shutil.copy(file.path, path)
        return File(path, file.stage, file.rows)

    def _write(self, stage: int, said: Sequence[Said | None], data: st.DataObject) -> File:
        self.dropped += 1
        path = self.folder / f"{TYPES[stage]}_{self.dropped}.csv"
        rows: list[Row] = []
        cells: list[Sequence[str]] = []
        for event in said:
            zoned = data.draw(st.booleans())
            times = ZONED if zoned else [time for time in TIMES if time not in ZONED]
            rows.append(Row(event, zoned, csv_text(cells).count("\n") + 1))
            cells.append(write_row(event, data.draw, times) if event else BAD_ROW)
        # Blank lines at its end: the same bytes of two types would be refused.
        text = csv_text(cells) + "\n" * stage
        path.write_text(text, encoding="utf-8", newline="")
        return File(path, stage, tuple(rows))

    # What we do

    @rule(first=files, second=files, jump=st.integers(-(10**17), 10**17), strict=st.booleans())
    def ingest(self, first: File, second: File, jump: int, strict: bool) -> None:
        # Back as well: nothing that is answered may rest on our own clock.
        self.clock = max(0, self.clock + jump)
        files = list(dict.fromkeys([first, second]))
        report = take(
            self.database,
            *(file.path for file in files),
            options=Options(strict=strict),
            now=self.clock,
        )
        for file, reported in zip(files, report.files, strict=True):
            self._check_report(file, reported, strict=strict)

    def _check_report(self, file: File, reported: FileReport, *, strict: bool) -> None:
        counts, rows = reported.counts, len(file.rows)
        assert counts.rows == rows == counts.new + counts.duplicates + counts.rejected
        if file.key in self.taken:
            assert reported.outcome is Outcome.UNCHANGED
            assert (counts.new, counts.rejected) == (0, file.rejected)
        elif file.fails(strict=strict):
            assert reported.outcome is Outcome.FAILED
            assert counts.rejected == rows
        else:
            before = len(self.known)
            self._learn(file)
            assert reported.outcome is Outcome.INGESTED
            assert (counts.new, counts.rejected) == (len(self.known) - before, file.rejected)

    def _learn(self, file: File) -> None:
        self.taken.add(file.key)
        for row in file.rows:
            if row.said is not None:
                kept = self.known.get(row.said, Kept(str(file.path), row.line, zoned=False))
                self.known[row.said] = Kept(kept.source, kept.line, kept.zoned or row.zoned)

    @rule(first=files, second=files, statement=st.integers(1, 85))
    def ingest_and_die(self, first: File, second: File, statement: int) -> None:
        self._ingest_and_die(first, second, statement=statement)

    def _ingest_and_die(self, first: File, second: File, **moment: float) -> None:
        files = list(dict.fromkeys([first, second]))
        killed = ingest_in_child(self.database, [file.path for file in files], **moment)
        stored = self._stored()
        for file in files:
            if file.key in self.taken or file.fails(strict=False):
                continue
            if file.key not in stored:
                # Nor may any file behind it be in: it would have brought its events first.
                assert killed
                break
            self._learn(file)
        assert stored == self.taken

    def _stored(self) -> set[tuple[str, int]]:
        """The files that are in, asked without our own code."""
        if not self.database.exists():
            return set()
        with closing(sqlite3.connect(self.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if not connection.execute("SELECT 1 FROM sqlite_schema").fetchall():
                return set()
            return set(
                connection.execute("SELECT sha256, type FROM source WHERE outcome='ingested'")
            )

    # What is asked

    @rule(card=st.sampled_from(["CRD1", "CRD2", "crd1", "Karte Ä 1", "CRD9"]))
    def ask_by_card(self, card: str) -> None:
        known = greatest(self.known).get(card)
        assert self._ask(lookup.find_cards, [card], []) == ([record(known)] if known else [])

    @rule(mobile=st.sampled_from(["585550101", "585550102", "585550103"]))
    def ask_by_mobile(self, mobile: str) -> None:
        cards = {event.card for event in self.known if event.mobile == mobile}
        expected = [record(event) for card, event in greatest(self.known).items() if card in cards]
        assert self._ask(lookup.find_cards, [], [f"+971{mobile}"]) == expected
        both = [answer for answer in expected if answer[0] == "CRD1"]
        assert self._ask(lookup.find_cards, ["CRD1"], [f"+971{mobile}"]) == both

    @rule(status=st.sampled_from(Status))
    def ask_by_status(self, status: Status) -> None:
        expected = [r for r in map(record, greatest(self.known).values()) if r[1] == status]
        assert self._ask(lambda store: store.statuses([status])) == expected

    def _ask(self, question: Any, *arguments: Any) -> list[tuple[str | None, ...]]:
        return [tuple(answer[:6]) for answer in self._answers(question, *arguments)]

    def _answers(self, question: Any, *arguments: Any) -> list[CardStatus]:
        try:
            with Store.open(self.database) as store:
                return list(question(store, *arguments))
        except DatabaseError:
            # There is none yet, or the process that was making it was killed.
            assert self._stored() == set()
            return []

    @invariant()
    def every_card_and_every_event_is_as_the_reference_says(self) -> None:
        latest = greatest(self.known).values()
        assert [tuple(card) for card in self._answers(Store.statuses)] == [
            (*record(event), self.known[event].source, self.known[event].line) for event in latest
        ]
        history = sorted(self.known, key=lambda event: (event.card, event[1:]))
        assert self._ask(Store.events) == [record(event) for event in history]

    @invariant()
    def a_zone_that_was_ever_written_is_remembered(self) -> None:
        if self.known:
            with closing(sqlite3.connect(self.database)) as connection:
                zoned = connection.execute(
                    "SELECT zoned > 0 FROM event"
                    " ORDER BY card_id, occurred_at, type, reference, mobile, comment"
                ).fetchall()
            history = sorted(self.known, key=lambda event: (event.card, event[1:]))
            assert zoned == [(int(self.known[event].zoned),) for event in history]


def ingest_in_child(
    database: Path, paths: Sequence[Path], statement: float = 0, seconds: float = 0
) -> bool:
    """Ingest in a process that dies, without closing anything, before it runs the statement of
    that number, or is killed after so many seconds; tell whether it came so far.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
        child = os.fork()
    if child == 0:
        code = 1
        try:
            die_at(statement)
            take(database, *paths)
            code = 0
        finally:
            os._exit(code)
    if seconds:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, DIED, -signal.SIGKILL}
    return code != 0


def die_at(statement: float) -> None:
    """Have this process end at once when SQLite comes to the statement of that number."""
    left = statement
    connect = database_module._connect

    def count(sql: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(DIED)

    def connect_and_count(uri: str) -> sqlite3.Connection:
        connection = connect(uri)
        connection.set_trace_callback(count)
        return connection

    database_module._connect = connect_and_count


def test_whatever_happens_the_answers_are_the_references() -> None:
    run_state_machine_as_test(Machine, settings=settings(max_examples=25, stateful_step_count=40))


class Torture(Machine):
    """The same, with kills at any moment and not only between statements."""

    @rule(first=Machine.files, second=Machine.files, seconds=st.floats(0.0005, 0.03))
    def ingest_and_be_killed(self, first: File, second: File, seconds: float) -> None:
        self._ingest_and_die(first, second, seconds=seconds)


@pytest.mark.torture
def test_whatever_happens_for_long_the_answers_are_the_references() -> None:
    runs = int(os.environ.get("TORTURE_MACHINES", "1000"))
    run_state_machine_as_test(Torture, settings=settings(max_examples=runs, stateful_step_count=60))
