"""Made-up courier rows in the partner's four real forms, each a pure function of (batch, slot).

Owns how each type of file spells its rows, what is wrong with some of them on purpose, and what a
right reader makes of each. Knows nothing of files, and nothing of `cardstatus`: what is expected
comes from the construction alone, so that it can contradict the program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

START_DAYS = range(360)  # pickups are spread over so many days, from FIRST_DAY on
DAYS_AFTER = range(380, 381)  # a day after all of them and what follows them
FIRST_DAY = date(2024, 1, 1)
DUPLICATE_STEP = 30  # every 30th distinct row is repeated: the step that spreads them over a file
MAX_ODD = 0.3  # leaves a clean row beside every odd one, for the duplicates to copy
FIRST_PREFIX = 26 * 26  # card ids are three letters and four digits, counted from BAA0000

_DAYS = [FIRST_DAY + timedelta(days=n) for n in range(DAYS_AFTER.stop + 8)]
MIDNIGHT = [(day - date(1970, 1, 1)).days * 86_400 for day in _DAYS]
DAY_FIRST = [day.strftime("%d-%m-%Y") for day in _DAYS]
ISO_DAY = [day.isoformat() for day in _DAYS]
CLOCK_24 = [f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)]
# The courier writes 3:45 AM, never 03:45 AM; only Returned leaves out the blank.
CLOCK_12 = [f"{m // 60 % 12 or 12}:{m % 60:02d} {'AM' if m < 720 else 'PM'}" for m in range(1440)]
CLOCK_12_TIGHT = [text.replace(" ", "") for text in CLOCK_12]
PREFIXES = [chr(65 + n // 676) + chr(65 + n // 26 % 26) + chr(65 + n % 26) for n in range(26**3)]
MOBILE_PREFIXES = ("50", "52", "55", "56")

BAD_TIMES = ("", "31-02-2024 10:00", "tomorrow", "14:00", "########", "13-13-2024 09:30")
BAD_MOBILES = ("9.71552E+11", "9.7155E+11", "9.71501E+11")  # what Excel leaves of a phone number
BLANK_CARDS = ("", "  ")


class Time(NamedTuple):
    """A cell, and the UTC instant that it says, in seconds since 1970."""

    text: str
    instant: int


def pickup_time(day: int, noise: int) -> Time:
    """At any minute of the day, so both twelve o'clocks occur."""
    minute = noise % 1440
    return Time(f"{DAY_FIRST[day]} {CLOCK_12[minute]}", MIDNIGHT[day] + 60 * minute)


# The later stages keep to 08:00 to 19:59, so that every stage of a card is hours after the one
# before, and the expected status does not hang on the zone that zoneless times are read in.
def exception_time(day: int, noise: int) -> Time:
    minute = 480 + noise % 720
    return Time(f"{DAY_FIRST[day]} {CLOCK_24[minute]}", MIDNIGHT[day] + 60 * minute)


def delivered_time(day: int, noise: int) -> Time:
    minute, second = 480 + noise % 720, (noise >> 20) % 60
    text = f"{ISO_DAY[day]}T{CLOCK_24[minute]}:{second:02d}Z"
    return Time(text, MIDNIGHT[day] + 60 * minute + second)


def returned_time(day: int, noise: int) -> Time:
    minute = 480 + noise % 720
    return Time(f"{DAY_FIRST[day]} {CLOCK_12_TIGHT[minute]}", MIDNIGHT[day] + 60 * minute)


@dataclass(frozen=True, slots=True)
class Form:
    """How one of the four types is spelt. `stage` grows along a card's life, as its times do."""

    name: str
    header: str
    stage: int
    status: str
    first_day: int  # days after the pickup
    reference: str
    mobile: str
    time: Callable[[int, int], Time]
    comments: tuple[str, ...] = ()


PICKUP = Form(
    name="Pickup",
    header="ID,Card ID,User Mobile,Timestamp",
    stage=1,
    status="picked_up",
    first_day=0,
    reference="{}",
    mobile="{}",
    time=pickup_time,
)
EXCEPTIONS = Form(
    name="Delivery exceptions",
    header="ID ,Card ID,User contact,Timestamp,Comment",
    stage=2,
    status="delivery_exception",
    first_day=1,
    reference="A{:03d}",
    mobile='"""0{}"""',
    time=exception_time,
    comments=(
        "Nobody at home",
        "Address not found",
        "User asked for another day",
        '"Gate closed, phone not answered"',
        "User moved to another city",
    ),
)
DELIVERED = Form(
    name="Delivered",
    header="ID ,Card ID,User contact,Timestamp,Comment",
    stage=3,
    status="delivered",
    first_day=3,
    reference="A{:03d}",
    mobile='"""0{}"""',
    time=delivered_time,
    comments=("DELIVERED TO USER",),
)
RETURNED = Form(
    name="Returned",
    header="ID ,Card ID,User contact,Timestamp",
    stage=4,
    status="returned",
    first_day=4,
    reference="A{:03d}",
    mobile="971{}",
    time=returned_time,
)
FORMS = (PICKUP, EXCEPTIONS, DELIVERED, RETURNED)


