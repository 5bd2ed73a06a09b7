"""Tables of statuses, problems and files."""

import re

import pytest
from hypothesis import given
from support.answers import (
    CLEAN,
    FAILED,
    INGESTED,
    NASTY,
    NASTY_TEXT,
    PIPE,
    card,
    problem,
    report,
    unknown_card,
    unsafe_characters,
)

from cardstatus.display.tables import TableStyle, ingest_table, problem_table, status_table
from cardstatus.model.records import EventType
from cardstatus.model.reports import Counts, FileReport, Outcome

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


def test_problem_table_has_their_states_if_not_all_are_open() -> None:
    header, _, *rows = problem_table(
        [problem(), problem()._replace(state="mended")], PIPE
    ).splitlines()
    assert header.split()[-1] == "State"
    assert [row.split()[-1] for row in rows] == ["open", "mended"]


def test_a_file_that_failed_has_no_line() -> None:
    whole = problem()._replace(severity="failed", line=None, field=None, raw="")
    *_, row = problem_table([whole], PIPE).splitlines()
    assert row.split()[:3] == ["failed", "Pickup.csv", "bad_time"]


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


UNCHANGED = FileReport("Pickup.csv", EventType.PICKUP, Outcome.UNCHANGED, Counts(4, 0, 3, 1, 2))


@pytest.mark.parametrize(
    ("files", "named"),
    [([UNCHANGED], "1 file"), ([UNCHANGED] * 2, "2 files"), ([UNCHANGED] * 1_000, "1,000 files")],
)
def test_ingest_table_counts_what_is_unchanged(files: list[FileReport], named: str) -> None:
    text = ingest_table(report(CLEAN, *files), PIPE)
    *_, row, _, _ = text.splitlines()
    name, outcome, *counts = re.split(" {2,}", row.strip())
    assert (name, outcome) == (named, "unchanged")
    assert counts == [f"{n * len(files):,}" for n in (4, 0, 3, 1, 2)]
    assert "Pickup.csv" not in text
    verbose = ingest_table(report(*files), PIPE, verbose=True)
    assert verbose.count("Pickup.csv") == len(files)
    assert named not in verbose


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
