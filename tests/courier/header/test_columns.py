"""The columns of the fields, told by their headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.header.claims import level_header, recognised
from cardstatus.courier.header.columns import NoColumnError, map_columns
from cardstatus.courier.header.formats import SourceFormat, formats_of
from cardstatus.courier.header.sample import Sample
from cardstatus.errors import SourceError
from cardstatus.model.records import CardStatus, EventType

PICKUP, EXCEPTIONS = EventType.PICKUP, EventType.DELIVERY_EXCEPTIONS
DELIVERED, RETURNED = EventType.DELIVERED, EventType.RETURNED
HEADER = ["ID ", "Card ID", "User contact", "Timestamp", "Comment"]


def format_of(event_type: EventType) -> SourceFormat:
    """Return the one format of a type."""
    (fmt,) = formats_of(event_type)
    return fmt


# Columns


def refusal(header: list[str]) -> str:
    with pytest.raises(SourceError) as caught:
        map_columns(format_of(PICKUP), header)
    return str(caught.value)


LEVELLED = {
    "blank at the end": ("ID ", "id"),
    "blank at the front": (" User Mobile", "usermobile"),
    "underscore": ("card_id", "cardid"),
    "punctuation": ("Ref. No.", "refno"),
    "capitals": ("CARDID", "cardid"),
    "byte-order mark": ("\ufeffID", "id"),
    "line break": ("User\nMobile", "usermobile"),
    "another script": ("الوقت ", "الوقت"),
    "nothing": (" ", ""),
}


@pytest.mark.parametrize(("cell", "expected"), LEVELLED.values(), ids=LEVELLED.keys())
def test_header_is_levelled(cell: str, expected: str) -> None:
    assert level_header(cell) == expected


COLUMN_NAMES = [
    ("ID ", "reference"),
    ("id", "reference"),
    ("Reference", "reference"),
    ("Ref", "reference"),
    ("Reference ID", "reference"),
    ("Reference No.", "reference"),
    ("Reference Number", "reference"),
    ("Card ID", "card_id"),
    ("card_id", "card_id"),
    ("CARDID", "card_id"),
    ("Card", "card_id"),
    ("Card reference", "card_id"),
    ("User Mobile", "mobile"),
    (" User Mobile", "mobile"),
    ("User contact", "mobile"),
    ("Phone", "mobile"),
    ("Mobile No.", "mobile"),
    ("Customer phone number", "mobile"),
    ("Client telephone", "mobile"),
    ("Recipient cell num", "mobile"),
    ("Consignee MSISDN", "mobile"),
    ("contact", "mobile"),
    ("Timestamp", "occurred_at"),
    ("Date/Time", "occurred_at"),
    ("Date and time", "occurred_at"),
    ("Time", "occurred_at"),
    ("Date", "occurred_at"),
    ("Event time", "occurred_at"),
    ("occurred_at", "occurred_at"),
    ("Comment", "comment"),
    ("Comments", "comment"),
    ("Remark", "comment"),
    ("Remarks", "comment"),
    ("Reason", "comment"),
]


LESS_USUAL = [
    ("Card No", "card_id"),
    ("Card No.", "card_id"),
    ("Card Number", "card_id"),
    ("Card Ref.", "card_id"),
    ("Card Identifier", "card_id"),
    ("Receiver Mobile", "mobile"),
    ("Cardholder Mobile", "mobile"),
    ("Card Holder Phone No", "mobile"),
    ("Tel", "mobile"),
    ("Tel. No.", "mobile"),
    ("Mobile Phone", "mobile"),
    ("Customer Contact Mobile", "mobile"),
    ("Scan Time", "occurred_at"),
    ("Event Date", "occurred_at"),
    ("Scanned At", "occurred_at"),
    ("Timestamp (UTC)", "occurred_at"),
    ("Date of scan", "occurred_at"),
    ("Return reason", "comment"),
    ("Exception type", "comment"),
    ("Notes", "comment"),
    ("Failure Reason", "comment"),
]


@pytest.mark.parametrize(("name", "field"), COLUMN_NAMES + LESS_USUAL)
@pytest.mark.parametrize("event_type", EventType)
def test_column_is_found_by_any_of_its_names(name: str, field: str, event_type: EventType) -> None:
    plain = {"card_id": "Card ID", "mobile": "Phone", "occurred_at": "Timestamp"}
    header = ["Bike", *(other for key, other in plain.items() if key != field), name]
    columns = map_columns(format_of(event_type), header)
    assert columns.index[field] == len(header) - 1


def test_columns_stand_where_the_header_says() -> None:
    columns = map_columns(format_of(DELIVERED), HEADER)
    assert columns.index == {
        "reference": 0,
        "card_id": 1,
        "mobile": 2,
        "occurred_at": 3,
        "comment": 4,
    }
    assert (columns.width, columns.ignored) == (5, ())


def test_reference_and_comment_may_be_missing() -> None:
    columns = map_columns(format_of(PICKUP), ["Timestamp", "Card ID", "Phone"])
    assert columns.index == {"occurred_at": 0, "card_id": 1, "mobile": 2}
    assert columns.width == 3


def test_columns_that_no_field_claims_are_ignored_and_named() -> None:
    header = ["Card ID", "", "Phone", " Courier ", "Timestamp", "  "]
    columns = map_columns(format_of(PICKUP), header)
    assert columns.ignored == ("(column 2, no name)", "Courier", "(column 6, no name)")
    assert columns.width == 6


MISSING = {
    "no card": (["ID", "Phone", "Timestamp"], "card id (such as 'Card ID')"),
    "no mobile": (["ID", "Card ID", "Timestamp"], "mobile (such as"),
    "no time": (["ID", "Card ID", "User Mobile"], "time (such as 'Timestamp')"),
}


@pytest.mark.parametrize(("header", "wanted"), MISSING.values(), ids=MISSING.keys())
def test_header_without_a_needed_column_is_refused(header: list[str], wanted: str) -> None:
    message = refusal(header)
    assert f"no column for {wanted}" in message
    assert message.count("such as") == 1


def test_error_shows_the_header_as_found() -> None:
    assert refusal(["ID ", "Card ID"]).endswith("found: 'ID', 'Card ID'")


def test_error_shows_twenty_headers_and_no_more() -> None:
    message = refusal([f"column {number}" for number in range(1, 22)])
    assert "'column 20'" in message
    assert "'column 21'" not in message


def test_error_for_no_header_at_all() -> None:
    assert refusal([]).endswith("found: nothing")


@pytest.mark.parametrize("mobile", ["0585550123", "+971 58 555 0123", "058-555-0123"])
def test_data_line_in_the_place_of_the_header_is_shown_without_its_mobile(mobile: str) -> None:
    message = refusal(["A982", "CRD1001", mobile, "13-11-2023 14:00"])
    assert message.endswith("found: 'A982', 'CRD1001', '…0123', '13-11-2023 14:00'")


def test_nulls_in_the_header_are_no_text() -> None:
    assert "bytes of value zero" in refusal(["I\0D\0", "C\0a\0r\0d\0"])
    assert "zero" not in refusal(["ID", "Card ID"])


TWINS = {
    "two mobiles": (["Card ID", "Phone", "Mobile", "Timestamp"], "mobile", "Phone, Mobile"),
    "two times": (["Card ID", "Phone", "Date", "Timestamp"], "time", "Date, Timestamp"),
    "three times": (
        ["Card ID", "Phone", "Date", "Time", "Timestamp"],
        "time",
        "Date, Time, Timestamp",
    ),
    "two less usual": (
        ["Card No", "Card Number", "Tel", "Time"],
        "card id",
        "Card No, Card Number",
    ),
    "dates of two things": (
        ["Card ID", "Tel", "Scan Date", "Event Date"],
        "time",
        "Scan Date, Event Date",
    ),
    "the same twice": (["Card ID", "card_id ", "Phone", "Time"], "card id", "Card ID, card_id"),
}


@pytest.mark.parametrize(("header", "field", "named"), TWINS.values(), ids=TWINS.keys())
def test_two_columns_for_one_field_are_refused(header: list[str], field: str, named: str) -> None:
    message = refusal(header)
    assert message.startswith(f"{named.count(',') + 1} columns could be the {field} ")
    assert f": {named}; " in message


def test_three_columns_for_one_field_are_counted() -> None:
    header = ["Card ID", "Phone", "Mobile", "Contact", "Timestamp"]
    assert refusal(header).startswith("3 columns could be the mobile")


def test_two_columns_that_no_field_claims_are_no_twins() -> None:
    header = ["Card ID", "Phone", "Timestamp", "Bike", "Bike"]
    assert map_columns(format_of(PICKUP), header).ignored == ("Bike", "Bike")


def test_recognised_counts_the_known_headers() -> None:
    assert recognised(format_of(PICKUP), [*HEADER, "Courier"]) == 5
    assert recognised(format_of(PICKUP), ["ID ;Card ID;User contact;Timestamp"]) == 0


@given(st.permutations([*HEADER, "Courier", "Van"]))
def test_order_of_the_columns_does_not_matter(header: list[str]) -> None:
    index = map_columns(format_of(DELIVERED), header).index
    named = {field: header[position].strip() for field, position in index.items()}
    assert named == {
        "reference": "ID",
        "card_id": "Card ID",
        "mobile": "User contact",
        "occurred_at": "Timestamp",
        "comment": "Comment",
    }


# Answers of this program


def test_the_program_refuses_its_own_answers() -> None:
    for fields in (CardStatus._fields, [*map(str.upper, CardStatus._fields), "extra"]):
        assert refusal(list(fields)).startswith("this is an answer that cardstatus has written")


@pytest.mark.parametrize("left_out", ["status", "source", "line"])
def test_a_partner_may_have_columns_of_the_same_names(left_out: str) -> None:
    header = [field for field in CardStatus._fields if field != left_out]
    assert map_columns(format_of(PICKUP), header).index["card_id"] == 0


# Several columns that could be one field


@pytest.mark.parametrize(("name", "field"), LESS_USUAL[:-4])
@pytest.mark.parametrize("comes_first", [True, False])
def test_a_less_usual_name_beside_a_usual_one_is_ignored(
    name: str, field: str, comes_first: bool
) -> None:
    usual = ["Card ID", "Phone", "Timestamp"]
    columns = map_columns(format_of(PICKUP), [name, *usual] if comes_first else [*usual, name])
    assert columns.ignored == (name,)
    assert columns.notes == ()


OF_A_TYPE = [
    ("Pickup Date", EventType.PICKUP),
    ("Picked up at", EventType.PICKUP),
    ("Attempted at", EventType.DELIVERY_EXCEPTIONS),
    ("Exception Time", EventType.DELIVERY_EXCEPTIONS),
    ("Delivery Date", DELIVERED),
    ("Delivered At", DELIVERED),
    ("Date of delivery", DELIVERED),
    ("Return Date", EventType.RETURNED),
    ("Returned on", EventType.RETURNED),
]


@pytest.mark.parametrize("event_type", EventType)
@pytest.mark.parametrize(("name", "own"), OF_A_TYPE)
def test_a_time_is_of_what_the_file_is_about(
    name: str, own: EventType, event_type: EventType
) -> None:
    header = ["Card ID", "Phone", name]
    if event_type is own:
        assert map_columns(format_of(event_type), header).index["occurred_at"] == 2
        return
    with pytest.raises(NoColumnError, match="no column for time"):
        map_columns(format_of(event_type), header)


def sampled(*rows: str) -> Sample:
    return Sample(lambda: rows)


FULLER = {
    "the second": (["1,5,t,,b", "2,5,t,,", "3,5,t,a,b"], "Comment,Remarks", 4),
    "the first": (["1,5,t,a,", "2,5,t,a,b"], "Comment,Remarks", 3),
    "as full: the first": (["1,5,t,a,b"], "Comment,Remarks", 3),
    "as full: the usual": (["1,5,t,a,b"], "Notes,Remarks", 4),
    "fuller, less usual": (["1,5,t,a,", "2,5,t,a,b"], "Notes,Remarks", 3),
    "placeholders are empty": (["1,5,t,N/A,b", "2,5,t,-,"], "Comment,Remarks", 4),
    "no rows": ([], "Comment,Remarks", 3),
    "short rows": (["1,5,t", "2,5,t,,b"], "Comment,Remarks", 4),
    "references": (["1,5,t,,A1"], "ID,Reference", 4),
}


@pytest.mark.parametrize(("rows", "twins", "taken"), FULLER.values(), ids=FULLER.keys())
def test_of_two_optional_columns_the_fuller_is_taken(
    rows: list[str], twins: str, taken: int
) -> None:
    header = ["Card ID", "Phone", "Timestamp", *twins.split(",")]
    columns = map_columns(format_of(PICKUP), header, sampled(*rows))
    field = "comment" if "Remarks" in twins else "reference"
    assert columns.index[field] == taken
    assert columns.ignored == (header[7 - taken],)
    assert columns.notes == (
        f"2 columns could be the {field}: {', '.join(header[3:])}; the fuller one is taken, "
        f"{header[taken]} in column {taken + 1}",
    )


JOINED = {
    "date and time": ("Date,Time", (2, 3)),
    "the other way round": ("Time,Date", (3, 2)),
    "of an event": ("Event Date,Event Time", (2, 3)),
    "of a scan": ("Scan Date,Scan Time", (2, 3)),
    "of the type": ("Pickup Date,Pickup Time", (2, 3)),
    "said otherwise": ("Date of scan,Scan Time", (2, 3)),
    "a zone in one": ("Date,Time (UTC)", (2, 3)),
}


@pytest.mark.parametrize(("names", "found"), JOINED.values(), ids=JOINED.keys())
def test_date_and_time_in_two_columns_are_joined(names: str, found: tuple[int, int]) -> None:
    header = ["Card ID", "Phone", *names.split(",")]
    date, time = ("13-11-2023", "14:00") if found[0] == 2 else ("14:00", "13-11-2023")
    columns = map_columns(format_of(PICKUP), header, sampled(f"1,5,{date},{time}"))
    assert (columns.index["occurred_at"], columns.clock) == found
    assert columns.time_of(["1", "5", f" {date}", f"{time} "]) == "13-11-2023 14:00"
    assert (columns.least, columns.ignored) == (4, ())


def test_a_time_that_has_its_date_is_not_joined() -> None:
    header = ["Card ID", "Phone", "Event Date", "Event Time"]
    sample = sampled("1,5,13-11-2023,13-11-2023 14:00", "1,5,13-11-2023,")
    columns = map_columns(format_of(PICKUP), header, sample)
    assert (columns.index["occurred_at"], columns.clock, columns.ignored) == (
        3, None, ("Event Date",),
    )  # fmt: skip
    with pytest.raises(SourceError, match=r"^2 columns could be the time "):
        map_columns(format_of(PICKUP), ["Card ID", "Phone", "Date", "Time"], sample)


def test_two_zones_for_one_time_are_refused() -> None:
    assert refusal(["Card ID", "Phone", "Date (UTC)", "Time (+04:00)"]).startswith(
        "the header names two zones for one time, +04:00 and UTC; "
    )


PAYMENT_CARDS = [
    "4111 1111 1111 1111",
    "411111******1111",
    "XXXX-XXXX-XXXX-1111",
    "****1111",
    "1111",
]


@pytest.mark.parametrize("number", PAYMENT_CARDS)
def test_a_column_of_payment_card_numbers_has_no_card_ids(number: str) -> None:
    header = ["Card Number", "Phone", "Timestamp"]
    sample = sampled("CRD1,5,t", f"{number},5,t")
    with pytest.raises(SourceError, match=r"^the column Card Number holds payment card n"):
        map_columns(format_of(PICKUP), header, sample)
    beside = map_columns(format_of(PICKUP), ["Card No", "Phone", "Timestamp", "Card ID"], sample)
    assert beside.index["card_id"] == 3


@pytest.mark.parametrize("card_id", ["CRD1", "60021", "00012345", "X-17", "EXX6002"])
def test_a_card_number_may_be_a_card_id(card_id: str) -> None:
    header = ["Card Number", "Phone", "Timestamp"]
    columns = map_columns(format_of(PICKUP), header, sampled(f"{card_id},5,t"))
    assert columns.index["card_id"] == 0


CELLS = {
    "as many": ("Card ID,Phone,Time,Note", 4, 3),
    "empty at the end": ("Card ID,Phone,Time,Note,, ", 4, 3),
    "the time last": ("ID,Card ID,Phone,Time", 4, 4),
    "the card last": ("Time,Note,Phone,Card ID", 4, 4),
    "the clock last": ("Date,Card ID,Phone,Note,Time", 5, 5),
}


@pytest.mark.parametrize(("header", "named", "least"), CELLS.values(), ids=CELLS.keys())
def test_what_a_row_may_leave_out_is_told(header: str, named: int, least: int) -> None:
    columns = map_columns(format_of(PICKUP), header.split(","))
    assert (columns.named, columns.least) == (named, least)
