"""Tells when to look at watched folders, by watchfiles. Survives the removal of a folder."""

import math
import stat
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from cardstatus.errors import CardStatusError, in_words

_TICK: Final = 0.25
"""Seconds between two wake-ups without news: files settle, and folders go away, without any."""
_QUIET_MS: Final = 50
"""News are told after so long without more of them."""
_AT_MOST_MS: Final = 500
"""News are told after so long though more of them come."""
_LOOK_AGAIN: Final = 60.0
"""Seconds between two looks without news: a queue of news can run over, and a network file system
has none.
"""


class Wakeup(NamedTuple):
    """A moment at which to see to the folders."""

    look: bool = True
    """Whether something may have happened in them; else only time has passed."""


_Identity = tuple[int, int] | None
"""Device and inode of a folder; None if there is no folder."""


def wakeups(folders: Sequence[Path]) -> Iterator[Wakeup]:
    """Yield for ever when to look at the folders.

    Raises :class:`CardStatusError` if watchfiles is not installed, or cannot watch.
    """
    try:
        import watchfiles  # noqa: F401
    except ImportError as error:
        raise CardStatusError(
            "watch needs watchfiles, which is not installed; get it, in the clone of cardstatus, "
            "with: pip install '.[watch]'"
        ) from error
    while True:
        yield from _watch_once(folders)


def _watch_once(folders: Sequence[Path]) -> Iterator[Wakeup]:
    """Yield when to look, until a folder goes, comes, or is another."""
    known = [_identity(folder) for folder in folders]
    there = [folder for folder, identity in zip(folders, known, strict=True) if identity]
    if not there:
        time.sleep(_TICK)
        yield Wakeup()
        return
    look_at = -math.inf
    # The first look comes after the news begin to be gathered: no change falls between the two.
    with closing(_news(there)) as news:
        for has_news in news:
            look = has_news or time.monotonic() >= look_at
            if look:
                look_at = time.monotonic() + _LOOK_AGAIN
            yield Wakeup(look)
            if [_identity(folder) for folder in folders] != known:
                return


def _news(folders: Sequence[Path]) -> Generator[bool, None, None]:
    """Yield at each change in the folders, and at each tick: whether there was a change.

    Ends when a folder goes before its watch begins.
    """
    import watchfiles

    news = watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=_AT_MOST_MS,
        step=_QUIET_MS,
        rust_timeout=int(_TICK * 1_000),
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    try:
        yield from map(bool, news)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CardStatusError(
            f"the folders cannot be watched: {in_words(error)}; see to that, or set "
            "WATCHFILES_FORCE_POLLING=1 to have them looked at in turns"
        ) from error
    finally:
        news.close()


def _identity(folder: Path) -> _Identity:
    """Return what tells a folder from another that has taken its place."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
