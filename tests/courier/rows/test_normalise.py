"""Rows to events: one by one, and by columns."""

import re
from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.card_ids import CardIdReader
from cardstatus.courier.cells.mobiles import MobileReader
from cardstatus.courier.cells.times import TimeReader
from cardstatus.courier.header.columns import Columns, map_columns
from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.rows.normalise import Normaliser
from cardstatus.courier.rows.table import Batch
from cardstatus.model.events import Event, EventFields, RawRow
from cardstatus.model.problems import Problem, Reason, Severity, UnknownWords
from cardstatus.model.records import EventType

HEADER = ("ID ", "Card ID", "User contact", "Timestamp", "Comment")
VISA = "4111111111111111"
"""The networks' test number, which no card has."""
MASKED = "411111******1111"
TWO_PM = 1_699_884_000_000_000_000
"""13-11-2023 14:00 in UTC."""


def normaliser(
    event_type: EventType = EventType.PICKUP,
    header: tuple[str, ...] = HEADER,
    zone: str = "UTC",
) -> Normaliser:
    columns = map_columns(formats_of(event_type)[0], header)
    return Normaliser(
        event_type, columns, TimeReader(ZoneInfo(zone)), MobileReader("971"), CardIdReader()
    )


def raw_row(
    card_id: str = "CRD1001",
    time: str = "13-11-2023 14:00",
    mobile: str = "0585550123",
    reference: str = "A982",
    comment: str = "Nobody at home",
) -> RawRow:
    """A row for HEADER, on line 7."""
    cells = [reference, card_id, mobile, time, comment]
    return RawRow(7, cells, ",".join(cells) + "\r\n")


def event_of(row: RawRow) -> Event:
    """The event of a row with nothing wrong."""
    event, problems = normaliser()(row)
    assert list(problems) == []
    assert event is not None
    return event


def is_half_a_sentence(detail: str) -> bool:
    """Whether it can stand behind "line 7: ", and what comes next behind it."""
    return re.fullmatch(r"[a-z'].*[a-zDZ\d)]", detail) is not None


def rejection_of(row: RawRow) -> Problem:
    """The one reason why a row is rejected."""
    event, problems = normaliser()(row)
    assert event is None
    (problem,) = problems
    assert problem.severity is Severity.REJECTED
    assert is_half_a_sentence(problem.detail)
    return problem


def warning_of(row: RawRow) -> tuple[Event, Problem]:
    """The event of a row, and the one warning of it."""
    event, problems = normaliser()(row)
    assert event is not None
    (problem,) = problems
    assert problem.severity is Severity.WARNING
    assert is_half_a_sentence(problem.detail)
    return event, problem


def test_a_row_becomes_an_event() -> None:
    assert event_of(raw_row()) == Event(
        card_id="CRD1001",
        occurred_at=TWO_PM,
        type=10,
        reference="A982",
        mobile="+971585550123",
        comment="Nobody at home",
        zoned=0,
        line=7,
    )


def test_an_event_names_its_parts() -> None:
    event = event_of(raw_row())
    assert isinstance(event, Event)
    assert (event.card_id, event.line) == ("CRD1001", 7)


@pytest.mark.parametrize(
    ("event_type", "number"),
    [
        (EventType.PICKUP, 10),
        (EventType.DELIVERY_EXCEPTIONS, 20),
        (EventType.DELIVERED, 30),
        (EventType.RETURNED, 40),
    ],
)
def test_event_is_of_its_files_type(event_type: EventType, number: int) -> None:
    event, _ = normaliser(event_type)(raw_row())
    assert event is not None and event.type == number


def test_written_zone_is_remembered() -> None:
    event = event_of(raw_row(time="2023-11-13T18:00:00+04:00"))
    assert (event.occurred_at, event.zoned) == (TWO_PM, 1)


