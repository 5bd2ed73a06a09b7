"""A courier's file in another guise says the same: all its rows are duplicates."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import take

from cardstatus.database.reading.store import Store
from cardstatus.ingestion.options import Options
from cardstatus.model.reports import Outcome

ROWS = [
    ["A1", "CRD1", "0585550101", "13-11-2023 14:00", "DELIVERED"],
    ["A2", "CRD2", "0585550102", "13-11-2023 2:05 PM", "left, at the door"],
    ["A3", "CRD3", "", "2023-11-13T14:10:00", 'so "he" said'],
    ["A4", "CRD-4", "0585550104", "13/11/2023 14:15:30", ""],
]
HEADER = ["ID", "Card ID", "User Mobile", "Timestamp", "Comment"]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n") -> str:
    """A file all of whose cells are in quotes."""
    return "".join(delimiter.join(map(quoted, row)) + end for row in rows)


def usual(header: Sequence[str] = HEADER) -> str:
    return text_of([header, *ROWS])


def parted(row: Sequence[str]) -> list[str]:
    """A row with its date and its time of day in two cells."""
    date, clock = row[3].replace("T", " ").split(" ", 1)
    return [*row[:3], date, clock, row[4]]


GUISES = {
    "bars": text_of([HEADER, *ROWS], "|"),
    "a blank behind each delimiter": text_of([HEADER, *ROWS], ", "),
    "blanks around cells": usual()
    .replace('","', '", "')
    .replace(', "DELIVERED"', ', "DELIVERED" '),
    "an empty cell too many": text_of([HEADER, *ROWS], end=",\n"),
    "empty cells too many in the rows": text_of([HEADER]) + text_of(ROWS, end=",,\n"),
    "empty cells too many in the header": text_of([HEADER], end=",,\n") + text_of(ROWS),
    "the last cell left out": text_of([HEADER, *ROWS[:3], ROWS[3][:4]]),
    "titles above": 'Report of "12" cards,,\n,,,,\n"over\ntwo lines"\n\n' + usual(),
    "line breaks in the header": usual([cell.replace(" ", "\r\n") for cell in HEADER]),
    "other names": usual(["Ref", "Card No", "Receiver Mobile", "Delivered At", "Notes"]),
    "a zone": usual(["ID", "Card ID", "Tel", "Timestamp (UTC)", "Comment"]),
    "a zone without brackets": usual(["ID", "Card ID", "Tel", "Event_Time_UTC", "Comment"]),
    "date and time": text_of([[*HEADER[:3], "Date", "Time", HEADER[4]], *map(parted, ROWS)]),
    "the header again": text_of([HEADER, *ROWS[:2], HEADER, *ROWS[2:]]),
    "another comment, not as full": text_of(
        [[*HEADER, "Remarks"], *([*row, "x" * (row[0] == "A1")] for row in ROWS)]
    ),
}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("guise", GUISES.values(), ids=GUISES.keys())
def test_another_guise_says_the_same(
    tmp_path: Path, database: Path, guise: str, workers: int
) -> None:
    (tmp_path / "1 delivered.csv").write_text(usual(), encoding="utf-8", newline="")
    (tmp_path / "2 delivered.csv").write_text(guise, encoding="utf-8", newline="")
    report = take(database, tmp_path, options=Options(workers=workers))
    first, second = report.files
    again = guise is GUISES["the header again"]
    assert (first.counts.new, second.counts.duplicates) == (4, 4)
    assert (second.counts.new, second.counts.rejected, second.counts.rows) == (0, again, 4 + again)
    assert second.outcome is Outcome.INGESTED
    assert first.zoneless == 4
    assert second.zoneless == (0 if "UTC" in guise else 4)


@pytest.mark.parametrize("zone", ["+04:00", "UTC+4", "Asia/Dubai"])
def test_the_zone_of_a_header_counts(tmp_path: Path, database: Path, zone: str) -> None:
    text = usual([*HEADER[:3], f"Timestamp ({zone})", HEADER[4]])
    text += text_of([["A5", "CRD5", "", "2023-11-13T14:00:00Z", ""]])
    (tmp_path / "delivered.csv").write_text(text, encoding="utf-8")
    report = take(database, tmp_path)
    with Store.open(database) as store:
        found = {card.card_id: card.occurred_at for card in store.statuses()}
    assert found["CRD1"] == "2023-11-13T10:00:00Z"
    assert found["CRD2"] == "2023-11-13T10:05:00Z"
    assert found["CRD5"] == "2023-11-13T14:00:00Z"
    assert report.files[0].zoneless == 0


CELLS = st.text(alphabet='ab,|"; \n', max_size=5)


@given(st.lists(CELLS, min_size=1, max_size=5))
def test_blanks_before_quotes_change_no_cell(
    tmp_path_factory: pytest.TempPathFactory, comments: list[str]
) -> None:
    rows = [[f"A{n}", f"C{n}", "", "13-11-2023 14:00", text] for n, text in enumerate(comments)]
    folder = tmp_path_factory.mktemp("guises")
    files = [folder / "1 delivered.csv", folder / "2 delivered.csv"]
    for file, delimiter in zip(files, (",", ", "), strict=True):
        file.write_text(text_of([HEADER, *rows], delimiter), encoding="utf-8", newline="")
    report = take(folder / "cards.db", *files)
    assert report.totals.rejected == 0
    assert report.files[1].counts.duplicates == len(rows)
