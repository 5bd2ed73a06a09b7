"""Statistics over all cards."""

import statistics
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import row, take, write
from support.reference import WORDS

from cardstatus.database.reading.overview import FailureReason, Overview, Window
from cardstatus.ingestion.options import Options
from cardstatus.questions.inputs import read_time
from cardstatus.questions.stats import (
    Attempts,
    Deliveries,
    DeliveryTimes,
    Period,
    Stats,
    StatsOptions,
    compute,
    quantile,
)

SECONDS = st.lists(st.integers(0, 10_000_000) | st.integers(0, 9), min_size=2, max_size=60)


@given(SECONDS)
@example([7] * 9)
@example([0, 15])
@example([2**40, 0, 2**41])
def test_quantiles_are_those_of_the_standard_library(values: list[int]) -> None:
    ordered = sorted(values)
    assert quantile(ordered, 50) == round(statistics.median(values))
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    assert [quantile(ordered, 10 * tenth) for tenth in range(1, 10)] == list(map(round, tenths))
    assert (quantile(ordered, 0), quantile(ordered, 100)) == (min(values), max(values))


def test_a_quantile_of_one_value_is_that_value_and_of_none_is_none() -> None:
    assert [quantile([5], percent) for percent in (0, 50, 90, 100)] == [5] * 4
    assert quantile([], 50) is None


@pytest.mark.parametrize(
    ("period", "day", "begins"),
    [
        (Period.DAY, "2024-03-12", "2024-03-12"),
        (Period.WEEK, "2024-03-11", "2024-03-11"),
        (Period.WEEK, "2024-03-17", "2024-03-11"),
        (Period.WEEK, "2024-01-01", "2024-01-01"),
        (Period.WEEK, "2023-01-01", "2022-12-26"),
        (Period.MONTH, "2024-02-29", "2024-02-01"),
        (Period.MONTH, "2024-03-01", "2024-03-01"),
    ],
    ids=[
        "day",
        "Monday",
        "Sunday",
        "new year, a Monday",
        "new year, a Sunday",
        "leap day",
        "first",
    ],
)
def test_periods_begin(period: Period, day: str, begins: str) -> None:
    assert period.begins(date.fromisoformat(day)) == date.fromisoformat(begins)


def counted(
    folder: Path,
    options: StatsOptions = StatsOptions(),
    zone: str = "UTC",
    **files: list[tuple[str, ...]],
) -> Stats:
    """Ingest rows, by type, and count."""
    for kind, rows in files.items():
        write(folder / "drop", f"{kind}.csv", *rows)
    database = folder / "cards.db"
    take(database, folder / "drop", options=Options(timezone=zone))
    with Overview.open(database) as overview:
        return compute(overview, options)


def test_an_empty_database_has_nothing_to_count(tmp_path: Path) -> None:
    stats = counted(tmp_path, pickup=[])
    assert set(stats.cards.values()) == {0}
    assert stats.seconds_to_delivery == DeliveryTimes(0, None, None)
    assert not (stats.deliveries or stats.attempts or stats.failure_reasons or stats.rejects)


def test_cards_are_counted_by_the_event_that_decides(tmp_path: Path) -> None:
    cards = [row(f"CRD{n}") for n in range(5)]
    later = [row(f"CRD{n}", "14-11-2023 10:00") for n in range(5)]
    stats = counted(
        tmp_path, pickup=cards, exceptions=later[:3], delivered=later[1:3], returned=later[2:3]
    )
    counts = {"picked_up": 2, "delivery_exception": 1, "delivered": 1, "returned": 1}
    assert stats.cards == dict.fromkeys(WORDS, 0) | counts


def test_a_delivery_is_counted_once_however_many_rows_tell_of_it(tmp_path: Path) -> None:
    stats = counted(
        tmp_path,
        delivered=[
            row("CRD1", "13-11-2023 10:00"),
            row("CRD1", "13-11-2023 10:00", comment="once more"),
            row("CRD1", "13-11-2023 11:00"),
            row("CRD2", "15-11-2023 10:00"),
        ],
        returned=[row("CRD2", "16-11-2023 10:00")],
    )
    assert stats.deliveries == [Deliveries("2023-11-13", 2), Deliveries("2023-11-15", 1)]


