"""Writes cases: folders of courier files of some shape, with what a right reader must report.

Owns which rows go into which files, in which order, and the expected counts and statuses. A case
is `files/*.csv`, `expected.json` (counts) and `expected.csv` (status, instant and mobile of every
card that the case is about, by card id).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from math import gcd
from pathlib import Path

from . import generate
from .generate import (
    DAYS_AFTER,
    DELIVERED,
    EXCEPTIONS,
    FORMS,
    MAX_ODD,
    PICKUP,
    RETURNED,
    Batch,
    Form,
    Place,
    card_id,
    card_of,
    national_mobile,
    row_at,
)

EVENTS_PER_CARD = 2.5
DUPLICATE_SHARE = 0.03
DELIVERED_SHARE = 0.86
RETURNED_SHARE = 0.09  # the remaining cards are still on their way
NEW_SHARE = 0.01  # of a file that is sent again
SMALL_FILES = 1_000
# Below this a file is so short that all of its rows could be odd, which is a failed file.
MIN_ROWS = 1_000
# The cards of so many rows are as many as there are mobiles.
MAX_ROWS = 40_000_000
CHUNK_ROWS = 10_000
STATUSES = {form.stage: form.status for form in FORMS}


@dataclass(frozen=True, slots=True)
class Request:
    """What the user of the generator asks for."""

    rows: int
    seed: int
    odd: float
    order: str = "random"
    day_rows: int = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How many distinct rows each type has, and how a place in the plan becomes a card number.

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

    def card(self, place: int) -> int:
        return place * self.stride % self.cards


@dataclass(slots=True)
class Counts:
    """What a correct reader reports for one file, or for all of a case."""

    rows: int = 0
    new: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one type in a case: which slots, in which order, cut into how many files."""

    batch: Batch
    slots: Sequence[int]
    pieces: int = 1
    already: range = range(0)  # slots whose rows are in the database before


