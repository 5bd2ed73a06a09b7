"""Formats of courier files, and which of several reads one."""

from pathlib import Path

import pytest
from support.builders import row, statuses, take, write

from cardstatus.courier.files.names import identify, read_name
from cardstatus.courier.header import formats
from cardstatus.courier.header.formats import SourceFormat, formats_of
from cardstatus.courier.header.reading import Header, read_header
from cardstatus.courier.rows.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

PICKUP = EventType.PICKUP


def format_of(event_type: EventType) -> SourceFormat:
    """Return the one format of a type."""
    (fmt,) = formats_of(event_type)
    return fmt


@pytest.mark.parametrize("event_type", EventType)
def test_each_type_has_one_format_of_the_usual_columns(event_type: EventType) -> None:
    assert format_of(event_type).type is event_type
    assert format_of(event_type).name == event_type.word


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
    assert read_name(name).types == (PICKUP,)
    assert identify(read_name(name), None) is PICKUP


@pytest.mark.usefixtures("acme")
def test_a_further_format_is_claimed_by_types_only() -> None:
    with pytest.raises(SourceError, match="claimed by 2 types, pickup and returned;"):
        identify(read_name("acme scans returned.csv"), None)


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
