"""Courier files as nobody should send them: made from good ones, each from a seed."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

HEADERS = {
    "ID ,Card ID,User Mobile,Timestamp,Comment": ",",
    "Card ID;Phone;Timestamp;Comment;ID": ";",
    "ID\tCard ID\tUser contact\tTimestamp": "\t",
}
"""The header lines of good files, and what parts their cells."""

_TIMES = ("12-11-2023 11:59 PM", "13-11-2023 14:00", "2023-11-13T09:34:56Z", "13 Nov 2023 14:00")
_MOBILES = ("585550{:03}", "+97158555{:04}", "", "9.7158E+11", '"0585550{:03}"')
_COMMENTS = (
    "note", "", "الرجاء الاتصال", "two words, one comma", 'said "no"', "two\nlines",
    "; semicolon", "tab\there",
)  # fmt: skip

_SCRAPS = (
    b'"', b'""', b'"""', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\n\n\n", b",,,,\n",
    b'","', b'"\n"', b'\n"', b'"\n', b"\\", b"-", b"\0", b"\0\0\0\0", b"a\0b",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80",
    b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1a",
    b"\x1b[2J", b"\xe2\x80\xae", b"\xe3\x80\x80", b"\xd9\xa1\xd9\xa2", b"sep=;\n",
    b'"sep=,"\r\n', b"Card ID", b"=1+1", b"14:00", b"#N/A", b"99-99-9999 99:99", b"0" * 40,
    b"9.97E+11", b"########", b"x" * 300,
)  # fmt: skip
_ENCODINGS = ("utf-16-le", "utf-16-be", "utf-16", "utf-32", "cp1252", "utf-7", "cp500", "utf-8-sig")
_NAMES = (*["pickup", "delivered", "Delivery exceptions", "return"] * 9, "Returned pickups", "x")


@dataclass(frozen=True)
class Mutant:
    """A file that may be bad in any way."""

    name: str
    content: bytes
    """As it lies on disk."""
    rows: tuple[str, ...]
    """The lines of the good file below its header; each has a card id of its own."""


def mutant(rng: Random, number: int) -> Mutant:
    """Return a file, nearly always a bad one; its card ids hold ``number``."""
    header, lines = _good_file(rng, number)
    head, content = f"{header}\n".encode(), "\n".join([*lines, ""]).encode()
    if rng.random() < 0.25:  # else the header stays, without which no row is looked at
        head, content = b"", head + content
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        content = rng.choice(_MUTATIONS)(rng, content)
    content = head + content
    name = f"{rng.choice(_NAMES)} {number}.csv"
    if rng.random() < 0.1:
        name += rng.choice((".gz", ".GZ"))
        content = rng.choice(_PACKINGS)(rng, content)
    return Mutant(name, content, tuple(line for line in lines if '"' not in line))


def plain_rows(mutant: Mutant) -> int | None:
    """Count the rows of a file as one would by hand; None if quotes, an unknown header or an
    encoding make that another matter.
    """
    content = mutant.content
    if mutant.name.casefold().endswith(".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, ValueError, Exception):  # zlib.error is none of these
            return None
    if b'"' in content or b"\0" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = re.split("\r\n|\r|\n", text)
    while lines and not lines[0].strip("\ufeff \t"):
        del lines[0]
    delimiter = HEADERS.get(lines[0].lstrip("\ufeff")) if lines else None
    if delimiter is None:
        return None
    return sum(bool(line.strip()) or delimiter in line for line in lines[1:])


def surely_kept(mutant: Mutant) -> list[str]:
    """Return the card ids of the good rows that no quote stands before, and that therefore must be
    events, if only the file is one of UTF-8 and has its header.
    """
    if plain_rows(Mutant(mutant.name, mutant.content.partition(b'"')[0] + b"\n", ())) is None:
        return []
    text = mutant.content.partition(b'"')[0].decode("utf-8", "replace")
    lines = re.split("\r\n|\r|\n", text)[:-1]
    whole = set(lines) & set(mutant.rows)
    return [found.group() for line in whole if (found := re.search(r"CRD\d+", line))]


def _good_file(rng: Random, number: int) -> tuple[str, list[str]]:
    header, delimiter = rng.choice(list(HEADERS.items()))
    names = [name.strip() for name in header.split(delimiter)]
    lines = []
    comments = _COMMENTS if rng.random() < 0.5 else _COMMENTS[:2]
    mobiles = _MOBILES if rng.random() < 0.5 else _MOBILES[:3]
    for at in range(rng.choice((0, 1, 3, 12, 40))):
        cells = {
            "ID": f"A{at}",
            "Card ID": f"CRD{number}{at:04}",
            "Timestamp": rng.choice(_TIMES),
            "Comment": rng.choice(comments),
        }
        mobile = rng.choice(mobiles).format(at)
        lines.append(delimiter.join(_quoted(cells.get(name, mobile), delimiter) for name in names))
    return header, lines


def _quoted(cell: str, delimiter: str) -> str:
    if any(special in cell for special in (delimiter, '"', "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


# Each takes some bytes and returns others.


def _flip(rng: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 30))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _insert(rng: Random, content: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 20))):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(_SCRAPS) + content[at:]
    return content