def test_time_without_a_zone_is_in_the_databases() -> None:
    event, _ = normaliser(zone="Asia/Dubai")(raw_row(time="13-11-2023 18:00"))
    assert event is not None
    assert (event.occurred_at, event.zoned) == (TWO_PM, 0)


def test_columns_are_found_by_the_header() -> None:
    read = normaliser(header=("timestamp", "Comment", "Courier", "card_id", "ref", "Phone"))
    cells = ["13-11-2023 14:00", "left", "Bike 4", "CRD1001", "A1", "585550123"]
    event, problems = read(RawRow(2, cells, ",".join(cells)))
    assert event == ("CRD1001", TWO_PM, 10, "A1", "+971585550123", "left", 0, 2)
    assert list(problems) == []


def test_file_without_reference_and_comment_leaves_them_empty() -> None:
    read = normaliser(header=("Card ID", "Phone", "Timestamp"))
    event, _ = read(RawRow(2, ["CRD1001", "585550123", "13-11-2023 14:00"], ""))
    assert event is not None
    assert (event.reference, event.comment) == ("", "")


def test_file_of_a_format_without_a_mobile_leaves_it_empty() -> None:
    columns = Columns({"card_id": 0, "occurred_at": 1}, 2, (), named=2, least=2)
    read = Normaliser(
        EventType.PICKUP, columns, TimeReader(UTC), MobileReader("971"), CardIdReader()
    )
    cells = ["CRD1001234", "13-11-2023 14:00"]
    event = Event("CRD1001234", TWO_PM, int(EventType.PICKUP), "", "", "", 0, 2)
    assert read(RawRow(2, cells, "")) == (event, [])
    assert read.usual(Batch([2], [cells], [""])) == ([event], [])


def test_card_id_is_that_of_its_cell() -> None:
    assert event_of(raw_row(card_id=' "CRD1001" ')).card_id == "CRD1001"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("n/a", Reason.MISSING_CARD_ID),
        ("1.23457E+15", Reason.EXCEL_ROUNDED_NUMBER),
        (VISA, Reason.PAYMENT_CARD_NUMBER),
    ],
)
def test_row_without_a_card_id_to_trust_is_rejected(cell: str, reason: Reason) -> None:
    problem = rejection_of(raw_row(card_id=cell))
    assert (problem.field, problem.reason) == ("card_id", reason)


TIMES = {
    "as it is": "13-11-2023 14:00",
    "blanks around": " 13-11-2023 14:00 ",
    "quotes inside the cell": '"13-11-2023 14:00"',
    "Excel's text formula": '="13-11-2023 14:00"',
    "byte-order mark": "\ufeff13-11-2023 14:00",
    "another form": "13/11/2023 2:00 PM",
}


@pytest.mark.parametrize("cell", TIMES.values(), ids=TIMES.keys())
def test_time_cell_is_tidied(cell: str) -> None:
    assert event_of(raw_row(time=cell)).occurred_at == TWO_PM


NO_TIME = {
    "empty": ("", Reason.MISSING_TIME),
    "blank": (" ", Reason.MISSING_TIME),
    "empty quotes": ('""', Reason.MISSING_TIME),
    "hyphen": ("-", Reason.MISSING_TIME),
    "null": ("NULL", Reason.MISSING_TIME),
    "failed look-up": ("#N/A", Reason.MISSING_TIME),
    "date only": ("13-11-2023", Reason.INCOMPLETE_TIME),
    "date only, in quotes": ('"13-11-2023"', Reason.INCOMPLETE_TIME),
    "month first": ("11/13/2023 14:00", Reason.MONTH_FIRST),
    "narrow column": ("########", Reason.EXCEL_NARROW_COLUMN),
    "word": ("Timestamp", Reason.BAD_TIME),
}


@pytest.mark.parametrize(("cell", "reason"), NO_TIME.values(), ids=NO_TIME.keys())
def test_row_without_a_time_to_trust_is_rejected(cell: str, reason: Reason) -> None:
    problem = rejection_of(raw_row(time=cell))
    assert (problem.field, problem.reason) == ("occurred_at", reason)


