"""What a partner has declared: whose a path is, what a name tells, which columns are meant."""

from dataclasses import replace
from pathlib import Path

import pytest

from cardstatus.courier.faults import Fault
from cardstatus.courier.header.columns import map_columns
from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import read_header
from cardstatus.courier.partners.declaration import Partner, matches, partner_of
from cardstatus.courier.partners.row_types import RowTypes
from cardstatus.courier.rows.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType

ACME = Partner("acme", ("acme/**", "*ACME*"))
BEE = Partner("bee", ("bee/*.csv",))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("acme/**", "/drops/acme/pod.csv", True),
        ("acme/**", "/drops/ACME/2024/11/pod.csv", True),
        ("acme/**", "/drops/acme", False),
        ("acme/**", "/drops/xacme/pod.csv", False),
        ("*acme*", "/drops/Acme 12.csv", True),
        ("*acme*", "/acme/pod.csv", False),
        ("/srv/acme/**", "/srv/acme/a/b.csv", True),
        ("/srv/acme/**", "/x/srv/acme/b.csv", False),
        ("acme/**/pod.csv", "/acme/pod.csv", True),
        ("acme/**/pod.csv", "/acme/2024/11/pod.csv", True),
        ("**/pod.csv", "pod.csv", True),
        ("acme/*/pod.csv", "/acme/11/pod.csv", True),
        ("acme/*/pod.csv", "/acme/2024/11/pod.csv", False),
        ("POD ????-*.csv", "POD 2026-11-19.csv", True),
        ("a?c.csv", "a/c.csv", False),
        ("a.c*", "abc.csv", False),
        ("[a].csv", "[a].csv", True),
        ("[a].csv", "a.csv", False),
    ],
)
def test_pattern_matches_the_end_of_a_path(pattern: str, path: str, *, expected: bool) -> None:
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("path", "owner"),
    [("drops/acme/x.csv", ACME), ("ACME.csv", ACME), ("bee/x.csv", BEE), ("x.csv", None)],
)
def test_path_belongs_to_whom_it_matches(path: str, owner: Partner | None) -> None:
    assert partner_of(Path(path), [ACME, BEE]) is owner


def test_path_of_two_partners_is_refused() -> None:
    with pytest.raises(SourceError, match="2 partners claim the path, acme and bee; narrow"):
        partner_of(Path("bee/ACME.csv"), [ACME, BEE])


def test_path_is_looked_at_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme").mkdir()
    monkeypatch.chdir(tmp_path / "acme")
    assert partner_of(Path("x.csv"), [ACME]) is ACME


NAMED = replace(
    ACME, types={EventType.DELIVERED: ("POD *", "OK*"), EventType.RETURNED: ("*back*",)}
)


def test_name_tells_the_type_that_is_declared() -> None:
    assert NAMED.type_of("pod 12.csv") is EventType.DELIVERED
    assert NAMED.type_of("sent back.csv") is EventType.RETURNED
    assert NAMED.type_of("delivered.csv") is None
    with pytest.raises(SourceError, match="the name as 2 types, delivered and returned; narrow"):
        NAMED.type_of("OK back.csv")


def test_declared_headers_are_the_field_and_nothing_else_is() -> None:
    partner = replace(
        ACME, columns={"card_id": ("AWB Card Ref",), "reference": ("Card ID",), "comment": ("X",)}
    )
    (fmt,) = partner.formats(formats_of(EventType.PICKUP))
    header = ["card_id", "AWB card-ref", "Phone", "Timestamp", "Comment", "x"]
    columns = map_columns(fmt, header)
    assert dict(columns.index) == {
        "occurred_at": 3, "reference": 0, "card_id": 1, "mobile": 2, "comment": 5
    }  # fmt: skip
    assert columns.ignored == ("Comment",)
    assert ACME.formats(formats_of(EventType.PICKUP)) == formats_of(EventType.PICKUP)


def test_what_answers_depend_on_is_settled_in_whatever_order_it_is_declared() -> None:
    one = replace(
        ACME, timezone="Asia/Dubai", dates=DateOrder.DAY_FIRST, columns={"comment": ("A", "B")}
    )
    other = replace(one, files=("elsewhere/**",), columns={"comment": ("B", "A")})
    assert one.settled == other.settled
    assert replace(one, timezone="UTC").settled != one.settled
    assert ACME.settled == "{}"


def test_declared_column_that_is_not_there_is_named_as_declared() -> None:
    partner = replace(ACME, columns={"card_id": ("AWB Card Ref",)})
    (fmt,) = partner.formats(formats_of(EventType.PICKUP))
    with pytest.raises(SourceError) as caught:
        map_columns(fmt, ["Card ID", "Timestamp"])
    assert str(caught.value) == (
        "the header has no column for card_id (declared as 'AWB Card Ref'), mobile (such as 'User "
        "Mobile', 'User contact' or 'Phone'); found: 'Card ID', 'Timestamp'"
    )


def test_declared_columns_of_a_time_are_joined_in_their_order() -> None:
    partner = replace(ACME, columns={"occurred_at": ("Day", "Hour", "Half", "Zone")})
    (fmt,) = partner.formats(formats_of(EventType.PICKUP))
    columns = map_columns(fmt, ["Half", "Card ID", "Phone", "Hour", "Day", "Timestamp"])
    cells = ["PM", "CRD1", "", "02:00", "13-11-2023", ""]
    assert columns.time_of(cells) == "13-11-2023 02:00 PM"
    assert (columns.least, columns.ignored) == (5, ("Timestamp",))
    alone = map_columns(fmt, ["Card ID", "Phone", "Hour"])
    assert alone.time_of(["CRD1", "", "13-11-2023 14:00"]) == "13-11-2023 14:00"
    with pytest.raises(SourceError, match="two columns have one name that is declared"):
        map_columns(fmt, ["Card ID", "Phone", "Day", "Hour", "day"])


def test_order_of_the_columns_of_a_time_is_settled() -> None:
    one = replace(ACME, columns={"occurred_at": ("A", "B")})
    assert one.settled != replace(ACME, columns={"occurred_at": ("B", "A")}).settled


def test_only_a_declared_delimiter_parts_cells_but_for_what_the_file_says() -> None:
    formats = formats_of(EventType.PICKUP)

    def delimiter(text: str, declared: str) -> str:
        return read_header([Block(text.splitlines(keepends=True))], formats, declared).delimiter

    assert delimiter("Card ID~Phone~Timestamp\n", "~") == "~"
    assert delimiter("sep=;\nCard ID;Phone;Timestamp\n", "~") == ";"
    with pytest.raises(SourceError, match="no column for"):
        delimiter("Card ID,Phone,Timestamp\n", "~")


def test_row_types_are_told_whatever_the_case_and_blanks() -> None:
    types = RowTypes("acme", {"at us": EventType.PICKUP, "ok": EventType.DELIVERED}, 1)
    rows = [["", cell] for cell in ("AT  US", ' "ok" ', "okay", "")]
    assert types.read_column(rows) == ([10, 30, 0, 0], [2, 3])
    read = [types.read(row) for row in rows]
    assert read[:2] == [10, 30]
    assert [isinstance(fault, Fault) for fault in read[2:]] == [True, True]
