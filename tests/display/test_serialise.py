import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.display.messages import ingest_json, ingest_notices
from cardstatus.display.serialise import (
    Format,
    csv_lines,
    json_list,
    ndjson,
    printable,
    safe_lines,
    stream,
    to_json,
)
from cardstatus.display.tables import TableStyle, ingest_table, problem_table, status_table
from cardstatus.display.wording import local_time
from cardstatus.model.records import CardStatus, EventType, StoredProblem
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome

PIPE = TableStyle(width=None, color=False)
FIELDS = CardStatus._fields
# An escape, CSI as one character, a bidi override, a zero-width space and a byte-order mark.
NASTY = "a\x1b[31mb\x9b1m\u202ec\u200b\ufeff"
UNSAFE = (
    "\x00\t\n\r\x1b\x7f\x85\x9b\u061c\u200e\u2028\u202e\u2066\u2069\ufeff"
    "\u115f\u180e\u2800\ufe0f\U000e0041"
)
NASTY_TEXT = st.text(UNSAFE + "=+-@'\",;[]\\xé😀", max_size=8)


def card(
    card_id: str = "CRD1001",
    status: str | None = "delivered",
    occurred_at: str | None = "2023-11-13T09:34:56Z",
    mobile: str | None = "+971585550123",
    comment: str | None = "left at the door",
) -> CardStatus:
    return CardStatus(
        card_id, status, occurred_at, mobile, comment, "A982", "drop/Delivered.csv", 7
    )


def unknown_card(card_id: str = "CRD1009") -> CardStatus:
    return CardStatus(card_id, None, None, None, None, None, None, None)


def problem(detail: str = "the minutes are missing", raw: str = "1,C1,2,3") -> StoredProblem:
    return StoredProblem("rejected", "Pickup.csv", 3, "occurred_at", "bad_time", detail, raw)


def report(
    *files: FileReport, dry_run: bool = False, left_out: int = 0, interrupted: bool = False
) -> IngestReport:
    return IngestReport("cards.db", "Asia/Dubai", "971", files, dry_run, left_out, interrupted)


INGESTED = FileReport(
    "Pickup.csv", EventType.PICKUP, Outcome.INGESTED, Counts(1_010, 1_000, 7, 3, 2), zoneless=1_007
)
FAILED = FileReport("cards.csv", None, Outcome.FAILED, error="the name tells no type")


def csv_text(records: Iterable[CardStatus], *, raw: bool = False) -> str:
    return "".join(csv_lines(FIELDS, records, raw=raw))


def csv_read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def unsafe_characters(text: str) -> set[str]:
    """Control characters but for the line feed, those that turn the direction of text, and some
    that nobody sees.
    """
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return {
        char
        for char in text
        if (unicodedata.category(char) == "Cc" and char != "\n")
        or unicodedata.bidirectional(char) in turns
        or char in "\u061c\u200e\u200f\u2028\u2029\u115f\u180e\u2800\ufe0f\U000e0041"
    }


# Text on a terminal