MOBILES = {
    "national": "585550123",
    "trunk 0": "0585550123",
    "quotes inside the cell": '"0585550123"',
    "Excel's text formula": '="0585550123"',
    "byte-order mark": "\ufeff0585550123",
    "zero-width space": "0585550123\u200b",
    "groups": " +971 58 555 0123 ",
}


@pytest.mark.parametrize("cell", MOBILES.values(), ids=MOBILES.keys())
def test_mobile_cell_is_tidied(cell: str) -> None:
    assert event_of(raw_row(mobile=cell)).mobile == "+971585550123"


@pytest.mark.parametrize("cell", ["", " ", '""', '=""', "\ufeff"])
def test_no_mobile_is_no_problem(cell: str) -> None:
    assert event_of(raw_row(mobile=cell)).mobile == ""


BAD_MOBILES = {
    "too short": ("58555", Reason.BAD_MOBILE),
    "a landline, or cut": ("45550123", Reason.LANDLINE),
    "word": ("unknown", Reason.BAD_MOBILE),
    "rounded by Excel": ("9.71535E+11", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, without a sign": ("9.71535E11", Reason.EXCEL_ROUNDED_NUMBER),
    "rounded, in quotes": ('"9.71535E+11"', Reason.EXCEL_ROUNDED_NUMBER),
    "a small number is not rounded": ("9.71535E-11", Reason.BAD_MOBILE),
    "narrow column": ("########", Reason.EXCEL_NARROW_COLUMN),
    "one hash": ("#", Reason.BAD_MOBILE),
    "payment card number": (VISA, Reason.PAYMENT_CARD_NUMBER),
    "payment card number behind a word": (f"card {VISA}", Reason.PAYMENT_CARD_NUMBER),
}


@pytest.mark.parametrize(("cell", "reason"), BAD_MOBILES.values(), ids=BAD_MOBILES.keys())
def test_bad_mobile_costs_the_mobile_but_not_the_event(cell: str, reason: Reason) -> None:
    event, problem = warning_of(raw_row(mobile=cell))
    assert (problem.field, problem.reason) == ("mobile", reason)
    assert event == event_of(raw_row(mobile=""))


REFERENCES = {
    "letters and digits": ("A982", "A982"),
    "number": ("332", "332"),
    "blanks": (" A982 ", "A982"),
    "quotes inside the cell": ('"A982"', "A982"),
    "hyphen inside": ("A-982", "A-982"),
    "payment card number that belongs to a word": (f"AWB{VISA}", f"AWB{VISA}"),
    "as long as a payment card number": ("4111111111111112", "4111111111111112"),
    "missing": ("", ""),
    "blank": (" ", ""),
}


@pytest.mark.parametrize(("cell", "expected"), REFERENCES.values(), ids=REFERENCES.keys())
def test_reference_is_tidied(cell: str, expected: str) -> None:
    assert event_of(raw_row(reference=cell)).reference == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1.23457E+15", Reason.EXCEL_ROUNDED_NUMBER),
        ("########", Reason.EXCEL_NARROW_COLUMN),
    ],
)
def test_spoiled_reference_costs_the_reference_but_not_the_event(cell: str, reason: Reason) -> None:
    event, problem = warning_of(raw_row(reference=cell))
    assert (problem.field, problem.reason) == ("reference", reason)
    assert event == event_of(raw_row(reference=""))


def test_payment_card_number_in_a_reference_is_masked() -> None:
    event, problem = warning_of(raw_row(reference=f" AWB-{VISA} "))
    assert (problem.field, problem.reason) == ("reference", Reason.PAYMENT_CARD_NUMBER)
    assert event == event_of(raw_row())._replace(reference=f"AWB-{MASKED}")


