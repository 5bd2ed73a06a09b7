r"""Spellings of card ids: what two ids have in common that differ in spelling only, *near ids*.

Case, separators (blanks, hyphens, dots, underscores), leading zeros, and letters of another script
that look Latin are spelling. Nobody can know whether two such ids are one card, so they stay two.

An id has a *key* without all of that. It has a second one if digits stand on both sides of a
separator, since there zeros may lead again: ``2023-0001`` is near ``2023-1`` by it, and near
``20230001`` by the first. Not near are ``1-11`` and ``11-1``, which only have the first in common.

A *form* is what a key lacks to be the id again: capitals ``A`` or small letters ``a``, digits
``9``, leading zeros ``0``, and all else as it is. Ids of one form and of one key are equal, so
where a database has ids of one form only, none are near each other.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

SEPARATORS: Final = " -._\u2010\u2012\u2013\u2014\u2015\u2212\u2043\u00b7"
# Capitals that look Latin, of the scripts in use whose letters Unicode lists as confusable with
# Latin ones (UTS 39, confusables.txt): Greek, Cyrillic, Armenian, Coptic, Cherokee and Lisu. Small
# letters go by their capitals, so that case never makes two letters of one.
_LOOK_LATIN: Final = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03dc\u03fa"
    "\u037f"
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u042c"
    "\u0474\u04ae\u04ba\u04c0\u0500\u050c\u051a\u051c"
    "\u054d\u054f\u0555"
    "\u2c8e\u2c92\u2c94\u2c98\u2c9a\u2c9e\u2ca2\u2ca4\u2ca6\u2ca8\u2cac\u2cd0"
    "\u13a0\u13a1\u13a2\u13a5\u13a9\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13bd\u13c0\u13c2\u13c3\u13cf"
    "\u13d2\u13d4\u13d5\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13e7\u13f3\u13f4"
    "\ua4d0\ua4d1\ua4d2\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd\ua4df\ua4e0\ua4e1\ua4e2\ua4e3"
    "\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4",
    "ABEZHIKMNOPTYXFMJ"
    "SIJABEKMHOPCTYXBVYHIDGQW"
    "USO"
    "HIKMNOPCTYXL"
    "DRTIYAJEWMHYGHZBRWSVSLCPKDGB"
    "BPDDTGKJCZFMNLSRVHWXYAEIOU",
)
_DIGITS: Final = "0123456789"
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROUGHLY: Final = str.maketrans(
    _UPPER + _UPPER.lower() + "123456789", "A" * 26 + "a" * 26 + "9" * 9
)
_CLASSES: Final = str.maketrans(_UPPER + "0123456789", "A" * 26 + "9" * 10)
_NO_SEPARATORS: Final = dict.fromkeys(map(ord, SEPARATORS))
_PARTED: Final = re.compile(rf"(?<=[0-9])[{re.escape(SEPARATORS)}]+(?=[0-9])")
_LEADING: Final = re.compile(r"(?<![0-9])0+(?=-?[0-9])")

Form = tuple[str, str]
"""A kind of keys, as :func:`kind_of` names it, and a form of such keys."""
UNLISTED: Final[Form] = ("", "")
"""Stands for forms of which there are too many to list."""
MOST_FORMS: Final = 2_000
"""Forms of one piece of a file that are listed. Ids at random have more, and need no list."""


class Spelling(NamedTuple):
    """A key of a card id, and the form in which the id has it."""

    key: str
    form: str


def keys(card_id: str) -> Sequence[str]:
    """Return the keys that :func:`spellings` tells with their forms, in a third of its time."""
    text = card_id.upper().translate(_LOOK_LATIN)
    first = _LEADING.sub("", text.translate(_NO_SEPARATORS))
    parted = _PARTED.sub("\n", text)
    if parted == text:
        return (first,)
    second = _LEADING.sub("", parted.translate(_NO_SEPARATORS).replace("\n", "-"))
    return first, second


def spellings(card_id: str) -> Sequence[Spelling]:
    """Return the key of a card id with its form, and the second key if it has one."""
    first = _spelling(card_id, joined=True)
    second = _spelling(card_id, joined=False)
    return (first,) if "-" not in second.key else (first, second)


def _spelling(card_id: str, *, joined: bool) -> Spelling:
    """Return one key with its form; ``joined``: digits go on behind a separator."""
    key: list[str] = []
    form: list[str] = []
    number = False  # in a number whose leading zeros are past
    before = " "
    for char, following in zip(card_id, _next_signs(card_id), strict=True):
        if char in SEPARATORS:
            form.append(char)
            if not joined and before in _DIGITS and following in _DIGITS:
                key.append("-")
                number = False
            before = " "
            continue
        if char in _DIGITS:
            number = number or char != "0" or following not in _DIGITS
            form.append("9" if number else "0")
            if number:
                key.append(char)
        else:
            number = False
            key.append(char.upper().translate(_LOOK_LATIN))
            form.append(char.translate(_ROUGHLY))
        before = char
    return Spelling("".join(key), "".join(form))


def _next_signs(card_id: str) -> list[str]:
    """Return for each character the next one that is no separator, a blank if there is none."""
    signs, following = [], " "
    for char in reversed(card_id):
        signs.append(following)
        if char not in SEPARATORS:
            following = char
    return signs[::-1]


def are_near(one: str, other: str) -> bool:
    """Tell whether two card ids differ in spelling only."""
    if one == other:
        return False
    mine, others = keys(one), keys(other)
    return mine[-1] == others[-1] or (mine[0] == others[0] and min(len(mine), len(others)) == 1)


def look_alikes(card_id: str) -> list[str]:
    """Return the letters of an id that look Latin and are of another script."""
    return [c for c in card_id if c.isalpha() and ord(c.upper()[0]) in _LOOK_LATIN]


def kind_of(key: str) -> str:
    """Return a key with ``A`` for all letters and ``9`` for all digits: its form, unless one is
    chosen.
    """
    return key.translate(_CLASSES)


def written(key: str, form: str) -> str:
    """Return a key in a form of its kind: a card id.

    >>> written("ENB123", "AAA-000999"), written("ENB123", "aaa999")
    ('ENB-000123', 'enb123')
    """
    if form == kind_of(key):
        return key
    rest = iter(key.replace("-", ""))
    return "".join(
        sign if sign == "0" or sign in SEPARATORS else _cased(next(rest), sign) for sign in form
    )


def _cased(char: str, sign: str) -> str:
    return char.lower() if sign == "a" else char


def count_forms(card_ids: Sequence[str]) -> Counter[Form]:
    """Count the keys of ids by their kinds and forms; more than MOST_FORMS are one, UNLISTED."""
    counts: Counter[Form] = Counter()
    rough = rough_forms(card_ids)
    if len(rough) > MOST_FORMS:
        return Counter({UNLISTED: len(card_ids)})
    for form, count in rough.items():
        for spelling in spellings(form):
            counts[kind_of(spelling.key), spelling.form] += count
    return counts


def rough_forms(card_ids: Sequence[str]) -> Counter[str]:
    """Count ids by their forms but for zeros, each of which is a ``0`` wherever it stands."""
    # 0.1 µs an id, most of it for the split; to cut out one form after another takes twice that.
    text = "\n".join(card_ids).translate(_ROUGHLY)
    return Counter(text.split("\n")) if card_ids else Counter()


def pattern(form: str) -> str:
    """Return the pattern of SQLite's GLOB for the ids of a form, and perhaps some more."""
    signs = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
    return "".join(signs.get(sign, re.sub(r"([*?[])", r"[\1]", sign)) for sign in form)