WRITTEN_OUT = {
    "plain": ("Nobody at home", "Nobody at home"),
    "other scripts": ("لا أحد é 😀", "لا أحد é 😀"),
    "markup": ("[bold]x[/bold]", "[bold]x[/bold]"),
    "backslash": ("a\\b", "a\\b"),
    "null": ("\x00", r"\x00"),
    "tab": ("a\tb", r"a\x09b"),
    "line feed": ("a\nb", r"a\x0ab"),
    "carriage return": ("a\rb", r"a\x0db"),
    "escape": ("\x1b[31m", r"\x1b[31m"),
    "last control": ("\x1f", r"\x1f"),
    "blank is not one": (" ", " "),
    "tilde is not one": ("~", "~"),
    "delete": ("\x7f", r"\x7f"),
    "first of C1": ("\x80", r"\x80"),
    "CSI in one character": ("\x9b31m", r"\x9b31m"),
    "last of C1": ("\x9f", r"\x9f"),
    "no-break space is visible": ("\u00a0", "\u00a0"),
    "soft hyphen": ("\u00ad", r"\xad"),
    "Arabic letter mark": ("\u061c", r"\u061c"),
    "zero-width space": ("\u200b", r"\u200b"),
    "right-to-left mark": ("\u200f", r"\u200f"),
    "hyphen": ("\u2010", "\u2010"),
    "line separator": ("\u2028", r"\u2028"),
    "first override": ("\u202a", r"\u202a"),
    "last override": ("\u202e", r"\u202e"),
    "narrow no-break space": ("\u202f", "\u202f"),
    "word joiner": ("\u2060", r"\u2060"),
    "isolate": ("\u2066", r"\u2066"),
    "last of the invisible ones": ("\u206f", r"\u206f"),
    "superscript zero": ("\u2070", "\u2070"),
    "byte-order mark": ("\ufeff", r"\ufeff"),
    "annotation": ("\ufff9", r"\ufff9"),
    "last annotation": ("\ufffb", r"\ufffb"),
    "replacement is visible": ("\ufffd", "\ufffd"),
    "combining grapheme joiner": ("\u034f", r"\u034f"),
    "accents beside it are visible": ("a\u034ea\u0350", "a\u034ea\u0350"),
    "Hangul fillers": ("\u115f\u1160", r"\u115f\u1160"),
    "Hangul beside them is visible": ("\u115e\u1161", "\u115e\u1161"),
    "Khmer inherent vowels": ("\u17b4\u17b5", r"\u17b4\u17b5"),
    "Khmer beside them is visible": ("\u17b3\u17b6", "\u17b3\u17b6"),
    "Mongolian variation selectors": ("\u180b\u180d\u180f", r"\u180b\u180d\u180f"),
    "Mongolian vowel separator": ("\u180e", r"\u180e"),
    "Mongolian beside them is visible": ("\u180a\u1810", "\u180a\u1810"),
    "braille blank": ("\u2800", r"\u2800"),
    "braille is visible": ("\u27ff\u2801", "\u27ff\u2801"),
    "Hangul filler for compatibility": ("\u3164", r"\u3164"),
    "Hangul beside it is visible": ("\u3163\u3165", "\u3163\u3165"),
    "variation selectors": ("\ufe00\ufe0f", r"\ufe00\ufe0f"),
    "what stands beside them is visible": ("\ufdff\ufe10", "\ufdff\ufe10"),
    "Hangul filler, half width": ("\uffa0", r"\uffa0"),
    "half width beside it is visible": ("\uff9f\uffa1", "\uff9f\uffa1"),
    "held for invisible characters": ("\ufff0\ufff8", r"\ufff0\ufff8"),
    "shorthand controls": ("\U0001bca0\U0001bca3", r"\U0001bca0\U0001bca3"),
    "shorthand is visible": ("\U0001bc9f", "\U0001bc9f"),
    "musical controls": ("\U0001d173\U0001d17a", r"\U0001d173\U0001d17a"),
    "music is visible": ("\U0001d172\U0001d17b", "\U0001d172\U0001d17b"),
    "tags": ("\U000e0000\U000e0041\U000e007f", r"\U000e0000\U000e0041\U000e007f"),
    "more variation selectors": ("\U000e0100\U000e01ef", r"\U000e0100\U000e01ef"),
    "last held for invisible characters": ("\U000e0fff", r"\U000e0fff"),
    "what stands around those is visible": ("\U000dffff\U000e1000", "\U000dffff\U000e1000"),
    "emoji of one character": ("👍😀", "👍😀"),
    "emoji and its variation selector": ("❤\ufe0f", r"❤\ufe0f"),
    "Hindi": ("घर पर कोई नहीं", "घर पर कोई नहीं"),
    "Hindi with joiners": ("क्\u200dष\u200c", r"क्\u200dष\u200c"),
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN_OUT.values(), ids=WRITTEN_OUT.keys())
def test_unsafe_characters_are_written_out(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(("text", "expected"), WRITTEN_OUT.values(), ids=WRITTEN_OUT.keys())
def test_only_line_feeds_stay_in_lines(text: str, expected: str) -> None:
    assert safe_lines(text) == expected.replace(r"\x0a", "\n")


@given(st.one_of(NASTY_TEXT, st.text()))
def test_printable_text_is_one_line_that_commands_nothing(text: str) -> None:
    assert unsafe_characters(printable(text)) == set()
    assert "\n" not in printable(text)


@given(NASTY_TEXT)
def test_safe_lines_are_the_lines_of_the_text(text: str) -> None:
    assert unsafe_characters(safe_lines(text)) == set()
    assert safe_lines(text).split("\n") == [printable(line) for line in text.split("\n")]


# JSON

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NASTY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.sampled_from([None, 2]))
def test_json_reads_back_and_commands_nothing(value: Any, indent: int | None) -> None:
    text = to_json(value, indent=indent)
    assert json.loads(text) == value
    assert unsafe_characters(text) == set()


