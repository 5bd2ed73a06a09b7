"""Writes seeded courier files in the partner's four real forms, with the counts a reader must find.

Owns the made-up data of the benchmark: who gets which events, how each file spells them, and what
is wrong on purpose. It knows nothing of `cardstatus`: the expected counts come from the
construction alone, so that they can contradict the program.

Every row is a pure function of (seed, file, slot). A file is its slots in shuffled order: four
bytes a row in memory, so size costs little but time and disk.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from math import gcd
from pathlib import Path
from typing import NamedTuple

EVENTS_PER_CARD = 2.5
DUPLICATE_SHARE = 0.03
DUPLICATE_STEP = 30  # every 30th distinct row is repeated: the step that spreads them over a file
DELIVERED_SHARE = 0.86
RETURNED_SHARE = 0.09  # the remaining cards are still on their way
START_DAYS = 360  # pickups spread over so many days, from FIRST_DAY on
FIRST_DAY = date(2024, 1, 1)
# Below this a file is so short that all of its rows could be odd, which is a failed file.
MIN_EVENTS = 1_000
# The cards of so many events are as many as there are mobiles in MOBILE_PREFIXES.
MAX_EVENTS = 100_000_000
MAX_ODD = 0.3  # leaves a clean row beside every odd one, for the duplicates to copy
FIRST_PREFIX = 26 * 26  # card ids are three letters and four digits, counted from BAA0000
CHUNK_ROWS = 10_000

_DAYS = [FIRST_DAY + timedelta(days=n) for n in range(START_DAYS + 8)]
DAY_FIRST = [day.strftime("%d-%m-%Y") for day in _DAYS]
ISO_DAY = [day.isoformat() for day in _DAYS]
CLOCK_24 = [f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)]
# The courier writes 3:45 AM, never 03:45 AM; only Returned leaves out the blank.
CLOCK_12 = [f"{m // 60 % 12 or 12}:{m % 60:02d} {'AM' if m < 720 else 'PM'}" for m in range(1440)]
CLOCK_12_TIGHT = [text.replace(" ", "") for text in CLOCK_12]
PREFIXES = [chr(65 + n // 676) + chr(65 + n // 26 % 26) + chr(65 + n % 26) for n in range(26**3)]
MOBILE_PREFIXES = ("50", "52", "55", "56")

BAD_TIMES = ("", "31-02-2024 10:00", "tomorrow", "14:00", "########", "11-13-2024 09:30")
BAD_MOBILES = ("9.71552E+11", "9.7155E+11", "9.71501E+11")  # what Excel leaves of a phone number
BLANK_CARDS = ("", "  ")


def pickup_time(day: int, noise: int) -> str:
    """At any minute of the day, so both twelve o'clocks occur."""
    return f"{DAY_FIRST[day]} {CLOCK_12[noise % 1440]}"


# The later stages keep to 08:00 to 19:59, so that every stage of a card is hours after the one
# before, and the expected status does not hang on the zone that zoneless times are read in.
def exception_time(day: int, noise: int) -> str:
    return f"{DAY_FIRST[day]} {CLOCK_24[480 + noise % 720]}"


def delivered_time(day: int, noise: int) -> str:
    return f"{ISO_DAY[day]}T{CLOCK_24[480 + noise % 720]}:{(noise >> 20) % 60:02d}Z"


def returned_time(day: int, noise: int) -> str:
    return f"{DAY_FIRST[day]} {CLOCK_12_TIGHT[480 + noise % 720]}"


@dataclass(frozen=True, slots=True)
class Form:
    """How one of the four files is spelt. `stage` grows along a card's life, as its times do."""

    file: str
    header: str
    stage: int
    status: str
    first_day: int  # days after the pickup
    reference: str
    mobile: str
    time: Callable[[int, int], str]
    comments: tuple[str, ...] = ()


