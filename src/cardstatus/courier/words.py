"""Words of couriers' English that file names and status cells have in common, and their form.

What the words of a name mean stands in ``files.names``, those of a status in ``cells.statuses``.
"""

import re
import unicodedata
from collections.abc import Container, Sequence
from typing import Final

_LONGEST: Final = 60
"""Letters of the longest word that is tried as several in one."""


def words_of(text: str) -> frozenset[str]:
    """Return the words that are written in a table."""
    return frozenset(text.split())


def levelled(text: str) -> str:
    """Return the words of a text in lower case with a blank between them.

    >>> levelled("NotDelivered_(COD)")
    'not delivered cod'
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", text))
    words = re.sub(r"[\W_]+", " ", parted).casefold().strip()
    return re.sub(r"\bw o\b", "without", words)  # "w/o"


def split_joined(word: str, known: Container[str]) -> Sequence[str]:
    """Split a word that is several known ones, ``notdelivered``; else return it alone."""
    if word in known or len(word) > _LONGEST:
        return [word]
    # For each beginning of the word the fewest known words that it consists of.
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        ways = [
            [*way, word[start:end]]
            for start, way in enumerate(best)
            if way is not None and word[start:end] in known
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or [word]


NEGATIONS: Final = words_of(
    """
    ain almost anti aren be been before being but can cannot could couldn didn doesn don except
    excluding hadn half hasn haven if instead isn might mis must nearly neither never nil no non
    none nor not out partly pre semi shall should shouldn than till un unless until versus vs wasn
    weren when whether will without won would wouldn yet zero
    geen kein keine nao não nicht niet sans değil не нет غير لا لم بدون
    """
)
"""Words of grammar that turn what they stand with; a language gets no further ones. Those of some
other languages stand below."""

DENIALS: Final = re.compile(
    "(approv|attempt|await|bounc|cancel|claim|complain|declin|delay|deni|deny|disput|due|error"
    "|estimat|exclud|expect|fail|fake|fals|forecast|future|incorrect|intend|invalid|miss|mistak"
    "|open|outstand|overdue|partial|pend|plan|predict|problem|propos|ready|rebook|refus|reject|remain"
    "|request|resched|revers|revert|schedul|stuck|suspect|tentativ|todo|tomorrow|unable|unconfirm"
    "|reattempt|rollback|undo|unsuccess|unverif|upcoming|void|wrong)[a-z]*"
    "|held|hold|holds|onhold|ongoing|progress|backlogs?|queued?|lost|stolen|slots?|targets?|bookings?"
    "|gaps?|mismatch(?:es)?|discrepanc(?:y|ies)|variances?|eligible|ineligible|incomplete|inactive"
    "|un(?!ited)[a-z]{3,}(?:ed|able|ful)|mis[a-z]{3,}ed"
)
"""Say what did not happen, happens later, or is doubted. Such a list is never complete."""
