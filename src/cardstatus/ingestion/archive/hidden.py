"""Hidden folders for files on their way, and what becomes of them when their maker has died.

In a *taken* folder lies a courier's file, which is given back to the folder around it. In a *copy*
folder lies a piece of a copy, which is removed. A lock shows that the maker is alive.
"""

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from .disk import rename_free

TAKEN: Final = ".cardstatus-taken-"
"""Beginning of the name of a folder with a courier's file."""
COPY: Final = ".cardstatus-copy-"
"""Beginning of the name of a folder with a copy in the making."""

_LOCK: Final = ".lock"
"""Name of the file with the lock. No courier's file has it: files with a dot are passed over."""
_ABANDONED: Final = 24 * 3600
"""Seconds after which a maker counts as dead where the file system has no locks."""


@contextmanager
def hidden(folder: Path, kind: str) -> Iterator[Path]:
    """Make a hidden folder for the block, and clear it at the end. Raises :class:`OSError`."""
    while True:
        private = folder / f"{kind}{secrets.token_hex(8)}"
        private.mkdir(0o700)
        with _locked(private) as is_locked:
            if is_locked is not False:  # else another run has just cleared it as left behind
                try:
                    yield private
                finally:
                    _clear(private)
                return


def recover(folders: Iterable[Path], kind: str) -> Iterator[tuple[Path, OSError]]:
    """Clear the hidden folders below ``folders`` whose makers have died.

    Yields those that cannot be cleared, and why.
    """
    for private in _left_behind(folders, kind):
        try:
            if private.is_symlink():
                continue  # none of ours
            with _locked(private) as is_locked:
                if is_locked or (is_locked is None and _is_abandoned(private)):
                    _clear(private)
        except FileNotFoundError:
            continue  # its maker has cleared it
        except OSError as error:
            yield private, error


def _left_behind(folders: Iterable[Path], kind: str) -> Iterator[Path]:
    for folder in folders:
        for parent, names, _ in os.walk(folder):
            yield from (Path(parent, name) for name in sorted(names) if name.startswith(kind))
            names[:] = [name for name in names if not name.startswith(".")]


def _is_abandoned(private: Path) -> bool:
    return time.time() - private.stat().st_mtime > _ABANDONED


@contextmanager
def _locked(private: Path) -> Iterator[bool | None]:
    """Lock a hidden folder for the block; None if the file system has no locks."""
    try:
        handle = os.open(private / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _lock(handle, private)
    finally:
        os.close(handle)


def _lock(handle: int, private: Path) -> bool | None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock may have cleared the folder before it let go.
        return os.path.samestat(os.fstat(handle), (private / _LOCK).stat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError as error:
        if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}:
            raise
        return None


def _clear(private: Path) -> None:
    """Give back or remove what is in a hidden folder, and remove the folder."""
    for name in sorted(os.listdir(private)):  # noqa: PTH208 - names are all that is needed
        if name == _LOCK:
            continue
        if private.name.startswith(TAKEN):
            _give_back(private / name)
        else:
            (private / name).unlink()
    with suppress(OSError):  # empty, it does no harm
        (private / _LOCK).unlink()
        private.rmdir()


def _give_back(held: Path) -> None:
    try:
        rename_free(held, held.parent.parent / held.name)
    except OSError as error:
        reason = f"{error.strerror}; the file is in {held.parent} until that is mended"
        raise OSError(error.errno, reason, str(held)) from error
