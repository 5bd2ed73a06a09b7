"""Looking back: an answer as of T, or as known at T, is that of a database which holds no more."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import HEADER, csv_text, row, statuses, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.questions.history import explain, history_records

MINUTE = 60_000_000_000
START = 1_699_819_200_000_000_000
"""2023-11-12T20:00Z."""
NAMES = ("pickup", "exceptions", "delivered", "returned")
CARDS = ("CRD1", "CRD2", "crd 1")
MOBILES = ("+971585550101", "+971585550102")


class Told(NamedTuple):
    """A row: the minute it tells of, and its other cells."""

    minute: int
    card: str
    mobile: str
    reference: str

    def cells(self) -> tuple[str, ...]:
        time = f"12-11-2023 20:{self.minute:02}"
        return row(self.card, time, mobile=self.mobile, reference=self.reference)


ROWS = st.builds(
    Told,
    minute=st.integers(0, 4),
    card=st.sampled_from(CARDS),
    mobile=st.sampled_from(["", *MOBILES]),
    reference=st.sampled_from(["", "A1"]),
)
FILES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(ROWS, min_size=1, max_size=5)),
    min_size=1,
    max_size=5,
)


def everything(store: Store) -> dict[str, Any]:
    """All that a look-up, a history and an export would say, sources and lines included."""
    return {
        "statuses": list(store.statuses()),
        "events": list(store.events()),
        "cards": [store.card(card) for card in CARDS],
        "owned": [store.cards_of_mobile(mobile) for mobile in MOBILES],
        "near": [store.near_ids(card) for card in ("crd1", "CRD 2", "CRD1")],
        "histories": list(history_records(store, CARDS)),
        # Not the hash of a file, which may hold more.
        "reasons": [one._replace(evidence=None) for one in explain(store, store.statuses(), START)],
    }


class Drop:
    """Files, the n-th ingested at instant n, into one database or as much of them into another."""

    def __init__(self, folder: Path, files: Sequence[tuple[str, Sequence[Told]]]) -> None:
        self.folder = folder
        self.files = files

    def ingest(self, database: Path, *, minutes: int = 60, files: int = 60) -> Path:
        """Ingest the first files, with blank lines for the rows that tell of later minutes."""
        for number, (name, rows) in enumerate(self.files[:files]):
            lines = [
                csv_text([told.cells()]).splitlines(keepends=True)[1] if told.minute <= minutes
                else "\n"
                for told in rows
            ]  # fmt: skip
            # The comment column's name keeps files apart that are otherwise the same.
            header = ",".join([*HEADER[:-1], "Comment", f"n{number}"])
            path = self.folder / f"{number} {name}.csv"
            text = (
                header
                + "\n"
                + "".join(line.rstrip("\n") + "," * (line != "\n") + "\n" for line in lines)
            )
            path.write_text(text, "utf-8")
            take(database, path, now=number)
        return database


@contextmanager
def looking_back(database: Path, **horizon: int) -> Iterator[Store]:
    with Store.open(database) as store:
        store.look_back(**horizon)
        yield store


@settings(max_examples=40)
@given(files=FILES, minute=st.integers(-1, 5), known=st.integers(-1, 5))
def test_looking_back_is_a_database_that_holds_no_more(
    files: list[tuple[str, list[Told]]], minute: int, known: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        drop = Drop(Path(name), files)
        full = drop.ingest(Path(name) / "full.db")
        for number, (horizon, kept) in enumerate(
            [
                ({"as_of": START + minute * MINUTE}, {"minutes": minute}),
                ({"known_at": known}, {"files": known + 1}),
                (
                    {"as_of": START + minute * MINUTE, "known_at": known},
                    {"minutes": minute, "files": known + 1},
                ),
            ]
        ):
            with looking_back(full, **horizon) as store:
                seen = everything(store)
            other = drop.ingest(Path(name) / f"{number}.db", **kept)
            if not other.exists():  # not one file
                assert seen["events"] == []
                continue
            with Store.open(other) as store:
                assert seen == everything(store)


def test_without_a_horizon_nothing_is_left_out(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD1"), row("CRD2")))
    with looking_back(database) as store:
        assert list(store.statuses()) == statuses(database)


def test_looking_back_changes_nothing(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD1")))
    before = database.read_bytes()
    with looking_back(database, as_of=0, known_at=0) as store:
        assert list(store.statuses()) == []
        with pytest.raises(Exception, match="readonly"):
            store._connection.execute("DELETE FROM main.event")
    assert database.read_bytes() == before
    assert len(statuses(database)) == 1


def test_the_last_of_a_history_is_the_greatest_event(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD1"), row("CRD1", reference="B")))
    take(database, write(tmp_path, "delivered.csv", row("CRD1", comment="x"), row("CRD1")))
    with Overview.open(database) as overview:
        (history,) = overview.histories()
        (answer,) = overview.statuses()
        deciding = [record for record in history_records(overview, ["CRD1"]) if record.decides]
    assert [record[:8] for record in deciding] == [answer]
    assert history[-1] == max(history)
