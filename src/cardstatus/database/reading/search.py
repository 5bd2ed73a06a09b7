"""Cards by a part of what is known of them: searched is the text of ``search_text``, and comments
in the events themselves.

What is found may have gone, or lie beyond a horizon: whoever asks looks each card up.
"""

import heapq
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from .. import search_text
from .store import Store, fold

Given = TypeVar("Given")


class Hits(NamedTuple):
    """Where a word stands: about how often, and the cards in question, by id, each once."""

    number: int
    cards: Callable[[], Iterator[str]]


def _kept(method: Callable[..., Given]) -> Callable[..., Given]:
    """Have a method's answers kept as long as its object, where ``cache`` would keep that, too."""

    def kept(self: "Search", *given: Any) -> Given:
        place = (method.__name__, *given)
        if place not in self.kept:
            self.kept[place] = method(self, *given)
        answer: Given = self.kept[place]
        return answer

    return kept


class Search(Store):
    """A database opened for reading, to be searched."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection)
        self.kept: dict[tuple[Any, ...], Any] = {}
        """What methods have answered."""

    @_kept
    def _text(self, kind: str) -> list[search_text.Part]:
        """Return the text of a kind; made here if the database lacks it, 1 s a million cards."""
        connection = self._connection
        if search_text.is_made(connection):
            return search_text.stored(connection, kind)
        return [part for part in self._made() if part.kind == kind]

    @_kept
    def _made(self) -> list[search_text.Part]:
        return list(search_text.made(self._connection))

    def cards_like(self, word: str) -> Hits:
        """Return the cards whose id has a word in it, whatever its case."""
        folded = fold(word)
        texts = [(part, fold(part.text)) for part in self._text("card")]
        counts = [(part, text, text.count(folded)) for part, text in texts]
        parts = {part: text for part, text, count in counts if count}

        def found(part: search_text.Part) -> Iterator[str]:
            text, lines, number, before = parts[part], part.text.split("\n"), 0, 0
            for at in _places(text, folded):
                number, before = number + text.count("\n", before, at), at
                yield lines[number]

        return Hits(sum(count for *_, count in counts), lambda: _by_id(parts, found))

    def cards_of_reference(self, reference: str) -> Hits:
        """Return the cards of which an event has this reference, whatever its case."""
        line = f"\n{reference.upper()}\n"
        counts = [(part, part.text.count(line)) for part in self._text("reference")]
        parts = [part for part, count in counts if count]

        def found(part: search_text.Part) -> Iterator[str]:
            listed = self._cards_of_part(part.part)
            for at in _places(part.text, line):
                number = part.text.count("\n", 0, at) + 1
                while not listed[number]:
                    number -= 1
                yield listed[number]

        return Hits(sum(count for _, count in counts), lambda: _by_id(parts, found))

    @_kept
    def _cards_of_part(self, number: int) -> list[str]:
        """Return the lines of cards of a part; one is empty where the card is that above."""
        return next(part.text for part in self._text("card") if part.part == number).split("\n")

    def cards_of_mobile_ending(self, digits: str) -> Hits:
        """Return the cards that were given for a mobile with these digits at its end."""
        mobiles = {
            mobile for part in self._text("mobile") for mobile in _lines_with(part, f"{digits}\n")
        }
        return Hits(len(mobiles), lambda: self._cards_of(mobiles))

    def _cards_of(self, mobiles: Iterable[str]) -> Iterator[str]:
        yield from sorted({card for mobile in mobiles for card in self.cards_of_mobile(mobile)})

    def cards_commented(self, word: str, matches: Callable[[str], bool]) -> Iterator[str]:
        """Yield the cards with a comment that matches, by id; ``word``: what such a comment has.

        Goes through all events, 0.3 s a million.
        """
        # LIKE knows the case of ASCII letters only: other comments are left to ``matches``.
        escaped = re.sub("[%_!]", r"!\g<0>", word)
        pattern = f"%{escaped}%" if word.isascii() else "%"
        told = cache(matches)
        rows = self._connection.execute(
            """
            SELECT card_id, comment FROM event
            WHERE comment LIKE :pattern ESCAPE '!' OR comment GLOB '*[^ -~]*'
            ORDER BY card_id
            """,
            {"pattern": pattern},
        )
        last = None
        for card_id, comment in rows:
            if card_id != last and told(comment):
                last = card_id
                yield card_id


def _by_id(
    parts: Iterable[search_text.Part],
    found: Callable[[search_text.Part], Iterator[str]],
) -> Iterator[str]:
    """Yield the cards found in the parts, by id, each once.

    Parts in order are looked into as they are needed.
    """
    added = {card for part in parts if not part.in_order for card in found(part)}
    in_order = (card for part in parts if part.in_order for card in found(part))
    last = None
    for card in heapq.merge(in_order, sorted(added)):
        if card != last:
            last = card
            yield card


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _lines_with(part: search_text.Part, word: str) -> Iterator[str]:
    """Yield the lines that have a word in them, in order."""
    end = 0
    for at in _places(part.text, word):
        if at >= end:
            end = part.text.index("\n", at)
            yield part.text[part.text.rindex("\n", 0, at) + 1 : end]
