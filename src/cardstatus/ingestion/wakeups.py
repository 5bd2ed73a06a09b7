"""When to look at watched folders: watchfiles tells. Owns what happens when a folder goes away."""

import math
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cardstatus.errors import CardStatusError, in_words

from .watch import Wake

_TICK: Final = 0.25
"""Seconds between two wakes without news: to see what is waited for, and that no folder is gone."""
_QUIET_MS: Final = 50
"""How long there must be no news for those before to be told."""
_AT_MOST_MS: Final = 500
"""How long news are held back while there are more and more of them."""
_LOOK_AGAIN: Final = 60.0
"""Seconds after which to look though there is no news: a queue of news can run over, and a network
file system has none.
"""


def wakes(folders: Sequence[Path]) -> Iterator[Wake]:
    """Yield for ever when to look at the folders.

    Raises :class:`CardStatusError` if the extra that this needs is not installed.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise CardStatusError(
            "watch needs the package watchfiles; get it with: pip install 'cardstatus[watch]'"
        ) from error
    while True:
        known = _identities(folders)
        there = [folder for folder, identity in zip(folders, known, strict=True) if identity]
        if not there:
            time.sleep(_TICK)
            yield Wake()
            continue
        news = watchfiles.watch(
            *there,
            watch_filter=None,
            debounce=_AT_MOST_MS,
            step=_QUIET_MS,
            rust_timeout=int(_TICK * 1_000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        look_at = -math.inf
        try:
            # Only now that news are gathered is a look of use: none before would be of what comes
            # in between.
            for changes in news:
                must_look = bool(changes) or time.monotonic() >= look_at
                if must_look:
                    look_at = time.monotonic() + _LOOK_AGAIN
                yield Wake(must_look)
                if _identities(folders) != known:
                    break
        except FileNotFoundError:
            continue  # gone since
        except OSError as error:
            raise CardStatusError(
                f"the folders cannot be watched: {in_words(error)}; see to that, or set "
                "WATCHFILES_FORCE_POLLING=1 to have them looked at in turns"
            ) from error
        finally:
            news.close()


def _identities(folders: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Return what tells each folder from one that has taken its place; None if there is none."""
    return [_identity(folder) for folder in folders]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
