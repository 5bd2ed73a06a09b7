"""Cards by what a caller knows: part of an id, end of a mobile, a reference, a word of a comment.

Several words narrow: a card must match each. What is found comes the most likely first, each card
with the reason why it matched.
"""

import heapq
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Final, NamedTuple, TypedDict

from cardstatus.database.reading.search import Hits, Search
from cardstatus.database.reading.store import fold
from cardstatus.errors import UsageError
from cardstatus.model.events import CardEvent

from .inputs import read_card_id, redact
from .words import as_mobile, put_together

SHOWN: Final = 20
"""Cards that are listed unless more are asked for."""
CLOSELY: Final = 2_000
"""Cards that are put in order by how likely they are; of more the first by id, 0.1 s."""
_MANY: Final = 20_000
"""Cards that are not looked up one by one for a word of their comments: all comments are read."""
_LEAST_DIGITS: Final = 4
_LEAST_PART: Final = 2
"""Characters of a part of a card id."""
_NUMBER: Final = re.compile(r"[\d\s+()./-]*\d[\d\s()./-]*")

_ID, _MOBILE, _REFERENCE, _ID_END, _MOBILE_END, _ID_BEGINNING, _ID_PART, _COMMENT = range(8)
"""Ways to match, the most likely first."""


class Match(TypedDict):
    """A word, and what of a card it was found in."""

    text: str
    field: str
    """``card_id``, ``mobile``, ``reference`` or ``comment``."""
    value: str
    """Of any event of the card, not only of the one that decides."""


class FoundCard(NamedTuple):
    """The record of ``find``: that of ``get``, and why the card matched."""

    card_id: str
    status: str | None
    occurred_at: str | None
    mobile: str | None
    comment: str | None
    reference: str | None
    source: str | None
    line: int | None
    matched: Sequence[Match]
    """A match for each word, in their order."""


class FoundCards(NamedTuple):
    """What was found, and how much there is."""

    cards: list[FoundCard]
    total: int
    """Cards that match; more, if ``is_cut``."""
    is_cut: bool


_AllHits = Mapping[str, Hits]
"""The hits of each word."""
_Kept = tuple[list[int], int, str, list[Match]]
"""The ways in which a card matches, its latest instant (negative), its id, and the matches."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look for, in the forms in which fields have it."""

    text: str
    folded: str
    """As a card id, in upper case without blanks."""
    digits: str
    """As the end of a mobile, empty if it can be none."""
    mobile: str | None
    """As a whole mobile, in E.164."""
    comment: re.Pattern[str]

    def in_comment(self, comment: str) -> bool:
        """Tell whether a word of a comment begins so, whatever the case."""
        return self.comment.search(comment.casefold()) is not None


def read_query(store: Search, texts: Iterable[str]) -> list[Word]:
    """Return the words to look for. Raises :class:`UsageError`.

    Blanks part them, but for those inside of a number or of a card id that is known.
    """
    words = list(chain.from_iterable(_split(store, text) for text in texts))
    if not words:
        raise UsageError("say what to look for: part of a card id, the end of a mobile, a word")
    return [_read(store, word) for word in dict.fromkeys(put_together(store, words))]


def _split(store: Search, text: str) -> Iterable[str]:
    text = text.strip()
    if not text or _NUMBER.fullmatch(text):
        return filter(None, (text,))
    known = read_card_id(text, "find")  # a payment card number, however parted, is refused here
    return (text,) if store.card(known) or store.near_ids(known) else text.split()


def _read(store: Search, text: str) -> Word:
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    if not _NUMBER.fullmatch(text) or len(digits) < _LEAST_DIGITS:
        digits = ""
    mobile = as_mobile(store, text) if digits else None
    # A mobile may be long enough, and by chance have the check digit of a payment card.
    card_id = text if mobile else read_card_id(text, "find")
    pattern = re.compile(rf"(?<!\w){re.escape(text.casefold())}")
    return Word(text, fold(card_id), digits, mobile, pattern)


def find(
    store: Search, words: Sequence[Word], *, limit: int = SHOWN, comments: bool = False
) -> FoundCards:
    """Return the cards that match each word, ``limit`` at most, the most likely first.

    A word that is found in an id, a mobile or a reference is not looked for in comments, unless
    ``comments`` is set. Of cards as likely, the one with the latest news comes first.
    """
    most = max(limit, CLOSELY)
    kept: list[_Kept] = []
    hits = {word.text: _hits(store, word) for word in words}
    quick = {word.text for word in words if not comments and _is_quick(store, word, hits)}
    for card_id in _candidates(store, words, hits, quick):
        events = store.history(card_id)
        matches = [_match(word, card_id, events, word.text not in quick) for word in words]
        told = [match for match in matches if match]
        if len(told) == len(words):
            ranks = sorted(rank for rank, _ in told)
            kept.append((ranks, -events[-1].occurred_at, card_id, [match for _, match in told]))
        if len(kept) > most:
            break
    kept.sort(key=itemgetter(0, 1, 2))
    return FoundCards(list(_records(store, kept[:limit])), len(kept), len(kept) > most)