def _insert_at_cell(rng: Random, content: bytes) -> bytes:
    places = [found.start() for found in re.finditer(rb"[,;\t\n]", content)] or [0]
    at = rng.choice(places) + rng.randrange(2)
    return content[:at] + rng.choice(_SCRAPS) + content[at:]


def _cut_out(rng: Random, content: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[min(end, start + rng.choice((1, 5, 10_000))) :]


def _truncate(rng: Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _repeat(rng: Random, content: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] * rng.choice((1, 2, 30)) + content[end:]


def _shuffle(rng: Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def _other_line_ends(rng: Random, content: bytes) -> bytes:
    end = rng.choice((b"\r", b"\r\n", b"\n\r", b"\r\r\n", b"\x0b", b"\n\n"))
    if rng.random() < 0.5:
        return content.replace(b"\n", end)
    lines = content.split(b"\n")
    return b"".join(line + rng.choice((b"\n", end)) for line in lines)


def _other_encoding(rng: Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(_ENCODINGS), "replace")


def _part_in_other_encoding(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + _other_encoding(rng, content[at:])


def _other_delimiter(rng: Random, content: bytes) -> bytes:
    return content.translate(bytes.maketrans(b",;\t", rng.choice((b";;;", b"\t\t\t", b"|||"))))


def _blank_lines(rng: Random, content: bytes) -> bytes:
    at = content.rfind(b"\n", 0, rng.randrange(len(content) + 1)) + 1
    line = rng.choice((b"\n", b"\r", b"  \n", b",,,,\n", b";\n", b"\t\n", b"\xc2\xa0\n"))
    return content[:at] + line * rng.choice((1, 10, 300)) + content[at:]


def _no_end(rng: Random, content: bytes) -> bytes:
    return content.rstrip(b"\n")


def _one_long_cell(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + b"y" * rng.choice((200, 131_072, 131_073)) + content[at:]


def _nothing(rng: Random, content: bytes) -> bytes:
    return rng.choice((b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b'"', content[:1]))


def _noise(rng: Random, content: bytes) -> bytes:
    return rng.randbytes(rng.choice((1, 100, 5_000)))


_MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *[_flip, _insert, _insert_at_cell] * 4,
    *[_cut_out, _repeat, _other_line_ends, _blank_lines] * 2,
    _truncate, _shuffle, _other_encoding, _part_in_other_encoding, _other_delimiter, _no_end,
    _one_long_cell, _nothing, _noise,
)  # fmt: skip


def _cut_gzip(rng: Random, content: bytes) -> bytes:
    return _truncate(rng, gzip.compress(content, 1))


def _bad_gzip(rng: Random, content: bytes) -> bytes:
    return _flip(rng, gzip.compress(content, 1))


_PACKINGS: tuple[Callable[[Random, bytes], bytes], ...] = (
    lambda rng, content: gzip.compress(content, 1),
    lambda rng, content: gzip.compress(content, 1) + gzip.compress(content, 1),
    lambda rng, content: gzip.compress(content, 1) + b"\0" * 99,
    lambda rng, content: gzip.compress(content, 1) + b"trailing",
    lambda rng, content: gzip.compress(gzip.compress(content, 1)),
    lambda rng, content: content,
    _cut_gzip,
    _bad_gzip,
)
