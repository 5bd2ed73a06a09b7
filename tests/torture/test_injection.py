"""Data never becomes instructions: for SQL, a terminal, a spreadsheet, Rich or the shell of words.

Each text of the corpus stands in every field, in names of files and in arguments.
"""

import contextlib
import csv
import io
import json
import os
import pty
import sqlite3
import sys
import threading
import unicodedata
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.builders import HEADER, row
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.instants import one_iso
from cardstatus.model.problems import StoredProblem
from cardstatus.model.records import CardStatus

CORPUS = {
    "sql": "'; DROP TABLE event; --",
    "sql comment": 'x" OR 1=1 /*',
    "sql wildcards": "%_*?[a-z]",
    "sql parameters": ":card_id ?1 @x $y",
    "markup": "[red]x[/red] [link=https://example.com]y[/link]",
    "markup that does not pair up": "[/bold] [blink",
    "emoji code": ":pile_of_poo: [b]",
    "format": "%s %(x)s {0} {x!r} $HOME `id` $(id) ~",
    "ansi colour": "\x1b[31mred\x1b[0m",
    "ansi clear": "\x1b[2J\x1b[H\x1bc",
    "title": "\x1b]0;owned\x07",
    "title, c1": "\x9d0;owned\x9c",
    "link": "\x1b]8;;https://example.com\x1b\\y\x1b]8;;\x1b\\",
    "answer back": "\x05\x1b[c\x1b[6n\x1bP+q\x1b\\",
    "c1 csi": "\x9b31m",
    "backspaces": "abc\x08\x08\x08xyz",
    "carriage return": "good\rbad",
    "line feed": "one\nCRD0001,two",
    "delete and nul": "a\x7fb\x00c",
    "tabs": "\ta\tb",
    "bidi override": "\u202egnp.exe",
    "bidi isolates": "\u2067abc\u2069\u200f",
    "zero width": "CR\u200bD\u200d00\ufeff1",
    "line separator": "a\u2028b\u2029c\x85d",
    "tag characters": "a\U000e0041\U000e007f",
    "variation": "a\ufe0f\u034f\u3164\u2800",
    "combining": "e" + "\u0301" * 20,
    "hyperlink": '=HYPERLINK("http://example.com","x")',
    "command": "=cmd|'/C calc'!A0",
    "plus": "+cmd|' /C calc'!A0",
    "minus": "-1+1",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab before": "\t=1+1",
    "return before": "\r=1+1",
    "quoted formula": '"=1+1"',
    "guarded already": "'=1+1",
    "wide formula": "＝1+1",
    "delimiters": 'a,b;c\td"e""f',
    "json": '{"a": "\\u0041", "b": [1]} \\n \\',
    "option": "--db=/tmp/x -h",
    "path": "../../etc/passwd",
    "no text": "caf\udce9 \udcff",
}
NAMES = {kind: text.replace("/", "∕").replace("\0", "") for kind, text in CORPUS.items()}
"""The texts as names of files may have them."""


def is_visible(text: str) -> bool:
    """Tell whether a terminal would show a text and do nothing else, line feeds apart."""
    unseen = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    also = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(
        map(chr, range(0xFE00, 0xFE10))
    )
    return not any(
        character != "\n" and (unicodedata.category(character) in unseen or character in also)
        for character in text
    )


