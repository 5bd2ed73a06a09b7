"""Small builders of courier files and short ways to ask the program, shared by the tests."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cardstatus.ingest import ingest
from cardstatus.model import CardStatus, IngestReport
from cardstatus.options import Options
from cardstatus.store import Store

HEADER = ("ID ", "Card ID", "User contact", "Timestamp", "Comment")


def csv_text(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    """Return a courier file's text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def write(folder: Path, name: str, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    """Write a courier file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text(rows, header), encoding="utf-8", newline="")
    return path


def row(
    card_id: str = "CRD1",
    time: str = "13-11-2023 14:00",
    *,
    mobile: str = "585550101",
    reference: str = "A1",
    comment: str = "note",
) -> tuple[str, str, str, str, str]:
    """Return a row for the default header."""
    return reference, card_id, mobile, time, comment


def take(database: Path, *paths: Path, options: Options = Options(), now: int = 0) -> IngestReport:
    """Ingest with a clock that stands still."""
    return ingest(paths, database, options, now=lambda: now)


def statuses(database: Path) -> list[CardStatus]:
    """Return every card's status."""
    with Store.open(database) as store:
        return list(store.statuses())


def status_of(database: Path, card_id: str = "CRD1") -> str | None:
    """Return the status of one card."""
    with Store.open(database) as store:
        card = store.card(card_id)
    return card.status if card else None


def load_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
