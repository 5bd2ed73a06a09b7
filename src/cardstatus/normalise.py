"""Rows to events: what the cells of one courier row mean, or why they cannot be taken as written.

Pure: no files, no SQL, no clock. The time and the mobile have modules of their own.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial

from .evidence import raw_text
from .formats import Columns
from .mobiles import MobileReader
from .model import Event, EventType, Problem, RawRow, Reason, Severity
from .rows import Batch
from .times import BadTimeError, Instant, TimeReader

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

_EXCEL_DAMAGE = (
    (
        _ROUNDED,
        Reason.EXCEL_ROUNDED_NUMBER,
        "a spreadsheet has rounded this number; format the column as text, or send the original "
        "file",
    ),
    (
        _NARROW,
        Reason.EXCEL_NARROW_COLUMN,
        "a spreadsheet column was too narrow and the value is lost; send the original file",
    ),
)

_new_event = partial(tuple.__new__, Event)  # 0.2 µs less than Event(...)

Examine = Callable[[int, Sequence[str], str], RawRow | Problem | None]
Normalised = tuple[Event | None, Sequence[Problem]]
"""The event if one could be kept, and what was wrong with the row."""


class _BadCellError(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


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


def _excel_damage(text: str) -> _BadCellError | None:
    return next(
        (
            _BadCellError(reason, detail)
            for form, reason, detail in _EXCEL_DAMAGE
            if form.fullmatch(text)
        ),
        None,
    )


def read_card_id(cell: str) -> str:
    """Return the card id of a cell, as written but for what :func:`tidy` takes off."""
    text = tidy(cell)
    if text.casefold() in _PLACEHOLDERS:
        raise _BadCellError(Reason.MISSING_CARD_ID, "there is no card id; ask which card is meant")
    if text.isalnum() and len(text) <= CARD_ID_LIMIT:
        return text
    if damage := _excel_damage(text):
        raise damage
    if len(text) > CARD_ID_LIMIT:
        raise _BadCellError(
            Reason.BAD_CARD_ID, f"longer than {CARD_ID_LIMIT} characters, which no card id is"
        )
    if not text.isprintable():
        raise _BadCellError(
            Reason.BAD_CARD_ID, "line breaks or invisible characters in the card id"
        )
    return text


class Normaliser:
    """Turns the rows of one file into events."""

    def __init__(
        self, event_type: EventType, columns: Columns, times: TimeReader, mobiles: MobileReader
    ) -> None:
        index = columns.index
        self._type = int(event_type)
        self._width = columns.width
        self._card_id, self._occurred_at = index["card_id"], index["occurred_at"]
        self._mobile = index["mobile"]
        self._reference, self._comment = index.get("reference"), index.get("comment")
        self._times = times
        self._mobiles = mobiles

    def batch(self, rows: Batch, examine: Examine) -> tuple[list[Event], list[Problem]]:
        """Return the events of many rows, and the problems of the rows and those among them.

        ``examine`` says whether a row that does not look as usual is one at all.
        """
        events: list[Event] = []
        problems: list[Problem] = []
        for row in rows:
            if isinstance(row, Problem):
                problems.append(row)
            elif event := self._usual_event(row):
                events.append(event)
            elif isinstance(examined := examine(*row), RawRow):
                careful, found = self(examined)
                problems += found
                if careful:
                    events.append(careful)
            elif examined:
                problems.append(examined)
        return events, problems

    def _usual_event(self, row: tuple[int, Sequence[str], str]) -> Event | None:
        """Return the event of a row every cell of which has the form it nearly always has.

        None says nothing of the row, only that it wants a closer look. Nine rows in ten are done
        here, in 3 µs, where the closer look takes 9; a test holds the two together.
        """
        line, cells, _ = row
        if len(cells) != self._width:
            return None
        card_id = cells[self._card_id]
        reference = "" if self._reference is None else cells[self._reference]
        if (
            not card_id.isalnum()
            or not _WORD_LENGTH < len(card_id) <= CARD_ID_LIMIT
            or (reference and not reference.isalnum())
        ):
            return None
        mobile = self._mobiles.read_usual(cells[self._mobile])
        comment = "" if self._comment is None else cells[self._comment].strip()
        if mobile is None or "\r" in comment:
            return None
        try:
            instant, zoned = self._times.read(cells[self._occurred_at])
        except BadTimeError:
            return None
        return _new_event(
            (card_id, instant, self._type, reference, mobile, comment, int(zoned), line)
        )

    def __call__(self, row: RawRow) -> Normalised:
        """Return the row's event, with a warning for each cell that it had to do without; or no
        event and the one reason why the row is rejected.
        """
        cells = row.cells
        try:
            card_id = read_card_id(cells[self._card_id])
        except _BadCellError as bad:
            return None, [_rejected(row, "card_id", bad.reason, bad.detail)]
        try:
            instant, zoned = self._read_time(cells[self._occurred_at])
        except BadTimeError as bad:
            return None, [_rejected(row, "occurred_at", bad.reason, bad.detail)]
        warnings: list[Problem] = []
        reference = "" if self._reference is None else cells[self._reference]
        reference = _read_reference(row, reference, warnings)
        mobile = self._read_mobile(row, cells[self._mobile], warnings)
        comment = "" if self._comment is None else _read_comment(cells[self._comment])
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
        bad = _excel_damage(text) or _BadCellError(
            Reason.BAD_MOBILE,
            "not one number that can be read for sure; write it in full, with + and its country "
            "code",
        )
        warnings.append(_warning(row, "mobile", bad.reason, bad.detail))
        return ""


def _read_comment(cell: str) -> str:
    # The same text from a file that was saved on another system is the same comment.
    return cell.strip().replace("\r\n", "\n").replace("\r", "\n")


def _read_reference(row: RawRow, cell: str, warnings: list[Problem]) -> str:
    text = tidy(cell)
    damage = _excel_damage(text)
    if damage is None:
        return text
    warnings.append(_warning(row, "reference", damage.reason, damage.detail))
    return ""


def _rejected(row: RawRow, field: str, reason: Reason, detail: str) -> Problem:
    return Problem(Severity.REJECTED, row.line, field, reason, detail, raw_text(row.text))


def _warning(row: RawRow, field: str, reason: Reason, detail: str) -> Problem:
    return Problem(Severity.WARNING, row.line, field, reason, detail, raw_text(row.text))
