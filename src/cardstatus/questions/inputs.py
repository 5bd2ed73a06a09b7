"""Card ids, mobiles and times as users write them, read as the courier's are."""

import re
from collections.abc import Sequence
from time import time_ns
from typing import TYPE_CHECKING, Final

from cardstatus.database.reading.store import Store
from cardstatus.errors import UsageError

if TYPE_CHECKING:
    from cardstatus.courier.cells.mobiles import MobileReader
    from cardstatus.instants import ZoneClock

_MIDNIGHT = " 00:00"

_DAYS_AGO: Final = {"today": 0, "yesterday": 1}
_AGO = re.compile(r"(\d{1,4})([mhdw])", re.ASCII | re.IGNORECASE)
"""Minutes, hours, days or weeks before the present."""


def read_time(text: str, timezone: str, option: str, *, day_begins: bool = False) -> int:
    """Return the instant of a user's time, in nanoseconds since 1970-01-01T00:00:00Z.

    A time without a zone is read in ``timezone``. A date alone, ``today`` and ``yesterday`` mean
    the end of the day, with ``day_begins`` its beginning. ``7d`` means seven days ago, at the time
    of day that the zone's clocks show now; ``2h`` and ``30m`` count from now. ``option``: the name
    of the option, for messages. Raises :class:`UsageError`.
    """
    from cardstatus.instants import zone_clock

    text = text.strip()
    clock = zone_clock(timezone)
    moment = _read_relative(text, clock, day_begins=day_begins)
    return _read_written(text, clock, option, day_begins=day_begins) if moment is None else moment


