"""A cell in an encoding that nobody has told: how each likely one would read it."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from cardstatus.privacy import mask, redact

_LIKELY: Final = (
    *("cp1252", "cp1256", "cp1251", "cp1250", "iso8859-2", "cp1253", "cp1254", "cp1255", "cp1257"),
    *("iso8859-6", "koi8-r", "mac_roman", "cp850", "cp437", "cp852", "cp866", "cp720"),
    *("cp874", "cp932", "gb18030", "cp949", "big5"),
)
"""What spreadsheets and systems of the last forty years write that do not write Unicode; the more
usual ones first. Tests have a text of each, and find it among those that are shown."""
_SHOWN: Final = 6
_BEGINNING: Final = 200
_WIDTH: Final = 30
_PUNCTUATION: Final = frozenset("’‘“”„–—…«»‹›¿¡°ºª€£\u00a0،؛؟·、。，（）")


def readings(cell: str, encoding: str) -> list[tuple[str, str]]:
    """Return likely encodings with what they read in a cell, the most likely first.

    ``cell`` is text of ``encoding`` in which bytes of no character are lone surrogates (see
    ``faults``). Encodings that read the same are named by the first of them.
    """
    if encoding.startswith(("utf-16", "utf-32")):
        return []
    try:
        content = cell[:_BEGINNING].encode(encoding, "surrogateescape")
    except UnicodeError:
        return []
    found: dict[str, str] = {}
    for name in _LIKELY:
        text = _decoded(content, name)
        if text is not None:
            found.setdefault(text, name)
    likely = sorted(found, key=_oddity)[:_SHOWN]
    return [(found[text], _shown(text)) for text in likely]


def _decoded(content: bytes, encoding: str) -> str | None:
    # The last character may be cut in two.
    for end in (len(content), len(content) - 1):
        try:
            text = content[:end].decode(encoding)
        except UnicodeError:
            continue
        odd = any(unicodedata.category(c) in {"Cc", "Cn", "Co"} for c in text if not c.isascii())
        return None if odd else text
    return None


def _oddity(text: str) -> int:
    """Return how little a text looks like words of one language."""
    return sum(map(_oddity_of_signs, text)) + sum(_oddity_of_words(text))


def _oddity_of_signs(sign: str) -> int:
    if sign.isascii() or sign.isalpha() or unicodedata.category(sign).startswith("M"):
        return 0
    return 1 if sign in _PUNCTUATION else 3


def _oddity_of_words(text: str) -> Iterator[int]:
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = [_script(letter) for letter in word]
        for at in range(1, len(word)):
            if scripts[at] != scripts[at - 1]:
                yield 3
            if word[at - 1].islower() and word[at].isupper():
                yield 2
        if len(word) > 2 and word[1:].isupper() and not word.isascii():
            yield 1 if word[0].isupper() else 2


def _script(letter: str) -> str:
    """Return the first word of a letter's name, such as LATIN or ARABIC."""
    return "LATIN" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0]


def _shown(text: str) -> str:
    """Return the part of a text about its first letter that is not ASCII, fit for a message."""
    text = " ".join(redact(mask(text)).split())
    first = next((at for at, sign in enumerate(text) if not sign.isascii()), 0)
    start = max(0, first - _WIDTH // 2) if len(text) > _WIDTH else 0
    shown = text[start : start + _WIDTH]
    return f"{'…' if start else ''}{shown}{'…' if start + _WIDTH < len(text) else ''}"
