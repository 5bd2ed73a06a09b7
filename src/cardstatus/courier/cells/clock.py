"""The clock of a time cell: hour and minute, AM or PM, offset. Knows no dates.

A clock is read as its *hour* and its *rest*, the text behind the first colon. What the two say
simply adds up, so that both can be looked up where many clocks are read.
"""

import re
from itertools import product, starmap
from typing import Final, NamedTuple

from cardstatus.instants import DAY, SECOND
from cardstatus.model.problems import Reason

UNREAD: Final = 1 << 72
"""A sum of parts is no instant from here on: some part could not be read. Instants stay below
2^63."""
UNREADABLE: Final = 2 * UNREAD
"""What an unreadable part adds: so much that other parts, negative ones too, leave the sum at or
above UNREAD."""

_HOUR = re.compile(r"\d{1,2}", re.ASCII)
_REST_OF_CLOCK = re.compile(
    r"(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?",
    re.ASCII,
)
_RANGE = (
    Reason.BAD_TIME,
    "this may be a range of times or a time with its offset; write seconds before an offset",
)
NO_CLOCK: Final = (Reason.BAD_TIME, "that is no time of day")


class BadTimeError(Exception):
    """A cell that is no instant, with the reason code and a sentence for the partner."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Form(NamedTuple):
    """The form in which the times of a column are written."""

    separator: str
    """Between the date and the clock."""
    half: bool
    """With AM or PM."""
    zoned: bool
    """With Z or an offset."""

    def hour(self, text: str) -> int:
        """Return the nanoseconds that an hour adds to its day. Raises :class:`BadTimeError`."""
        return _read_hour(text, half=self.half)

    def rest(self, text: str) -> int:
        """Return the nanoseconds that a rest adds to its hour, less the offset of a zoned form.

        Returns UNREADABLE for a rest of another form, or one that may be a range of times. Raises
        :class:`BadTimeError`.
        """
        rest = _read_rest(text)
        form = Form(self.separator, rest.half, rest.offset is not None)
        if form != self or (self.separator == " " and rest.may_be_range):
            return UNREADABLE
        return rest.clock - (rest.offset or 0)


FORMS: Final = tuple(starmap(Form, product((" ", "T"), (False, True), (False, True))))


def is_clock(text: str) -> bool:
    """Tell whether a text has the form of a clock, even if it is no time of day (``25:00``)."""
    hour, _, rest = text.partition(":")
    return _HOUR.fullmatch(hour) is not None and _REST_OF_CLOCK.fullmatch(rest) is not None


class _Rest(NamedTuple):
    """The rest of a clock, read."""

    clock: int
    """Nanoseconds that it adds to the hour, those of PM's 12 hours among them."""
    half: bool
    """With AM or PM."""
    offset: int | None
    """Nanoseconds against UTC; None if no zone is written."""
    may_be_range: bool
    """Whether the offset may also be the end of a range of times, as in ``09:00-11:30``."""


def read_clock(blank: str, text: str) -> tuple[int, int | None]:
    """Return the nanoseconds since midnight that a clock shows, and its offset against UTC.

    The offset is None if no zone is written. ``blank`` is the text between the date and the clock.
    Raises :class:`BadTimeError`.
    """
    hour, _, rest_text = text.partition(":")
    rest = _read_rest(rest_text)
    if hour == "24" and not rest.clock and not rest.half:
        return DAY, rest.offset  # the next day's midnight
    clock = _read_hour(hour, half=rest.half) + rest.clock
    if blank and rest.may_be_range and rest.offset is not None and -rest.offset > clock:
        raise BadTimeError(*_RANGE)
    return clock, rest.offset


def _read_hour(text: str, *, half: bool) -> int:
    """Return the nanoseconds from midnight to an hour; from the start of its half day if ``half``.

    Raises :class:`BadTimeError`.
    """
    hour = int(text) if _HOUR.fullmatch(text) else 99
    if hour > (12 if half else 23) or (half and hour == 0):
        raise BadTimeError(*NO_CLOCK)
    return (hour % 12 if half else hour) * 3_600 * SECOND


def _read_rest(text: str) -> _Rest:
    """Read the text behind the hour's colon. Raises :class:`BadTimeError`."""
    match = _REST_OF_CLOCK.fullmatch(text)
    if match is None or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        raise BadTimeError(*NO_CLOCK)
    clock = (int(match["minute"]) * 60 + int(match["second"] or 0)) * SECOND
    clock += int((match["fraction"] or "").ljust(9, "0"))
    if (match["half"] or "") in ("P", "p"):
        clock += DAY // 2
    zone = match["zone"]
    # Hour and minute, a minus, hour and minute.
    may_be_range = match["second"] is None and zone is not None and zone.startswith("-")
    return _Rest(clock, match["half"] is not None, _read_offset(zone), may_be_range)


def _read_offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    offset = (1 if text[0] == "+" else -1) * (hours * 60 + minutes)
    if minutes > 59 or not -12 * 60 <= offset <= 14 * 60:
        raise BadTimeError(Reason.BAD_TIME, f"there is no offset {text}")
    return offset * 60 * SECOND
