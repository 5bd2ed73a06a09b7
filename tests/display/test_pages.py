"""Pages for a person: safe, as wide as the terminal, and with all that they should tell."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.database.reading.overview import FailureReason, StoredFile, TypeActivity
from cardstatus.display.pages import (
    check_tables,
    explanations,
    files_tables,
    history_table,
    stats_page,
)
from cardstatus.display.serialise import safe_lines
from cardstatus.display.tables import TableStyle
from cardstatus.questions.check import CardFinding
from cardstatus.questions.evidence import Evidence
from cardstatus.questions.history import Assumed, Beaten, Contradiction, Explanation, HistoryEvent
from cardstatus.questions.stats import Attempts, Deliveries, DeliveryTimes, FileRejects, Stats
from cardstatus.rules.other_zone import OtherAnswer

PIPE = TableStyle(width=None, color=False)
COMMENT = "left at the [bold]door[/bold], 'as always'"
SOURCE = "drop/Delivered.csv"


def event(text: str = COMMENT, *, source: str = SOURCE, decides: bool = True) -> HistoryEvent:
    return HistoryEvent(
        "CRD1001", "delivered", "2023-11-13T09:34:56.5Z", "+971585550123", text, text, source, 7,
        "delivered", "2023-11-13T20:15:59.25Z", decides,
    )  # fmt: skip


def beaten(text: str = "A1", *, by: str = "occurred_at", source: str = SOURCE) -> Beaten:
    record = event(text, source=source)._asdict()
    fields = ("status", "occurred_at", "mobile", "comment", "reference", "source", "line", "type")
    return Beaten(
        by=by,
        ingested_at=record["ingested_at"],
        also_said_by=(),
        **{name: record[name] for name in fields},
    )  # type: ignore[typeddict-item]


def explanation(text: str = COMMENT, *, source: str = SOURCE, **fields: object) -> Explanation:
    known = Explanation(
        *event(text, source=source)[:10],
        now="2023-11-14T09:34:56Z",
        age_seconds=86_400,
        failed_attempts=0,
        beats=[beaten(text, source=source)],
        assumed=Assumed(timezone=None, zoneless_events=0, country_code=None),
    )
    return known._replace(**fields)


def stats(text: str = COMMENT, *, source: str = SOURCE, days: int = 3) -> Stats:
    return Stats(
        "Asia/Dubai",
        since=None,
        until=None,
        cards={"picked_up": 1_000, "delivery_exception": 0, "delivered": 250, "returned": 1},
        by="day",
        deliveries=[Deliveries(f"2023-{10 + n // 30}-{n % 30 + 1:02}", n + 1) for n in range(days)],
        seconds_to_delivery=DeliveryTimes(250, 93_784, 180_000),
        attempts=[Attempts(1, 200), Attempts(2, 50)],
        failure_reasons=[FailureReason(text, 30), FailureReason(None, 5)],
        rejects=[FileRejects(source, "delivered", 1_000, 2, 0)],
    )


def finding(text: str = COMMENT, *, source: str = SOURCE) -> CardFinding:
    return CardFinding("CRD1001", "no_pickup", text, "delivered", "2023-11-13T09:34:56Z", source, 7)


def stored(source: str = SOURCE) -> StoredFile:
    return StoredFile(
        source, "delivered", "ingested", "2023-11-13T20:15:59Z", 1_000, 900, 98, 2, 1, 5, 99,
        "0123456789abcdef" * 4, "/drop/x.csv", None, None, 7, "utf-8", None, None,
    )  # fmt: skip


NEVER = TypeActivity("returned", 0, None, None, None)


def activity(source: str = SOURCE) -> TypeActivity:
    return TypeActivity("delivered", 1, source, "2023-11-13T20:15:59Z", "2023-11-13T09:34:56.5Z")


PAGES: dict[str, Callable[[str, str, TableStyle], str]] = {
    "history": lambda text, source, style: history_table(
        [event(text, source=source, decides=False), event(text, source=source)], "UTC", style
    ),
    "explanation": lambda text, source, style: explanations(
        [explanation(text, source=source)], "UTC", style
    ),
    "check": lambda text, source, style: check_tables(
        [finding(text, source=source)], {"no_pickup": 1}, "UTC", style
    ),
    "files": lambda _, source, style: files_tables(
        [stored(source)], [activity(source)], "UTC", style
    ),
    "stats": lambda text, source, style: stats_page(stats(text, source=source), style),
}
UNSAFE = (
    "\x00\t\n\r\x1b\x7f\x85\x9b\u061c\u200e\u2028\u202e\u2066\u2069\ufeff\u200b\u2800\U000e0041"
)
NASTY_TEXT = st.text(UNSAFE + "[]/\\'\"bé😀", max_size=12)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@given(NASTY_TEXT, NASTY_TEXT, st.sampled_from([None, 30, 80, 200]))
def test_nothing_is_printed_that_a_terminal_would_obey(
    page: Callable[[str, str, TableStyle], str], text: str, source: str, width: int | None
) -> None:
    shown = page(text, "x" + source, TableStyle(width, color=False))
    assert safe_lines(shown) == shown


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_text_is_never_markup(page: Callable[[str, str, TableStyle], str]) -> None:
    odd = "[red]x[/red] [/bold]"
    assert odd in page(odd, odd, PIPE)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 150])
def test_a_page_fits_the_terminal(page: Callable[[str, str, TableStyle], str], width: int) -> None:
    lines = page(COMMENT, SOURCE, TableStyle(width, color=False)).splitlines()
    # The one sentence of the statistics is left for the terminal to wrap.
    assert [line for line in lines if len(line) > width and "From first pickup" not in line] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_of_one_piece_with_colours_and_without(
    page: Callable[[str, str, TableStyle], str],
) -> None:
    assert "\x1b[" in page(COMMENT, SOURCE, TableStyle(None, color=True))
    assert page(COMMENT, SOURCE, PIPE).endswith("\n")
    assert not page(COMMENT, SOURCE, PIPE).startswith("\n")


def line_of(page: str, *, beginning: str) -> str:
    (line,) = (line for line in page.splitlines() if line.strip().startswith(beginning))
    return line


def cells(page: str) -> list[list[str]]:
    return [line.split() for line in page.splitlines()]


def test_a_history_marks_what_decides() -> None:
    first, last = event(decides=False), event()
    page = history_table([first, last], "Asia/Dubai", PIPE)
    _, _, beaten_row, deciding = page.splitlines()
    assert not beaten_row.strip().startswith("→")
    assert deciding.strip().startswith("→")
    assert "2023-11-13 13:34:56.5" in deciding
    assert "2023-11-14 00:15" in deciding
    narrow = history_table([last], "UTC", TableStyle(60, color=False))
    assert line_of(narrow, beginning="Decides").split() == ["Decides", "→"]


def test_a_history_shows_what_is_told_twice() -> None:
    again = event(decides=False)._replace(same_as="2023-11-13T09:35:12Z")
    head, _, row, last = history_table([again, event()], "Asia/Dubai", PIPE).splitlines()
    assert head.rstrip().endswith("Same as")
    assert row.endswith("2023-11-13 13:35:12")
    assert last.rstrip().endswith("00:15")
    assert "Same as" not in history_table([event()], "Asia/Dubai", PIPE)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("occurred_at", "earlier"),
        ("type", "at the same instant, of an earlier stage"),
        ("reference", "the greater reference decides"),
        ("mobile", "same but for the mobile"),
        ("comment", "same but for the comment"),
    ],
)
def test_an_explanation_says_by_what_an_event_loses(by: str, why: str) -> None:
    page = explanations([explanation(beats=[beaten(by=by)])], "UTC", PIPE)
    line = line_of(page, beginning="It beats")
    assert f"{SOURCE}:7" in line
    assert why in line


def told(record: Explanation) -> str:
    return explanations([record], "UTC", PIPE)


def test_an_explanation_says_what_it_rests_on() -> None:
    page = told(explanation("note", beats=[]))
    assert line_of(page, beginning="Because").split(None, 1)[1] == (
        "drop/Delivered.csv:7 says delivered, with the comment 'note', reference note"
    )
    assert "2023-11-13 09:34:56.5, 1 day ago" in line_of(page, beginning="Time (UTC)")
    assert "it is the only event" in line_of(page, beginning="It beats")
    assert "none failed since the last pickup" in line_of(page, beginning="Attempts")
    assert line_of(page, beginning="Assumed").split() == ["Assumed", "nothing"]
    assert line_of(page, beginning="Contradicts").split() == ["Contradicts", "nothing"]


def test_an_explanation_says_what_was_assumed_and_what_hangs_on_it() -> None:
    assumed = Assumed(timezone="Asia/Dubai", zoneless_events=1, country_code="971")
    other = OtherAnswer(status="picked_up", from_offset="-12:00", to_offset="+03:59")
    page = told(explanation(assumed=assumed, other_answer=other))
    assert "1 of 2 times carry no zone, and were read as Asia/Dubai" in page
    assert "an offset from UTC-12:00 to UTC+03:59 they would make it picked_up" in page
    assert "mobiles without their country are read as +971" in page


def test_an_explanation_names_contradictions_and_attempts() -> None:
    doubt = Contradiction(reason="no_pickup", detail="no file says that it was picked up")
    page = told(explanation(contradictions=[doubt], failed_attempts=4, age_seconds=-7_200))
    assert "no_pickup: no file says" in line_of(page, beginning="Contradicts")
    assert "4 failed since the last pickup" in line_of(page, beginning="Attempts")
    assert ", in 2 h 0 min" in line_of(page, beginning="Time")


def test_a_long_history_is_cut_and_says_so() -> None:
    record = explanation(beats=[beaten() for _ in range(25)])
    page = told(record)
    assert page.count("(earlier)") == 20
    assert "and 5 more; see 'cardstatus history'" in page
    elsewhere = explanations([record], "UTC", PIPE, "cards.db")
    assert "and 5 more; see 'cardstatus history --db cards.db'" in elsewhere
    whole = told(explanation(beats=[beaten() for _ in range(20)]))
    assert whole.count("(earlier)") == 20
    assert "more; see" not in whole


def test_an_unknown_card_is_told_as_unknown() -> None:
    page = told(Explanation("CRD1009", *[None] * 7))
    assert cells(page) == [["Card", "ID", "CRD1009"], ["Status", "unknown"]]


def test_a_check_counts_by_reason_and_lists_cards() -> None:
    page = check_tables([finding("why")], {"stale": 1_200, "no_pickup": 1}, "Asia/Dubai", PIPE)
    rows = cells(page)
    assert rows[2:4] == [["no_pickup", "1"], ["stale", "1,200"]]
    assert rows[-1] == [
        "CRD1001", "no_pickup", "why", "Delivered", "2023-11-13", "13:34:56", f"{SOURCE}:7",
    ]  # fmt: skip


def test_files_are_listed_with_the_activity_of_each_type() -> None:
    page = cells(files_tables([stored()], [activity(), NEVER], "Asia/Dubai", PIPE))
    assert page[2] == [
        "7", SOURCE, "delivered", "ingested", "2023-11-14", "00:15", "0123456789ab", "1,000", "900",
        "98", "2", "1",
    ]  # fmt: skip
    assert page[-2] == [
        "delivered", "1", "2023-11-14", "00:15", "2023-11-13", "13:34:56.5", SOURCE,
    ]  # fmt: skip
    assert page[-1] == ["returned", "0", "never", "none"]


def test_files_that_were_taken_out_say_when_and_by_what() -> None:
    undone = stored()._replace(outcome="undone", undone_at="2023-11-13T21:15:59Z")
    page = files_tables([undone, undone._replace(replaced_by=8)], [NEVER], "Asia/Dubai", PIPE)
    assert "undone 2023-11-14 01:15" in page
    assert "replaced by 8" in page


def bars(lines: Iterable[str]) -> list[int]:
    return [line.count("█") for line in lines if "█" in line]


@pytest.mark.parametrize(
    ("width", "longest"), [(None, 40), (80, 34), (60, 24), (45, 9), (20, 8)],
    ids=["pipe", "80", "60", "45", "20"],
)  # fmt: skip
def test_bars_are_in_proportion_and_as_long_as_there_is_room(
    width: int | None, longest: int
) -> None:
    page = stats_page(stats(), TableStyle(width, color=False))
    by_status = page[: page.index("Day")]
    assert bars(by_status.splitlines()) == [longest, round(longest / 4)]


def test_where_there_is_room_all_bars_begin_below_each_other() -> None:
    lines = stats_page(stats("Nobody at home"), TableStyle(100, color=False)).splitlines()
    assert len({line.index("█") for line in lines if "  █" in line}) == 1


def test_numbers_of_all_there_is_have_their_shares() -> None:
    page = stats_page(stats(), PIPE).splitlines()
    shares = [line.split()[-2:] for line in page if line.endswith("%") or " % " in line]
    assert [line.split(" % ")[0].split()[-1] for line in page if " % " in line][:2] == ["80", "20"]
    assert shares


def test_the_statistics_have_a_small_bar_for_each_day() -> None:
    gap = [Deliveries("2023-11-29", 2), Deliveries("2023-12-02", 8)]
    page = stats_page(stats()._replace(deliveries=gap), PIPE)
    assert " 2023-11-29 ▃▁▁█ 2023-12-02\n" in page
    assert "▃" not in stats_page(stats()._replace(deliveries=gap, by="week"), PIPE)
    narrow = stats_page(stats()._replace(deliveries=gap), TableStyle(28, color=False))
    assert " 2023-12-01 ▁█ 2023-12-02\n" in narrow


def test_the_statistics_tell_the_last_periods_only() -> None:
    page = stats_page(stats(days=33), PIPE)
    assert "2023-10-03" in page
    assert "2023-10-02" not in page
    assert " and 2 before" in page
    assert "before" not in stats_page(stats(days=31), PIPE)


def test_the_statistics_say_how_long_delivery_takes() -> None:
    page = stats_page(stats(), PIPE)
    assert "half within 1 day 2 h, nine in ten within 2 days 2 h (cards: 250)" in page
    none = stats()._replace(seconds_to_delivery=DeliveryTimes(0, None, None))
    assert "nine in ten" not in stats_page(none, PIPE)


def test_the_statistics_say_of_which_time_they_are() -> None:
    window = stats()._replace(since="2023-11-12T20:00:00Z", until="2023-11-13T19:59:59.999999999Z")
    first, *_ = stats_page(window, PIPE).splitlines()
    assert first == " Events from 2023-11-13 00:00:00 to 2023-11-13 23:59:59 (Asia/Dubai)"


def test_what_there_is_none_of_is_left_out() -> None:
    empty = stats()._replace(deliveries=[], attempts=[], failure_reasons=[], rejects=[])
    page = stats_page(empty, PIPE)
    for header in ("Deliveries", "Attempts", "Why attempts failed", "Files with problems"):
        assert header not in page
        assert header in stats_page(stats(), PIPE)
    assert "(no comment)" in stats_page(stats(), PIPE)


@pytest.mark.parametrize(
    ("row", "archived", "shown"),
    [
        ("A1,CRD1,[b]", None, ["SHA-256 0123456789ab\n", "Row", "A1,CRD1,[b]"]),
        (None, "/done/x.csv", ["SHA-256 0123456789ab, now /done/x.csv\n", "not to be seen"]),
        ("\x1b[31m", "/done/\u202e.csv", [r"now /done/\u202e.csv", r"\x1b[31m"]),
    ],
)
def test_an_explanation_shows_the_row_and_where_its_file_is(
    row: str | None, archived: str | None, shown: list[str]
) -> None:
    evidence = Evidence(sha256="0123456789abcdef" * 4, path="/in/x.csv", archived=archived, row=row)
    text = explanations([explanation(COMMENT)._replace(evidence=evidence)], "UTC", PIPE)
    assert all(part in text for part in shown)
