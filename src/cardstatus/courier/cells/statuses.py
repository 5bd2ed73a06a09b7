"""Status cells: whether the courier's own word for a row contradicts the type of its file.

Only what is certain contradicts. Each word becomes one of a few, and what these say together stands
against some types; what may be meant otherwise stands against fewer. A word of which nothing is
known is no reason to refuse a row: it is counted.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Final

from cardstatus.model.problems import Reason, UnknownWords
from cardstatus.model.records import EventType
from cardstatus.privacy import redact

from ..faults import Fault
from ..words import DENIALS, NEGATIONS, levelled, split_joined, words_of
from .values import PLACEHOLDERS, unwrap

_REMEMBERED: Final = 10_000
"""Statuses that are remembered of one file, 1 MB. Most files have some ten."""
_LONGEST: Final = 200
"""Characters of a cell beyond which nobody looks for a status in it."""

_SILENT: Final = words_of(
    "0 active closed code complete completed confirmed done final finished normal ok okay "
    "processed status success successful successfully true valid y yes"
)
"""Words that say yes, or nothing, to whatever the file says; 0 is any number."""

_SAID: Final[Mapping[EventType, str]] = {
    EventType.PICKUP: "picked",
    EventType.DELIVERY_EXCEPTIONS: "failed",
    EventType.DELIVERED: "delivered",
    EventType.RETURNED: "returned",
}
"""What the words by which a file's name says its type become here."""

_SYNONYMS: Final[Mapping[str, str]] = {
    "picked": "shipment picked|parcel picked|package picked",
    "pickup": "pickup|pickups|pick up|pick|picked|collect|collection",
    "collected": "collected",
    "delivered": "pod|proof of delivery",
    "delivery": "delivery|deliveries|deliver",
    "given": "handed over|hand over|handover|handed|given|issued|released",
    "got": "received|accepted|signed for|signed",
    "returned": "brought back|handed back|sent back|given back",
    "return": "return|returns|reverse",
    "return to sender": "rto|rtos|rts",
    "later return": "returning",
    "back": "back",
    "moving": "in transit|transit|en route|on the way|on its way|out for delivery|ofd|dispatched|"
    "despatched|shipped|departed|forwarded|outscan|out scan|linehaul|line haul",
    "later": "pending|awaiting|awaited|waiting|scheduled|rescheduled|re scheduled|planned|expected|"
    "in process|in progress|processing|will|shall|should|must|to be|out for|being|postponed|"
    "deferred|upcoming|estimated",
    "begun": "requested|request|assigned|initiated|started|created|generated|raised|approved|ready|"
    "ready for|ready to|marked|marked for|due|due for|manifested|booked",
    "attempt": "attempt|attempts",
    "not": "not|un|non|never|no|nobody|cannot|can t|couldn t|didn t|wasn t|hasn t|isn t|aren t|"
    "weren t|unable|without|neither|nor|missed|missing",
    "failed": "failed|failure|fail|failing|failures|unsuccessful|unsuccessfully|refused|refusal|"
    "rejected|rejection|declined|denied|cancelled|canceled|cancellation|attempted|delivery attempt|"
    "delivery attempts|undelivered|undeliverable|nondelivery|ndr|unclaimed|uncollected|unavailable|"
    "unreachable|uncontactable|unreachable|absent|locked|relocated",
    "done": "complete|completed|done|successful|success|successfully|confirmed|made|possible|ok",
    "lost": "lost|stolen",
    "held": "on hold|held|hold|delayed|damaged|destroyed",
    "there": "available|reachable|home|present|found|answering|responding|response|answer|reply|"
    "contactable|traceable|located",
    "wrong": "wrong|incorrect|bad|incomplete|insufficient|invalid",
    "address": "address|number|phone|mobile|contact",
    "user": "user|users|customer|customers|consignee|consignees|recipient|recipients|receiver|"
    "receivers|client|clients|addressee|cardholder|card holder|member|owner|self|neighbour|"
    "neighbor|reception|receptionist|security|guard|family|relative|colleague|wife|husband|mother|"
    "father|brother|sister|son|daughter",
    "sender": "sender|origin|shipper|consignor|merchant|seller|vendor|issuer",
    "depot": "hub|depot|station|warehouse|facility|branch|office|centre|center|terminal|bank|shop|"
    "store|locker|collection point|pickup point|service point",
    "driver": "courier|driver|rider|agent|partner|carrier|fleet",
    "to": "to|into",
    "by": "by",
    "at": "at|in|with",
    "from": "from",
    "": "a|able|an|and|are|be|been|body|card|could|did|get|has|have|her|his|is|it|item|its|one|"
    "order|our|package|parcel|shipment|successfully|the|their|was|were|yet",
}
"""Each word, and what couriers write in its place, parted by ``|``."""