JSON_ESCAPES = {
    "control": ("\x9b", r"\u009b"),
    "delete": ("\x7f", r"\u007f"),
    "direction": ("\u202e", r"\u202e"),
    "variation selector": ("\ufe0f", r"\ufe0f"),
    "tag, which takes two": ("\U000e0041", r"\udb40\udc41"),
}


@pytest.mark.parametrize(("text", "escape"), JSON_ESCAPES.values(), ids=JSON_ESCAPES.keys())
def test_json_escapes_what_a_terminal_would_hide(text: str, escape: str) -> None:
    assert to_json(text) == f'"{escape}"'
    assert json.loads(to_json(text)) == text


def test_json_is_readable() -> None:
    assert to_json({"a": "é لا", "b": None}) == '{\n  "a": "é لا",\n  "b": null\n}'
    assert to_json({"a": 1}, indent=None) == '{"a": 1}'


def test_json_of_long_text_is_not_wrapped() -> None:
    assert to_json("word " * 100) == '"' + "word " * 100 + '"'


def test_json_list_has_a_record_a_line() -> None:
    text = "".join(json_list([card("A"), unknown_card("B")]))
    assert text == (
        "[\n"
        '  {"card_id": "A", "status": "delivered", "occurred_at": "2023-11-13T09:34:56Z", '
        '"mobile": "+971585550123", "comment": "left at the door", "reference": "A982", '
        '"source": "drop/Delivered.csv", "line": 7},\n'
        '  {"card_id": "B", "status": null, "occurred_at": null, "mobile": null, '
        '"comment": null, "reference": null, "source": null, "line": null}\n'
        "]\n"
    )


def test_json_list_of_nothing_is_an_empty_list() -> None:
    assert "".join(json_list([])) == "[]\n"


def test_json_list_of_a_record_that_begins_like_a_list() -> None:
    assert json.loads("".join(json_list([card("[")]))) == [card("[")._asdict()]


def test_ndjson_of_nothing_is_nothing() -> None:
    assert "".join(ndjson([])) == ""


CARDS = st.builds(card, NASTY_TEXT, comment=st.none() | NASTY_TEXT)


@given(st.lists(CARDS, max_size=4))
def test_json_list_reads_back(cards: list[CardStatus]) -> None:
    read = json.loads("".join(json_list(cards)))
    assert [CardStatus(**record) for record in read] == cards


@given(st.lists(CARDS, max_size=4))
def test_each_line_of_ndjson_reads_back(cards: list[CardStatus]) -> None:
    lines = "".join(ndjson(cards)).split("\n")
    assert lines.pop() == ""
    assert [CardStatus(**json.loads(line)) for line in lines] == cards


# CSV


def test_csv_has_the_fields_of_a_record_in_order() -> None:
    assert csv_text([card(), unknown_card()]) == (
        "card_id,status,occurred_at,mobile,comment,reference,source,line\n"
        "CRD1001,delivered,2023-11-13T09:34:56Z,+971585550123,left at the door,A982,"
        "drop/Delivered.csv,7\n"
        "CRD1009,,,,,,,\n"
    )


def test_csv_of_nothing_is_its_header() -> None:
    assert csv_text([]) == "card_id,status,occurred_at,mobile,comment,reference,source,line\n"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("field", ["card_id", "comment", "reference", "source"])
def test_free_text_never_begins_a_formula(field: str, first: str) -> None:
    changed: dict[str, Any] = {field: f"{first}1+1"}
    record = card()._replace(**changed)
    cells = dict(zip(*csv_read(csv_text([record])), strict=True))
    assert cells[field] == f"'{first}1+1"


@pytest.mark.parametrize("field", ["detail", "raw", "source"])
def test_free_text_of_a_problem_never_begins_a_formula(field: str) -> None:
    changed: dict[str, Any] = {field: "=1+1"}
    record = problem()._replace(**changed)
    cells = dict(zip(*csv_read("".join(csv_lines(record._fields, [record]))), strict=True))
    assert cells[field] == "'=1+1"