def _records(store: Search, kept: Iterable[_Kept]) -> Iterator[FoundCard]:
    for *_, card_id, matches in kept:
        if answer := store.card(card_id):
            yield FoundCard(*answer, matched=matches)


def _is_quick(store: Search, word: Word, hits: _AllHits) -> bool:
    """Tell whether a word is found in an id, a mobile or a reference."""
    cards = hits[word.text].cards()
    return any(_match(word, card_id, store.history(card_id), False) for card_id in cards)


def _hits(store: Search, word: Word) -> Hits:
    """Return the cards that may match a word by id, mobile or reference."""
    found = [store.cards_of_reference(word.text)]
    if len(word.folded) >= _LEAST_PART:
        found.append(store.cards_like(word.folded))
    if word.digits:
        found.append(store.cards_of_mobile_ending(word.digits))
    if word.mobile:
        of_mobile = store.cards_of_mobile(word.mobile)
        found.append(Hits(len(of_mobile), lambda: iter(of_mobile)))
    whole = _whole(store, word)
    return Hits(
        len(whole) + sum(hits.number for hits in found),
        lambda: _merged(iter(whole), *(hits.cards() for hits in found)),
    )


def _whole(store: Search, word: Word) -> list[str]:
    """Return the cards of which a word is the whole id."""
    known = [word.text] if store.card(word.text) else []
    return sorted({*known, *store.near_ids(word.text)})


def _merged(*cards: Iterator[str]) -> Iterator[str]:
    last = None
    for card in heapq.merge(*cards):
        if card != last:
            last = card
            yield card


def _candidates(
    store: Search, words: Sequence[Word], hits: _AllHits, quick: Collection[str]
) -> Iterator[str]:
    """Yield the cards that may match all words, each once, those whose id is a word first."""
    whole = list(dict.fromkeys(card for word in words for card in _whole(store, word)))
    yield from whole
    found = sorted((hits[text] for text in quick), key=lambda one: one.number)
    slow = [word for word in words if word.text not in quick]
    cards: Iterable[str]
    if not found:
        cards = _anywhere(store, slow[0], hits)
    elif len(found) == 1 or found[0].number <= CLOSELY:
        cards = found[0].cards()
    else:
        cards = sorted(set.intersection(*(set(one.cards()) for one in found)))
    if slow and found and found[0].number > _MANY:
        cards = sorted(set(cards).intersection(_anywhere(store, slow[0], hits)))
    yield from (card for card in cards if card not in whole)


def _anywhere(store: Search, word: Word, hits: _AllHits) -> Iterator[str]:
    """Yield the cards that may match a word by any field, by id; goes through all comments."""
    return _merged(hits[word.text].cards(), store.cards_commented(word.text, word.in_comment))


def _match(
    word: Word, card_id: str, events: Sequence[CardEvent], in_comments: bool
) -> tuple[int, Match] | None:
    """Return the likeliest way in which a card matches a word, None if it does not."""
    ways = _ways(word, card_id, events, in_comments)
    best = min(ways, key=lambda way: way[0], default=None)
    if best is None:
        return None
    rank, field, value = best
    return rank, Match(text=word.text, field=field, value=value)


def _ways(
    word: Word, card_id: str, events: Sequence[CardEvent], in_comments: bool
) -> Iterator[tuple[int, str, str]]:
    """Yield the ways in which a card matches a word, the latest events first."""
    if not events:
        return
    folded = fold(card_id)
    if folded == word.folded:
        yield _ID, "card_id", card_id
    elif len(word.folded) >= _LEAST_PART and word.folded in folded:
        end, beginning = folded.endswith(word.folded), folded.startswith(word.folded)
        yield _ID_END if end else _ID_BEGINNING if beginning else _ID_PART, "card_id", card_id
    reference = word.text.upper()
    for event in reversed(events):
        for mobile in event.mobile.split(" "):
            if mobile == word.mobile:
                yield _MOBILE, "mobile", mobile
            elif word.digits and mobile.endswith(word.digits):
                yield _MOBILE_END, "mobile", mobile
        if event.reference.replace("\n", " ").upper() == reference:
            yield _REFERENCE, "reference", event.reference
        if in_comments and word.in_comment(event.comment):
            yield _COMMENT, "comment", event.comment


def said(words: Sequence[Word], found: FoundCards) -> Iterator[str]:
    """Yield a line on what is not shown, or that nothing was found."""
    if not found.cards:
        asked = ", ".join(repr(redact(word.text)) for word in words)
        yield f"no card has {asked} in its id, its mobiles, references or comments"
    elif found.total > len(found.cards):
        what = f"{found.total:,} cards match; shown are the {len(found.cards):,} most likely"
        if found.is_cut:
            what = f"{found.total - 1:,} cards and more match, shown are {len(found.cards):,}"
        yield f"{what}; add a word, or see more with --limit"
