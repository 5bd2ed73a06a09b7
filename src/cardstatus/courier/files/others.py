"""Files of other kinds in a courier's folder: whether one looks as if rows were in it."""

import re
from typing import Final

from .names import read_name

_OF_DATA: Final = re.compile(
    r"xls[xmb]?|xlt[xm]?|ods|fods|numbers|tsv|tab|psv|ssv|dat|data|asc|prn|dif|dbf|mdb|accdb"
    r"|txt|text|json|ndjson|jsonl|xml|parquet|avro|feather"
    r"|zip|zipx|gz|gzip|tgz|bz2|xz|lzma|zst|z|7z|rar|tar|pgp|gpg|asc|eml|msg"
)
"""Suffixes of files that may hold rows."""
_OF_NONE: Final = re.compile(
    r"md|rst|log|py|sh|bat|ps1|sql|db|sqlite3?|(db|sqlite3?)-(wal|shm|journal)|lock|pid|ini|cfg"
    r"|conf|ya?ml|toml|css|js|png|jpe?g|gif|svg|ico|webp|bmp|tiff?|mp[34]|wav|exe|dll|so|lnk|url"
)
"""Suffixes of files that never do, whatever the name says."""
_ABOUT: Final = re.compile(
    r"(read.?me|licen[cs]e|changelog|requirements|robots|notes?)\b.*", re.ASCII
)


_ON_ITS_WAY: Final = re.compile(r"part|partial|filepart|te?mp|crdownload|download|swp|upload|!ut")


def is_on_its_way(name: str) -> bool:
    """Tell by its name whether a file is being transferred, and will have another name then.

    >>> is_on_its_way("pickup.csv.part"), is_on_its_way("pickup.csv.1")
    (True, False)
    """
    return _ON_ITS_WAY.fullmatch(name.casefold().rpartition(".")[2]) is not None


def looks_like_data(name: str) -> bool:
    """Tell by its name whether rows may be in a file that is none of those that are taken in.

    So it is by its suffix, with ``csv`` anywhere in the name (``pickup.csv.1``), and with a name
    that tells a type (``Delivered``).

    >>> looks_like_data("Delivered.xlsx"), looks_like_data("README.txt"), looks_like_data("x.log")
    (True, False, False)
    """
    name = name.casefold()
    if name.startswith("~$") or _ABOUT.fullmatch(name):
        return False  # a lock of a spreadsheet that is open
    suffix = name.rpartition(".")[2].rstrip("~") if "." in name else ""
    if re.search(r"(?<![a-z])csv(?![a-z])", name) or _OF_DATA.fullmatch(suffix):
        return True
    if _OF_NONE.fullmatch(suffix):
        return False
    reading = read_name(name)
    return bool(reading.types or reading.doubts)