def test_mobile_is_not_spoiled_by_a_guard() -> None:
    assert ",+971585550123," in csv_text([card()])


@pytest.mark.parametrize("text", ["1=1", "a-b", " =1", "'=1", "", "[x]", "(=1)"])
def test_text_that_is_no_formula_is_left_alone(text: str) -> None:
    assert csv_read(csv_text([card(comment=text)]))[1][4] == text


def test_formula_below_a_line_break_is_none() -> None:
    assert csv_read(csv_text([card(comment="a\n=1")]))[1][4] == "a\n=1"


@given(st.lists(CARDS, max_size=4))
def test_raw_csv_reads_back(cards: list[CardStatus]) -> None:
    _, *rows = csv_read(csv_text(cards, raw=True))
    assert rows == [["" if cell is None else str(cell) for cell in each] for each in cards]


@given(st.lists(CARDS, max_size=4))
def test_guarded_csv_reads_back_but_for_the_guard(cards: list[CardStatus]) -> None:
    plain = csv_read(csv_text(cards, raw=True))
    guarded = csv_read(csv_text(cards))
    for before, after in zip(plain, guarded, strict=True):
        for cell, shown in zip(before, after, strict=True):
            assert shown in (cell, f"'{cell}")
        assert not after[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert not after[4].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_cell_with_a_carriage_return_is_quoted() -> None:
    assert '"a\rb"' in csv_text([card(comment="a\rb")])


@pytest.mark.parametrize("count", [998, 999, 1_000, 1_001, 2_500])
def test_every_record_of_a_long_csv_comes_once_in_order(count: int) -> None:
    chunks = list(csv_lines(FIELDS, (card(f"C{number}") for number in range(count))))
    rows = csv_read("".join(chunks))
    assert [row[0] for row in rows] == ["card_id", *(f"C{number}" for number in range(count))]
    assert max(chunk.count("\n") for chunk in chunks) <= 1_000


def test_csv_comes_while_records_are_read() -> None:
    seen: list[int] = []

    def records() -> Iterable[CardStatus]:
        for number in range(10_000):
            seen.append(number)
            yield card(str(number))

    next(csv_lines(FIELDS, records()))
    assert len(seen) < 2_000


STREAMED = {
    "csv": (
        Format.CSV,
        False,
        "card_id,status,occurred_at,mobile,comment,reference,source,line\n'=1,,,,,,,\n",
    ),
    "raw csv": (
        Format.CSV,
        True,
        "card_id,status,occurred_at,mobile,comment,reference,source,line\n=1,,,,,,,\n",
    ),
    "json": (
        Format.JSON,
        False,
        '[\n  {"card_id": "=1", "status": null, "occurred_at": null, "mobile": null, '
        '"comment": null, "reference": null, "source": null, "line": null}\n]\n',
    ),
    "ndjson": (
        Format.NDJSON,
        False,
        '{"card_id": "=1", "status": null, "occurred_at": null, "mobile": null, '
        '"comment": null, "reference": null, "source": null, "line": null}\n',
    ),
}


@pytest.mark.parametrize(("form", "raw", "expected"), STREAMED.values(), ids=STREAMED.keys())
def test_stream_is_in_the_format_asked_for(form: Format, raw: bool, expected: str) -> None:
    assert "".join(stream(form, FIELDS, [unknown_card("=1")], raw=raw)) == expected


# The report of ingest


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
            },
        ],
        "totals": {"rows": 1_010, "new": 1_000, "duplicates": 7, "rejected": 3, "warnings": 2},
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
    ]


CLEAN = FileReport("a.csv", EventType.DELIVERED, Outcome.INGESTED, Counts(2, 2, 0, 0, 0))
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
        "zone, begin a new database with --timezone",
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


# Tables

STATUS_WORDS = {
    "picked_up": "Picked up",
    "delivery_exception": "Delivery exception",
    "delivered": "Delivered",
    "returned": "Returned",
    None: "unknown",
}


@pytest.mark.parametrize(("status", "word"), STATUS_WORDS.items())
def test_table_shows_the_status_in_words(status: str | None, word: str) -> None:
    assert word in status_table([card(status=status)], "UTC", PIPE)


