"""Types of files that should have come by now."""

import json
from pathlib import Path

import pytest
from support.builders import row, take, write
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.database.reading.overview import Overview
from cardstatus.errors import UsageError
from cardstatus.instants import DAY, MINUTE
from cardstatus.model.records import EventType
from cardstatus.questions.arrivals import late_types, read_expectation

NOON = 1_699_876_800 * 1_000_000_000
"""2023-11-13T12:00Z."""


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """A pickup file of noon, a delivered one of an hour later, and one that failed."""
    take(database, write(tmp_path, "pickup.csv", row("CRD1")), now=NOON)
    take(
        database, write(tmp_path, "delivered.csv", row("CRD1", comment="")), now=NOON + 60 * MINUTE
    )
    take(database, write(tmp_path, "returned.csv", row("CRD1", "?")), now=NOON)
    return database


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("delivered=1d", EventType.DELIVERED, DAY),
        ("delivery-exceptions=36H", EventType.DELIVERY_EXCEPTIONS, 36 * 60 * MINUTE),
        (" Pickup = 30m ", EventType.PICKUP, 30 * MINUTE),
        ("returned=2w", EventType.RETURNED, 14 * DAY),
    ],
)
def test_an_expectation_is_a_type_and_a_time(text: str, kind: EventType, span: int) -> None:
    expected = read_expectation(text)
    assert (expected.type, expected.nanoseconds) == (kind, span)


@pytest.mark.parametrize(
    "text", ["", "delivered", "delivered=", "=1d", "parcel=1d", "delivered=1", "delivered=0d",
             "delivered=-1d", "delivered=1d2h", "delivered=١d", "delivered=tomorrow"],
)  # fmt: skip
def test_what_is_no_expectation_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--expect: .* is not understood"):
        read_expectation(text)


@pytest.mark.parametrize(
    ("expected", "after", "late"),
    [
        (["pickup=1d"], 0, []),
        (["pickup=1d"], DAY, []),
        (["pickup=1d"], DAY + 1_000_000_000, ["pickup"]),
        (["delivered=1d", "pickup=1d"], DAY + MINUTE, ["pickup"]),
        (["delivered=1d", "pickup=1d"], 2 * DAY, ["delivered", "pickup"]),
        (["delivery_exceptions=2w"], 0, ["delivery_exceptions"]),
        (["returned=2w"], 0, ["returned"]),
        ([], 99 * DAY, []),
    ],
)
def test_a_type_is_late_when_its_last_file_is_too_old(
    stocked: Path, expected: list[str], after: int, late: list[str]
) -> None:
    with Overview.open(stocked) as overview:
        found = late_types(overview, list(map(read_expectation, expected)), NOON + after)
    assert [each.type for each in found] == late


def test_check_says_so_and_ends_with_3(stocked: Path, tmp_path: Path) -> None:
    def check(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, ["check", "--db", str(stocked), *arguments])
        return result.exit_code, result.stdout, result.stderr

    at = ("--reason", "two_mobiles", "--now", "2023-11-14T12:30Z")
    assert check(*at, "--expect", "delivered=1d")[0] == 0
    code, _, said = check(*at, "--expect", "pickup=1d", "--expect", "returned=1d")
    assert code == 3
    assert said.splitlines()[1:] == [
        f"late: no pickup file for more than 1d: the last, {tmp_path}/pickup.csv, came "
        "2023-11-13T12:00:00Z",
        "late: no returned file for more than 1d: there never was one",
    ]
    code, printed, _ = check(*at, "--expect", "pickup=1d", "--format", "json")
    assert code == 3
    assert json.loads(printed)["late"] == [
        {"type": "pickup", "within": "1d", "last_source": f"{tmp_path}/pickup.csv",
         "last_ingested_at": "2023-11-13T12:00:00Z"}
    ]  # fmt: skip
