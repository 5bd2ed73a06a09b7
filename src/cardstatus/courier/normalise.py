"""Rows to events: what the cells of one courier row mean, or why they cannot be taken as written.

Pure: no files, no SQL, no clock. The time and the mobile have modules of their own.
"""

import re
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final, NamedTuple

from cardstatus import privacy
from cardstatus.model.reports import (
    Event,
    EventFields,
    EventType,
    Problem,
    RawRow,
    Reason,
    Severity,
)

from .clock import BadTimeError
from .faults import raw_text
from .mobiles import MobileReader
from .rows import Batch, Header
from .times import Instant, TimeReader

CARD_ID_LIMIT = 100

# What programs write where they have nothing.
_PLACEHOLDERS = frozenset(
    {"", "-", "null", "none", "nil", "nan", "n/a", "na", "#n/a", "#ref!", "#value!", "#name?"}
)
_WORD_LENGTH = max(len(text) for text in _PLACEHOLDERS if text.isalnum())
"""A longer card id of letters and digits is no placeholder."""
_WRAPPED = re.compile(r'=?"([^"]*)"')
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d+)?E[+]?\d+", re.ASCII | re.IGNORECASE)
_NARROW = re.compile(r"#{2,}")


class _Fault(NamedTuple):
    """What is wrong with a cell, and what to do about it."""

    reason: Reason
    detail: str


_EXCEL_DAMAGE = (
    (
        _ROUNDED,
        _Fault(
            Reason.EXCEL_ROUNDED_NUMBER,
            "a spreadsheet has rounded this number; format the column as text, or send the "
            "original file",
        ),
    ),
    (
        _NARROW,
        _Fault(
            Reason.EXCEL_NARROW_COLUMN,
            "a spreadsheet column was too narrow and the value is lost; send the original file",
        ),
    ),
)
_NO_CARD_ID: Final = _Fault(Reason.MISSING_CARD_ID, "there is no card id; ask which card is meant")
_LONG_CARD_ID: Final = _Fault(
    Reason.BAD_CARD_ID, f"longer than {CARD_ID_LIMIT} characters, which no card id is"
)
_INVISIBLE: Final = _Fault(Reason.BAD_CARD_ID, "line breaks or invisible characters in the card id")
_BAD_MOBILE: Final = _Fault(
    Reason.BAD_MOBILE,
    "not one number that can be read for sure; write it in full, with + and its country code",
)
_PAN: Final = _Fault(
    Reason.PAYMENT_CARD_NUMBER,
    "a payment card number, which is never kept here; ask for the card's own id",
)
_PAN_MASKED: Final = _Fault(
    Reason.PAYMENT_CARD_NUMBER,
    "a payment card number was masked; ask the partner to leave such numbers out",
)

Examine = Callable[[int, Sequence[str], str], RawRow | Problem | None]
Normalised = tuple[Event | None, Sequence[Problem]]
"""The event if one could be kept, and what was wrong with the row."""


class _BadCellError(Exception):
    def __init__(self, fault: _Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def tidy(cell: str) -> str:
    """Return a cell without what surrounds its value: blanks, a byte-order mark (from files that
    were joined), and one pair of quotes inside the cell, as ``"0585550123"`` or ``="0585550123"``.
    """
    text = cell.strip()
    if text.isalnum():
        return text
    text = text.strip("\ufeff\u200b").strip()
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1].strip() if wrapped else text


def _excel_damage(text: str) -> _Fault | None:
    return next((fault for form, fault in _EXCEL_DAMAGE if form.fullmatch(text)), None)


def read_card_id(cell: str) -> str:
    """Return the card id of a cell, as written but for what :func:`tidy` takes off."""
    text = tidy(cell)
    if text.casefold() in _PLACEHOLDERS:
        raise _BadCellError(_NO_CARD_ID)
    if text.isalnum() and len(text) <= CARD_ID_LIMIT and not privacy.is_card_number(text):
        return text
    if damage := _excel_damage(text):
        raise _BadCellError(damage)
    if len(text) > CARD_ID_LIMIT:
        raise _BadCellError(_LONG_CARD_ID)
    if privacy.is_card_number(text):
        raise _BadCellError(_PAN)
    if not text.isprintable():
        raise _BadCellError(_INVISIBLE)
    return text


