"""Look-ups: which cards a question means, and what to say of those that are not there.

Owns the meaning of ``get``'s options; the answers themselves are the store's. What only some
questions need is imported by those.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .answers import CardStatus
from .errors import UsageError
from .store import Store

if TYPE_CHECKING:
    from .mobiles import MobileReader


def read_mobiles(store: Store, texts: Sequence[str]) -> list[str]:
    """Return mobiles as E.164, read as ingest reads them. Raises :class:`UsageError`."""
    if not texts:
        return []
    reader = _mobile_reader(store)
    mobiles = []
    for text in texts:
        mobile = reader.read(_tidy(text))
        if mobile is None:
            raise UsageError(
                f"--mobile: {_redact(text)!r} is not a number that can be read for sure; write it "
                "in full, with + and its country code"
            )
        mobiles.append(mobile)
    return mobiles


def read_card_ids(texts: Sequence[str]) -> list[str]:
    """Return card ids without blanks and quotes around them. Raises :class:`UsageError`."""
    card_ids = [_tidy(text) for text in texts]
    for card_id in card_ids:
        if not card_id:
            raise UsageError("--card-id: the card id is empty")
        if _undecoded(card_id):
            raise UsageError(f"--card-id: {card_id!r} is not text in UTF-8")
    return card_ids


def find(store: Store, card_ids: Sequence[str], mobiles: Sequence[str]) -> list[CardStatus]:
    """Return the known cards among ``card_ids`` that ever had one of ``mobiles``, by card id.

    An empty sequence asks nothing; mobiles are E.164.
    """
    wanted = set(card_ids)
    if mobiles:
        owned = _cards_of(store, mobiles)
        wanted = wanted & owned if card_ids else owned
    answers = (store.card(card_id) for card_id in sorted(wanted))
    return [answer for answer in answers if answer is not None]


def find_each(
    store: Store, card_ids: Sequence[str], mobiles: Sequence[str]
) -> Iterator[CardStatus]:
    """Yield one answer for each card id, in the order asked; unknown ones with status None."""
    owned = _cards_of(store, mobiles) if mobiles else None
    for card_id in card_ids:
        answer = store.card(card_id) if owned is None or card_id in owned else None
        yield answer or CardStatus(card_id, *[None] * 7)


def _cards_of(store: Store, mobiles: Sequence[str]) -> set[str]:
    return {card_id for mobile in mobiles for card_id in store.cards_of_mobile(mobile)}


def explain_missing(
    store: Store, card_ids: Sequence[str], mobiles: Sequence[str], answers: Sequence[CardStatus]
) -> Iterator[str]:
    """Yield a line for each thing asked for that is not among the known cards ``answers``."""
    known = {answer.card_id for answer in answers}
    if card_ids and mobiles and not known:
        yield "no card matches both the card id and the mobile"
        return
    for card_id in dict.fromkeys(card_ids):
        if card_id not in known:
            yield _explain_card(store, card_id, with_mobile=bool(mobiles))
    for mobile in dict.fromkeys(mobiles):
        if not store.cards_of_mobile(mobile):
            yield f"no card has the mobile {_redact(mobile)}"


def _explain_card(store: Store, card_id: str, *, with_mobile: bool) -> str:
    if with_mobile:
        return f"no card matches both {_redact(card_id)!r} and the mobile"
    if near := store.near(card_id):
        return f"no card matches {card_id!r}; did you mean {near!r}?"
    if _mobile_reader(store).read(card_id):
        return f"no card matches {_redact(card_id)!r}; a number is looked up with --mobile"
    return f"no card matches {card_id!r}"


def _tidy(text: str) -> str:
    """Return what ``normalise.tidy`` does. That takes 20 ms to import, and for nearly every
    question does no more than this.
    """
    if text.isascii() and '"' not in text:
        return text.strip()
    from .normalise import tidy

    return tidy(text)


def _undecoded(text: str) -> bool:
    if text.isascii():
        return False
    from .evidence import has_undecoded

    return has_undecoded(text)


def _redact(text: str) -> str:
    from .evidence import redact

    return redact(text)


def _mobile_reader(store: Store) -> "MobileReader":
    from .mobiles import MobileReader

    return MobileReader(store.settings().country_code)
