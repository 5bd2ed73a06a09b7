"""The columns of the fields, told by their headers, and by the first rows if those do not tell."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cardstatus.errors import SourceError

from .claims import WANTED, Claim, claims_of, level_header, one_line, some_of
from .formats import SourceFormat
from .sample import Sample


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the fields in one file."""

    index: Mapping[str, int]
    """Event field -> position in the row."""
    width: int
    """Cells of the header."""
    ignored: tuple[str, ...]
    """Headers of columns that are not read, as written."""
    named: int
    """Cells of the header but for empty ones at its end."""
    least: int
    """Cells that every row must have; those behind are of fields that may be left out."""
    clock: int | None = None
    """Position of the time of day, where that of the time has only the date."""
    more: tuple[int, ...] = ()
    """Positions of what is joined to a time behind that, as a partner declares it."""
    statuses: tuple[int, ...] = ()
    """Positions of what says how a row ended: each has its say."""
    zone: str = ""
    """The zone of times that name none, if the header declares it (see ``zones``)."""
    notes: tuple[str, ...] = ()
    """What a person should know of how the columns were told."""

    def time_of(self, cells: Sequence[str]) -> str:
        """Return the text of a row's time, which may stand in two cells."""
        date = cells[self.index["occurred_at"]]
        if self.clock is None:
            return date
        return joined(date, cells[self.clock], *(cells[at] for at in self.more))


def joined(date: str, clock: str, *more: str) -> str:
    """Return the text of a time whose date and time of day stand in two cells, or in more."""
    text = f"{date.strip()} {clock.strip()}"
    for cell in more:
        text += f" {cell.strip()}"
    return text.strip()


class NoColumnError(SourceError):
    """A line without a column that must be there: perhaps it is no header."""


NO_SAMPLE: Final = Sample()


def map_columns(fmt: SourceFormat, header: Sequence[str], sample: Sample = NO_SAMPLE) -> Columns:
    """Find the fields' columns in the header line, and in the rows below it what that leaves open.

    Raises :class:`NoColumnError` when a required column is missing, and :class:`SourceError` when
    two could be the same required field, or that of the card ids holds payment cards' numbers.
    """
    if any("\0" in cell for cell in header):
        raise SourceError(
            "there are bytes of value zero in its header, as no text has; is this a CSV file?"
        )
    _refuse_answers([level_header(cell) for cell in header])
    claims = claims_of(fmt, header)
    found: dict[str, list[int]] = {}
    for position, claim in enumerate(claims):
        if claim:
            found.setdefault(claim.field, []).append(position)
    if missing := [field for field in fmt.columns if field in fmt.required - found.keys()]:
        raise NoColumnError(_missing_columns(fmt, header, missing))
    choice = _Choice(header, claims, sample)
    times, clock, more = choice.time(found.pop("occurred_at"), fmt.declared)
    index = {"occurred_at": times}
    statuses = tuple(found.pop("status", ()))
    for field, positions in found.items():
        is_required = field in fmt.required
        index[field] = (choice.only_one if is_required else choice.fuller)(field, positions)
    choice.refuse_payment_cards(index["card_id"])
    return Columns(
        index,
        width=len(header),
        ignored=_unread(header, {*index.values(), *statuses, clock, *more}),
        named=max((at for at, cell in enumerate(header, 1) if cell.strip()), default=0),
        least=1 + _last(fmt, {**index, "status": max(statuses, default=0)}, [clock or 0, *more]),
        clock=clock,
        more=more,
        statuses=statuses,
        zone=choice.zone([times, clock, *more]),
        notes=tuple(choice.notes),
    )


def _last(fmt: SourceFormat, index: Mapping[str, int], others: Sequence[int]) -> int:
    """Return the position of the last cell that every row must have."""
    return max([*(index[field] for field in fmt.required), *others])


def _unread(header: Sequence[str], read: Container[int | None]) -> tuple[str, ...]:
    return tuple(
        one_line(cell) or f"(column {position + 1}, no name)"
        for position, cell in enumerate(header)
        if position not in read
    )


_EVIDENCE = frozenset({"cardid", "status", "occurredat", "source", "line"})
"""Columns of every answer of this program that is about cards, and of no courier's file."""


def _refuse_answers(levelled: Sequence[str]) -> None:
    # Taken in, an answer would be taken as word of the courier that all its cards had one status.
    if _EVIDENCE.issubset(levelled):
        raise SourceError(
            "this is an answer that cardstatus has written, not a courier's file; ingest the files "
            "that it was made from"
        )


def _missing_columns(fmt: SourceFormat, header: Sequence[str], missing: Sequence[str]) -> str:
    found = some_of(header, repr) or "nothing"
    wanted = ", ".join(
        f"{field} (declared as {some_of(fmt.declared[field], repr)})"
        if field in fmt.declared
        else WANTED[field]
        for field in missing
    )
    return f"the header has no column for {wanted}; found: {found}"


