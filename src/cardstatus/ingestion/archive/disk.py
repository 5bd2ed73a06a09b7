"""Renames that overwrite nothing, and files that are put on disk: what ``os`` lacks."""

import ctypes
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_UNSUPPORTED: Final = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK}
)
"""Errors of file systems that lack an operation; EPERM is what link() says on FAT."""


def rename_new(source: Path, target: Path) -> None:
    """Rename a file within its disk. Raises FileExistsError if the target exists, in one step with
    the renaming: nothing is overwritten, whoever makes the target meanwhile.
    """
    try:
        try:
            _renameat2(source, target)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            os.link(source, target, follow_symlinks=False)
            source.unlink()
    except FileExistsError:
        if not os.path.samestat(source.lstat(), target.lstat()):
            raise
        source.unlink()  # a second name of the target: a run that linked it ended there


def rename_free(source: Path, target: Path) -> Path:
    """Rename a file to ``target``, or to that name with a number if it is taken; return the name.

    Raises :class:`OSError`.
    """
    for name in numbered(target):
        try:
            rename_new(source, name)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            break
        return name
    # The disk cannot refuse a name that is taken: here is one that nobody has.
    return source.rename(_with_number(target, secrets.randbelow(10**12)))


def numbered(path: Path) -> Iterator[Path]:
    """Yield a path, then the same with (2), (3) and so on before the endings of its name."""
    yield path
    for number in count(2):
        yield _with_number(path, number)


def _with_number(path: Path, number: int) -> Path:
    name, dot, endings = path.name.partition(".")
    return path.with_name(f"{name} ({number}){dot}{endings}")


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _renameat2(source: Path, target: Path) -> None:
    paths = os.fsencode(source), os.fsencode(target)
    try:
        call = _libc().renameat2
    except AttributeError:  # not Linux, or an old C library
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if call(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_NOREPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source), None, str(target))


def put_on_disk(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, would survive a power cut.

    Raises :class:`OSError`; a folder that cannot be synced is left to its file system.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(handle)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, and put their names on disk."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        put_on_disk(folder.parent)


def is_copy(path: Path, other: Path) -> bool:
    """Tell whether two files have the same time and the same bytes."""
    one, two = path.stat(), other.stat()
    # Some file systems keep times to two seconds.
    if one.st_size != two.st_size or abs(one.st_mtime - two.st_mtime) > 2:
        return False
    return _digest(path) == _digest(other)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
