"""Writes data to stdout or a file, messages to stderr, and tells how tables look there."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cardstatus.errors import CardStatusError, in_words

from .serialise import Format, printable, safe_lines, stream

if TYPE_CHECKING:
    from cardstatus.database.reading.store import Store
    from cardstatus.model.records import CardStatus

    from .tables import TableStyle

_Record = TypeVar("_Record", bound=NamedTuple)


def prepare_streams() -> None:
    """Make stdout and stderr UTF-8 with plain line feeds, whatever the locale says."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the process that started this one
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def message(text: str) -> None:
    """Write one line to stderr."""
    with suppress(OSError):  # there is no other place to say so, and the work can go on
        sys.stderr.write(printable(text) + "\n")
        sys.stderr.flush()


def ask(question: str) -> None:
    """Write a question to stderr, and leave the line open for the answer."""
    sys.stderr.write(printable(question))
    sys.stderr.flush()


def are_one() -> bool:
    """Tell whether stdout and stderr lead to one place: a terminal, a journal, a file."""
    try:
        return os.path.samestat(os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno()))
    except (OSError, ValueError):
        return False


def write_safe(chunks: Iterable[str]) -> None:
    """Write text that is safe for terminals, with its colours, to stdout."""
    try:
        sys.stdout.writelines(chunks)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        close_stdout()
        raise CardStatusError(f"stdout cannot be written: {in_words(error)}") from error


def write_data(chunks: Iterable[str]) -> None:
    """Write data to stdout: exact in a pipe, on a terminal with unsafe characters written out."""
    write_safe(map(safe_lines, chunks) if sys.stdout.isatty() else chunks)


def close_stdout() -> None:
    """Give up stdout when its reader has gone (``| head``) or the disk is full.

    Else the interpreter would complain of it once more as it exits.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def style(*, to_file: bool = False) -> "TableStyle":
    """Return the style of tables on this stdout, or in a file."""
    from .tables import TableStyle

    if to_file or not sys.stdout.isatty():
        return TableStyle(width=None, color=False)
    return TableStyle(
        width=shutil.get_terminal_size().columns,
        color=not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
    )


def draw_statuses(store: "Store") -> "Callable[[Iterable[CardStatus], TableStyle], str]":
    """Return a function that draws records of this database as a table."""

    def table(records: "Iterable[CardStatus]", style: "TableStyle") -> str:
        from cardstatus.display import tables

        return tables.status_table(records, store.settings().timezone, style)

    return table


def deliver(
    form: Format,
    fields: Sequence[str],
    records: Iterable[_Record],
    table: "Callable[[Iterable[_Record], TableStyle], str]",
    *,
    target: Path | None = None,
    raw: bool = False,
) -> None:
    """Print records in a format, to stdout or into a file.

    ``table`` draws them for ``Format.TABLE``. ``target``: the file, with ``-`` for stdout. ``raw``:
    CSV without guards against formulas.
    """
    to_file = target is not None and str(target) != "-"
    if form is Format.TABLE:
        chunks: Iterable[str] = [table(records, style(to_file=to_file))]
    else:
        chunks = stream(form, fields, records, raw=raw)
    if form is Format.TABLE and not to_file:
        write_safe(chunks)
    else:
        write_chunks(chunks, target)


def write_chunks(chunks: Iterable[str], target: Path | None) -> None:
    """Write data to a file, to stdout if there is none or it is ``-``."""
    if target is None or str(target) == "-":
        write_data(chunks)
    else:
        write_file(target, chunks)


def write_file(path: Path, chunks: Iterable[str]) -> None:
    """Write data to a file, whole or not at all, readable by its owner only.

    Written beside the file and renamed, so a failure leaves an older file untouched. Raises
    :class:`CardStatusError`.
    """

    def write(place: Path) -> None:
        with place.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(chunks)

    fill_file(path, write)


def fill_file(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written as :func:`write_file` does, by a function that is given its name."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            write(target)
        else:
            _write_beside(target, write)
    except OSError as error:
        raise CardStatusError(
            f"{path} cannot be written: {in_words(error)}; nothing was changed"
        ) from error


def fill_folder(path: Path, write: Callable[[Path], None]) -> None:
    """Have a new folder filled, whole or not at all, readable by its owner only.

    ``write`` is given the name of an empty one. Raises :class:`CardStatusError`, also if there is
    something at the path.
    """
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as beside:
            place = Path(beside, path.name)
            place.mkdir(0o700)
            write(place)
            for below in place.rglob("*"):
                below.chmod(0o700 if below.is_dir() else 0o600)
            if path.exists():
                raise CardStatusError(f"{path} is there already; give the name of a new folder")
            shutil.move(place, path)
    except OSError as error:
        raise CardStatusError(
            f"{path} cannot be written: {in_words(error)}; nothing was changed"
        ) from error


def _write_beside(target: Path, write: Callable[[Path], None]) -> None:
    import tempfile

    # Mode 0600: there are phone numbers in it.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        try:
            write(beside)
            os.fsync(handle)
        finally:
            os.close(handle)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