def test_table_of_a_pipe_is_not_cut() -> None:
    comment = "long " * 200 + "end"
    lines = status_table([card("C" * 100, comment=comment)], "UTC", PIPE).splitlines()
    assert len(lines) == 3
    assert "C" * 100 in lines[2].split()
    assert comment in lines[2]


def test_table_has_all_fields_of_a_card() -> None:
    header, _, row = status_table([card()], "Asia/Dubai", PIPE).splitlines()
    for name in ("Card ID", "Status", "Time (Asia/Dubai)", "Mobile", "Comment", "Reference"):
        assert name in header
    for cell in ("CRD1001", "Delivered", "2023-11-13 13:34:56", "+971585550123"):
        assert cell in row
    for cell in ("left at the door", "A982", "drop/Delivered.csv:7"):
        assert cell in row


def test_table_leaves_what_is_unknown_empty() -> None:
    *_, row = status_table([unknown_card()], "UTC", PIPE).splitlines()
    assert row.split() == ["CRD1009", "unknown"]


def test_table_has_no_blanks_at_the_ends() -> None:
    text = status_table([card(), unknown_card()], "UTC", PIPE)
    assert text.endswith("\n") and not text.endswith("\n\n") and not text.startswith("\n")
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize(
    "comment", ["[customer asked]", "[/bold]", "[red]x", ":smile:", "https://example.org", "\\["]
)
def test_comment_is_never_markup(comment: str) -> None:
    assert comment in status_table([card(comment=comment)], "UTC", TableStyle(200, color=True))


def test_terminal_too_narrow_for_a_table_shows_a_line_for_each_field() -> None:
    assert status_table([card(), unknown_card()], "UTC", TableStyle(60, color=False)) == (
        "Card ID      CRD1001\n"
        "Status       Delivered\n"
        "Time (UTC)   2023-11-13 09:34:56\n"
        "Mobile       +971585550123\n"
        "Comment      left at the door\n"
        "Reference    A982\n"
        "Source:line  drop/Delivered.csv:7\n"
        "\n"
        "Card ID      CRD1009\n"
        "Status       unknown\n"
    )


@pytest.mark.parametrize("width", [30, 60, 100, 130, 140, 150, 200])
def test_no_width_makes_a_table_wider_or_cuts_a_card_id(width: int) -> None:
    card_id = "".join(f"{number:03}" for number in range(30))
    text = status_table([unknown_card(card_id)], "UTC", TableStyle(width, color=False))
    assert max(map(len, text.splitlines())) <= width
    assert "".join(re.findall(r"\d+", text)) == card_id


@pytest.mark.parametrize("width", range(120, 180, 5))
def test_table_of_a_terminal_folds_comments_but_no_ids(width: int) -> None:
    cards = [card(comment="word " * 30), card("CRD1002")]
    text = status_table(cards, "UTC", TableStyle(width, color=False))
    assert max(map(len, text.splitlines())) <= width
    assert text.count("CRD1001") == text.count("CRD1002") == 1
    assert text.count("+971585550123") == 2
    assert text.count("word") == 30


def test_table_without_colour_has_no_escapes() -> None:
    assert "\x1b" not in status_table([card()], "UTC", TableStyle(200, color=False))


COLOURS = {
    "picked_up": "\x1b[36m",
    "delivery_exception": "\x1b[33m",
    "delivered": "\x1b[32m",
    "returned": "\x1b[35m",
}


