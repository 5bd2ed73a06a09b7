"""What a date shows of the order of day and month in its file."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells.orders import Shown, casts_doubt, showing

SHOWN = {
    "day above twelve": ("13/11/2023 10:00", Shown.DAY_FIRST),
    "day above twelve, hyphens": ("13-11-2023 10:00", Shown.DAY_FIRST),
    "day above twelve, dots": ("13.11.2023", Shown.DAY_FIRST),
    "second number above twelve": ("11/13/2023 10:00", Shown.MONTH_FIRST),
    "second number above twelve, hyphens": ("11-13-2023 10:00", Shown.MONTH_FIRST),
    "second number above twelve, dots": ("11.13.2023 10:00", Shown.MONTH_FIRST),
    "second number above twelve, one digit": ("1/13/2023 10:00 PM", Shown.MONTH_FIRST),
    "second number above twelve, two digits for the year": ("11/13/23 10:00", Shown.MONTH_FIRST),
    "both below thirteen": ("11/12/2023 10:00", Shown.EITHER_FIRST),
    "both below thirteen, hyphens": ("11-12-2023T10:00Z", Shown.EITHER_FIRST),
    "both below thirteen, dots": ("1.2.2023 10:00", Shown.EITHER_FIRST),
    "year first": ("2023-11-13T10:00:00Z", Shown.DAY_LAST),
    "year first, both below thirteen": ("2023-11-12T10:00:00Z", Shown.EITHER_LAST),
    "year first, month above twelve": ("2023-13-11T10:00:00Z", Shown.MONTH_LAST),
    "year first, slashes": ("2023/13/11 10:00", Shown.MONTH_LAST),
    "year first, compact": ("20231113T100000Z", Shown.DAY_LAST),
    "year first, compact, month above twelve": ("20231311T100000Z", Shown.MONTH_LAST),
    "comma behind the date": ("11/13/2023, 2:00:00 PM", Shown.MONTH_FIRST),
    "marks of direction": ("\u200e11\u200e/\u200e13\u200e/\u200e2023 10:00", Shown.MONTH_FIRST),
    "full-width signs": ("１１／１３／２０２３ 10:00", Shown.MONTH_FIRST),
    "quotes": ("'11/13/2023 10:00'", Shown.MONTH_FIRST),
    "clock with dots in front": ("10.00 11/13/2023", Shown.MONTH_FIRST),
    "clock with dots behind": ("13/11/2023 10.11.12", Shown.DAY_FIRST),
    "leap day, month first": ("02/29/2024 10:00", Shown.MONTH_FIRST),
    "no such day, month first": ("11/31/2023 10:00", Shown.MONTH_FIRST),
    "no such day, day first": ("31/02/2023 10:00", Shown.DAY_FIRST),
    "dots and blanks": ("11. 13. 2023 10:00", Shown.MONTH_FIRST),
}


@pytest.mark.parametrize(("cell", "what"), SHOWN.values(), ids=SHOWN)
def test_a_date_shows_the_order_of_its_file(cell: str, what: Shown) -> None:
    shown = showing(cell)
    assert shown is not None
    assert shown.what is what
    assert casts_doubt(cell) is (what in (Shown.MONTH_FIRST, Shown.MONTH_LAST))


NOTHING = {
    "the same either way": "11/11/2023 10:00",
    "the same either way, year first": "2023-11-11 10:00",
    "words": "13 Nov 2023 10:00",
    "no month, no day": "13/32/2023 10:00",
    "month 0": "00/13/2023 10:00",
    "both above twelve": "13/14/2023 10:00",
    "two digits for the year, day first or year first": "13/11/23 10:00",
    "two digits for the year, either": "11/12/13 10:00",
    "no date": "10:00",
    "a number": "0585550123",
    "five digits": "11/13/20233",
    "three digits": "111/13/2023",
    "separators mixed": "11-13/2023",
    "nothing": "",
}


@pytest.mark.parametrize("cell", NOTHING.values(), ids=NOTHING)
def test_other_cells_show_nothing(cell: str) -> None:
    assert showing(cell) is None


@given(st.dates(date(1971, 1, 1), date(2261, 12, 31)), st.sampled_from("-/."))
def test_a_date_shows_no_order_that_it_is_not_in(day: date, s: str) -> None:
    month_first = showing(f"{day:%m}{s}{day:%d}{s}{day.year}")
    day_first = showing(f"{day:%d}{s}{day:%m}{s}{day.year}")
    year_first = showing(f"{day.year}{s}{day:%m}{s}{day:%d}")
    assert month_first is None or month_first.what in (Shown.MONTH_FIRST, Shown.EITHER_FIRST)
    assert day_first is None or day_first.what in (Shown.DAY_FIRST, Shown.EITHER_FIRST)
    assert year_first is None or year_first.what in (Shown.DAY_LAST, Shown.EITHER_LAST)