_P, _E = EventType.PICKUP, EventType.DELIVERY_EXCEPTIONS
_D, _R = EventType.DELIVERED, EventType.RETURNED


def _others(kind: EventType) -> frozenset[EventType]:
    return frozenset(EventType) - {kind}


_SAYINGS: Final[Sequence[tuple[str, frozenset[EventType]]]] = (
    # A return that is not done, that did not happen, and one that did.
    (r"(later|begun|moving)( to)? (return|returned)( to sender)?", frozenset({_P, _D, _R})),
    (r"return( to sender)? (later|begun|moving)( to sender)?", frozenset({_P, _D, _R})),
    (r"not (return|returned)( to sender)?|return( to sender)? (failed|not done)", frozenset({_R})),
    (r"return( to sender)? (delivered|got|done)( (to|by|at) sender)?", _others(_R)),
    (r"(delivered|given|returned)( back)? to sender|got( back)? (by|at) sender", _others(_R)),
    (r"back (at|by) sender", _others(_R)),
    # The courier's own house may be the end of a return, or of a day.
    (r"(return|returned)( back)? (to|at) (depot|driver)", frozenset({_D})),
    (r"return pickup|return picked|return collected|picked from user", frozenset({_E})),
    (r"return (to|back to) sender|back to sender", frozenset({_P, _D})),
    (r"(not|later|begun)( to)? (pickup|picked|collected)", frozenset({_P, _D})),
    (r"pickup (later|begun|failed|not done|not)", frozenset({_P, _D})),
    (r"not( to)? (delivered|delivery|given)|delivery (failed|not done|not)", frozenset({_P, _D})),
    (
        r"(user )?not( at)? there|(wrong|not) address|address (wrong|not there|not)",
        frozenset({_P, _D}),
    ),
    (r"not done|user not", frozenset({_P, _D})),
    (r"(later|begun)( to| by)? (delivered|delivery)|delivery (later|begun)", frozenset({_D, _R})),
    (r"(delivered|given|collected) (to|by|at|from) depot", frozenset()),
    (r"(delivered|given) (to|at) driver|(got|moving) (by|at) (driver|depot)", frozenset({_D, _R})),
    (r"at (driver|depot)", frozenset({_D, _R})),
    (r"(delivered|given) (to|at) user|got by user", _others(_D)),
    (r"(collected|picked) by user", frozenset({_P, _E})),
    (r"(collected|picked) (by|from|at) (user|depot)", frozenset({_E})),
    (r"delivery done|done delivery", _others(_D)),
    (r"pickup done|done pickup", _others(_P)),
    (r"not (failed|later|moving|held|lost|got)", frozenset()),
    (r"delivered", _others(_D)),
    (r"returned", _others(_R)),
    (r"picked", _others(_P)),
    (r"collected|given", frozenset({_E})),
    (r"failed", frozenset({_P, _D})),
    (r"moving|later|lost", frozenset({_D, _R})),
    (r"held|return", frozenset({_D})),
    # A further type is told by its own words alone.
    *((re.escape(kind.word), _others(kind)) for kind in EventType if kind not in _SAID),
)
"""What the words say together, and the types that it stands against. Of those that match at one
place the first counts: "RTO delivered" is not "delivered"."""
_SAYING: Final = "|".join(
    rf"(?P<s{number}>\b(?:{said})\b)" for number, (said, _) in enumerate(_SAYINGS)
)
"""A pattern, left to :mod:`re` to compile and remember: 3 ms, and most files have no status."""
_AGAINST: Final = {f"s{number}": types for number, (_, types) in enumerate(_SAYINGS)}
_PHRASE: Final = max(len(phrase.split()) for row in _SYNONYMS.values() for phrase in row.split("|"))
"""Words of the longest phrase."""
_DOUBT: Final = "~"
_UNKNOWN: Final = "?"
"""In place of words that may turn what others say, and of those of which nothing is known."""
_TURNS: Final = frozenset({"not", "wrong", _DOUBT})


class Verdict(Enum):
    """What a status says to the type of its file."""

    FITS = "fits"
    """It agrees, or says nothing."""
    CONTRADICTS = "contradicts"
    UNKNOWN = "unknown"


def judge(status: str, kind: EventType) -> Verdict:
    """Return what the status of a row says to the type of its file.

    >>> judge("NOT DELIVERED", EventType.DELIVERED), judge("Gate 7", EventType.DELIVERED)
    (<Verdict.CONTRADICTS: 'contradicts'>, <Verdict.UNKNOWN: 'unknown'>)
    """
    if status.casefold() in PLACEHOLDERS:
        return Verdict.FITS
    words = _levelled(status[:_LONGEST])
    if all(word in _SILENT for word in words):
        return Verdict.FITS
    text = " ".join(filter(None, _canonical(words)))
    against = [_AGAINST[found.lastgroup or ""] for found in re.finditer(_SAYING, text)]
    if not against or not _TURNS.isdisjoint(re.sub(_SAYING, " ", text).split()):
        return Verdict.UNKNOWN
    contradicts = {kind in types for types in against}
    if len(contradicts) > 1:
        return Verdict.UNKNOWN  # "delivered to a wrong address"
    return Verdict.CONTRADICTS if contradicts == {True} else Verdict.FITS


