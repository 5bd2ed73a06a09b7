"""The question that a command asks before it does what cannot be done by mistake."""

import sys

from cardstatus.display import streams
from cardstatus.errors import UsageError


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask a question on the terminal, and tell whether the answer is yes.

    ``yes``: do not ask. Raises :class:`UsageError` where there is nobody to ask.
    """
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{question} there is no terminal to ask on; give --yes, or look with -n")
    streams.ask(f"{question} [y/N] ")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
