"""The columns of the fields, told by their headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.header.columns import level_header, map_columns, recognised
from cardstatus.courier.header.formats import SourceFormat, formats_of
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


@pytest.mark.parametrize(("name", "field"), COLUMN_NAMES)
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


def test_nulls_in_the_header_point_at_utf16() -> None:
    assert "--encoding utf-16-le" in refusal(["I\0D\0", "C\0a\0r\0d\0"])
    assert "utf-16" not in refusal(["ID", "Card ID"])


TWINS = {
    "two mobiles": (["Card ID", "Phone", "Mobile", "Timestamp"], "mobile", "Phone, Mobile"),
    "date and time apart": (["Card ID", "Phone", "Date", "Time"], "time", "Date, Time"),
    "the same twice": (["Card ID", "card_id ", "Phone", "Time"], "card id", "Card ID, card_id"),
}


@pytest.mark.parametrize(("header", "field", "named"), TWINS.values(), ids=TWINS.keys())
def test_two_columns_for_one_field_are_refused(header: list[str], field: str, named: str) -> None:
    message = refusal(header)
    assert message.startswith(f"2 columns could be the {field} ")
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