DELIVERED = [
    row("CRD1", "31-10-2023 21:30"),
    row("CRD2", "31-10-2023 19:30"),
    row("CRD3", "2023-11-12T21:00:00Z"),
    row("CRD4", "13-11-2023 10:00"),
]


@pytest.mark.parametrize(
    ("period", "zone", "wanted"),
    [
        (Period.DAY, "UTC", {"2023-10-31": 2, "2023-11-12": 1, "2023-11-13": 1}),
        (Period.DAY, "Asia/Dubai", {"2023-10-31": 2, "2023-11-13": 2}),
        (Period.WEEK, "UTC", {"2023-10-30": 2, "2023-11-06": 1, "2023-11-13": 1}),
        (Period.WEEK, "Asia/Dubai", {"2023-10-30": 2, "2023-11-13": 2}),
        (Period.MONTH, "UTC", {"2023-10-01": 2, "2023-11-01": 2}),
        (Period.DAY, "America/New_York", {"2023-10-31": 2, "2023-11-12": 1, "2023-11-13": 1}),
    ],
    ids=["day", "day in Dubai", "week", "week in Dubai", "month", "day in New York"],
)
def test_deliveries_are_counted_by_the_days_of_the_databases_zone(
    tmp_path: Path, period: Period, zone: str, wanted: dict[str, int]
) -> None:
    stats = counted(tmp_path, StatsOptions(period), zone, delivered=DELIVERED)
    assert dict(stats.deliveries) == wanted
    assert (stats.by, stats.timezone) == (period.value, zone)


def test_how_long_delivery_takes_counts_from_the_first_pickup(tmp_path: Path) -> None:
    stats = counted(
        tmp_path,
        pickup=[
            row("CRD1", "12-11-2023 10:00"),
            row("CRD1", "12-11-2023 18:00"),
            row("CRD2", "13-11-2023 10:00"),
            row("CRD4", "13-11-2023 10:00"),
        ],
        delivered=[
            row("CRD1", "13-11-2023 10:00"),
            row("CRD2", "2023-11-13T11:00:00.9Z"),
            row("CRD3", "13-11-2023 10:00"),
            row("CRD4", "13-11-2023 12:00"),
        ],
        returned=[row("CRD4", "13-11-2023 13:00")],
    )
    day, hour = 86_400, 3_600
    assert stats.seconds_to_delivery == DeliveryTimes(
        2, (day + hour) // 2, round(0.9 * day + 0.1 * hour)
    )


def test_attempts_of_delivered_cards_count_the_last(tmp_path: Path) -> None:
    stats = counted(
        tmp_path,
        exceptions=[
            row("CRD2", "12-11-2023 10:00"),
            row("CRD2", "12-11-2023 10:00", comment="the same attempt"),
            row("CRD3", "12-11-2023 10:00"),
            row("CRD3", "12-11-2023 18:00"),
            row("CRD4", "12-11-2023 18:00"),
        ],
        delivered=[row(f"CRD{n}") for n in (1, 2, 3, 5)],
    )
    assert stats.attempts == [Attempts(1, 2), Attempts(2, 1), Attempts(3, 1)]


def test_an_attempt_that_is_told_twice_counts_once(tmp_path: Path) -> None:
    stats = counted(
        tmp_path,
        exceptions=[
            row("CRD1", "2023-11-12T23:59:41Z", comment="Nobody"),
            row("CRD1", "12-11-2023 23:59", comment="Nobody"),
            row("CRD1", "13-11-2023 00:00", comment="NOBODY"),
            row("CRD1", "13-11-2023 00:00", reference="A2", comment="Moved"),
        ],
        delivered=[row("CRD1", "2023-11-14T00:00:20Z"), row("CRD1", "13-11-2023 23:59")],
        pickup=[row("CRD1", "12-11-2023 08:00")],
    )
    assert stats.attempts == [Attempts(3, 1)]
    assert stats.failure_reasons == [FailureReason("Moved", 1), FailureReason("Nobody", 1)]
    # More than a minute apart, though by the clock's minutes one: nothing is certain.
    assert stats.deliveries == [Deliveries("2023-11-13", 1), Deliveries("2023-11-14", 1)]


