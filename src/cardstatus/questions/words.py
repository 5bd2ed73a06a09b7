"""Bare words of a question, read as what they can be: a card id, a mobile, or both."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from cardstatus.database.reading.store import Store
from cardstatus.errors import UsageError
from cardstatus.model.records import CardStatus

from .inputs import mobile_reader, read_card_id, read_mobile, redact
from .lookup import explain_missing, find_cards, take_near

_FEWEST_DIGITS: Final = 7
"""Of a mobile: for a word with fewer the reader of mobiles need not be loaded, 10 ms."""
_PIECE: Final = re.compile(r"[\d+()./-]{1,6}")


class WordReading(NamedTuple):
    """What a word can be; at least one of the two."""

    text: str
    card_id: str | None
    mobile: str | None
    """E.164."""
    is_near: bool = False
    """Whether the card id is a known one that differs from the word in spelling only."""


def read_words(store: Store, words: Sequence[str]) -> list[WordReading]:
    """Return what each word can be. Raises :class:`UsageError` for one that can be neither.

    A mobile that was typed without quotes comes in pieces, and is one word.
    """
    return [_read(store, word) for word in put_together(store, words)]


def put_together(store: Store, words: Sequence[str]) -> list[str]:
    """Return the words, with the pieces of a mobile that follow each other made one.

    Raises :class:`UsageError` for the pieces of a payment card number.
    """
    whole = []
    for are_pieces, group in groupby(words, lambda word: _PIECE.fullmatch(word) is not None):
        pieces = list(group)
        if are_pieces and len(pieces) > 1:
            together = " ".join(pieces)
            if as_mobile(store, together):
                pieces = [together]
            else:
                read_card_id(together, "these words together")
        whole += pieces
    return whole


def _read(store: Store, word: str) -> WordReading:
    mobile = as_mobile(store, word)
    try:
        card_id = _as_card_id(store, word)
        near = None if mobile else take_near(store, [card_id]).get(card_id)
        return WordReading(word, near or card_id, mobile, is_near=near is not None)
    except UsageError:
        if mobile:
            return WordReading(word, None, mobile)
        raise


def as_mobile(store: Store, word: str) -> str | None:
    """Return a word as a mobile in E.164, None if it is none for sure."""
    return read_mobile(mobile_reader(store), word) if may_be_mobile(word) else None


def may_be_mobile(word: str) -> bool:
    """Tell whether a word has the digits of a mobile."""
    return sum(map(str.isdecimal, word)) >= _FEWEST_DIGITS


def _shown(word: str) -> str:
    """Return a word for a message; ``privacy`` is loaded for numbers only."""
    return redact(word) if may_be_mobile(word) else word


def _as_card_id(store: Store, word: str) -> str:
    """Return the card id that a word can be. Raises :class:`UsageError`."""
    card_id = read_card_id(word, "get")
    pattern = store.settings().card_id_pattern
    if pattern and not re.fullmatch(pattern, card_id):
        raise UsageError(
            f"{redact(word)!r} is neither a card id, by the form declared for this database, nor a "
            "mobile"
        )
    return card_id


def find_words(store: Store, readings: Iterable[WordReading]) -> list[CardStatus]:
    """Return the cards that any of the words means, by card id."""
    found = {}
    for reading in readings:
        for answers in (
            find_cards(store, [reading.card_id], []) if reading.card_id else [],
            find_cards(store, [], [reading.mobile]) if reading.mobile else [],
        ):
            found.update({answer.card_id: answer for answer in answers})
    return [found[card_id] for card_id in sorted(found)]


def say_taken(store: Store, readings: Iterable[WordReading]) -> Iterator[str]:
    """Yield a line for each word: what it was taken for, or that no card matches."""
    for reading in readings:
        as_id = bool(reading.card_id and store.card(reading.card_id))
        as_mobile = bool(reading.mobile and find_cards(store, [], [reading.mobile]))
        if as_id and as_mobile:
            yield f"{_shown(reading.text)!r} is a card id and a mobile: the cards of both"
        elif as_id or as_mobile:
            taken = "a card id" if as_id else "a mobile"
            if as_id and reading.is_near:
                taken = f"the card id {reading.card_id!r}, which differs in spelling only"
            yield f"{_shown(reading.text)!r} is taken as {taken}"
        elif reading.card_id and reading.mobile:
            yield f"no card matches {_shown(reading.text)!r}, neither as card id nor as mobile"
        else:
            card_ids = [reading.card_id] if reading.card_id else []
            mobiles = [reading.mobile] if reading.mobile else []
            yield from explain_missing(store, card_ids, mobiles, any_known=False)