class Shown:
    """What the program has shown on a terminal, and its exit code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
        master, slave = pty.openpty()
        pieces: list[bytes] = []
        reader = threading.Thread(target=lambda: pieces.extend(pieces_of(master)), daemon=True)
        reader.start()
        with monkeypatch.context() as stage:
            stage.setenv("NO_COLOR", "1")
            stage.setenv("COLUMNS", "100")
            out = os.fdopen(slave, "w", encoding="utf-8")
            # No terminal, for there the progress bar moves the cursor.
            err = io.TextIOWrapper(said := io.BytesIO(), "utf-8", "backslashreplace")
            stage.setattr(sys, "stdout", out)
            stage.setattr(sys, "stderr", err)
            try:
                app(list(arguments), prog_name="cardstatus")
            except SystemExit as end:
                self.code = int(end.code or 0)
            finally:
                out.close()
                err.flush()
                reader.join()
                os.close(master)
        # The terminal itself makes CRLF of each line feed.
        self.out = b"".join(pieces).decode("utf-8").replace("\r\n", "\n")
        self.err = said.getvalue().decode("utf-8")


def pieces_of(terminal: int) -> Iterable[bytes]:
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:
            return
        if not piece:
            return
        yield piece


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cardstatus.db, in which every text stands in every field and file name."""
    folder = tmp_path_factory.mktemp("made")
    for at, (kind, text) in enumerate(CORPUS.items()):
        card = f"CRD{at:04}"
        rows: list[tuple[str, ...]] = [
            row(card, comment=text),
            row(card, reference=text),
            row(text),
            row(card, mobile=text),
            row(card, time=text),
        ]
        header = HEADER
        if at % 2 and text.isprintable():  # in a column that nobody knows
            header, rows = (*HEADER, text), [(*cells, text) for cells in rows]
        else:  # in a cell too many
            rows.append((*row(card), text))
        path = folder / "drops" / f"at {NAMES[kind]} pickup.csv"
        path.parent.mkdir(exist_ok=True)
        lines = io.StringIO()
        csv.writer(lines, quoting=csv.QUOTE_ALL).writerows([header, *rows])
        path.write_bytes(lines.getvalue().encode("utf-8", "surrogateescape"))
    database = str(folder / "cardstatus.db")
    with contextlib.chdir(folder):
        ingest = ["ingest", "drops", "--type", "pickup", "--db", database]  # such names tell none
        assert CliRunner().invoke(app, ingest).exit_code in (1, 3)
    return folder


