"""Files that do not tell the order of day and month for certain are refused."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from support.builders import csv_text, row

from cardstatus.courier.header.formats import formats_of
from cardstatus.courier.header.reading import read_header
from cardstatus.courier.rows.doubts import check_order
from cardstatus.courier.rows.lines import Block
from cardstatus.errors import SourceError
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType

M, D, E = "11/13/2023 10:00", "13/11/2023 10:00", "11/12/2023 10:00"
"""Month first, day first, either."""
ML, DL, EL = "2023-13-11 10:00", "2023-11-13 10:00", "2023-11-12 10:00"
"""The same with the year first."""


def refusal(times: Sequence[str], order: DateOrder | None = None) -> str | None:
    lines = csv_text([row(f"CRD{at}", time=time) for at, time in enumerate(times)]).splitlines(True)
    header = read_header(iter([Block(lines)]), formats_of(EventType.PICKUP))
    try:
        check_order(header, iter([Block(lines)]), order)
    except SourceError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize(
    "times",
    [[M, E], [M, E, D], [M, E, E, DL], [ML, EL], ["1/13/23 8:00", E], ["11/31/2023 10:00", E]],
)
def test_a_file_that_shows_another_order_and_has_dates_in_doubt_is_refused(
    times: list[str],
) -> None:
    for shuffled in permutations(times):
        assert refusal(shuffled) is not None


@pytest.mark.parametrize(
    "times",
    [
        [E, D],
        [E, E],
        [M, M],
        [M, D],
        [M, "11/11/2023 10:00"],
        [M, DL, EL],
        [M, "2023-11-12T10:00:00Z", "12 Nov 2023 10:00"],
        [ML, DL, EL],
        [ML, DL],
        [EL, DL],
        [ML, E, D],
        ["31/02/2023 10:00", "30/02/2023 10:00", E],
        ["14:00", E],
    ],
)
def test_a_file_without_dates_in_doubt_is_not(times: list[str]) -> None:
    for shuffled in permutations(times):
        assert refusal(shuffled) is None


DECLARED = {
    "day first": ([M, E, D], DateOrder.DAY_FIRST, False),
    "month first": ([M, E, D], DateOrder.MONTH_FIRST, False),
    "year first": ([M, E, D], DateOrder.YEAR_FIRST, False),
    "day first does not settle the month last": ([ML, EL], DateOrder.DAY_FIRST, True),
    "month first does not settle the month last": ([ML, EL], DateOrder.MONTH_FIRST, True),
    "year first settles the month last": ([ML, EL], DateOrder.YEAR_FIRST, False),
}


@pytest.mark.parametrize(("times", "order", "refused"), DECLARED.values(), ids=DECLARED)
def test_a_declared_order_settles_it(times: list[str], order: DateOrder, refused: bool) -> None:
    assert (refusal(times, order) is not None) is refused


def test_it_says_how_many_with_an_example_of_each_and_what_to_do() -> None:
    assert refusal([E, M, E, E, M]) == (
        "dates with the month first: 2 (line 3: '11/13/2023'), and dates that can be read both "
        "ways: 3 (line 2: '11/12/2023'); ask the partner how these are meant, then say --dates "
        "day-first or --dates month-first"
    )


def test_a_contradiction_names_both_sides() -> None:
    assert refusal([E, M, D]) == (
        "dates with the month first: 1 (line 3: '11/13/2023'), with the day first: 1 (line 4: "
        "'13/11/2023'), and dates that can be read both ways: 1 (line 2: '11/12/2023'); ask the "
        "partner how these are meant, then say --dates day-first or --dates month-first"
    )


def test_the_month_last_is_told_from_it() -> None:
    assert refusal([EL, ML]) == (
        "dates with the month last: 1 (line 3: '2023-13-11'), and dates that can be read both "
        "ways: 1 (line 2: '2023-11-12'); ask the partner for YYYY-MM-DD, or say --dates year-first "
        "if these are meant so"
    )
