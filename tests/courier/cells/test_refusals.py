"""What is no time is called what it is."""

import pytest

from cardstatus.courier.cells.refusals import explain, means_nothing
from cardstatus.model.problems import Reason

WINDOW = "a window of time is no time of day"
SAID = {
    "window with AM and PM": ("10:00AM-12:00PM", Reason.BAD_TIME, WINDOW),
    "window with blanks": ("10:00 - 12:00", Reason.BAD_TIME, WINDOW),
    "window with a dash": ("10:00\u201312:00", Reason.BAD_TIME, WINDOW),
    "window in words": ("10:00 AM to 12:00 PM", Reason.BAD_TIME, WINDOW),
    "window of hours": ("10-12", Reason.BAD_TIME, WINDOW),
    "window of hours with am and pm": ("10am-1pm", Reason.BAD_TIME, WINDOW),
    "window from either side": ("10:00/12:00", Reason.BAD_TIME, WINDOW),
    "noon": ("12:00 noon", Reason.BAD_TIME, "write 12:00 or 12:00 PM"),
    "noon without minutes": ("12 Noon", Reason.BAD_TIME, "write 12:00 or 12:00 PM"),
    "midday": ("12:00 midday", Reason.BAD_TIME, "write 12:00 or 12:00 PM"),
    "midnight": ("12:00 midnight", Reason.BAD_TIME, "at both ends of a day"),
    "midnight without minutes": ("12 midnight", Reason.BAD_TIME, "write 00:00, or 24:00"),
    "ten decimals": ("14:00:00.1234567890", Reason.BAD_TIME, "over nine decimals"),
    "twelve decimals": ("14:00:00.123456789012", Reason.BAD_TIME, "over nine decimals"),
    "twelve decimals and Z": ("14:00:00.123456789012Z", Reason.BAD_TIME, "over nine decimals"),
    "a guess": ("14:00 approx.", Reason.BAD_TIME, "write the time alone"),
    "a remark": ("14:00 left at reception", Reason.BAD_TIME, "write the time alone"),
    "a remark in parentheses": ("14:00 (second attempt)", Reason.BAD_TIME, "write the time alone"),
    "a zone by its letters": ("14:00 GST", Reason.UNKNOWN_ZONE, "names of zones"),
    "a zone in small letters": ("2:00 pm gst", Reason.UNKNOWN_ZONE, "names of zones"),
    "a zone in brackets": ("14:00 [Asia/Dubai]", Reason.UNKNOWN_ZONE, "names of zones"),
    "a zone in words": ("14:00 Gulf Standard Time", Reason.UNKNOWN_ZONE, "names of zones"),
    "a zone of nowhere": ("14:00 local time", Reason.UNKNOWN_ZONE, "names of zones"),
    "a zone behind dots": ("14.00 GST", Reason.UNKNOWN_ZONE, "names of zones"),
    "an hour": ("14h", Reason.INCOMPLETE_TIME, "the minutes are missing"),
    "an hour in words": ("14 hrs", Reason.INCOMPLETE_TIME, "the minutes are missing"),
    "no minute": ("14:7", Reason.BAD_TIME, "that is no time of day"),
    "frames": ("14:00:00:00", Reason.BAD_TIME, "that is no time of day"),
}


@pytest.mark.parametrize(("clock", "reason", "phrase"), SAID.values(), ids=SAID)
@pytest.mark.parametrize("date", ["13-11-2023 ", "2023-11-13T", "13 Nov 2023, "])
def test_what_stands_behind_a_date_is_called_what_it_is(
    date: str, clock: str, reason: Reason, phrase: str
) -> None:
    error = explain(date + clock)
    assert error.reason is reason
    assert phrase in error.detail


WITHOUT_A_DATE = {
    "what a spreadsheet leaves of a time": ("38:15.0", Reason.EXCEL_LOST_DATE),
    "the same in Germany": ("38:15,0", Reason.EXCEL_LOST_DATE),
    "the same, an early minute": ("00:15.5", Reason.EXCEL_LOST_DATE),
    "the same without decimals": ("38:15", Reason.EXCEL_LOST_DATE),
    "the last such minute": ("59:59.9", Reason.EXCEL_LOST_DATE),
    "the first minute that is no hour": ("24:01", Reason.EXCEL_LOST_DATE),
    "an hour": ("23:15", Reason.INCOMPLETE_TIME),
    "a clock": ("14:00:15.0", Reason.INCOMPLETE_TIME),
    "a clock with dots": ("14.00", Reason.INCOMPLETE_TIME),
    "a clock with PM": ("2:00 PM", Reason.INCOMPLETE_TIME),
    "a window": ("10:00AM-12:00PM", Reason.BAD_TIME),
    "a word": ("soonish", Reason.BAD_TIME),
}


@pytest.mark.parametrize(("text", "reason"), WITHOUT_A_DATE.values(), ids=WITHOUT_A_DATE)
def test_a_clock_without_a_date_is_called_what_it_is(text: str, reason: Reason) -> None:
    assert explain(text).reason is reason


def test_a_lost_date_says_what_to_do() -> None:
    assert explain("38:15.0").detail == (
        "minutes and seconds, from which a spreadsheet has dropped the date and the hour; format "
        "the column as YYYY-MM-DD HH:MM:SS, or send the original file"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "N/A", "TBD", "tba", "TBC", "To be confirmed", "pending", "Unknown", "..."),
        *("\u2014", "NaT", "Invalid date", "not yet", "null", "\\N"),
        *("0000-00-00 00:00:00", "0000-00-00", "00/00/0000 00:00", "0000-00-00T00:00:00Z"),
    ],
)
def test_a_cell_may_say_that_there_is_no_time(text: str) -> None:
    assert means_nothing(text)


@pytest.mark.parametrize(
    "text",
    ["00:00", "0", "?", "0:00:00", "yesterday", "13-11-2023", "noon", "Timestamp", "10-10-2010"],
)
def test_other_cells_say_something(text: str) -> None:
    assert not means_nothing(text)
