"""The partners' file: TOML to declarations, or the first word in it that means nothing, with its
line and the nearest that would. Looks at no courier's file.
"""

import codecs
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from cardstatus.errors import UsageError, in_words
from cardstatus.instants import read_zone
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType
from cardstatus.privacy import redact

from ..cells.mobiles import COUNTRY_CODES
from ..header.claims import WANTED, level_header
from .declaration import Partner
from .row_types import level_word

_LISTS: Final = ("files",)
_TEXTS: Final = (
    *("timezone", "country_code", "dates", "encoding", "delimiter", "card_id_pattern"),
)
_TABLES: Final = ("columns", "types", "status")
_TYPES: Final = {kind.word: kind for kind in EventType}


def read_partners(path: Path) -> tuple[Partner, ...]:
    """Return the partners that a file declares, in its order.

    Raises :class:`UsageError` for a file that cannot be read, and for the first word in it that
    means nothing.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--partners: cannot read {path}: {in_words(error)}") from None
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+), column \d+\)", str(error))
        where = f"{path}, line {found[1]}" if found else f"{path}, at its end"
        what = str(error)[: found.start()] if found else str(error)
        raise UsageError(f"{where}: this is no TOML: {what}") from None
    source = _Source(path, text)
    partners = tuple(_partner(source, name, table) for name, table in declared.items())
    _refuse_twins(source, partners)
    return partners


class _Source:
    """The text of the file, to tell where something stands in it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def error(self, keys: Sequence[str], what: str) -> UsageError:
        """Return the error of what stands under the keys, the names of the tables first."""
        return UsageError(f"{self._path}, line {self._line(keys)}: {what}")

    def _line(self, keys: Sequence[str]) -> int:
        best, depth = 1, 0
        for number, table, key in self._keys():
            there = (*table, *key)
            common = 0
            while common < min(len(there), len(keys)) and there[common] == keys[common]:
                common += 1
            if common > depth:
                best, depth = number, common
        return best

    def _keys(self) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
        table: Sequence[str] = ()
        for number, line in enumerate(self._lines, 1):
            if head := re.match(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$", line):
                table = _split_keys(head[1])
                yield number, table, ()
            elif pair := re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""", line):
                yield number, table, _split_keys(pair[1])


def _split_keys(written: str) -> tuple[str, ...]:
    parts = re.findall(r""""([^"]*)"|'([^']*)'|([\w-]+)""", written)
    return tuple("".join(part) for part in parts)


def _partner(source: _Source, name: str, table: Any) -> Partner:
    if not isinstance(table, dict):
        raise source.error(
            [name], f"{name!r} stands outside of any partner; write it below a line [partner]"
        )
    for key in table:
        if key not in (*_LISTS, *_TEXTS, *_TABLES):
            raise _unknown(source, [name, key], "there is no key", (*_LISTS, *_TEXTS, *_TABLES))
    if "files" not in table:
        raise source.error(
            [name], f"partner {name!r} has no files; say which are theirs: files = ['{name}/**']"
        )
    texts = {key: _text(source, [name, key], table[key]) for key in _TEXTS if key in table}
    for key, text in texts.items():
        _check_text(source, name, key, text)
    return Partner(
        name,
        dates=DateOrder(texts.pop("dates")) if "dates" in texts else None,
        files=_texts(source, [name, "files"], table["files"]),
        columns=_columns(source, name, table.get("columns", {})),
        types=_types(source, name, table.get("types", {})),
        status=_status(source, name, table.get("status", {})),
        **texts,
    )