def test_payment_card_number_in_a_comment_is_masked() -> None:
    event, problem = warning_of(raw_row(comment="took VISA 4111 1111\r\n1111 1111 back"))
    assert (problem.field, problem.reason) == ("comment", Reason.PAYMENT_CARD_NUMBER)
    assert event.comment == "took VISA 4111 11**\n**** 1111 back"


PAN_ROWS = {
    "card id": {"card_id": VISA},
    "time": {"time": VISA},
    "mobile": {"mobile": VISA},
    "reference": {"reference": VISA},
    "comment": {"comment": f"VISA {VISA}"},
    "everywhere": dict.fromkeys(("card_id", "time", "mobile", "reference", "comment"), VISA),
    "beside a bad time": {"time": "soon", "comment": VISA},
    "beside a bad mobile": {"mobile": "58555", "reference": VISA},
}


@pytest.mark.parametrize("cells", PAN_ROWS.values(), ids=PAN_ROWS.keys())
def test_no_payment_card_number_is_left_in_clear(cells: dict[str, str]) -> None:
    event, problems = normaliser()(raw_row(**cells))
    assert problems
    for text in [*(event or ()), *(problem.detail + problem.raw for problem in problems)]:
        assert VISA not in str(text)


def test_evidence_shows_no_payment_card_number_however_unlikely() -> None:
    _, problem = warning_of(raw_row(mobile="58555", reference="9792030394440796"))
    assert "979203******0796" in problem.raw


COMMENTS = {
    "blanks around": (" Nobody at home ", "Nobody at home"),
    "markup": ("[customer asked] to cancel", "[customer asked] to cancel"),
    "quotes stay": ('"tomorrow"', '"tomorrow"'),
    "formula stays": ("=1+1", "=1+1"),
    "line break stays": ("Address incomplete\nFlat missing", "Address incomplete\nFlat missing"),
    "line break as Windows writes it": ("no one\r\nhome", "no one\nhome"),
    "line break as old Macs wrote it": ("no one\rhome", "no one\nhome"),
    "as long as a payment card number": ("AWB 4111111111111112", "AWB 4111111111111112"),
    "all kinds of line breaks": ("a\r\n\rb\n\r\nc", "a\n\nb\n\nc"),
    "Arabic": ("لا أحد", "لا أحد"),
    "missing": ("", ""),
    "placeholder is a comment": ("N/A", "N/A"),
}


@pytest.mark.parametrize(("cell", "expected"), COMMENTS.values(), ids=COMMENTS.keys())
def test_comment_is_kept_but_for_blanks_around(cell: str, expected: str) -> None:
    assert event_of(raw_row(comment=cell)).comment == expected


def test_two_cells_can_be_warned_of() -> None:
    event, problems = normaliser()(raw_row(mobile="58555", reference="####"))
    assert event is not None
    assert [problem.field for problem in problems] == ["reference", "mobile"]


def test_rejected_row_has_one_reason_the_card_before_the_time() -> None:
    assert rejection_of(raw_row(card_id="", time="", mobile="58555")).field == "card_id"


def test_rejected_row_is_not_warned_of() -> None:
    assert rejection_of(raw_row(time="", mobile="58555")).field == "occurred_at"


@pytest.mark.parametrize("spoiled", [{"card_id": ""}, {"time": "soon"}, {"mobile": "58555"}])
def test_problem_names_the_line_and_shows_the_row(spoiled: dict[str, str]) -> None:
    row = raw_row(**spoiled)
    _, (problem,) = normaliser()(row)
    assert problem.line == 7
    assert problem.raw == ",".join(row.cells)


def test_detail_of_a_bad_mobile_does_not_hold_it() -> None:
    _, problem = warning_of(raw_row(mobile="0585550123 ext 4"))
    assert "0585550123" not in problem.detail


def test_detail_of_a_bad_time_does_not_hold_a_mobile_from_swapped_columns() -> None:
    problem = rejection_of(raw_row(time="0585550123", mobile="13-11-2023 14:00"))
    assert "0585550123" not in problem.detail