class Tally:
    """The latest event of every card, as an integer that grows with the instant; -1 for none."""

    def __init__(self, cards: int, salt: int) -> None:
        self._latest = array("q", [-1]) * cards
        self._with_mobile = bytearray(cards)
        self._salt = salt

    def add(self, row: generate.Row) -> None:
        event = row.instant << 4 | row.stage << 1 | row.has_mobile
        self._latest[row.card] = max(self._latest[row.card], event)
        self._with_mobile[row.card] |= row.has_mobile

    @property
    def mobiles(self) -> int:
        """How many different pairs of mobile and card there are."""
        return sum(self._with_mobile)

    def lines(self) -> Iterator[str]:
        for card, event in enumerate(self._latest):
            if event >= 0:
                instant = datetime.fromtimestamp(event >> 4, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                mobile = f"+971{national_mobile(card, self._salt)}" if event & 1 else ""
                yield f"{card_id(card)},{STATUSES[event >> 1 & 7]},{instant},{mobile}\n"


def make_plan(request: Request) -> Plan:
    """Share out exactly `rows` physical rows, duplicates included."""
    rows = request.rows
    cards = round(rows / EVENTS_PER_CARD)
    delivered = round(cards * DELIVERED_SHARE)
    returned = round(cards * RETURNED_SHARE)
    duplicates = round(rows * DUPLICATE_SHARE)
    exceptions = rows - duplicates - cards - delivered - returned
    rng = random.Random(request.seed)
    stride = rng.randrange(cards // 3, cards)
    # Coprime with `cards`, so that place -> card is one to one and fates are spread over the ids.
    while gcd(stride, cards) != 1:
        stride += 1
    salt = rng.getrandbits(32)
    # Only distinct rows are odd, the share is of all rows.
    odd_share = request.odd / (1 - DUPLICATE_SHARE)
    return Plan(cards, delivered, returned, exceptions, duplicates, odd_share, stride, salt)


def locate(plan: Plan, form: Form, slot: int) -> Place:
    """The card and the attempt that a distinct slot of a type stands for."""
    if form is RETURNED:
        return Place(plan.card(plan.delivered + slot))
    if form is EXCEPTIONS:
        if slot < 2 * plan.returned:
            return Place(plan.card(plan.delivered + slot // 2), slot % 2)
        return Place(plan.card(slot - 2 * plan.returned))
    return Place(plan.card(slot))


def duplicates_of(plan: Plan) -> list[int]:
    """Duplicate rows a type, in proportion to its size; rounding is left to the largest."""
    total = sum(plan.distinct(form) for form in FORMS)
    shares = [plan.duplicates * plan.distinct(form) // total for form in FORMS]
    shares[0] += plan.duplicates - sum(shares)
    return shares


def arranged(batch: Batch, slots: Sequence[int], request: Request) -> array[int]:
    """Slots in the order in which their rows are written; four bytes each."""
    if request.order == "sorted":
        return array("I", sorted(slots, key=partial(card_of, batch)))
    arranged_slots = array("I", slots)
    random.Random(f"{request.seed} {batch.form.name}").shuffle(arranged_slots)
    return arranged_slots


def four(folder: Path, request: Request, files: int = len(FORMS)) -> None:
    """The real thing: four types, re-deliveries, returns; as four files or cut into more."""
    plan = make_plan(request)
    parts = []
    for form, duplicates in zip(FORMS, duplicates_of(plan), strict=True):
        distinct = plan.distinct(form)
        odd = round(plan.odd_share * distinct)
        batch = Batch(form, distinct, duplicates, odd, plan.salt, partial(locate, plan, form))
        pieces = max(1, round(files * len(batch.slots) / request.rows)) if files > 4 else 1
        parts.append(Part(batch, arranged(batch, batch.slots, request), pieces))
    write_case(folder, parts, Tally(plan.cards, plan.salt))


def small(folder: Path, request: Request) -> None:
    """The same rows in a thousand files, fewer if they would have under ten rows."""
    four(folder, request, min(SMALL_FILES, request.rows // 10))


def single(folder: Path, request: Request) -> None:
    """One huge file of pickups, of as many rows; every card has one."""
    plan = make_plan(request)
    distinct = request.rows - plan.duplicates
    odd = round(plan.odd_share * distinct)
    batch = Batch(PICKUP, distinct, plan.duplicates, odd, plan.salt, Place)
    part = Part(batch, arranged(batch, batch.slots, request))
    write_case(folder, [part], Tally(distinct, plan.salt))


def day(folder: Path, request: Request) -> None:
    """A later day's pickups on top of `four`: half of the cards are new, half sent out again."""
    plan = make_plan(request)
    duplicates = round(request.day_rows * DUPLICATE_SHARE)
    distinct = request.day_rows - duplicates
    spread = 2 * plan.cards // distinct  # known cards from all over the database

    def place(slot: int) -> Place:
        turn, is_new = divmod(slot, 2)
        return Place(plan.cards + turn if is_new else plan.card(turn * spread))

    odd = round(plan.odd_share * distinct)
    batch = Batch(PICKUP, distinct, duplicates, odd, plan.salt, place, DAYS_AFTER)
    part = Part(batch, arranged(batch, batch.slots, request))
    write_case(folder, [part], Tally(plan.cards + distinct, plan.salt))


def resent(folder: Path, request: Request) -> None:
    """A file of deliveries, half as many rows; and the next one, of which one row in 100 is new."""
    plan = make_plan(request)
    rows = request.rows // 2
    new = round(rows * NEW_SHARE)
    odd = round(request.odd * (rows + new))
    batch = Batch(DELIVERED, rows + new, 0, odd, plan.salt, Place)
    tally = Tally(rows + new, plan.salt)
    first, again = range(rows), range(new, rows + new)
    write_case(folder / "first", [Part(batch, arranged(batch, first, request))], tally)
    part = Part(batch, arranged(batch, again, request), already=first)
    write_case(folder / "again", [part], tally)


SHAPES = {"four": four, "small": small, "single": single, "day": day, "resent": resent}


def write_case(folder: Path, parts: Sequence[Part], tally: Tally) -> None:
    """Write the files of all parts, then what a right reader knows once it has them."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    files: dict[str, Counts] = {}
    for part in parts:
        files |= write_part(folder / "files", part, tally)
    with (folder / "expected.csv").open("w", encoding="ascii", newline="") as out:
        out.writelines(tally.lines())
    totals = Counts(*map(sum, zip(*map(astuple, files.values()), strict=True)))
    expected = {
        "files": {name: asdict(counts) for name, counts in files.items()},
        "totals": asdict(totals),
        # Which of several files brings a row first is the reader's business.
        "by_file": all(part.pieces == 1 for part in parts),
        "mobiles": tally.mobiles,
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="ascii")


def write_part(folder: Path, part: Part, tally: Tally) -> dict[str, Counts]:
    files = {}
    form, count = part.batch.form, len(part.slots)
    for piece in range(part.pieces):
        name = f"{form.name} 2024-{piece + 1:04d}.csv" if part.pieces > 1 else f"{form.name}.csv"
        slots = part.slots[count * piece // part.pieces : count * (piece + 1) // part.pieces]
        files[name] = Counts()
        lines = lines_of(part, slots, files[name], tally)
        # The real files end without a line end, so it is written before each row, not after.
        with (folder / name).open("w", encoding="ascii", newline="") as out:
            out.write(form.header)
            while chunk := "".join(islice(lines, CHUNK_ROWS)):
                out.write(chunk)
    return files


def lines_of(part: Part, slots: Sequence[int], counts: Counts, tally: Tally) -> Iterator[str]:
    """Each row with the line end that goes before it, counting as it goes."""
    batch, already = part.batch, part.already
    for slot in slots:
        row = row_at(batch, slot)
        counts.rows += 1
        if not row.stage:
            counts.rejected += 1
        else:
            if slot >= batch.distinct or slot in already:
                counts.duplicates += 1
            else:
                counts.new += 1
            counts.warnings += not row.has_mobile
            tally.add(row)
        yield "\n" + row.text


def fingerprint() -> str:
    """Of the generator: data of another one is not what it says."""
    sources = (Path(generate.__file__), Path(__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.shapes", description="Write courier files for the benchmark."
    )
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--rows", type=int, default=2_500_000, help="of `four`; others follow it")
    parser.add_argument("--order", choices=("random", "sorted"), default="random")
    parser.add_argument("--day-rows", type=int, default=10_000, help="of `day`")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--odd", type=float, default=0.01, help="share of rows that are problems")
    options = parser.parse_args(arguments)
    if not MIN_ROWS <= options.rows <= MAX_ROWS:
        parser.error(f"--rows must be {MIN_ROWS} to {MAX_ROWS}")
    if options.shape == "day" and not 100 <= options.day_rows <= options.rows // 2:
        parser.error("--day-rows must be 100 to half of --rows")
    if not 0 <= options.odd <= MAX_ODD:
        parser.error(f"--odd must be 0 to {MAX_ODD}")
    return options


def main(arguments: Sequence[str]) -> None:
    options = parse_arguments(arguments)
    request = Request(options.rows, options.seed, options.odd, options.order, options.day_rows)
    SHAPES[options.shape](options.folder, request)


if __name__ == "__main__":
    main(sys.argv[1:])