@pytest.mark.parametrize(("status", "colour"), COLOURS.items())
def test_each_status_has_its_colour(
    monkeypatch: pytest.MonkeyPatch, status: str, colour: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = status_table([card(status=status)], "UTC", TableStyle(200, color=True))
    assert f"{colour}{STATUS_WORDS[status]}" in text


@given(NASTY_TEXT, NASTY_TEXT)
def test_tables_command_nothing(card_id: str, comment: str) -> None:
    text = status_table([card(card_id, comment=comment)], "UTC", PIPE)
    assert unsafe_characters(text) == set()
    assert len(text.splitlines()) == 3


def test_nasty_text_is_shown_written_out() -> None:
    assert r"a\x1b[31mb\x9b1m\u202ec\u200b\ufeff" in problem_table([problem(raw=NASTY)], PIPE)


LOCAL = {
    "UTC": ("2023-11-13T09:34:56Z", "UTC", "2023-11-13 09:34:56"),
    "Dubai": ("2023-11-13T20:34:56Z", "Asia/Dubai", "2023-11-14 00:34:56"),
    "summer": ("2024-07-15T11:00:00Z", "Europe/London", "2024-07-15 12:00:00"),
    "decimals": ("2023-11-13T09:34:56.5Z", "Asia/Dubai", "2023-11-13 13:34:56.5"),
    "nine decimals": ("2023-11-13T09:34:56.123456789Z", "UTC", "2023-11-13 09:34:56.123456789"),
}


@pytest.mark.parametrize(("iso", "zone", "expected"), LOCAL.values(), ids=LOCAL.keys())
def test_table_shows_local_time(iso: str, zone: str, expected: str) -> None:
    assert local_time(iso, ZoneInfo(zone)) == expected


def test_problem_table_has_all_of_a_problem() -> None:
    header, _, row = problem_table([problem()], PIPE).splitlines()
    assert header.split() == ["Severity", "Source:line", "Field", "Reason", "Detail", "Raw"]
    assert re.split(" {2,}", row.strip()) == [
        "rejected",
        "Pickup.csv:3",
        "occurred_at",
        "bad_time",
        "the minutes are missing",
        "1,C1,2,3",
    ]


def test_problem_of_a_whole_row_has_no_field() -> None:
    *_, row = problem_table([problem()._replace(field=None)], PIPE).splitlines()
    assert row.split()[:3] == ["rejected", "Pickup.csv:3", "bad_time"]


@pytest.mark.parametrize(("severity", "colour"), [("rejected", "31"), ("warning", "33")])
def test_each_severity_has_its_colour(
    monkeypatch: pytest.MonkeyPatch, severity: str, colour: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    text = problem_table([problem()._replace(severity=severity)], TableStyle(200, color=True))
    assert f"\x1b[{colour}m{severity}" in text


def test_ingest_table_counts_by_file_and_in_all() -> None:
    lines = ingest_table(report(INGESTED, FAILED), PIPE).splitlines()
    rows = [line.split() for line in lines if line.strip() and "─" not in line]
    assert rows == [
        ["File", "Type", "Outcome", "Rows", "New", "Duplicates", "Rejected", "Warnings"],
        ["Pickup.csv", "pickup", "ingested", "1,010", "1,000", "7", "3", "2"],
        ["cards.csv", "failed", "0", "0", "0", "0", "0"],
        ["Total", "1,010", "1,000", "7", "3", "2"],
    ]


def test_ingest_table_says_that_a_run_was_dry() -> None:
    assert "ingested (dry run)" in ingest_table(report(CLEAN, dry_run=True), PIPE)
    assert "dry run" not in ingest_table(report(CLEAN), PIPE)


def test_ingest_table_lines_its_numbers_up_on_the_right() -> None:
    lines = ingest_table(report(INGESTED, CLEAN), PIPE).splitlines()
    assert len({len(line) for line in lines if line.endswith(("2", "0", "Warnings"))}) == 1


def test_narrow_ingest_table_does_not_fold_its_numbers() -> None:
    long_name = FileReport("x" * 200, EventType.PICKUP, Outcome.INGESTED, INGESTED.counts)
    text = ingest_table(report(long_name), TableStyle(80, color=False))
    assert text.count("1,010") == 2
    assert text.count("x") == 200
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(("width", "shown"), [(99, False), (100, True), (None, True)])
def test_ingest_table_has_the_type_where_there_is_room(width: int | None, shown: bool) -> None:
    text = ingest_table(report(INGESTED), TableStyle(width, color=False))
    assert ("Type" in text, " pickup " in text) == (shown, shown)
    assert "1,010" in text


OUTCOMES = {
    Outcome.INGESTED: "\x1b[32mingested",
    Outcome.UNCHANGED: "\x1b[2munchanged",
    Outcome.FAILED: "\x1b[1;31mfailed",
}


@pytest.mark.parametrize(("outcome", "shown"), OUTCOMES.items())
def test_each_outcome_has_its_colour(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome, shown: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    file = FileReport("a.csv", EventType.PICKUP, outcome)
    assert shown in ingest_table(report(file), TableStyle(200, color=True))
