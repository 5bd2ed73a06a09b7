"""Tells whether somebody has a file open for writing, as far as the system lets this user know."""

import errno
import fcntl
import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cardstatus.courier.files.search import is_gzipped

_SET_LEASE: Final = getattr(fcntl, "F_SETLEASE", None)
"""None where the system is not Linux."""
_PROCESSES: Final = Path("/proc")


def being_written(paths: Iterable[Path]) -> dict[Path, bool | None]:
    """Return for each file whether a process has it open for writing; None if unknown.

    Where the kernel does not tell, processes of this user are looked through, and those of other
    users go unseen. A file that cannot be opened is unknown.
    """
    found = {path: refuses_lease(path) for path in paths}
    unknown = {os.path.realpath(path): path for path, is_open in found.items() if is_open is None}
    if unknown:
        found |= {unknown[name]: True for name in _written_here(unknown)}
    return found


def refuses_lease(path: Path) -> bool | None:
    """Tell whether a file refuses a lease for reading, as it does while it is open for writing.

    None if the kernel does not say: it does so to the owner of the file and to root, and on local
    disks.
    """
    try:
        handle = _open_at_once(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return _refuses_lease(handle)
    finally:
        os.close(handle)  # which ends the lease


def _refuses_lease(handle: int) -> bool | None:
    if _SET_LEASE is None:
        return None
    # Whoever opens the file for writing in the moment of the lease waits for its end, and makes the
    # kernel signal: by one that is ignored unless a program asks for it. The usual one, SIGIO,
    # would end this process.
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, _SET_LEASE, fcntl.F_RDLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    return False


def _written_here(names: Iterable[str]) -> set[str]:
    """Return those files that a process which this one may look into has open for writing.

    It takes some 20 ms, whether for one file or for many.
    """
    wanted = set(names)
    written = set()
    for process in _entries(_PROCESSES):
        if process.name.isdigit():
            for handle in _entries(process / "fd"):
                with suppress(OSError):  # it may have been closed since
                    # Not compared by stat, which can wait for a server that does not answer.
                    name = os.readlink(handle)  # noqa: PTH115
                    if name in wanted and _writes(process, handle.name):
                        written.add(name)
    return written


def ends_with_a_line(path: Path) -> bool:
    """Tell whether a file ends where a line ends; of what is compressed, or cannot be read, it is
    taken to be so.
    """
    if is_gzipped(path):
        return True
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            file.seek(-min(2, file.seek(0, os.SEEK_END)), os.SEEK_END)
            end = file.read()
    except OSError:
        return True
    return not end or end.rstrip(b"\0").endswith((b"\n", b"\r"))  # in UTF-16 a zero may follow


def _open_at_once(path: str | Path, flags: int) -> int:
    # What was a file may be a FIFO by now, which would wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


def _entries(folder: Path) -> Iterator[Path]:
    with suppress(OSError):  # another user's, or gone
        yield from folder.iterdir()


def _writes(process: Path, handle: str) -> bool:
    flags = re.search(r"^flags:\s*([0-7]+)", (process / "fdinfo" / handle).read_text(), re.M)
    return flags is not None and int(flags[1], 8) & os.O_ACCMODE != os.O_RDONLY
