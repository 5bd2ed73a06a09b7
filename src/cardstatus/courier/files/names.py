"""The type that a file's name tells, by the words that it consists of. Reads no file.

Lists of words that deny never end. So a word that only names a type (``delivery``) tells it if all
other words are known to say nothing. A word that says what happened (``delivered``) tells it if no
other is known to turn it round; the words of which nothing is known are told to the user.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

from ..header.formats import formats_of
from ..words import DENIALS, NEGATIONS, levelled, split_joined, words_of

# Words. One that is missing costs a refusal or a note, never a wrong answer in silence.


_SILENT: Final = words_of(
    """
    account accounts again all and ansi arabic archive ascii backup bank batch bulk card cards case
    clean copy courier couriers credit csv customer customers dashboard data database dataset db
    debit detail details doc document download drop drops english event events example
    examples excel export exported extract feed file files final first format from full gz id ids in
    info information input iso last latest latin list lists log logs main master mobile new nr
    num number numbers of on original output page part parts partner partners prod production raw
    rd record records report reports resaved result results row rows sample samples scan scans
    second set sftp sheet snapshot source st nd stage staging status statuses summary table tables
    test tests th the time times timestamp txt unicode up update updated updates upload uploaded
    user users utf version via windows with xls xlsx
    """
)
"""Say what is in a file, or of which making it is."""

_WHEN_AND_WHO: Final = words_of(
    """
    jan january feb february mar march apr april may jun june jul july aug august sep sept september
    oct october nov november dec december
    mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun
    sunday
    afternoon am annual daily date dated dates day days evening excel gmt gst monthly month months
    morning night noon pm quarter quarterly today utc week weekly weeks year yearly years yesterday
    aramex aymakan bluedart careem courier couriers delhivery dhl dpd empost emirates fedex fetchr
    gls imile jeebly naqel postaplus quiqup smsa saee shipa tnt ups usps zajel
    abu ain ajman bahrain cairo dhabi doha dubai egypt fujairah india jeddah jordan khaimah ksa
    kuwait oman pakistan qatar ras riyadh saudi sharjah uae
    """
)
"""Times, couriers and where they are: "delivered by Aramex in November"."""

_DIRECTIONS: Final = frozenset({"back", "by", "for", "to"})
"""Words whose meaning is that of the next: "picked up by customer", "delivered to sender"."""

_PERSONS: Final = words_of(
    "cardholder cardholders client clients consignee consignees customer customers recipient "
    "recipients user users"
)
_TO_WHOM: Final = {
    EventType.DELIVERED: _PERSONS,
    EventType.RETURNED: words_of("bank issuer office origin sender"),
}
"""To whom a card of a type goes: "returned to sender"."""
_RELATED: Final = re.compile("deliver|return|pick|collect")
"""What is in words of a type's family that are not the type's own: "undeliverable"."""
_FORECASTS: Final = re.compile(
    "(anticipat|estimat|expect|fake|fals|forecast|future|plan|potential|predict|propos|revers|revert"
    "|rollback|tentativ|todo|tomorrow|undo|upcoming|void)[a-z]*"
)
"""Say of exceptions that they are none, or none yet: failing, refusing and waiting are."""
_NUMBER: Final = "0"


class NameReading(NamedTuple):
    """What a file's name tells."""

    types: tuple[EventType, ...]
    """Those that claim it, in the order of the life cycle."""
    doubts: tuple[str, ...] = ()
    """The words because of which none does, though one is named."""
    unknown: tuple[str, ...] = ()
    """Words beside one that says what happened, of which nothing is known."""
    is_declared: bool = False
    """Whether a partner has declared what such a name tells."""

    @property
    def note(self) -> str | None:
        """What a person should know of how the name was understood; None for nothing."""
        if not self.unknown:
            return None
        words = _quoted(self.unknown)
        return f"taken as {self.types[0].word} by its name, of which {words} is not understood"


def read_name(name: str) -> NameReading:
    """Tell the types that claim a file's name, and the words that are in doubt.

    Case, punctuation, joined words, numbers and the suffix do not count: ``DeliveryExceptions``,
    ``Sample_Card_Status_Info_-_Delivery exceptions.csv`` and ``exceptions.CSV`` are one name.
    """
    words = _with_marks(_levelled(name))
    said = {kind for kind in EventType if _says(kind) in words}
    named = tuple(kind for kind in EventType if kind in said or _names(kind) in words)
    if not named:
        return NameReading(())
    doubts = _doubts(words, named[0], said)
    if EventType.DELIVERY_EXCEPTIONS in named:
        # An exception is about what did not happen: "exceptions - failed deliveries".
        if doubts and {*named} <= {EventType.DELIVERY_EXCEPTIONS, EventType.DELIVERED}:
            named = (EventType.DELIVERY_EXCEPTIONS,)
        doubts = _doubts_of_exceptions(words)
    if doubts:
        return NameReading((), doubts=tuple(dict.fromkeys(doubts)))
    if len(named) > 1:
        return NameReading(named)
    unknown = _unknown(words)
    if unknown and not said:
        return NameReading((), doubts=unknown)
    return NameReading(named, unknown=unknown)