class _Choice:
    """The choice among several columns that could be one field."""

    def __init__(
        self, header: Sequence[str], claims: Sequence[Claim | None], sample: Sample
    ) -> None:
        self.notes: list[str] = []
        self._header = header
        self._claims = claims
        self._sample = sample

    def only_one(self, field: str, positions: Sequence[int]) -> int:
        """Return the one column that could be a required field; those with less usual names count
        if there is no other. Raises :class:`SourceError`.
        """
        likely = self._likely(positions)
        if len(likely) > 1:
            raise SourceError(
                f"{len(likely)} columns could be the {WANTED[field]}: {self._named(likely)}; "
                "rename or remove all but one"
            )
        return likely[0]

    def fuller(self, field: str, positions: Sequence[int]) -> int:
        """Return the column of an optional field that has most cells filled."""
        if len(positions) == 1:
            return positions[0]
        filled = {at: len(self._sample.cells(at)) for at in positions}
        likely = self._likely(positions)
        best = max(positions, key=lambda at: (filled[at], at in likely, -at))
        self.notes.append(
            f"{len(positions)} columns could be the {field}: {self._named(positions)}; the fuller "
            f"one is taken, {self._named([best])} in column {best + 1}"
        )
        return best

    def time(
        self, positions: Sequence[int], declared: Mapping[str, Sequence[str]]
    ) -> tuple[int, int | None, tuple[int, ...]]:
        """Return the column of the time, that of the time of day if it stands by itself, and those
        of what a partner has declared beside these, in that order.

        Raises :class:`SourceError`.
        """
        if len(positions) > 1 and "occurred_at" in declared:
            date, clock, *more = self._in_order(positions, declared["occurred_at"])
            return date, clock, tuple(more)
        likely = self._likely(positions)
        together = likely
        if len(likely) == 1:
            mates = [at for at in positions if at not in likely and self._pair(at, likely[0])]
            together = [*likely, *mates]
        if len(together) == 2 and (pair := self._pair(*together)):
            date, clock = pair
            if not self._sample.has_dates(clock):
                return date, clock, ()
        return self.only_one("occurred_at", positions), None, ()

    def _in_order(self, positions: Sequence[int], declared: Sequence[str]) -> Sequence[int]:
        named = {claim.name: at for at in positions if (claim := self._claims[at])}
        if len(named) < len(positions):
            raise SourceError(
                f"two columns have one name that is declared for the time, {self._named(positions)}"
            )
        names = map(level_header, declared)
        return [named[name] for name in dict.fromkeys(names) if name in named]

    def _pair(self, one: int, other: int) -> tuple[int, int] | None:
        """Return the columns of a date and of its time of day, None if they are no such pair."""
        parts = {}
        for at in (one, other):
            if part := _part(self._claims[at]):
                parts[part[0]] = at, part[1]
        if len(parts) < 2 or parts["date"][1] != parts["time"][1]:
            return None
        return parts["date"][0], parts["time"][0]

    def zone(self, columns: Sequence[int | None]) -> str:
        """Return the zone that the columns of the time declare. Raises :class:`SourceError`."""
        claims = [self._claims[at] for at in columns if at is not None]
        zones = {claim.zone for claim in claims if claim} - {""}
        if len(zones) > 1:
            raise SourceError(
                f"the header names two zones for one time, {' and '.join(sorted(zones))}; remove "
                "the one that is not meant"
            )
        return zones.pop() if zones else ""

    def refuse_payment_cards(self, position: int) -> None:
        """Raise :class:`SourceError` if what could be card ids are the numbers on the cards."""
        claim = self._claims[position]
        if claim and not claim.is_usual and self._sample.has_payment_card_numbers(position):
            raise SourceError(
                f"the column {self._named([position])} holds payment card numbers, whole or cut, "
                "and these are never kept here; ask for a column with the card's own id"
            )

    def _likely(self, positions: Sequence[int]) -> Sequence[int]:
        usual = [at for at in positions if (claim := self._claims[at]) and claim.is_usual]
        return usual or positions

    def _named(self, positions: Sequence[int]) -> str:
        return some_of([self._header[at] for at in positions])


def _part(claim: Claim | None) -> tuple[str, str] | None:
    """Return whether a header is of a date or of a time of day, and of what: ``Scan Date`` is of
    the date of the scan. None if it is of neither or both.
    """
    name = claim.name if claim else ""
    part = "date" if "date" in name else "time"
    rest = name.replace(part, "", 1).removeprefix("of")
    both = {"date", "time", "stamp"} - {part}
    return (part, rest) if part in name and not any(word in rest for word in both) else None
