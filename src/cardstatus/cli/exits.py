"""What all commands share: exit codes, the one place that turns our errors into them, and how a
command is loaded when it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

import typer
import typer.main
from typer.core import TyperGroup

from cardstatus.display import streams
from cardstatus.display.serialise import printable
from cardstatus.errors import CardStatusError, UsageError, in_words

if TYPE_CHECKING:
    from cardstatus.model.reports import FileReport


class Exit(IntEnum):
    """Exit codes besides 0: done, warnings included."""

    FAILED = 1
    USAGE = 2
    SOME_REJECTED = 3
    NEEDS_ATTENTION = 3
    NO_CARD = 4
    INTERRUPTED = 130


class Commands(TyperGroup):
    """The commands, with one place that turns our errors into a line and an exit code.

    Typer builds every command at start, for which it needs the types of all their options: 2 ms,
    and 10 for importing those. Here only the command that was asked for is built.
    """

    groups: ClassVar[Mapping[str, Sequence[str]]]
    """The names of the commands by what they are for, in the order of the help."""

    def load(self, name: str) -> Callable[..., Any]:
        """Return the function of a command; ``name`` is one of those in ``groups``."""
        raise NotImplementedError

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in their order."""
        return [name for names in self.groups.values() for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands into the help, group by group."""
        for title, names in self.groups.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, one.get_short_help_str(90)) for name, one in commands])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, None if there is none of that name."""
        names = self.list_commands(ctx)
        # Typer looks among those built for what an unknown name may have meant.
        for name in [cmd_name] if cmd_name in names else names:
            if name not in self.commands:
                self.commands[name] = self._built(name)
        return self.commands.get(cmd_name)

    def _built(self, name: str) -> Any:
        alone = typer.Typer(add_completion=False, rich_markup_mode=self.rich_markup_mode)
        alone.command(name)(self.load(name))
        return typer.main.get_command(alone)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options of the program; with nothing at all to read, print the help.

        As wrong usage, to stderr: a script whose command is empty must not take the help for its
        data, nor go on.
        """
        if not args and not ctx.resilient_parsing:
            for line in ctx.get_help().splitlines():
                streams.message(line)
            raise typer.Exit(Exit.USAGE)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the options of the program, and print the help if that is what they ask for."""
        streams.prepare_streams()
        with _errors_as_exits():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        with _errors_as_exits():
            return super().invoke(ctx)


@contextmanager
def _errors_as_exits() -> Iterator[None]:
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
    """Have what Typer says of wrong arguments repeat nothing that a terminal would obey, and no
    full mobile: what follows the first blank of one without quotes, perhaps.
    """
    try:
        yield
    except Exception as error:  # Typer does not export the class that its complaints share
        message = getattr(error, "message", None)
        if isinstance(message, str):
            from cardstatus.privacy import redact

            error.message = printable(redact(message))  # type: ignore[attr-defined]
        raise


def exit_code(files: "Iterable[FileReport]") -> int:
    """Return how a run over these files ends."""
    from cardstatus.model.reports import Outcome  # 10 ms, and a look-up does without

    outcomes = [(file.outcome, file.counts.rejected) for file in files]
    if any(outcome is Outcome.FAILED for outcome, _ in outcomes):
        return Exit.FAILED
    return Exit.SOME_REJECTED if any(rejected for _, rejected in outcomes) else 0