def _levelled(status: str) -> list[str]:
    words = re.sub(r"\d+", " 0 ", levelled(status)).split()
    return [part for word in words for part in split_joined(word, _joinable())]


def _canonical(words: Sequence[str]) -> Iterator[str]:
    """Yield the word for each word or phrase: of a longer one the first that is known."""
    phrases = _phrases()
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _PHRASE), at, -1)
        end = next((end for end in ends if " ".join(words[at:end]) in phrases), at + 1)
        phrase = " ".join(words[at:end])
        is_doubtful = phrase in NEGATIONS or DENIALS.fullmatch(phrase) is not None
        yield phrases.get(phrase, _DOUBT if is_doubtful else _UNKNOWN)
        at = end


@cache
def _phrases() -> Mapping[str, str]:
    """Return each word and phrase that is known, and the word that it becomes."""
    said = {
        phrase: _SAID.get(kind, kind.word) for kind in EventType for phrase in kind.names.split("|")
    }
    written = ((word, phrases.split("|")) for word, phrases in _SYNONYMS.items())
    return said | {phrase: word for word, phrases in written for phrase in phrases}


@cache
def _joinable() -> frozenset[str]:
    """Return the words of which several may be written as one, without the short ones."""
    words = {word for phrase in _phrases() for word in phrase.split()}
    return frozenset(word for word in words if len(word) > 2) | {"in", "no", "on", "to", "up"}


class StatusReader:
    """Reads the statuses of one file, and keeps the unknown ones for a note.

    ``positions``: of the cells of a row that are statuses; each of them has its say.
    """

    def __init__(self, kind: EventType, positions: Sequence[int]) -> None:
        self._kind = kind
        self._positions = positions
        self._judge = lru_cache(maxsize=_REMEMBERED)(partial(_judge_cell, kind=kind))
        self._rows = 0
        self._lines: dict[str, int] = {}
        """Each unknown status with the first line that has it."""

    def read_columns(
        self, rows: Sequence[Sequence[str]], lines: Sequence[int], strange: Container[int]
    ) -> set[int]:
        """Return the positions of the rows whose status contradicts the type of the file, and note
        the unknown statuses but for those of ``strange`` rows, which are read by themselves.
        """
        contradicting: set[int] = set()
        unknown: dict[int, str] = {}
        for position in self._positions:
            cells = [row[position] for row in rows]
            verdicts = {cell: self._judge(cell) for cell in set(cells)}
            if Verdict.CONTRADICTS in verdicts.values():
                contradicting.update(_having(Verdict.CONTRADICTS, cells, verdicts))
            if Verdict.UNKNOWN in verdicts.values():
                for at in _having(Verdict.UNKNOWN, cells, verdicts):
                    unknown.setdefault(at, cells[at])
        for at, cell in unknown.items():
            if at not in strange and at not in contradicting:
                self._note(cell, lines[at])
        return contradicting

    def fault(self, cells: Sequence[str]) -> Fault | None:
        """Return what the statuses of a row say against it, None if it may be taken."""
        for cell in self._of(cells):
            if self._judge(cell) is Verdict.CONTRADICTS:
                return Fault(
                    Reason.CONTRADICTING_STATUS,
                    f"the status {redact(unwrap(cell))!r} says otherwise than a file of type "
                    f"{self._kind.word}; ask which of the two is right",
                )
        return None

    def note(self, cells: Sequence[str], line: int) -> None:
        """Note the status of a row that is taken, if it is unknown."""
        unknown = [cell for cell in self._of(cells) if self._judge(cell) is Verdict.UNKNOWN]
        if unknown:
            self._note(unknown[0], line)

    def take_unknown(self) -> UnknownWords:
        """Return what was noted since this was called last."""
        unknown = UnknownWords.of(self._rows, self._lines)
        self._rows, self._lines = 0, {}
        return unknown

    def _of(self, cells: Sequence[str]) -> Iterator[str]:
        return (cells[position] for position in self._positions)

    def _note(self, cell: str, line: int) -> None:
        self._rows += 1
        word = unwrap(cell)
        if len(self._lines) < _REMEMBERED or word in self._lines:
            self._lines[word] = min(line, self._lines.get(word, line))


def _having(
    verdict: Verdict, cells: Sequence[str], verdicts: Mapping[str, Verdict]
) -> Iterator[int]:
    return (at for at, cell in enumerate(cells) if verdicts[cell] is verdict)


def _judge_cell(cell: str, kind: EventType) -> Verdict:
    return judge(unwrap(cell), kind)
