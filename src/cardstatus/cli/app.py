"""The command line: which commands there are. Each is in a module of its own, loaded when it is
asked for, so that a look-up does not pay for the others.
"""

from importlib import import_module
from typing import Annotated, Any, ClassVar, Final

import typer
import typer.main
from typer.core import TyperGroup

from cardstatus import __version__
from cardstatus.display import streams

from .exits import Exit, errors_as_exits

_PLAIN_NAMES: Final = {"int range": "whole number", "float range": "number"}
"""Names of Typer's types for people: in complaints, and in the help where an option has no other
word for its value."""


def _command_of(module: str) -> str:
    return module.rpartition(".")[2]


class Commands(TyperGroup):
    """The commands. An error of any of them becomes a line and an exit code.

    Typer builds every command at start, for which it needs the types of all their options: 2 ms,
    and 10 for importing those. Here only the command that was asked for is built.
    """

    groups: ClassVar = {
        "Take files in, and out again": ("intake.ingest", "intake.watch", "intake.undo"),
        "Ask about a card": ("asking.get", "asking.find", "asking.history"),
        "See all cards": ("asking.export", "asking.check", "asking.stats"),
        "See what came in": ("intake.files", "intake.problems"),
        "Answer others": ("asking.serve",),
        "Look after the database": ("keeping.backup", "keeping.rebuild", "keeping.erase"),
    }
    """The modules of the commands by purpose, in the order of the help."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in their order."""
        return list(self._modules())

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands into the help, group by group."""
        for title, modules in self.groups.items():
            names = map(_command_of, modules)
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(90)) for name, one in commands])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, None if there is none of that name."""
        names = self.list_commands(ctx)
        # For an unknown name Typer suggests similar ones, of those that are built.
        for name in [cmd_name] if cmd_name in names else names:
            if name not in self.commands:
                self.commands[name] = self._built(name)
        return self.commands.get(cmd_name)

    def _modules(self) -> dict[str, str]:
        """Return the module of each command by its name."""
        return {_command_of(one): one for group in self.groups.values() for one in group}

    def _built(self, name: str) -> Any:
        module = import_module(f"cardstatus.cli.commands.{self._modules()[name]}")
        alone = typer.Typer(add_completion=False, rich_markup_mode=self.rich_markup_mode)
        alone.command(name)(getattr(module, name))
        command = typer.main.get_command(alone)
        for parameter in command.params:
            if plain := _PLAIN_NAMES.get(parameter.type.name):
                parameter.type.name = plain
        return command

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options of the program; print the help if there is nothing to read.

        That is wrong usage, and the help goes to stderr: a script whose command is empty must not
        go on, nor take the help for its data.
        """
        if not args and not ctx.resilient_parsing:
            for line in ctx.get_help().splitlines():
                streams.message(line)
            raise typer.Exit(Exit.USAGE)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the options of the program, and print the help if they ask for it."""
        streams.prepare_streams()
        with errors_as_exits():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        with errors_as_exits():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
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
