"""Exit codes, and errors turned into them: the only place that does so."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from cardstatus.display import streams
from cardstatus.display.serialise import printable
from cardstatus.errors import CardStatusError, UsageError, in_words


class Exit(IntEnum):
    """Exit codes besides 0: done, warnings included."""

    FAILED = 1
    USAGE = 2
    SOME_REJECTED = 3
    NEEDS_ATTENTION = 3
    NO_CARD = 4
    INTERRUPTED = 130


@contextmanager
def errors_as_exits() -> Iterator[None]:
    """Turn errors of the block that a user can mend into a line on stderr and an exit code."""
    try:
        with _harmless_complaints():
            yield
    except UsageError as error:
        streams.message(f"error: {error}")
        raise typer.Exit(Exit.USAGE) from None
    except CardStatusError as error:
        streams.message(f"error: {error}")
        raise typer.Exit(Exit.FAILED) from None
    except KeyboardInterrupt:
        streams.message("interrupted")
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        streams.close_stdout()  # the reader has seen all it wanted
        raise typer.Exit from None
    except OSError as error:
        if error.filename is not None:
            raise
        # Typer prints help by itself, to stdout.
        streams.close_stdout()
        streams.message(f"error: stdout cannot be written: {in_words(error)}")
        raise typer.Exit(Exit.FAILED) from None


@contextmanager
def _harmless_complaints() -> Iterator[None]:
    """Make Typer's complaints of wrong arguments harmless: they repeat these.

    Nothing is left in them that a terminal would obey, and no full mobile. One that was typed
    without quotes is in pieces, of which all but the first are wrong arguments.
    """
    try:
        yield
    except Exception as error:  # Typer does not export the class that its complaints share
        message = getattr(error, "message", None)
        if isinstance(message, str):
            from cardstatus.privacy import redact

            error.message = printable(redact(message))  # type: ignore[attr-defined]
        raise