def identify(reading: NameReading, fallback: EventType | None) -> EventType:
    """Return the one type that claims a file's name, else ``fallback`` (``--type``).

    Raises :class:`SourceError` when the name is claimed by none or by several types and there is
    no fallback: a pickup taken in as a return would be a confident wrong answer.
    """
    claims = reading.types
    if len(claims) == 1:
        return claims[0]
    if fallback is not None:
        return fallback
    if claims:
        names = " and ".join(kind.word for kind in claims)
        raise SourceError(
            f"the name is claimed by {len(claims)} types, {names}; say which with --type"
        )
    types = ", ".join(kind.word for kind in EventType)
    doubts = f" for sure, because of {_quoted(reading.doubts)}" if reading.doubts else ""
    raise SourceError(f"the name tells no type{doubts}; rename the file or give --type ({types})")


def _quoted(words: Sequence[str]) -> str:
    shown = ", ".join(repr(word[:40]) for word in words[:5])
    return f"{shown} and {len(words) - 5:,} more" if len(words) > 5 else shown


def _doubts_of_exceptions(words: Sequence[str]) -> list[str]:
    """Return the words by which there are no exceptions, or none yet."""
    mark = _says(EventType.DELIVERY_EXCEPTIONS)
    pairs = list(pairwise([*words, ""]))
    no = [word for word, following in pairs if word in NEGATIONS and following in {mark, ""}]
    return no + [word for word in words if _FORECASTS.fullmatch(word)]


def _doubts(words: Sequence[str], kind: EventType, said: set[EventType]) -> list[str]:
    """Return the words that may turn round what the others say of a type."""
    doubts = []
    is_behind = False
    before = ""
    for word, following in pairwise([*words, ""]):
        if word in _PERSONS and before not in _DIRECTIONS and _is_of_persons(kind, said):
            doubts.append(word)
        before = before if word == "the" else word
        if word == "no" and following == _NUMBER:
            continue
        if word in _DIRECTIONS:
            whither = (
                _WHEN_AND_WHO | _TO_WHOM.get(kind, frozenset()) if word == "to" else _WHEN_AND_WHO
            )
            if said and is_behind and following in {*whither, _NUMBER}:
                continue
            if word == "back" and kind is EventType.RETURNED and said:
                continue
            doubts.append(word)
        elif not word.startswith("@") and _is_doubtful(word):
            doubts.append(word)
        is_behind = is_behind or word.startswith("@")
    return doubts


def _is_of_persons(kind: EventType, said: set[EventType]) -> bool:
    """Tell whether a type's word may be the deed of whom a person's names: who collects a card has
    it, and what customers return has been delivered.
    """
    return kind is EventType.PICKUP or (kind is EventType.RETURNED and kind not in said)


def _is_doubtful(word: str) -> bool:
    if word in NEGATIONS or DENIALS.fullmatch(word):
        return True
    return _RELATED.search(word) is not None


def _unknown(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of which nothing is known."""
    partners = {word for kind in EventType for fmt in formats_of(kind) for word in fmt.name.split()}
    # Of these it is known what they do.
    silent = _SILENT | _WHEN_AND_WHO | NEGATIONS | _DIRECTIONS | partners
    unknown = [
        word
        for before, word in pairwise(["", *words])
        if len(word) > 1 and not word.startswith("@") and word not in silent
        if before != "to" and not DENIALS.fullmatch(word)
    ]
    return tuple(dict.fromkeys(unknown))


def _levelled(name: str) -> str:
    """Return the words of a name in lower case, a blank between them, and 0 for each number."""
    stem = re.sub(r"(\.csv)?(\.gz)?$", "", name, flags=re.IGNORECASE)
    stem = _without_token(unicodedata.normalize("NFKC", stem))
    words = levelled(stem)
    # The numbers of programs: "3f9a1c07".
    words = re.sub(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b", _NUMBER, words)
    words = re.sub(r"\d+", f" {_NUMBER} ", words)
    words = re.sub(r"\blate (?=scans?\b)", "", words)  # a late delivery may be none yet
    return " ".join(part for word in words.split() for part in split_joined(word, _known_words()))


def _without_token(stem: str) -> str:
    """Return a name without what Django adds to one that is there already: ``Pickup_rEnBRfM``."""
    added = re.search(r"_([A-Za-z0-9]{7})$", stem)
    if not added or added[1].isdigit() or added[1] in (
        added[1].lower(), added[1].upper(), added[1].capitalize()
    ):  # fmt: skip
        return stem
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|\d+", " ", added[1]).casefold().split()
    if all(part in _known_words() for part in parts):
        return stem  # "_PickUps"
    return stem[: added.start()]


@cache
def _known_words() -> frozenset[str]:
    phrases = [phrase for kind in EventType for phrase in f"{kind.names}|{kind.nouns}".split("|")]
    own = {word for phrase in phrases for word in phrase.split()}
    silent = {word for word in _SILENT | _WHEN_AND_WHO if len(word) > 2}
    return frozenset(own | silent | {"no", "not", "non", "un"})


def _with_marks(text: str) -> list[str]:
    """Return the words, with a mark in place of those that say or name a type."""
    marks: dict[str, str] = {}
    for kind in EventType:
        for fmt in formats_of(kind):
            if fmt.name_pattern:
                text = re.sub(fmt.name_pattern, f" {_says(kind)} ", text)
        marks |= dict.fromkeys(kind.names.split("|"), _says(kind))
        marks |= dict.fromkeys(filter(None, kind.nouns.split("|")), _names(kind))
    phrases = "|".join(sorted(marks, key=len, reverse=True))
    text = re.sub(rf"(?<!@)\b({phrases})\b", lambda found: f" {marks[found[1]]} ", text)
    return text.split()


def _says(kind: EventType) -> str:
    return f"@{kind.word}!"


def _names(kind: EventType) -> str:
    return f"@{kind.word}?"
