"""A card's journey in one line."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from cardstatus.display.journey import JOURNEYS_SHOWN, journey, journey_lines

PICKUP = ("picked_up", "2023-11-08T20:30:00Z")
FAILED = ("delivery_exception", "2023-11-09T07:00:00Z")
AGAIN = ("delivery_exception", "2023-11-09T17:00:00Z")
RETURNED = ("returned", "2024-01-02T10:00:00Z")


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ([], ""),
        ([PICKUP], "picked up 8 Nov 2023"),
        ([PICKUP, FAILED, AGAIN], "picked up 8 Nov 2023 → failed 9 Nov"),
        ([FAILED, PICKUP, AGAIN], "failed 9 Nov 2023 → picked up 8 Nov → failed 9 Nov"),
        ([PICKUP, RETURNED], "picked up 8 Nov 2023 → returned 2 Jan 2024"),
        ([("at_the_depot", "2024-01-02T10:00:00Z")], "at the depot 2 Jan 2024"),
    ],
)
def test_a_journey_names_each_step_and_day(steps: list[tuple[str, str]], line: str) -> None:
    assert journey(steps, UTC) == line


def test_days_are_those_of_the_zone() -> None:
    assert journey([PICKUP], ZoneInfo("Asia/Dubai")) == "picked up 9 Nov 2023"


def test_of_a_long_journey_both_ends_are_shown() -> None:
    steps = [("picked_up" if n % 2 else "returned", "2023-11-08T07:00:00Z") for n in range(1_000)]
    parts = journey(steps, UTC).split(" → ")
    assert len(parts) == 10
    assert parts[3] == "991 more"


def test_cards_are_named_if_there_are_several() -> None:
    two = {"CRD1": [PICKUP, FAILED], "CRD\x1b2": [PICKUP, FAILED], "CRD3": [PICKUP]}
    assert journey_lines(two, UTC).splitlines() == [
        " CRD1: picked up 8 Nov 2023 → failed 9 Nov",
        r" CRD\x1b2: picked up 8 Nov 2023 → failed 9 Nov",
    ]
    assert journey_lines({"CRD1": [PICKUP, FAILED]}, UTC).startswith(" picked up")
    many = {f"CRD{n}": [PICKUP, FAILED] for n in range(JOURNEYS_SHOWN + 1)}
    assert journey_lines(many, UTC) == ""
