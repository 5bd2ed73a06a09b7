"""The command line: which commands there are. Each is in a module of its own, loaded when it is
asked for, so that a look-up does not pay for the others.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, ClassVar

import typer

from cardstatus import __version__
from cardstatus.display import streams

from .exits import Commands


class _Program(Commands):
    groups: ClassVar = {
        "Take files in": ("ingest", "watch"),
        "Ask about a card": ("get", "history"),
        "See all cards": ("export", "check", "stats"),
        "See what came in": ("files", "problems"),
        "Answer others": ("serve",),
    }

    def load(self, name: str) -> Callable[..., Any]:
        """Return the function of a command."""
        module = import_module(f"cardstatus.cli.commands.{name}")
        command: Callable[..., Any] = getattr(module, name)
        return command


app = typer.Typer(
    cls=_Program,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # plain, and without locals: rows hold personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        streams.write_safe([f"cardstatus {__version__}\n"])
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Where is this card now, and why do we say so?

    Takes in the CSV files of courier partners, and answers by card or mobile.

    \b
    Begin with:
      cardstatus ingest FOLDER
      cardstatus get --card-id ID
      cardstatus get --help
    """  # noqa: D301 - Typer keeps the lines below \b as they are
