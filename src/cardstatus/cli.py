"""The command line: which commands there are. Each is in a module of its own, loaded when it is
asked for, so that a look-up does not pay for the others.
"""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from . import __version__, output
from .shell import Commands


class _Program(Commands):
    names = ("ingest", "get", "export", "problems")

    def load(self, name: str) -> Callable[..., Any]:
        """Return the function of a command."""
        if name == "get":
            from .command_get import get

            return get
        if name == "ingest":
            from .command_ingest import ingest

            return ingest
        from . import command_export

        return command_export.export if name == "export" else command_export.problems


app = typer.Typer(
    cls=_Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # plain, and without locals: rows hold personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        output.show([f"cardstatus {__version__}\n"])
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Where is this card now, and why do we say so?

    Takes in the CSV files of courier partners, and answers by card or mobile.
    """
