from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import row, statuses, take, write

from cardstatus.courier import formats
from cardstatus.courier.formats import SourceFormat, claimants, formats_of, identify
from cardstatus.courier.header import Header, level_header, map_columns, read_header, recognised
from cardstatus.courier.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

PICKUP, EXCEPTIONS, DELIVERED, RETURNED = EventType
HEADER = ["ID ", "Card ID", "User contact", "Timestamp", "Comment"]


def types_claiming(name: str) -> list[EventType]:
    return list(claimants(name))


def format_of(event_type: EventType) -> SourceFormat:
    """Return the one format of a type."""
    (fmt,) = formats_of(event_type)
    return fmt


def refusal(header: list[str]) -> str:
    with pytest.raises(SourceError) as caught:
        map_columns(format_of(PICKUP), header)
    return str(caught.value)


ONE_TYPE = {
    "Sample Card Status Info - Pickup.csv": PICKUP,
    "Sample Card Status Info - Delivery exceptions.csv": EXCEPTIONS,
    "Sample Card Status Info - Delivered.csv": DELIVERED,
    "Sample Card Status Info - Returned.csv": RETURNED,
    "pickup.csv": PICKUP,
    "pickup": PICKUP,
    "PICKUP.CSV": PICKUP,
    "Pick up.csv": PICKUP,
    "pick-up.csv": PICKUP,
    "PickUp.csv": PICKUP,
    "picked up.csv": PICKUP,
    "picked_up_2024-03-12.csv": PICKUP,
    "PickedUp.csv": PICKUP,
    "pickedup.csv": PICKUP,
    "pickups.csv": PICKUP,
    "Pickup - late scans.csv.gz": PICKUP,
    "Pickup.CSV.GZ": PICKUP,
    "collected.csv": PICKUP,
    "Collection 12.03.csv": PICKUP,
    "20240312pickup01.csv": PICKUP,
    "exceptions.CSV": EXCEPTIONS,
    "DeliveryExceptions.csv": EXCEPTIONS,
    "DELIVERYEXCEPTIONS.csv": EXCEPTIONS,
    "delivery_exception.csv": EXCEPTIONS,
    "Deliveries - exceptions.csv": EXCEPTIONS,
    "Sample_Card_Status_Info_-_Delivery exceptions.csv": EXCEPTIONS,
    "Exceptions - failed deliveries.csv": EXCEPTIONS,
    "exceptions not delivered.csv": EXCEPTIONS,
    "DELIVERED.CSV": DELIVERED,
    "delivered_latin1.csv": DELIVERED,
    "delivery.csv": DELIVERED,
    "Delivery status.csv": DELIVERED,
    "delivery nr 12.csv": DELIVERED,
    "delivered notes.csv": DELIVERED,
    "information on delivered cards.csv": DELIVERED,
    "deliveries.csv": DELIVERED,
    "Delivery 12.csv": DELIVERED,
    "returned.csv": RETURNED,
    "return.csv": RETURNED,
    "Returns.csv": RETURNED,
    "RTO.csv": RETURNED,
    "rto_2024.csv": RETURNED,
    "CardReturn.csv": RETURNED,
}


@pytest.mark.parametrize(("name", "expected"), ONE_TYPE.items())
def test_name_tells_the_type(name: str, expected: EventType) -> None:
    assert types_claiming(name) == [expected]
    assert identify(name, None) is expected


SEVERAL_TYPES = {
    "Returned deliveries.csv": [DELIVERED, RETURNED],
    "Delivered exceptions.csv": [EXCEPTIONS, DELIVERED],
    "pickup and return.csv": [PICKUP, RETURNED],
    "collected returns.csv": [PICKUP, RETURNED],
    "pickup_delivered_returned.csv": [PICKUP, DELIVERED, RETURNED],
}


@pytest.mark.parametrize(("name", "expected"), SEVERAL_TYPES.items())
def test_name_that_several_types_claim_is_refused(name: str, expected: list[EventType]) -> None:
    assert types_claiming(name) == expected
    with pytest.raises(SourceError, match=f"claimed by {len(expected)} types"):
        identify(name, None)


NO_TYPE = [
    "cards.csv",
    "2024-03-12.csv",
    "Sample Card Status Info.csv",
    "cartoons.csv",
    "dropped.csv",
    "",
    ".csv",
    "تسليم.csv",
    # What did not happen, or not yet.
    "undelivered.csv",
    "Not delivered.csv",
    "non-delivery.csv",
    "NonDelivered.csv",
    "no pickup.csv",
    "failed deliveries.csv",
    "FailedPickups.csv",
    "delivery attempts.csv",
    "out for delivery.csv",
    "to be returned.csv",
    "pending delivery.csv",
    "expected returns.csv",
    "planned_pickups.csv",
    "scheduled pickup.csv",
    "ready for collection.csv",
    "awaiting pickup.csv",
    "uncollected.csv",
    "unreturned.csv",
    "unpicked pickups.csv",
    "refused deliveries.csv",
    "rejected deliveries.csv",
    "cancelled pickups.csv",
]


@pytest.mark.parametrize("name", NO_TYPE)
def test_name_that_tells_no_type_is_refused(name: str) -> None:
    assert types_claiming(name) == []
    with pytest.raises(SourceError, match="tells no type"):
        identify(name, None)