def window(since: str | None, until: str | None) -> Window:
    return Window(
        None if since is None else read_time(since, "UTC", "--since", day_begins=True),
        None if until is None else read_time(until, "UTC", "--until"),
    )


@pytest.mark.parametrize(
    ("since", "until", "deliveries", "delivered", "failed"),
    [
        (None, None, 3, 2, 3),
        ("2023-11-14", None, 2, 2, 2),
        (None, "2023-11-14", 2, 1, 2),
        ("2023-11-14", "2023-11-14", 1, 1, 1),
        ("2023-11-14T23:59:59Z", None, 2, 2, 1),
        ("2023-11-15T00:00:00Z", None, 1, 1, 1),
        ("2023-11-16", None, 0, 0, 0),
    ],
    ids=["all", "since", "until", "a day", "last second", "just after", "none"],
)
def test_a_window_holds_what_happened_in_it(
    tmp_path: Path,
    since: str | None,
    until: str | None,
    deliveries: int,
    delivered: int,
    failed: int,
) -> None:
    days = ("13", "14", "15")
    stats = counted(
        tmp_path,
        StatsOptions(window=window(since, until)),
        exceptions=[row("CRD9", f"{day}-11-2023 08:00") for day in days],
        delivered=[
            row("CRD1", "13-11-2023 10:00"),
            row("CRD1", "14-11-2023 23:59:59"),
            row("CRD2", "15-11-2023 00:00"),
        ],
    )
    assert sum(count for _, count in stats.deliveries) == deliveries
    assert stats.cards["delivered"] == delivered
    assert sum(reason.events for reason in stats.failure_reasons) == failed


def test_the_window_is_told_as_instants(tmp_path: Path) -> None:
    stats = counted(tmp_path, StatsOptions(window=window("2023-11-14", "2023-11-14")), pickup=[])
    assert (stats.since, stats.until) == (
        "2023-11-14T00:00:00Z",
        "2023-11-14T23:59:59.999999999Z",
    )


def test_only_the_commonest_reasons_are_told(tmp_path: Path) -> None:
    failed = [row(f"CRD{n}", comment=comment) for n, comment in enumerate("abbccc")]
    stats = counted(tmp_path, StatsOptions(reasons=2), exceptions=failed)
    assert stats.failure_reasons == [FailureReason("c", 3), FailureReason("b", 2)]


def test_files_with_rejects_or_warnings_are_told(tmp_path: Path) -> None:
    stats = counted(
        tmp_path,
        pickup=[row("CRD1")],
        delivered=[row("CRD1"), row("CRD2", "soon")],
        returned=[row("CRD3", mobile="12")],
    )
    assert [(Path(file.source).name, *file[1:]) for file in stats.rejects] == [
        ("delivered.csv", "delivered", 2, 1, 0),
        ("returned.csv", "returned", 1, 0, 1),
    ]


def test_rejects_are_those_of_files_ingested_in_the_window(tmp_path: Path, database: Path) -> None:
    for number in range(3):
        file = write(tmp_path, f"{number}_pickup.csv", row(f"CRD{number}"), row("CRD9", "soon"))
        take(database, file, now=number)
    with Overview.open(database) as overview:
        rejects = compute(overview, StatsOptions(window=Window(1, 1))).rejects
    assert [Path(file.source).name for file in rejects] == ["1_pickup.csv"]


def test_progress_is_told(tmp_path: Path) -> None:
    counted(tmp_path, pickup=[row("CRD1"), row("CRD2")])
    told: list[int] = []
    with Overview.open(tmp_path / "cards.db") as overview:
        compute(overview, advance=told.append)
    assert sum(told) == 2
