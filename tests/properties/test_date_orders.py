"""The order of dates is a fact of a file: the order of its rows and how it is cut do not matter."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import row, statuses, take, write

from cardstatus.courier.files import reader
from cardstatus.ingestion.options import Options
from cardstatus.model.dates import DateOrder
from cardstatus.model.reports import FileReport, Outcome

MONTH_FIRST, DAY_FIRST, EITHER = "11/13/2023 10:00", "13/11/2023 10:00", "11/12/2023 10:00"
OTHERS = ["2023-11-13T10:00:00Z", "13 Nov 2023 10:00", "11/11/2023 10:00", "TBD", "13/11/23 10:00"]
TIMES = st.lists(st.sampled_from([MONTH_FIRST, DAY_FIRST, EITHER, *OTHERS]), min_size=1, max_size=9)
ORDERS = st.sampled_from([None, *DateOrder])


def taken(
    times: Sequence[str], order: DateOrder | None, part: int = 1 << 20, workers: int = 1
) -> tuple[FileReport, list[tuple[str, str | None]]]:
    """Return the report of a file with these times, and the cards with the times that it gave."""
    with TemporaryDirectory() as folder:
        # A card by its time, so that shuffled rows give the same cards.
        rows = [row(f"CRD{sorted(set(times)).index(time)}", time=time) for time in times]
        file = write(Path(folder), "pickup.csv", *rows)
        database = Path(folder) / "cards.db"
        with patch.object(reader, "PART", part):
            report = take(database, file, options=Options(dates=order, workers=workers))
        cards = [(answer.card_id, answer.occurred_at) for answer in statuses(database)]
        return report.files[0], cards


@settings(max_examples=60)
@given(TIMES, ORDERS)
def test_a_file_is_refused_if_it_shows_another_order_and_has_dates_in_doubt(
    times: list[str], order: DateOrder | None
) -> None:
    report, cards = taken(times, order)
    doubtful = order is None and MONTH_FIRST in times and EITHER in times
    assert (report.error or "").startswith("dates with the month first") is doubtful
    if doubtful:
        assert (report.outcome, report.counts.rows, cards) == (Outcome.FAILED, 0, [])
    elif EITHER in times and order != DateOrder.YEAR_FIRST:
        day = "2023-11-12" if order == DateOrder.MONTH_FIRST else "2023-12-11"
        assert f"{day}T10:00:00Z" in [time for _, time in cards]


@settings(max_examples=60)
@given(TIMES, ORDERS, st.integers(20, 200), st.data())
def test_it_is_the_same_in_any_order_of_rows_and_with_any_cuts(
    times: list[str], order: DateOrder | None, part: int, data: st.DataObject
) -> None:
    whole, cards = taken(times, order)
    cut, cards_of_cut = taken(times, order, part)
    assert (cut.outcome, cut.counts) == (whole.outcome, whole.counts)
    # Behind that stands the database, which is another one.
    assert str(cut.error).split(" (see ")[0] == str(whole.error).split(" (see ")[0]
    assert cards_of_cut == cards
    shuffled, cards_of_shuffled = taken(data.draw(st.permutations(times)), order)
    assert (shuffled.outcome, shuffled.counts) == (whole.outcome, whole.counts)
    assert cards_of_shuffled == cards


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("at", [0, 999])
def test_one_date_far_from_the_others_is_enough(workers: int, at: int) -> None:
    times = [EITHER] * 1_000
    times[at] = MONTH_FIRST
    with patch("cardstatus.ingestion.workers._WORTH_A_POOL", 1):
        report, _ = taken(times, None, part=2_000, workers=workers)
    assert report.error is not None
    assert f"the month first: 1 (line {at + 2}: '11/13/2023')" in report.error
    assert f"both ways: 999 (line {3 if at == 0 else 2}: '11/12/2023')" in report.error