@pytest.fixture
def stocked(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder, as the current one."""
    monkeypatch.chdir(made)
    return made


READERS: dict[str, list[str]] = {
    "table": ["export", "--format", "table"],
    "csv": ["export", "--events"],
    "raw csv": ["export", "--events", "--raw"],
    "json": ["export", "--format", "json"],
    "ndjson": ["export", "--format", "ndjson"],
    "cards": ["get", "--mobile", "585550101"],
    "explained": ["get", "--mobile", "585550101", "--explain"],
    "history": ["history", "--mobile", "585550101"],
    "history as csv": ["history", "--mobile", "585550101", "--format", "csv"],
    "history as json": ["history", "--mobile", "585550101", "--format", "json"],
    "check": ["check"],
    "files": ["files"],
    "files as csv": ["files", "--format", "csv"],
    "problems": ["problems"],
    "problems as csv": ["problems", "--format", "csv"],
    "problems as json": ["problems", "--format", "json"],
    "ingest": ["ingest", "drops", "--type", "pickup", "--db", "new.db"],
    "ingest as json": ["ingest", "drops", "--db", "other.db", "--format", "json"],
    "ingest again": ["ingest", "drops", "--type", "pickup", "--dry-run", "--verbose"],
}


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS.keys())
def test_on_a_terminal_there_is_nothing_but_visible_text(
    stocked: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    shown = Shown(monkeypatch, *arguments)
    assert len(shown.out) > 3_000
    assert [line for line in (shown.out + shown.err).split("\n") if not is_visible(line)] == []


ARGUMENTS: dict[str, list[str]] = {
    "card": ["get", "--card-id", "{}"],
    "mobile": ["get", "--mobile", "{}"],
    "database": ["export", "--db", "{}"],
    "path": ["ingest", "{}"],
    "input": ["get", "--input", "{}"],
    "zone": ["ingest", "drops", "--timezone", "{}"],
    "encoding": ["ingest", "drops", "--encoding", "{}"],
    "type": ["ingest", "drops", "--type", "{}"],
    "status": ["export", "--status", "{}"],
    "format": ["problems", "--format", "{}"],
    "two files": ["export", "x", "-o", "{}"],
    "folder": ["export", "-o", "{}/x"],
    "command": ["{}"],
    "option": ["--{}"],
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_an_argument_is_repeated_as_visible_text(
    stocked: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    for text in CORPUS.values():
        if "\0" not in text:  # which no argument can hold
            shown = Shown(monkeypatch, *(argument.replace("{}", text) for argument in arguments))
            assert shown.code in (0, 1, 2, 4), ascii(text)
            assert is_visible(shown.out + shown.err), ascii(text)


def ask(*arguments: str) -> str:
    """Return what the program writes into a pipe."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes.decode("utf-8")


def stored(view: str, fields: Iterable[str], order: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect("cardstatus.db")) as connection:
        connection.row_factory = sqlite3.Row
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        query = f"SELECT {', '.join(fields)} FROM {view} ORDER BY {order}"
        return [dict(found) for found in connection.execute(query)]


def events() -> list[dict[str, Any]]:
    order = "card_id, occurred_at, reference, mobile, comment, line"
    return sorted(stored("card_event", CardStatus._fields, order), key=str)


def problems() -> list[dict[str, Any]]:
    joined = (
        "(SELECT problem.*, source.name, ingested_at FROM problem JOIN source "
        "ON source.id = source)"
    )
    other = {"source": "name AS source", "state": "'open' AS state"}
    fields = [other.get(field, field) for field in StoredProblem._fields]
    found = stored(joined, fields, "id")
    return sorted(
        ({**record, "ingested_at": one_iso(record["ingested_at"])} for record in found), key=str
    )


def test_the_text_is_stored_as_it_was_written(stocked: Path) -> None:
    found = {event["comment"] for event in events()}
    for kind, text in CORPUS.items():
        if kind != "no text":  # whose rows are rejected
            assert text.strip().replace("\r", "\n") in found, kind


def test_json_is_exact(stocked: Path) -> None:
    assert sorted(json.loads(ask("export", "--events", "--format", "json")), key=str) == events()
    lines = ask("export", "--events", "--format", "ndjson").splitlines()
    assert sorted(map(json.loads, lines), key=str) == events()
    assert sorted(json.loads(ask("problems", "--format", "json")), key=str) == problems()


def read_csv(text: str) -> list[dict[str, Any]]:
    found = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    return [{**cells, "line": int(cells["line"])} for cells in found]


def as_csv(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: "" if v is None else v for k, v in record.items()} for record in records]


@pytest.mark.parametrize("command", [["export", "--events"], ["problems", "--format", "csv"]])
def test_csv_is_guarded_and_raw_is_exact(stocked: Path, command: list[str]) -> None:
    expected = as_csv(events() if command[0] == "export" else problems())
    raw = read_csv(ask(*command, "--raw"))
    assert sorted(raw, key=str) == sorted(expected, key=str)
    guarded = read_csv(ask(*command))
    assert len(guarded) == len(raw)
    for cells, exact in zip(guarded, raw, strict=True):
        assert cells.get("mobile", "") in ("", "+971585550101")
        for name, cell in cells.items():
            if name in ("line", "mobile"):
                assert cell == exact[name]
            else:
                formula = exact[name][:1] in tuple("=+-@\t\r\n＝＋－＠")
                assert cell == ("'" if formula else "") + exact[name]
                assert cell[:1] not in tuple("=+-@\t\r\n＝＋－＠")


def test_an_exported_file_is_what_a_pipe_gets(stocked: Path) -> None:
    ask("export", "--events", "--raw", "-o", "out.csv")
    assert (stocked / "out.csv").read_bytes().decode() == ask("export", "--events", "--raw")


def test_a_card_is_found_by_exactly_its_text(stocked: Path) -> None:
    cards = {event["card_id"] for event in events()}
    assert len(cards) > 50
    for card in sorted(cards):
        found = json.loads(ask("get", f"--card-id={card}", "--format", "json"))
        assert [record["card_id"] for record in found] == [card]