class Normaliser:
    """Turns the rows of one file into events."""

    def __init__(
        self, event_type: EventType, header: Header, times: TimeReader, mobiles: MobileReader
    ) -> None:
        index = header.columns.index
        self._type = int(event_type)
        self._width = header.columns.width
        self._header = header.card_id
        self._card_id, self._occurred_at = index["card_id"], index["occurred_at"]
        self._mobile = index["mobile"]
        self._reference, self._comment = index.get("reference"), index.get("comment")
        self._times = times
        self._mobiles = mobiles

    def batch(self, batch: Batch, examine: Examine) -> tuple[list[EventFields], list[Problem]]:
        """Return the events of many rows, and the problems of the rows and those among them.

        ``examine`` says whether a row that does not look as usual is one at all.
        """
        events, odd = self._usual_events(batch)
        problems = list(batch.problems)
        for position in odd:
            row = batch.numbers[position], batch.cells[position], batch.texts[position]
            examined = examine(*row)
            if isinstance(examined, Problem):
                problems.append(examined)
            elif examined:
                event, found = self(examined)
                problems += found
                if event:
                    events.append(event)
        return events, problems

    def _usual_events(self, batch: Batch) -> tuple[list[EventFields], list[int]]:
        """Return the events of the rows every cell of which has the form it nearly always has,
        and the positions of the other rows, of which that says nothing.

        Goes by columns: what runs over a column inside the interpreter takes 2 µs a row, where the
        closer look takes 9. A test holds the two together.
        """
        rows, lines = batch.cells, batch.numbers
        lengths = list(map(len, rows))
        odd: list[int] = []
        even: Sequence[int] = range(len(rows))
        if lengths.count(self._width) < len(rows):
            odd = [at for at, length in enumerate(lengths) if length != self._width]
            even = [at for at, length in enumerate(lengths) if length == self._width]
            rows, lines = [rows[at] for at in even], [lines[at] for at in even]
        if not rows:
            return [], odd
        events, strange = self._read_columns(rows, lines)
        if strange:
            odd += (even[at] for at in strange)
            events = [event for at, event in enumerate(events) if at not in strange]
        return events, odd

    def _read_columns(
        self, rows: Sequence[Sequence[str]], lines: Sequence[int]
    ) -> tuple[list[EventFields], set[int]]:
        """Return an event for each row, and the positions of those that mean nothing."""
        columns = list(zip(*rows, strict=True))
        nothing = ("",) * len(rows)
        card_ids = columns[self._card_id]
        references = nothing if self._reference is None else columns[self._reference]
        comments = nothing if self._comment is None else columns[self._comment]
        instants, zoned, strange_times = self._times.read_column(columns[self._occurred_at])
        mobiles, strange_mobiles = self._mobiles.read_column(columns[self._mobile])
        events = list(
            zip(
                card_ids,
                instants,
                repeat(self._type),
                references,
                mobiles,
                map(str.strip, comments),
                repeat(int(zoned)),
                lines,
            )
        )
        return events, {
            *strange_times,
            *strange_mobiles,
            *self._strange_card_ids(card_ids),
            *_strange_references(references),
            *_strange_comments(comments),
        }

    def _strange_card_ids(self, cells: Sequence[str]) -> list[int]:
        lengths = set(map(len, cells))
        usual_lengths = min(lengths) > _WORD_LENGTH and max(lengths) < privacy.SHORTEST
        if usual_lengths and "".join(cells).isalnum() and self._header not in cells:
            return []
        return [
            at
            for at, cell in enumerate(cells)
            if not (cell.isalnum() and _WORD_LENGTH < len(cell) <= CARD_ID_LIMIT)
            or privacy.is_card_number(cell)
            or cell == self._header
        ]

    def __call__(self, row: RawRow) -> Normalised:
        """Return the row's event, with a warning for each cell that it had to do without; or no
        event and the one reason why the row is rejected.
        """
        cells = row.cells
        try:
            card_id = read_card_id(cells[self._card_id])
        except _BadCellError as bad:
            return None, [_rejected(row, "card_id", bad.fault)]
        try:
            instant, zoned = self._read_time(cells[self._occurred_at])
        except BadTimeError as bad:
            return None, [_rejected(row, "occurred_at", _Fault(bad.reason, bad.detail))]
        warnings: list[Problem] = []
        reference = "" if self._reference is None else cells[self._reference]
        reference = _read_reference(row, reference, warnings)
        mobile = self._read_mobile(row, cells[self._mobile], warnings)
        comment = "" if self._comment is None else cells[self._comment]
        comment = _read_comment(row, comment, warnings)
        event = Event(
            card_id, instant, self._type, reference, mobile, comment, int(zoned), row.line
        )
        return event, warnings

    def _read_time(self, cell: str) -> Instant:
        try:
            return self._times.read(cell)
        except BadTimeError:
            text = tidy(cell)
            if text.casefold() in _PLACEHOLDERS:
                raise BadTimeError(
                    Reason.MISSING_TIME, "there is no time; ask when this happened"
                ) from None
            return self._times.read(text)

    def _read_mobile(self, row: RawRow, cell: str, warnings: list[Problem]) -> str:
        text = tidy(cell)
        if not text:
            return ""
        mobile = self._mobiles.read(text)
        if mobile is not None:
            return mobile
        fault = _PAN_MASKED if privacy.is_card_number(text) else _excel_damage(text) or _BAD_MOBILE
        warnings.append(_warning(row, "mobile", fault))
        return ""


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
    # Line ends are what makes of one comment two.
    together = "".join(cells)
    if "\r" not in together and not privacy.may_hold_likely(together):
        return []
    return [at for at, cell in enumerate(cells) if "\r" in cell or privacy.may_hold_likely(cell)]


def _read_comment(row: RawRow, cell: str, warnings: list[Problem]) -> str:
    # The same text from a file that was saved on another system is the same comment.
    text = cell.strip().replace("\r\n", "\n").replace("\r", "\n")
    masked = privacy.mask_likely(text)
    if masked != text:
        warnings.append(_warning(row, "comment", _PAN_MASKED))
    return masked


def _read_reference(row: RawRow, cell: str, warnings: list[Problem]) -> str:
    text = tidy(cell)
    damage = _excel_damage(text)
    masked = "" if damage else privacy.mask_likely(text, alone=True)
    if masked != text:
        warnings.append(_warning(row, "reference", damage or _PAN_MASKED))
    return masked


def _rejected(row: RawRow, field: str, fault: _Fault) -> Problem:
    return Problem(Severity.REJECTED, row.line, field, *fault, raw_text(row.text))


def _warning(row: RawRow, field: str, fault: _Fault) -> Problem:
    return Problem(Severity.WARNING, row.line, field, *fault, raw_text(row.text))