def _text(source: _Source, keys: Sequence[str], value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise source.error(keys, f"{keys[-1]} is no text; write it in quotes")
    return value


def _texts(source: _Source, keys: Sequence[str], value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise source.error(keys, f"{keys[-1]} is no list of texts; write ['one', 'another']")
    return tuple(_text(source, keys, item) for item in value)


def _table(source: _Source, name: str, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise source.error([name, key], f"{key} is no table; write it below a line [{name}.{key}]")
    return value


def _check_text(source: _Source, name: str, key: str, text: str) -> None:
    check: Callable[[str], str] | None = _CHECKS.get(key)
    if check and (wrong := check(text)):
        raise source.error([name, key], f"{key}: {redact(text)!r} {wrong}")


def _wrong_zone(text: str) -> str:
    try:
        read_zone(text, "timezone")
    except UsageError:
        from zoneinfo import available_timezones

        return f"is no zone{_nearest(text, sorted(available_timezones()))}"
    return ""


def _wrong_country_code(text: str) -> str:
    return "" if COUNTRY_CODES.fullmatch(text) else "is no country code; give one to three digits"


def _wrong_dates(text: str) -> str:
    return "" if text in {*DateOrder} else f"is no order{_nearest(text, tuple(DateOrder))}"


def _wrong_encoding(text: str) -> str:
    try:
        codecs.lookup(text)
    except LookupError:
        return "is no encoding; try cp1252 or cp1256"
    return ""


def _wrong_delimiter(text: str) -> str:
    if len(text) == 1 and not text.isalnum() and text not in "\"'\r\n .:-/+":
        return ""
    return "parts no cells; give one sign, such as ',', ';', '|' or '\\t'"


def _wrong_pattern(text: str) -> str:
    try:
        is_empty = re.compile(text).fullmatch("") is not None
    except re.error as error:
        return f"is no regular expression ({error})"
    return "matches an empty cell; write one for all of a card id" if is_empty else ""


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "timezone": _wrong_zone,
    "country_code": _wrong_country_code,
    "dates": _wrong_dates,
    "encoding": _wrong_encoding,
    "delimiter": _wrong_delimiter,
    "card_id_pattern": _wrong_pattern,
}


def _columns(source: _Source, name: str, value: Any) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    owners: dict[str, str] = {}
    for key, headers in _table(source, name, "columns", value).items():
        keys = [name, "columns", key]
        if key not in WANTED:
            raise _unknown(source, keys, "there is no field", tuple(WANTED))
        columns[key] = _texts(source, keys, headers)
        for header in columns[key]:
            owner = owners.setdefault(level_header(header), key)
            if owner != key:
                raise source.error(keys, f"{header!r} is the {owner} already; remove one")
    return columns


def _types(source: _Source, name: str, value: Any) -> dict[EventType, tuple[str, ...]]:
    types: dict[EventType, tuple[str, ...]] = {}
    for key, patterns in _table(source, name, "types", value).items():
        keys = [name, "types", key]
        if key not in _TYPES:
            raise _unknown(source, keys, "there is no type", tuple(_TYPES))
        types[_TYPES[key]] = _texts(source, keys, patterns)
        for pattern in types[_TYPES[key]]:
            if "/" in pattern:
                raise source.error(
                    keys, f"{pattern!r} matches no name of a file, in which no slash can be"
                )
    return types


def _status(source: _Source, name: str, value: Any) -> dict[str, EventType]:
    types: dict[str, EventType] = {}
    for word, kind in _table(source, name, "status", value).items():
        keys = [name, "status", word]
        levelled = level_word(word)
        if not levelled:
            raise source.error(keys, "an empty status tells no type; remove it")
        if _text(source, keys, kind) not in _TYPES:
            near = _nearest(kind, tuple(_TYPES))
            raise source.error(keys, f"there is no type {kind!r}{near}")
        if types.setdefault(levelled, _TYPES[kind]) is not _TYPES[kind]:
            raise source.error(keys, f"{word!r} is {types[levelled].word} already; remove one")
    return types


def _refuse_twins(source: _Source, partners: Sequence[Partner]) -> None:
    owners: dict[str, str] = {}
    for partner in partners:
        for pattern in partner.files:
            owner = owners.setdefault(pattern.casefold(), partner.name)
            if owner != partner.name:
                raise source.error(
                    [partner.name, "files"], f"{pattern!r} is of {owner} already; remove one"
                )


def _unknown(source: _Source, keys: Sequence[str], what: str, known: Sequence[str]) -> UsageError:
    word = keys[-1]
    return source.error(keys, f"{what} {word!r}{_nearest(word, known)}")


def _nearest(word: str, known: Sequence[str]) -> str:
    folded = {text.casefold(): text for text in known}
    near = get_close_matches(word.casefold(), folded, n=1)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    return f"; there are {', '.join(known)}" if len(known) < 20 else ""
