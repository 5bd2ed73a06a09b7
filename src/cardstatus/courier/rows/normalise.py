"""Rows to events: reads the cells of each row, or tells why one cannot be taken as written.

Pure: no files, no SQL, no clock. Card ids, times and mobiles have modules of their own.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

from cardstatus import privacy
from cardstatus.model.events import Event, EventFields, RawRow
from cardstatus.model.problems import Problem, Reason, UnknownWords
from cardstatus.model.records import EventType

from ..cells.card_ids import CardIdReader
from ..cells.clock import BadTimeError
from ..cells.mobiles import BadMobileError, MobileReader
from ..cells.statuses import StatusReader
from ..cells.times import Instant, TimeReader
from ..cells.values import PLACEHOLDERS, BadCellError, excel_damage, unwrap
from ..faults import Fault, rejected, warning
from ..header.columns import Columns, joined
from ..partners.row_types import RowTypes
from .table import Batch

_PAN_MASKED: Final = Fault(
    Reason.PAYMENT_CARD_NUMBER,
    "a payment card number was masked; ask the partner to leave such numbers out",
)

Normalised = tuple[Event | None, Sequence[Problem]]
"""The event, None if the row is rejected; and what was wrong with the row."""


class Normaliser:
    """Turns the rows of one file into events."""

    def __init__(
        self,
        event_type: EventType | None,
        columns: Columns,
        times: TimeReader,
        mobiles: MobileReader,
        card_ids: CardIdReader,
        row_types: RowTypes | None = None,
    ) -> None:
        """``row_types``: tells the type of each row, instead of ``event_type``."""
        self.doubts = 0
        """Rows whose date shows another order of day and month than the usual."""
        index = columns.index
        self._type = 0 if event_type is None else int(event_type)
        self._row_types = row_types
        self._card_id, self._occurred_at = index["card_id"], index["occurred_at"]
        self._mobile, self._reference = index.get("mobile"), index.get("reference")
        self._comment = index.get("comment")
        self._time_of, self._clock, self._more = columns.time_of, columns.clock, columns.more
        self._zone_is_declared = bool(columns.zone)
        self._times = times
        self._mobiles = mobiles
        self._card_ids = card_ids
        # The word that tells a row's type cannot contradict it.
        judged = () if event_type is None else columns.statuses
        self._statuses = StatusReader(event_type or EventType.PICKUP, judged)

    def usual(self, batch: Batch) -> tuple[list[EventFields], list[int]]:
        """Return the events of the usual rows, and the positions of the others.

        A row is usual if every cell has the form that such cells nearly always have. The others
        want a closer look: the table examines their shape, calling this object reads their cells.
        Going by columns takes 2 µs a row, since loops over a column run inside the interpreter;
        the closer look takes 9. A test holds the two together.
        """
        rows, lines = batch.cells, batch.numbers
        odd = list(batch.odd)
        even: Sequence[int] = range(len(rows))
        if odd:
            even = sorted({*even} - {*odd})
            rows, lines = [rows[at] for at in even], [lines[at] for at in even]
        if not rows:
            return [], odd
        events, strange = self._read_columns(rows, lines)
        strange |= {*self._statuses.read_columns(rows, lines, strange)}
        if strange:
            odd += (even[at] for at in strange)
            events = [event for at, event in enumerate(events) if at not in strange]
        return events, odd

    def _read_columns(
        self, rows: Sequence[Sequence[str]], lines: Sequence[int]
    ) -> tuple[list[EventFields], set[int]]:
        """Return one event a row, and the positions of those that must be discarded."""
        columns = list(zip(*rows, strict=True))
        nothing = ("",) * len(rows)
        card_ids = columns[self._card_id]
        references = nothing if self._reference is None else columns[self._reference]
        comments = nothing if self._comment is None else columns[self._comment]
        instants, zoned, strange_times = self._times.read_column(self._times_of(columns))
        mobiles, strange_mobiles = self._mobiles.read_column(
            nothing if self._mobile is None else columns[self._mobile]
        )
        types, strange_types = self._types_of(rows)
        events = list(
            zip(
                card_ids,
                instants,
                types,
                references,
                mobiles,
                map(str.strip, comments),
                repeat(int(zoned or self._zone_is_declared)),
                lines,
            )
        )
        return events, {
            *strange_times,
            *strange_mobiles,
            *self._card_ids.strange(card_ids),
            *_strange_references(references),
            *_strange_comments(comments),
            *strange_types,
        }

    def _times_of(self, columns: Sequence[Sequence[str]]) -> Sequence[str]:
        times = columns[self._occurred_at]
        if self._clock is None:
            return times
        return tuple(map(joined, times, columns[self._clock], *(columns[at] for at in self._more)))

    def _types_of(self, rows: Sequence[Sequence[str]]) -> tuple[Iterable[int], Sequence[int]]:
        if self._row_types:
            return self._row_types.read_column(rows)
        return repeat(self._type), ()

    def take_unknown(self) -> UnknownWords:
        """Return the rows with unknown statuses of which events were made since the last call."""
        return self._statuses.take_unknown()

    def __call__(self, row: RawRow) -> Normalised:
        """Return the event of a row with a warning for each cell that was dropped or masked; or no
        event, and the one reason why the row is rejected.
        """
        event, problems = self._read(row)
        if event is None:
            from ..cells.orders import casts_doubt  # most files have no bad row

            self.doubts += casts_doubt(row.cells[self._occurred_at])
        return event, problems

    def _read(self, row: RawRow) -> Normalised:
        cells = row.cells
        try:
            card_id = self._card_ids.read(cells[self._card_id])
        except BadCellError as bad:
            return None, [rejected(row, "card_id", bad.fault)]
        if fault := self._statuses.fault(cells):
            return None, [rejected(row, "status", fault)]
        kind = self._row_types.read(cells) if self._row_types else self._type
        if isinstance(kind, Fault):
            return None, [rejected(row, "status", kind)]
        try:
            instant, zoned = self._read_time(self._time_of(cells))
        except BadTimeError as bad:
            return None, [rejected(row, "occurred_at", Fault(bad.reason, bad.detail))]
        warnings: list[Problem] = []
        reference = "" if self._reference is None else cells[self._reference]
        reference = _read_reference(row, reference, warnings)
        mobile = "" if self._mobile is None else cells[self._mobile]
        mobile = self._read_mobile(row, mobile, warnings)
        comment = "" if self._comment is None else cells[self._comment]
        comment = _read_comment(row, comment, warnings)
        self._statuses.note(cells, row.line)
        event = Event(
            card_id,
            instant,
            kind,
            reference,
            mobile,
            comment,
            int(zoned or self._zone_is_declared),
            row.line,
        )
        return event, warnings

    def _read_time(self, cell: str) -> Instant:
        try:
            return self._times.read(cell)
        except BadTimeError:
            from ..cells.refusals import means_nothing  # loaded with the error

            text = unwrap(cell)
            if means_nothing(text):
                raise BadTimeError(
                    Reason.MISSING_TIME, "there is no time; ask when this happened"
                ) from None
            return self._times.read(text)

    def _read_mobile(self, row: RawRow, cell: str, warnings: list[Problem]) -> str:
        text = unwrap(cell)
        if text.casefold() in PLACEHOLDERS:
            return ""
        try:
            return self._mobiles.read(text)
        except BadMobileError as bad:
            fault = Fault(bad.reason, bad.detail)
            if bad.reason is Reason.BAD_MOBILE and privacy.is_card_number(text):
                fault = _PAN_MASKED
            elif bad.reason is Reason.BAD_MOBILE:
                fault = excel_damage(text) or fault
            warnings.append(warning(row, "mobile", fault))
            return bad.kept


def _strange_references(cells: Sequence[str]) -> list[int]:
    together = "".join(cells)
    usual = not together or together.isalnum()
    if usual and max(map(len, cells)) < privacy.SHORTEST:
        return []
    return [
        at
        for at, cell in enumerate(cells)
        if cell and not (cell.isalnum() and not privacy.may_hold_likely(cell))
    ]


def _strange_comments(cells: Sequence[str]) -> list[int]:
    # A CR is part of a line end that must be levelled.
    together = "".join(cells)
    if "\r" not in together and not privacy.may_hold_likely(together):
        return []
    return [at for at, cell in enumerate(cells) if "\r" in cell or privacy.may_hold_likely(cell)]


def _read_comment(row: RawRow, cell: str, warnings: list[Problem]) -> str:
    # A file that was saved on another system has other line ends, and the same comments.
    text = cell.strip().replace("\r\n", "\n").replace("\r", "\n")
    masked = privacy.mask_likely(text)
    if masked != text:
        warnings.append(warning(row, "comment", _PAN_MASKED))
    return masked


def _read_reference(row: RawRow, cell: str, warnings: list[Problem]) -> str:
    text = unwrap(cell)
    damage = excel_damage(text)
    masked = "" if damage else privacy.mask_likely(text, alone=True)
    if masked != text:
        warnings.append(warning(row, "reference", damage or _PAN_MASKED))
    return masked