def _read_relative(text: str, clock: "ZoneClock", *, day_begins: bool) -> int | None:
    """Return the instant of a time that counts from the present, None for any other text."""
    from cardstatus.instants import DAY, MINUTE

    days_ago = _DAYS_AGO.get(text.casefold())
    if days_ago is not None:
        midnight = (clock.local(time_ns()) // DAY - days_ago) * DAY
        return _day(midnight, clock, day_begins=day_begins)
    ago = _AGO.fullmatch(text)
    if ago is None:
        return None
    number, unit = int(ago[1]), ago[2].casefold()
    if unit in ("m", "h"):
        return time_ns() - number * (MINUTE if unit == "m" else 60 * MINUTE)
    return clock.instant(clock.local(time_ns()) - number * (DAY if unit == "d" else 7 * DAY))


def _day(midnight: int, clock: "ZoneClock", *, day_begins: bool) -> int:
    """Return the beginning or the end of a day; ``midnight`` is in local time."""
    from cardstatus.instants import DAY

    return clock.instant(midnight) if day_begins else clock.instant(midnight + DAY) - 1


def _read_written(text: str, clock: "ZoneClock", option: str, *, day_begins: bool) -> int:
    """Return the instant of a time or a date that is written out. Raises :class:`UsageError`."""
    from datetime import UTC

    from cardstatus.courier.cells.clock import BadTimeError, is_clock
    from cardstatus.courier.cells.times import TimeReader
    from cardstatus.model.problems import Reason

    try:
        return TimeReader(clock.zone).read(text)[0]
    except BadTimeError as no_time:
        error = no_time
    try:
        # In UTC, since clocks of the zone may be put forward at midnight.
        midnight, _ = TimeReader(UTC).read(text + _MIDNIGHT)
    except BadTimeError as no_date:
        if error.reason is Reason.INCOMPLETE_TIME and not is_clock(text):
            error = no_date
        detail = error.detail.replace(_MIDNIGHT, "", 1)
        if error.reason is Reason.MONTH_FIRST:
            detail = "the day comes before the month"  # the file's own sentence speaks of all rows
        raise UsageError(
            f"{option}: {detail}; write a time such as 2024-03-12T14:00Z or '12-03-2024 2:00 PM', "
            "a date such as 2024-03-12, or today, yesterday, 7d, 2h or 30m"
        ) from None
    return _day(midnight, clock, day_begins=day_begins)


_SHORTEST_CARD_NUMBER: Final = 13
"""The same as in ``privacy``, which most questions do without."""


def refuse_bare_words(
    words: Sequence[str] | None, card_ids: Sequence[str] | None, mobiles: Sequence[str] | None
) -> None:
    """Raise :class:`UsageError` for words that stand without an option.

    ``card_ids`` and ``mobiles`` are those of the options: without quotes around it, one with
    blanks in it ends at the first.
    """
    if not words:
        return
    text = " ".join(words)
    if mobiles and re.fullmatch(r"[\d\s()+./-]+", text):
        number = redact(f"{mobiles[-1]} {text}")
        raise UsageError(f"a number with blanks in it: put it in quotes, as --mobile {number!r}")
    advice = f"say what {redact(text)!r} is: put --card-id or --mobile in front of it"
    if card_ids and not mobiles:
        card_id = redact(f"{card_ids[-1]} {text}")
        advice += f"; or put an id with blanks in it in quotes, as --card-id {card_id!r}"
    raise UsageError(advice)


def read_mobiles(store: Store, texts: Sequence[str], option: str = "--mobile") -> list[str]:
    """Return mobiles as E.164, read as ingest reads them. Raises :class:`UsageError`.

    ``option``: the name of the option, for messages.
    """
    if not texts:
        return []
    reader = mobile_reader(store)
    mobiles = [read_mobile(reader, text) for text in texts]
    for text, mobile in zip(texts, mobiles, strict=True):
        if mobile is None:
            raise UsageError(
                f"{option}: {redact(text)!r} is not a number that can be read for sure; write it "
                "in full, with + and its country code"
            )
    return [mobile for mobile in mobiles if mobile]


def read_mobile(reader: "MobileReader", text: str) -> str | None:
    """Return a number as E.164, that of a landline too; None if it cannot be read for sure."""
    from cardstatus.courier.cells.mobiles import BadMobileError

    try:
        return reader.read(_unwrap(text))
    except BadMobileError as bad:
        return bad.kept if bad.kept and " " not in bad.kept else None


def read_card_id(text: str, option: str = "--card-id") -> str:
    """Return a card id without blanks and quotes around it. Raises :class:`UsageError`.

    ``option``: the name of the option, for messages.
    """
    card_id = _fold(text)
    if not card_id:
        raise UsageError(f"{option}: the card id is empty")
    if _undecoded(card_id):
        raise UsageError(f"{option}: {redact(card_id)!r} is not text in UTF-8")
    if _is_card_number(card_id):
        raise UsageError(
            f"{option}: a payment card number, which is never kept here; ask with the card's own id"
        )
    return card_id


def without_card_number(line: str) -> str:
    """Return a line of a list, a payment card number in it masked, which is the id of no card."""
    if not _is_card_number(_fold(line)):
        return line
    from cardstatus.privacy import mask

    return mask(line)


def read_now(store: Store, now: str | None, as_of: int | None, option: str = "--now") -> int:
    """Return the instant at which to judge: ``now`` if given, else ``as_of``, else the present.

    ``option``: the name of the option, for messages. Raises :class:`UsageError`.
    """
    if now is not None:
        return read_time(now, store.settings().timezone, option)
    return time_ns() if as_of is None else as_of


def _unwrap(text: str) -> str:
    """Do what ``cells.unwrap`` does, which takes 20 ms to import, for nearly every question."""
    if text.isascii() and '"' not in text:
        return text.strip()
    from cardstatus.courier.cells.values import unwrap

    return unwrap(text)


def _fold(text: str) -> str:
    """Do what ``cells.fold_card_id`` does, which takes 20 ms to import, for nearly every id."""
    text = text.strip()
    if text.isascii() and (text.isalnum() or re.fullmatch(r"[A-Za-z][\w ./-]*\w", text)):
        return text
    from cardstatus.courier.cells.card_ids import fold_card_id

    return fold_card_id(text)


def _undecoded(text: str) -> bool:
    if text.isascii():
        return False
    from cardstatus.courier.faults import has_undecoded

    return has_undecoded(text)


def _is_card_number(text: str) -> bool:
    if len(text) < _SHORTEST_CARD_NUMBER:
        return False
    from cardstatus.privacy import is_card_number

    return is_card_number(text)


def redact(text: str) -> str:
    """Do what ``privacy.redact`` does, which takes 3 ms to import."""
    from cardstatus import privacy

    return privacy.redact(text)


def mobile_reader(store: Store) -> "MobileReader":
    """Return a reader of mobiles with the country code of the database."""
    from cardstatus.courier.cells.mobiles import MobileReader

    return MobileReader(store.settings().country_code)