Row = tuple[int, Sequence[str], str]


def batch_of(*rows: Row) -> Batch:
    """Rows for HEADER; those of another width are odd, and no other."""
    return Batch(
        [line for line, _, _ in rows],
        [list(cells) for _, cells, _ in rows],
        [text for _, _, text in rows],
        odd=[at for at, (_, cells, _) in enumerate(rows) if len(cells) != len(HEADER)],
    )


def taken(read: Normaliser, rows: Sequence[RawRow]) -> tuple[list[EventFields], list[Problem]]:
    """The events and problems of rows that are in order: the usual ones first, by columns."""
    events, odd = read.usual(batch_of(*rows))
    problems: list[Problem] = []
    for at in odd:
        event, found = read(rows[at])
        problems += found
        events += [event] if event else []
    return events, problems


def test_batch_parts_events_from_problems() -> None:
    rows = [
        raw_row(card_id="CRD1001"),
        raw_row(card_id=""),
        raw_row(card_id="CRD1002", mobile="58555"),
        raw_row(card_id="C-3"),
    ]
    events, problems = taken(normaliser(), rows)
    assert [event[0] for event in events] == ["CRD1001", "CRD1002", "C-3"]
    assert [problem.reason for problem in problems] == [Reason.MISSING_CARD_ID, Reason.BAD_MOBILE]


def test_batch_leaves_the_odd_row_to_be_examined() -> None:
    events, odd = normaliser().usual(batch_of((7, ["1", "C1"], "1,C1"), raw_row("CRD1001234")))
    assert ([event[0] for event in events], odd) == (["CRD1001234"], [0])


def test_batch_of_odd_rows_has_no_events() -> None:
    assert normaliser().usual(batch_of((7, [], "\n"), (8, ["CRD1001"], ""))) == ([], [0, 1])


def test_rows_of_a_batch_that_are_not_odd_must_be_of_one_width() -> None:
    with pytest.raises(ValueError, match="shorter"):
        normaliser().usual(batch_of(raw_row(), (8, ["CRD1001"], ""))._replace(odd=[]))


USUAL = {
    "longest card id": {"card_id": "C1" * 50},
    "short card id": {"card_id": "C3"},
    "card id like a phone number": {"card_id": "0585550123456"},
    "no reference": {"reference": ""},
    "long reference": {"reference": "AWB0585550123"},
    "long reference beside none": {"reference": "AWB0585550123", "comment": ""},
    "long comment": {"comment": "Nobody at home, 13-11-2023 14:00, call 0585550123"},
}


@pytest.mark.parametrize("changed", USUAL.values(), ids=USUAL.keys())
def test_usual_rows_are_not_looked_at_twice(changed: dict[str, str]) -> None:
    rows = [raw_row(**({"card_id": "CRD1001234"} | cells)) for cells in (changed, {})]
    events, odd = normaliser().usual(batch_of(*rows, raw_row("CRD1001234", reference="")))
    assert (events, odd) == ([event_of(row) for row in rows] + events[2:], [])


def test_batch_of_nothing_is_nothing() -> None:
    assert normaliser().usual(batch_of()) == ([], [])


def test_batch_of_a_file_without_reference_and_comment() -> None:
    read = normaliser(header=("Card ID", "Phone", "Timestamp"))
    batch = Batch([2], [["CRD1001234", "585550123", "13-11-2023 14:00"]], [""])
    events, odd = read.usual(batch)
    assert events == [("CRD1001234", TWO_PM, 10, "", "+971585550123", "", 0, 2)]
    assert odd == []


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "CRD1001",
            "0585550123",
            "13-11-2023 14:00",
            "#N/A",
            "9.7E+11",
            VISA,
            "4111 1111-1111 1111",
            "4222222222222",
        ]
    ),
    st.text(alphabet='CRD0123456789-/: "#\ufeff+.\n', max_size=20),
)


