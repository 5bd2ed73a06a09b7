"""The run of ``check`` over all cards, with another zone and without."""

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import HOUR, MONDAY, row, statuses, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.ingestion.options import Options
from cardstatus.instants import read_again, zone_clock
from cardstatus.model.records import EventType
from cardstatus.questions.check import CardFinding, CheckRun
from cardstatus.rules.findings import CheckTerms, FindingReason

NOW = MONDAY + 24 * HOUR


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """CRD1 is in order; CRD2 needs a person for three reasons, CRD3 and CRD4 for one."""
    pickups = [row(card, "13-11-2023 08:00") for card in ("CRD1", "CRD2", "CRD4")]
    write(tmp_path, "pickup.csv", *pickups)
    write(tmp_path, "delivered.csv", row("CRD1"), row("CRD2"), row("CRD3"))
    last = row("CRD2", "13-11-2023 15:00", mobile="585550102")
    write(tmp_path, "returned.csv", last, row("CRD4", "14-11-2023 00:01"))
    take(database, tmp_path)
    return database


def checked(
    database: Path, terms: CheckTerms = CheckTerms(NOW), only: Sequence[FindingReason] = ()
) -> tuple[list[CardFinding], CheckRun]:
    with Overview.open(database) as overview:
        run = CheckRun(overview, terms, only)
        return list(run.findings()), run


def test_findings_come_by_card_with_the_event_that_decides(stocked: Path, tmp_path: Path) -> None:
    found, _ = checked(stocked)
    assert [(finding.card_id, finding.reason) for finding in found] == [
        ("CRD2", "delivered_and_returned"),
        ("CRD2", "after_the_end"),
        ("CRD2", "two_mobiles"),
        ("CRD3", "no_pickup"),
        ("CRD4", "in_the_future"),
    ]
    answers = {card.card_id: card for card in statuses(stocked)}
    for finding in found:
        answer = answers[finding.card_id]
        assert finding[3:5] == (answer.status, answer.occurred_at)
        assert finding[5:] == (answer.source, answer.line)


def test_cards_are_counted_once_and_findings_by_reason(stocked: Path) -> None:
    _, run = checked(stocked)
    assert (run.cards, run.attention) == (4, 3)
    assert run.totals() == {
        "now": "2023-11-14T00:00:00Z",
        "cards": 4,
        "need_attention": 3,
        "counts": {
            "delivered_and_returned": 1,
            "after_the_end": 1,
            "pickup_after_delivery": 0,
            "before_the_pickup": 0,
            "no_pickup": 1,
            "too_many_attempts": 0,
            "two_mobiles": 1,
            "same_instant": 0,
            "in_the_future": 1,
            "stale": 0,
            "near_ids": 0,
        },
    }


def test_only_what_is_asked_about_needs_a_person(stocked: Path) -> None:
    only = [FindingReason.TWO_MOBILES, FindingReason.STALE]
    found, run = checked(stocked, only=only)
    assert [finding.card_id for finding in found] == ["CRD2"]
    assert (run.cards, run.attention) == (4, 1)
    assert run.totals()["counts"] == {"two_mobiles": 1, "stale": 0}


def test_a_zone_that_was_not_asked_about_is_not_counted(stocked: Path) -> None:
    compared = CheckTerms(NOW, reread=lambda instant: instant, also_zone="Asia/Dubai")
    _, run = checked(stocked, compared)
    assert run.totals()["counts"]["zone_decides"] == 0
    _, run = checked(stocked)
    assert "zone_decides" not in run.totals()["counts"]


def test_a_zone_that_turns_a_pickup_and_a_delivery_round_is_said(
    tmp_path: Path, database: Path
) -> None:
    write(tmp_path, "delivered.csv", row(time="2023-11-13T09:34:56Z"))
    write(tmp_path, "pickup.csv", row(time="13-11-2023 12:00"), row(time="12-11-2023 09:00"))
    take(database, tmp_path, options=Options(timezone="Europe/Berlin"))  # so at 11:00Z
    found, _ = checked(database)
    assert [(finding.reason, finding.detail) for finding in found] == [
        (
            "pickup_after_delivery",
            "picked up after it was delivered, and no return in between; the pickup would come "
            "first, were times without a zone written at an offset from UTC+02:26 to UTC+14:00",
        )
    ]


def test_an_empty_database_has_no_findings(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv"))
    found, run = checked(database)
    assert (found, run.cards, run.attention) == ([], 0, 0)


# --also-zone, against a database into which the same rows were read in that zone.


def plainly_shown(local: datetime, zone: str) -> bool:
    """Tell whether a zone's clocks show a local time exactly once."""
    early, late = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    return early.utcoffset() == late.utcoffset()


# Nights in which clocks are changed: Berlin and Cairo, Berlin, New York, Lord Howe.
STARTS = list(map(datetime.fromisoformat, ("2023-10-27", "2024-03-30", "2023-11-04", "2024-04-06")))
ZONES = (
    "UTC", "Asia/Dubai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo",
    "Australia/Lord_Howe",
)  # fmt: skip
SCANS = st.lists(
    st.tuples(
        st.integers(1, 9).map("CRD{}".format),
        st.sampled_from(list(EventType)),
        st.integers(0, 96).map(lambda halves: timedelta(minutes=30 * halves, seconds=5)),
        st.booleans(),
    ),
    min_size=6,
    max_size=40,
)


@settings(max_examples=20)
@given(SCANS, st.sampled_from(STARTS), st.permutations(ZONES).map(lambda zones: zones[:2]))
def test_the_zone_decides_where_a_database_of_that_zone_has_another_status(
    scans: list[tuple[str, EventType, timedelta, bool]], start: datetime, zones: list[str]
) -> None:
    """Times that one of the zones refuses are left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows: dict[EventType, list[Sequence[str]]] = {kind: [] for kind in EventType}
        for number, (card_id, kind, since, zoned) in enumerate(scans):
            local = start + since
            if zoned or all(plainly_shown(local, zone) for zone in zones):
                time = f"{local:%Y-%m-%dT%H:%M:%S}" + ("Z" if zoned else "")
                # No two rows alike: written with and without its zone, an event is one with a zone.
                rows[kind].append(row(card_id, time, reference=f"A{number}"))
        for kind in EventType:
            write(folder / "drop", f"{kind.word}.csv", *rows[kind])
        for zone in zones:
            database = folder / f"{ZONES.index(zone)}.db"
            report = take(database, folder / "drop", options=Options(timezone=zone))
            assert report.totals.rejected == 0
        own, other = (
            {card.card_id: card.status for card in statuses(folder / f"{ZONES.index(zone)}.db")}
            for zone in zones
        )
        reread = read_again(zone_clock(zones[0]), zone_clock(zones[1]))
        found, _ = checked(
            folder / f"{ZONES.index(zones[0])}.db",
            CheckTerms(NOW, reread=reread, also_zone=zones[1]),
            [FindingReason.ZONE_DECIDES],
        )
    assert {finding.card_id: finding.detail for finding in found} == {
        card_id: f"{status} if times without a zone were read in {zones[1]}"
        for card_id, status in other.items()
        if status != own[card_id]
    }
