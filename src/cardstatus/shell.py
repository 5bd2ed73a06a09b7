"""What all commands share: exit codes, and the one place that turns our errors into them."""

from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from . import output
from .errors import CardStatusError, UsageError


class Exit(IntEnum):
    """Exit codes besides 0: done, warnings included."""

    FAILED = 1
    USAGE = 2
    SOME_REJECTED = 3
    NO_CARD = 4
    INTERRUPTED = 130


class Commands(TyperGroup):
    """The commands, with one place that turns our errors into a line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        output.prepare_streams()
        try:
            return super().invoke(ctx)
        except UsageError as error:
            output.say(f"error: {error}")
            raise typer.Exit(Exit.USAGE) from None
        except CardStatusError as error:
            output.say(f"error: {error}")
            raise typer.Exit(Exit.FAILED) from None
        except KeyboardInterrupt:
            output.say("interrupted")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            output.close_stdout()  # the reader has seen all it wanted
            raise typer.Exit from None
