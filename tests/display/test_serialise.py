"""JSON, NDJSON and CSV that read back, and text that commands no terminal and no spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.answers import (
    NASTY_TEXT,
    card,
    problem,
    unknown_card,
    unsafe_characters,
)

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
from cardstatus.model.records import CardStatus

FIELDS = CardStatus._fields


def csv_text(records: Iterable[CardStatus], *, raw: bool = False) -> str:
    return "".join(csv_lines(FIELDS, records, raw=raw))


def csv_read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


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