class Place(NamedTuple):
    """Which card a row is about, and which attempt at this stage of its life."""

    card: int
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one type: slots [0, distinct) all differ and `odd` of them are spoilt; the
    `duplicates` slots after them repeat clean ones, byte for byte.
    """

    form: Form
    distinct: int
    duplicates: int
    odd: int
    salt: int
    place: Callable[[int], Place]
    days: range = START_DAYS

    @property
    def slots(self) -> range:
        return range(self.distinct + self.duplicates)


class Row(NamedTuple):
    """One line of a file, without its line end. `stage` is 0 for a row that must be rejected.

    A named tuple because millions are made: a frozen dataclass costs 1 µs a row more.
    """

    text: str
    card: int
    stage: int
    instant: int
    has_mobile: bool


def mix(number: int) -> int:
    """32 well-stirred bits of a number (murmur3's last step): `random` a row would cost twice."""
    number = ((number ^ number >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    number = ((number ^ number >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    return number ^ number >> 16


def card_id(card: int) -> str:
    """Ids sort as their numbers do."""
    return f"{PREFIXES[FIRST_PREFIX + card // 10_000]}{card % 10_000:04d}"


def national_mobile(card: int, salt: int) -> str:
    """Nine digits. Every tenth card shares its neighbour's number: one user, two cards."""
    owner = card - 1 if card % 10 == 9 else card
    prefix, rest = divmod((owner * 7_654_321 + salt) % 40_000_000, 10_000_000)
    return f"{MOBILE_PREFIXES[prefix]}{rest:07d}"


def odd_ordinal(batch: Batch, slot: int) -> int | None:
    """None for a clean slot; exactly `odd` of the distinct slots, evenly spread, are counted."""
    # Shifted by type: else the same cards would be odd in all four, and rows would vanish by card.
    shifted = (slot + 7 * batch.form.stage) % batch.distinct
    ordinal, rest = divmod(shifted * batch.odd, batch.distinct)
    return ordinal if rest < batch.odd else None


def repeated_slot(batch: Batch, slot: int) -> int:
    """The clean distinct slot that a slot from `distinct` on repeats."""
    slot = (slot - batch.distinct) * DUPLICATE_STEP % (batch.distinct - 1)
    # Odd slots never touch (MAX_ODD), so the next one is clean.
    return slot + (odd_ordinal(batch, slot) is not None)


def card_of(batch: Batch, slot: int) -> int:
    if slot >= batch.distinct:
        slot = repeated_slot(batch, slot)
    return batch.place(slot).card


def row_at(batch: Batch, slot: int) -> Row:
    if slot >= batch.distinct:
        return row_of(batch, repeated_slot(batch, slot), None)
    return row_of(batch, slot, odd_ordinal(batch, slot))


def row_of(batch: Batch, slot: int, ordinal: int | None) -> Row:
    """The row of a distinct slot, its cells quoted as the courier does; spoilt, if it has an
    `ordinal`.
    """
    form = batch.form
    card, attempt = batch.place(slot)
    base = mix(card ^ batch.salt)
    noise = mix(base + 2 * form.stage + attempt)
    # Shipment numbers run out after a thousand: the partner's ID is no key, here as in life.
    reference = (noise if form is PICKUP else base) >> 7
    day = batch.days[base % len(batch.days)] + form.first_day + attempt
    time, instant = form.time(day, noise)
    cells = [
        form.reference.format(reference % 1000),
        card_id(card),
        form.mobile.format(national_mobile(card, batch.salt)),
        time,
    ]
    if form.comments:
        cells.append(form.comments[noise % len(form.comments)])
    if ordinal is not None:
        return spoilt(Row("", card, form.stage, instant, True), cells, ordinal)
    return Row(",".join(cells), card, form.stage, instant, True)


def spoilt(row: Row, cells: list[str], ordinal: int) -> Row:
    """Make the row a problem; the four kinds take turns, and each row has one fault only."""
    turn, kind = divmod(ordinal, 4)
    if kind == 0:
        cells[3] = BAD_TIMES[turn % len(BAD_TIMES)]
    elif kind == 1:
        cells[1] = BLANK_CARDS[turn % len(BLANK_CARDS)]
    elif kind == 2:
        del cells[2:]
    else:
        cells[2] = BAD_MOBILES[turn % len(BAD_MOBILES)]
    stage = row.stage if kind == 3 else 0  # a bad mobile costs the mobile only
    return row._replace(text=",".join(cells), stage=stage, has_mobile=False)
