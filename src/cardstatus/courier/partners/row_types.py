"""The types of single rows, by the words that a partner declares for its statuses."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardstatus.model.problems import Reason
from cardstatus.model.records import EventType
from cardstatus.privacy import redact

from ..cells.values import unwrap
from ..faults import Fault

_MOST: Final = 10_000
"""Cells that are remembered of one file. Most files have some ten."""


def level_word(text: str) -> str:
    """Return a status in the form in which it is looked up: case and blanks do not count."""
    return " ".join(text.split()).casefold()


class RowTypes:
    """Tells the type of each row of one file by the cell of its status."""

    def __init__(self, partner: str, words: Mapping[str, EventType], position: int) -> None:
        """``words``: levelled word -> type. ``position``: that of the cell in a row."""
        self._partner = partner
        self._words = words
        self._position = position
        self._known: dict[str, int | None] = {}

    def read_column(self, rows: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
        """Return the type of each row, 0 for none, and the positions of the rows without one."""
        cells = [row[self._position] for row in rows]
        of = {cell: self._type(cell) or 0 for cell in set(cells)}
        types = [of[cell] for cell in cells]
        return types, [] if all(of.values()) else [at for at, kind in enumerate(types) if not kind]

    def read(self, cells: Sequence[str]) -> int | Fault:
        """Return the type of a row, or what is wrong with its status."""
        cell = cells[self._position]
        kind = self._type(cell)
        if kind is not None:
            return kind
        word = redact(unwrap(cell))
        what = f"no type is declared for the status {word!r}" if word else "there is no status"
        return Fault(
            Reason.UNMAPPED_STATUS,
            f"{what}, by which partner {self._partner} tells the type of a row; ask what it means, "
            f"and declare it in the partners' file, below [{self._partner}.status]",
        )

    def _type(self, cell: str) -> int | None:
        if cell not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            kind = self._words.get(level_word(unwrap(cell)))
            self._known[cell] = None if kind is None else int(kind)
        return self._known[cell]