ROWS = st.builds(raw_row, CELLS, CELLS, CELLS, CELLS, CELLS)


@given(ROWS)
def test_every_row_is_an_event_or_one_rejection(row: RawRow) -> None:
    event, problems = normaliser()(row)
    severities = [problem.severity for problem in problems]
    if event is None:
        assert severities == [Severity.REJECTED]
    else:
        assert set(severities) <= {Severity.WARNING}


@given(CELLS, CELLS, CELLS, CELLS, CELLS)
def test_the_short_way_of_usual_rows_leads_to_the_same_event(
    card_id: str, time: str, mobile: str, reference: str, comment: str
) -> None:
    row = raw_row(card_id, time, mobile, reference, comment)
    event, problems = normaliser()(row)
    assert taken(normaliser(), [row]) == ([event] if event else [], list(problems))


def test_no_row_is_lost_beside_one_of_another_length() -> None:
    rows = [
        (2, ["CRD1001"], ""),
        raw_row(mobile="58555"),
        raw_row("CRD1001234"),
        (5, ["1"] * 6, ""),
    ]
    events, odd = normaliser().usual(batch_of(*rows))
    assert (events, sorted(odd)) == ([event_of(raw_row("CRD1001234"))], [0, 1, 3])


BLANKS = st.text(alphabet=" \t\u00a0", max_size=2)
MARKED = st.builds("{}{}{}".format, BLANKS, st.sampled_from(["", "\ufeff"]), BLANKS)


@given(MARKED, MARKED, st.sampled_from(["{}", '"{}"', '="{}"', '" {} "']))
def test_what_surrounds_a_value_does_not_make_another_event(
    before: str, after: str, form: str
) -> None:
    around = before + form + after
    assert event_of(
        raw_row(
            card_id=around.format("CRD1001"),
            time=around.format("13-11-2023 14:00"),
            mobile=around.format("0585550123"),
            reference=around.format("A982"),
        )
    ) == event_of(raw_row())


BARELY_UNUSUAL = {
    "as usual": {},
    "written zone": {"time": "2023-11-13T14:00:00+04:00"},
    "no time": {"time": ""},
    "quotes around the time": {"time": '"13-11-2023 14:00"'},
    "bad time": {"time": "11/13/2023 14:00"},
    "short card id": {"card_id": "A1"},
    "word for nothing": {"card_id": "null"},
    "word for nobody": {"card_id": "unknown"},
    "seven characters": {"card_id": "CRD1001"},
    "eight characters": {"card_id": "CRD10012"},
    "blank before the card id": {"card_id": " CRD1001234"},
    "longest card id": {"card_id": "C1" * 50},
    "card id too long": {"card_id": "C" * 101},
    "no mobile": {"mobile": ""},
    "quotes around the mobile": {"mobile": '"0585550123"'},
    "groups in the mobile": {"mobile": "+971 58 555 0123"},
    "bad mobile": {"mobile": "58555"},
    "no reference": {"reference": ""},
    "blank before the reference": {"reference": " A982"},
    "spoiled reference": {"reference": "####"},
    "no comment": {"comment": ""},
    "blanks around the comment": {"comment": " left "},
    "line break in the comment": {"comment": "a\r\nb"},
    "payment card number": {"card_id": VISA},
    "shortest payment card number": {"card_id": "4222222222222"},
    "sixteen digits": {"card_id": "4111111111111112"},
    "payment card number as reference": {"reference": VISA},
    "shortest payment card number as reference": {"reference": "4222222222222"},
    "payment card number in the reference": {"reference": f"AWB {VISA}"},
    "sixteen digits as reference": {"reference": "4111111111111112"},
    "payment card number in the comment": {"comment": f"VISA {VISA}, left"},
    "payment card number as mobile": {"mobile": VISA},
}