def test_error_names_the_types_that_claim_a_name() -> None:
    with pytest.raises(SourceError, match=r"2 types, delivered and returned; .* --type"):
        identify("Returned deliveries.csv", None)


def test_error_lists_the_types_to_choose_from() -> None:
    with pytest.raises(SourceError, match=r"\(pickup, delivery_exceptions, delivered, returned\)"):
        identify("cards.csv", None)


@pytest.mark.parametrize("name", ["Returned deliveries.csv", "cards.csv"])
def test_type_option_decides_where_the_name_does_not(name: str) -> None:
    assert identify(name, DELIVERED) is DELIVERED


def test_name_that_tells_one_type_holds_against_the_option() -> None:
    assert identify("pickup.csv", RETURNED) is PICKUP


@pytest.mark.parametrize("event_type", EventType)
def test_each_type_has_one_format_of_the_usual_columns(event_type: EventType) -> None:
    assert format_of(event_type).type is event_type
    assert format_of(event_type).name == event_type.word


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


@given(st.text(max_size=40))
def test_any_name_is_one_type_or_refused(name: str) -> None:
    claims = types_claiming(name)
    if len(claims) == 1:
        assert identify(name, RETURNED) is claims[0]
    else:
        assert identify(name, RETURNED) is RETURNED


# Several formats of one type


ACME = SourceFormat(
    name="acme pickup",
    type=PICKUP,
    columns={
        "reference": frozenset({"waybill"}),
        "card_id": frozenset({"cardno", "cardid"}),
        "mobile": frozenset({"tel", "mobile"}),
        "occurred_at": frozenset({"scannedat"}),
        "comment": frozenset({"hub", "comment"}),
    },
    required=frozenset({"card_id", "occurred_at"}),
    name_pattern=r"acme scans",
)
ACME_HEADER = "Waybill,Card No,Tel,Scanned at,Hub"


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, ACME))


def header_of(text: str) -> Header:
    return read_header([Block([text])], formats_of(PICKUP))


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    "name", ["acme pickup.csv", "acme_scans_0312.csv", "pickup acme scans.csv"]
)
def test_names_of_a_further_format_tell_its_type(name: str) -> None:
    assert claimants(name) == (PICKUP,)
    assert identify(name, None) is PICKUP


@pytest.mark.usefixtures("acme")
def test_a_further_format_is_claimed_by_types_only() -> None:
    with pytest.raises(SourceError, match="claimed by 2 types, pickup and returned;"):
        identify("acme scans returned.csv", None)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (ACME_HEADER, "reference card_id mobile occurred_at comment"),
        ("Card ID;Mobile;Timestamp", "card_id mobile occurred_at"),
        # Both could read these: the one that knows more of the columns does.
        ("Card ID,Mobile,Scanned at,Timestamp,Waybill", "card_id mobile occurred_at - reference"),
        ("Card ID,Mobile,Scanned at,Timestamp,Ref", "card_id mobile - occurred_at reference"),
        # Without a mobile the usual form is refused, however much else it knows.
        ("ID,Card ID,Scanned at,Timestamp,Comment", "- card_id occurred_at - comment"),
    ],
    ids=["its own", "the usual", "its own rather", "the usual rather", "only its own may"],
)
def test_the_format_that_fits_best_reads_the_file(text: str, fields: str) -> None:
    header = header_of(text)
    told = {field: at for at, field in enumerate(fields.split()) if field != "-"}
    assert header.columns.index == told
    assert header.card_id == ("Card No" if text == ACME_HEADER else "Card ID")


@pytest.mark.usefixtures("acme")
def test_two_formats_that_fit_alike_are_refused_by_name() -> None:
    with pytest.raises(SourceError) as caught:
        header_of("Card ID,Mobile,Scanned at,Timestamp")
    assert str(caught.value) == (
        "the header fits 2 formats alike, pickup and acme pickup; rename or remove the column "
        "that is not meant"
    )


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("text", "lacks"),
    [("ID,Card ID,Mobile,Comment", "time"), ("Waybill,Tel,Scanned at,Hub", "card id")],
    ids=["the usual", "its own"],
)
def test_a_header_that_fits_none_is_told_by_the_closest(text: str, lacks: str) -> None:
    with pytest.raises(SourceError, match=f"^the header has no column for {lacks} "):
        header_of(text)


@pytest.mark.usefixtures("acme")
def test_files_of_both_formats_are_taken_in(tmp_path: Path, database: Path) -> None:
    (tmp_path / "acme pickup.csv").write_text(
        f"{ACME_HEADER}\nW1,CRD1,585550101,13-11-2023 14:00,Dubai\n"
    )
    write(tmp_path, "pickup.csv", row("CRD2"))
    report = take(database, tmp_path)
    assert [(file.type, file.counts.new, file.error) for file in report.files] == [
        (PICKUP, 1, None), (PICKUP, 1, None),
    ]  # fmt: skip
    assert [(card.reference, card.comment) for card in statuses(database)] == [
        ("W1", "Dubai"), ("A1", "note"),
    ]  # fmt: skip
