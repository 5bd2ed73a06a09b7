"""A list of cards to look up, each line read as what it can be: a card id, a mobile, or both."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from cardstatus.database.reading.store import Store
from cardstatus.errors import UsageError

from .inputs import mobile_reader, read_card_id, read_mobile, without_card_number
from .words import may_be_mobile

if TYPE_CHECKING:
    from cardstatus.courier.cells.mobiles import MobileReader


class ListReader:
    """Reads the lines of one list as they come in, and counts what they were taken as."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read = 0
        """Lines so far that are not blank."""
        self.mobiles = 0
        """Those of them that are mobiles of known cards."""
        self.both = 0
        """Those of them that are card ids, too."""
        self.asked_as: dict[str, str] = {}
        """The cards of the last line, each with the line, if that was taken as a mobile."""

    def cards(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the card ids that each line means, those of a mobile by id.

        What can be neither is the id of no card, and does not end the list.
        """
        for line in lines:
            yield from self._cards(line)

    def said(self) -> Iterator[str]:
        """Yield a line on what was taken as mobiles."""
        if self.mobiles:
            also = f", {self.both:,} of them as card ids, too" if self.both else ""
            yield f"lines taken as mobiles: {self.mobiles:,}{also}"

    def _cards(self, line: str) -> Iterator[str]:
        self.asked_as.clear()
        mobile = read_mobile(self._reader, line) if may_be_mobile(line) else None
        owned = self._known(self._store.cards_of_mobile(mobile)) if mobile else []
        card_id: str | None
        try:
            # A mobile may be long enough, and by chance have the check digit of a payment card.
            card_id = read_card_id(line if mobile else without_card_number(line))
        except UsageError:
            card_id = mobile
        if owned:
            self.read += 1
            yield from self._cards_of_mobile(line.strip(), card_id, owned)
        elif card_id is not None:
            self.read += 1
            yield card_id

    def _cards_of_mobile(
        self, line: str, card_id: str | None, owned: Iterable[str]
    ) -> Iterator[str]:
        self.mobiles += 1
        if card_id is not None and self._store.card(card_id):
            self.both += 1
            yield card_id
        others = [one for one in owned if one != card_id]
        self.asked_as.update(dict.fromkeys(others, line))
        yield from others

    def _known(self, card_ids: Iterable[str]) -> list[str]:
        """Return those of the cards that were known by then, if the store looks back."""
        return [card_id for card_id in card_ids if self._store.card(card_id)]

    @cached_property
    def _reader(self) -> "MobileReader":
        return mobile_reader(self._store)
