"""Questions about all cards and all files."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import row, take, write
from support.reference import TYPES

from cardstatus.database.reading.overview import FailureReason, Overview, TypeActivity, Window
from cardstatus.ingestion.options import Options
from cardstatus.rules.attempts import told_once

NOON = 1_699_876_800_000_000_000
"""2023-11-13T12:00:00Z."""
MINUTE = 60_000_000_000


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    pickups = write(tmp_path, "pickup.csv", row("CRD1"), row("CRD2"), row("CRD2"), row("CRD3", "x"))
    take(database, pickups, now=NOON)
    failed = write(
        tmp_path,
        "exceptions.csv",
        row("CRD1", "2023-11-14T08:00:00Z", comment="Nobody at home"),
        row("CRD1", "2023-11-15T08:00:00Z", comment="Nobody at home", mobile="123"),
        row("CRD2", "2023-11-14T08:00:00Z", comment=""),
        row("CRD2", "2023-11-13T08:00:00Z", comment="Moved"),
    )
    take(database, failed, now=NOON + MINUTE)
    take(database, write(tmp_path, "returned.csv", row("CRD9", "never")), now=NOON + 2 * MINUTE)
    return database


def test_histories_come_by_card_in_rule_order(stocked: Path) -> None:
    told: list[int] = []
    with Overview.open(stocked) as overview:
        found = [[(e[0], e[2], e[8]) for e in events] for events in overview.histories(told.append)]
        assert overview.count_events() == sum(told) == 6
    assert found == [
        [("CRD1", 10, 2), ("CRD1", 20, 2), ("CRD1", 20, 3)],
        [("CRD2", 20, 5), ("CRD2", 10, 3), ("CRD2", 20, 4)],
    ]


def test_a_card_whose_events_are_fetched_in_two_goes_is_one(tmp_path: Path, database: Path) -> None:
    rows = [row("CRD2", f"13-11-2023 {n // 60 % 24:02}:{n % 60:02}") for n in range(1_400)]
    take(database, write(tmp_path, "pickup.csv", row("CRD1"), *rows, row("CRD3")))
    with Overview.open(database) as overview:
        assert [len(events) for events in overview.histories()] == [1, 1_400, 1]


def test_files_are_told_in_the_order_of_ingest(stocked: Path, tmp_path: Path) -> None:
    with Overview.open(stocked) as overview:
        pickup, exceptions, returned = overview.files()
    assert pickup[:10] == (
        f"{tmp_path}/pickup.csv", "pickup", "ingested", "2023-11-13T12:00:00Z", 4, 2, 1, 1, 0, 3,
    )  # fmt: skip
    assert exceptions[1:10] == (
        "delivery_exceptions", "ingested", "2023-11-13T12:01:00Z", 4, 4, 0, 0, 1, 0,
    )  # fmt: skip
    assert returned[1:9] == ("returned", "failed", "2023-11-13T12:02:00Z", 1, 0, 0, 1, 0)
    assert (len(pickup.sha256), pickup.path) == (64, f"{tmp_path}/pickup.csv")
    assert pickup.size == (tmp_path / "pickup.csv").stat().st_size


def test_the_activity_of_each_type(stocked: Path, tmp_path: Path) -> None:
    """A file that failed counts for nothing."""
    with Overview.open(stocked) as overview:
        assert overview.activity() == [
            TypeActivity(
                "pickup", 1, f"{tmp_path}/pickup.csv", "2023-11-13T12:00:00Z",
                "2023-11-13T14:00:00Z",
            ),
            TypeActivity(
                "delivery_exceptions", 1, f"{tmp_path}/exceptions.csv", "2023-11-13T12:01:00Z",
                "2023-11-15T08:00:00Z",
            ),
            *(TypeActivity(word, 0, None, None, None) for word in TYPES[2:]),
        ]  # fmt: skip


def test_the_last_file_is_that_ingested_last(stocked: Path, tmp_path: Path) -> None:
    """The last file may have old events, if it was sent late, or none."""
    take(stocked, write(tmp_path, "2_pickup.csv"), now=NOON + 3 * MINUTE)
    with Overview.open(stocked) as overview:
        latest = overview.activity()[0]
    assert (latest.files, latest.last_source) == (2, f"{tmp_path}/2_pickup.csv")
    assert latest.newest_event == "2023-11-13T14:00:00Z"


def test_failures_come_by_how_often_they_are_given(stocked: Path) -> None:
    with Overview.open(stocked) as overview:
        assert overview.failure_reasons(Window(), 9) == [
            FailureReason("Nobody at home", 2),
            FailureReason(None, 1),
            FailureReason("Moved", 1),
        ]
        assert overview.failure_reasons(Window(), 1) == [FailureReason("Nobody at home", 2)]
        eight = NOON + 20 * 60 * MINUTE
        then = [FailureReason(None, 1), FailureReason("Nobody at home", 1)]
        assert overview.failure_reasons(Window(eight, eight), 9) == then
        assert overview.failure_reasons(Window(eight + 1, eight + 1), 9) == []


@pytest.mark.parametrize(
    ("window", "files"),
    [
        (Window(), 3),
        (Window(since=NOON), 3),
        (Window(since=NOON + 1), 2),
        (Window(until=NOON), 1),
        (Window(until=NOON - 1), 0),
        (Window(NOON + 1, NOON + MINUTE), 1),
    ],
    ids=["no limit", "since", "just after", "until", "just before", "both"],
)
def test_files_of_a_window(stocked: Path, window: Window, files: int) -> None:
    with Overview.open(stocked) as overview:
        assert len(list(overview.files(window))) == files


def test_files_newest_first_and_only_some(stocked: Path) -> None:
    with Overview.open(stocked) as overview:
        files = list(overview.files())
        assert list(overview.files(newest_first=True)) == files[::-1]
        assert list(overview.files(newest_first=True, limit=2)) == [files[2], files[1]]
        assert list(overview.files(limit=1)) == files[:1]


def test_a_window_includes_its_ends() -> None:
    window = Window(1, 3)
    assert [at for at in range(5) if window.holds(at)] == [1, 2, 3]
    assert Window().holds(-1)


def test_all_that_is_said_is_of_one_state(stocked: Path, tmp_path: Path) -> None:
    with Overview.open(stocked) as overview:
        assert overview.count_events() == 6
        more = write(tmp_path, "delivered.csv", row("CRD1", "16-11-2023 10:00"))
        take(stocked, more, now=NOON + 3 * MINUTE)
        assert sum(map(len, overview.histories())) == 6
        assert len(list(overview.files())) == len(overview.source_names()) == 3
        assert overview.activity()[2].files == 0
    with Overview.open(stocked) as overview:
        assert overview.count_events() == 7


def test_times_read_in_the_zone_of_the_database_are_counted(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD1"), row("CRD2", "2023-11-13T14:00:00Z"))
    take(database, file, options=Options(timezone="Asia/Dubai"))
    with Overview.open(database) as overview:
        assert [file.zoneless for file in overview.files()] == [1]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9).map(lambda number: number * 20),
            st.sampled_from(["", "A1", "A2"]),
            st.sampled_from(["x", "y"]),
            st.sampled_from(["", "585550101"]),
        ),
        min_size=1,
        max_size=9,
        unique=True,
    )
)
def test_failures_are_those_that_count(said: list[tuple[int, str, str, str]]) -> None:
    """The rule is written twice, in Python for a history and here in SQL."""
    with TemporaryDirectory() as name:
        rows = [
            row(
                time=f"2023-11-13T14:{seconds // 60:02}:{seconds % 60:02}Z",
                reference=reference, comment=comment, mobile=mobile,
            )
            for seconds, reference, comment, mobile in said
        ]  # fmt: skip
        database = Path(name) / "cards.db"
        take(database, write(Path(name), "exceptions.csv", *rows))
        with Overview.open(database) as overview:
            told = overview.failure_reasons(Window(), 9)
            counted = Counter(event[5] for event in told_once(overview.history("CRD1")))
    assert dict(told) == counted
