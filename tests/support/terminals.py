"""The program on a terminal of a given width."""

import fcntl
import os
import pty
import struct
import sys
import termios
from typing import NamedTuple

from cardstatus import __main__


class Shown(NamedTuple):
    code: int
    text: str
    """Stdout and stderr as they came, with plain line ends."""


def on_a_terminal(*arguments: str, columns: int = 80, **environment: str) -> Shown:
    """Run the program on a pseudo-terminal, in a process of its own.

    Forked and not started anew, which would take ten times as long.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        _run(list(arguments), columns, environment)
    shown = b""
    while piece := _read_or_end(terminal):
        shown += piece
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return Shown(os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n"))


def _run(arguments: list[str], columns: int, environment: dict[str, str]) -> None:
    code = 99
    try:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww")
        )
        os.environ.update({"TERM": "xterm"} | environment)
        sys.argv = ["cardstatus", *arguments]
        sys.modules["__main__"].__package__ = None  # else Typer calls the program by its name
        __main__.main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 98
    finally:
        sys.stdout.flush()
        os._exit(code)


def _read_or_end(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux, once the program has gone
        return b""