@pytest.mark.parametrize("changed", BARELY_UNUSUAL.values(), ids=BARELY_UNUSUAL.keys())
def test_row_of_a_batch_is_what_it_is_alone(changed: dict[str, str]) -> None:
    row = raw_row(**({"card_id": "CRD1001234"} | changed))
    event, problems = normaliser()(row)
    events = [event] if event else []
    assert taken(normaliser(), [row]) == (events, list(problems))


USUAL_CELLS = (
    st.one_of(st.just("CRD1001234"), CELLS),
    st.one_of(st.sampled_from(["13-11-2023 14:00", "2023-11-13T14:00:00Z", "3:05 PM"]), CELLS),
    st.one_of(st.just("0585550123"), CELLS),
    st.one_of(st.just("A982"), CELLS),
    st.one_of(st.just(" left "), CELLS),
)


@given(st.lists(st.one_of(ROWS, st.builds(raw_row, *USUAL_CELLS)), max_size=8))
def test_batch_is_what_the_rows_are_one_by_one(rows: list[RawRow]) -> None:
    read = normaliser()
    lined = [row._replace(line=line) for line, row in enumerate(rows, 2)]
    singly = [read(row) for row in lined]
    events, problems = taken(read, lined)
    assert sorted(events, key=lambda event: event[7]) == [event for event, _ in singly if event]
    assert sorted(problems, key=lambda problem: problem.line) == [
        problem for _, found in singly for problem in found
    ]


# Statuses

STATUS_HEADER = ("ID ", "Card ID", "User contact", "Timestamp", "Status")


def status_normaliser() -> Normaliser:
    """One for files of deliveries whose last column is the status."""
    return normaliser(EventType.DELIVERED, STATUS_HEADER)


def test_row_whose_status_contradicts_its_file_is_rejected_and_told_so() -> None:
    event, (problem,) = status_normaliser()(raw_row(time="", comment="NOT DELIVERED"))
    assert event is None
    assert (problem.severity, problem.field) == (Severity.REJECTED, "status")
    assert problem.reason is Reason.CONTRADICTING_STATUS
    assert is_half_a_sentence(problem.detail)


def test_status_is_no_comment() -> None:
    event, problems = status_normaliser()(raw_row(comment="Delivered"))
    assert event is not None
    assert (event.comment, list(problems)) == ("", [])


def test_unknown_statuses_of_rows_that_are_taken_are_counted() -> None:
    read = status_normaliser()
    rows = [
        raw_row(card_id="", comment="zz"),
        raw_row(comment="zz"),
        raw_row(mobile="58555", comment="yy"),
        raw_row(comment="RTO"),
    ]
    events, problems = taken(read, [row._replace(line=at) for at, row in enumerate(rows, 2)])
    assert [event[7] for event in events] == [3, 4]
    assert [problem.line for problem in problems] == [2, 4, 5]
    assert read.take_unknown() == UnknownWords(2, ((3, "zz"), (4, "yy")))
    assert read.take_unknown() == UnknownWords()


STATUSES = st.sampled_from(["", "Delivered", "RTO", "zz", " yy", "not delivered", "N/A", '="RTO"'])


@given(
    st.lists(
        st.builds(
            raw_row,
            st.sampled_from(["CRD1001234", "CRD1", ""]),
            st.sampled_from(["13-11-2023 14:00", "?"]),
            st.sampled_from(["0585550123", "58555"]),
            comment=STATUSES,
        ),
        max_size=8,
    )
)
def test_batch_with_statuses_is_what_the_rows_are_one_by_one(rows: list[RawRow]) -> None:
    by_columns, alone = status_normaliser(), status_normaliser()
    lined = [row._replace(line=line) for line, row in enumerate(rows, 2)]
    singly = [alone(row) for row in lined]
    events, problems = taken(by_columns, lined)
    assert sorted(events, key=lambda event: event[7]) == [event for event, _ in singly if event]
    assert sorted(problems, key=lambda problem: problem.line) == [
        problem for _, found in singly for problem in found
    ]
    assert by_columns.take_unknown() == alone.take_unknown()
