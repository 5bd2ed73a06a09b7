"""Draws ``terminal.svg``, the picture of a terminal that the README shows.

    python docs/images/terminal.py [FILE]

All but the prompts is what the program prints about sample_data on a terminal, in its own colours.
"""

import fcntl
import io
import os
import pty
import re
import shlex
import struct
import sys
import tempfile
import termios
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cardstatus.ingestion.ingest import ingest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COLUMNS = 100
COMMANDS = (
    "cardstatus get --mobile '058 555 0139'",
    "cardstatus get --card-id CRD1043 --explain --now 2024-03-13",
)
INGESTED = int(datetime(2024, 3, 12, 18, tzinfo=UTC).timestamp()) * 10**9
"""The same each time, so that the picture changes only where the program does."""


def on_a_terminal(command: str, database: Path) -> str:
    """Run a command line on a terminal of its own, and return what it writes there."""
    program, *arguments = shlex.split(command)
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "CARDSTATUS_DB": str(database)}
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            environment.pop(name, None)
        os.execve(sys.executable, [sys.executable, "-m", program, *arguments], environment)
    written = b""
    while piece := _read_or_end(terminal):
        written += piece
    os.close(terminal)
    os.waitpid(pid, 0)
    return written.decode().replace("\r\n", "\n")


def _read_or_end(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux, once the program has gone
        return b""


def session() -> str:
    """Return the commands, each with what it prints."""
    os.chdir(ROOT)  # the names of the files are shown as they are given
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "cards.db"
        ingest([Path("sample_data")], database, now=lambda: INGESTED)
        shown = [
            f"\x1b[1m$ {command}\x1b[0m\n{on_a_terminal(command, database)}" for command in COMMANDS
        ]
    return "\n".join(shown).rstrip()


def drawn(text: str) -> str:
    """Return text with colours as an SVG that fetches nothing from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    console.print()  # else the edge cuts the underscores of the last line
    picture = console.export_svg(title="cardstatus", unique_id="terminal")
    # Rich gives the address of a font.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    return "".join(f"{line.rstrip()}\n" for line in picture.splitlines())


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve() if sys.argv[1:] else HERE / "terminal.svg"
    target.write_text(drawn(session()), encoding="utf-8")
