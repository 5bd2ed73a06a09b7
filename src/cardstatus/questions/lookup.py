"""Look-ups: the cards that a question means, and the lines about those that are not there.

The meaning of the options of ``get`` stands here. The answers themselves are the store's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cardstatus.database.reading.store import Store
from cardstatus.model.records import CardStatus, EventType

from .inputs import mobile_reader, read_mobile, read_time, redact

NAMED: Final = 10
"""Unknown cards of a long list that messages name; the answers have all."""


def look_back(store: Store, as_of: str | None, known_at: str | None) -> int | None:
    """Have the store see only what had happened, and was known, by the times given.

    Return the instant of ``as_of``, None if it is not given. Raises :class:`UsageError`.
    """
    if as_of is None and known_at is None:
        return None
    zone = store.settings().timezone
    happened, known = (
        text if text is None else read_time(text, zone, option)
        for text, option in ((as_of, "--as-of"), (known_at, "--known-at"))
    )
    store.look_back(as_of=happened, known_at=known)
    return happened


def find_cards(store: Store, card_ids: Sequence[str], mobiles: Sequence[str]) -> list[CardStatus]:
    """Return the known cards among ``card_ids`` that ever had one of ``mobiles``, by card id.

    Mobiles are E.164. An empty sequence of either sets no condition.
    """
    wanted = set(card_ids)
    if mobiles:
        owned = _cards_of(store, mobiles)
        wanted = wanted & owned if card_ids else owned
    answers = (store.card(card_id) for card_id in sorted(wanted))
    return [answer for answer in answers if answer is not None]


def find_each(
    store: Store, card_ids: Iterable[str], mobiles: Sequence[str]
) -> Iterator[CardStatus]:
    """Yield one answer for each card id in the order asked, for an unknown one with status None."""
    owned = _cards_of(store, mobiles) if mobiles else None
    for card_id in card_ids:
        answer = store.card(card_id) if owned is None or card_id in owned else None
        yield answer or CardStatus(card_id, *[None] * 7)


def _cards_of(store: Store, mobiles: Sequence[str]) -> set[str]:
    return {card_id for mobile in mobiles for card_id in store.cards_of_mobile(mobile)}


def take_near(store: Store, card_ids: Iterable[str]) -> dict[str, str]:
    """Return for each unknown card id the one known id that differs from it in spelling only."""
    taken = {}
    for card_id in dict.fromkeys(card_ids):
        if store.card(card_id) is None and len(near := store.near_ids(card_id)) == 1:
            taken[card_id] = near[0]
    return taken


def each_taken_near(
    store: Store, card_ids: Iterable[str], asked_as: dict[str, str]
) -> Iterator[str]:
    """Yield card ids as they come, an unknown one as the id that is taken for it.

    ``asked_as`` gets what is taken, each with the id asked for.
    """
    for asked in card_ids:
        taken = take_near(store, [asked])
        asked_as |= dict.fromkeys(taken.values(), asked)
        yield taken.get(asked, asked)


def say_taken_near(taken: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each id and the one that was taken for it."""
    for asked, card_id in taken:
        yield f"no card matches {asked!r}; taken as {card_id!r}, which differs in spelling only"


def not_found(card_ids: Iterable[str], answers: Iterable[CardStatus]) -> list[str]:
    """Return the card ids without an answer."""
    known = {answer.card_id for answer in answers}
    return [card_id for card_id in card_ids if card_id not in known]


class AnswerTally:
    """Counts of answers as they go by, so that a long list of them need not be held."""

    def __init__(self) -> None:
        self.known = 0
        self.unknown = 0
        self.first_unknown: list[str] = []
        """The ids of the first unknown cards, NAMED at most."""

    def counted(self, answers: Iterable[CardStatus]) -> Iterator[CardStatus]:
        """Yield the answers, counting them."""
        for answer in answers:
            if answer.status:
                self.known += 1
            else:
                self.unknown += 1
                if len(self.first_unknown) < NAMED:
                    self.first_unknown.append(answer.card_id)
            yield answer


def explain_missing(
    store: Store,
    card_ids: Sequence[str],
    mobiles: Sequence[str],
    *,
    any_known: bool,
    option: str | None = "--mobile",
) -> Iterator[str]:
    """Yield a line for each of the card ids, none of them found, and for each unknown mobile.

    ``any_known``: whether other cards were found. ``option``: the name of the mobile option, for
    messages; None where the card ids were looked up as mobiles, too.
    """
    if card_ids and mobiles and not any_known:
        yield "no card matches both the card id and the mobile"
        return
    for card_id in dict.fromkeys(card_ids):
        yield _explain_card(store, card_id, option, with_mobile=bool(mobiles))
    for mobile in dict.fromkeys(mobiles):
        if not store.cards_of_mobile(mobile):
            yield f"no card has the mobile {redact(mobile)}"


def _explain_card(store: Store, card_id: str, option: str | None, *, with_mobile: bool) -> str:
    if with_mobile:
        return f"no card matches both {redact(card_id)!r} and the mobile"
    if near := store.near_ids(card_id):
        return f"no card matches {card_id!r}; did you mean {' or '.join(map(repr, near))}?"
    if read_mobile(mobile_reader(store), card_id):
        if option is None:
            return f"no card matches {redact(card_id)!r}, neither as card id nor as mobile"
        return f"no card matches {redact(card_id)!r}; a number is looked up with {option}"
    # A number and something else, perhaps: no card id has blanks and signs in it.
    shown = card_id if re.fullmatch(r"[\w-]+", card_id) else redact(card_id)
    if store.looks_back:
        return f"no card matches {shown!r} at the time that you look back to"
    return f"no card matches {shown!r}"


def steps(store: Store, card_id: str) -> list[tuple[str, str]]:
    """Return status and instant (ISO 8601, UTC, ``Z``) of a card's events, in rule order."""
    from cardstatus.instants import iso  # for tables only

    events = store.history(card_id)
    times = iso(event.occurred_at for event in events)
    return [(EventType(e.type).status.value, time) for e, time in zip(events, times, strict=True)]