PICKUP = Form(
    file="Pickup.csv",
    header="ID,Card ID,User Mobile,Timestamp",
    stage=1,
    status="picked_up",
    first_day=0,
    reference="{}",
    mobile="{}",
    time=pickup_time,
)
EXCEPTIONS = Form(
    file="Delivery exceptions.csv",
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
    file="Delivered.csv",
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
    file="Returned.csv",
    header="ID ,Card ID,User contact,Timestamp",
    stage=4,
    status="returned",
    first_day=4,
    reference="A{:03d}",
    mobile="971{}",
    time=returned_time,
)
FORMS = (PICKUP, EXCEPTIONS, DELIVERED, RETURNED)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many distinct rows each file has, and how a place in the plan becomes a card number.

    Places [0, delivered) end delivered, the next `returned` ones end returned. Every returned
    card has two failed attempts; the other exceptions are re-deliveries of delivered cards.
    """

    cards: int
    delivered: int
    returned: int
    exceptions: int
    duplicates: int
    odd_share: float  # of the distinct rows
    stride: int
    salt: int

    def distinct(self, form: Form) -> int:
        counts = (self.cards, self.exceptions, self.delivered, self.returned)
        return counts[FORMS.index(form)]


@dataclass(slots=True)
class Counts:
    """What a correct reader reports for one file."""

    rows: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0


class Row(NamedTuple):
    """One line of a file, without its line end. `stage` is 0 for a row that must be rejected.

    A named tuple because millions are made: a frozen dataclass costs 1 µs a row more.
    """

    text: str
    card: int
    stage: int
    warning: bool = False


def make_plan(events: int, seed: int, odd: float) -> Plan:
    """Share out exactly `events` physical rows, duplicates included."""
    cards = round(events / EVENTS_PER_CARD)
    delivered = round(cards * DELIVERED_SHARE)
    returned = round(cards * RETURNED_SHARE)
    duplicates = round(events * DUPLICATE_SHARE)
    exceptions = events - duplicates - cards - delivered - returned
    rng = random.Random(seed)
    stride = rng.randrange(cards // 3, cards)
    # Coprime with `cards`, so that place -> card is one to one and fates are spread over the ids.
    while gcd(stride, cards) != 1:
        stride += 1
    salt = rng.getrandbits(32)
    odd_share = odd / (1 - DUPLICATE_SHARE)  # only distinct rows are odd, the share is of all rows
    return Plan(cards, delivered, returned, exceptions, duplicates, odd_share, stride, salt)


def mix(number: int) -> int:
    """32 well-stirred bits of a number (murmur3's last step): `random` a row would cost twice."""
    number = ((number ^ number >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    number = ((number ^ number >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    return number ^ number >> 16


def card_id(card: int) -> str:
    return f"{PREFIXES[FIRST_PREFIX + card // 10_000]}{card % 10_000:04d}"


def national_mobile(card: int, salt: int) -> str:
    """Nine digits. Every tenth card shares its neighbour's number: one user, two cards."""
    owner = card - 1 if card % 10 == 9 else card
    prefix, rest = divmod((owner * 7_654_321 + salt) % 40_000_000, 10_000_000)
    return f"{MOBILE_PREFIXES[prefix]}{rest:07d}"


def locate(plan: Plan, form: Form, slot: int) -> tuple[int, int]:
    """The place in the plan and the attempt number that a distinct slot of a file stands for."""
    if form is RETURNED:
        return plan.delivered + slot, 0
    if form is EXCEPTIONS:
        if slot < 2 * plan.returned:
            return plan.delivered + slot // 2, slot % 2
        return slot - 2 * plan.returned, 0
    return slot, 0


def cells_of(plan: Plan, form: Form, slot: int) -> tuple[int, list[str]]:
    """Card number and the cells of a clean row, already quoted as the courier quotes them."""
    place, attempt = locate(plan, form, slot)
    card = place * plan.stride % plan.cards
    base = mix(card ^ plan.salt)
    noise = mix(base + 2 * form.stage + attempt)
    # Shipment numbers run out after a thousand: the partner's ID is no key, here as in life.
    reference = (noise if form is PICKUP else base) >> 7
    cells = [
        form.reference.format(reference % 1000),
        card_id(card),
        form.mobile.format(national_mobile(card, plan.salt)),
        form.time(base % START_DAYS + form.first_day + attempt, noise),
    ]
    if form.comments:
        cells.append(form.comments[noise % len(form.comments)])
    return card, cells


def odd_ordinal(form: Form, slot: int, odd: int, distinct: int) -> int | None:
    """None for a clean slot; exactly `odd` of the `distinct` slots, evenly spread, are counted."""
    # Shifted by file: else the same cards would be odd in all four, and rows would vanish by card.
    ordinal, rest = divmod((slot + 7 * form.stage) % distinct * odd, distinct)
    return ordinal if rest < odd else None


def spoil(card: int, stage: int, cells: list[str], ordinal: int) -> Row:
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
    bad_mobile = kind == 3
    return Row(",".join(cells), card, stage if bad_mobile else 0, bad_mobile)


def row_at(plan: Plan, form: Form, slot: int, odd: int, distinct: int) -> Row:
    """The row of a slot; slots from `distinct` on repeat a clean row, byte for byte."""
    ordinal = None
    if slot < distinct:
        ordinal = odd_ordinal(form, slot, odd, distinct)
    else:
        # Odd slots never touch (MAX_ODD), so the next one is clean.
        slot = (slot - distinct) * DUPLICATE_STEP % (distinct - 1)
        slot += odd_ordinal(form, slot, odd, distinct) is not None
    card, cells = cells_of(plan, form, slot)
    if ordinal is not None:
        return spoil(card, form.stage, cells, ordinal)
    return Row(",".join(cells), card, form.stage)


def duplicates_of(plan: Plan) -> list[int]:
    """Duplicate rows a file, in proportion to its size; rounding is left to the largest file."""
    total = sum(plan.distinct(form) for form in FORMS)
    shares = [plan.duplicates * plan.distinct(form) // total for form in FORMS]
    shares[0] += plan.duplicates - sum(shares)
    return shares


def shuffled(count: int, rng: random.Random) -> array[int]:
    slots = array("I", range(count))
    rng.shuffle(slots)
    return slots


def lines_of(
    plan: Plan, form: Form, slots: Sequence[int], counts: Counts, stages: bytearray
) -> Iterator[str]:
    """Each row with the line end that goes before it, counting as it goes.

    `stages` holds the furthest stage seen of every card, which is its status by construction.
    """
    distinct = plan.distinct(form)
    odd = round(plan.odd_share * distinct)
    for slot in slots:
        row = row_at(plan, form, slot, odd, distinct)
        counts.rows += 1
        if not row.stage:
            counts.rejected += 1
        elif slot >= distinct:
            counts.duplicates += 1
        else:
            counts.new += 1
            counts.warnings += row.warning
            stages[row.card] = max(stages[row.card], row.stage)
        yield "\n" + row.text


def write_file(path: Path, header: str, lines: Iterator[str]) -> None:
    """The real files end without a line end, so it is written before each row, not after."""
    with path.open("w", encoding="ascii", newline="") as out:
        out.write(header)
        while chunk := "".join(islice(lines, CHUNK_ROWS)):
            out.write(chunk)


def sample_card(plan: Plan) -> dict[str, str]:
    """One card to look up: that of the first clean row planned for Delivered."""
    distinct = plan.distinct(DELIVERED)
    odd = round(plan.odd_share * distinct)
    slot = next(n for n in range(distinct) if odd_ordinal(DELIVERED, n, odd, distinct) is None)
    card, _ = cells_of(plan, DELIVERED, slot)
    return {"card_id": card_id(card), "status": DELIVERED.status}


def generate(folder: Path, events: int, seed: int, odd: float) -> dict[str, object]:
    """Write the four files and `expected.json` into `folder`; return what the latter holds."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = make_plan(events, seed, odd)
    stages = bytearray(plan.cards)
    files: dict[str, dict[str, int]] = {}
    for form, duplicates in zip(FORMS, duplicates_of(plan), strict=True):
        rng = random.Random(f"{seed} {form.file}")
        slots = shuffled(plan.distinct(form) + duplicates, rng)
        counts = Counts()
        write_file(folder / form.file, form.header, lines_of(plan, form, slots, counts, stages))
        files[form.file] = asdict(counts)
    reached = Counter(stages)
    expected = {
        "events": events,
        "seed": seed,
        "odd": odd,
        "files": files,
        "statuses": {form.status: reached[form.stage] for form in FORMS},
        "sample": sample_card(plan),
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="ascii")
    return expected


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write courier files for the benchmark.")
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--events", type=int, default=2_500_000, help="rows of all four files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--odd", type=float, default=0.01, help="share of rows that are problems")
    options = parser.parse_args(arguments)
    if not MIN_EVENTS <= options.events <= MAX_EVENTS:
        parser.error(f"--events must be {MIN_EVENTS} to {MAX_EVENTS}")
    if not 0 <= options.odd <= MAX_ODD:
        parser.error(f"--odd must be 0 to {MAX_ODD}")
    return options


def main(arguments: Sequence[str]) -> None:
    options = parse_arguments(arguments)
    expected = generate(options.folder, options.events, options.seed, options.odd)
    sys.stdout.write(json.dumps(expected["files"]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
