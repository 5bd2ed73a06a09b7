"""Formats of courier files, and the type that a file's name tells."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import row, statuses, take, write

from cardstatus.courier import formats
from cardstatus.courier.formats import SourceFormat, claimants, formats_of, identify
from cardstatus.courier.header import Header, read_header
from cardstatus.courier.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

PICKUP, EXCEPTIONS, DELIVERED, RETURNED = EventType


def types_claiming(name: str) -> list[EventType]:
    return list(claimants(name))


def format_of(event_type: EventType) -> SourceFormat:
    """Return the one format of a type."""
    (fmt,) = formats_of(event_type)
    return fmt


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
    # By its contract it need give no mobiles. The second row is not a usual one.
    (tmp_path / "pickup acme scans.csv").write_text(
        'Card No,Scanned at\nCRD3,13-11-2023 14:00\n"CRD 4",13-11-2023 14:00\n'
    )
    write(tmp_path, "pickup.csv", row("CRD2"))
    report = take(database, tmp_path)
    assert [(file.type, file.counts.new, file.error) for file in report.files] == [
        (PICKUP, 1, None), (PICKUP, 2, None), (PICKUP, 1, None),
    ]  # fmt: skip
    assert [(card.card_id, card.mobile, card.reference) for card in statuses(database)] == [
        ("CRD 4", None, None), ("CRD1", "+971585550101", "W1"), ("CRD2", "+971585550101", "A1"),
        ("CRD3", None, None),
    ]  # fmt: skip
