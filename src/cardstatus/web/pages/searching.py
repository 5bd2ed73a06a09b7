"""The answer to the one box: a card, the cards of a mobile, or a list of what may be meant."""

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.search import Search
from cardstatus.display.wording import local_time, matched, zone_of
from cardstatus.errors import UsageError
from cardstatus.privacy import redact
from cardstatus.questions.find import FoundCard, find, read_query
from cardstatus.questions.inputs import read_card_id
from cardstatus.questions.words import as_mobile
from cardstatus.web.parameters import SearchPageParameters

from .views import Contents, cards_in_full

LISTED: Final = 50
"""Cards that are listed where a text may mean several."""
_ALIKE: Final = 5
"""Cards that are offered where none is found."""
_LEAST: Final = 3
"""Signs that they have in common with what was asked for."""


class FoundRow(NamedTuple):
    """A card that may be meant."""

    record: FoundCard
    time: str
    why: str
    """The fields in which the words stand."""


def known(parameters: SearchPageParameters, overview: Overview) -> Contents | None:
    """Return the cards of which the text is the whole id or a mobile, in full; None if it is none.

    Raises :class:`UsageError` for a text that must not be looked for.
    """
    text = parameters.q
    mobile = as_mobile(overview, text)
    card_ids = _by_id(text, overview, or_refuse=mobile is None)
    if mobile:
        card_ids += overview.cards_of_mobile(mobile)
    found = [card for card_id in dict.fromkeys(card_ids) if (card := overview.card(card_id))]
    if not found:
        return None
    taken = found[0].card_id if len(found) == 1 and not mobile else None
    return {**cards_in_full(found, overview), "taken": taken if taken != text.strip() else None}


def _by_id(text: str, overview: Overview, *, or_refuse: bool) -> list[str]:
    """Return the card with this id, else the one whose id differs in spelling only."""
    try:
        card_id = read_card_id(text, "find")
    except UsageError:
        if or_refuse:
            raise
        return []
    if overview.card(card_id):
        return [card_id]
    near = overview.near_ids(card_id)
    return near if len(near) == 1 else []


def anywhere(parameters: SearchPageParameters, overview: Overview) -> Contents:
    """Return the cards in which the words of the text stand; if one alone, in full.

    Raises :class:`UsageError`.
    """
    search = overview.search()
    found = find(search, read_query(search, [parameters.q]), limit=LISTED)
    if len(found.cards) == 1:
        card = overview.card(found.cards[0].card_id)
        return {**cards_in_full([card] if card else [], overview), "taken": None}
    timezone = overview.settings().timezone
    zone = zone_of(timezone)
    rows = [
        FoundRow(card, local_time(card.occurred_at, zone) if card.occurred_at else "", why)
        for card in found.cards
        for why in [matched(card)]
    ]
    return {
        "rows": rows,
        "total": found.total - found.is_cut,
        "is_cut": found.is_cut,
        "timezone": timezone,
        "alike": [] if rows else _alike(search, parameters.q),
        "sentence": "" if rows else _nothing(parameters.q),
    }


def _nothing(text: str) -> str:
    return f"No card has {redact(text)!r} in its id, its mobiles, references or comments."


def _alike(search: Search, text: str) -> Sequence[str]:
    """Return ids that have most of a text: all but its end, or but its beginning."""
    text = text.strip()
    found: dict[str, None] = {}
    for off in (1, 2):
        for part in (text[:-off], text[off:]):
            if len(part) >= _LEAST:
                found |= dict.fromkeys(islice(search.cards_like(part).cards(), _ALIKE))
        if found:
            break
    return list(found)[:_ALIKE]
